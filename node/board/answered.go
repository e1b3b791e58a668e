package board

import (
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// answered is the row of an answer as its author has left it by the closing: what was put right since would be an answer
// after it, and what was taken back since stays and says so. One whose correction was erased stands as erased: what it said
// before is not what its author says. Of one that was taken back before the closing nothing is said but that.
func (b *Board) answered(e *entry, c *Consultation) ConsultationAnswer {
	var row ConsultationAnswer
	said, _, ok := readable[*response](e)
	if !ok {
		said, _ = e.now.(*response)
	}
	last, closes := e, c.closing()
	for _, m := range b.touched(e) {
		if m.time >= closes {
			continue
		}
		last = m
		if r, _, ok := readable[*response](m); ok {
			said = r
		}
	}
	by := e.erased
	if by == nil {
		by = last.erased
	}
	x, _ := last.what.(*correction)
	switch {
	case by != nil:
		row.Erased = erasedBy(by)
	case x != nil && x.action == body.Retract:
		row.TakenBack = &TakenBack{last.name, last.time, x.reason}
	default:
		row, row.TakenBack = said.row, tookBack(e)
		if i := slices.IndexFunc(said.about, func(ref body.Ref) bool { return c.IsVersion(ref.Record) }); i >= 0 {
			row.Read = said.about[i].Record
		}
	}
	row.Record, row.Digest, row.Institution, row.AuthorTime = e.name, e.digest, e.name.Institution, e.time
	if last != e {
		row.Version, row.Correction = last.name, last.name
	}
	if e.standing == Replaced {
		row.Correction = e.by.name
	}
	return row
}

// touched gives the corrections of a record that are in force or were, and those that were erased, in their order.
func (b *Board) touched(e *entry) []*entry {
	out := append(b.mended(e), b.gone(e)...)
	slices.SortFunc(out, before)
	return out
}

// unsaidBy gives the last correction of an answer or an outcome, if that was erased: what was said before it is not what its
// author says.
func (b *Board) unsaidBy(e *entry) *entry {
	if e.kind != body.TypeResponse && e.kind != body.TypeOutcome {
		return nil
	}
	if all := b.touched(e); len(all) > 0 && all[len(all)-1].erased != nil {
		return all[len(all)-1]
	}
	return nil
}

// erasedAs reports whether a record is of a kind, and its body was taken back.
func (e *entry) erasedAs(kind string) bool {
	return e.kind == kind && e.standing == NoBody && e.erased != nil
}

// erasedTo gives the question that an erased answer, or outcome, was to, by what stays on every node: an erasure of it, or of a
// correction of it, says so, a correction of it, or, of an answer, an outcome that has considered it. What its own body said is
// asked on no node, as they let that go at hours of their own; where nothing else says it, it is not known, and the reference is empty.
func (b *Board) erasedTo(e *entry, said map[protocol.Digest][]*entry) body.Ref {
	if !e.verdict.Competent {
		return body.Ref{}
	}
	taking := slices.Clone(b.taking[e.digest])
	for _, m := range b.gone(e) {
		taking = append(taking, b.taking[m.digest]...)
	}
	slices.SortFunc(taking, byAuthor)
	for _, x := range taking {
		if to := x.what.(*erasure).hearing; x.standing == Counts && !to.Record.IsZero() {
			return to
		}
	}
	for _, m := range b.stages(e) {
		if s, _, ok := readable[*response](m); ok {
			return s.to
		}
		if s, _, ok := readable[*outcome](m); ok {
			return s.to
		}
	}
	var out body.Ref
	for digest, of := range said {
		q := b.entries[digest]
		for _, o := range of {
			if s, ok := o.spoken().(*outcome); ok && o.name.Institution == q.name.Institution && considers(s, e) && (out.Record.IsZero() || byName(q, b.entries[out.Digest]) < 0) {
				out = refOf(q)
			}
		}
	}
	return out
}

// considers reports whether an outcome says what became of an answer.
func considers(s *outcome, e *entry) bool {
	return slices.ContainsFunc(s.considered, func(k body.Considered) bool { return k.Response == e.name && k.Digest == e.digest })
}

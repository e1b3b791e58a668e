package board

import (
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// sourceKey names what an author is judged by: its records of one kind.
type sourceKey struct {
	author protocol.InstitutionID
	kind   string
}

// tally is how an author's records stood up.
type tally struct{ confirmed, judged int64 }

// version is one saying of a record: as it was first written, or as a correction has it.
type version struct {
	of       sourceKey
	base     protocol.Digest // of the record first written
	time     protocol.Instant
	what     essence
	replaced bool // something else stands in its place
}

// takenBack is a record that its author has retracted.
type takenBack struct {
	of   sourceKey
	base protocol.Digest
	time protocol.Instant
}

// versions gives what the live stances are on.
func (b *Board) versions(rows []Endorsement) map[protocol.Digest]*version {
	out := map[protocol.Digest]*version{}
	for i := range rows {
		e := b.entries[rows[i].OfDigest]
		if e == nil || out[e.digest] != nil || !e.stands() {
			continue
		}
		v := &version{of: sourceKey{e.name.Institution, e.kind}, base: e.digest, time: e.time, what: e.what, replaced: e.standing == Replaced}
		if c, ok := e.what.(*correction); ok {
			first := b.entries[c.target.Digest]
			if first == nil {
				continue
			}
			v.of.kind, v.base, v.time, v.what, v.replaced = first.kind, first.digest, first.time, c.replaced, first.by != e
		}
		out[e.digest] = v
	}
	return out
}

// retractions gives what authors of a world have taken back.
func (b *Board) retractions(feeds []feedCorrections) []takenBack {
	var out []takenBack
	for i := range feeds {
		for _, e := range feeds[i].members {
			c, ok := e.what.(*correction)
			if !ok || e.standing != Counts || c.action != body.Retract {
				continue
			}
			if first := b.entries[c.target.Digest]; first != nil {
				out = append(out, takenBack{sourceKey{first.name.Institution, first.kind}, first.digest, first.time})
			}
		}
	}
	return out
}

// judgeSources counts, for each author and kind, which of its records of the last days were
// confirmed, and which were retracted or disputed with reason: its author put it right, or
// a verified value lies elsewhere. A record counts once, by the worst.
func (a *assessor) judgeSources() {
	type judgement struct {
		of  sourceKey
		bad bool
	}
	from := a.at - days(a.p.JudgedDays)
	recent := func(t protocol.Instant) bool { return t >= from && t <= a.at }
	judged := map[protocol.Digest]judgement{}
	for digest, v := range a.v.versions {
		if !recent(v.time) {
			continue
		}
		for _, e := range a.stances[digest] {
			good, bad := a.judgement(e, v)
			if good || bad {
				judged[v.base] = judgement{v.of, bad || judged[v.base].bad}
			}
		}
	}
	for _, t := range a.v.takenBack {
		if recent(t.time) {
			judged[t.base] = judgement{t.of, true}
		}
	}
	a.sources = map[sourceKey]tally{}
	for _, j := range judged {
		t := a.sources[j.of]
		if t.judged++; !j.bad {
			t.confirmed++
		}
		a.sources[j.of] = t
	}
}

// judgement says what a stance makes of the version that it is on.
func (a *assessor) judgement(e *Endorsement, v *version) (good, bad bool) {
	var said body.Count
	if r, ok := v.what.(*report); ok {
		for i := range r.figures {
			if f := &r.figures[i]; f.series == (series{Indicator: body.Indicator(e.Field)}) {
				said = f.value
			}
		}
	}
	switch {
	case e.Stance == body.Dispute:
		return false, v.replaced
	case e.Bears(said, a.p.Percent):
		return !v.replaced, false
	}
	return false, e.Stance == body.Verify
}

// source sets R, and gives the Admiralty letter.
func (a *assessor) source(q *Quality, of sourceKey) rune {
	t := a.sources[of]
	if q.Judged = t.judged; t.judged < a.p.LeastJudged {
		q.SourceRecord = a.p.Unjudged
		return 'F'
	}
	q.SourceRecord = halfUp(t.confirmed+2, perMille, t.judged+4)
	for i, least := range a.p.Letters {
		if q.SourceRecord >= least {
			return 'A' + rune(i) //nolint:gosec // four letters
		}
	}
	return 'E'
}

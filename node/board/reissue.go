package board

import (
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// maxReissues bounds how often one record is followed from a void place to the next: a
// feed that is restored more often than that has other troubles.
const maxReissues = 16

// reissues finds where authors say again what became void (epochs.md 15).
type reissues struct {
	held  map[protocol.Digest]*entry
	again map[protocol.Digest][]*entry // by what they reissue
}

// reissuesIn looks among some records alone.
func reissuesIn(of []*entry) reissues {
	r := reissues{map[protocol.Digest]*entry{}, map[protocol.Digest][]*entry{}}
	for _, e := range of {
		r.held[e.digest] = e
		for _, ref := range e.reissues {
			r.again[ref.Digest] = append(r.again[ref.Digest], e)
		}
	}
	return r
}

// inOrder puts the records of a thread in their one order. What is void and said again
// stands behind all others: it would have come before what answers it, and after.
func (r reissues) inOrder(of []*entry, root protocol.Name) []*entry {
	var said, old []*entry
	for _, e := range of {
		if e.standing == Void && r.lead(refOf(e)) != nil {
			old = append(old, e)
		} else {
			said = append(said, e)
		}
	}
	slices.SortFunc(old, byName)
	return append(ordered(said, root, r.lead), old...)
}

// lead gives the record to which a reference to a void one leads: the first of its
// author's that says it again and stands. Nil if what it names is held and not void, or
// nobody says it again. A node that never took the void record is led alike.
func (r reissues) lead(ref body.Ref) *entry { return r.follow(ref, maxReissues) }

func (r reissues) follow(ref body.Ref, hops int) *entry {
	old := r.held[ref.Digest]
	if hops == 0 || old != nil && (old.name != ref.Record || old.standing != Void) {
		return nil
	}
	of := r.again[ref.Digest]
	slices.SortFunc(of, before)
	for _, e := range of {
		switch {
		case e.name.Institution != ref.Record.Institution || !slices.Contains(e.reissues, again(ref)) || old != nil && old.exercise != e.exercise:
		case e.stands():
			return e
		case e.standing == Void:
			if to := r.follow(refOf(e), hops-1); to != nil {
				return to
			}
		}
	}
	return nil
}

// again gives the reference by which a record is said again.
func again(ref body.Ref) body.Ref {
	return body.Ref{Rel: body.RelReissues, Record: ref.Record, Digest: ref.Digest}
}

func refOf(e *entry) body.Ref { return body.Ref{Record: e.name, Digest: e.digest} }

// stands reports whether a record counts, or did until its author corrected it.
func (e *entry) stands() bool {
	return e.standing == Counts || e.standing == Replaced || e.standing == Retracted
}

func (b *Board) reissued() reissues { return reissues{b.entries, b.again} }

// retell shows of void records where their author says the same again.
func (b *Board) retell(reissued []body.Ref) {
	for _, ref := range reissued {
		if old := b.entries[ref.Digest]; old != nil && old.standing == Void {
			b.put(old, Void, "", nil)
		}
	}
}

// ReissuedAs begins the reason of a void record that its author has said again; the name of
// that record follows.
const ReissuedAs = "reissued as "

func (b *Board) reissuedAs(old *entry) string {
	was := old.standing
	old.standing = Void // it is being judged
	defer func() { old.standing = was }()
	if e := b.reissued().lead(refOf(old)); e != nil {
		return ReissuedAs + e.name.String()
	}
	return ""
}

// threadRows gives what is folded by thread, in the order of their names. One whose root is
// void, and said again, is part of the thread that this begins.
func threadRows[R any](b *Board, s *shelf[protocol.Name, R], fold func(protocol.Name, []*entry) R) []R {
	s.order(compareNames)
	joined, gone := map[protocol.Name][]*entry{}, map[protocol.Name]bool{}
	for name := range b.anew {
		at := s.slots[name]
		if at == nil {
			continue
		}
		if to, ok := b.threadLeads(name, at.members); ok && s.slots[to] != nil && to != name {
			joined[to], gone[name] = append(joined[to], at.members...), true
		}
	}
	var out []R
	for _, name := range s.keys {
		row := s.slots[name].row
		if more := joined[name]; more != nil {
			all := slices.Concat(s.slots[name].members, more)
			slices.SortFunc(all, before)
			row = fold(name, all)
		}
		if !gone[name] {
			out = append(out, row)
		}
	}
	return out
}

// threadLeads gives the thread that goes on where one began with a void record.
func (b *Board) threadLeads(name protocol.Name, members []*entry) (protocol.Name, bool) {
	var roots []body.Ref
	for _, e := range members {
		if e.name != name {
			continue
		}
		if e.standing != Void {
			return protocol.Name{}, false
		}
		roots = append(roots, refOf(e))
	}
	if len(roots) == 0 { // it was not taken here
		of := b.anew[name]
		slices.SortFunc(of, before)
		for _, e := range of {
			for _, ref := range e.reissues {
				if ref.Record == name {
					roots = append(roots, ref)
				}
			}
		}
	}
	for _, ref := range roots {
		if to := b.reissued().lead(ref); to != nil {
			return to.name, true
		}
	}
	return protocol.Name{}, false
}

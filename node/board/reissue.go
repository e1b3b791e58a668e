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

// threadRows gives the threads of a world in the order of their names. One whose root is
// void, and said again, is part of the thread that this begins.
func (b *Board) threadRows(w *world) []*thread {
	w.threads.order(compareNames)
	joined, gone := map[protocol.Name][]*entry{}, map[protocol.Name]bool{}
	for name := range b.anew {
		at := w.threads.slots[name]
		if at == nil {
			continue
		}
		if to, ok := b.threadLeads(name, at.members); ok && w.threads.slots[to] != nil && to != name {
			joined[to], gone[name] = append(joined[to], at.members...), true
		}
	}
	var out []*thread
	for _, name := range w.threads.keys {
		row := w.threads.slots[name].row
		if more := joined[name]; more != nil {
			all := slices.Concat(w.threads.slots[name].members, more)
			slices.SortFunc(all, before)
			row = foldThread(name, all)
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

package main

import (
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// have is what a witness gave out of what it held.
type have struct {
	file  string
	proof *protocol.HaveProof
}

// know finds out whose keys are whose from the charters and trust records gathered, for
// records that no node was asked about. It returns [node.ErrNoVersion].
func (j *judge) know(proved map[*evidence]bool) (*node.Known, error) {
	if len(j.charters) == 0 && j.follows.IsZero() {
		return nil, nil //nolint:nilnil // nobody's keys are known, and nobody asked for more
	}
	records := make([]protocol.Record, 0, len(j.order))
	for _, e := range j.order {
		if e.record.Topic == protocol.Trust && (e.record.Verify() == nil || proved[e]) {
			records = append(records, e.record)
		}
	}
	known, err := node.Know(j.charters, records, j.follows)
	if err != nil {
		return nil, err
	}
	for _, e := range j.order {
		if e.asked {
			continue
		}
		if held, counts := known.Opener(&e.record); held {
			e.asked, e.opener, e.counts, e.known = true, true, counts, counts
		}
	}
	return known, nil
}

// disown marks the records that lie behind, or beside, the last one that counts of their
// epoch, by the newest word on it among the files.
func (j *judge) disown(known *node.Known) {
	if known == nil {
		return
	}
	for epoch, records := range j.epochs {
		last, said := known.Last(epoch)
		if !said {
			continue
		}
		counts := map[uint32]*evidence{} // by sequence
		for _, e := range records {
			if e.record.Sequence == last.Sequence && e.record.Digest() == last.Digest {
				for ; e != nil; e = j.before(e) {
					counts[e.record.Sequence] = e
				}
				break
			}
		}
		for _, e := range records {
			one := counts[e.record.Sequence]
			switch beside := one != nil && one.record.Digest() != e.record.Digest(); {
			case last.Sequence == 0:
				e.void = "its author does not stand by it: nothing of this epoch counts"
			case e.record.Sequence > last.Sequence, beside, e.record.Sequence == last.Sequence && e.record.Digest() != last.Digest:
				e.void = fmt.Sprintf("its author does not stand by it: what counts of this epoch ends with %d, %s", last.Sequence, last.Digest)
			}
		}
	}
}

// date marks what the witness records gathered cover: the record at the head of a row,
// and those that its chain leads back to. Where a witness held another record, it says so.
func (j *judge) date(known *node.Known, proved map[*evidence]bool) {
	for _, h := range j.haves {
		f := finding{File: h.file, What: "have", Digest: h.proof.Digest()}
		w := j.witnessOf(f.Digest, known, proved)
		if w == nil {
			f.Said = "no witness record here states it, so it dates nothing"
			j.found = append(j.found, f)
			continue
		}
		f.Name, f.Author, f.Holds, f.Said = w.record.String(), w.record.Institution, true, "rows that this witness record states"
		j.found = append(j.found, f)
		by := fmt.Sprintf("%s on %s (witness record %s)", w.record.Institution, clock(w.record.Time), w.record.Name)
		for _, rows := range h.proof.Rows {
			j.rows(rows, by)
		}
	}
}

// witnessOf gives a witness record that states a have, signed by one whose word dates.
func (j *judge) witnessOf(d protocol.Digest, known *node.Known, proved map[*evidence]bool) *evidence {
	for _, e := range j.order {
		r := &e.record
		if r.Type != body.TypeWitness || r.Verify() != nil && !proved[e] || known != nil && !known.Witnesses(r.Institution) {
			continue
		}
		says, err := body.Parse(r.Type, r.Body)
		if w, ok := says.(*body.Witness); err == nil && ok && w.Have == d {
			return e
		}
	}
	return nil
}

func (j *judge) rows(rows []protocol.HaveRow, by string) {
	heads := map[protocol.EpochID]map[uint32]map[protocol.DigestPrefix]bool{} // branches have a row each
	for _, row := range rows {
		if heads[row.EpochID] == nil {
			heads[row.EpochID] = map[uint32]map[protocol.DigestPrefix]bool{}
		}
		if heads[row.EpochID][row.Sequence] == nil {
			heads[row.EpochID][row.Sequence] = map[protocol.DigestPrefix]bool{}
		}
		heads[row.EpochID][row.Sequence][row.Head] = true
	}
	for epoch, at := range heads {
		for _, e := range j.epochs[epoch] {
			digest := e.record.Digest()
			switch held := at[e.record.Sequence]; {
			case held == nil:
			case held[digest.Prefix()]:
				j.lead(e, by)
			default:
				e.said = by + " held another record at this position"
			}
		}
	}
}

// lead marks a record and those before it in its chain, in every file that holds one.
func (j *judge) lead(e *evidence, by string) {
	for ; e != nil; e = j.before(e) {
		for _, same := range j.epochs[e.record.EpochID()] {
			if same.record.Digest() == e.record.Digest() && !slices.Contains(same.dated, by) {
				same.dated = append(same.dated, by)
			}
		}
	}
}

func (j *judge) before(e *evidence) *evidence {
	for _, other := range j.epochs[e.record.EpochID()] {
		if other.record.Sequence+1 == e.record.Sequence && other.record.Digest() == e.record.Previous {
			return other
		}
	}
	return nil
}

package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// stated is a witness record of this node with the rows behind it.
type stated struct {
	Held

	proof *protocol.HaveProof
}

// witnesses adds the first statement of each hosted witness that covers a record, and gives
// them.
func (p *pack) witnesses(ctx context.Context, h *Held) ([]Witnessed, error) {
	if p.stated == nil {
		if err := p.readStated(ctx, h.Accepted); err != nil {
			return nil, err
		}
	}
	out := []Witnessed{}
	for i := range p.stated {
		w := &p.stated[i]
		if w.Accepted < h.Accepted || slices.ContainsFunc(out, func(by Witnessed) bool { return by.By.Institution == w.Institution }) {
			continue
		}
		to := w.covers(h)
		switch {
		case to == 0:
			continue
		case to-h.Sequence > maxToWitness:
			p.lacks("%s held it, with %d records behind it: too many to lead there", w.Institution, to-h.Sequence)
			continue
		}
		if err := p.witness(w); err != nil {
			return nil, err
		}
		p.spans[h.EpochID()] = append(p.spans[h.EpochID()], h.Sequence, to)
		out = append(out, Witnessed{By: w.Name, Time: w.Time})
	}
	return out, nil
}

// readStated reads what own witnesses stated since an instant of acceptance, with the rows of
// the groups of this pack.
func (p *pack) readStated(ctx context.Context, since protocol.Instant) error {
	p.stated = []stated{}
	for w, err := range p.d.o.Archive.Records(ctx, body.TypeWitness, since) {
		if err != nil {
			return err
		}
		parsed, err := body.Parse(w.Type, w.Body)
		if err != nil || !p.d.isOwn(w.Institution) {
			continue // what can't be read states nothing
		}
		says, ok := parsed.(*body.Witness)
		if !ok {
			continue
		}
		proof, ok, err := p.d.haveProof(says, p.groups)
		if err != nil {
			return err
		}
		if ok {
			p.stated = append(p.stated, stated{w, proof})
		}
	}
	return nil
}

// covers gives the farthest head that the witness held of a record's epoch; 0 if it had not
// come as far as the record.
func (w *stated) covers(h *Held) (to uint32) {
	for _, row := range w.proof.Rows[h.Feed().Group()] {
		if row.EpochID == h.EpochID() && row.Sequence >= h.Sequence {
			to = max(to, row.Sequence)
		}
	}
	return to
}

// witness adds a witness record with the have behind it, once.
func (p *pack) witness(w *stated) error {
	name := fmt.Sprintf("have-%s-%s.json", w.Institution, w.Position)
	if p.names[name] {
		return nil
	}
	raw, err := json.Marshal(w.proof)
	if err != nil {
		return err
	}
	p.record(&w.Record)
	p.file(name, raw)
	return p.trust(w.Institution)
}

// between adds the headers that lead from each record of an epoch to the next, and to what a
// witness held. Where they would be too many, it says so.
func (p *pack) between() error {
	for e, at := range p.spans {
		slices.Sort(at)
		for i := 1; i < len(at); i++ {
			from, to := at[i-1], at[i]
			if to == from {
				continue
			}
			if to-from > maxToWitness {
				gap := PackGap{nameAt(e, from), nameAt(e, to)}
				p.gaps = append(p.gaps, gap)
				p.lacks("what leads from %s to %s is left out: it is too much", gap.Behind, gap.Before)
				continue
			}
			if err := p.stretch(e.Feed, e.Epoch, from+1, to, (*pack).header); err != nil {
				return err
			}
			if p.most > 0 && p.full() {
				return errPart
			}
		}
	}
	return nil
}

func nameAt(e protocol.EpochID, sequence uint32) protocol.Name {
	return protocol.Name{Institution: e.Institution, Position: protocol.Position{Topic: e.Topic, Epoch: e.Epoch, Sequence: sequence}}
}

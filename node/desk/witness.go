package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// WitnessEvery is how often a witness says what it holds (design.md §8).
const WitnessEvery = 24 * time.Hour

// Saved is the desk's private bucket; node fills it with the store's.
type Saved interface {
	Get(key []byte) (value []byte, ok bool, err error)
	Put(ctx context.Context, key, value []byte) error
}

// Keys of the bucket. What a witness stated is found by its digest: the rows of a group
// that did not change since the day before are kept once.
const (
	savedHave = "have/" // digest of the whole have → its groups
	savedRows = "rows/" // digest of a group → its rows
)

// Witness writes the witness record of every hosted registrar and regional body that has
// written none for [WitnessEvery], and keeps the rows behind it, which alone prove later
// what the digest was of. It gives what it wrote: nothing where nothing is due, or where
// nothing is held.
func (d *Desk) Witness(ctx context.Context) ([]Published, error) {
	var due []protocol.InstitutionID
	for _, id := range d.o.Institutions {
		m, ok := d.o.Trust.Member(id)
		if !ok || !IsWitness(d.o.Trust, &m) {
			continue
		}
		said, err := d.witnessed(ctx, id)
		if err != nil {
			return nil, err
		}
		if !said {
			due = append(due, id)
		}
	}
	if len(due) == 0 {
		return nil, nil
	}
	says, err := d.saveHave(ctx)
	if err != nil || says.Feeds == 0 {
		return nil, err
	}
	document, err := body.ReplacementOf(says)
	if err != nil {
		return nil, failure(err)
	}
	var out []Published
	for _, id := range due {
		p, err := d.record(ctx, &statement{as: id, recordType: body.TypeWitness, document: document, ours: true})
		if err != nil {
			return out, err
		}
		out = append(out, p)
	}
	return out, nil
}

// IsWitness reports whether a member is one whose node witnesses what it holds: a registrar
// or a regional body.
func IsWitness(g *trust.Registry, m *trust.Member) bool {
	return (len(m.Prefixes) > 0 || m.Level == body.RegionalBody) && g.May(m.ID, body.TypeWitness)
}

// witnessed reports whether an institution has written a witness record lately.
func (d *Desk) witnessed(ctx context.Context, id protocol.InstitutionID) (bool, error) {
	since := protocol.InstantOf(d.o.Clock().Add(-WitnessEvery))
	for h, err := range d.o.Archive.Records(ctx, body.TypeWitness, since) {
		if err != nil {
			return false, failure(err)
		}
		if h.Institution == id {
			return true, nil
		}
	}
	return false, nil
}

// saveHave keeps the rows of all that is held, and gives the body that states them.
func (d *Desk) saveHave(ctx context.Context) (*body.Witness, error) {
	_, groups, err := d.o.Archive.News(ctx, nil)
	if err != nil {
		return nil, failure(err)
	}
	have, feeds := map[protocol.Group]protocol.Digest{}, 0
	for g := range groups {
		rows := d.o.Intake.Rows(g)
		digest := protocol.GroupDigest(g, rows)
		if digest.IsZero() {
			continue
		}
		have[g], feeds = digest, feeds+len(rows)
		if err := d.save(ctx, savedRows, digest, rows); err != nil {
			return nil, err
		}
	}
	digest := protocol.HavesDigest(have)
	if err := d.save(ctx, savedHave, digest, have); err != nil {
		return nil, err
	}
	return &body.Witness{Have: digest, Groups: body.Positive(len(have)), Feeds: body.Positive(feeds)}, nil
}

func (d *Desk) save(ctx context.Context, kind string, digest protocol.Digest, value any) error {
	key := append([]byte(kind), digest[:]...)
	if _, ok, err := d.o.Saved.Get(key); ok && err == nil {
		return nil
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return failure(fmt.Errorf("keep what is witnessed: %w", err))
	}
	if err := d.o.Saved.Put(ctx, key, raw); err != nil {
		return failure(fmt.Errorf("keep what is witnessed: %w", err))
	}
	return nil
}

// haveProof gives out the have behind a witness record, with the rows of some groups.
// False where this node did not write that record.
func (d *Desk) haveProof(says *body.Witness, of map[protocol.Group]bool) (*protocol.HaveProof, bool, error) {
	p := &protocol.HaveProof{V: protocol.ControlVersion, Vardar: protocol.VardarHave, Rows: map[protocol.Group][]protocol.HaveRow{}}
	ok, err := d.saved(savedHave, says.Have, &p.Groups)
	if err != nil || !ok {
		return nil, false, err
	}
	for g, digest := range p.Groups {
		if !of[g] {
			continue
		}
		var rows []protocol.HaveRow
		if ok, err = d.saved(savedRows, digest, &rows); err != nil || !ok {
			return nil, false, err
		}
		p.Rows[g] = rows
	}
	return p, true, nil
}

func (d *Desk) saved(kind string, digest protocol.Digest, value any) (bool, error) {
	raw, ok, err := d.o.Saved.Get(append([]byte(kind), digest[:]...))
	if err != nil || !ok {
		return false, err
	}
	if err := json.Unmarshal(raw, value); err != nil {
		return false, fmt.Errorf("read what was witnessed: %w", err)
	}
	return true, nil
}

package desk

import (
	"context"
	"fmt"
	"strings"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// restatement says again what counts of the epoch before the open one of a feed.
type restatement struct {
	opener protocol.Name
	of     protocol.EpochID
	last   protocol.Last
}

// restate states `last` again where all records that are named stand in the epoch before
// the open one of their feed: a fork that a resumption left behind is closed by that, and
// no key turns (epochs.md 9). It reports whether that was what was asked.
func (d *Desk) restate(ctx context.Context, r *RotateRequest, as protocol.InstitutionID, out *Rotated) (bool, error) {
	var again []restatement
	for _, ref := range r.Last {
		n, err := d.lastNamed(as, ref)
		if err != nil {
			return false, err
		}
		o, ok := d.o.Trust.Current(protocol.Feed{Institution: as, Topic: n.Topic})
		if !ok || n.Institution != as || n.Topic == protocol.Trust || n.Epoch+1 != o.Epoch {
			return false, nil
		}
		last, err := d.lastAt(n)
		if err != nil {
			return false, err
		}
		again = append(again, restatement{o.By, n.EpochID(), last})
		out.Does = append(out.Does, fmt.Sprintf("of epoch %d of %s: %s; no key turns", n.Epoch, n.Feed(), toldTo(&last, as, n.Topic, n.Epoch)))
	}
	if r.DryRun || len(again) == 0 {
		return len(again) > 0, nil
	}
	for _, s := range again {
		h, err := d.held(s.opener)
		if err != nil {
			return true, err
		}
		says, err := body.Parse(h.Type, h.Body)
		if err != nil {
			return true, failure(err)
		}
		k, ok := says.(*body.KeyRecord)
		if !ok {
			return true, failure(fmt.Errorf("%s opens no feed", s.opener))
		}
		if err := d.decides(ctx, s.of); err != nil {
			return true, failure(err)
		}
		k.Last, out.Public = &s.last, string(k.Key)
		if err := d.sayKey(ctx, as, k, out); err != nil {
			return true, err
		}
	}
	return true, nil
}

func (d *Desk) decides(ctx context.Context, e protocol.EpochID) error {
	if d.o.Decides == nil {
		return nil
	}
	return d.o.Decides(ctx, e)
}

// lastAt gives the one record at a position as the last that counts.
func (d *Desk) lastAt(n protocol.Name) (protocol.Last, error) {
	if n.Sequence == 0 {
		openers := d.o.Trust.Openers(protocol.EpochID{Feed: n.Feed(), Epoch: n.Epoch})
		if len(openers) == 0 || !openers[0].Counts {
			return protocol.Last{}, problem(NotFound, "vardar member key list", "epoch %d of %s was opened by nobody, or in two ways", n.Epoch, n.Feed())
		}
		return protocol.Last{Digest: openers[0].Digest}, nil
	}
	records, err := d.o.Archive.At(n)
	if err != nil {
		return protocol.Last{}, failure(err)
	}
	switch len(records) {
	case 0:
		return protocol.Last{}, d.noRecord(n, "vardar list "+listOf(n.Topic))
	case 1:
		return protocol.Last{Sequence: n.Sequence, Digest: records[0].Digest}, nil
	}
	return protocol.Last{}, problem(Refused, "vardar show "+n.String(), "two records stand at %s: name one before the fork, or one where a branch stands alone, or say nothing of this feed", n)
}

// lastNamed reads which record a person names as the last of its own. The sequence 0, as in
// situation.2.0, says that it wrote nothing of that epoch: a thief who has the identity key
// opens epochs of his own.
func (d *Desk) lastNamed(as protocol.InstitutionID, ref string) (protocol.Name, error) {
	epoch, none := strings.CutSuffix(ref, ".0")
	if !none {
		return d.named(as, ref)
	}
	n, err := d.named(as, epoch+".1")
	n.Sequence = 0
	return n, err
}

// toldTo says what counts of an epoch by what a person said of it.
func toldTo(l *protocol.Last, id protocol.InstitutionID, t protocol.Topic, epoch uint32) string {
	if l.Sequence == 0 && !l.Unknown {
		return fmt.Sprintf("nothing of epoch %d counts; what counts of the earlier ones stays", epoch)
	}
	return countsTo(l, id, t, epoch)
}

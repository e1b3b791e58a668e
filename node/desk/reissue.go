package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// reissueOffered is how long a void record of ours is offered to be said again: as long as
// the backups live that it could come out of. What a thief wrote is in the list too.
const reissueOffered = 35 * 24 * time.Hour

// reissue says a record of ours again that became void: the same body at a new position,
// with a reference to the old one, which leads to it from then on (epochs.md 15).
func (d *Desk) reissue(ctx context.Context, as protocol.InstitutionID, n protocol.Name, r *CorrectRequest) (Published, error) {
	if r.Retract || r.Reason != "" || len(r.Body) > 0 || len(r.Set) > 0 {
		return Published{}, &Problem{Kind: Usage, Field: "reissue", Detail: "a record is said again as it was", Mend: "leave the rest out; what it says can be corrected afterwards", Next: "vardar correct " + n.String() + " --reissue"}
	}
	h, err := d.reissuable(as, n, r.Digest)
	if err != nil {
		return Published{}, err
	}
	if h.BodyState == protocol.BodyErased {
		return Published{}, problem(Refused, "vardar show "+n.String(), "the body of %s is not here: %s", n, d.noBody(&h))
	}
	if h.BodyState != protocol.BodyHeld || h.Sealed {
		return Published{}, problem(Refused, "vardar show "+n.String(), "the body of %s is sealed, or not held here: say it anew", n)
	}
	doc, err := documentOf(h.Body)
	if err != nil {
		return Published{}, err
	}
	refs, _ := doc["refs"].([]any)
	doc["refs"] = append(refs, body.Ref{Rel: body.RelReissues, Record: h.Name, Digest: h.Digest})
	document, err := writeDocument(doc)
	if err != nil {
		return Published{}, failure(err)
	}
	world := board.WorldOf(&h.Record)
	if world.Name == h.Name { // what begins an exercise is of none yet
		world.Name = protocol.Name{}
	}
	return d.say(ctx, statement{
		as: as, recordType: h.Type, document: document, handling: h.Handling,
		world: world, dryRun: r.DryRun, wait: r.Wait, waitMS: r.WaitMS, ours: true, anyway: r.Anyway,
	})
}

// reissuable gives the void record of ours at a position that nobody has said again; of
// several, as a fork leaves them, the one whose digest begins so.
func (d *Desk) reissuable(as protocol.InstitutionID, n protocol.Name, digest string) (Held, error) {
	records, err := d.o.Archive.At(n)
	if err != nil {
		return Held{}, failure(err)
	}
	if len(records) == 0 {
		return Held{}, d.noRecord(n, "vardar list kept")
	}
	show := "vardar show " + n.String()
	switch {
	case n.Institution != as:
		return Held{}, problem(NotPermitted, show, "%s is %s's: only its author says it again", n, n.Institution)
	case n.Topic == protocol.Trust:
		return Held{}, &Problem{Kind: Refused, Detail: "trust records are not said again", Mend: "do again what it was written for: an invitation, a key, a profile", Next: "vardar member --help"}
	}
	lost := d.lost(board.WorldOf(&records[0].Record))
	void := slices.DeleteFunc(records, func(h Held) bool {
		return !slices.ContainsFunc(lost, func(k board.Kept) bool { return k.Digest == h.Digest })
	})
	if len(void) == 0 {
		return Held{}, problem(Refused, show, "%s counts, or was said again already", n)
	}
	return d.choose(void, digest, "--reissue")
}

// lost gives own records that are void and were not said again, but those of trust.
func (d *Desk) lost(w board.World) []board.Kept {
	var out []board.Kept
	for _, k := range d.world(w).Kept {
		if k.Standing == board.Void && d.isOwn(k.Record.Institution) && k.Record.Topic != protocol.Trust && !strings.HasPrefix(k.Reason, board.ReissuedAs) {
			out = append(out, k)
		}
	}
	return out
}

// reissueFindings offers void records to their author.
func (d *Desk) reissueFindings() []Finding {
	var offered []protocol.Name
	var lost []board.Kept
	for _, w := range d.worlds(func(x *board.Exercise) bool { return x.Tally.Void > 0 }) {
		lost = append(lost, d.lost(w)...)
	}
	for _, k := range lost {
		records, err := d.o.Archive.At(k.Record)
		if err != nil {
			continue // told by what reads it
		}
		for _, h := range records {
			if h.Digest == k.Digest && d.o.Clock().Before(h.Accepted.Time().Add(reissueOffered)) {
				offered = append(offered, k.Record)
			}
		}
	}
	if len(offered) == 0 {
		return nil
	}
	return []Finding{{
		"disowned", fmt.Sprintf("%s of ours no longer, the first is %s", Count(len(offered), "record counts", "records count"), offered[0]),
		fmt.Sprintf("if it is your own and not a copy's or a thief's, say it again: 'vardar correct %s --reissue'; all of them: 'vardar list kept'", offered[0]), false,
	}}
}

package desk

import (
	"context"
	"fmt"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// CloseRequest puts a member out.
type CloseRequest struct {
	As          protocol.InstitutionID `json:"as,omitempty"` // default: the hosted registrar of the institution
	Institution protocol.InstitutionID `json:"institution"`
	Successor   protocol.InstitutionID `json:"successor,omitempty"` // of a merged municipality: who goes on in its place
	Reason      body.Text              `json:"reason,omitempty"`    // for everybody to read: no personal data
	DryRun      bool                   `json:"dry_run,omitempty"`   // say what it would do
}

// Closing is what putting a member out does.
type Closing struct {
	Institution protocol.InstitutionID `json:"institution"`
	Does        []string               `json:"does"`
	Published   *Published             `json:"published,omitempty"` // nil after a dry run
}

// Close writes the admission without a key that puts a member out: it closes all its feeds
// at the last record held of each here, on every node that the record reaches, at once. It
// can be stated again when older records turn up, and the member can be admitted again.
func (d *Desk) Close(ctx context.Context, r CloseRequest) (_ Closing, err error) {
	defer func() { d.note(ctx, act{"close", r.As, string(r.Institution), r.DryRun}, err) }()
	d.admitted.Lock()
	defer d.admitted.Unlock()
	registrar, err := d.registrarOf(ctx, r.As, r.Institution)
	if err != nil {
		return Closing{}, err
	}
	m, ok := d.o.Trust.Member(r.Institution)
	if !ok {
		return Closing{}, d.noMember(r.Institution)
	}
	switch memberState(d.present(), &m) { //nolint:exhaustive // all others can be closed
	case MemberOut:
		return Closing{}, problem(Refused, "vardar member show "+string(r.Institution), "%s was closed already, by %s", r.Institution, m.ClosedBy)
	case MemberNamed:
		return Closing{}, &Problem{Kind: Refused, Detail: fmt.Sprintf("the charter itself names %s", r.Institution), Mend: "leave it out of the charter's next version", Next: "vardar member charter draft --help"}
	}
	if r.Successor != "" {
		if s, ok := d.o.Trust.Member(r.Successor); !ok || s.Out || r.Successor == r.Institution {
			return Closing{}, &Problem{Kind: Refused, Field: "successor", Detail: fmt.Sprintf("%s is no member that could go on in its place", r.Successor), Mend: "admit it first", Next: "vardar member invite " + string(r.Successor)}
		}
	}
	a := &body.Admission{Institution: r.Institution, Level: m.Level, Successor: r.Successor, Reason: r.Reason}
	d.openNext(a)
	out := Closing{Institution: r.Institution, Does: []string{
		fmt.Sprintf("%s is put out of %s: every node ends its lines with it as soon as the record is there", r.Institution, d.o.Trust.Charter().Network),
		"its trust feed: " + countsTo(a.Last, m.ID, protocol.Trust, uint32(a.FeedEpoch)-1),
	}}
	for _, t := range protocol.Topics() {
		o, one := d.o.Trust.Current(protocol.Feed{Institution: r.Institution, Topic: t})
		if t == protocol.Trust || o.Epoch == 0 {
			continue
		}
		f := body.ClosedFeed{Topic: t, Epoch: body.Positive(o.Epoch), Last: protocol.Last{Unknown: true}}
		if one {
			f.Last = d.lastHeld(o.EpochID, o.Digest)
		}
		a.Feeds = append(a.Feeds, f)
		out.Does = append(out.Does, "its "+t.String()+" feed: "+countsTo(&f.Last, m.ID, t, o.Epoch))
	}
	if r.Successor != "" {
		out.Does = append(out.Does, fmt.Sprintf("%s goes on in its place", r.Successor))
	}
	if r.DryRun {
		return out, nil
	}
	said, err := d.sayAdmission(ctx, registrar, a)
	out.Published = &said
	return out, err
}

// countsTo says how much of an epoch goes on counting.
func countsTo(l *protocol.Last, id protocol.InstitutionID, t protocol.Topic, epoch uint32) string {
	switch {
	case l == nil || l.Unknown:
		return "what counts is stated later, when it is known"
	case l.Sequence == 0 && epoch > 1:
		return fmt.Sprintf("nothing of epoch %d counts, since nothing is held here; what counts of the earlier ones stays", epoch)
	case l.Sequence == 0:
		return "nothing of epoch 1 counts, since nothing is held here"
	}
	return fmt.Sprintf("all up to %s/%s.%d.%d counts, what it writes later does not", id, t, epoch, l.Sequence)
}

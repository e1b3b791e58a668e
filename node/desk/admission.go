package desk

import (
	"context"
	"fmt"
	"strings"

	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// again says that an act on a member replaces what stands, and is meant to.
type again bool

// admissible refuses whom an admission would not bring in. Who is a member, or invited,
// already is admitted anew only where that is meant: its identity key is lost, or the
// invitation is.
func (d *Desk) admissible(id protocol.InstitutionID, level *body.Level, meant again) error {
	if d.o.Trust.Expired(d.o.Clock()) {
		return problem(Refused, "vardar member charter show", "the charter expired on %s: nobody is admitted until its stewards sign the next", d.o.Trust.Charter().Expires)
	}
	m, ok := d.o.Trust.Member(id)
	if ok && !level.Valid() {
		*level = m.Level
	}
	if !level.Valid() {
		return &Problem{Kind: Usage, Field: "level", Detail: "say at which level it is", Mend: "want one of " + strings.Join(body.Municipality.Words(), ", "), Next: "vardar member invite --help"}
	}
	if !ok {
		return nil
	}
	show := "vardar member show " + string(id)
	switch state := memberState(d.present(), &m); {
	case state == MemberExpired, state == MemberOut:
	case state == MemberNamed:
		return &Problem{Kind: Refused, Detail: fmt.Sprintf("the charter itself names %s and its key", id), Mend: "another key for it stands in the charter's next version", Next: "vardar member charter draft --help"}
	case bool(meant):
	case state == MemberInvited:
		return &Problem{Kind: Refused, Detail: fmt.Sprintf("%s was invited by %s already, until %s; its line can't be shown a second time", id, m.Admission, m.Expires), Mend: "if the line is lost, --again takes it back and makes another", Next: show}
	default:
		return &Problem{Kind: Refused, Detail: fmt.Sprintf("%s is in the network already (%s)", id, state), Mend: "if its identity key is lost, --again admits it with another, which every node announces for a day", Next: show}
	}
	return nil
}

// openNext says which epoch of a member's trust feed an admission opens, and what counts of
// the one before: all that is held here.
func (d *Desk) openNext(a *body.Admission) {
	a.FeedEpoch, a.Charter = 1, d.o.Trust.CharterDigest()
	newest := d.o.Trust.Newest(protocol.Feed{Institution: a.Institution, Topic: protocol.Trust})
	if len(newest) == 0 {
		return
	}
	last := protocol.Last{Unknown: true} // of an epoch that was opened in two ways
	if o := &newest[0]; len(newest) == 1 {
		last = d.lastHeld(o.EpochID, o.Digest) // in the epoch of a closing there is nothing
	}
	a.FeedEpoch, a.Last = body.Positive(newest[0].Epoch+1), &last
}

// admission writes the admission to the next epoch of an institution's trust feed; linked:
// it agrees beforehand on the link that the newcomer will ask for.
func (d *Desk) admission(ctx context.Context, registrar protocol.InstitutionID, linked bool, a *body.Admission) (Published, error) {
	d.openNext(a)
	said, err := d.sayAdmission(ctx, registrar, a)
	if err != nil || !linked {
		return said, err
	}
	terms := link.Everything()
	c, _, err := d.o.Links.Config(a.Institution)
	if err == nil {
		c.Peer, c.Offered = a.Institution, &terms
		err = d.o.Links.Configure(ctx, c)
	}
	return said, failure(err)
}

func (d *Desk) sayAdmission(ctx context.Context, registrar protocol.InstitutionID, a *body.Admission) (Published, error) {
	document, err := body.ReplacementOf(a)
	if err != nil {
		return Published{}, misfit(err, "vardar member --help")
	}
	return d.say(ctx, statement{as: registrar, recordType: body.TypeAdmission, document: document, ours: true})
}

// standing gives the admission by which an institution is a member, to be said again.
func (d *Desk) standing(id protocol.InstitutionID) (*body.Admission, error) {
	m, ok := d.o.Trust.Member(id)
	if !ok {
		return nil, d.noMember(id)
	}
	if m.Admission.IsZero() {
		return nil, &Problem{Kind: Refused, Detail: fmt.Sprintf("no one admission says what %s is: the charter names it, or two contradict each other", id), Mend: "admit it anew, or draft the charter's next version", Next: "vardar member show " + string(id)}
	}
	h, err := d.held(m.Admission)
	if err != nil {
		return nil, err
	}
	says, err := body.Parse(h.Type, h.Body)
	if err != nil {
		return nil, failure(err)
	}
	a, ok := says.(*body.Admission)
	if !ok {
		return nil, failure(fmt.Errorf("%s is no admission", m.Admission))
	}
	return a, nil
}

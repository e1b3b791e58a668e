package desk

import (
	"context"
	"errors"

	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// Handover is [staff.Handover].
type Handover = staff.Handover

// mostHandovers is how many of the last handovers a page shows: a week of three shifts.
const mostHandovers = 21

// Shift is what whoever takes over a post must know.
type Shift struct {
	As      protocol.InstitutionID `json:"as"`
	Last    Handover               `json:"last,omitzero"`    // zero: nobody has taken over yet
	Before  []Handover             `json:"before,omitempty"` // the newest first, Last among them
	Since   protocol.Instant       `json:"since"`
	News    []Told                 `json:"news,omitempty"` // since then, the oldest first
	Left    int                    `json:"left"`           // records that are not told: older than those
	Due     []DueRow               `json:"due,omitempty"`
	Open    []RequestRow           `json:"open,omitempty"`   // own, something unmet
	Alerts  []AlertRow             `json:"alerts,omitempty"` // active
	Waiting Waiting                `json:"waiting"`
}

// Shift gathers it for an account that acts as an institution, as this node knew it at an
// instant; zero: now.
func (d *Desk) Shift(ctx context.Context, a Account, as protocol.InstitutionID, at protocol.Instant) (Shift, error) {
	as, err := d.author(ctx, as)
	if err != nil {
		return Shift{}, err
	}
	m, err := d.moment(ctx, at)
	if err != nil {
		return Shift{}, err
	}
	out := Shift{As: as, Since: m.at - protocol.Instant(FirstLook.Milliseconds())}
	all, err := d.o.Staff.Handovers(ctx, as)
	if err != nil {
		return Shift{}, failure(err)
	}
	for _, h := range all {
		if h.Time <= m.at && len(out.Before) < mostHandovers {
			out.Before = append(out.Before, h)
		}
	}
	if len(out.Before) > 0 {
		out.Last, out.Since = out.Before[0], out.Before[0].Time
	}
	out.News, out.Left = d.news(m, out.Since, Ceiling(a))
	out.Due = dueOf(&m.view, as)
	for i := range m.view.Requests {
		if r := &m.view.Requests[i]; r.Institution == as && unmet(r) {
			out.Open = append(out.Open, *r)
		}
	}
	out.Alerts, out.Waiting = d.warnings(m).Active, d.waiting(m, as, Ceiling(a))
	return out, ctx.Err()
}

// TakeOver notes that an account has taken over an institution's post, with what the one
// before said. The note stays on this node, and out of the log of acts.
func (d *Desk) TakeOver(ctx context.Context, a Account, as protocol.InstitutionID, note string) (h Handover, err error) {
	defer func() { d.note(ctx, act{"take-over", as, "", false}, err) }()
	if as, err = d.Acting(a, as); err != nil {
		return Handover{}, err
	}
	h, err = d.o.Staff.TakeOver(ctx, Handover{Institution: as, By: a.Name, Note: note})
	if errors.Is(err, staff.ErrNote) {
		return Handover{}, &Problem{Kind: Refused, Field: "note", Detail: err.Error(), Mend: "shorten it", Err: err}
	}
	return h, failure(err)
}

package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// dayPlace is what the places of a site by day are declared as: the vocabulary knows beds
// alone.
const dayPlace body.ResourceType = "x-day_place"

// CapacityDraft is what a site's declaration would say: a person looks at it and sends it.
type CapacityDraft struct {
	Institution protocol.InstitutionID `json:"institution"`
	Place       body.PlaceKey          `json:"place"`
	Items       []DraftItem            `json:"items"`
	Last        protocol.Name          `json:"last,omitzero"` // the declaration that it takes the place of
	Digest      string                 `json:"digest"`        // of what is drafted: another one is another draft
	body        capacityBody
}

// DraftItem is one kind of things, and where its numbers are from.
type DraftItem struct {
	body.CapacityItem
	Kept bool `json:"kept,omitempty"` // as last declared: the register does not know of it
}

// capacityBody is the body of a declaration, without its salt.
type capacityBody struct {
	Place         body.Place          `json:"place"`
	Items         []body.CapacityItem `json:"items"`
	Staff         *body.Quantity      `json:"staff,omitempty"`
	Gaps          []body.Gap          `json:"gaps,omitempty"`
	TrainingNeeds string              `json:"training_needs,omitempty"`
}

// DeclareRequest sends what was drafted of a site.
type DeclareRequest struct {
	As     protocol.InstitutionID `json:"as,omitempty"`
	Place  string                 `json:"place"`
	Digest string                 `json:"digest,omitempty"` // of the draft that was looked at; another is not sent
	Offer  *[]body.ResourceType   `json:"offer,omitempty"`  // what others may ask for, and nothing else; default: as last declared
	DryRun bool                   `json:"dry_run,omitempty"`
}

// DraftCapacity drafts the declaration of a site: its free places by the last count, its
// services, its goods without what is promised of them, and what was last declared there that
// the register does not know of.
func (d *Desk) DraftCapacity(ctx context.Context, as protocol.InstitutionID, place string) (CapacityDraft, error) {
	as, k, err := d.sitePlace(ctx, as, place)
	if err != nil {
		return CapacityDraft{}, err
	}
	s, err := d.o.Sites.Site(as, k)
	if err != nil {
		return CapacityDraft{}, siteProblem(err)
	}
	view := d.world(board.World{})
	out := CapacityDraft{Institution: as, Place: k, Items: []DraftItem{}}
	out.body.Place = body.Place{Scheme: k.Scheme, Code: k.Code, Name: body.Label(s.Name)}
	if err := out.places(&s); err != nil {
		return CapacityDraft{}, err
	}
	d.drawOn(&view, &s, &out)
	out.likeLast(&view)
	if len(out.Items) == 0 {
		return CapacityDraft{}, &Problem{Kind: Refused, Field: "place", Detail: "nothing is known of this site that could be declared", Mend: "note its places, its services or its goods first", Next: noPlace}
	}
	return out, out.seal()
}

// places drafts what is free by night and by day. Without a count nobody knows it, and a total
// alone would be read as free.
func (c *CapacityDraft) places(s *Site) error {
	for _, p := range []struct {
		kind  body.ResourceType
		total *body.Quantity
	}{{"bed_place", s.Night}, {dayPlace, s.Day}} {
		if p.total == nil {
			continue
		}
		if s.Present == nil {
			return &Problem{Kind: Refused, Field: "people", Detail: "nobody has counted who is at this site: its free places are not known", Mend: "say how many people are there", Next: noPlace}
		}
		total, free := *p.total, max(0, *p.total-s.Present.People)
		c.Items = append(c.Items, DraftItem{CapacityItem: body.CapacityItem{Type: p.kind, Unit: body.Places, Total: &total, Available: &free}})
	}
	return nil
}

// drawOn drafts services and goods, and takes what is promised of all of it off what is free.
// What is promised lies at the first of the institution's sites that have it, by code.
func (d *Desk) drawOn(view *board.View, s *Site, out *CapacityDraft) {
	put := func(kind body.ResourceType, unit string, n body.Quantity) {
		total, free := n, n
		out.Items = append(out.Items, DraftItem{CapacityItem: body.CapacityItem{Type: kind, Unit: body.Label(unit), Total: &total, Available: &free}})
	}
	for _, service := range s.Services {
		put(service.Type, string(service.Type.Unit()), service.Quantity)
	}
	for _, g := range d.o.Sites.Goods(s.Institution, s.Place) {
		put(g.Type, g.Unit, g.Quantity)
	}
	promised := d.promised(view, s.Institution)
	for i := range out.Items {
		item := &out.Items[i]
		of := goods{item.Type, string(item.Unit)}
		bound := max(0, promised[of]-d.elsewhere(s, of))
		bound = min(bound, int64(*item.Available))
		if bound > 0 {
			q, free := body.Quantity(bound), *item.Available-body.Quantity(bound)
			item.Committed, item.Available = &q, &free
		}
	}
}

// elsewhere gives how many of some goods lie at sites that come before one.
func (d *Desk) elsewhere(s *Site, of goods) (n int64) {
	for _, other := range d.o.Sites.Sites(s.Institution) {
		if other.Place == s.Place {
			break
		}
		for _, g := range d.o.Sites.Goods(s.Institution, other.Place) {
			if g.Type == of.kind && g.Unit == of.unit {
				n += int64(g.Quantity)
			}
		}
	}
	return n
}

// promised gives what an institution has committed and still has: what is not said to be under
// way, without what has gone out of the register for the same exchange.
func (d *Desk) promised(view *board.View, as protocol.InstitutionID) map[goods]int64 {
	out := map[goods]int64{}
	add := func(exchange protocol.Name, of goods, deal *board.Dealing) {
		waits, back := deal.Committed, int64(0)
		if len(deal.Stages) > 0 {
			waits = 0
		}
		for _, s := range deal.Stages {
			switch s.State {
			case body.Committed.String():
				waits += s.Quantity
			case body.Closed.String():
				back += s.Quantity - deal.Consumed
			}
		}
		out[of] += min(waits, max(0, deal.Committed-back-d.o.Sites.Away(as, exchange, of.kind, of.unit)))
	}
	for i := range view.Requests {
		for _, l := range view.Requests[i].Lines {
			for k := range l.With {
				if l.With[k].Institution == as {
					add(view.Requests[i].Record, goods{l.Type, l.Unit}, &l.With[k])
				}
			}
		}
	}
	for i := range view.Offers {
		o := &view.Offers[i]
		if o.Institution != as || !o.Unsolicited {
			continue
		}
		for _, l := range o.Lines {
			for k := range l.With {
				add(o.Record, goods{l.Type, l.Unit}, &l.With[k])
			}
		}
	}
	return out
}

// likeLast takes from what was last declared at the site how soon each thing is ready, under
// which conditions and whether for others, and what the register does not know of.
func (c *CapacityDraft) likeLast(view *board.View) {
	i := slices.IndexFunc(view.Capacities, func(r board.Capacity) bool { return r.Institution == c.Institution && r.Place == c.Place })
	if i < 0 {
		return
	}
	last := &view.Capacities[i]
	c.Last = last.Record
	if !last.Correction.IsZero() {
		c.Last = last.Correction
	}
	c.body.Staff, c.body.Gaps, c.body.TrainingNeeds = last.Staff, last.Gaps, last.TrainingNeeds
	for k := range last.Items {
		was := last.Items[k]
		now := slices.IndexFunc(c.Items, func(x DraftItem) bool { return x.Type == was.Type && x.Unit == was.Unit && !x.Kept })
		if now < 0 {
			c.Items = append(c.Items, DraftItem{CapacityItem: was, Kept: true})
			continue
		}
		item := &c.Items[now].CapacityItem
		total, committed, available := item.Total, item.Committed, item.Available
		*item = was
		item.Total, item.Committed, item.Available = total, committed, available
	}
}

// seal names the draft by what it says and what it takes the place of.
func (c *CapacityDraft) seal() error {
	c.body.Items = nil
	for i := range c.Items {
		c.body.Items = append(c.body.Items, c.Items[i].CapacityItem)
	}
	text, err := json.Marshal(&c.body)
	c.Digest = protocol.DigestOf([]byte("vardar-capacity-draft-v1\n"+c.Last.String()+"\n"), text).Prefix().String()
	return failure(err)
}

// DeclareCapacity sends what was drafted of a site, as a record of capacity.
func (d *Desk) DeclareCapacity(ctx context.Context, r DeclareRequest) (Published, error) {
	draft, err := d.DraftCapacity(ctx, r.As, r.Place)
	if err != nil {
		return Published{}, err
	}
	if r.Digest != "" && r.Digest != draft.Digest {
		return Published{}, &Problem{Kind: Refused, Field: "digest", Detail: "what would be declared has changed since you looked", Mend: "look at it again, and send that", Next: "vardar stock declare " + cmp.Or(r.Place, "SITE") + " --dry-run"}
	}
	if r.Offer != nil {
		for i := range draft.body.Items {
			item := &draft.body.Items[i]
			item.Offerable = slices.Contains(*r.Offer, item.Type)
		}
	}
	text, err := json.Marshal(&draft.body)
	if err != nil {
		return Published{}, failure(err)
	}
	return d.Publish(ctx, Request{As: draft.Institution, Kind: "capacity", Body: text, DryRun: r.DryRun})
}

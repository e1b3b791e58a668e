package desk

import (
	"context"
	"errors"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Stock is the book of an institution's own sites, open at one of them.
type Stock struct {
	As        protocol.InstitutionID
	Sites     []SiteView
	Open      bool // at Site; otherwise there is none, or several and none was named
	Site      SiteView
	Draft     CapacityDraft // what its declaration would say
	Why       *Problem      // nothing can be declared
	Movements []Movement    // the newest first, of the open site or of all
	Services  []ServiceRow  // that a site can have, with what the open one has
	Kinds     []body.ResourceType
	ID        string // of the next movement
}

// ServiceRow is a service that a site can have.
type ServiceRow struct {
	Type     body.ResourceType
	Quantity *body.Quantity // nil: not said
}

// serviceKinds are what a site does for those who are there, of the types of goods.
func serviceKinds() []body.ResourceType {
	return []body.ResourceType{"medical_team", "interpreter", "social_worker", "registration_station", "police_officer", "border_staff", "volunteer"}
}

// Stock gathers it; of a place that is named it is [NotFound] if no site is there. The only
// site is open unless another is asked for.
func (d *Desk) Stock(ctx context.Context, as protocol.InstitutionID, place string) (Stock, error) {
	as, err := d.author(ctx, as)
	if err != nil {
		return Stock{}, err
	}
	out := Stock{As: as}
	if out.Sites, err = d.Sites(ctx, as); err != nil {
		return out, err
	}
	if place == "" && len(out.Sites) == 1 {
		place = out.Sites[0].Place.String()
	}
	if place != "" {
		if out.Site, err = d.Site(ctx, as, place); err != nil {
			return out, err
		}
		out.Open = true
		if out.Draft, err = d.DraftCapacity(ctx, as, place); err != nil && !errors.As(err, &out.Why) {
			return out, err
		}
	}
	if out.Movements, err = d.Movements(ctx, as, place, MostMovements); err != nil {
		return out, err
	}
	out.choices()
	out.ID, err = d.o.Staff.NewDraftID()
	return out, failure(err)
}

// choices fills in what a form can be filled in with.
func (s *Stock) choices() {
	for _, kind := range serviceKinds() {
		s.Services = append(s.Services, ServiceRow{Type: kind})
	}
	for _, own := range s.Site.Services {
		i := slices.IndexFunc(s.Services, func(r ServiceRow) bool { return r.Type == own.Type })
		if i < 0 {
			i, s.Services = len(s.Services), append(s.Services, ServiceRow{Type: own.Type})
		}
		s.Services[i].Quantity = &own.Quantity
	}
	for _, word := range body.ResourceType("").Words() {
		if kind := body.ResourceType(word); kind != "bed_place" && !slices.Contains(serviceKinds(), kind) {
			s.Kinds = append(s.Kinds, kind)
		}
	}
	for _, g := range s.Site.Goods {
		if !slices.Contains(s.Kinds, g.Type) {
			s.Kinds = append(s.Kinds, g.Type)
		}
	}
}

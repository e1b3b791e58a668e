package desk

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// checkRoute refuses a municipality's word on a route outside its territory, which every node
// would show and not count.
func (d *Desk) checkRoute(as protocol.InstitutionID, r *body.Route) error {
	ranks := d.ranks()
	field := outside(ranks, as, r)
	if field == "" {
		return nil
	}
	code := r.Asset.Code
	if field == "place" {
		code = r.Place.Key()
	}
	var own []string
	for _, k := range ranks.Places(as) {
		own = append(own, k.String())
	}
	return &Problem{
		Kind: Refused, Field: field,
		Detail: fmt.Sprintf("%s is beyond the competence of %s, whose territory is %s", code, as, cmp.Or(strings.Join(own, ", "), strings.ToUpper(as.Country()))),
		Mend:   "give a place or a crossing of its own; if this is one, add it to the sites of its profile",
		Next:   "vardar publish profile --help",
	}
}

// outside gives the field of a route by which it lies outside its author's territory.
func outside(ranks *board.Ranks, as protocol.InstitutionID, r *body.Route) string {
	var place body.PlaceKey
	if r.Place != nil {
		place = r.Place.Key()
	}
	return ranks.Outside(as, place, r.Asset.Code)
}

// routeBeyond reports whether what a record says now, put right or not, is of a route outside
// its author's territory.
func (d *Desk) routeBeyond(v *RecordView, b body.Body) bool {
	for i := range v.Corrections {
		c := &v.Corrections[i]
		if c.Standing != board.Counts || c.Action != board.Replace {
			continue
		}
		h, err := d.held(c.Record)
		if err != nil {
			return false
		}
		if b, err = body.Parse(h.Type, h.Body); err != nil {
			return false
		}
	}
	if instead := d.instead(b); instead != nil {
		b = instead
	}
	r, ok := b.(*body.Route)
	return ok && outside(d.ranks(), v.Institution, r) != ""
}

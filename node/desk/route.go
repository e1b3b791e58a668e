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
	return &Problem{
		Kind: Refused, Field: field,
		Detail: fmt.Sprintf("%s is beyond the competence of %s, whose territory is %s", code, as, d.territoryOf(as)),
		Mend:   "give a place or a crossing of its own; if this is one, add it to the sites of its profile",
		Next:   "vardar publish profile --help",
	}
}

// territoryOf says what the territory of an authority is: its places, of which a region or a ministry
// has more than it names.
func (d *Desk) territoryOf(as protocol.InstitutionID) string {
	var own []string
	switch m, _ := d.o.Trust.Member(as); m.Level { //nolint:exhaustive // the others speak of their country
	case body.RegionalAuthority:
		return as.Country() + "." + as.Region() + "."
	case body.Municipality:
		for _, k := range d.ranks().Places(as) {
			own = append(own, k.String())
		}
		if len(own) == 0 {
			return "not known, as no profile of it names a place"
		}
	}
	return cmp.Or(strings.Join(own, ", "), strings.ToUpper(as.Country()))
}

// outside gives the field of a route by which it lies outside its author's territory.
func outside(ranks *board.Ranks, as protocol.InstitutionID, r *body.Route) string {
	var place body.PlaceKey
	if r.Place != nil {
		place = r.Place.Key()
	}
	return ranks.Outside(as, place, r.Asset.Code)
}

// checkPhase refuses a phase of others' territory, which every node would show and not count.
func (d *Desk) checkPhase(as protocol.InstitutionID, p *body.Phase) error {
	if d.ranks().Governs(as, p.Place.Key()) {
		return nil
	}
	return &Problem{
		Kind: Refused, Field: "place", Detail: fmt.Sprintf("%s is beyond the competence of %s, whose territory is %s", p.Place.Key(), as, d.territoryOf(as)),
		Mend: "give a place of your own territory; a site of yours stands in your profile", Next: "vardar publish phase --help",
	}
}

// checkAlert refuses to warn of what touches nothing of the author's territory, which every node would show and not count.
func (d *Desk) checkAlert(as protocol.InstitutionID, a *body.Alert) error {
	if warns(d.ranks(), as, a) {
		return nil
	}
	field, codes := "info", []string{}
	if a.Place != nil {
		field = "place"
	}
	for _, k := range a.Areas() {
		codes = append(codes, k.String())
	}
	return &Problem{
		Kind: Refused, Field: field, Detail: fmt.Sprintf("%s is beyond the competence of %s, whose territory is %s", strings.Join(codes, ", "), as, d.territoryOf(as)),
		Mend: "name a place of your own that it reaches too, or leave the place out and say the area in words; an alert of yours is cancelled wherever it is", Next: "vardar publish alert --help",
	}
}

// warns reports whether what an alert warns of touches its author's territory.
func warns(ranks *board.Ranks, as protocol.InstitutionID, a *body.Alert) bool {
	return !a.Warns() || ranks.Warns(as, a.Areas())
}

// checkBeyond refuses what is said of others' territory.
func (d *Desk) checkBeyond(as protocol.InstitutionID, said body.Body) error {
	switch b := said.(type) {
	case *body.Route:
		return d.checkRoute(as, b)
	case *body.Phase:
		return d.checkPhase(as, b)
	case *body.Alert:
		return d.checkAlert(as, b)
	}
	return nil
}

// beyondTerritory gives why a word on others' territory is not counted; empty: it is.
func beyondTerritory(ranks *board.Ranks, as protocol.InstitutionID, said body.Body) string {
	switch b := said.(type) {
	case *body.Route:
		if outside(ranks, as, b) != "" {
			return board.BeyondRoute
		}
	case *body.Phase:
		if !ranks.Governs(as, b.Place.Key()) {
			return board.BeyondPhase
		}
	case *body.Alert:
		if !warns(ranks, as, b) {
			return board.BeyondAlert
		}
	}
	return ""
}

// saysBeyond gives why what a record of this digest says now, put right or not, is not counted, as it is of others'
// territory or prefix, a report that is not its author's to write, or verified by who may not; empty: it is.
func (d *Desk) saysBeyond(v *RecordView, digest protocol.Digest, b body.Body) string {
	for i := range v.Corrections {
		c := &v.Corrections[i]
		if c.Standing != board.Counts || c.Action != board.Replace {
			continue
		}
		h, err := d.held(c.Record)
		if err != nil {
			return ""
		}
		if b, err = body.Parse(h.Type, h.Body); err != nil {
			return ""
		}
	}
	if instead := d.instead(b); instead != nil {
		b = instead
	}
	switch b := b.(type) {
	case *body.SituationReport:
		return d.beyondReport(v.Institution, b.Regional != nil)
	case *body.Endorsement:
		return d.beyondVerifying(v.Institution, b)
	case *body.Admission:
		return d.beyondPrefix(digest, b)
	}
	return beyondTerritory(d.ranks(), v.Institution, b)
}

package desk

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// RegionalAsk has a regional report drawn up: its figures are added up of what the members
// report, with the records that each is made of.
type RegionalAsk struct {
	Territory []string `json:"territory,omitempty"` // countries as mk, groups of the charter as group:mk-southeast; none: all members
	LeaveOut  []string `json:"leave_out,omitempty"` // indicators
}

// MaxRegionalSources bounds the records that one report rests on: name, digest and a second
// naming take 250 bytes each, and a body has 256 KiB.
const MaxRegionalSources = 700

// MaxRegionalMissing bounds the reports that one names as missing: as many as a body has room for.
const MaxRegionalMissing = 1000

const nextRegional = "vardar publish report --regional all --set period=2015-11-02/2015-11-09 --dry-run"

// checkReporter refuses a regional report of who is no regional body, and any other of one.
func (d *Desk) checkReporter(as protocol.InstitutionID, regional bool) error {
	m, _ := d.o.Trust.Member(as)
	switch d.beyondReport(as, regional) {
	case board.BeyondRegional:
		return &Problem{
			Kind: Refused, Field: "regional", Detail: fmt.Sprintf("%s is beyond the competence of a %s", "regional report", m.Level), Mend: "these may: " + body.RegionalBody.String(),
			Next: "vardar member charter show",
		}
	case board.BeyondReport:
		return &Problem{
			Kind: Refused, Field: "regional", Detail: fmt.Sprintf("%s is beyond the competence of a %s", "report", m.Level),
			Mend: "add up what members report: --regional", Next: nextRegional,
		}
	}
	return nil
}

// beyondReport gives why a report that is added up, or one that is not, is not counted; empty: it is.
func (d *Desk) beyondReport(as protocol.InstitutionID, regional bool) string {
	m, _ := d.o.Trust.Member(as)
	return board.BeyondReporter(m.Level, regional)
}

// drawUp adds up what a report asks for, and writes it into the document with its references.
func (d *Desk) drawUp(as protocol.InstitutionID, recordType string, r *Request, doc map[string]any) error {
	if r.Regional == nil {
		return nil
	}
	if recordType != body.TypeReport {
		return &Problem{Kind: Usage, Field: "regional", Detail: "a report is added up, and nothing else", Mend: "leave it out", Next: nextRegional}
	}
	if err := d.checkReporter(as, true); err != nil {
		return err
	}
	q, said, err := d.regionalQuery(as, r, doc)
	if err != nil {
		return err
	}
	view := d.momentIn(d.present(), r.world).view
	indicators, refs := view.AddUp(q)
	if len(refs) > MaxRegionalSources {
		return &Problem{
			Kind: Refused, Field: "period", Detail: fmt.Sprintf("the report would rest on %d records, and one can name %d", len(refs), MaxRegionalSources), Mend: "give a shorter period, or a smaller territory", Next: nextRegional,
		}
	}
	said.Coverage = regionalCoverage(&view, q)
	if n := len(said.Coverage.Missing); n > MaxRegionalMissing {
		return &Problem{
			Kind: Refused, Field: "territory", Detail: fmt.Sprintf("the report would name %d reports that have not come, and one can name %d", n, MaxRegionalMissing), Mend: "give a smaller territory", Next: nextRegional,
		}
	}
	if said.Indicators = indicators; len(indicators) == 0 {
		said.Indicators = nil
	}
	if doc["regional"], err = asDocument(said); err != nil {
		return failure(err)
	}
	all, _ := doc["refs"].([]any)
	for i := range refs {
		ref, err := asDocument(&refs[i])
		if err != nil {
			return failure(err)
		}
		all = append(all, ref)
	}
	if delete(doc, "refs"); len(all) > 0 {
		doc["refs"] = all
	}
	if doc["summary"] == nil || doc["summary"] == "" {
		doc["summary"] = regionalSummary(said, r.say)
	}
	return nil
}

// asDocument writes a value as the members of a body.
func asDocument(v any) (map[string]any, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return documentOf(raw)
}

// regionalQuery reads what is asked for: the period, whose reports, and what is left out.
func (d *Desk) regionalQuery(as protocol.InstitutionID, r *Request, doc map[string]any) (*board.RegionalQuery, *body.Regional, error) {
	said := &body.Regional{}
	q := &board.RegionalQuery{}
	var err error
	if q.Start, q.End, err = d.regionalPeriod(as, r.world, doc); err != nil {
		return nil, nil, err
	}
	if q.Of, said.Territory, err = d.inTerritory(r.Regional.Territory); err != nil {
		return nil, nil, err
	}
	for i, word := range r.Regional.LeaveOut {
		var of body.Indicator
		if err := of.UnmarshalText([]byte(word)); err != nil {
			return nil, nil, inField(fmt.Sprintf("leave_out.%d", i), err)
		}
		if !slices.Contains(said.LeftOut, of) {
			said.LeftOut = append(said.LeftOut, of)
		}
	}
	q.LeaveOut = said.LeftOut
	return q, said, nil
}

// regionalPeriod reads the period of the document; without one it goes on where the last
// regional report ended, up to now.
func (d *Desk) regionalPeriod(as protocol.InstitutionID, w board.World, doc map[string]any) (from, until protocol.Instant, err error) {
	if doc["period"] == nil {
		view := d.world(w)
		last := lastRegional(&view, as)
		now := d.now() / minute * minute
		if last == nil || last.PeriodEnd >= now {
			return 0, 0, &Problem{Kind: Refused, Field: "period", Detail: "there is no earlier regional report that this one would go on from", Mend: "give the period, such as 2015-11-02/2015-11-09", Next: nextRegional}
		}
		doc["period"] = map[string]any{"start": body.TimeOf(last.PeriodEnd.Time()).String(), "end": body.TimeOf(now.Time()).String()}
	}
	period, _ := doc["period"].(map[string]any)
	var start, end body.Time
	for name, to := range map[string]*body.Time{"start": &start, "end": &end} {
		if err := readTime(period[name], to); err != nil {
			return 0, 0, inField("period."+name, err)
		}
	}
	return start.Instant(), end.Instant(), nil
}

// inField says in which field of what is asked for something does not fit.
func inField(field string, err error) error {
	var p *Problem
	if !errors.As(err, &p) {
		p = misfit(err, nextRegional)
	}
	p.Field, p.Next = field, nextRegional
	return p
}

// minute in the unit of instants.
const minute protocol.Instant = 60_000

// lastRegional gives the regional report of an institution whose period ended last.
func lastRegional(v *board.View, as protocol.InstitutionID) *RegionalRow {
	var last *RegionalRow
	for i := range v.Regional {
		if r := &v.Regional[i]; r.Institution == as && (last == nil || r.PeriodEnd >= last.PeriodEnd) {
			last = r
		}
	}
	return last
}

// inTerritory says whose reports a territory means: members, and no regional body, which
// counts nobody itself.
func (d *Desk) inTerritory(words []string) (of func(protocol.InstitutionID) bool, territory []body.Territory, err error) {
	in := map[protocol.InstitutionID]bool{}
	members := d.o.Trust.Members()
	observer := func(id protocol.InstitutionID) bool {
		m, ok := d.o.Trust.Member(id)
		return ok && m.Level != body.RegionalBody
	}
	for i, word := range words {
		var t body.Territory
		field := fmt.Sprintf("territory.%d", i)
		if err := t.UnmarshalText([]byte(strings.ToLower(strings.TrimSpace(word)))); err != nil {
			return nil, nil, inField(field, err)
		}
		if slices.Contains(territory, t) {
			continue
		}
		territory = append(territory, t)
		name, group := t.Group()
		if group {
			if _, err := d.checkAddressees([]body.Addressee{body.Addressee(t)}); err != nil {
				return nil, nil, inField(field, err)
			}
			ids, _ := d.o.Trust.GroupMembers(name)
			for _, id := range ids {
				in[id] = true
			}
			continue
		}
		before := len(in)
		countries := map[string]bool{}
		for _, m := range members {
			countries[m.ID.Country()] = true
			if m.ID.Country() == string(t) {
				in[m.ID] = true
			}
		}
		if len(in) == before && !countries[string(t)] {
			return nil, nil, &Problem{
				Kind: Refused, Field: field, Detail: "no member is of " + quoted(string(t)), Mend: "want one of " + strings.Join(slices.Sorted(maps.Keys(countries)), ", "), Next: "vardar list members",
			}
		}
	}
	if len(words) == 0 {
		return observer, nil, nil
	}
	return func(id protocol.InstitutionID) bool { return in[id] && observer(id) }, territory, nil
}

// regionalCoverage says of the reports that are due, by [board.View.Expect] those that nobody ever
// wrote too, who has spoken in the period, and of the others why not.
func regionalCoverage(v *board.View, q *board.RegionalQuery) body.RegionalCoverage {
	var c body.RegionalCoverage
	spoke := v.Spoke(q.Start, q.End)
	for i := range v.Due {
		w := &v.Due[i]
		if w.Kind != body.TypeReport || w.Place.IsZero() && !w.Last.IsZero() || !q.Of(w.Institution) {
			continue
		}
		c.Of++
		if spoke[board.Speaker{Institution: w.Institution, Place: w.Place}] || w.LastAt > q.Start && w.LastAt <= q.End {
			c.Reported++
			continue
		}
		missing := body.RegionalMissing{
			Institution: w.Institution, Place: body.Place{Scheme: w.Place.Scheme, Code: w.Place.Code, Name: body.Label(w.PlaceName)},
			State: body.MissingOverdue,
		}
		if w.LastAt != 0 {
			missing.LastAt = body.TimeOf(w.LastAt.Time())
		}
		if w.Place.IsZero() { // it names no seat: what its ID says of it
			missing.Place = body.Place{Scheme: body.ISOCountry, Code: strings.ToUpper(w.Institution.Country())}
		}
		switch {
		case w.State == board.LineCut:
			missing.State = body.MissingLineCut
		case !late(w.State):
			missing.State = body.MissingNotDue
		}
		c.Missing = append(c.Missing, missing)
	}
	return c
}

// regionalSummary is what a report says until somebody writes something better, in the language of who draws it up.
func regionalSummary(r *body.Regional, say func(english string) string) string {
	if say == nil {
		say = itself
	}
	words := []string{say(fmt.Sprintf("%d of %d reports have come.", r.Coverage.Reported, r.Coverage.Of))}
	for i := range r.Indicators {
		of := &r.Indicators[i]
		t := of.Total
		if t == nil {
			continue
		}
		number := counted(t.Value, of.Unit)
		if t.High != nil {
			number = fmt.Sprintf("from %d to %s", t.Value, counted(*t.High, of.Unit))
		}
		words = append(words, fmt.Sprintf("%s: %s (%s).", capital(say(indicatorWords(of.Indicator))), say(number), say(Count(int(t.Places), "place reported", "places reported"))))
	}
	return short(strings.Join(words, " "))
}

// counted says a number of what one counts: in the singular where one knows it.
func counted(n body.Quantity, unit body.Label) string {
	switch unit {
	case body.Persons:
		return Count(int(n), "person", "persons")
	case body.Places:
		return Count(int(n), "place", "places")
	}
	return fmt.Sprintf("%d %s", n, unit)
}

// markOf gives the highest mark of what a regional report repeats.
func (d *Desk) markOf(sources []protocol.Name) (mark protocol.Handling, of protocol.Name) {
	for _, n := range sources {
		if h, err := d.held(n); err == nil && h.Handling > mark {
			mark, of = h.Handling, h.Name
		}
	}
	return mark, of
}

// markOver gives the mark of a regional report where nobody gave one: at least that of each
// record that it repeats.
func (d *Desk) markOver(doc map[string]any) protocol.Handling {
	var sources []protocol.Name
	refs, _ := doc["refs"].([]any)
	for _, entry := range refs {
		ref, _ := entry.(map[string]any)
		name, _ := ref["record"].(string)
		if n, err := protocol.ParseName(name); err == nil && ref["rel"] == string(body.RelAggregates) {
			sources = append(sources, n)
		}
	}
	mark, _ := d.markOf(sources)
	return max(mark, d.handling(body.TypeReport))
}

// checkReport refuses a report that is not its author's to write, a regional one that every node would show as one
// that does not add up, and one that would carry further what is not to go so far.
func (d *Desk) checkReport(s *statement, r *body.SituationReport) error {
	if r == nil {
		return nil
	}
	if err := d.checkReporter(s.as, r.Regional != nil); err != nil || r.Regional == nil {
		return err
	}
	var sources []protocol.Name
	for _, ref := range r.Refs {
		if ref.Rel == body.RelAggregates {
			sources = append(sources, ref.Record)
		}
	}
	if mark, of := d.markOf(sources); mark > s.handling {
		return &Problem{
			Kind: Refused, Field: "handling", Detail: fmt.Sprintf("%s is marked %s, and the report repeats what it says", of, mark), Mend: "mark the report " + mark.String() + ", or leave out what rests on it",
			Next: "vardar publish report --handling " + mark.String(),
		}
	}
	again := d.o.Board.AddUpAgain(s.world, r)
	if again.Check != board.AddsUpNot {
		return nil
	}
	return &Problem{
		Kind: Refused, Field: again.Wrong(), Detail: "this is not what its sources add up to", Mend: "leave regional out, and have it added up: --regional", Next: nextRegional,
	}
}

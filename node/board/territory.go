package board

import (
	"cmp"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Territory is a row of the phase board: what is declared for a place, and what its figures,
// crossings and alerts speak for where nothing declared says so.
type Territory struct {
	Place     body.PlaceKey  `json:"place"`
	PlaceName string         `json:"place_name,omitempty"`
	Footnote  bool           `json:"footnote,omitempty"`
	Phases    []Phase        `json:"phases"`              // as declared, those whose time is over too
	Suggested body.PhaseName `json:"suggested,omitempty"` // declared by nobody; only its competent authority does
	Signs     []Sign         `json:"signs,omitempty"`     // why it is suggested
	Profile   int            `json:"profile"`             // the version of the rule
}

// SignKind is one of the reasons of domain.md §5 for which a phase is suggested.
type SignKind string

// The signs of a response, and the two of a recovery.
const (
	SignOccupancy SignKind = "occupancy" // per mille of the places
	SignClosed    SignKind = "closed"    // a crossing of the place
	SignFull      SignKind = "full"      // places that are free, against the persons who arrive in a day
	SignArrivals  SignKind = "arrivals"  // a day, thousandths of a person for 1,000 residents
	SignAlert     SignKind = "alert"     // severe or extreme, and active
	SignQuiet     SignKind = "quiet"     // days without any of these
	SignRoom      SignKind = "room"      // occupancy, per mille, below the limit
)

// Sign is one reason, with what it was found by.
type Sign struct {
	Sign        SignKind               `json:"sign"`
	Value       int64                  `json:"value,omitempty"` // in the unit of its kind
	Limit       int64                  `json:"limit,omitempty"` // in the same
	Name        string                 `json:"name,omitempty"`  // of the crossing, or the headline of the alert
	Institution protocol.InstitutionID `json:"institution,omitempty"`
	Record      protocol.Name          `json:"record,omitzero"`
	Quality     *Quality               `json:"quality,omitempty"` // of the figure or the crossing that it was read from
}

// Territories gives the phase board, by place: every place that a phase is declared or
// suggested for. residents says how many live there; nil: not known. It is a pure function
// of the view and of what it is handed.
func (v *View) Territories(residents func(body.PlaceKey) *int64, p *body.PhaseProfile, at protocol.Instant) []Territory {
	s := &signpost{v: v, residents: residents, p: p, at: at, figures: map[body.PlaceKey][]*Figure{}, speaks: map[protocol.InstitutionID][]body.PlaceKey{}, out: map[body.PlaceKey]*Territory{}}
	for i := range v.Phases {
		d := &v.Phases[i]
		t := s.territory(d.Place, d.PlaceName, d.Footnote)
		declared := *d
		declared.Since = d.since
		t.Phases = append(t.Phases, declared)
	}
	for i := range v.Figures {
		if f := &v.Figures[i]; f.By == "" && f.Variant == "" && slices.Contains(signsNeed(), f.Indicator) {
			s.territory(f.Place, f.PlaceName, f.Footnote)
			s.figures[f.Place] = append(s.figures[f.Place], f)
			if of := s.speaks[f.Institution]; !slices.Contains(of, f.Place) {
				s.speaks[f.Institution] = append(of, f.Place)
			}
		}
	}
	s.crossings()
	s.alerts()
	out := []Territory{}
	for _, t := range s.out {
		s.suggest(t)
		if len(t.Phases) > 0 || t.Suggested != "" {
			out = append(out, *t)
		}
	}
	slices.SortFunc(out, func(a, b Territory) int { return comparePlaces(a.Place, b.Place) })
	return out
}

// signsNeed are the indicators that signs are read from.
func signsNeed() []body.Indicator {
	return []body.Indicator{body.Present, body.CapacityTotal, body.CapacityFree, body.Arrivals}
}

// signpost reads the signs of one view.
type signpost struct {
	v         *View
	residents func(body.PlaceKey) *int64
	p         *body.PhaseProfile
	at        protocol.Instant
	figures   map[body.PlaceKey][]*Figure
	speaks    map[protocol.InstitutionID][]body.PlaceKey // of which places it has figures
	out       map[body.PlaceKey]*Territory
	lately    map[body.PlaceKey]bool // a crossing was closed, or an alert severe, in the quiet days
}

func (s *signpost) territory(k body.PlaceKey, name string, footnote bool) *Territory {
	t := s.out[k]
	if t == nil {
		t = &Territory{Place: k, Phases: []Phase{}, Profile: s.p.Version}
		s.out[k] = t
	}
	t.PlaceName, t.Footnote = cmp.Or(t.PlaceName, name), t.Footnote || footnote
	return t
}

// since is when the quiet days began, if they end now.
func (s *signpost) since() protocol.Instant { return s.at - days(s.p.QuietDays) }

// crossings reads what is closed: at the place that its report names, or else at each that
// its author has figures for.
func (s *signpost) crossings() {
	s.lately = map[body.PlaceKey]bool{}
	for i := range s.v.Routes {
		r := &s.v.Routes[i]
		for j := range r.Sides {
			side := &r.Sides[j]
			for _, k := range s.placesOf(side) {
				s.lately[k] = s.lately[k] || side.closedUntil > s.since()
				if side.State == body.RouteClosed && !side.Expired && side.ObservedAt <= s.at {
					t := s.territory(k, "", false)
					t.Signs = append(t.Signs, Sign{Sign: SignClosed, Name: r.Name, Institution: side.Institution, Record: side.Record, Quality: side.Quality})
				}
			}
		}
	}
}

func (s *signpost) placesOf(side *Side) []body.PlaceKey {
	if !side.Place.IsZero() {
		return []body.PlaceKey{side.Place}
	}
	return s.speaks[side.Institution]
}

func (s *signpost) alerts() {
	ended := map[protocol.Name]protocol.Instant{}
	for i := range s.v.Alerts {
		ended[s.v.Alerts[i].Record] = s.v.Alerts[i].Sent
	}
	for i := range s.v.Alerts {
		a := &s.v.Alerts[i]
		if a.Place.IsZero() || a.State == AlertNone || a.Severity != body.Severe && a.Severity != body.Extreme {
			continue
		}
		t := s.territory(a.Place, a.PlaceName, a.Footnote)
		if a.State == AlertActive {
			t.Signs = append(t.Signs, Sign{Sign: SignAlert, Name: cmp.Or(a.Headline, a.Event), Institution: a.Institution, Record: a.Record})
		}
		end := a.end()
		if by, ok := ended[a.By]; ok {
			end = min(end, by)
		}
		s.lately[a.Place] = s.lately[a.Place] || end > s.since()
	}
}

// suggest weighs the signs of a territory against what is declared for it.
func (s *signpost) suggest(t *Territory) {
	response := false
	for i := range t.Phases {
		p := &t.Phases[i]
		response = response || !p.Expired && p.Under.IsZero() && p.Phase == body.Response
	}
	for _, v := range s.voices(t.Place, false) {
		t.Signs = append(t.Signs, s.read(t.Place, v, s.at)...)
	}
	switch {
	case len(t.Signs) > 0 && !response:
		t.Suggested = body.Response
		slices.SortFunc(t.Signs, func(a, b Sign) int {
			return cmp.Or(cmp.Compare(a.Sign, b.Sign), cmp.Compare(a.Institution, b.Institution), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Record.String(), b.Record.String()))
		})
		return
	case len(t.Signs) == 0 && response:
		if t.Signs = s.quiet(t.Place); t.Signs != nil {
			t.Suggested = body.Recovery
		}
		return
	}
	t.Signs = nil // what they speak for is declared
}

// voice is what one institution says of a place: of each indicator its points.
type voice struct {
	institution protocol.InstitutionID
	points      map[body.Indicator][]Point
}

// voices gives those of a place: all their points, or the latest alone.
func (s *signpost) voices(k body.PlaceKey, all bool) []voice {
	var out []voice
	for _, f := range s.figures[k] {
		i := slices.IndexFunc(out, func(v voice) bool { return v.institution == f.Institution })
		if i < 0 {
			i, out = len(out), append(out, voice{f.Institution, map[body.Indicator][]Point{}})
		}
		switch {
		case all:
			out[i].points[f.Indicator] = s.v.Series(k, f.Indicator, f.Institution)
		case f.State == Reported:
			out[i].points[f.Indicator] = []Point{{PeriodStart: f.PeriodStart, PeriodEnd: f.PeriodEnd, State: Reported, Value: f.Value, Record: f.Record}}
		}
	}
	return out
}

// latest gives the value of the last period that was over at an instant, if it is not too
// old; of a band the highest.
func (s *signpost) latest(v voice, of body.Indicator, at protocol.Instant) (*Point, int64) {
	for i := len(v.points[of]) - 1; i >= 0; i-- {
		p := &v.points[of][i]
		if p.State != Reported || p.PeriodEnd > at {
			continue
		}
		if p.PeriodEnd <= at-days(s.p.FigureDays) {
			return nil, 0
		}
		_, high := p.Value.Range()
		return p, high
	}
	return nil, 0
}

// read gives the signs of a response in what an institution said up to an instant.
func (s *signpost) read(k body.PlaceKey, v voice, at protocol.Instant) []Sign {
	var out []Sign
	present, here := s.latest(v, body.Present, at)
	total, places := s.latest(v, body.CapacityTotal, at)
	if present != nil && total != nil && places > 0 {
		if taken := halfUp(here, perMille, places); taken >= s.p.ResponseOccupancy {
			out = append(out, Sign{Sign: SignOccupancy, Value: taken, Limit: s.p.ResponseOccupancy, Institution: v.institution, Record: present.Record})
		}
	}
	arrivals, came := s.latest(v, body.Arrivals, at)
	if arrivals == nil {
		return out
	}
	hours := int64(arrivals.PeriodEnd-arrivals.PeriodStart) / (3600 * 1000)
	if hours <= 0 {
		return out
	}
	perDay := halfUp(came, 24, hours)
	free, left := s.latest(v, body.CapacityFree, at)
	if free == nil && present != nil && total != nil {
		free, left = present, max(0, places-here)
	}
	if free != nil && left < perDay {
		out = append(out, Sign{Sign: SignFull, Value: left, Limit: perDay, Institution: v.institution, Record: arrivals.Record})
	}
	if n := s.residents(k); n != nil && *n > 0 {
		limit := s.p.ArrivalsPer1000 * perMille
		if rate := halfUp(perDay, perMille*perMille, *n); rate > limit {
			out = append(out, Sign{Sign: SignArrivals, Value: rate, Limit: limit, Institution: v.institution, Record: arrivals.Record})
		}
	}
	return out
}

// quiet gives the signs of a recovery: for the quiet days none of a response, and room now.
// Who says how many are present must have said it before these days: silence is no quiet.
func (s *signpost) quiet(k body.PlaceKey) []Sign {
	if s.lately[k] {
		return nil
	}
	var out []Sign
	for _, v := range s.voices(k, true) {
		present, here := s.latest(v, body.Present, s.at)
		total, places := s.latest(v, body.CapacityTotal, s.at)
		for _, of := range v.points {
			for i := range of {
				if end := of[i].PeriodEnd; end > s.since() && end <= s.at && len(s.read(k, v, end)) > 0 {
					return nil
				}
			}
		}
		if present == nil || total == nil || places <= 0 {
			continue
		}
		first := slices.IndexFunc(v.points[body.Present], func(p Point) bool { return p.State == Reported })
		taken := halfUp(here, perMille, places)
		if taken >= s.p.RecoveryOccupancy || v.points[body.Present][first].PeriodEnd > s.since() {
			return nil
		}
		out = append(out, Sign{Sign: SignRoom, Value: taken, Limit: s.p.RecoveryOccupancy, Institution: v.institution, Record: present.Record})
	}
	if len(out) == 0 {
		return nil
	}
	return append([]Sign{{Sign: SignQuiet, Value: int64(s.p.QuietDays), Limit: int64(s.p.QuietDays)}}, out...)
}

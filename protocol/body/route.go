package body

import (
	"errors"
	"time"
)

// TypeRoute is the type of a [Route].
const TypeRoute = "vardar.situation.route.v1"

// MaxRouteValidity bounds how long a statement on a route may stand without being
// renewed: 72 h after it was observed (domain.md §4). Routes change all of a sudden.
const MaxRouteValidity = 72 * time.Hour

// Route is the state of a crossing, road, port or site. Both sides of a border report; a
// contradiction is shown. It names its place, or the shared code of its asset.
type Route struct {
	Common
	Asset       Asset        `json:"asset"`
	State       RouteState   `json:"state"`
	Direction   Direction    `json:"direction,omitempty"`
	Restriction *Restriction `json:"restriction,omitempty"`
	Throughput  *Throughput  `json:"throughput,omitempty"`
	Waiting     *Count       `json:"waiting,omitempty"`    // persons
	WaitHours   *Quantity    `json:"wait_hours,omitempty"` // hours begun
	ObservedAt  Time         `json:"observed_at"`
}

// Asset is a thing that a route leads over. From and to are what it joins.
type Asset struct {
	Type AssetType `json:"type"`
	Name Label     `json:"name"`
	Code PlaceKey  `json:"code,omitzero"` // x:gr-mk:bogorodica-evzoni
	From Label     `json:"from,omitempty"`
	To   Label     `json:"to,omitempty"`
}

// AssetType is what kind of thing it is.
type AssetType string

// Words gives the vocabulary.
func (AssetType) Words() []string {
	return []string{"border_crossing", "road", "rail", "port", "transit_centre", "reception_site"}
}

// UnmarshalText reads one of the words; [ErrVocabulary].
func (a *AssetType) UnmarshalText(b []byte) error { return readWord(a, b, a.Words()) }

// RouteState is whether one can pass.
type RouteState string

// The four states.
const (
	RouteOpen       RouteState = "open"
	RouteRestricted RouteState = "restricted"
	RouteCongested  RouteState = "congested"
	RouteClosed     RouteState = "closed"
)

// Words gives the vocabulary.
func (RouteState) Words() []string { return []string{"open", "restricted", "congested", "closed"} }

// UnmarshalText reads one of the words; [ErrVocabulary].
func (s *RouteState) UnmarshalText(b []byte) error { return readWord(s, b, s.Words()) }

// Direction is seen from the author's territory; not given, the state holds for both.
type Direction string

// Words gives the vocabulary.
func (Direction) Words() []string { return []string{"in", "out", "both"} }

// UnmarshalText reads one of the words; [ErrVocabulary].
func (d *Direction) UnmarshalText(b []byte) error { return readWord(d, b, d.Words()) }

// Restriction says whom it concerns and what it rests on.
type Restriction struct {
	Who        Text `json:"who,omitempty"`
	LegalBasis Text `json:"legal_basis,omitempty"`
}

// Throughput is how many persons pass in so many hours.
type Throughput struct {
	Count    Count    `json:"count"`
	PerHours Positive `json:"per_hours" fit:"max=720"`
}

// Type gives [TypeRoute].
func (*Route) Type() string { return TypeRoute }

func (r *Route) check() error {
	var where error
	if r.Place == nil && r.Asset.Code.IsZero() {
		where = refuse(ErrRequired, "place", "say where it is: give place, or asset.code")
	}
	return errors.Join(where, r.checkValidity())
}

func (r *Route) checkValidity() error {
	if r.ValidUntil.IsZero() {
		return refuse(ErrRequired, "valid_until", "a route's state expires: give a moment at most 72 hours after observed_at")
	}
	validity := r.ValidUntil.Time().Sub(r.ObservedAt.Time())
	if validity <= 0 || validity > MaxRouteValidity {
		return refuse(ErrPeriod, "valid_until", "it lies %s after observed_at: want more than 0 and at most 72 hours", validity)
	}
	return nil
}

package board

import (
	"cmp"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Capacity is what an institution has at a place: its latest declaration, which is the
// one that is live.
type Capacity struct {
	Institution   protocol.InstitutionID `json:"institution"`
	Place         body.PlaceKey          `json:"place,omitzero"`
	PlaceName     string                 `json:"place_name,omitempty"`
	Footnote      bool                   `json:"footnote,omitempty"`
	Items         []body.CapacityItem    `json:"items"`
	Gaps          []body.Gap             `json:"gaps,omitempty"`
	Staff         *body.Quantity         `json:"staff,omitempty"`
	TrainingNeeds string                 `json:"training_needs,omitempty"`
	Record        protocol.Name          `json:"record"`
	Digest        protocol.Digest        `json:"digest"`
	AuthorTime    protocol.Instant       `json:"author_time"`
	Correction    protocol.Name          `json:"correction,omitzero"`
	Quality       *Quality               `json:"quality,omitempty"` // by [View.Grade]; no part of the digest

	version protocol.Digest
	grade   *grade
}

// capacity is the essence of a declaration.
type capacity struct {
	place body.PlaceKey
	row   Capacity
}

func newCapacity(b *body.Capacity) *capacity {
	c := &capacity{row: Capacity{Items: b.Items, Gaps: b.Gaps, Staff: b.Staff, TrainingNeeds: string(b.TrainingNeeds), grade: newGrade(b)}}
	if b.Place != nil {
		c.place, c.row.PlaceName = internKey(b.Place.Key()), string(b.Place.Name)
		c.row.Place = c.place
	}
	return c
}

// stockKey names a declaration: one is live per institution and place.
type stockKey struct {
	institution protocol.InstitutionID
	place       body.PlaceKey
}

func compareStocks(a, b stockKey) int {
	return cmp.Or(cmp.Compare(a.institution, b.institution), comparePlaces(a.place, b.place))
}

func foldCapacity(_ stockKey, of []*entry) Capacity {
	e := of[len(of)-1]
	row := e.now.(*capacity).row
	row.Institution, row.Record, row.Digest, row.AuthorTime = e.name.Institution, e.name, e.digest, e.time
	row.version = e.digest
	if e.by != nil {
		row.Correction, row.version = e.by.name, e.by.digest
	}
	return row
}

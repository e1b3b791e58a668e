package body

import "errors"

// TypeCapacity is the type of a [Capacity].
const TypeCapacity = "vardar.resource.capacity.v1"

// Capacity is what an institution has at a place, and how soon it can be ready. One is
// live per member and place. Parts that do not add up lower its quality; they are not
// refused.
type Capacity struct {
	Common
	Items         []CapacityItem `json:"items" fit:"least=1"`
	Staff         *Quantity      `json:"staff,omitempty"` // persons
	Gaps          []Gap          `json:"gaps,omitempty" fit:"least=1"`
	TrainingNeeds Text           `json:"training_needs,omitempty"`
}

// CapacityItem is one kind of thing that is there. A number that is not known is absent;
// at least one of total, committed and available is given.
type CapacityItem struct {
	Type           ResourceType `json:"type"`
	Unit           Label        `json:"unit"`
	Total          *Quantity    `json:"total,omitempty"`
	Committed      *Quantity    `json:"committed,omitempty"`
	Available      *Quantity    `json:"available,omitempty"`
	ReadinessHours *Quantity    `json:"readiness_hours,omitempty" fit:"max=8760"`
	Conditions     Text         `json:"conditions,omitempty"`
	Certified      Label        `json:"certified,omitempty"` // to what, by whom
	Place          *Place       `json:"place,omitempty"`     // default: the declaration's
	From           Time         `json:"from,omitzero"`
	Until          Time         `json:"until,omitzero"`
	Offerable      bool         `json:"offerable,omitempty"` // to others; not said is no
}

// Gap is what is missing against a standard.
type Gap struct {
	Type     ResourceType `json:"type"`
	Unit     Label        `json:"unit"`
	Required Quantity     `json:"required"`
}

// Type gives [TypeCapacity].
func (*Capacity) Type() string { return TypeCapacity }

func (c *Capacity) check() error {
	var broken []error
	for i := range c.Items {
		item, path := &c.Items[i], entry("items", i)
		switch {
		case item.Place == nil && c.Place == nil:
			broken = append(broken, refuse(ErrRequired, path+".place", "say where it is: here, or once for all in place"))
		case item.Total == nil && item.Committed == nil && item.Available == nil:
			broken = append(broken, refuse(ErrRequired, path+".total", "give total, committed or available; what is not known is left out, with the reason in na"))
		case !item.From.IsZero() && !item.Until.IsZero() && item.Until <= item.From:
			broken = append(broken, refuse(ErrPeriod, path+".until", "it lies at or before from: give a later moment"))
		}
		if item.Place != nil {
			broken = append(broken, item.Place.check(path+".place"))
		}
	}
	return errors.Join(broken...)
}

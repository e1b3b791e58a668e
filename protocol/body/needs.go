package body

import "errors"

// TypeNeeds is the type of a [Needs].
const TypeNeeds = "vardar.situation.needs.v1"

// Needs is the needs assessment of a place: how many people need help, and what is needed
// against what is there. One is live per member and place. How far a need is met is
// nowhere in it: whoever holds the records computes it from the exchanges that name the
// assessment (reference "needs"), or that it names. Numbers that do not add up lower its
// quality; they are not refused.
type Needs struct {
	Common
	Period     *Period     `json:"period,omitempty"` // what the assessment speaks of
	Population *Population `json:"population,omitempty"`
	Items      []Need      `json:"items" fit:"least=1 most=999"`
}

// Population counts persons; what is not known is left out.
type Population struct {
	Affected Count `json:"affected,omitzero"`
	InNeed   Count `json:"in_need,omitzero"`
	Reached  Count `json:"reached,omitzero"` // who get what they need already
}

// Need is one thing that is needed. A type and a unit stand once in an assessment, so that
// the line of a request that asks for them is found.
type Need struct {
	Sector       Sector       `json:"sector"`
	Item         ResourceType `json:"item"`
	Unit         Label        `json:"unit"`
	Required     Positive     `json:"required"`            // in all
	Available    *Quantity    `json:"available,omitempty"` // of its own; not known is left out, and counts as none
	Basis        NeedBasis    `json:"basis"`
	StandardRef  Label        `json:"standard_ref,omitempty"`  // with the basis standard: the row, its edition and page
	Priority     Positive     `json:"priority" fit:"max=5"`    // 1 is the most urgent
	CostEstimate *Money       `json:"cost_estimate,omitempty"` // of all that is missing, required without available
	Deadline     Time         `json:"deadline,omitzero"`
}

// Missing gives what is required without what is there of its own.
func (n *Need) Missing() int64 {
	if n.Available == nil {
		return int64(n.Required)
	}
	return max(0, int64(n.Required)-int64(*n.Available))
}

// NeedBasis is how the number required came about.
type NeedBasis string

// The three.
const (
	BasisStandard NeedBasis = "standard" // people times a minimum of a handbook
	BasisEstimate NeedBasis = "estimate"
	BasisCount    NeedBasis = "count"
)

// Words gives the vocabulary.
func (NeedBasis) Words() []string { return []string{"standard", "estimate", "count"} }

// UnmarshalText reads one of the words; [ErrVocabulary].
func (n *NeedBasis) UnmarshalText(b []byte) error { return readWord(n, b, n.Words()) }

// Type gives [TypeNeeds].
func (*Needs) Type() string { return TypeNeeds }

func (n *Needs) check() error {
	var place, period, people error
	if n.Place == nil {
		place = refuse(ErrRequired, "place", "say whose needs they are: the place")
	}
	if n.Period != nil {
		period = n.Period.check()
	}
	if p := n.Population; p != nil && p.Affected.IsZero() && p.InNeed.IsZero() && p.Reached.IsZero() {
		people = refuse(ErrRequired, "population.affected", "give affected, in_need or reached, or leave population out")
	}
	return errors.Join(place, period, people, n.checkItems())
}

// checkItems wants each thing once, and a standard named where one is the basis.
func (n *Needs) checkItems() error {
	type thing struct {
		item ResourceType
		unit Label
	}
	var broken []error
	seen := map[thing]bool{}
	for i := range n.Items {
		item, path := &n.Items[i], entry("items", i)
		of := thing{item.Item, item.Unit}
		switch {
		case seen[of]:
			broken = append(broken, refuse(ErrTwice, path+".item", "%s in %s stands twice: write one row with both together", item.Item, item.Unit))
		case item.Basis == BasisStandard && item.StandardRef == "":
			broken = append(broken, refuse(ErrRequired, path+".standard_ref", "name the standard, its edition and page, or write estimate or count as basis"))
		case item.Basis != BasisStandard && item.StandardRef != "":
			broken = append(broken, refuse(ErrForbidden, path+".standard_ref", "it goes with the basis standard: leave it out, or write standard as basis"))
		}
		seen[of] = true
	}
	return errors.Join(broken...)
}

package board

import (
	"cmp"
	"math/big"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Burden is what is known of a local unit, as the solidarity index needs it. What is not
// known is nil, and never 0.
type Burden struct {
	Institution protocol.InstitutionID `json:"institution"`
	Residents   *int64                 `json:"residents,omitempty"`
	Present     *int64                 `json:"present,omitempty"` // persons
	Arrived     *Arrived               `json:"arrived,omitempty"`
	Places      *int64                 `json:"places,omitempty"`
	Children    *int64                 `json:"children,omitempty"` // of those present
	Gap         *Gap                   `json:"gap,omitempty"`
	Needs       []Shortfall            `json:"needs,omitempty"` // none: no assessment counts
	Records     []protocol.Name        `json:"records,omitempty"`
	Quality     *Quality               `json:"quality,omitempty"` // of the weakest figure or assessment in it, see [View.Grade]: an index is no surer than that

	ResidentsBacking *Backing `json:"residents_backing,omitempty"` // by its registrar; absent: no number is named
	BudgetBacking    *Backing `json:"budget_backing,omitempty"`
}

// Arrived counts the persons who arrived, and the hours that their reports cover.
type Arrived struct {
	Persons int64 `json:"persons"`
	Hours   int64 `json:"hours"`
}

// Gap is what is missing in money against the own yearly budget, in one currency.
type Gap struct {
	Missing  body.Decimal  `json:"missing"`
	Budget   body.Decimal  `json:"budget"`
	Currency body.Currency `json:"currency"`
}

// Shortfall is one need: what is required, and what of it is unmet after help.
type Shortfall struct {
	Required int64 `json:"required"`
	Unmet    int64 `json:"unmet"`
}

// Solidarity is the index of one unit, with all that it was made of. Numbers are per mille,
// the index too: 1000 is the most affected that can be.
type Solidarity struct {
	Burden
	Index      int64            `json:"index"`      // 0 to 1000; 0 if no input is known, with a confidence of 0
	Confidence int64            `json:"confidence"` // the weight of the inputs that are known
	Apart      bool             `json:"apart"`      // not enough is known: silence is no burden of zero
	Parts      []SolidarityPart `json:"parts"`
	Profile    int              `json:"profile"` // the version of the weights
}

// SolidarityPart is one input of an index.
type SolidarityPart struct {
	Input  body.SolidarityInput `json:"input"`
	Weight int64                `json:"weight"`
	Known  bool                 `json:"known"`
	Value  int64                `json:"value"`  // x
	Share  int64                `json:"share"`  // n: the percentile rank, or the value over its cap
	Ranked int                  `json:"ranked"` // among so many units; 0: too few, over its cap

	Registrar RegistrarWord `json:"registrar,omitempty"` // on the number of the profile in it; empty: there is none
}

// Affected computes the index of each unit (domain.md §5): the most affected first, those
// of whom not enough is known behind. It is a pure function of the set of units: their
// order, or one that stands twice, changes nothing.
func Affected(units []Burden, p *body.SolidarityProfile) []Solidarity {
	units = slices.Clone(units)
	slices.SortStableFunc(units, func(a, b Burden) int { return cmp.Compare(a.Institution, b.Institution) })
	units = slices.CompactFunc(units, func(a, b Burden) bool { return a.Institution == b.Institution })
	out := make([]Solidarity, len(units))
	for i := range units {
		out[i] = Solidarity{Burden: units[i], Profile: p.Version}
	}
	for _, w := range p.Inputs {
		var values []int64
		for i := range out {
			part := SolidarityPart{Input: w.Input, Weight: w.Weight, Registrar: out[i].registrar(w.Input)}
			part.Value, part.Known = out[i].input(w.Input)
			if out[i].Parts = append(out[i].Parts, part); part.Known {
				values = append(values, part.Value)
			}
		}
		for i := range out {
			out[i].Parts[len(out[i].Parts)-1].rank(values, w.Cap, p.LeastUnits)
		}
	}
	for i := range out {
		out[i].weigh(p.LeastConfidence)
	}
	slices.SortStableFunc(out, func(a, b Solidarity) int {
		if a.Apart != b.Apart {
			if b.Apart {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(b.Index, a.Index), cmp.Compare(a.Institution, b.Institution))
	})
	return out
}

// registrar says what the registrar says of the number of the profile that an input needs.
func (b *Burden) registrar(of body.SolidarityInput) RegistrarWord {
	back := map[body.SolidarityInput]*Backing{body.InputPressure: b.ResidentsBacking, body.InputMoneyGap: b.BudgetBacking}[of]
	if back == nil {
		return ""
	}
	return back.Word
}

// input gives the value of an input; false if it is not known.
func (b *Burden) input(of body.SolidarityInput) (int64, bool) {
	switch of {
	case body.InputPressure:
		if b.Residents == nil || *b.Residents == 0 || b.Present == nil || b.Arrived == nil || b.Arrived.Hours <= 0 {
			return 0, false
		}
		week := halfUp(b.Arrived.Persons, 7*24*perMille, b.Arrived.Hours)
		return halfUp(*b.Present*perMille+week, perMille, *b.Residents), true
	case body.InputOccupancy:
		if b.Present == nil || b.Places == nil || *b.Places == 0 {
			return 0, false
		}
		return halfUp(*b.Present, perMille, *b.Places), true
	case body.InputMoneyGap:
		if b.Gap == nil || tenThousandths(b.Gap.Budget).Sign() <= 0 {
			return 0, false
		}
		return divided(new(big.Int).Mul(tenThousandths(b.Gap.Missing), big.NewInt(12*perMille)), tenThousandths(b.Gap.Budget)), true
	case body.InputVulnerable:
		if b.Children == nil || b.Present == nil || *b.Present == 0 {
			return 0, false
		}
		return halfUp(*b.Children, perMille, *b.Present), true
	case body.InputUnmet:
		var sum int64
		for _, n := range b.Needs {
			sum += halfUp(n.Unmet, perMille, n.Required)
		}
		if len(b.Needs) == 0 {
			return 0, false
		}
		return halfUp(sum, 1, int64(len(b.Needs))), true
	}
	return 0, false
}

// rank sets the share: how many of the other units that know this input have less, those
// with as much counting half; with too few to rank among, the value over its cap.
func (p *SolidarityPart) rank(values []int64, most int64, least int) {
	if !p.Known {
		return
	}
	if len(values) < max(2, least) {
		p.Share = min(perMille, halfUp(min(p.Value, most), perMille, most))
		return
	}
	var below, same int64
	for _, v := range values {
		if v < p.Value {
			below++
		} else if v == p.Value {
			same++
		}
	}
	p.Ranked = len(values)
	p.Share = halfUp(2*below+same-1, perMille, 2*int64(len(values)-1))
}

// weigh sums the parts that are known, their weights made whole again.
func (s *Solidarity) weigh(least int64) {
	var sum int64
	for _, p := range s.Parts {
		if p.Known {
			sum, s.Confidence = sum+p.Weight*p.Share, s.Confidence+p.Weight
		}
	}
	if s.Confidence > 0 {
		s.Index = halfUp(sum, 1, s.Confidence)
	}
	s.Apart = s.Confidence < least
}

const perMille = 1000

// beyond is more than any cap: a number that would not fit stops there.
const beyond = 1_000_000_000_000_000

// halfUp gives a × times over b, numbers of 0 and more, rounded half up.
func halfUp(a, times, b int64) int64 {
	return divided(new(big.Int).Mul(big.NewInt(a), big.NewInt(times)), big.NewInt(b))
}

func divided(a, b *big.Int) int64 {
	q := rounded(a, b)
	if !q.IsInt64() {
		return beyond
	}
	return min(beyond, q.Int64())
}

// rounded divides, rounded half up.
func rounded(a, b *big.Int) *big.Int {
	twice := new(big.Int).Lsh(a, 1)
	return twice.Add(twice, b).Quo(twice, new(big.Int).Lsh(b, 1))
}

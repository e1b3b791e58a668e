package board

import (
	"math/big"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Declared is what a member's newest profile says of its residents and its own budget, and
// who may confirm it (domain.md §4). The board folds no trust records: who asks hands it in.
type Declared struct {
	Profile   *body.Profile // nil: it has said nothing
	Record    protocol.Name // that says it
	Digest    protocol.Digest
	Registrar protocol.InstitutionID // empty: nobody
}

// RegistrarWord is what a member's registrar says of a number in its profile.
type RegistrarWord string

// The words. A number that is not confirmed counts, and is marked; one that is disputed is as
// good as none.
const (
	RegistrarSilent   RegistrarWord = "unconfirmed"
	RegistrarConfirms RegistrarWord = "confirmed"
	RegistrarDisputes RegistrarWord = "disputed"
)

// Backing is what its registrar says of a number, and in which record.
type Backing struct {
	Word RegistrarWord `json:"word"`
	By   protocol.Name `json:"by,omitzero"` // zero: it has said nothing of this version
}

// ResidentsOf gives the residents that a profile names and what the registrar says of them;
// no number if none is named or if it is disputed, no backing if none is named.
func (v *View) ResidentsOf(d *Declared) (*int64, *Backing) {
	if d.Profile == nil || d.Profile.Residents == nil {
		return nil, nil
	}
	n := int64(d.Profile.Residents.Value)
	back := v.backing(d, "residents", new(big.Int).Mul(big.NewInt(n), big.NewInt(10_000)))
	if back.Word == RegistrarDisputes {
		return nil, back
	}
	return &n, back
}

// BudgetOf gives likewise the own budget.
func (v *View) BudgetOf(d *Declared) (*body.OwnBudget, *Backing) {
	if d.Profile == nil || d.Profile.Budget == nil {
		return nil, nil
	}
	back := v.backing(d, "budget", tenThousandths(d.Profile.Budget.Amount))
	if back.Word == RegistrarDisputes {
		return nil, back
	}
	return d.Profile.Budget, back
}

// backing finds where the registrar stands on a number of the newest profile: its word on the
// field goes before that on the whole record. What it said of an earlier profile is no word on
// this one, and a confirmation with another number confirms nothing.
func (v *View) backing(d *Declared, field body.FieldName, tenThousandths *big.Int) *Backing {
	out := &Backing{Word: RegistrarSilent}
	for i := range v.Endorsements {
		e := &v.Endorsements[i]
		if e.Institution != d.Registrar || e.Of != d.Record || e.OfDigest != d.Digest || e.Ignored != "" {
			continue
		}
		if e.Field != field && (e.Field != "" || !out.By.IsZero()) {
			continue
		}
		out.By, out.Word = e.Record, RegistrarConfirms
		n, exact := e.Value.Exact()
		switch {
		case e.Stance == body.Dispute:
			out.Word = RegistrarDisputes
		case !e.Value.IsZero() && (!exact || new(big.Int).Mul(big.NewInt(n), big.NewInt(10_000)).Cmp(tenThousandths) != 0):
			out.Word = RegistrarSilent
		}
	}
	return out
}

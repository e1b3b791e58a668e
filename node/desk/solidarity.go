package desk

import (
	"cmp"
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// solidarity computes the index of every local unit: the municipalities that are members then.
func (d *Desk) solidarity(of *moment) []board.Solidarity {
	var units []board.Burden
	for _, m := range of.trust.Members() {
		if m.Level == body.Municipality && !m.Out {
			units = append(units, of.view.BurdenOf(m.ID, declared(&m), &d.weights, of.at))
		}
	}
	return board.Affected(units, &d.weights)
}

// ledgers gives what each institution gave and got; a municipality's per 1,000 residents too.
func ledgers(of *moment) []board.Ledger {
	return of.view.Ledgers(func(id protocol.InstitutionID) *board.Declared {
		m, ok := of.trust.Member(id)
		if !ok || m.Level != body.Municipality {
			return nil
		}
		return declared(&m)
	})
}

// declared gives what a member's profile says of itself, for the board to ask who confirms it.
func declared(m *trust.Member) *board.Declared {
	return &board.Declared{Profile: m.Profile, Record: m.ProfileRecord, Digest: m.ProfileDigest, Registrar: m.Registrar}
}

// DeclaredView is the record in which an institution names its residents and its own budget, and
// what its registrar says of them.
type DeclaredView struct {
	Record    protocol.Name  `json:"record"`
	Residents *board.Backing `json:"residents,omitempty"`
	Budget    *board.Backing `json:"budget,omitempty"`
}

// declaredView gives that of an institution; nil if it names neither.
func declaredView(view *board.View, m *trust.Member) *DeclaredView {
	said := declared(m)
	v := &DeclaredView{Record: said.Record}
	_, v.Residents = view.ResidentsOf(said)
	_, v.Budget = view.BudgetOf(said)
	if v.Residents == nil && v.Budget == nil {
		return nil
	}
	return v
}

// UnmetRow is a need that is not met, with how much its unit is affected.
type UnmetRow struct {
	board.Unmet
	Affected *int64 `json:"affected,omitempty"` // the solidarity index, per mille; absent: not enough is known
}

// unmetRows gives what is needed and not met: of the most affected of some units first.
func unmetRows(view *board.View, units []board.Solidarity) []UnmetRow {
	index := map[protocol.InstitutionID]*int64{}
	for i := range units {
		if !units[i].Apart {
			index[units[i].Institution] = &units[i].Index
		}
	}
	rows := []UnmetRow{}
	for _, u := range view.Unmet() {
		rows = append(rows, UnmetRow{u, index[u.Institution]})
	}
	slices.SortStableFunc(rows, func(a, b UnmetRow) int { return cmp.Compare(orNone(b.Affected), orNone(a.Affected)) })
	return rows
}

func orNone(n *int64) int64 {
	if n == nil {
		return -1
	}
	return *n
}

package board

import (
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// money is what of a flow counts for what it is for.
type money struct{ secured, paid, pledged body.Sum }

func (m money) plus(o money) money {
	return money{m.secured.Plus(o.secured), m.paid.Plus(o.paid), m.pledged.Plus(o.pledged)}
}

func (m money) over(o money) money {
	return money{m.secured.Over(o.secured), m.paid.Over(o.paid), m.pledged.Over(o.pledged)}
}

// within gives no more of each than another has.
func (m money) within(o money) money { return m.over(m.over(o)) }

// brings gives what a flow brings: by the donor's word, or by the recipient's where the donor
// says nothing.
func (f *Flow) brings() money {
	if f.Reconciliation == body.RecipientOnly {
		return money{f.Received, f.Received, "0"}
	}
	return money{f.Committed, f.Paid, f.OpenPledge()}
}

// says reports whether a flow says what it is for.
func (f *Flow) says() bool { return len(f.PlanLines) > 0 || len(f.NeedsRefs) > 0 }

// ownMoney gives of each flow what it brings itself, without what its recipient passes on by a
// flow that says what it is for: money counts once, where the last who says so wants it. What is
// passed on in another currency is taken off nothing, since that would be a sum over currencies:
// it counts where the flow that it came from says what it is for, and by itself where that does not.
func (v *View) ownMoney() []money {
	children, named, at := map[protocol.Name][]int{}, map[protocol.Name]*Flow{}, make([]money, len(v.Flows))
	for i := range v.Flows {
		named[v.Flows[i].Flow] = &v.Flows[i]
		if f := &v.Flows[i]; f.PassedOn {
			children[f.ParentFlow] = append(children[f.ParentFlow], i)
		}
	}
	// A flow that is passed on has a parent, and no circle is passed on: it comes to an end.
	var passes func(f *Flow) money
	passes = func(f *Flow) money {
		var out money
		for _, i := range children[f.Flow] {
			switch child := &v.Flows[i]; {
			case child.Currency != f.Currency:
			case child.says():
				out = out.plus(child.brings())
			default:
				out = out.plus(passes(child).within(child.brings()))
			}
		}
		return out
	}
	for i := range v.Flows {
		if f := &v.Flows[i]; f.exchanged(named) {
			at[i] = money{"0", "0", "0"}
		} else {
			at[i] = f.brings().over(passes(f))
		}
	}
	return at
}

// exchanged reports whether the money of a flow came in another currency by one that says what it
// is for, and counts it.
func (f *Flow) exchanged(named map[protocol.Name]*Flow) bool {
	for other := false; f.PassedOn; {
		parent := named[f.ParentFlow]
		if other = other || parent.Currency != f.Currency; other && parent.says() {
			return true
		}
		f = parent
	}
	return false
}

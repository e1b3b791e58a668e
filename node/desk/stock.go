package desk

import (
	"errors"
	"fmt"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// ErrStock says that more would be promised than the provider itself has declared to have.
var ErrStock = errors.New("more than is declared and not promised yet")

// goods is what is counted: a type in a unit.
type goods struct {
	kind body.ResourceType
	unit string
}

// stock gives what an institution has declared of a kind and not promised since: the
// available of its declarations that are live, without what it has committed after them, and
// with what it has had back. What it committed before is in the declaration. It is false where
// nothing is declared, or no number.
func stock(view *board.View, as protocol.InstitutionID, of goods) (left int64, known bool) {
	var oldest protocol.Name
	for i := range view.Capacities {
		c := &view.Capacities[i]
		if c.Institution != as {
			continue
		}
		for k := range c.Items {
			item := &c.Items[k]
			if item.Type != of.kind || string(item.Unit) != of.unit {
				continue
			}
			n, ok := available(item)
			if !ok {
				return 0, false
			}
			left, known = left+n, true
			declared := c.Record
			if !c.Correction.IsZero() {
				declared = c.Correction
			}
			if oldest.IsZero() || earlier(declared, oldest) {
				oldest = declared
			}
		}
	}
	if !known {
		return 0, false
	}
	return left - boundSince(view, as, of, oldest), true
}

// available reads an item: what is said to be free, else what is not committed of all.
func available(item *body.CapacityItem) (int64, bool) {
	switch {
	case item.Available != nil:
		return int64(*item.Available), true
	case item.Total != nil && item.Committed != nil:
		return max(0, int64(*item.Total)-int64(*item.Committed)), true
	case item.Total != nil:
		return int64(*item.Total), true
	}
	return 0, false
}

// earlier orders two records of one feed; declarations and commits are of one.
func earlier(a, b protocol.Name) bool {
	if a.Epoch != b.Epoch {
		return a.Epoch < b.Epoch
	}
	return a.Sequence < b.Sequence
}

// boundSince sums what an institution has promised after a record of its own, without what it
// has had back since.
func boundSince(view *board.View, as protocol.InstitutionID, of goods, since protocol.Name) int64 {
	var sum int64
	signs := map[string]int64{body.StepCommit.String(): 1, body.StepReturned.String(): -1}
	for i := range view.Steps {
		s := &view.Steps[i]
		sign := signs[s.Step]
		if s.Institution != as || sign == 0 || s.Ignored != "" || !earlier(since, s.Record) {
			continue
		}
		t, ok := exchangeOf(view, s.Thread)
		if !ok {
			continue
		}
		for _, l := range s.Lines {
			root, ok := t.line(l.Answers)
			if ok && l.Ignored == "" && root.kind == of.kind && root.unit == of.unit {
				sum += sign * l.Quantity
			}
		}
	}
	return sum
}

// checkStock refuses to promise more than there is. Lines of one kind are taken together.
func checkStock(view *board.View, as protocol.InstitutionID, step *body.ResourceStep) error {
	wanted := map[goods]int64{}
	for i := range step.Lines {
		l := &step.Lines[i]
		of := goods{l.Type, string(l.Unit)}
		wanted[of] += int64(l.Quantity)
		if left, known := stock(view, as, of); known && wanted[of] > left {
			return &Problem{
				Kind: Refused, Field: fmt.Sprintf("lines[%d].quantity", i),
				Detail: fmt.Sprintf("%d %s are promised, and %s has declared %d that are free", wanted[of], l.Type, as, max(0, left)),
				Mend:   "promise fewer, or declare what is there now", Next: "vardar publish capacity --from last", Err: ErrStock,
			}
		}
	}
	return nil
}

// offerWarnings says where an offer is more than there is; it binds nobody yet.
func offerWarnings(view *board.View, as protocol.InstitutionID, step *body.ResourceStep) []string {
	if step.Step != body.StepOffer {
		return nil
	}
	var out []string
	for i := range step.Lines {
		l := &step.Lines[i]
		if left, known := stock(view, as, goods{l.Type, string(l.Unit)}); known && int64(l.Quantity) > left {
			out = append(out, fmt.Sprintf("line %d offers %d %s, and %d are declared and free", l.Line, l.Quantity, l.Type, max(0, left)))
		}
	}
	return out
}

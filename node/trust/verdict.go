package trust

import (
	"slices"

	"github.com/vardar-network/vardar/protocol"
)

// Verdict is what is to be made of one branch of an epoch, from its sequence 1 to its head
// (epochs.md 10, 11). A record that lies on several branches stands as it does on the
// best of them.
type Verdict struct {
	Counts  uint32 // up to and with this sequence; 0: nothing
	Stopped uint32 // from this sequence on, until Closer ends it; 0: nowhere
	Void    uint32 // from this sequence on; 0: nowhere

	Why    string                 // in words; empty where all counts
	Closer protocol.InstitutionID // who can end it, or take it back; empty: nobody need, or the stewards by the next charter
	By     protocol.Name          // the record that says what counts; zero: a charter, or none
}

// Of says how a record of the branch stands.
func (v Verdict) Of(sequence uint32) (stopped, void bool) {
	return v.Stopped > 0 && sequence >= v.Stopped, v.Void > 0 && sequence >= v.Void
}

// Judge gives the verdict on each branch that a store holds of an epoch, in their order.
func (g *Registry) Judge(e protocol.EpochID, branches []Branch) []Verdict {
	g.mu.RLock()
	defer g.mu.RUnlock()
	j, closer := g.judge(e, branches), g.closer(e)
	out := make([]Verdict, len(branches))
	for i, b := range branches {
		v := Verdict{Counts: b.Head}
		switch {
		case !slices.Contains(j.Roots, b.Root):
			v = Verdict{Void: 1, Why: "its epoch was not opened by who may open it", Closer: closer}
		case j.Closed:
			v.Closer, v.By = closer, j.said.By
			switch {
			case j.Last.Sequence == 0:
				v.Counts, v.Void, v.Why = 0, 1, "nothing of this epoch counts, says who opened the next"
			case !b.holds(j.Last):
				v.Counts, v.Void, v.Why = 0, 1, "it lies on another branch than the last record that counts"
			case b.Head > j.Last.Sequence:
				v.Counts, v.Void, v.Why = j.Last.Sequence, j.Last.Sequence+1, "it lies behind the last record that counts"
			default:
				v.Closer, v.By = "", protocol.Name{}
			}
		case j.Stopped > 0:
			v.Counts, v.Stopped, v.Closer = min(b.Head, j.Stopped-1), j.Stopped, closer
			v.Why = "another record stands at the same position, and nobody has said which counts"
			if j.waits {
				v.Why = "its epoch was opened in two ways, and nobody has said which counts"
			}
		}
		out[i] = v
	}
	return out
}

// closer gives who can open the next epoch or state last again: the author; of a trust
// feed, and of a member that is out, its registrar.
func (g *Registry) closer(e protocol.EpochID) protocol.InstitutionID {
	if e.Topic != protocol.Trust && g.takesPart(e.Institution) {
		return e.Institution
	}
	if _, named := g.named[e.Institution]; named {
		return ""
	}
	registrar, _ := g.charter.Charter.RegistrarOf(e.Institution)
	return registrar
}

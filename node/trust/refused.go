package trust

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Refusal is a record that counts, and opens nothing though it says so: its author may not
// say that, or it is no good. It is news for people, and no verdict.
type Refusal struct {
	Record protocol.Name
	Digest protocol.Digest
	Why    string // names whom or what it lacks
	Beyond bool   // an admission that another registrar has to write, or nobody
}

// Refused gives the admissions and key records that do not do what they say, by author and position.
func (g *Registry) Refused() []Refusal {
	g.mu.RLock()
	defer g.mu.RUnlock()
	var out []Refusal
	for k, why := range g.refused {
		if g.stands(k.branch) {
			out = append(out, Refusal{Record: k.name(), Digest: k.digest, Why: why})
		}
	}
	for feed, epochs := range g.epochs {
		for epoch, c := range epochs {
			standing := g.standing(protocol.EpochID{Feed: feed, Epoch: epoch})
			for _, o := range slices.Concat(c.firsts, c.rest) {
				if why := g.refusal(o, standing); why != "" && g.stands(o.at.branch) {
					_, may := g.written(o)
					out = append(out, Refusal{o.name(), o.digest(), why, !may && !o.foreign})
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b Refusal) int {
		return cmp.Or(
			strings.Compare(string(a.Record.Institution), string(b.Record.Institution)), cmp.Compare(a.Record.Epoch, b.Record.Epoch),
			cmp.Compare(a.Record.Sequence, b.Record.Sequence), bytes.Compare(a.Digest[:], b.Digest[:]),
		)
	})
	return out
}

// refusal says why an opener opens nothing beside those that stand; "" if it stands, says
// the same again, or is void.
func (g *Registry) refusal(o *opener, standing []*opener) string {
	if slices.Contains(standing, o) {
		return ""
	}
	if o.foreign {
		return fmt.Sprintf("it admits %s to another network", o.opens.Institution)
	}
	if _, ok := g.written(o); !ok {
		registrar, named := g.charter.Charter.RegistrarOf(o.opens.Institution)
		if !named {
			return fmt.Sprintf("it admits %s, for whom the charter names no registrar", o.opens.Institution)
		}
		return fmt.Sprintf("it admits %s, whom %s alone admits", o.opens.Institution, registrar)
	}
	for _, first := range standing {
		if same := first.key == o.key && first.claim == o.claim; !same && first.at != nil {
			return fmt.Sprintf("%s opened epoch %d of %s before it, with another key", first.name(), o.opens.Epoch, o.opens.Feed)
		}
	}
	return ""
}

// refuse remembers that a key record says nothing.
func (g *Registry) refuse(k *ring, says *body.KeyRecord, why string) {
	g.refused[k] = fmt.Sprintf("it names %s key %s, %s", article(says.Use), says.Key, why)
}

func article(use protocol.KeyUse) string {
	if use == protocol.UseIdentity || use == protocol.UseAge {
		return "an " + string(use)
	}
	return "a " + string(use)
}

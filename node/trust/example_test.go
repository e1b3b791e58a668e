package trust_test

import (
	"fmt"

	"github.com/vardar-network/vardar/protocol"
)

// A municipality is admitted by its registrar, and opens a feed with a key record in its
// own trust feed.
func Example() {
	g := network() // of the charter, by trust.New
	admits := penOf(association).write(admission(gevgelija))
	key := newPen(gevgelija, identity(gevgelija), admits.Digest()).write(keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija)))

	fmt.Println("changed:", g.Add(key)) // in any order
	fmt.Println("changed:", g.Add(admits))
	o, ok := g.Current(protocol.Feed{Institution: gevgelija, Topic: protocol.Situation})
	fmt.Println(o.EpochID, "opened by", o.By, ok)
	fmt.Println("may warn:", g.May(gevgelija, "vardar.alert.warning.v1"))
	// Output:
	// changed: [mk.southeast.gevgelija/situation]
	// changed: [mk.southeast.gevgelija/trust mk.southeast.gevgelija/situation]
	// mk.southeast.gevgelija/situation.1 opened by mk.southeast.gevgelija/trust.1.1 true
	// may warn: false
}

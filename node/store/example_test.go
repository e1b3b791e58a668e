package store_test

import (
	"context"
	"fmt"
	"os"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

func Example() {
	dir, err := os.MkdirTemp("", "archive")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary directory
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{Dir: dir, Clock: clock()})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close() //nolint:errcheck // nothing is waiting

	a := newAuthor("mk.southeast.gevgelija", protocol.Situation, 1)
	first, second, third := a.write("quiet", 0), a.write("busy", 0), a.write("quiet again", 0)
	results, err := s.Append(ctx, []protocol.Record{first, third})
	fmt.Println(results[0].Status, results[1].Status, err)
	results, err = s.Append(ctx, []protocol.Record{second, third})
	fmt.Println(results[0].Status, results[1].Status, results[1].Head, err)

	held, err := s.Get(second.Name)
	fmt.Println(held.Name, held.Order, err)
	// Output:
	// added gap <nil>
	// added added 3 <nil>
	// mk.southeast.gevgelija/situation.1.2 2 <nil>
}

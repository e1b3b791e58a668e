package federation_test

import (
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// saidIn tells what the records of a node that does not run say, of those that are asked for.
func saidIn(t *testing.T, dir string, asked func(*protocol.Record) bool, take func(*protocol.Record, body.Body)) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: dir, Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	for name := range digestsIn(t, s) {
		r, err := s.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		if !asked(&r.Record) {
			continue
		}
		said, err := body.Parse(r.Type, r.Body)
		if err != nil {
			t.Fatal(err)
		}
		take(&r.Record, said)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

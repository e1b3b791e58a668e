package api_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	vardar "github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestProviderNeverPromisesMoreThanItHas: 200 at once accept and commit one blanket each, of
// 200 that were offered and 100 that are there, over the API of a running node.
func TestProviderNeverPromisesMoreThanItHas(t *testing.T) {
	const (
		asks  protocol.InstitutionID = "mk.southeast.demo-south-gate"
		gives protocol.InstitutionID = "mk.southeast.demo-river-town"

		requests, each, stock = 20, 10, 100
	)
	socket := filepath.Join(t.TempDir(), "vardar.sock")
	net, err := federation.Start(t.Context(), federation.Options{
		Dir: t.TempDir(), Each: func(id protocol.InstitutionID, o *vardar.Options) {
			if id == asks {
				o.Socket = socket
			}
		},
	}, federation.Plan{
		Network: "Test network", Registrars: map[protocol.InstitutionID][]string{centre: {"mk."}},
		Nodes: [][]federation.Member{{{ID: centre, Level: body.Ministry}}, {{ID: asks, Level: body.Municipality}, {ID: gives, Level: body.Municipality}}},
	})
	if net != nil {
		t.Cleanup(func() { ok(t, net.Close()) })
	}
	ok(t, err)
	client := api.NewClient(socket)
	t.Cleanup(client.Close)
	publish := func(as protocol.InstitutionID, kind, document string) api.Published {
		return must(client.Publish(t.Context(), api.Request{As: as, Kind: kind, Body: json.RawMessage(document)}))(t)
	}
	answer := func(as protocol.InstitutionID, record protocol.Name, step string, n int64) error {
		_, err := client.Answer(t.Context(), api.AnswerRequest{As: as, Record: record.String(), Step: step, Lines: []api.LineQuantity{{Line: 1, Quantity: n}}})
		return err
	}
	publish(gives, "capacity", fmt.Sprintf(`{"place":{"scheme":"iso3166-2","code":"MK-405"},"items":[{"type":"blanket","unit":"pieces","available":%d}]}`, stock))
	var offers []protocol.Name
	for range requests {
		r := publish(asks, "request", fmt.Sprintf(`{"answer_by":"2036-11-05T12:00:00Z","deliver_to":{"place":{"scheme":"iso3166-2","code":"MK-405"}},
			"lines":[{"line":1,"type":"blanket","quantity":%d,"unit":"pieces"}]}`, each))
		offers = append(offers, must(client.Answer(t.Context(), api.AnswerRequest{As: gives, Record: r.Record.String(), Step: "offer"}))(t).Record)
	}
	var accepted, committed atomic.Int64
	var wg sync.WaitGroup
	for i := range requests * each {
		wg.Go(func() {
			if answer(asks, offers[i%requests], "accept", each) == nil { // the first of ten; then there is an order
				accepted.Add(1)
			}
			switch err := answer(gives, offers[i%requests], "commit", 1); {
			case err == nil:
				committed.Add(1)
			case !strings.Contains(err.Error(), "1 blanket are promised, and "+string(gives)+" has declared 0 that are free"):
				t.Errorf("refused: %v", err)
			}
		})
	}
	wg.Wait()
	if accepted.Load() != requests || committed.Load() != stock {
		t.Errorf("%d offers were accepted and %d blankets committed, want %d and %d", accepted.Load(), committed.Load(), requests, stock)
	}
	var shown int64
	for _, r := range must(client.List(t.Context(), api.Query{What: "requests"}))(t).Rows.([]api.RequestRow) {
		shown += r.Lines[0].Committed
	}
	if shown != stock {
		t.Errorf("%d are shown as committed, want %d", shown, stock)
	}
}

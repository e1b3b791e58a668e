package api_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/staff"
)

// TestNoMoreGoesOutThanIsThereOverTheAPI: 200 at once take one blanket each of 100.
func TestNoMoreGoesOutThanIsThereOverTheAPI(t *testing.T) {
	const camp, stock = "x:mk:reception-south", 100
	n := open(t)
	must(n.client.SetSite(t.Context(), api.SiteRequest{Place: camp, Name: "Reception camp"}))(t)
	move := func(way api.Direction, q api.Quantity) error {
		_, err := n.client.MoveGoods(t.Context(), api.MoveRequest{Place: camp, Direction: way, Lines: []api.MovedLine{{Type: "blanket", Quantity: q}}})
		return err
	}
	ok(t, move(api.GoodsIn, stock))
	var went atomic.Int64
	var wg sync.WaitGroup
	for range 2 * stock {
		wg.Go(func() {
			var p *api.Problem
			switch err := move(api.GoodsOut, 1); {
			case err == nil:
				went.Add(1)
			case !errors.As(err, &p) || p.Kind != api.Refused || p.Field != "lines[0].quantity" || p.Mend == "":
				t.Errorf("refused: %v", err)
			}
		})
	}
	wg.Wait()
	all := must(n.client.Sites(t.Context(), ""))(t)
	if went.Load() != stock || len(all) != 1 || all[0].Goods[0].Quantity != 0 {
		t.Errorf("%d went, want %d; the sites are %+v", went.Load(), stock, all)
	}
	if log := must(n.client.Movements(t.Context(), centre, camp, 500))(t); len(log) != stock+1 || log[0].Lines[0].Left != 0 || log[stock].Lines[0].Left != stock {
		t.Errorf("%d movements, want %d", len(log), stock+1)
	}
}

// TestDraftOfASiteIsSentAsItWasLookedAt: by programs too, and once under a key.
func TestDraftOfASiteIsSentAsItWasLookedAt(t *testing.T) {
	n := open(t)
	must(n.client.SetSite(t.Context(), api.SiteRequest{Place: "MK-405", Name: "Town hall"}))(t)
	secret := must(n.client.AddToken(t.Context(), api.TokenRequest{Name: "depot", Role: staff.Officer, Scope: staff.Publish}))(t).Secret
	l := must(api.ListenLoopback(t.Context(), "127.0.0.1:0"))(t)
	n.serve(l, n.server.ByToken())
	address := l.Addr().String()
	in := `{"place":"MK-405","direction":"in","lines":[{"type":"tent","quantity":7}]}`
	for range 2 {
		if status, text := n.posts(address, secret, "/v1/sites/move", "key-of-this-lorry", in); status != http.StatusOK {
			t.Fatalf("goods: %d %s", status, text)
		}
	}
	draft := must(n.client.DraftCapacity(t.Context(), "", "MK-405"))(t)
	if len(draft.Items) != 1 || *draft.Items[0].Available != 7 {
		t.Errorf("drafted: %+v", draft)
	}
	if status, text := n.posts(address, secret, "/v1/sites/declare", "", `{"place":"MK-405","digest":"0"}`); status != http.StatusUnprocessableEntity || !strings.Contains(text, `"field":"digest"`) {
		t.Errorf("another draft: %d %s", status, text)
	}
	p := must(n.client.Declare(t.Context(), api.DeclareRequest{Place: "MK-405", Digest: draft.Digest}))(t)
	if !strings.Contains(string(p.Body), `"available":7`) {
		t.Errorf("sent: %s", p.Body)
	}
}

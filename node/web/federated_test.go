package web_test

import (
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

const (
	town protocol.InstitutionID = "mk.southeast.demo-south-gate"
	hub  protocol.InstitutionID = "int.regional.demo-secretariat"
)

// federated starts three nodes with pages: a municipality, the crisis centre that is its
// registrar, and the regional body, and one of each municipality besides. Town and centre have said
// one thing each.
type federated struct {
	net   *federation.Network
	sites map[protocol.InstitutionID]*site
}

func federate(t *testing.T, towns ...protocol.InstitutionID) *federated {
	t.Helper()
	member := func(id protocol.InstitutionID, level body.Level, name string) []federation.Member {
		return []federation.Member{{ID: id, Level: level, Names: body.Names{"en": body.Label(name)}}}
	}
	nodes := [][]federation.Member{
		member(hub, body.RegionalBody, "Demo secretariat"), member(centre, body.Ministry, "Demo crisis centre"), member(town, body.Municipality, "Demo south gate"),
	}
	for _, id := range towns {
		nodes = append(nodes, member(id, body.Municipality, id.LocalName()))
	}

	net, err := federation.Start(t.Context(), federation.Options{
		Dir: t.TempDir(), Timing: node.Timing{Heartbeat: 500 * time.Millisecond, Redial: 300 * time.Millisecond, Soon: 100 * time.Millisecond},
		Each: func(_ protocol.InstitutionID, o *node.Options) { o.Pages, o.Second = "127.0.0.1:0", []string{"phase"} },
	}, federation.Plan{
		Network: "Test network", Nodes: nodes,
		Registrars: map[protocol.InstitutionID][]string{hub: {"int."}, centre: {"mk.", "gr."}},
	})
	t.Cleanup(func() {
		if net != nil {
			ok(t, net.Close())
		}
	})
	ok(t, err)
	f := &federated{net, map[protocol.InstitutionID]*site{}}
	for _, id := range append([]protocol.InstitutionID{hub, centre, town}, towns...) {
		f.sites[id] = &site{t: t, node: net.Node(id)}
	}
	for id, place := range map[protocol.InstitutionID]string{centre: "MK", town: "MK-405"} {
		must(f.sites[id].node.Desk().Publish(t.Context(), desk.Request{Kind: "report", Set: []string{
			"place=" + place, "period=2015-11-05", "figures.arrivals=960", "summary=A quiet day.",
		}}))(t)
	}
	return f
}

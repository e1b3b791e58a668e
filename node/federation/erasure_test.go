package federation_test

import (
	"context"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// An erased body leaves every node that holds it, one that was cut off included, and one
// that has it from nobody any more gets header and erasure alone.
func TestErasedBodyLeavesEveryNodeAndReachesNobodyAgain(t *testing.T) {
	t.Parallel()
	n := start(t, small())
	said := say(t, n, town, "a name that must go")
	for _, at := range []protocol.InstitutionID{hub, capital, neighbour, abroad} {
		arrives(t, n, at, said.Name)
	}
	far := n.Line(neighbour, abroad)
	far.Cut()
	second := say(t, n, town, "another name that must go")
	for _, record := range []node.Said{said, second} {
		e := &body.Erasure{Topic: record.Topic, Reason: "it named a person"}
		e.Refs = []body.Ref{{Rel: body.RelErases, Record: record.Name, Digest: heldAt(t, n.Node(town), record.Name).Digest}}
		if _, err := n.Node(town).Say(t.Context(), town, e, protocol.Green); err != nil {
			t.Fatal(err)
		}
	}
	for _, at := range []protocol.InstitutionID{hub, capital, town, neighbour} {
		erased(t, n.Node(at), said.Name)
		erased(t, n.Node(at), second.Name)
	}
	if got := heldAt(t, n.Node(abroad), said.Name).BodyState; got != protocol.BodyHeld {
		t.Fatalf("the body is %s where the line is cut", got)
	}
	far.Heal()
	erased(t, n.Node(abroad), said.Name)
	erased(t, n.Node(abroad), second.Name)
	if err := n.Settle(within(t)); err != nil {
		t.Fatal(err)
	}
	at := time.Now()
	for _, other := range n.Nodes() {
		await(t, other, "it shows the picture of "+string(hub), func() bool { return other.PictureDigest(at) == n.Node(hub).PictureDigest(at) })
		for _, state := range []protocol.BodyState{protocol.BodyMissing, protocol.BodyWithheld} {
			for name, err := range other.Store().Bodies(context.Background(), state) {
				t.Errorf("%s would ask for the body of %s (%s, %v)", other.Institutions()[0], name, state, err)
			}
		}
	}
	if err := n.Stop(abroad); err != nil {
		t.Fatal(err)
	}
	if err := n.Restart(t.Context(), abroad); err != nil {
		t.Fatal(err)
	}
	erased(t, n.Node(abroad), said.Name)
}

// A peer that is asked for an erased body says that it is erased.
func TestPeerIsToldThatABodyIsErased(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	said := say(t, n, neighbour, "a name that must go")
	arrives(t, n, capital, said.Name)
	e := &body.Erasure{Topic: said.Topic, Reason: "it named a person"}
	e.Refs = []body.Ref{{Rel: body.RelErases, Record: said.Name, Digest: heldAt(t, n.Node(neighbour), said.Name).Digest}}
	if _, err := n.Node(capital).Say(t.Context(), capital, e, protocol.Green); err != nil { // its registrar
		t.Fatal(err)
	}
	erased(t, n.Node(capital), said.Name)
	erased(t, n.Node(neighbour), said.Name)
	v := turn(t, n, dir)
	v.request(protocol.OpHello, v.hello())
	if got := v.bodyOf(said.Name); got != protocol.BodyErased {
		t.Errorf("a range says the body is %s, want %s", got, protocol.BodyErased)
	}
	frame := v.request(protocol.OpBodies, protocol.BodiesQuestion{V: 1, Records: []protocol.Name{said.Name}})
	runs, err := protocol.ParseFrame(frame, nil)
	if err != nil || len(runs) != 1 || runs[0].Records[0].BodyState != protocol.BodyErased {
		t.Errorf("asked for the body it answers %+v, %v", runs, err)
	}
}

func erased(t *testing.T, n *node.Node, name protocol.Name) {
	t.Helper()
	await(t, n, "the body of "+name.String()+" is erased", func() bool {
		held, err := n.Store().Get(name)
		return err == nil && held.BodyState == protocol.BodyErased
	})
}

func heldAt(t *testing.T, n *node.Node, name protocol.Name) store.Stored {
	t.Helper()
	held, err := n.Store().Get(name)
	if err != nil {
		t.Fatal(err)
	}
	return held
}

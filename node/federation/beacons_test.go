package federation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// told counts how often the capital told the villain each beacon, and has the villain say
// that it does not believe those of some institutions.
func (v *villain) told(disbelieved ...protocol.InstitutionID) (times func(protocol.Beacon) int) {
	counts := map[string]int{}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.answers[protocol.OpBeacon] = func(m *nats.Msg) {
		var q protocol.BeaconsMessage
		if err := protocol.DecodeControl(m.Data, &q); err != nil {
			v.t.Error(err)
		}
		for _, wire := range q.Beacons {
			counts[wire]++
		}
		v.say(m, protocol.BeaconsAnswer{V: 1, Unbelieved: disbelieved})
	}
	return func(b protocol.Beacon) int {
		v.mu.Lock()
		defer v.mu.Unlock()
		return counts[string(b.Wire())]
	}
}

// heardAndStopped gives the last beacon of a node that the capital has heard and that
// speaks no more.
func heardAndStopped(t *testing.T, v *villain, id protocol.InstitutionID) protocol.Beacon {
	t.Helper()
	at := v.n.Node(capital)
	await(t, at, "a beacon is held", func() bool { _, _, ok := at.Store().Beacon(id); return ok })
	if err := v.n.Stop(id); err != nil {
		t.Fatal(err)
	}
	b, _, _ := at.Store().Beacon(id)
	return b
}

// A peer does not know the key of a beacon yet, and says so: it is told that beacon again,
// or what its author says last would be news to it a quarter of an hour later.
func TestBeaconThatAPeerDoesNotBelieveIsToldAgain(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	v := turn(t, n, dir)
	b := heardAndStopped(t, v, neighbour)
	v.behaves()
	times := v.told(neighbour)
	v.request(protocol.OpHello, v.hello())
	await(t, n.Node(capital), "the beacon is told three times", func() bool { return times(b) >= 3 })
}

// A peer was in trouble when it was told beacons: it is told them again.
func TestBeaconsThatAPeerRefusedAreToldAgain(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	v := turn(t, n, dir)
	b := heardAndStopped(t, v, neighbour)
	v.behaves()
	times := v.told()
	v.mu.Lock()
	believes, refused := v.answers[protocol.OpBeacon], false
	v.answers[protocol.OpBeacon] = func(m *nats.Msg) {
		if strings.Contains(string(m.Data), string(neighbour)) && !refused {
			refused = true
			v.say(m, protocol.ErrorAnswer{V: 1, Code: protocol.CodeInternal})
			return
		}
		believes(m)
	}
	v.mu.Unlock()
	v.request(protocol.OpHello, v.hello())
	await(t, n.Node(capital), "the beacon is told again", func() bool { return times(b) > 0 })
}

// Who passes a beacon on is told whose was not believed, and no other's.
func TestAnswerNamesWhoseBeaconIsNotBelieved(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	v := turn(t, n, dir)
	ask := func(of protocol.InstitutionID) []protocol.InstitutionID {
		record := v.writes(salted("quiet", 0))[0]
		b := protocol.Beacon{Institution: town, Time: protocol.InstantOf(time.Now()), Heads: []protocol.Head{
			{Topic: protocol.Situation, Epoch: 1, Sequence: 1, Digest: record.Digest()},
		}}
		if err := v.safe.SignBeacon(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		wire := strings.Replace(string(b.Wire()), string(town), string(of), 1)
		var answer protocol.BeaconsAnswer
		if err := protocol.DecodeControl(v.request(protocol.OpBeacon, protocol.BeaconsMessage{V: 1, Beacons: []string{wire}}), &answer); err != nil {
			t.Fatal(err)
		}
		return answer.Unbelieved
	}
	if got, want := ask(neighbour), []protocol.InstitutionID{neighbour}; !slices.Equal(got, want) {
		t.Errorf("a beacon of one whose key is another: %v, want %v", got, want)
	}
	if got := ask(town); len(got) != 0 {
		t.Errorf("a good beacon: %v, want nobody", got)
	}
}

// The beacon of a member that is closed would be believed by nobody: it is told to nobody,
// or each peer would be told it again and again.
func TestBeaconOfAClosedMemberIsToldToNobody(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	v := turn(t, n, dir)
	at := n.Node(capital)
	b := heardAndStopped(t, v, neighbour)
	if _, err := at.Desk().Close(t.Context(), desk.CloseRequest{Institution: neighbour, Reason: "merged"}); err != nil {
		t.Fatal(err)
	}
	await(t, at, "the capital speaks", func() bool { _, _, ok := at.Store().Beacon(capital); return ok })
	v.behaves()
	times := v.told()
	v.request(protocol.OpHello, v.hello())
	await(t, at, "the villain is told the capital's beacon", func() bool {
		own, _, ok := at.Store().Beacon(capital)
		return ok && times(own) > 0
	})
	if n := times(b); n > 0 { // all go in one message
		t.Errorf("the beacon of a closed member was told %d times", n)
	}
}

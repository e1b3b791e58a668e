package federation_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

const (
	newcomer  protocol.InstitutionID = "mk.southeast.new-town"
	latecomer protocol.InstitutionID = "mk.southeast.late-town"
)

// An invitation that a thief has made himself, one that was taken already, one that has
// expired, whatever the guest's own copy says, and one that was cut off anywhere let nobody
// in; the guest is told what to do, and the member's place stays its own.
func TestInvitationThatIsForgedOrUsedLetsNobodyIn(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	at := n.Node(capital)
	inv, err := at.Invite(t.Context(), node.InviteRequest{Institution: newcomer, Level: body.Municipality, Addresses: []string{at.Addr()}})
	if err != nil {
		t.Fatal(err)
	}
	join := func(folder string, inv protocol.Invitation) error {
		_, err := node.Join(t.Context(), node.Options{Dir: filepath.Join(dir, folder), Version: "test"}, inv, node.Opening{})
		return err
	}
	forged := inv
	forged.Claim = keyFrom(9)
	refused := func(err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), "does not let this invitation in") || !strings.Contains(err.Error(), "ask for a new one") {
			t.Errorf("want it refused and said what to do, got %v", err)
		}
	}
	refused(join("thief", forged))
	if err := join("guest", inv); err != nil {
		t.Fatal(err)
	}
	for _, at := range n.Nodes() {
		await(t, at, "the guest is a member", func() bool { m, ok := at.Trust().Member(newcomer); return ok && m.Claimed })
	}
	m, _ := at.Trust().Member(newcomer)
	refused(join("second", inv))
	refused(join("third", forged))
	stale := inv
	stale.Institution, stale.Claim = latecomer, keyFrom(11)
	if _, err := at.Say(t.Context(), capital, &body.Admission{
		Institution: latecomer, Level: body.Municipality, FeedEpoch: 1, Claim: protocol.KeyOf(stale.Claim), Charter: inv.Charter,
		Expires: body.Time(protocol.InstantOf(time.Now().Add(-time.Hour))),
	}, protocol.Green); err != nil {
		t.Fatal(err)
	}
	refused(join("late", stale)) // its own copy says that it is good for days
	for line, length := inv.Line(), 0; length < len(line); length++ {
		if _, err := protocol.ParseInvitation(line[:length]); !errors.Is(err, protocol.ErrInvitation) {
			t.Fatalf("the first %d characters of a line are read: %v, want %v", length, err, protocol.ErrInvitation)
		}
	}
	agree(t, n)
	for _, at := range n.Nodes() {
		if late, _ := at.Trust().Member(latecomer); late.Claimed {
			t.Errorf("on %s an expired invitation was taken", at.Institutions()[0])
		}
		if now, _ := at.Trust().Member(newcomer); now.IdentityKey != m.IdentityKey || now.IdentityKey.IsZero() {
			t.Errorf("on %s the seat changed hands", at.Institutions()[0])
		}
	}
	goOn(t, n)
}

// A member offers what is no record of its author: one bit of a neighbour's record changed,
// its records with bodies exchanged, a record of its feed that hangs on the member's own
// opener; and what is held already, as often as it likes. Nothing of it is kept, and the
// node says whose link it came over and which rule it broke.
func TestRelayThatFalsifiesIsCountedByRule(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	one, two := say(t, n, neighbour, "one"), say(t, n, neighbour, "two")
	arrives(t, n, town, two.Name)
	at := n.Node(capital)
	held := func(said node.Said) protocol.Record {
		r, err := at.Record(said.Name)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	opener, err := n.Node(town).Say(t.Context(), town, opensBy(town, protocol.Resource, keyFrom(8), &body.Last{Unknown: true}), protocol.Green)
	if err != nil {
		t.Fatal(err)
	}
	arrives(t, n, capital, opener.Name)
	v := turn(t, n, dir)
	before := at.Records()
	bit := held(two)
	bit.Body = append([]byte(nil), bit.Body...)
	bit.Body[len(bit.Body)-3] ^= 1
	bit.SetBody(bit.Body)
	first, second := held(one), held(two)
	first.Body, second.Body = second.Body, first.Body
	first.SetBody(first.Body)
	second.SetBody(second.Body)
	second.Previous = first.Digest()
	foreign := held(two)
	foreign.Position = protocol.Position{Topic: protocol.Resource, Epoch: 2, Sequence: 1}
	foreign.Type, foreign.Previous = "vardar.resource.note.v1", opener.Digest
	foreign.Sign(keyFrom(8))
	for _, lie := range []struct {
		name    string
		records []protocol.Record
	}{
		{"one bit", []protocol.Record{bit}},
		{"bodies exchanged", []protocol.Record{first, second}},
		{"an opener for somebody else's feed", []protocol.Record{foreign}},
	} {
		a := v.push(frameOf(t, lie.records...))
		if len(a.Runs) != 1 || a.Runs[0].Outcome == protocol.Accepted || a.Runs[0].Outcome == protocol.Forked || at.Records() != before {
			t.Errorf("%s: answered %+v, and %d records more", lie.name, a, at.Records()-before)
		}

	}
	for range 5 {
		if a := v.push(frameOf(t, held(one), held(two))); len(a.Runs) != 1 || a.Runs[0].Sequence != two.Sequence || at.Records() != before {
			t.Errorf("a replay was answered %+v", a)
		}
	}
	finding(t, at, "dropped since ")
	status, err := at.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range status.Dropped {
		if row.Peer != town || row.Rule == "" || row.Records == 0 {
			t.Errorf("dropped: %+v, want the peer and the rule", row)
		}
	}
	if len(status.Dropped) == 0 || len(status.Forks) > 0 {
		t.Errorf("dropped %+v, forks %+v", status.Dropped, status.Forks)
	}
	agree(t, n)
	goOn(t, n)
}

// The store of last month, put back in place: its node writes nothing until what it wrote
// since has come home, and then where that ends. Nothing is forked, nothing is void.
func TestLastMonthsStorePutBackInPlaceForksNothing(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	arrives(t, n, capital, say(t, n, town, "last month").Name)
	path := filepath.Join(dir, string(town), store.FileName)
	if err := n.Stop(town); err != nil {
		t.Fatal(err)
	}
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err = n.Restart(t.Context(), town); err != nil {
		t.Fatal(err)
	}
	since := say(t, n, town, "since then")
	arrives(t, n, capital, since.Name)
	n.Line(town, capital).Cut()
	if err = n.Stop(town); err != nil {
		t.Fatal(err)
	}
	if err = os.WriteFile(path, old, 0o600); err != nil {
		t.Fatal(err)
	}
	if err = n.Restart(t.Context(), town); err != nil {
		t.Fatal(err)
	}
	at := n.Node(town)
	if _, err = at.Say(t.Context(), town, note("over it"), protocol.Green); err == nil {
		t.Fatal("it writes over what it wrote since")
	}
	if f := finding(t, at, "vardar run --resume"); !f.Grave || f.What != "writing" {
		t.Errorf("status says %+v", f)
	}
	n.Line(town, capital).Heal()
	arrives(t, n, town, since.Name)
	await(t, at, "it writes again", func() bool { return at.Intake().Writable() == nil })
	next := say(t, n, town, "where it ends")
	if next.Epoch != since.Epoch || next.Sequence != since.Sequence+1 {
		t.Errorf("wrote %s after %s", next.Name, since.Name)
	}
	arrives(t, n, neighbour, next.Name)
	agree(t, n)
	if status, err := n.Node(capital).Status(t.Context()); err != nil || len(status.Forks) > 0 || status.Records.Void > 0 {
		t.Errorf("forks %+v, void %d, %v", status.Forks, status.Records.Void, err)
	}
	goOn(t, n)
}

// M8: what is void is not sent to a peer, be it new, and is not offered again and again; an
// old stolen key floods closed epochs in vain.
func TestM8VoidTailsAreSentToNobody(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	last := say(t, n, town, "the last that counts")
	void := map[protocol.Name]bool{}
	for range 3 {
		said := say(t, n, town, "void")
		void[said.Name] = true
		arrives(t, n, neighbour, said.Name)
	}
	thief, err := keys.Open(keys.Options{Dir: filepath.Join(dir, string(town))}) // has the keys of now, and keeps them
	if err != nil {
		t.Fatal(err)
	}
	rotate := node.RotateRequest{As: town, Use: protocol.UseNode, Last: []string{last.String()}}
	if _, err := n.Node(town).Desk().RotateKey(t.Context(), rotate); err != nil {
		t.Fatal(err)
	}
	next := say(t, n, town, "in the next epoch")
	arrives(t, n, neighbour, next.Name)
	arrives(t, n, capital, next.Name)
	agree(t, n)

	// The neighbour has lost its store, and is given all that there is.
	v := turnOf(t, n, dir, neighbour)
	frames, seen := 0, map[protocol.Name]bool{}
	v.mu.Lock()
	v.answers[protocol.OpTail] = func(m *nats.Msg) {
		frames++
		runs, err := protocol.ParseFrame(m.Data, packer(t))
		if err != nil {
			t.Error(err)
		}
		for _, r := range runs {
			for k := range r.Records {
				seen[r.Records[k].Name] = true
			}
		}
		v.accepts(m)
	}
	v.mu.Unlock()
	v.listens()
	has := func(name protocol.Name) bool {
		v.mu.Lock()
		defer v.mu.Unlock()
		return seen[name]
	}
	at := n.Node(capital)
	await(t, at, "the neighbour was sent what counts", func() bool { return has(last.Name) && has(next.Name) })

	// A thief writes on in the closed epoch.
	before := at.Records()
	theft := chained(t, thief, at, last)
	for range 10 {
		if a := v.push(frameOf(t, theft)); len(a.Runs) != 1 || a.Runs[0].Outcome != protocol.Unwanted || at.Records() != before {
			t.Fatalf("a void record was answered %+v", a)
		}
	}
	// Each further record is one frame at most, whatever is void beside it.
	v.mu.Lock()
	quiet := frames
	v.mu.Unlock()
	const more = 5
	for range more {
		said := say(t, n, town, "more")
		await(t, at, "the neighbour was sent it", func() bool { return has(said.Name) })
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if sent := frames - quiet; sent > more {
		t.Errorf("%d frames for %d records: %v", sent, more, seen)
	}
	for name := range void {
		if seen[name] {
			t.Errorf("%s is void, and was sent to who does not have it", name)
		}
	}
}

// chained gives what a thief with an institution's keys writes after a record.
func chained(t *testing.T, thief *keys.Safe, at *node.Node, after node.Said) protocol.Record {
	t.Helper()
	r, err := at.Record(after.Name)
	if err != nil {
		t.Fatal(err)
	}
	r.Sequence, r.Previous = r.Sequence+1, after.Digest
	r.SetBody(salted("by the thief", 0))
	if err := thief.SignRecord(t.Context(), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// A member that lost its identity key, and with it its node, joins a second time: the line
// that it had carries at once what it carried, though nobody approves anything.
func TestMemberMadeAnewIsGivenItsPolicyBack(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	arrives(t, n, capital, say(t, n, town, "before the fire").Name)
	if err := n.Stop(town); err != nil {
		t.Fatal(err)
	}
	at := n.Node(capital)
	inv, err := at.Invite(t.Context(), node.InviteRequest{Institution: town, Again: true, Addresses: []string{at.Addr()}})
	if err != nil {
		t.Fatal(err)
	}
	if err = os.RemoveAll(filepath.Join(dir, string(town))); err != nil {
		t.Fatal(err)
	}
	if _, err = node.Join(t.Context(), node.Options{Dir: filepath.Join(dir, string(town)), Version: "test"}, inv, node.Opening{}); err != nil {
		t.Fatal(err)
	}
	if err = n.Restart(t.Context(), town); err != nil {
		t.Fatal(err)
	}
	said := say(t, n, town, "made anew")
	arrives(t, n, neighbour, said.Name)
	for _, at := range []*node.Node{at, n.Node(town)} {
		for _, l := range at.Lines() {
			if l.Policy == 0 || l.Proposed != 0 {
				t.Errorf("on %s the line with %s has policy %d, and %d waits", at.Institutions()[0], l.Peer, l.Policy, l.Proposed)
			}
		}
	}
	agree(t, n)
	goOn(t, n)
}

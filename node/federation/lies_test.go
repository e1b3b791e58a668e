package federation_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// council is a hub and a capital that admit under different prefixes and govern together
// with a neighbour; a town is a member like any other.
func council() federation.Plan {
	return federation.Plan{
		Network:    "test",
		Nodes:      [][]federation.Member{{member(hub, body.RegionalBody)}, {member(capital, body.Ministry)}, {member(neighbour, body.Municipality)}, {member(town, body.Municipality)}},
		Stewards:   []protocol.InstitutionID{capital, neighbour},
		Registrars: map[protocol.InstitutionID][]string{hub: {"int.", "rs."}, capital: {"mk."}},
		Lines:      [][2]protocol.InstitutionID{{town, neighbour}},
	}
}

// keyFrom gives a key that is nobody's.
func keyFrom(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(append(make([]byte, ed25519.SeedSize-1), seed))
}

// opensBy is a key record for the second epoch of a feed, with the proof of a key.
func opensBy(of protocol.InstitutionID, t protocol.Topic, key ed25519.PrivateKey, last *body.Last) *body.KeyRecord {
	public := protocol.KeyOf(key)
	return &body.KeyRecord{
		Use: protocol.UseNode, FeedTopic: t, FeedEpoch: 2, Wire: body.WireV1, Last: last, Key: body.KeyText(public.String()),
		Proof: protocol.Signature(ed25519.Sign(key, protocol.KeyProofText(of, protocol.UseNode, public))),
	}
}

func admits(id protocol.InstitutionID, charter protocol.Digest, key ed25519.PrivateKey) *body.Admission {
	public := protocol.KeyOf(key)
	return &body.Admission{
		Institution: id, Level: body.Municipality, FeedEpoch: 1, Key: public, Charter: charter,
		Proof: protocol.Signature(ed25519.Sign(key, protocol.KeyProofText(id, protocol.UseIdentity, public))),
	}
}

// finding waits for what a node's status says about something, and gives it.
func finding(t *testing.T, n *node.Node, about string) desk.Finding {
	t.Helper()
	var found desk.Finding
	await(t, n, "status says: "+about, func() bool {
		status, err := n.Status(t.Context())
		if err != nil {
			return false
		}
		i := slices.IndexFunc(status.Verdict.Findings, func(f desk.Finding) bool { return strings.Contains(f.Said, about) })
		if i >= 0 {
			found = status.Verdict.Findings[i]
		}
		return i >= 0
	})
	return found
}

// agree wants all nodes to hold the same and to show the same picture.
func agree(t *testing.T, n *federation.Network) {
	t.Helper()
	if err := n.Settle(within(t)); err != nil {
		t.Fatal(err)
	}
	nodes, at := n.Nodes(), time.Now()
	for _, other := range nodes[1:] {
		await(t, other, "it shows the picture of the first", func() bool { return other.PictureDigest(at) == nodes[0].PictureDigest(at) })
	}
}

// goOn wants other feeds to go on: those of everybody, and the liar's own.
func goOn(t *testing.T, n *federation.Network) {
	t.Helper()
	for _, at := range n.Nodes() {
		said := say(t, n, at.Institutions()[0], "we go on")
		for _, other := range n.Nodes() {
			arrives(t, n, other.Institutions()[0], said.Name)
		}
	}
}

// Members say in their trust feeds what is not theirs to say. It opens nothing anywhere,
// and every node says whose word it was, why it does nothing, and whom to ask.
func TestLiesInTrustFeedsOpenNothingAndAreSaid(t *testing.T) {
	t.Parallel()
	n, _ := startIn(t, council())
	charter := n.Node(hub).Trust().CharterDigest()
	village, friend := protocol.InstitutionID("rs.pcinjski.village"), protocol.InstitutionID("mk.southeast.friend")
	unknown := &body.Last{Unknown: true}
	honest, err := n.Node(town).Say(t.Context(), town, opensBy(town, protocol.Resource, keyFrom(5), unknown), protocol.Green)
	if err != nil {
		t.Fatal(err)
	}
	key, _ := n.Node(hub).Trust().Member(town)
	twoUses := opensBy(town, protocol.Policy, keyFrom(7), unknown)
	twoUses.Key = body.KeyText(key.IdentityKey.String())
	for _, lie := range []struct {
		name string
		by   protocol.InstitutionID
		says body.Body
		why  string
	}{
		{"a registrar admits outside its prefix", capital, admits(village, charter, keyFrom(3)), "it admits rs.pcinjski.village, whom int.regional.secretariat alone admits"},
		{"a member that is no registrar admits", town, admits(friend, charter, keyFrom(4)), "it admits mk.southeast.friend, whom mk.national.crisis-centre alone admits"},
		{"a second opener of one epoch", town, opensBy(town, protocol.Resource, keyFrom(6), unknown), honest.String() + " opened epoch 2 of mk.southeast.south-gate/resource before it, with another key"},
		{"the proof of another institution", town, opensBy(neighbour, protocol.Policy, keyFrom(2), unknown), "which does not prove that mk.southeast.south-gate holds it"},
		{"a key of two uses", town, twoUses, "which does not prove that mk.southeast.south-gate holds it"},
	} {
		said, err := n.Node(lie.by).Say(t.Context(), lie.by, lie.says, protocol.Green)
		if err != nil {
			t.Fatalf("%s: %v", lie.name, err)
		}
		for _, at := range n.Nodes() {
			f := finding(t, at, said.String()+" does nothing: ")
			if f.What != "trust" || f.Grave || !strings.Contains(f.Said, lie.why) || !strings.Contains(f.Mend, "ask "+string(lie.by)) || !strings.Contains(f.Mend, "vardar show "+said.String()) {
				t.Errorf("%s: %s says %+v, want %q", lie.name, at.Institutions()[0], f, lie.why)
			}
		}
	}
	agree(t, n)
	for _, at := range n.Nodes() {
		for _, id := range []protocol.InstitutionID{village, friend} {
			if _, err := at.Desk().Member(t.Context(), id, 0); err == nil || !strings.Contains(err.Error(), "is no member of test") {
				t.Errorf("%s shows %s: %v", at.Institutions()[0], id, err)
			}
		}
		if o, _ := at.Trust().Current(protocol.Feed{Institution: town, Topic: protocol.Resource}); o.By != honest.Name {
			t.Errorf("%s takes %s for the opener, want %s", at.Institutions()[0], o.By, honest.Name)
		}
	}
	goOn(t, n)
}

// A key that everybody can sign for, and a last that names no record: the one is shown as
// unreadable with its reason, the other closes nothing.
func TestKeyOfSmallOrderAndLastOfNoRecord(t *testing.T) {
	t.Parallel()
	n, _ := startIn(t, council())
	key := keyFrom(1)
	raw, err := body.Marshal(opensBy(town, protocol.Policy, key, &body.Last{Unknown: true}), [16]byte{})
	if err != nil {
		t.Fatal(err)
	}
	raw = bytes.ReplaceAll(raw, []byte(protocol.KeyOf(key).String()), []byte(protocol.Key{1}.String()))
	d := draft(body.TypeKey, raw)
	d.Institution = town
	small, err := n.Node(town).Intake().Publish(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	counts, err := n.Node(town).Say(t.Context(), town, &body.Note{Topic: protocol.Funding, Text: "it counts"}, protocol.Green)
	if err != nil {
		t.Fatal(err)
	}
	ghost := &body.Last{Sequence: 99, Digest: protocol.DigestOf([]byte("no record"))}
	opener, err := n.Node(town).Say(t.Context(), town, opensBy(town, protocol.Funding, key, ghost), protocol.Green)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range n.Nodes() {
		await(t, at, "it holds the lies", func() bool { return at.Holds(small.Name) && at.Holds(opener.Name) && at.Holds(counts.Name) })
	}
	agree(t, n)
	for _, at := range n.Nodes() {
		kept := at.Picture(time.Now()).Kept
		i := slices.IndexFunc(kept, func(k board.Kept) bool { return k.Record == small.Name })
		if i < 0 || kept[i].Standing != board.Unreadable || !strings.Contains(kept[i].Reason, "small-order") {
			t.Errorf("%s shows the key of small order as %+v", at.Institutions()[0], kept)
		}
		if slices.ContainsFunc(kept, func(k board.Kept) bool { return k.Record == counts.Name }) {
			t.Errorf("%s does not count what a last of no record leaves open", at.Institutions()[0])
		}
	}
	goOn(t, n)
}

// Charters that break a rule, published by a steward past its desk: none comes into force
// anywhere, and every node says why. One with a member of a later vardar does, and says so.
func TestChartersThatDoNotHoldChangeNothing(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, council())
	at := n.Node(capital)
	drafted, err := at.Desk().DraftCharter(t.Context(), node.DraftCharterRequest{CharterChange: node.CharterChange{RecordsADay: 7}})
	if err != nil {
		t.Fatal(err)
	}
	version := func(old, by string, stewards ...protocol.InstitutionID) protocol.SignedCharter {
		c := protocol.SignedCharter{Document: bytes.Replace(drafted.Paper.Document, []byte(old), []byte(by), 1)}
		for _, id := range stewards {
			signCharter(t, filepath.Join(dir, string(id)), id, &c)
		}
		return c
	}
	twice := version("", "", capital)
	twice.Signatures = append(twice.Signatures, twice.Signatures[0])
	skips := version(`"version": 2`, `"version": 3`, hub, capital, neighbour)
	weak := version(`"threshold": 2`, `"threshold": 1`)
	for _, c := range []struct {
		name    string
		charter protocol.SignedCharter
		said    string // by the desk
		state   string // on every node
	}{
		{"a steward signs twice", twice, "1 of 2 signatures of the stewards of version 2; signed by mk.national.crisis-centre; not by", "not valid: signatures: charter does not carry the signatures of its threshold of stewards"},
		{"a version is skipped", skips, "want the next number: none may be left out", "not valid: version: charter is not the version that follows"},
		{"the threshold is weak", weak, "threshold is not more than half of the stewards", ""},
	} {
		paper := node.CharterPaper{SignedCharter: c.charter, Before: drafted.Paper.Before}
		_, err := at.Desk().PublishCharter(t.Context(), node.PublishCharterRequest{As: capital, Paper: paper})
		if err == nil || !strings.Contains(err.Error(), c.said) || !strings.Contains(err.Error(), "try: vardar member charter") {
			t.Errorf("%s: the desk says %v, want %q", c.name, err, c.said)
		}
		said := publishCharter(t, at, c.charter)
		for _, other := range n.Nodes() {
			arrives(t, n, other.Institutions()[0], said)
			inForce := func() (state string) {
				shown, err := other.Desk().Charter(t.Context(), 0)
				if err != nil || shown.Version != 1 {
					t.Errorf("%s: on %s version %d is in force, %v", c.name, other.Institutions()[0], shown.Version, err)
				}
				for _, v := range shown.Versions {
					if v.Digest == c.charter.Digest() {
						state = strings.TrimSuffix(v.State+": "+v.Why, ": ")
					}
				}
				return state
			}
			if c.state != "" { // it is judged behind the commit that makes it held
				await(t, other, c.name+": it shows "+c.state, func() bool { return strings.HasPrefix(inForce(), c.state) })
			} else if state := inForce(); state != "" {
				t.Errorf("%s: %s shows %q", c.name, other.Institutions()[0], state)
			}
			if c.state == "" {
				await(t, other, "it shows the record as unreadable, and why", func() bool {
					return slices.ContainsFunc(other.Picture(time.Now()).Kept, func(k board.Kept) bool {
						return k.Record == said && k.Standing == board.Unreadable && strings.Contains(k.Reason, c.said)
					})
				})
			}
		}
	}
	agree(t, n)
	goOn(t, n)
	publishCharter(t, at, version(`"vardar"`, `"later": true, "vardar"`, hub, capital))
	for _, other := range n.Nodes() {
		if f := finding(t, other, "the charter has members that need a newer vardar: later"); f.Mend == "" {
			t.Errorf("%s says not what to do", other.Institutions()[0])
		}
		if other.Trust().Charter().Version != 2 {
			t.Errorf("%s does not take a version with a member that it does not know", other.Institutions()[0])
		}
	}
	agree(t, n)
	goOn(t, n)
}

// signCharter signs what a desk would not.
func signCharter(t *testing.T, dir string, id protocol.InstitutionID, c *protocol.SignedCharter) {
	t.Helper()
	safe, err := keys.Open(keys.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := safe.SignCharter(t.Context(), id, c); err != nil {
		t.Fatal(err)
	}
}

// publishCharter publishes what a desk would not.
func publishCharter(t *testing.T, n *node.Node, c protocol.SignedCharter) protocol.Name {
	t.Helper()
	type envelope struct {
		Salt       []byte                      `json:"salt"`
		Charter    []byte                      `json:"charter"`
		Signatures []protocol.CharterSignature `json:"signatures"`
	}
	if c.Signatures == nil { // it is not valid, and no safe signs it
		c.Signatures = []protocol.CharterSignature{{Steward: capital, Signature: protocol.Signature{1}}}
	}
	raw, err := json.Marshal(envelope{make([]byte, 16), c.Document, c.Signatures})
	if err != nil {
		t.Fatal(err)
	}
	d := draft(body.TypeCharter, raw)
	d.Institution = n.Institutions()[0]
	said, err := n.Intake().Publish(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return said.Name
}

package node_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

const (
	capital protocol.InstitutionID = "mk.national.crisis-centre"
	town    protocol.InstitutionID = "mk.southeast.gevgelija"
)

func options(t *testing.T, name string) node.Options {
	t.Helper()
	level := slog.LevelWarn
	if testing.Verbose() {
		level = slog.LevelDebug
	}
	return node.Options{
		Dir: filepath.Join(t.TempDir(), name), Listen: "127.0.0.1:0", Version: "test",
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})).With("node", name),
		Timing: node.Timing{Heartbeat: 500 * time.Millisecond, Redial: 300 * time.Millisecond, Soon: 100 * time.Millisecond},
	}
}

// found makes the folder of a network with one steward.
func found(t *testing.T, o node.Options) {
	t.Helper()
	f, err := node.MakeKeys(o, capital)
	if err != nil {
		t.Fatal(err)
	}
	charter, err := node.FirstCharter(node.CharterChange{
		Network: "test", Stewards: []node.Founder{f},
		Grant: map[string]protocol.InstitutionID{"mk.": capital}, Expires: time.Now().AddDate(1, 0, 0),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := node.SignCharter(t.Context(), o, capital, &charter); err != nil {
		t.Fatal(err)
	}
	if err := node.Found(t.Context(), o, charter.SignedCharter, node.Opening{Institution: capital, Level: body.Ministry}); err != nil {
		t.Fatal(err)
	}
}

// start runs a node until the test ends or stop is called.
func start(t *testing.T, o node.Options) (n *node.Node, stop func()) {
	t.Helper()
	n, err := node.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return n, run(t, n)
}

// run runs an open node until the test ends or stop is called.
func run(t *testing.T, n *node.Node) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	<-n.Ready()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
		if err := n.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	t.Cleanup(stop)
	return stop
}

// invite has the capital's node admit the town, and gives the invitation.
func invite(t *testing.T, n *node.Node) protocol.Invitation {
	t.Helper()
	return inviteAs(t, n, body.Municipality)
}

func inviteAs(t *testing.T, n *node.Node, level body.Level) protocol.Invitation {
	t.Helper()
	const from, id = capital, town
	_, claim, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	expires := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	publish(t, n, from, &body.Admission{
		Institution: id, Level: level, FeedEpoch: 1, Claim: protocol.KeyOf(claim),
		Expires: body.TimeOf(expires), Charter: n.Trust().CharterDigest(),
	})
	terms := link.Everything()
	if err := n.Links().Configure(t.Context(), link.Config{Peer: id, Offered: &terms}); err != nil {
		t.Fatal(err)
	}
	key, _ := n.Trust().LinkKey(from)
	return protocol.Invitation{
		Network: "test", Charter: n.Trust().CharterDigest(), Registrar: from, Institution: id, Addresses: []string{n.Addr()},
		ListenerKey: key, Listener: from, Claim: claim, Expires: expires,
	}
}

func publish(t *testing.T, n *node.Node, id protocol.InstitutionID, b body.Body) protocol.Name {
	t.Helper()
	var salt [16]byte
	raw, err := body.Marshal(b, salt)
	if err != nil {
		t.Fatal(err)
	}
	s, err := n.Intake().Publish(t.Context(), intake.Draft{Institution: id, Type: b.Type(), Time: protocol.InstantOf(time.Now()), Handling: protocol.Green, Body: raw})
	if err != nil {
		t.Fatal(err)
	}
	return s.Name
}

// eventually waits for a condition that must come true.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("still not: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func note(text string) *body.Note {
	return &body.Note{Topic: protocol.Situation, Text: body.NoteText(text)}
}

func TestTwoNodesJoinAndExchangeBothWays(t *testing.T) {
	first := options(t, "capital")
	found(t, first)
	a, _ := start(t, first)
	inv := invite(t, a)

	second := options(t, "town")
	joined, err := node.Join(t.Context(), second, inv, node.Opening{Level: body.Municipality})
	if err != nil {
		t.Fatal(err)
	}
	if joined.Institution != town {
		t.Errorf("joined as %s, want %s", joined.Institution, town)
	}
	b, _ := start(t, second)
	fromTown := publish(t, b, town, note("3,000 people are stuck here"))
	fromCapital := publish(t, a, capital, note("two buses are on their way"))
	eventually(t, "the capital holds the town's note", func() bool { _, err := a.Store().Get(fromTown); return err == nil })
	eventually(t, "the town holds the capital's note", func() bool { _, err := b.Store().Get(fromCapital); return err == nil })
	at := protocol.InstantOf(time.Now())
	eventually(t, "both show the same picture", func() bool { return a.Board().Digest(at) == b.Board().Digest(at) })
}

var errCut = errors.New("the power is cut here")

// cutAfter gives chance for some reads of a salt, and then the power is cut.
type cutAfter struct{ salts int }

func (c *cutAfter) Read(b []byte) (int, error) {
	if len(b) != 16 {
		return rand.Read(b)
	}
	if c.salts--; c.salts < 0 {
		return 0, errCut
	}
	return rand.Read(b)
}

func TestAJoinThatWasCutOffIsMadeAgain(t *testing.T) {
	first := options(t, "capital")
	found(t, first)
	a, _ := start(t, first)
	inv := invite(t, a)
	second := options(t, "town")
	for _, salts := range []int{0, 1, 3} {
		second.Rand = &cutAfter{salts}
		if _, err := node.Join(t.Context(), second, inv, node.Opening{Level: body.Municipality}); !errors.Is(err, errCut) {
			t.Fatalf("join with the power cut after %d records: %v", salts, err)
		}
	}
	second.Rand = nil
	for range 2 { // the second time the listener knows us, and lets no guest in
		joined, err := node.Join(t.Context(), second, inv, node.Opening{Level: body.Municipality})
		if err != nil || joined.Institution != town {
			t.Fatalf("join made again: %v, %v", joined, err)
		}
	}
	b, _ := start(t, second)
	name := publish(t, b, town, note("we are in"))
	eventually(t, "the capital holds the town's note", func() bool { return a.Holds(name) })
	m, _ := b.Trust().Member(town)
	if m.Profile == nil || m.AgeRecipient == "" {
		t.Errorf("the town's first words are not whole: %+v", m)
	}
}

func TestAnInvitationIsGoodOnceAndForItsTime(t *testing.T) {
	first := options(t, "capital")
	found(t, first)
	a, _ := start(t, first)
	inv := invite(t, a)

	late := options(t, "late")
	late.Clock = func() time.Time { return inv.Expires }
	if _, err := node.Join(t.Context(), late, inv, node.Opening{Level: body.Municipality}); !errors.Is(err, node.ErrExpired) {
		t.Errorf("join with an expired invitation: %v", err)
	}
	if _, err := node.Join(t.Context(), first, inv, node.Opening{Level: body.Municipality}); err == nil {
		t.Error("joined in the folder of another institution")
	}
	if _, err := node.Join(t.Context(), options(t, "town"), inv, node.Opening{Level: body.Municipality}); err != nil {
		t.Fatal(err)
	}
	if _, err := node.Join(t.Context(), options(t, "thief"), inv, node.Opening{Level: body.Municipality}); !errors.Is(err, node.ErrUsed) {
		t.Errorf("join with a used invitation: %v", err)
	}
}

// TestSessionsThatHaveEndedAreTakenAway: each log-in leaves one, and nobody comes with it again.
func TestSessionsThatHaveEndedAreTakenAway(t *testing.T) {
	o := options(t, "capital")
	o.Pages = "127.0.0.1:0"
	found(t, o)
	n, err := node.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for token, ends := range map[string]time.Time{"ended": time.Now().Add(-time.Hour), "goes on": time.Now().Add(time.Hour)} {
		if err := n.Sessions().CommitCtx(t.Context(), token, []byte("who"), ends); err != nil {
			t.Fatal(err)
		}
	}
	run(t, n)
	lies := func(token string) bool {
		there, err := n.Lies(token)
		if err != nil {
			t.Fatal(err)
		}
		return there
	}
	eventually(t, "the session that has ended is gone", func() bool { return !lies("ended") })
	if !lies("goes on") {
		t.Error("a session that goes on is gone too")
	}
}

func TestARestartKeepsEverything(t *testing.T) {
	o := options(t, "capital")
	found(t, o)
	n, stop := start(t, o)
	var names []protocol.Name
	for _, text := range []string{"one", "two", "three"} {
		names = append(names, publish(t, n, capital, note(text)))
	}
	at := time.Now()
	picture, have := n.PictureDigest(at), n.Have()
	stop()
	n, _ = start(t, o)
	for _, name := range names {
		if !n.Holds(name) {
			t.Errorf("%s is lost", name)
		}
	}
	if n.PictureDigest(at) != picture {
		t.Error("another picture after the restart")
	}
	for g, d := range n.Have() {
		if have[g] != d {
			t.Errorf("%s has another digest after the restart", g)
		}
	}
	if got := publish(t, n, capital, note("four")); got.Sequence != 4 {
		t.Errorf("wrote %s after the restart, want sequence 4", got)
	}
}

func TestASecondProcessAndAWrongPassphraseAreRefused(t *testing.T) {
	o := options(t, "capital")
	o.WorkFactor = 1
	say := func(words string) func() ([]byte, error) {
		return func() ([]byte, error) { return []byte(words), nil }
	}
	o.Passphrase = say("quiet river")
	found(t, o)
	_, stop := start(t, o)
	if _, err := node.Open(t.Context(), o); !errors.Is(err, store.ErrLocked) {
		t.Errorf("second process: %v, want %v", err, store.ErrLocked)
	}
	stop()
	o.Passphrase = say("loud river")
	if n, err := node.Open(t.Context(), o); !errors.Is(err, keys.ErrPassphrase) || n != nil {
		t.Errorf("wrong passphrase: %v, want %v", err, keys.ErrPassphrase)
	}
	o.Dir = t.TempDir()
	if _, err := node.Open(t.Context(), o); !errors.Is(err, node.ErrNoNode) {
		t.Errorf("empty folder: %v, want %v", err, node.ErrNoNode)
	}
}

package federation_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	bolt "go.etcd.io/bbolt"

	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// The answer fork stops its author if it is proved, and never on a peer's word.
func TestForkAnswerStopsTheAuthorOnProofAlone(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	before := say(t, n, capital, "before the copy")
	arrives(t, n, neighbour, before.Name)
	v := turn(t, n, dir)
	theirs, err := keys.Open(keys.Options{Dir: filepath.Join(dir, string(capital))})
	if err != nil {
		t.Fatal(err)
	}
	rival := protocol.Record{
		Name: before.Name, Type: "vardar.situation.note.v1", Time: protocol.InstantOf(time.Now()),
		Handling: protocol.Green, Previous: before.Digest,
	}
	rival.Sequence++
	rival.SetBody(salted("written by a copy of the capital's node", 0))
	if err := theirs.SignRecord(t.Context(), &rival); err != nil {
		t.Fatal(err)
	}
	forged := rival
	forged.Signature[9] ^= 1
	shown := &forged
	answered := make(chan protocol.Name, 16)
	v.mu.Lock()
	v.answers[protocol.OpTail] = func(m *nats.Msg) {
		runs, err := protocol.ParseFrame(m.Data, packer(t))
		if err != nil {
			t.Error(err)
			return
		}
		a := protocol.Acknowledgement{V: 1}
		for _, r := range runs {
			o := protocol.RunOutcome{Feed: r.Feed, Epoch: r.Epoch, Sequence: r.Last().Sequence, Outcome: protocol.Accepted}
			if r.EpochID == rival.EpochID() && r.Last().Sequence >= rival.Sequence {
				o = protocol.NewFork(shown)
				defer func() { answered <- r.Last().Name }()
			}
			a.Runs = append(a.Runs, o)
		}
		v.say(m, a)
	}
	v.mu.Unlock()
	v.listens()
	said := say(t, n, capital, "written here")
	if said.Name != rival.Name {
		t.Fatalf("wrote %s, want %s", said.Name, rival.Name)
	}
	<-answered
	await(t, n.Node(capital), "the forged proof is counted", func() bool { return len(n.Node(capital).Dropped()[town]) > 0 })
	v.mu.Lock()
	shown = &rival
	v.mu.Unlock()
	next := say(t, n, capital, "a forged proof stops nobody")
	<-answered
	await(t, n.Node(capital), "the rival is held", func() bool {
		both, err := n.Node(capital).Store().At(rival.Name)
		return err == nil && len(both) == 2
	})
	if _, err := n.Node(capital).Say(t.Context(), capital, note("one more"), protocol.Green); !errors.Is(err, intake.ErrForked) {
		t.Errorf("the capital writes behind a proved fork: %v", err)
	}
	// Both branches reach the others.
	arrives(t, n, neighbour, next.Name)
	await(t, n.Node(capital), "the neighbour has acknowledged all that there is", func() bool { return lineTo(n.Node(capital), neighbour).Settled })
	if both, err := n.Node(neighbour).Store().At(rival.Name); err != nil || len(both) != 2 {
		t.Errorf("of the two branches the neighbour was given %d: %v", len(both), err)
	}
}

func TestFloodOfFramesIsRefusedBeyondAWindow(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	v := turn(t, n, dir)
	bomb := protocol.PackFrame(append([]byte("vf\x01"), make([]byte, 4<<20-10)...), packer(t))
	for k := range 400 {
		if err := v.conn.PublishRequest(v.token.Ask(protocol.OpPush), v.token.Inbox(fmt.Sprintf("f%d", k)), bomb); err != nil {
			t.Fatal(err)
		}
	}
	await(t, n.Node(capital), "what is too much is refused", func() bool { return n.Node(capital).Links().Counts().Refused > 100 })
	v.goesOn()
}

func TestDamagedRecordStopsNoOtherFeed(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	for range 3 {
		say(t, n, capital, "on disk")
	}
	n.Line(town, capital).Cut()
	var said []protocol.Name
	for range 5 {
		said = append(said, say(t, n, capital, "on disk, for the town").Name)
	}
	alert, err := n.Node(capital).Say(t.Context(), capital, alertOf(), protocol.Green)
	if err != nil {
		t.Fatal(err)
	}
	arrives(t, n, neighbour, said[4])
	if err = n.Stop(neighbour); err != nil { // it would help
		t.Fatal(err)
	}
	if err = n.Stop(capital); err != nil {
		t.Fatal(err)
	}
	damage(t, filepath.Join(dir, string(capital)), said[2].Sequence)
	if err = n.Restart(t.Context(), capital); err != nil {
		t.Fatal(err)
	}
	var damaged *store.Damage
	if _, err = n.Node(capital).Store().Get(said[2]); !errors.As(err, &damaged) {
		t.Fatalf("the record is not damaged: %v", err)
	}
	n.Line(town, capital).Heal()
	arrives(t, n, town, alert.Name)
	arrives(t, n, town, said[1])
	later, err := n.Node(town).Say(t.Context(), town, note("the line is good"), protocol.Green)
	if err != nil {
		t.Fatal(err)
	}
	arrives(t, n, capital, later.Name)
	if !up(n.Node(capital), town) {
		t.Error("the damaged record ended the line")
	}
	if slices.ContainsFunc(said[2:], n.Node(town).Holds) {
		t.Error("the town holds what hangs on a record that nobody could give")
	}
}

// damage changes a byte of the header of an own situation record of the capital.
func damage(t *testing.T, dir string, sequence uint32) {
	t.Helper()
	db, err := bolt.Open(filepath.Join(dir, store.FileName), 0o600, &bolt.Options{NoFreelistSync: true})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		group := []byte(nil)
		found := tx.Bucket([]byte("groups")).ForEach(func(key, value []byte) error {
			if strings.HasPrefix(string(value), "situation mk.national") {
				group = slices.Clone(key)
			}
			return nil
		})
		if found != nil || group == nil {
			return errors.Join(found, errors.New("no such group"))
		}
		b := tx.Bucket([]byte("records")).Bucket(group)
		key := []byte{0, 0, 0, 0, 0, 0, 0, byte(sequence)}
		value := slices.Clone(b.Get(key))
		value[len(value)/2] ^= 1
		return b.Put(key, value)
	})
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

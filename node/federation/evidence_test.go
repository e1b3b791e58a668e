package federation_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
)

// evidence is what one schedule leaves to the checker: what was promised, and what each
// node holds and shows once all is healed. The records are read from a copy of each
// store's file by [readStore], which shares nothing with the store.
type evidence struct {
	charter  protocol.SignedCharter
	nodes    []*witness
	promised []promise // records for which a user was told "published", or a peer "received"
	crashes  []crash
	pushes   []pushed
	alone    []attempt // writings in isolation
	older    []attempt // writings of a node whose store is older than its mark
	troubles []trouble
	goOn     map[protocol.InstitutionID]attempt // one more record of each member, at the end
	restored []restored
	entered  []letIn
}

// promise is a record that was acknowledged; lost, if every store that had committed it was
// destroyed by the schedule.
type promise struct {
	node.Said
	lost bool
}

// crash is what a node had acknowledged when it was killed, and what its file held then.
type crash struct {
	who    protocol.InstitutionID
	before []protocol.Digest
	held   map[protocol.Digest]bool
}

// pushed is what a peer answered to a record, and whether it held another at that position
// or at one before it on no chain of that record.
type pushed struct {
	record  protocol.Name
	rival   bool
	outcome protocol.Outcome
}

type attempt struct {
	who  protocol.InstitutionID
	said node.Said
	err  error
}

// restored is a node that was put back: the key that it writes with, and those its backups
// were made with.
type restored struct {
	who    protocol.InstitutionID
	key    protocol.Key
	before []protocol.Key
}

// trouble is a full disk, a wrong file or a skewed clock: what was said, whether the node
// went on reading, and whether it wrote when the cause was gone.
type trouble struct {
	who           protocol.InstitutionID
	what, message string
	reads, goesOn bool
}

// witness is what one node holds and shows.
type witness struct {
	id       protocol.InstitutionID
	out      bool
	held     []kept
	standing map[protocol.Digest]string
	picture  protocol.Digest
	books    books
	have     map[protocol.Group]protocol.Digest
	forks    []forkShown
	gaps     map[protocol.EpochID]bool
	beacons  []protocol.Beacon
	members  map[protocol.InstitutionID]memberShown
	charter  charterShown
	charters []protocol.SignedCharter // that its file holds
}

type forkShown struct {
	protocol.EpochID
	from   uint32
	closes protocol.InstitutionID
}

// kept is one record in a store's file.
type kept struct {
	protocol.Record
	digest protocol.Digest
	stated protocol.Digest // as the file says
	order  uint64          // of acceptance, over all
	taken  uint64          // when: what one transaction brought has one time
}

// look takes the evidence of a node that runs.
func look(ctx context.Context, n *node.Node, out bool, dir string) (*witness, protocol.SignedCharter, error) {
	w := &witness{id: n.Institutions()[0], out: out, standing: map[protocol.Digest]string{}, gaps: map[protocol.EpochID]bool{}}
	status, err := n.Status(ctx)
	if err != nil {
		return nil, protocol.SignedCharter{}, err
	}
	for _, f := range status.Forks {
		w.forks = append(w.forks, forkShown{protocol.EpochID{Feed: protocol.Feed{Institution: f.Institution, Topic: f.Topic}, Epoch: f.Epoch}, f.From, f.Closes})
	}
	for _, g := range status.Gaps {
		w.gaps[protocol.EpochID{Feed: protocol.Feed{Institution: g.Institution, Topic: g.Topic}, Epoch: g.Epoch}] = true
	}
	w.have = n.Have()
	path := filepath.Join(dir, "evidence.bbolt")
	if err = copyStore(ctx, n, path); err != nil {
		return nil, protocol.SignedCharter{}, err
	}
	held, beacons, charters, err := readStore(path)
	charter := firstOf(charters)
	if err != nil {
		return nil, charter, fmt.Errorf("%s: %w", w.id, err)
	}
	w.held, w.beacons, w.charters = held, beacons, charters
	w.members, w.charter = membersOf(n), charterOf(n)
	for _, k := range w.held {
		s, _ := n.Board().Standing(k.digest)
		w.standing[k.digest] = s.String()
	}
	w.picture, w.books = n.PictureDigest(pictureTime()), booksOf(n)
	return w, charter, nil
}

// copyStore writes the file of a store that runs, as of one commit.
func copyStore(ctx context.Context, n *node.Node, path string) (err error) {
	c, err := n.Store().Copy(ctx)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // the test's folder
	if err == nil {
		_, err = c.WriteTo(f)
		err = errors.Join(err, f.Close())
	}
	return errors.Join(err, c.Close())
}

var errLayout = errors.New("the file is not laid out as its DESIGN.md says")

// readStore is a second reader of a store's file: it knows the layout from the room's
// DESIGN.md, and the words from protocol.
func readStore(path string) (held []kept, beacons []protocol.Beacon, charters []protocol.SignedCharter, err error) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true})
	if err != nil {
		return nil, nil, nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.View(func(tx *bolt.Tx) error {
		bodies := tx.Bucket([]byte("bodies"))
		readGroup := func(group []byte) error {
			return tx.Bucket([]byte("records")).Bucket(group).ForEach(func(order, value []byte) error {
				k, broken := readRecord(value)
				if broken != nil {
					return broken
				}
				if k.BodyState == protocol.BodyHeld && bodies.Bucket(group) != nil {
					k.Body = bytes.Clone(bodies.Bucket(group).Get(order))
				}
				held = append(held, k)
				return nil
			})
		}
		if broken := tx.Bucket([]byte("records")).ForEachBucket(readGroup); broken != nil {
			return broken
		}
		readBeacon := func(_, value []byte) error {
			if len(value) < 12 {
				return errLayout
			}
			beacon, broken := protocol.ReadBeacon(value[8 : len(value)-4])
			beacons = append(beacons, beacon)
			return broken
		}
		if b := tx.Bucket([]byte("beacons")); b != nil {
			if broken := b.ForEach(readBeacon); broken != nil {
				return broken
			}
		}
		return tx.Bucket([]byte("charters")).ForEach(func(_, value []byte) error {
			var c protocol.SignedCharter
			broken := json.Unmarshal(value[:len(value)-4], &c)
			charters = append(charters, c)
			return broken
		})
	})
	return held, beacons, charters, err
}

// Where the parts of a record's value stand (node/store/DESIGN.md).
const (
	atOrder, atTaken, atDigest, atKey, atPrevious, atEpoch, atSequence, atTopic, atLength, atName = 2, 10, 18, 50, 82, 114, 118, 122, 123, 124
)

func readRecord(value []byte) (k kept, err error) {
	if len(value) < atName+4 || value[0] != 1 || len(value) < atName+4+int(value[atLength]) {
		return k, errLayout
	}
	end := atName + int(value[atLength])
	name := protocol.Name{Institution: protocol.InstitutionID(value[atName:end])}
	name.Topic, name.Epoch = protocol.Topic(value[atTopic]), binary.BigEndian.Uint32(value[atEpoch:])
	name.Sequence = binary.BigEndian.Uint32(value[atSequence:])
	entry := bytes.Clone(value[end : len(value)-4])
	k.Record, err = protocol.ParseEntry(entry, name, protocol.Key(value[atKey:atPrevious]), protocol.Digest(value[atPrevious:atEpoch]))
	if err != nil {
		return k, err
	}
	k.BodyState = protocol.BodyState(value[1] & 3)
	k.order, k.taken = binary.BigEndian.Uint64(value[atOrder:]), binary.BigEndian.Uint64(value[atTaken:])
	k.stated = protocol.Digest(value[atDigest:atKey])
	k.digest = k.Digest()
	return k, nil
}

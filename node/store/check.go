package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	bolt "go.etcd.io/bbolt"

	"github.com/vardar-network/vardar/protocol"
)

const (
	// maxFindings bounds what one check tells.
	maxFindings = 20
	// checkStack bounds the stack of a check: a file whose pages lead in a circle ends the
	// child, and does not first take all of its memory.
	checkStack = 64 << 20
)

// CheckFile checks a store's file that no process has open for writing: every page, every
// record's digest and body, every index entry against its record. It returns nil, or what
// it found, with [ErrIndexes] if that is in the indexes alone; [ErrLocked] if the file is in
// use. Of a file of a newer vardar it looks at the
// pages alone.
//
// Run it in a child process: it bounds the stack of the whole process, and a file can be
// damaged in a way that ends the process that maps it. That is an answer too.
func CheckFile(path string) (err error) {
	debug.SetMaxStack(checkStack)
	defer faultsAreDamage(&err)()
	o := boltOptions()
	o.ReadOnly = true
	db, err := bolt.Open(path, 0o600, o) // takes the lock, and reads the meta pages alone
	if err != nil {
		return openError(filepath.Dir(path), err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := checkPages(path); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return db.View(func(tx *bolt.Tx) error {
		if tx.Bucket([]byte(bucketMeta)) == nil && tx.Size() <= 4*pageSize {
			return nil // made, and never used
		}
		c := &checker{tx: tx, read: newReader(tx)}
		c.run()
		if len(c.found) == 0 && len(c.wrong) > 0 {
			return errors.Join(append([]error{ErrIndexes}, c.wrong...)...)
		}
		return errors.Join(append(c.found, c.wrong...)...)
	})
}

func checkPages(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	info, err := file.Stat()
	if err != nil {
		return err
	}
	return walkPages(file, info.Size())
}

// checker compares the contents of a file with each other.
type checker struct {
	tx    *bolt.Tx
	read  *reader
	found []error
	wrong []error // in the indexes, which can be made anew

	meta     *bolt.Bucket
	held     int // records with a body
	absent   int // and without
	indexed  uint64
	total    uint64
	places   []bool // orders over all that were met
	marks    map[uint32]uint64
	branches map[protocol.EpochID][]*branch
}

func (c *checker) tell(err error) {
	if err != nil && len(c.found) < maxFindings {
		c.found = append(c.found, err)
	}
}

func (c *checker) damaged(format string, args ...any) {
	c.tell(fmt.Errorf("%w: "+format, append([]any{ErrDamaged}, args...)...))
}

// indexes has check tell of the indexes.
func (c *checker) indexes(check func()) {
	records := c.found
	c.found = c.wrong
	check()
	c.found, c.wrong = records, c.found
}

func (c *checker) run() {
	for _, name := range plainBuckets() {
		if c.tx.Bucket([]byte(name)) == nil {
			c.damaged("bucket %s is gone", name)
			return
		}
	}
	c.meta = c.tx.Bucket([]byte(bucketMeta))
	format, err := number(c.meta, metaFormat)
	if err == nil && format > formatVersion {
		return // not ours to judge: Open says so
	}
	if err != nil || format != formatVersion {
		c.damaged("form %d of the file: %w", format, err)
		return
	}
	if c.total, err = number(c.meta, metaLast); err != nil {
		c.damaged("number of records: %w", err)
		return
	}
	c.tally(metaTally)
	derived := c.current()
	if derived {
		c.indexes(func() {
			if _, err := number(c.meta, metaPeak); err != nil {
				c.damaged("%s: %w", metaPeak, err)
			}
			c.tally(metaDerived)
			c.tell(c.derived())
		})
	}
	c.records(derived)
	if derived {
		c.indexes(func() {
			c.types()
			c.counts()
		})
	}
}

// types reads the index of types: with as many entries as records, each of them another
// record's, none can be missing.
func (c *checker) types() {
	var before []byte
	var last moment
	c.tell(c.tx.Bucket([]byte(bucketTypes)).ForEach(func(key, value []byte) error {
		if len(key) < 16 {
			return fmt.Errorf("%w: index types, key %x", ErrDamaged, key)
		}
		prefix, m := key[:len(key)-16], momentIn(key[len(key)-16:])
		at, err := unseal(bucketTypes, key, value)
		if err != nil {
			return fmt.Errorf("%w: index types, key %x: %w", ErrDamaged, key, err)
		}
		h, err := c.read.header(refIn(at))
		if err != nil {
			return nil //nolint:nilerr // it was told when the record was read, or the count shows it
		}
		topic, kind := splitType(h.Type)
		if !bytes.Equal(prefix, typePrefix(topic, kind)) || h.Place != m.n || m.peak < h.Accepted ||
			(bytes.Equal(prefix, before) && m.n <= last.n) {
			c.damaged("record %s: its entry in the index of types is wrong", h.Name)
		}
		before, last = prefix, m
		return nil
	}))
}

// current reports whether what is derived is of our version; otherwise it is rebuilt, and
// isn't looked at.
func (c *checker) current() bool {
	for name, version := range derivedBuckets() {
		held, err := number(c.meta, metaVersion+name)
		if err != nil || held != version || c.tx.Bucket([]byte(name)) == nil {
			return false
		}
	}
	return true
}

// tally compares the sealed values of some buckets with what was written.
func (c *checker) tally(key string) {
	want, err := number(c.meta, key)
	if err != nil {
		c.damaged("%s: %w", key, err)
		return
	}
	var got uint64
	for _, name := range tallied(key) {
		got ^= c.fingerprints(c.tx.Bucket([]byte(name)), name)
	}
	if got != want {
		c.damaged("%s: a value is missing, or none that was written", key)
	}
}

func (c *checker) fingerprints(b *bolt.Bucket, label string) uint64 {
	var sum uint64
	c.tell(b.ForEach(func(key, sealed []byte) error {
		if sealed == nil {
			sum ^= c.fingerprints(b.Bucket(key), label+"/"+string(key))
			return nil
		}
		sum ^= fingerprint(label, key, sealed)
		if _, err := unseal(label, key, sealed); err != nil {
			c.damaged("%s, key %x: %w", label, key, err)
		}
		return nil
	}))
	return sum
}

// derived reads marks and branches.
func (c *checker) derived() error {
	c.marks, c.branches = map[uint32]uint64{}, map[protocol.EpochID][]*branch{}
	err := eachSealed(c.tx, bucketMarks, func(key, value []byte) error {
		if len(key) != 4 || len(value) != 8 {
			return errFormat
		}
		c.marks[binary.BigEndian.Uint32(key)] = binary.BigEndian.Uint64(value)
		return nil
	})
	return errors.Join(err, eachSealed(c.tx, bucketBranches, func(key, value []byte) error {
		b, err := decodeBranch(binary.BigEndian.Uint32(key), value)
		if err == nil {
			c.branches[b.EpochID] = append(c.branches[b.EpochID], b)
		}
		return err
	}))
}

// records reads every record of every group.
func (c *checker) records(derived bool) {
	var sum uint64
	c.places = make([]bool, min(c.total, 1<<orderBits)+1)
	groups := 0
	c.tell(eachSealed(c.tx, bucketGroups, func(key, value []byte) error {
		g, err := protocol.ParseGroup(string(value))
		if err != nil || len(key) != 4 {
			return errors.Join(err, errFormat)
		}
		groups++
		number := binary.BigEndian.Uint32(key)
		b := nested(c.tx, bucketRecords, number)
		if b == nil {
			return errAbsent
		}
		order := uint64(0)
		records := b.Cursor()
		for key, _ := records.First(); key != nil; key, _ = records.Next() {
			if order++; !bytes.Equal(key, u64(order)) {
				c.damaged("record %d of %s is gone", order, g)
				break
			}
			c.record(g, refOf(number, order), derived)
		}
		sum += order
		return nil
	}))
	if sum != c.total {
		c.damaged("%d records were written, %d are there", c.total, sum)
	}
	if n := childBuckets(c.tx.Bucket([]byte(bucketRecords))); n != groups {
		c.damaged("%d groups are named, %d are there", groups, n)
	}
	bodies := 0
	all := c.tx.Bucket([]byte(bucketBodies))
	c.tell(all.ForEachBucket(func(key []byte) error {
		bodies += keysIn(all.Bucket(key))
		return nil
	}))
	if bodies != c.held {
		c.damaged("%d bodies for %d records", bodies, c.held)
	}
}

func childBuckets(b *bolt.Bucket) int {
	n := 0
	_ = b.ForEachBucket(func([]byte) error { n++; return nil }) // fn never fails
	return n
}

func keysIn(b *bolt.Bucket) int {
	n := 0
	c := b.Cursor()
	for key, _ := c.First(); key != nil; key, _ = c.Next() {
		n++
	}
	return n
}

// record checks one record and what the indexes say of it.
func (c *checker) record(g protocol.Group, at ref, derived bool) {
	h, err := c.read.load(at)
	if err != nil {
		var damage *Damage
		if errors.As(err, &damage) {
			damage.Group = g
		}
		c.tell(err)
		if !isBody(err) {
			return
		}
	}
	wrong := func(what string) { c.damaged("record %s: %s", h.Name, what) }
	if h.Feed().Group() != g {
		wrong("not of its group")
	}
	if h.Place == 0 || h.Place >= uint64(len(c.places)) || c.places[h.Place] {
		wrong("its order of acceptance is not its own")
	} else {
		c.places[h.Place] = true
	}
	if isBody(err) {
		h.BodyState = protocol.BodyHeld // that is what its header says
	}
	if h.BodyState == protocol.BodyHeld {
		c.held++
	} else {
		c.absent++
	}
	if derived {
		c.indexes(func() { c.indexEntries(&h, at) })
	}
}

// indexEntries checks what the indexes say of one record.
func (c *checker) indexEntries(h *header, at ref) {
	wrong := func(what string) { c.damaged("record %s: %s", h.Name, what) }
	if h.BodyState != protocol.BodyHeld && !has(c.tx, bucketAbsent, absentKey(h.BodyState, at)) {
		wrong("not among those without body")
	}
	if at.order() > c.marks[at.group()] {
		return
	}
	c.indexed++
	if !has(c.tx, bucketDigests, digestKey(h.Digest, at)) {
		wrong("not in the index of digests")
	}
	places := 0
	for _, b := range c.branches[h.EpochID()] {
		if b.Parts <= h.Sequence && h.Sequence <= b.Head && refIn(c.tx.Bucket([]byte(bucketPositions)).Get(posKey{b.number, h.Sequence}.bytes())) == at {
			places++
			if h.Sequence == b.Head && h.Digest != b.Digest {
				wrong("not the head its branch names")
			}
		}
	}
	if places != 1 {
		wrong("not at its place on a branch")
	}
}

func has(tx *bolt.Tx, bucket string, key []byte) bool {
	found, _ := tx.Bucket([]byte(bucket)).Cursor().Seek(key)
	return bytes.Equal(found, key)
}

// counts compares how much is in the indexes with how much there should be.
func (c *checker) counts() {
	for name, want := range map[string]uint64{
		bucketPositions: c.indexed, bucketDigests: c.indexed, bucketTypes: c.indexed, bucketAbsent: uint64(c.absent), //nolint:gosec // counted
	} {
		if got := uint64(keysIn(c.tx.Bucket([]byte(name)))); got != want { //nolint:gosec // counted
			c.damaged("index %s has %d entries for %d records", name, got, want)
		}
	}
	var marked uint64
	for _, order := range c.marks {
		marked += order
	}
	if marked != c.indexed {
		c.damaged("the water mark stands at %d of %d records", marked, c.indexed)
	}
}

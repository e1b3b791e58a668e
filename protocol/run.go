package protocol

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"strings"
)

// The bounds of runs and frames (wire.md §4).
const (
	// MaxRunRecords bounds a run and a chunk: the distance over which a later signature
	// proves an earlier record.
	MaxRunRecords = 256
	// MaxRunBytes bounds a run and a chunk in bytes as encoded.
	MaxRunBytes = 4 << 20
	// MaxFrameBytes bounds a frame of more than one record.
	MaxFrameBytes = 64 << 10
)

// Run is consecutive records of one epoch, judged at once: the chain proves all of them
// by the last signature.
type Run struct {
	EpochID
	First    uint32 // sequence of the first record
	Key      Key
	Previous Digest // ce-previous of the first record
	Records  []Record
}

// NewRun joins records to a run. It returns [ErrRunCount] for none or more than
// [MaxRunRecords], and [ErrRunMixed] unless they are consecutive records of one epoch,
// one key and one chain.
func NewRun(records []Record) (Run, error) {
	if len(records) == 0 || len(records) > MaxRunRecords {
		return Run{}, &Violation{Rule: ErrRunCount}
	}
	first := &records[0]
	run := Run{EpochID: first.EpochID(), First: first.Sequence, Key: first.Key, Previous: first.Previous, Records: records}
	previous := first.Previous
	for i := range records {
		r := &records[i]
		if r.EpochID() != run.EpochID || r.Key != run.Key || uint64(r.Sequence) != uint64(run.First)+uint64(i) || r.Previous != previous {
			return Run{}, &Violation{Field: r.Name.String(), Rule: ErrRunMixed}
		}
		previous = r.Digest()
	}
	return run, nil
}

// Last gives the last record of the run.
func (r *Run) Last() *Record { return &r.Records[len(r.Records)-1] }

// Verify checks the signature of the last record, which proves the whole run: the
// digests of the chain cover the signature bytes too, so everything in between is what
// the author wrote, a bad signature included. It returns [ErrNotSigned].
func (r *Run) Verify() error { return r.Last().Verify() }

// Entry flags (wire.md §4).
const (
	flagBody     = 0x03
	flagHandling = 0x1c
	flagExercise = 0x20
	flagSealed   = 0x40
	flagZero     = 0x80
)

// AppendEntry appends the entry of a record: what a reader can't compute from the run.
func AppendEntry(b []byte, r *Record) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(r.Time)) //nolint:gosec // an instant is never negative
	flags := byte(r.BodyState) | byte(r.Handling-Clear)<<2
	if r.Exercise {
		flags |= flagExercise
	}
	if r.Sealed {
		flags |= flagSealed
	}
	kind := r.Kind()
	b = append(b, flags, byte(len(kind)))
	b = append(b, kind...)
	b = append(b, r.Signature[:]...)
	if r.BodyState != BodyHeld {
		return append(b, r.ContentDigest[:]...)
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(r.Body))) //nolint:gosec // at most MaxBodyBytes
	return append(b, r.Body...)
}

// EntrySize is the length of [AppendEntry]'s bytes.
func EntrySize(r *Record) int {
	n := 8 + 1 + 1 + len(r.Kind()) + ed25519.SignatureSize
	if r.BodyState != BodyHeld {
		return n + sha256.Size
	}
	return n + 4 + len(r.Body)
}

// RunHeaderSize is the length of a run without its entries.
func RunHeaderSize(institution InstitutionID) int {
	return 1 + len(institution) + 1 + 4 + 4 + 32 + 32 + 2
}

// AppendRun appends a run as it stands in a frame.
func AppendRun(b []byte, r *Run) []byte {
	b = append(b, byte(len(r.Institution)))
	b = append(b, r.Institution...)
	b = append(b, byte(r.Topic))
	b = binary.BigEndian.AppendUint32(b, r.Epoch)
	b = binary.BigEndian.AppendUint32(b, r.First)
	b = append(b, r.Key[:]...)
	b = append(b, r.Previous[:]...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(r.Records))) //nolint:gosec // at most MaxRunRecords
	for i := range r.Records {
		b = AppendEntry(b, &r.Records[i])
	}
	return b
}

// cutter takes parts off a byte slice; after the first part that isn't there, bad stays
// set.
type cutter struct {
	rest []byte
	bad  bool
}

func (c *cutter) take(n int) []byte {
	if c.bad || n > len(c.rest) {
		c.bad = true
		return nil
	}
	part := c.rest[:n:n]
	c.rest = c.rest[n:]
	return part
}

func (c *cutter) u8() byte {
	if p := c.take(1); p != nil {
		return p[0]
	}
	return 0
}

func (c *cutter) u16() uint16 {
	if p := c.take(2); p != nil {
		return binary.BigEndian.Uint16(p)
	}
	return 0
}

func (c *cutter) u32() uint32 {
	if p := c.take(4); p != nil {
		return binary.BigEndian.Uint32(p)
	}
	return 0
}

func (c *cutter) u64() uint64 {
	if p := c.take(8); p != nil {
		return binary.BigEndian.Uint64(p)
	}
	return 0
}

// parseRun reads one run and computes what a frame leaves out: position, chain, content
// digests. Bodies are slices of b.
func parseRun(b []byte) (Run, []byte, error) {
	c := &cutter{rest: b}
	var run Run
	run.Institution = InstitutionID(c.take(int(c.u8())))
	run.Topic = Topic(c.u8())
	run.Epoch, run.First = c.u32(), c.u32()
	copy(run.Key[:], c.take(len(run.Key)))
	copy(run.Previous[:], c.take(len(run.Previous)))
	count := int(c.u16())
	if c.bad {
		return Run{}, nil, &Violation{Rule: ErrFrameCut}
	}
	if err := run.checkHeader(count); err != nil {
		return Run{}, nil, err
	}
	run.Records = make([]Record, count)
	kinds := typeCache{topic: run.Topic}
	var scratch [1024]byte
	previous := run.Previous
	for i := range run.Records {
		r := &run.Records[i]
		r.Name = Name{run.Institution, Position{run.Topic, run.Epoch, run.First + uint32(i)}} //nolint:gosec // count is bounded
		r.Key, r.Previous = run.Key, previous
		if err := parseEntry(c, r, &kinds); err != nil {
			return Run{}, nil, err
		}
		previous = r.digest(scratch[:0])
	}
	if len(b)-len(c.rest) > MaxRunBytes {
		return Run{}, nil, &Violation{Field: run.EpochID.String(), Rule: ErrRunTooLong}
	}
	return run, c.rest, nil
}

func (r *Run) checkHeader(count int) error {
	if _, err := ParseInstitution(string(r.Institution)); err != nil {
		return err
	}
	switch {
	case !r.Topic.Valid():
		return broken(ErrTopic, "topic", r.Topic.String())
	case r.Epoch < 1 || r.Epoch > MaxNumber:
		return &Violation{Field: r.EpochID.String(), Rule: ErrEpoch}
	case r.First < 1 || r.First > MaxNumber:
		return &Violation{Field: r.EpochID.String(), Rule: ErrSequence}
	case count < 1 || count > MaxRunRecords:
		return &Violation{Field: r.EpochID.String(), Rule: ErrRunCount}
	case uint64(r.First)+uint64(count)-1 > MaxNumber:
		return &Violation{Field: r.EpochID.String(), Rule: ErrRunSequence}
	}
	return CheckKey(r.Key)
}

// typeCache spares an allocation for every record of a run that says the same kind.
type typeCache struct {
	topic     Topic
	kind, all string
}

func (t *typeCache) full(kind []byte) string {
	if t.all == "" || t.kind != string(kind) {
		t.kind = string(kind)
		t.all = "vardar." + t.topic.String() + "." + t.kind
	}
	return t.all
}

func parseEntry(c *cutter, r *Record, kinds *typeCache) error {
	at := c.u64()
	flags := c.u8()
	kind := c.take(int(c.u8()))
	copy(r.Signature[:], c.take(len(r.Signature)))
	r.BodyState = BodyState(flags & flagBody)
	if r.BodyState != BodyHeld {
		copy(r.ContentDigest[:], c.take(len(r.ContentDigest)))
	} else {
		n := c.u32()
		if n > MaxBodyBytes {
			return &Violation{Field: r.Name.String(), Rule: ErrBodyTooLong}
		}
		r.Body = c.take(int(n))
		if r.Body == nil {
			r.Body = []byte{}
		}
		r.ContentDigest = sha256.Sum256(r.Body)
	}
	switch {
	case c.bad:
		return &Violation{Field: r.Name.String(), Rule: ErrFrameCut}
	case at > uint64(MaxInstant):
		return &Violation{Field: r.Name.String(), Rule: ErrEntryTime}
	case flags&flagZero != 0:
		return &Violation{Field: r.Name.String(), Rule: ErrEntryBits}
	case !isKind(string(kind)):
		return broken(ErrType, r.Name.String(), string(kind))
	}
	r.Type = kinds.full(kind)
	r.Time = Instant(at) //nolint:gosec // compared with MaxInstant
	r.Handling = Handling(flags&flagHandling>>2) + Clear
	if !r.Handling.Valid() {
		return &Violation{Field: r.Name.String(), Rule: ErrHandling}
	}
	r.Exercise, r.Sealed = flags&flagExercise != 0, flags&flagSealed != 0
	return nil
}

// ParseEntry reads the one entry that a fork answer carries, for a record whose name,
// key and previous are known.
func ParseEntry(b []byte, name Name, key Key, previous Digest) (Record, error) {
	r := Record{Name: name, Key: key, Previous: previous}
	c := &cutter{rest: b}
	if err := parseEntry(c, &r, &typeCache{topic: name.Topic}); err != nil {
		return Record{}, err
	}
	if len(c.rest) > 0 {
		return Record{}, &Violation{Field: name.String(), Rule: ErrFrameTrailing}
	}
	return r, nil
}

// kindLimit keeps AppendEntry's length byte honest: a kind and its version are far
// shorter than a byte can count.
var _ = [math.MaxUint8 - MaxKind - len(".v999")]struct{}{}

// FullType gives "vardar.<topic>." and the kind.
func FullType(t Topic, kind string) string {
	return strings.Join([]string{"vardar", t.String(), kind}, ".")
}

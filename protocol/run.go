package protocol

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
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
	// Digests are those of Records, as [NewRun] and [ParseFrame] had to compute them; who
	// writes to Records must not read them.
	Digests []Digest
}

// NewRun joins records to a run. It returns [ErrRunCount] for none or more than
// [MaxRunRecords], and [ErrRunMixed] unless they are consecutive records of one epoch,
// one key and one chain, [ErrRunSequence] past the last possible sequence, and
// [ErrRunTooLong] for more than [MaxRunBytes].
func NewRun(records []Record) (Run, error) {
	if len(records) == 0 || len(records) > MaxRunRecords {
		return Run{}, &Violation{Rule: ErrRunCount}
	}
	first := &records[0]
	run := Run{EpochID: first.EpochID(), First: first.Sequence, Key: first.Key, Previous: first.Previous, Records: records}
	run.Digests = make([]Digest, len(records))
	previous, size := first.Previous, RunHeaderSize(run.Institution)
	for i := range records {
		r := &records[i]
		if r.EpochID() != run.EpochID || r.Key != run.Key || uint64(r.Sequence) != uint64(run.First)+uint64(i) || r.Previous != previous {
			return Run{}, &Violation{Field: r.String(), Rule: ErrRunMixed}
		}
		previous = r.Digest()
		run.Digests[i] = previous
		size += EntrySize(r)
	}
	switch {
	case run.First < 1 || run.last() > MaxNumber:
		return Run{}, &Violation{Field: run.String(), Rule: ErrRunSequence}
	case size > MaxRunBytes:
		return Run{}, &Violation{Field: run.String(), Rule: ErrRunTooLong}
	}
	return run, nil
}

// last is the sequence of the last record.
func (r *Run) last() uint64 { return uint64(r.First) + uint64(len(r.Records)) - 1 }

// Size is how long the run is in a frame, in bytes.
func (r *Run) Size() int {
	n := RunHeaderSize(r.Institution)
	for i := range r.Records {
		n += EntrySize(&r.Records[i])
	}
	return n
}

// Join gives one chunk of two runs, when next goes on where r ends: same epoch and key,
// the next sequence, chained to r's last record, and both together within
// [MaxRunRecords] and [MaxRunBytes]. Both must come from [ParseFrame] or [NewRun]; r's
// own memory may be used for the result. If it then fails [Run.Verify], each run is
// judged alone (wire.md §4).
func (r *Run) Join(next *Run) (Run, bool) {
	n := len(r.Records)
	if n == 0 || len(r.Digests) != n || len(next.Digests) != len(next.Records) ||
		r.EpochID != next.EpochID || r.Key != next.Key || r.last()+1 != uint64(next.First) || next.Previous != r.Digests[n-1] ||
		n+len(next.Records) > MaxRunRecords || r.Size()+next.Size() > MaxRunBytes {
		return Run{}, false
	}
	out := *r
	out.Records = append(out.Records, next.Records...)
	out.Digests = append(out.Digests, next.Digests...)
	return out, true
}

// Last gives the last record of a run, which must hold one.
func (r *Run) Last() *Record { return &r.Records[len(r.Records)-1] }

// Verify checks the signature of the last record, which proves the whole run: the
// digests of the chain cover the signature bytes too, so everything in between is what
// the author wrote, a bad signature included. It returns [ErrNotSigned], or [ErrRunCount]
// for a run without records. The chain itself holds by how the run came about:
// [ParseFrame] computes it, [NewRun] and [Run.Join] check it.
func (r *Run) Verify() error {
	if len(r.Records) == 0 {
		return &Violation{Rule: ErrRunCount}
	}
	return r.Last().Verify()
}

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
	flags := byte(r.BodyState) | byte(r.Handling-Clear)<<2&flagHandling
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

// MaxEntryBytes is the longest entry.
const MaxEntryBytes = 8 + 1 + 1 + MaxKind + len(".v999") + ed25519.SignatureSize + 4 + MaxBodyBytes

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
	if len(c.rest) < count*minEntryBytes {
		return Run{}, nil, &Violation{Field: run.String(), Rule: ErrFrameCut}
	}
	run.Records, run.Digests = make([]Record, count), make([]Digest, count)
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
		run.Digests[i] = previous
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
		return &Violation{Field: r.String(), Rule: ErrEpoch}
	case r.First < 1 || r.First > MaxNumber:
		return &Violation{Field: r.String(), Rule: ErrSequence}
	case count < 1 || count > MaxRunRecords:
		return &Violation{Field: r.String(), Rule: ErrRunCount}
	case uint64(r.First)+uint64(count)-1 > MaxNumber:
		return &Violation{Field: r.String(), Rule: ErrRunSequence}
	}
	return CheckKey(r.Key)
}

// minEntryBytes is the shortest entry: an empty body and a kind such as a.v1.
const minEntryBytes = 8 + 1 + 1 + len("a.v1") + ed25519.SignatureSize + 4

// typeCache spares an allocation for every record of a run that says the same kind.
type typeCache struct {
	topic     Topic
	kind, all string
}

func (t *typeCache) full(kind []byte) string {
	if t.all == "" || t.kind != string(kind) {
		t.all = "vardar." + t.topic.String() + "." + string(kind)
		t.kind = t.all[len(t.all)-len(kind):]
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
			return &Violation{Field: r.String(), Rule: ErrBodyTooLong}
		}
		r.Body = c.take(int(n))
	}
	switch {
	case c.bad:
		return &Violation{Field: r.String(), Rule: ErrFrameCut}
	case at > uint64(MaxInstant):
		return &Violation{Field: r.String(), Rule: ErrEntryTime}
	case flags&flagZero != 0:
		return &Violation{Field: r.String(), Rule: ErrEntryBits}
	case !isKind(kind):
		return broken(ErrType, r.String(), string(kind))
	}
	r.Type = kinds.full(kind)
	r.Time = Instant(at) //nolint:gosec // compared with MaxInstant
	r.Handling = Handling(flags&flagHandling>>2) + Clear
	if !r.Handling.Valid() {
		return &Violation{Field: r.String(), Rule: ErrHandling}
	}
	r.Exercise, r.Sealed = flags&flagExercise != 0, flags&flagSealed != 0
	if r.BodyState == BodyHeld {
		r.ContentDigest = sha256.Sum256(r.Body)
	}
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

// FullType gives "vardar.<topic>." and the kind.
func FullType(t Topic, kind string) string {
	return strings.Join([]string{"vardar", t.String(), kind}, ".")
}

package store

import (
	"encoding/binary"
	"hash/crc32"

	bolt "go.etcd.io/bbolt"

	"github.com/vardar-network/vardar/protocol"
)

const (
	// FileName is the store's file in its directory (wire.md §10).
	FileName = "store.bbolt"
	// formatVersion is raised when older software could not read the file.
	formatVersion = 1
	// pageSize of the file: 4 KiB pages cost 11 %, 64 KiB 13 % (hotpath.md 4).
	pageSize = 16 << 10
	// allocSize is by how much a file beyond that size grows: each step costs an fsync of
	// its own, and bbolt's 16 MiB would make a small disk look fuller than it is.
	allocSize = 4 << 20
	// dense fills pages that are only appended to; packed those that are nearly so.
	dense, packed = 1.0, 0.9
)

// The buckets. Their layout is in DESIGN.md.
const (
	bucketMeta     = "meta"     // see the keys below
	bucketGroups   = "groups"   // number u32 → topic and region
	bucketRecords  = "records"  // group number u32 / order u64 → header value
	bucketBodies   = "bodies"   // group number u32 / order u64 → body
	bucketCharters = "charters" // digest → envelope
	bucketBeacons  = "beacons"  // institution → received u64, beacon as on the wire
	bucketCursors  = "cursors"  // link token, group → order u64
	bucketPrivate  = "private"  // name / key → value of another room

	bucketMarks     = "marks"     // group number u32 → order u64 up to which the derived ones stand
	bucketBranches  = "branches"  // number u32 → branch
	bucketPositions = "positions" // branch u32, sequence u32 → ref
	bucketDigests   = "digests"   // first 8 bytes of the digest, ref → nothing
	bucketTypes     = "types"     // topic, kind, 0, peak u64, order over all u64 → ref, sealed; see moment
	bucketAbsent    = "absent"    // body state u8, ref → nothing
)

// Keys in meta, each with an 8-byte value.
const (
	metaFormat  = "format"
	metaLast    = "last"             // how many records there are, which is the last one's order over all
	metaTally   = "tally"            // of the plain buckets, see tally
	metaDerived = "tally of derived" // of the derived ones
	metaPeak    = "peak"             // the moment's peak at the water mark
	metaVersion = "version of "      // … and the derived bucket's name
)

// derivedBuckets gives each derived bucket's version. Raise it when the bucket's content
// changes: all of them are then rebuilt together, since they share one water mark.
func derivedBuckets() map[string]uint64 {
	return map[string]uint64{
		bucketMarks: 1, bucketBranches: 1, bucketPositions: 1, bucketDigests: 1, bucketTypes: 1, bucketAbsent: 1,
	}
}

func plainBuckets() []string {
	return []string{
		bucketMeta, bucketGroups, bucketRecords, bucketBodies, bucketCharters, bucketBeacons, bucketCursors, bucketPrivate,
	}
}

// tallied are the buckets, by tally, in which every value is sealed and counted into a
// tally: nothing else would show that one is gone.
func tallied(key string) []string {
	if key == metaDerived {
		return []string{bucketMarks, bucketBranches}
	}
	return []string{bucketGroups, bucketCharters, bucketBeacons, bucketCursors, bucketPrivate}
}

// ref is where a record lies: 24 bits of group number, 40 bits of order. It is 8 bytes in
// every index.
type ref uint64

const orderBits = 40

func refOf(group uint32, order uint64) ref { return ref(uint64(group)<<orderBits | order) }

func (r ref) group() uint32 { return uint32(r >> orderBits) } //nolint:gosec // 24 bits
func (r ref) order() uint64 { return uint64(r) & (1<<orderBits - 1) }

func u32(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }
func u64(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// posKey is a place on a branch.
type posKey struct{ branch, sequence uint32 }

func (k posKey) bytes() []byte {
	return binary.BigEndian.AppendUint32(u32(k.branch), k.sequence)
}

func digestKey(d protocol.Digest, r ref) []byte {
	return binary.BigEndian.AppendUint64(append(make([]byte, 0, 16), d[:8]...), uint64(r))
}

func absentKey(state protocol.BodyState, r ref) []byte {
	return binary.BigEndian.AppendUint64([]byte{byte(state)}, uint64(r))
}

// typePrefix begins the keys of one type: a kind holds no zero byte.
func typePrefix(topic protocol.Topic, kind string) []byte {
	return append(append([]byte{byte(topic)}, kind...), 0)
}

// moment is when a record was accepted, in the order of acceptance over all, which clocks
// don't decide: peak is the latest time at which any record up to this one was accepted.
// A clock that is set back leaves it where it is. What was accepted since an instant has
// a peak since that instant, so the index finds it without reading what came before.
type moment struct {
	peak protocol.Instant
	n    uint64
}

func typeKey(topic protocol.Topic, kind string, m moment) []byte {
	b := binary.BigEndian.AppendUint64(typePrefix(topic, kind), uint64(m.peak)) //nolint:gosec // an instant is never negative
	return binary.BigEndian.AppendUint64(b, m.n)
}

// checksum covers where a value lies too.
func checksum(bucket string, key, value []byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	sum := crc32.Checksum([]byte(bucket), table)
	return crc32.Update(crc32.Update(sum, table, key), table, value)
}

// seal appends the checksum to a value.
func seal(bucket string, key, value []byte) []byte {
	return binary.BigEndian.AppendUint32(value[:len(value):len(value)], checksum(bucket, key, value))
}

// unseal gives the value without its checksum.
func unseal(bucket string, key, sealed []byte) ([]byte, error) {
	if len(sealed) < 4 {
		return nil, errFormat
	}
	value := sealed[: len(sealed)-4 : len(sealed)-4]
	if binary.BigEndian.Uint32(sealed[len(value):]) != checksum(bucket, key, value) {
		return nil, errChecksum
	}
	return value, nil
}

// fingerprint is what a value adds to its tally, by exclusive or: so a value that is gone,
// or came from nowhere, is noticed.
func fingerprint(bucket string, key, sealed []byte) uint64 {
	d := protocol.DigestOf([]byte(bucket), []byte{0}, u32(uint32(len(key))), key, sealed) //nolint:gosec // bbolt bounds keys
	return binary.BigEndian.Uint64(d[:])
}

// number reads an 8-byte value of meta; absent is 0.
func number(meta *bolt.Bucket, name string) (uint64, error) {
	key := []byte(name)
	sealed := meta.Get(key)
	if sealed == nil {
		return 0, nil
	}
	value, err := unseal(bucketMeta, key, sealed)
	if err != nil {
		return 0, err
	}
	if len(value) != 8 {
		return 0, errFormat
	}
	return binary.BigEndian.Uint64(value), nil
}

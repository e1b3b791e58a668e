package store

import (
	"bytes"
	"encoding/binary"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"github.com/vardar-network/vardar/protocol"
)

// Stored is a record as the store holds it.
type Stored struct {
	protocol.Record
	Digest   protocol.Digest
	Accepted protocol.Instant // by this node's clock
	Order    uint64           // of acceptance within its group, from 1
	Place    uint64           // of acceptance over all groups, from 1
}

// header is a stored record without its body.
type header struct{ Stored }

const (
	headerForm  = 1
	headerFixed = 124 // all before the institution
	offDigest   = 18
)

// encode writes a header value: everything the record's digest covers, so that each value
// can be checked alone.
func (h *header) encode() []byte {
	b := make([]byte, 0, 288)
	b = append(b, headerForm, byte(h.BodyState))
	b = binary.BigEndian.AppendUint64(b, h.Place)
	b = binary.BigEndian.AppendUint64(b, uint64(h.Accepted)) //nolint:gosec // an instant is never negative
	b = append(b, h.Digest[:]...)
	b = append(b, h.Key[:]...)
	b = append(b, h.Previous[:]...)
	b = binary.BigEndian.AppendUint32(b, h.Epoch)
	b = binary.BigEndian.AppendUint32(b, h.Sequence)
	b = append(b, byte(h.Topic), byte(len(h.Institution)))
	b = append(b, h.Institution...)
	bare := h.WithoutBody(protocol.BodyMissing) // the entry then holds the content digest
	return protocol.AppendEntry(b, &bare)
}

// decode reads a header value and recomputes the record's digest.
func (h *header) decode(b []byte) error {
	if len(b) < headerFixed || b[0] != headerForm || len(b) < headerFixed+int(b[123]) {
		return errFormat
	}
	h.Place = binary.BigEndian.Uint64(b[2:])
	h.Accepted = protocol.Instant(binary.BigEndian.Uint64(b[10:])) //nolint:gosec // as encode wrote it
	h.Digest = protocol.Digest(b[offDigest : offDigest+32])
	name := protocol.Name{Institution: protocol.InstitutionID(b[headerFixed : headerFixed+int(b[123])])}
	name.Epoch, name.Sequence = binary.BigEndian.Uint32(b[114:]), binary.BigEndian.Uint32(b[118:])
	name.Topic = protocol.Topic(b[122])
	record, err := protocol.ParseEntry(b[headerFixed+int(b[123]):], name, protocol.Key(b[50:82]), protocol.Digest(b[82:114]))
	if err != nil {
		return err
	}
	record.BodyState = protocol.BodyState(b[1] & 3)
	h.Record = record
	if record.Digest() != h.Digest {
		return errDigest
	}
	return nil
}

// valueDigest and valueN read one part of a header value whose checksum was good.
func valueDigest(value []byte) protocol.Digest {
	return protocol.Digest(value[offDigest : offDigest+32])
}

func valueN(value []byte) uint64 { return binary.BigEndian.Uint64(value[2:]) }

// nested opens group's own bucket in records or bodies, nil if there is none.
func nested(tx *bolt.Tx, bucket string, group uint32) *bolt.Bucket {
	return tx.Bucket([]byte(bucket)).Bucket(u32(group))
}

// walk reads the values of one group's bucket. The one behind that which it read last is
// found without a search.
type walk struct {
	c  *bolt.Cursor // nil if the group has no such bucket
	at uint64       // the order that c stands at; 0: nowhere
}

func newWalk(b *bolt.Bucket) *walk {
	if b == nil {
		return &walk{}
	}
	return &walk{c: b.Cursor()}
}

func (w *walk) get(order uint64) []byte {
	if w.c == nil {
		return nil
	}
	var key, value []byte
	if w.at != 0 && order == w.at+1 {
		key, value = w.c.Next()
	} else {
		key, value = w.c.Seek(u64(order))
	}
	if w.at = 0; len(key) != 8 || binary.BigEndian.Uint64(key) != order {
		return nil
	}
	w.at = order
	return value
}

// reader reads records within one transaction.
type reader struct {
	tx              *bolt.Tx
	headers, bodies map[uint32]*walk // by group
}

func newReader(tx *bolt.Tx) *reader {
	return &reader{tx: tx, headers: map[uint32]*walk{}, bodies: map[uint32]*walk{}}
}

func (rd *reader) value(walks map[uint32]*walk, bucket string, r ref) []byte {
	w := walks[r.group()]
	if w == nil {
		w = newWalk(nested(rd.tx, bucket, r.group()))
		walks[r.group()] = w
	}
	return w.get(r.order())
}

// raw gives the header value at ref, checked by its checksum; it lives as long as the
// transaction.
func (rd *reader) raw(r ref) ([]byte, error) {
	sealed := rd.value(rd.headers, bucketRecords, r)
	if sealed == nil {
		return nil, errAbsent
	}
	value, err := unseal(bucketRecords, refKey(r), sealed)
	if err == nil && len(value) < headerFixed {
		err = errFormat
	}
	return value, err
}

// refKey is what the checksum of a header takes for its key: its group counts too.
func refKey(r ref) []byte { return u64(uint64(r)) }

// header reads the header at ref; a [*Damage] if it isn't what was written.
func (rd *reader) header(r ref) (header, error) {
	var h header
	value, err := rd.raw(r)
	if err == nil {
		err = h.decode(value)
	}
	h.Order = r.order()
	if err != nil {
		return h, &Damage{Record: h.Name, Order: r.order(), Reason: err}
	}
	return h, nil
}

// load reads the record at ref with its body, both hash-checked. With a damaged body it
// returns the rest, its body missing, and a [*Damage] that says so.
func (rd *reader) load(r ref) (header, error) {
	h, err := rd.header(r)
	if err != nil || h.BodyState != protocol.BodyHeld {
		return h, err
	}
	err = errAbsent
	if body := rd.value(rd.bodies, bucketBodies, r); body != nil {
		body = bytes.Clone(body)
		if err = h.CheckBody(body); err == nil {
			h.Body = body
			return h, nil
		}
	}
	h.BodyState = protocol.BodyMissing
	return h, &Damage{Record: h.Name, Group: h.Feed().Group(), Order: h.Order, Body: true, Reason: err}
}

// at checks that an index led to the record it promised.
func (h *header) at(e protocol.EpochID, sequence uint32) error {
	if h.EpochID() != e || h.Sequence != sequence {
		return &Damage{Record: protocol.Name{Institution: e.Institution, Position: protocol.Position{Topic: e.Topic, Epoch: e.Epoch, Sequence: sequence}}, Order: h.Order, Reason: fmt.Errorf("%w: found %s", errAbsent, h.Name)}
	}
	return nil
}

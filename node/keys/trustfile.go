package keys

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/vardar-network/vardar/protocol"
)

const (
	lengthSize = 4
	// maxTrustEntry bounds one frame of the file: a record's body and its header values,
	// which the block of wire.md §1 bounds.
	maxTrustEntry = protocol.MaxBodyBytes + protocol.MaxBlockBytes
)

// ReadTrustFile reads an institution's trust feed as it lies on the carrier: for each
// record its length as u32, big-endian, and a frame of one run of one record (wire.md
// §4). Every record must be signed by its own key and follow the one before: next in the
// chain of one epoch and key, or the first of a later epoch.
//
// whole is the length of what is good. If it is less than the data, the rest is what an
// append left that was cut short: a frame that is not all there, or whose end was never
// written and reads as zeros; nothing after it. Anything else returns [ErrCarrierDamaged]
// with the records before the damage. Records hold slices of data.
func ReadTrustFile(id protocol.InstitutionID, data []byte) (records []protocol.Record, whole int, err error) {
	for whole < len(data) {
		r, size, ok := trustEntry(id, data[whole:])
		if !ok {
			if !isTorn(id, data[whole:]) {
				return records, whole, fmt.Errorf("record %d, byte %d: %w", len(records)+1, whole, ErrCarrierDamaged)
			}
			return records, whole, nil
		}
		if n := len(records); !opensOrFollows(records, &r) {
			return records, whole, fmt.Errorf("record %d, byte %d: %s does not follow: %w", n+1, whole, r.Position, ErrCarrierDamaged)
		}
		records, whole = append(records, r), whole+size
	}
	return records, whole, nil
}

func appendTrustEntry(b []byte, r *protocol.Record) ([]byte, error) {
	run, err := protocol.NewRun([]protocol.Record{*r})
	if err != nil {
		return nil, err
	}
	frame := protocol.AppendFrame(nil, []protocol.Run{run})
	return append(binary.BigEndian.AppendUint32(b, uint32(len(frame))), frame...), nil
}

// trustEntry reads the entry at the beginning of data.
func trustEntry(id protocol.InstitutionID, data []byte) (r protocol.Record, size int, ok bool) {
	if len(data) < lengthSize {
		return r, 0, false
	}
	n := int64(binary.BigEndian.Uint32(data))
	if n > maxTrustEntry || n > int64(len(data)-lengthSize) {
		return r, 0, false
	}
	size = lengthSize + int(n)
	r, ok = trustFrame(id, data[lengthSize:size])
	return r, size, ok
}

func trustFrame(id protocol.InstitutionID, frame []byte) (r protocol.Record, ok bool) {
	runs, err := protocol.ParseFrame(frame, nil)
	if err != nil || len(runs) != 1 || len(runs[0].Records) != 1 {
		return r, false
	}
	r = runs[0].Records[0]
	return r, r.Institution == id && r.Topic == protocol.Trust && r.BodyState == protocol.BodyHeld && r.Verify() == nil
}

// isTorn reports whether data, which does not begin with a good entry, is what one append
// left that was cut short. Damage in the middle can look alike, a flipped bit in a length
// above all, and cutting there would lose the records behind it and have their positions
// written again: so no good record may stand further on.
func isTorn(id protocol.InstitutionID, data []byte) bool {
	complete := len(data) >= lengthSize && int64(binary.BigEndian.Uint32(data)) <= int64(len(data)-lengthSize)
	if complete && data[len(data)-1] != 0 || len(data) > lengthSize+maxTrustEntry {
		return false // a body is a JSON object and never ends in a zero
	}
	for at := 0; ; at++ {
		i := bytes.Index(data[at:], []byte("vf\x01"))
		if i < 0 {
			return true
		}
		at += i
		if at >= lengthSize {
			if _, _, ok := trustEntry(id, data[at-lengthSize:]); ok {
				return false
			}
		}
		if _, ok := trustFrame(id, data[at:]); ok {
			return false // whole, and only its length is damaged
		}
	}
}

// opensOrFollows is the rule of the file: see [ReadTrustFile].
func opensOrFollows(before []protocol.Record, r *protocol.Record) bool {
	if len(before) == 0 {
		return r.Sequence == 1
	}
	last := &before[len(before)-1]
	if r.Epoch > last.Epoch {
		return r.Sequence == 1
	}
	return r.Epoch == last.Epoch && r.Sequence == last.Sequence+1 && r.Key == last.Key && r.Previous == last.Digest()
}

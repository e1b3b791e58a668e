package protocol

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
)

// HaveRow says what a node holds of one epoch without a gap: the head's sequence and the
// first 16 bytes of its digest. Which rows there are is epochs.md 17.
type HaveRow struct {
	EpochID
	Sequence uint32
	Head     DigestPrefix
}

// CompareRows orders rows as a group digest does: by the institution's local name, then
// epoch; branches of one epoch by sequence and digest.
func CompareRows(a, b HaveRow) int {
	return cmp.Or(
		cmp.Compare(a.Institution.LocalName(), b.Institution.LocalName()),
		cmp.Compare(a.Epoch, b.Epoch),
		cmp.Compare(a.Sequence, b.Sequence),
		slices.Compare(a.Head[:], b.Head[:]),
	)
}

// AppendRow appends the bytes of a row as the group digest covers them (wire.md §3).
func (r HaveRow) AppendRow(b []byte) []byte {
	name := r.Institution.LocalName()
	b = append(b, byte(len(name)))
	b = append(b, name...)
	b = binary.BigEndian.AppendUint32(b, r.Epoch)
	b = binary.BigEndian.AppendUint32(b, r.Sequence)
	return append(b, r.Head[:]...)
}

// MarshalJSON writes ["situation","mk.southeast.gevgelija",1,42,"27a3…"].
func (r HaveRow) MarshalJSON() ([]byte, error) {
	b := make([]byte, 0, 128)
	b = append(append(b, `["`...), r.Topic.String()...)
	b = append(append(b, `","`...), r.Institution...)
	b = strconv.AppendUint(append(b, `",`...), uint64(r.Epoch), 10)
	b = strconv.AppendUint(append(b, ','), uint64(r.Sequence), 10)
	b = hex.AppendEncode(append(b, `,"`...), r.Head[:])
	return append(b, `"]`...), nil
}

// UnmarshalJSON reads what MarshalJSON writes. Sequence 0 is an epoch whose `last` says
// that nothing counts.
func (r *HaveRow) UnmarshalJSON(b []byte) error {
	if !json.Valid(b) {
		return &Violation{Rule: ErrJSONSyntax}
	}
	var row HaveRow
	parts := []any{&row.Topic, &row.Institution, &row.Epoch, &row.Sequence, &row.Head}
	d := &jsonDecoder{scanner: scanner{data: b}}
	if d.next() != '[' {
		return d.wants("[topic, institution, epoch, sequence, digest]")
	}
	n := 0
	err := d.elements(func() error {
		if n++; n > len(parts) {
			return d.breaks(ErrJSONValue)
		}
		return d.value(reflect.ValueOf(parts[n-1]).Elem())
	})
	switch {
	case err != nil:
		return err
	case n < len(parts):
		return misfit("", "want [topic, institution, epoch, sequence, digest]")
	case row.Epoch < 1 || row.Epoch > MaxNumber:
		return &Violation{Field: "[2]", Rule: ErrEpoch}
	case row.Sequence > MaxNumber:
		return &Violation{Field: "[3]", Rule: ErrSequence}
	}
	*r = row
	return nil
}

// GroupDigest is the digest of a group's rows, which it sorts. It is the zero Digest for
// no rows: an empty group has no digest and is not mentioned.
func GroupDigest(g Group, rows []HaveRow) Digest {
	if len(rows) == 0 {
		return Digest{}
	}
	slices.SortFunc(rows, CompareRows)
	h := sha256.New()
	h.Write([]byte(lineHave + g.String() + "\n"))
	var buf [96]byte
	for _, r := range rows {
		h.Write(r.AppendRow(buf[:0]))
	}
	return Digest(h.Sum(nil))
}

// HavesDigest is the digest of a whole have, which a witness record states. Groups with
// the zero Digest are empty and left out.
func HavesDigest(groups map[Group]Digest) Digest {
	lines := make([]string, 0, len(groups))
	for g, d := range groups {
		if !d.IsZero() {
			lines = append(lines, g.String()+" "+d.Hex()+"\n")
		}
	}
	slices.Sort(lines)
	h := sha256.New()
	h.Write([]byte(lineHaves))
	for _, line := range lines {
		h.Write([]byte(line))
	}
	return Digest(h.Sum(nil))
}

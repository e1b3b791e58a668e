package protocol

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"maps"
	"slices"
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
	return json.Marshal([]any{r.Topic, r.Institution, r.Epoch, r.Sequence, r.Head})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (r *HaveRow) UnmarshalJSON(b []byte) error {
	var parts [5]json.RawMessage
	var list []json.RawMessage
	if err := json.Unmarshal(b, &list); err != nil || len(list) != len(parts) {
		return misfit("", "want [topic, institution, epoch, sequence, digest]")
	}
	copy(parts[:], list)
	err := errors.Join(
		json.Unmarshal(parts[0], &r.Topic),
		json.Unmarshal(parts[1], &r.Institution),
		json.Unmarshal(parts[2], &r.Epoch),
		json.Unmarshal(parts[3], &r.Sequence),
		json.Unmarshal(parts[4], &r.Head),
	)
	if err == nil && (r.Epoch < 1 || r.Epoch > MaxNumber || r.Sequence > MaxNumber) {
		err = misfit("", "epoch or sequence out of range")
	}
	return err
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

// HavesDigest is the digest of a whole have, which a witness record states.
func HavesDigest(groups map[Group]Digest) Digest {
	lines := map[string]bool{}
	for g, d := range groups {
		lines[g.String()+" "+d.Hex()+"\n"] = true
	}
	h := sha256.New()
	h.Write([]byte(lineHaves))
	for _, line := range slices.Sorted(maps.Keys(lines)) {
		h.Write([]byte(line))
	}
	return Digest(h.Sum(nil))
}

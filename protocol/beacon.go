package protocol

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"slices"
	"strings"
)

// MaxBeaconBytes bounds a beacon.
const MaxBeaconBytes = 4096

const lineBeacon = "vardar-beacon-v1\n"

// Head is the last position of an epoch held with no gap before it. Sequence 0 with the
// opener's digest stands for an epoch without records.
type Head struct {
	Topic    Topic
	Epoch    uint32
	Sequence uint32
	Digest   Digest
}

// Beacon is a node's signed list of the heads of its own feeds, with the time: what
// keeps a relay from holding back the newest unnoticed (wire.md §8).
type Beacon struct {
	Institution InstitutionID
	Time        Instant
	Key         Key // the node key; it must be the open key of a listed feed
	Heads       []Head
	Signature   Signature
}

// Text is what the node key signs: lines, each ended by LF, the heads sorted by the name
// of their topic, then epoch. Heads itself keeps its order: beacons are shared.
func (b *Beacon) Text() []byte {
	heads := slices.SortedFunc(slices.Values(b.Heads), compareHeads)
	out := []byte(lineBeacon + string(b.Institution) + "\n" + b.Time.String() + "\n" + b.Key.String() + "\n")
	for _, h := range heads {
		position := Position{h.Topic, h.Epoch, h.Sequence}
		out = append(out, strings.ReplaceAll(position.String(), ".", " ")...)
		out = append(out, ' ')
		out = hex.AppendEncode(out, h.Digest[:])
		out = append(out, '\n')
	}
	return out
}

// Wire gives the text and its signature line.
func (b *Beacon) Wire() []byte {
	return append(b.Text(), "signature "+b.Signature.String()+"\n"...)
}

func compareHeads(a, b Head) int {
	return cmp.Or(cmp.Compare(a.Topic.String(), b.Topic.String()), cmp.Compare(a.Epoch, b.Epoch))
}

// ParseBeacon reads a beacon and checks its signature by the key it names. Whether that
// key is the institution's is for the trust feed to say.
func ParseBeacon(wire []byte) (Beacon, error) {
	b, err := ReadBeacon(wire)
	if err != nil {
		return Beacon{}, err
	}
	return b, b.Verify()
}

// Verify checks the signature by the key that the beacon names.
func (b *Beacon) Verify() error {
	if !b.Key.Verify(b.Text(), b.Signature) {
		return &Violation{Field: string(b.Institution), Rule: ErrBeaconSignature}
	}
	return nil
}

// ReadBeacon reads a beacon that nobody is to be believed yet: call [Beacon.Verify].
func ReadBeacon(wire []byte) (Beacon, error) {
	if len(wire) > MaxBeaconBytes {
		return Beacon{}, &Violation{Rule: ErrBeaconTooLong}
	}
	text, signature, ok := cutSignature(wire)
	lines := strings.Split(text, "\n")
	if !ok || len(lines) < 5 || lines[0]+"\n" != lineBeacon || lines[len(lines)-1] != "" {
		return Beacon{}, &Violation{Rule: ErrBeacon}
	}
	b := Beacon{Signature: signature}
	var err error
	if b.Institution, err = ParseInstitution(lines[1]); err != nil {
		return Beacon{}, err
	}
	if b.Time, err = ParseInstant(lines[2]); err != nil {
		return Beacon{}, err
	}
	if b.Key, err = ParseKey(lines[3]); err != nil {
		return Beacon{}, err
	}
	for _, line := range lines[4 : len(lines)-1] {
		head, ok := parseHead(line)
		if !ok {
			return Beacon{}, broken(ErrBeacon, "", line)
		}
		if n := len(b.Heads); n > 0 && compareHeads(b.Heads[n-1], head) >= 0 {
			return Beacon{}, broken(ErrBeaconOrder, "", line)
		}
		b.Heads = append(b.Heads, head)
	}
	if len(b.Heads) == 0 {
		return Beacon{}, &Violation{Rule: ErrBeaconEmpty}
	}
	if string(b.Text()) != text { // it is signed as it would be written
		return Beacon{}, &Violation{Field: string(b.Institution), Rule: ErrBeacon}
	}
	return b, nil
}

func cutSignature(wire []byte) (text string, signature Signature, ok bool) {
	i := bytes.LastIndex(wire, []byte("\nsignature "))
	if i < 0 {
		return "", Signature{}, false
	}
	encoded, ok := bytes.CutSuffix(wire[i+len("\nsignature "):], []byte("\n"))
	return string(wire[:i+1]), signature, ok && signature.UnmarshalText(encoded) == nil
}

func parseHead(line string) (Head, bool) {
	parts := strings.Split(line, " ")
	if len(parts) != 4 {
		return Head{}, false
	}
	topic, err := ParseTopic(parts[0])
	epoch, ok := parseNumber(parts[1])
	sequence, ok2 := parseNumber(parts[2])
	h := Head{Topic: topic, Epoch: epoch, Sequence: sequence}
	ok2 = ok2 || parts[2] == "0"
	return h, err == nil && ok && ok2 && decodeHex(h.Digest[:], parts[3])
}

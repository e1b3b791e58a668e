package protocol

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
)

// The bounds of a bundle.
const (
	// MaxBundleHeadBytes bounds what stands before the sealed part.
	MaxBundleHeadBytes = 512
	// MaxSectionBytes bounds one section: the largest charter, or a frame of one record.
	MaxSectionBytes = 1 << 20
	// SectionHeadSize is how long a section's kind and length are.
	SectionHeadSize = 5
)

const lineBundle = "vardar-bundle-v1\n"

// BundleHead is what a bundle says before its sealed part: frames for one peer in a file,
// where there is no line. It tells people whose file they hold, and proves nothing.
//
//	bundle  = "vardar-bundle-v1" LF "from " ID LF "to " ID LF "made " ce-time LF LF
//	          age( zstd( section* end ) )      sealed to the age key of `to` (wire.md §8)
//	section = u8 kind | u32 length, at most 1 MiB | bytes
//	end     = u8 4 | u32 0
type BundleHead struct {
	From InstitutionID `json:"from"`
	To   InstitutionID `json:"to"`
	Made Instant       `json:"made"`
}

// Text gives the head as it stands in the file.
func (h BundleHead) Text() []byte {
	out := []byte(lineBundle)
	for k, value := range []string{string(h.From), string(h.To), h.Made.String()} {
		out = append(append(append(out, bundleLines()[k]...), value...), '\n')
	}
	return append(out, '\n')
}

// bundleLines are what the lines of a head begin with, behind the first.
func bundleLines() [3]string { return [...]string{"from ", "to ", "made "} }

// IsBundle reports whether a file begins as a bundle does.
func IsBundle(start []byte) bool { return bytes.HasPrefix(start, []byte(lineBundle)) }

// ReadBundleHead reads the head that a file begins with and gives its size. It returns
// [ErrBundle], or what [ParseInstitution] and [ParseInstant] say.
func ReadBundleHead(start []byte) (h BundleHead, size int, err error) {
	end := bytes.Index(start, []byte("\n\n"))
	if !IsBundle(start) || end < 0 || end+2 > MaxBundleHeadBytes {
		return h, 0, &Violation{Rule: ErrBundle}
	}
	lines := strings.Split(string(start[len(lineBundle):end]), "\n")
	values := make([]string, 0, 3)
	for k, name := range bundleLines() {
		if len(lines) != 3 || !strings.HasPrefix(lines[k], name) {
			return h, 0, &Violation{Rule: ErrBundle}
		}
		values = append(values, lines[k][len(name):])
	}
	if h.From, err = ParseInstitution(values[0]); err != nil {
		return h, 0, err
	}
	if h.To, err = ParseInstitution(values[1]); err != nil {
		return h, 0, err
	}
	h.Made, err = ParseInstant(values[2])
	return h, end + 2, err
}

// Section says what a part of a bundle is.
type Section uint8

// What a bundle holds, in this order: charters first, since they say whose records count.
const (
	SectionCharter Section = 1 // a version of the charter, as links answer it (wire.md §9)
	SectionFrame   Section = 2 // wire.md §4, not compressed
	SectionBeacon  Section = 3 // one, as on the wire (wire.md §8)
	SectionEnd     Section = 4 // nothing, behind all others: without it the bundle was cut off
)

// AppendSection appends a section to a bundle's unsealed part.
func AppendSection(dst []byte, kind Section, data []byte) []byte {
	dst = append(dst, byte(kind))
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(data))) //nolint:gosec // at most MaxSectionBytes
	return append(dst, data...)
}

// ReadSections reads the unsealed part of a bundle and hands each section on as it comes, up
// to the end. What is handed on is the caller's. It returns [ErrBundle] for a kind that there
// is not, for more than [MaxSectionBytes], for an end with something in it or behind it, and,
// beside what the reader says, for a bundle that is cut off; and at once whatever take returns.
func ReadSections(r io.Reader, take func(Section, []byte) error) error {
	for {
		var head [SectionHeadSize]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return brokenOff(err)
		}
		kind, size := Section(head[0]), binary.BigEndian.Uint32(head[1:])
		if kind < SectionCharter || kind > SectionEnd || size > MaxSectionBytes || kind == SectionEnd && size > 0 {
			return &Violation{Rule: ErrBundle}
		}
		if kind == SectionEnd {
			return nothingBehind(r)
		}
		data := make([]byte, size)
		if _, err := io.ReadFull(r, data); err != nil {
			return brokenOff(err)
		}
		if err := take(kind, data); err != nil {
			return err
		}
	}
}

// nothingBehind reads to the end, which has a seal checked to its last byte.
func nothingBehind(r io.Reader) error {
	switch n, err := io.Copy(io.Discard, io.LimitReader(r, 1)); {
	case err != nil:
		return brokenOff(err)
	case n > 0:
		return fmt.Errorf("something stands behind its end: %w", &Violation{Rule: ErrBundle})
	}
	return nil
}

func brokenOff(err error) error {
	return fmt.Errorf("no end: %w: %w", &Violation{Rule: ErrBundle}, err)
}

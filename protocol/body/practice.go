package body

import (
	"encoding/base64"

	"github.com/vardar-network/vardar/protocol"
)

// TypePractice is the type of a [Practice].
const TypePractice = "vardar.knowledge.practice.v1"

// Practice is what an institution has tried and found good: the problem, what was done about
// it, and what came of it, so that others can do the same. Others adopt it, with what came of
// it at home ([Endorsement]). Three members are needed; the rest is worth its while.
type Practice struct {
	Common
	Title       Label            `json:"title"`
	Summary     Text             `json:"summary,omitempty"`
	Problem     Text             `json:"problem"`
	Solution    Text             `json:"solution"`
	Context     Text             `json:"context,omitempty"` // what it needs to work elsewhere
	Results     []PracticeResult `json:"results,omitempty" fit:"least=1 most=50"`
	Cost        *Money           `json:"cost,omitempty"`
	CostNote    Label            `json:"cost_note,omitempty"` // of what: a year, for 500 places; or what it takes besides money
	Sectors     []Sector         `json:"sectors,omitempty" fit:"least=1 unique"`
	Places      []Place          `json:"places,omitempty" fit:"least=1 most=99"` // where it was done, beside place
	Phases      []PhaseName      `json:"phases,omitempty" fit:"least=1 unique"`  // of crisis management that it serves in
	Attachments []Attachment     `json:"attachments,omitempty" fit:"least=1 most=20"`
}

// PracticeResult is one thing that was measured. What was not measured before is left out.
type PracticeResult struct {
	What   Label   `json:"what"`
	Unit   Label   `json:"unit"`
	Before Decimal `json:"before,omitempty"`
	After  Decimal `json:"after"`
}

// MaxAttachedBytes bounds a file that stands in a body: with base64 it is two thirds of the
// longest one. A longer one lies at an address.
const MaxAttachedBytes = 128 << 10

// Attachment is a file of a record: in the body itself, so that it goes where the record goes
// and is erased with it, or at an address, held to what its author meant by size and digest.
type Attachment struct {
	Name      FileName        `json:"name"`
	MediaType MediaType       `json:"media_type"`
	Digest    protocol.Digest `json:"digest"`                  // SHA-256 of the file
	Size      Positive        `json:"size" fit:"max=33554432"` // bytes, at most [protocol.MaxFileBytes]
	Content   Encoded         `json:"content,omitempty"`
	URL       WebAddress      `json:"url,omitempty"`
}

// File gives what stands in the body; not ok of a file that lies elsewhere.
func (a *Attachment) File() ([]byte, bool) {
	file, err := base64.StdEncoding.DecodeString(string(a.Content))
	return file, err == nil && a.Content != ""
}

// check holds the file against what is said of it; [ErrAttachment].
func (a *Attachment) check(path string) error {
	file, here := a.File()
	switch {
	case here == (a.URL != ""):
		return refuse(ErrAttachment, join(path, "content"), "give the file as content, or its address as url, and not both")
	case !here:
		return nil
	case len(file) > MaxAttachedBytes:
		return refuse(ErrAttachment, join(path, "content"), "%d bytes: at most %d stand in a body, give the address of a longer one", len(file), MaxAttachedBytes)
	case int64(a.Size) != int64(len(file)):
		return refuse(ErrAttachment, join(path, "size"), "the file has %d bytes", len(file))
	case a.Digest != protocol.DigestOf(file):
		return refuse(ErrAttachment, join(path, "digest"), "it is that of another file")
	}
	return nil
}

// FileName names a file: one that no system takes for a path or for a hidden file, in letters
// of any alphabet, none of which turns the order of the others about.
type FileName string

// MaxFileName bounds the name of a file, in bytes: what file systems take, with room for an ending.
const MaxFileName = 200

// MaxBytes is the bound that [Parse] holds it to.
func (FileName) MaxBytes() int { return MaxFileName }

// Pattern is the regular expression of a name.
func (FileName) Pattern() string { return fileNamePattern }

// UnmarshalText reads it; [ErrTextTooLong] or [ErrPattern].
func (n *FileName) UnmarshalText(b []byte) error {
	if len(b) > MaxFileName {
		return refuse(ErrTextTooLong, "", "%d bytes, at most %d", len(b), MaxFileName)
	}
	return readPattern(n, b, fileNameExpr, "want the name of a file, such as plan.pdf")
}

// MediaType says what a file is (RFC 6838 §4.2), in small letters.
type MediaType string

// Pattern is the regular expression of type and subtype.
func (MediaType) Pattern() string { return mediaTypePattern }

// UnmarshalText reads it; [ErrPattern].
func (m *MediaType) UnmarshalText(b []byte) error {
	return readPattern(m, b, mediaTypeExpr, "want a media type such as application/pdf")
}

// WebAddress is an absolute address of the web, at most [MaxURI] bytes: what a page may lead to.
type WebAddress string

// Pattern is the regular expression of what may stand in one.
func (WebAddress) Pattern() string { return webAddressPattern }

// MaxBytes is the bound that [Parse] holds it to.
func (WebAddress) MaxBytes() int { return MaxURI }

// UnmarshalText reads it; [ErrPattern], [ErrTextTooLong].
func (w *WebAddress) UnmarshalText(b []byte) error {
	var u URI
	if err := u.UnmarshalText(b); err != nil {
		return err
	}
	return readPattern(w, b, webAddressExpr, "want an address such as https://example.org/page")
}

// Type gives [TypePractice].
func (*Practice) Type() string { return TypePractice }

func (p *Practice) check() error {
	seen := map[PlaceKey]bool{}
	if p.Place != nil {
		seen[p.Place.Key()] = true
	}
	for i := range p.Places {
		place, path := &p.Places[i], entry("places", i)
		if err := place.check(path); err != nil {
			return err
		}
		if seen[place.Key()] {
			return refuse(ErrTwice, path, "%s stands twice: keep one", place.Key())
		}
		seen[place.Key()] = true
	}
	names := map[FileName]bool{}
	for i := range p.Attachments {
		a, path := &p.Attachments[i], entry("attachments", i)
		if err := a.check(path); err != nil {
			return err
		}
		if names[a.Name] {
			return refuse(ErrTwice, path+".name", "two files are called %s: name one otherwise", a.Name)
		}
		names[a.Name] = true
	}
	return nil
}

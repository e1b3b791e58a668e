package protocol_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/protocol"
)

func bundleHead() protocol.BundleHead {
	made, err := protocol.ParseInstant("2015-11-09T09:00:00.000Z")
	if err != nil {
		panic(err)
	}
	return protocol.BundleHead{From: "mk.southeast.demo-south-gate", To: "mk.national.demo-crisis-centre", Made: made}
}

// TestBundleHeadIsReadAsItIsWritten, and what differs by a letter of its form is refused.
func TestBundleHeadIsReadAsItIsWritten(t *testing.T) {
	text := bundleHead().Text()
	got, size, err := protocol.ReadBundleHead(append(text, "age-encryption.org/v1\n\n"...))
	if err != nil || got != bundleHead() || size != len(text) {
		t.Fatalf("got %v of %d bytes, %v", got, size, err)
	}
	for name, wrong := range map[string]struct{ from, to string }{
		"another first line": {"vardar-bundle-v1", "vardar-bundle-v2"},
		"no end":             {"\n\n", "\n"},
		"another order":      {"from ", "to "},
		"a line more":        {"made ", "by somebody\nmade "},
		"too long":           {"made ", "made " + strings.Repeat(" ", protocol.MaxBundleHeadBytes)},
	} {
		if _, _, err := protocol.ReadBundleHead([]byte(strings.Replace(string(text), wrong.from, wrong.to, 1))); !errors.Is(err, protocol.ErrBundle) {
			t.Errorf("%s: %v, want %v", name, err, protocol.ErrBundle)
		}
	}
	for field, wrong := range map[error][2]string{
		protocol.ErrInstitution: {"demo-south-gate", "Demo South Gate"},
		protocol.ErrTime:        {"09:00:00.000Z", "25:00:00.000Z"},
	} {
		if _, _, err := protocol.ReadBundleHead([]byte(strings.Replace(string(text), wrong[0], wrong[1], 1))); !errors.Is(err, field) {
			t.Errorf("%q: %v, want %v", wrong[1], err, field)
		}
	}
}

// TestSectionIsBounded before anything is read of it.
func TestSectionIsBounded(t *testing.T) {
	b := protocol.AppendSection([]byte{7}, protocol.SectionBeacon, []byte("abc"))
	if kind, size, err := protocol.ParseSectionHead([5]byte(b[1:])); kind != protocol.SectionBeacon || size != 3 || err != nil || string(b[6:]) != "abc" {
		t.Errorf("%d of %d bytes, %v", kind, size, err)
	}
	for _, head := range [][5]byte{{}, {0, 0, 0, 0, 1}, {4, 0, 0, 0, 1}, {5, 0, 0, 0, 0}, {2, 0, 0x10, 0, 1}, {2, 0xff, 0xff, 0xff, 0xff}} {
		if _, _, err := protocol.ParseSectionHead(head); !errors.Is(err, protocol.ErrBundle) {
			t.Errorf("% x: %v, want %v", head, err, protocol.ErrBundle)
		}
	}
}

// FuzzReadBundleHead: what is read is written again to the same bytes.
func FuzzReadBundleHead(f *testing.F) {
	f.Add(bundleHead().Text())
	f.Fuzz(func(t *testing.T, data []byte) {
		if h, size, err := protocol.ReadBundleHead(data); err == nil && string(h.Text()) != string(data[:size]) {
			t.Errorf("%q is written as %q", data[:size], h.Text())
		}
	})
}

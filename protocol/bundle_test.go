package protocol_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
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

// sections gives what is read of the unsealed part of a bundle, written again.
func sections(data []byte) ([]byte, error) {
	var again []byte
	err := protocol.ReadSections(bytes.NewReader(data), func(kind protocol.Section, part []byte) error {
		again = protocol.AppendSection(again, kind, part)
		return nil
	})
	return again, err
}

// TestSectionsAreReadAsTheyAreWritten, each bounded before anything is read of it.
func TestSectionsAreReadAsTheyAreWritten(t *testing.T) {
	end := protocol.AppendSection(nil, protocol.SectionEnd, nil)
	parts := protocol.AppendSection(protocol.AppendSection(nil, protocol.SectionCharter, []byte("{}")), protocol.SectionBeacon, []byte("abc"))
	whole := append(slices.Clone(parts), end...)
	if got, err := sections(whole); err != nil || !bytes.Equal(got, parts) {
		t.Errorf("read as % x, %v", got, err)
	}
	for k := range whole {
		if _, err := sections(whole[:k]); !errors.Is(err, protocol.ErrBundle) {
			t.Errorf("cut off behind %d bytes: %v, want %v", k, err, protocol.ErrBundle)
		}
	}
	for _, wrong := range [][]byte{
		append(slices.Clone(whole), 0), {0, 0, 0, 0, 0}, {0, 0, 0, 0, 1}, {4, 0, 0, 0, 1, 7}, {5, 0, 0, 0, 0}, {2, 0, 0x10, 0, 1}, {2, 0xff, 0xff, 0xff, 0xff},
	} {
		if _, err := sections(wrong); !errors.Is(err, protocol.ErrBundle) {
			t.Errorf("% x: %v, want %v", wrong, err, protocol.ErrBundle)
		}
	}
	stop := errors.New("stop")
	if err := protocol.ReadSections(bytes.NewReader(whole), func(protocol.Section, []byte) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("who takes them stops: %v", err)
	}
	if _, err := sections(protocol.AppendSection(nil, protocol.SectionFrame, make([]byte, protocol.MaxSectionBytes))); !errors.Is(err, io.EOF) {
		t.Errorf("the largest without an end: %v, want %v", err, io.EOF)
	}
}

// FuzzReadSections: what is read is written again to the same bytes, whatever comes behind them.
func FuzzReadSections(f *testing.F) {
	f.Add(protocol.AppendSection(protocol.AppendSection(nil, protocol.SectionCharter, []byte("{}")), protocol.SectionEnd, nil))
	f.Add([]byte{2, 0, 0, 0, 3, 'a', 'b', 'c', 3, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		again, err := sections(data)
		if err == nil {
			again = protocol.AppendSection(again, protocol.SectionEnd, nil)
		}
		if !bytes.HasPrefix(data, again) || err == nil && len(again) != len(data) {
			t.Errorf("% x is written as % x (%v)", data, again, err)
		}
	})
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

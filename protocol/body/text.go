package body

import (
	"encoding/base64"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/vardar-network/vardar/protocol"
)

// The bounds of texts, in bytes of UTF-8 (domain.md §3).
const (
	MaxText     = 4 << 10 // any text
	MaxNoteText = 2 << 10 // the text of a note
	MaxLabel    = 200     // names, offices, titles: one line
	MaxURI      = 2000    // what browsers and servers agree on
)

// Text is running text: not blank, at most [MaxText] bytes, no control characters but
// line feed and tab.
type Text string

// MaxBytes is the bound that [Parse] holds it to.
func (Text) MaxBytes() int { return MaxText }

// UnmarshalText reads it; [ErrText], [ErrTextTooLong].
func (t *Text) UnmarshalText(b []byte) error { return readText(t, b, MaxText, "\n\t") }

// NoteText is the text of a note: as [Text], at most [MaxNoteText] bytes.
type NoteText string

// MaxBytes is the bound that [Parse] holds it to.
func (NoteText) MaxBytes() int { return MaxNoteText }

// UnmarshalText reads it; [ErrText], [ErrTextTooLong].
func (t *NoteText) UnmarshalText(b []byte) error { return readText(t, b, MaxNoteText, "\n\t") }

// Label is one line of text: not blank, at most [MaxLabel] bytes.
type Label string

// MaxBytes is the bound that [Parse] holds it to.
func (Label) MaxBytes() int { return MaxLabel }

// UnmarshalText reads it; [ErrText], [ErrTextTooLong].
func (l *Label) UnmarshalText(b []byte) error { return readText(l, b, MaxLabel, "") }

// Encoded is base64 of any length that a body can hold.
type Encoded string

// Pattern is the regular expression of base64.
func (Encoded) Pattern() string {
	return `(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?`
}

// UnmarshalText reads it, canonical as all base64 of the wire is; [ErrPattern].
func (e *Encoded) UnmarshalText(b []byte) error {
	// The decoder skips line breaks and lets padding bits through: encode and compare.
	raw, err := base64.StdEncoding.DecodeString(string(b))
	if err != nil || len(b) == 0 || base64.StdEncoding.EncodeToString(raw) != string(b) {
		return refuse(ErrPattern, "", "%s: want base64 in one line, with padding, and no bits in it that say nothing", shown(string(b)))
	}
	*e = Encoded(b)
	return nil
}

// URI is an absolute or relative reference without blanks, at most [MaxURI] bytes.
type URI string

// Pattern is the regular expression of what may stand in one.
func (URI) Pattern() string { return uriPattern }

// MaxBytes is the bound that [Parse] holds it to.
func (URI) MaxBytes() int { return MaxURI }

// UnmarshalText reads it; [ErrPattern], [ErrTextTooLong].
func (u *URI) UnmarshalText(b []byte) error {
	if len(b) > MaxURI {
		return refuse(ErrTextTooLong, "", "%d bytes, at most %d", len(b), MaxURI)
	}
	if _, err := url.Parse(string(b)); err != nil {
		return refuse(ErrPattern, "", "%s: want an address such as https://example.org/page", shown(string(b)))
	}
	return readPattern(u, b, uriExpr, "want an address such as https://example.org/page")
}

// Absolute reports whether it begins with a scheme.
func (u URI) Absolute() bool {
	parsed, err := url.Parse(string(u))
	return err == nil && parsed.IsAbs()
}

// Language is a BCP 47 tag: mk, sr-Latn.
type Language string

// Pattern is the regular expression of a tag.
func (Language) Pattern() string { return languagePattern }

// UnmarshalText reads it; [ErrPattern].
func (l *Language) UnmarshalText(b []byte) error {
	return readPattern(l, b, languageExpr, "want a BCP 47 tag such as mk or sr-Latn")
}

// Currency is an ISO 4217 code.
type Currency string

// Pattern is the regular expression of a code.
func (Currency) Pattern() string { return currencyPattern }

// UnmarshalText reads it; [ErrPattern].
func (c *Currency) UnmarshalText(b []byte) error {
	return readPattern(c, b, currencyExpr, "want an ISO 4217 code such as EUR or MKD")
}

// Time is a moment in milliseconds since 1970-01-01 UTC; 0 means not given. It is read
// from RFC 3339 with Z or an offset and at most three decimals, and written with Z.
type Time int64

// TimeOf cuts t to milliseconds.
func TimeOf(t time.Time) Time { return Time(t.UnixMilli()) }

// Pattern is the regular expression of a moment.
func (Time) Pattern() string { return timePattern }

// Time gives the moment in UTC.
func (t Time) Time() time.Time { return time.UnixMilli(int64(t)).UTC() }

// Instant gives it as the protocol's own word.
func (t Time) Instant() protocol.Instant { return protocol.Instant(t) }

// IsZero reports whether it was not given.
func (t Time) IsZero() bool { return t == 0 }

// String writes RFC 3339 in UTC, with milliseconds only where there are some.
func (t Time) String() string { return t.Time().Format("2006-01-02T15:04:05.999Z") }

// MarshalText writes it as String does.
func (t Time) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads it; [ErrTime] for every other form, for a day that does not exist
// and for a moment before 1970 or after 9999.
func (t *Time) UnmarshalText(b []byte) error {
	parsed, err := time.Parse(time.RFC3339, string(b))
	if i := protocol.InstantOf(parsed); err == nil && i > 0 && i.Valid() && isTime(string(b)) {
		*t = Time(i)
		return nil
	}
	return refuse(ErrTime, "", "%s: want a real moment such as 2016-03-17T09:00:00Z", shown(string(b)))
}

// isTime matches timePattern; it stands in every body, so it is matched by hand.
func isTime(s string) bool {
	const shape = "dddd-dd-ddTdd:dd:dd"
	if !shaped(s, shape) {
		return false
	}
	rest := s[len(shape):]
	if fraction, ok := strings.CutPrefix(rest, "."); ok {
		digits := len(fraction) - len(strings.TrimLeft(fraction, "0123456789"))
		if digits < 1 || digits > 3 {
			return false
		}
		rest = fraction[digits:]
	}
	return rest == "Z" || len(rest) == len("+dd:dd") && (rest[0] == '+' || rest[0] == '-') && shaped(rest[1:], "dd:dd")
}

// shaped reports whether s begins as shape says, d standing for a digit.
func shaped(s, shape string) bool {
	if len(s) < len(shape) {
		return false
	}
	for i := range len(shape) {
		if shape[i] == 'd' && (s[i] < '0' || s[i] > '9') || shape[i] != 'd' && s[i] != shape[i] {
			return false
		}
	}
	return true
}

// AsOf is when a source stood as quoted: a day (2016-09-21) or a moment.
type AsOf string

// Pattern is the regular expression of both forms.
func (AsOf) Pattern() string { return `[0-9]{4}-[0-9]{2}-[0-9]{2}|` + timePattern }

// UnmarshalText reads it; [ErrTime].
func (a *AsOf) UnmarshalText(b []byte) error {
	var t Time
	if _, err := time.Parse(time.DateOnly, string(b)); err != nil && t.UnmarshalText(b) != nil {
		return refuse(ErrTime, "", "%s: want a day such as 2016-09-21, or a moment", shown(string(b)))
	}
	*a = AsOf(b)
	return nil
}

// hasControl reports whether a text holds a control character that is not allowed.
func hasControl(s, allowed string) bool {
	for _, r := range s {
		if (r < ' ' || r >= 0x7F) && unicode.IsControl(r) && !strings.ContainsRune(allowed, r) {
			return true
		}
	}
	return false
}

// readText reads a text of at most limit bytes; of the control characters it lets the
// allowed pass.
func readText[T ~string](dst *T, b []byte, limit int, allowed string) error {
	s := string(b)
	if len(s) > limit {
		return refuse(ErrTextTooLong, "", "%d bytes, at most %d: shorten it", len(s), limit)
	}
	if strings.TrimSpace(s) == "" || hasControl(s, allowed) {
		return refuse(ErrText, "", "%s: write something, or leave the member out", shown(s))
	}
	*dst = T(s)
	return nil
}

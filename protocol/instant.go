package protocol

import "time"

// Instant is a moment as its author's clock told it: milliseconds since 1970-01-01
// UTC, up to the end of the year 9999. It is shown, and never trusted for order.
type Instant int64

// MaxInstant is the last millisecond that ce-time can write.
const MaxInstant Instant = 253402300799999

const instantLayout = "2006-01-02T15:04:05.000Z"

// InstantOf cuts t to milliseconds.
func InstantOf(t time.Time) Instant { return Instant(t.UnixMilli()) }

// Time gives the moment in UTC.
func (i Instant) Time() time.Time { return time.UnixMilli(int64(i)).UTC() }

// String writes it as ce-time does: 2016-03-17T09:00:00.000Z.
func (i Instant) String() string { return i.Time().Format(instantLayout) }

// Valid reports whether it lies between 1970 and the end of 9999.
func (i Instant) Valid() bool { return i >= 0 && i <= MaxInstant }

// ParseInstant reads the one form that ce-time has; it returns a [*Violation] of
// [ErrTime] for every other, for a day that does not exist, and for a leap second.
func ParseInstant(s string) (Instant, error) {
	if len(s) == len(instantLayout) {
		t, err := time.Parse(instantLayout, s)
		if i := InstantOf(t); err == nil && i.Valid() && i.String() == s {
			return i, nil
		}
	}
	return 0, broken(ErrTime, "", s)
}

// MarshalText writes it as String does.
func (i Instant) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText reads it as [ParseInstant] does.
func (i *Instant) UnmarshalText(b []byte) error {
	v, err := ParseInstant(string(b))
	if err == nil {
		*i = v
	}
	return err
}

// dateLayout is how documents write the moment they expire: whole seconds, UTC.
const dateLayout = "2006-01-02T15:04:05Z"

func parseDate(s string) (time.Time, error) { return time.Parse(dateLayout, s) }

func formatDate(t time.Time) string { return t.UTC().Format(dateLayout) }

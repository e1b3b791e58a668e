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

func parseDate(s string) (time.Time, error) {
	t, err := time.Parse(dateLayout, s)
	if err != nil || formatDate(t) != s { // time.Parse takes fractions of a second unasked
		return time.Time{}, broken(ErrDate, "", s)
	}
	return t, nil
}

func formatDate(t time.Time) string { return t.UTC().Format(dateLayout) }

// append writes it as ce-time does. time.Time.AppendFormat reads its layout anew each
// time, which was a quarter of the cost of a signature base.
func (i Instant) append(b []byte) []byte {
	if !i.Valid() {
		return append(b, i.String()...)
	}
	const day = 24 * 60 * 60 * 1000
	year, month, date := civil(int(i / day))
	ms := int(i % day)
	b = digits(b, year, 4)
	b = digits(append(b, '-'), month, 2)
	b = digits(append(b, '-'), date, 2)
	b = digits(append(b, 'T'), ms/3600000, 2)
	b = digits(append(b, ':'), ms/60000%60, 2)
	b = digits(append(b, ':'), ms/1000%60, 2)
	b = digits(append(b, '.'), ms%1000, 3)
	return append(b, 'Z')
}

// civil gives the date of a day counted from 1970-01-01 (H. Hinnant, "chrono-Compatible
// Low-Level Date Algorithms", civil_from_days): years begin in March, so that the leap
// day is the last.
func civil(days int) (year, month, date int) {
	days += 719468 // to 0000-03-01
	era := days / 146097
	ofEra := days % 146097
	years := (ofEra - ofEra/1460 + ofEra/36524 - ofEra/146096) / 365
	ofYear := ofEra - (365*years + years/4 - years/100)
	shifted := (5*ofYear + 2) / 153
	date = ofYear - (153*shifted+2)/5 + 1
	month = shifted + 3
	if month > 12 {
		month -= 12
		years++
	}
	return years + era*400, month, date
}

func digits(b []byte, n, width int) []byte {
	var buf [4]byte
	for i := width - 1; i >= 0; i-- {
		buf[i] = byte('0' + n%10)
		n /= 10
	}
	return append(b, buf[:width]...)
}

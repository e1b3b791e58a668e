package body

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// MaxCount bounds figures and quantities. No head count or stock comes near it, a sum
// over every member stays far inside an int64, and every JSON reader holds it exactly.
const MaxCount = 1_000_000_000_000

// The bounds of a band: {"lt": 1} would be a 0, and above a hundred a count is no longer
// small enough to point at persons.
const (
	MinBand = 2
	MaxBand = 100
)

// Count is a figure: a whole number of 0 or more, or a band that hides a small one. The
// zero value was never set, and can't be written: what is not known is left out.
type Count struct {
	form uint8 // 0 never set, 1 exact, 2 band
	n    int64
}

const (
	formExact = 1
	formBand  = 2
)

// Exact is the count n.
func Exact(n int64) Count { return Count{formExact, n} }

// Below is the band {"lt": n}: 0 to n-1.
func Below(n int64) Count { return Count{formBand, n} }

// IsZero reports whether it was never set; the count 0 is set.
func (c Count) IsZero() bool { return c.form == 0 }

// IsBand reports whether it hides the exact number.
func (c Count) IsBand() bool { return c.form == formBand }

// Exact gives the number, and false for a band.
func (c Count) Exact() (int64, bool) { return c.n, c.form == formExact }

// Range gives the lowest and the highest number it can stand for, so that sums over
// bands are ranges.
func (c Count) Range() (low, high int64) {
	if c.IsBand() {
		return 0, c.n - 1
	}
	return c.n, c.n
}

// Equal reports whether both say the same.
func (c Count) Equal(d Count) bool { return c == d }

// String gives 42, or <5 for a band.
func (c Count) String() string {
	switch c.form {
	case formExact:
		return strconv.FormatInt(c.n, 10)
	case formBand:
		return "<" + strconv.FormatInt(c.n, 10)
	}
	return "not set"
}

// MarshalJSON writes a number or a band; null, which [Marshal] refuses, if never set.
func (c Count) MarshalJSON() ([]byte, error) {
	switch c.form {
	case formExact:
		return strconv.AppendInt(nil, c.n, 10), nil
	case formBand:
		return []byte(`{"lt":` + strconv.FormatInt(c.n, 10) + `}`), nil
	}
	return []byte("null"), nil
}

// UnmarshalJSON reads it; [ErrFigure].
func (c *Count) UnmarshalJSON(b []byte) error {
	if n, ok := wholeNumber(b); ok {
		*c = Exact(n)
		return nil
	}
	if bytes.HasPrefix(b, []byte("{")) {
		return c.band(b)
	}
	return refuse(ErrFigure, "", "%s: want a whole number from 0 to %d, or a band such as {\"lt\": 5}; if it is not known, leave the figure out, and say why in na", plain(b), int64(MaxCount))
}

func (c *Count) band(b []byte) error {
	var band map[string]json.RawMessage
	err := json.Unmarshal(b, &band)
	n, ok := wholeNumber(band["lt"])
	if err != nil || !ok || len(band) != 1 || n < MinBand || n > MaxBand {
		return refuse(ErrFigure, "", "%s: want a band such as {\"lt\": 5}, from %d to %d", plain(b), MinBand, MaxBand)
	}
	*c = Below(n)
	return nil
}

// Quantity is a number of things: whole, 0 or more, never a band.
type Quantity int64

// UnmarshalJSON reads it; [ErrQuantity].
func (q *Quantity) UnmarshalJSON(b []byte) error {
	n, ok := wholeNumber(b)
	if !ok {
		return refuse(ErrQuantity, "", "%s: want a whole number from 0 to %d; if it is not known, leave the figure out, and say why in na", plain(b), int64(MaxCount))
	}
	*q = Quantity(n)
	return nil
}

// Positive is a whole number of 1 or more; 0 means not given, and can't be written.
type Positive int64

// UnmarshalJSON reads it; [ErrRange].
func (p *Positive) UnmarshalJSON(b []byte) error {
	n, ok := wholeNumber(b)
	if !ok || n < 1 {
		return refuse(ErrRange, "", "%s: want a whole number of 1 or more, or leave the member out", plain(b))
	}
	*p = Positive(n)
	return nil
}

// Decimal is a number of 0 or more as text, at most 15 digits and 4 decimals.
type Decimal string

// Pattern is the regular expression of a decimal.
func (Decimal) Pattern() string { return decimalPattern }

// UnmarshalText reads it; [ErrMoney].
func (d *Decimal) UnmarshalText(b []byte) error {
	if !decimalExpr.Match(b) {
		return refuse(ErrMoney, "", "%s: want a decimal such as 12500.50", shown(string(b)))
	}
	*d = Decimal(b)
	return nil
}

// Rate is what one of a currency was worth in another, as text: at most 9 digits and 8 decimals, as central banks publish it.
type Rate string

// Pattern is the regular expression of a rate.
func (Rate) Pattern() string { return ratePattern }

// UnmarshalText reads it; [ErrMoney].
func (r *Rate) UnmarshalText(b []byte) error {
	if !rateExpr.Match(b) {
		return refuse(ErrMoney, "", "%s: want a rate such as 61.695 or 0.83275, with at most 9 digits and 8 decimals", shown(string(b)))
	}
	*r = Rate(b)
	return nil
}

// Money is an amount in one currency; currencies are never added.
type Money struct {
	Amount   Decimal  `json:"amount"`
	Currency Currency `json:"currency"`
}

// wholeNumber reads digits without sign, fraction, exponent or leading zero.
func wholeNumber(b []byte) (int64, bool) {
	s := string(b)
	n, err := strconv.ParseInt(s, 10, 64)
	plainDigits := strings.Trim(s, "0123456789") == "" && (s == "0" || !strings.HasPrefix(s, "0"))
	return n, err == nil && plainDigits && n <= MaxCount
}

// plain shows a JSON value in an error.
func plain(b []byte) string {
	const most = 60
	if len(b) > most {
		return string(b[:most]) + "…"
	}
	return string(b)
}

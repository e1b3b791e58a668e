package lang

import (
	"math"
	"regexp"
	"strconv"
	"time"

	"golang.org/x/text/number"
)

// Number says a whole number as the language writes it: 12,116, 12.116, 12 116.
func (s *Speaker) Number(n int64) string { return s.printer.Sprint(number.Decimal(n)) }

// Decimal says a number of tenths (one place), hundredths or thousandths as the language writes it: 12.5, 12,5, −0,3. Up to
// 2^53 of them it is exact.
func (s *Speaker) Decimal(n int64, places int) string {
	sign := ""
	if n < 0 {
		sign, n = "−", -n
	}
	return sign + s.printer.Sprint(number.Decimal(float64(n)/math.Pow10(places), number.Scale(places)))
}

var digits = regexp.MustCompile(`[0-9]+`)

// Numbers says the whole numbers of a text as the language writes them: 800–1200.
func (s *Speaker) Numbers(text string) string {
	return digits.ReplaceAllStringFunc(text, func(d string) string {
		n, err := strconv.ParseInt(d, 10, 64)
		if err != nil {
			return d
		}
		return s.Number(n)
	})
}

// Time says an instant to the minute, in t's zone. Its layout is one of package time's, and
// in the catalogue.
func (s *Speaker) Time(t time.Time) string { return t.Format(s.Say("format.time")) }

// Age says a stretch of time in its largest unit of which there are two.
func (s *Speaker) Age(t time.Duration) string {
	const day = 24 * time.Hour
	for _, unit := range []struct {
		key  string
		span time.Duration
	}{{"age.days", day}, {"age.hours", time.Hour}, {"age.minutes", time.Minute}} {
		if t >= 2*unit.span {
			return s.Say(unit.key, int(t/unit.span))
		}
	}
	return s.Say("age.seconds", int(max(0, t/time.Second)))
}

package lang

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/number"
)

// Number says a whole number as the language writes it: 12,116, 12.116, 12 116.
func (s *Speaker) Number(n int64) string { return s.printer.Sprint(number.Decimal(n)) }

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

// Decimal says a number with or without decimals as the language writes it: 9,000.50, 9.000,50.
func (s *Speaker) Decimal(text string) string {
	whole, parts, has := strings.Cut(text, ".")
	if !has {
		return s.Numbers(whole)
	}
	return s.Say("format.decimal", s.Numbers(whole), parts)
}

// Fixed says a number of tenths (one place), hundredths or thousandths as the language writes it: 12.5, 12,5, −0,3.
func (s *Speaker) Fixed(n int64, places int) string {
	sign, whole := "", int64(math.Pow10(places))
	if n < 0 {
		sign, n = "−", -n
	}
	return sign + s.Decimal(fmt.Sprintf("%d.%0*d", n/whole, places, n%whole))
}

// plain is a number as programs write it, or that there are fewer.
var plain = regexp.MustCompile(`^<?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$`)

// stretch is a stretch of time as other rooms say it in English.
var stretch = regexp.MustCompile(`^([0-9]+) (s|min|h|d)$`)

// put says what another room put into a sentence: a name as [Speaker.Naming] has it, a number as the language writes it, a stretch of time, a day or a
// moment as people do, a moment with its zone. All else stays as it is.
func (s *Speaker) put(text string) string {
	if name, ok := s.names[text]; ok {
		return name
	}
	if plain.MatchString(text) {
		return s.Decimal(text)
	}
	if m := stretch.FindStringSubmatch(text); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil {
			return s.Say(map[string]string{"s": "age.seconds", "min": "age.minutes", "h": "age.hours", "d": "age.days"}[m[2]], n)
		}
	}
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return s.Day(t)
	}
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		t = t.Local()
		return s.Time(t) + t.Format(" MST")
	}
	return text
}

// Time says an instant to the minute, in t's zone. Its layout is one of package time's, and
// in the catalogue.
func (s *Speaker) Time(t time.Time) string { return t.Format(s.Say("format.time")) }

// Day says a day, in t's zone.
func (s *Speaker) Day(t time.Time) string { return t.Format(s.Say("format.day")) }

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

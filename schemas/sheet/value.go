package sheet

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// value reads a cell as its field wants it: a whole number without anything between its
// digits, a moment as 2006-01-02T15:04:05. What can't be read stays as it is, with a fault.
func (g *grid) value(f Field, text string) (string, *Fault) {
	if len(text) > MaxCell || !utf8.ValidString(text) {
		return "", &Fault{Detail: "the text is longer than 4 KiB, or no text", Mend: "shorten it"}
	}
	switch f.Kind {
	case Number:
		return number(text)
	case Moment:
		return g.moment(text)
	case Money:
		return g.amount(text)
	case Day:
		return g.day(strings.TrimPrefix(text, "'")), nil
	case Text, Mark:
	}
	return strings.TrimPrefix(text, "'"), nil // as it is written against formulas
}

var (
	wholeExpr   = regexp.MustCompile(`^<?\d+$`)
	zerosExpr   = regexp.MustCompile(`^(\d+)[.,]0+$`)                      // as machines write whole numbers
	groupedExpr = regexp.MustCompile(`^\d{1,3}([ \x{a0}\x{202f}]\d{3})+$`) // 11 572
	amountExpr  = regexp.MustCompile(`^(\d+|\d{1,3}([ \x{a0}\x{202f}]\d{3})+)([.,]\d+)?$`)
	eitherExpr  = regexp.MustCompile(`^\d{1,3}([.,]\d{3})+$`) // 11.572: eleven, or eleven thousand
)

// number reads a count. A point or a comma before three digits is a thousand to one reader and
// a fraction to the next, so that nobody's is guessed.
func number(text string) (string, *Fault) {
	// A blank, a hard one and a narrow one: what people put between thousands.
	switch whole := strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "").Replace(text); {
	case wholeExpr.MatchString(whole) && (!strings.ContainsAny(text, " \u00a0\u202f") || groupedExpr.MatchString(text) || strings.HasPrefix(text, "<")):
		return whole, nil
	case zerosExpr.MatchString(text) && !eitherExpr.MatchString(text):
		return zerosExpr.FindStringSubmatch(text)[1], nil
	case eitherExpr.MatchString(text):
		return text, &Fault{Detail: quoted(text) + " can be read in two ways", Mend: "write the number without a point and a comma"}
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && f == float64(int64(f)) && f >= 0 && f < 1e15 { // 1.2E3, as files have it
		return strconv.FormatInt(int64(f), 10), nil
	}
	return text, &Fault{Detail: quoted(text) + " is no whole number", Mend: "write one, such as 960, or <5 for a few; leave the cell empty for what is not known: that is not 0"}
}

// moneyDecimals is how many digits an amount has behind the point, at most.
const moneyDecimals = 4

// ReadAmount reads one of money, or another decimal, as people write them: with a point or a comma before what is less
// than one, and blanks between thousands. What can be read in two ways is nobody's to guess: the fault says how to write
// either.
func ReadAmount(text string) (string, *Fault) {
	switch {
	case eitherExpr.MatchString(text):
		return text, &Fault{Detail: quoted(text) + " can be read in two ways", Mend: eitherWay(text)}
	case amountExpr.MatchString(text) && !tooFine(text):
		return strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", ",", ".").Replace(text), nil
	}
	return text, &Fault{Detail: quoted(text) + " is no amount", Mend: amountMend}
}

const amountMend = "write it as 12500.50: digits, and a point before what is less than one"

// eitherWay gives both amounts that a text can mean, each so that it can be read in one way.
func eitherWay(text string) string {
	groups := strings.FieldsFunc(text, func(r rune) bool { return r == '.' || r == ',' })
	if len(groups) > 2 {
		return amountMend
	}
	return "write " + quoted(groups[0]+groups[1]) + " or " + quoted(groups[0]+"."+groups[1]+"0") + ", as it is meant"
}

// amount reads one of money; of a workbook also as it writes numbers itself, 1.2E3.
func (g *grid) amount(text string) (string, *Fault) {
	said, fault := ReadAmount(text)
	if fault == nil {
		return cents(said), nil
	}
	const exact = 1e11 // below it a workbook's numbers have four digits behind the point
	if f, err := strconv.ParseFloat(text, 64); !eitherExpr.MatchString(text) && g.serial && err == nil && f >= 0 && f < exact {
		if said := strconv.FormatFloat(f, 'f', moneyDecimals, 64); near(said, f) {
			return cents(strings.TrimSuffix(strings.TrimRight(said, "0"), ".")), nil
		}
	}
	return text, fault
}

// cents writes two digits behind a point where a workbook leaves one.
func cents(amount string) string {
	if _, part, _ := strings.Cut(amount, "."); len(part) == 1 {
		return amount + "0"
	}
	return amount
}

// tooFine reports whether an amount has more digits behind the point than money has.
func tooFine(text string) bool {
	i := strings.IndexAny(text, ".,")
	return i >= 0 && len(text)-i-1 > moneyDecimals
}

// near reports whether digits are a number, but for what a workbook's own reckoning leaves behind.
func near(digits string, f float64) bool {
	const left = 1e-6
	g, err := strconv.ParseFloat(digits, 64)
	return err == nil && g-f < left && f-g < left
}

// momentForm is how a moment leaves this room: on the clock of whoever filled it in.
const momentForm = "2006-01-02T15:04:05"

// moment reads a day, or a day and an hour. What lies before [firstYear] is a slip: a year alone in a cell for days (2015 is a day
// of 1905 to a workbook), or an hour alone, which one writes as an hour of 1899.
func (g *grid) moment(text string) (string, *Fault) {
	const mend = "write 2015-11-08 06:00, 2015-11-08 or 8.11.2015"
	t, ok := g.momentOf(text)
	switch {
	case !ok:
		return text, &Fault{Detail: quoted(text) + " is no moment", Mend: mend}
	case t.Year() < firstYear:
		return text, &Fault{Detail: quoted(text) + " is a moment of the year " + strconv.Itoa(t.Year()), Mend: mend}
	}
	return t.Format(momentForm), nil
}

// day writes a day as programs do where a workbook has made its number of it, as it does of what is typed as 2016-01-01.
func (g *grid) day(text string) string {
	if t, ok := g.momentOf(text); ok && plainExpr.MatchString(text) && t.Year() >= firstYear {
		return t.Format(time.DateOnly)
	}
	return text
}

// plainExpr is a number as a workbook writes that of a day.
var plainExpr = regexp.MustCompile(`^\d{5}(?:\.0+)?$`)

// firstYear is that in which the clocks of records begin.
const firstYear = 1970

func (g *grid) momentOf(text string) (time.Time, bool) {
	for _, layout := range []string{momentForm, "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02", "2.1.2006 15:04", "2.1.2006", "2.1.2006. 15:04", "2.1.2006."} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	const lastDay = 100_000 // in the year 2173
	if days, err := strconv.ParseFloat(text, 64); g.serial && err == nil && days >= 0 && days < lastDay {
		if t, err := excelize.ExcelDateToTime(days, g.from1904); err == nil {
			return t.Round(time.Second), true
		}
	}
	return time.Time{}, false
}

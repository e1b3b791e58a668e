package body

import (
	"math/big"
	"strings"
)

// decimals is how many digits a [Decimal] can have behind the point.
const decimals = 4

// Sum is an exact sum of decimals: as many digits as it takes, below zero with a minus.
// The empty one is 0. It holds no currency: whoever adds knows that it is one.
type Sum string

// SumOf adds decimals of one currency.
func SumOf(of ...Decimal) Sum {
	n := new(big.Int)
	for _, d := range of {
		n.Add(n, units(string(d)))
	}
	return sumOf(n)
}

// Plus gives s + t.
func (s Sum) Plus(t Sum) Sum { return sumOf(new(big.Int).Add(units(string(s)), units(string(t)))) }

// Minus gives s - t, which may be below zero.
func (s Sum) Minus(t Sum) Sum { return sumOf(new(big.Int).Sub(units(string(s)), units(string(t)))) }

// Over gives what s is above t, and 0 if it is not.
func (s Sum) Over(t Sum) Sum {
	if over := s.Minus(t); over.Sign() > 0 {
		return over
	}
	return "0"
}

// Compare gives -1, 0 or 1 as s is below, equal to or above t.
func (s Sum) Compare(t Sum) int { return units(string(s)).Cmp(units(string(t))) }

// Sign gives -1, 0 or 1.
func (s Sum) Sign() int { return units(string(s)).Sign() }

// String writes it without zeros that say nothing, but two behind a point: 12500.50.
func (s Sum) String() string { return string(sumOf(units(string(s)))) }

// MarshalText writes it as String does.
func (s Sum) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// units reads a decimal in ten-thousandths; 15 digits and 4 decimals are more than an int64
// holds.
func units(s string) *big.Int {
	sign, digits := "", s
	if strings.HasPrefix(s, "-") {
		sign, digits = "-", s[1:]
	}
	whole, part, _ := strings.Cut(digits, ".")
	part += strings.Repeat("0", max(0, decimals-len(part)))
	n, ok := new(big.Int).SetString(sign+"0"+whole+part, 10)
	if !ok {
		return new(big.Int) // the empty sum
	}
	return n
}

func sumOf(n *big.Int) Sum {
	digits := new(big.Int).Abs(n).String()
	digits = strings.Repeat("0", max(0, decimals+1-len(digits))) + digits
	whole, part := digits[:len(digits)-decimals], digits[len(digits)-decimals:]
	out := whole
	if strings.Trim(part, "0") != "" {
		out += "." + part[:2] + strings.TrimRight(part[2:], "0")
	}
	if n.Sign() < 0 {
		out = "-" + out
	}
	return Sum(out)
}

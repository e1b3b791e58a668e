package body

import (
	"regexp"
	"strings"
)

// Scheme says whose codes a place is named by.
type Scheme string

// The schemes of domain.md §3.
const (
	ISOCountry     Scheme = "iso3166-1" // MK
	ISOSubdivision Scheme = "iso3166-2" // MK-405
	NUTS           Scheme = "nuts"      // EL526; Greece is EL
	LAU            Scheme = "lau"       // EL_51030101: country, underscore, national code
	PCode          Scheme = "pcode"     // MK0101: OCHA's common operational datasets
	UNLocode       Scheme = "unlocode"  // MKGEV, without the blank
	Shared         Scheme = "x"         // gr-mk:bogorodica-evzoni: registered in profiles
)

// Words gives the vocabulary.
func (Scheme) Words() []string {
	return []string{"iso3166-1", "iso3166-2", "nuts", "lau", "pcode", "unlocode", "x"}
}

// UnmarshalText reads one of the schemes; [ErrVocabulary].
func (s *Scheme) UnmarshalText(b []byte) error { return readWord(s, b, s.Words()) }

// code gives the expression of the scheme's codes; nil for no scheme.
func (s Scheme) code() *regexp.Regexp {
	switch s {
	case ISOCountry:
		return isoCountryExpr
	case ISOSubdivision:
		return isoSubdivisionExpr
	case NUTS:
		return nutsExpr
	case LAU:
		return lauExpr
	case PCode:
		return pCodeExpr
	case UNLocode:
		return unLocodeExpr
	case Shared:
		return sharedExpr
	}
	return nil
}

// CodePattern gives the regular expression of the scheme's codes, and "" for no scheme.
func (s Scheme) CodePattern() string {
	expr := s.code()
	if expr == nil {
		return ""
	}
	return strings.TrimSuffix(strings.TrimPrefix(expr.String(), "^(?:"), ")$")
}

// PlaceKey names a place by scheme and code, for maps and comparison.
type PlaceKey struct {
	Scheme Scheme
	Code   string
}

// String gives nuts:EL526, x:gr-mk:bogorodica-evzoni.
func (k PlaceKey) String() string { return string(k.Scheme) + ":" + k.Code }

// IsZero reports whether it names nothing.
func (k PlaceKey) IsZero() bool { return k == PlaceKey{} }

// Pattern is the regular expression of scheme, colon and code.
func (PlaceKey) Pattern() string {
	var parts []string
	for _, s := range Scheme("").Words() {
		parts = append(parts, s+":(?:"+Scheme(s).CodePattern()+")")
	}
	return strings.Join(parts, "|")
}

// MarshalText writes it as String does.
func (k PlaceKey) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads it as [ParsePlaceKey] does.
func (k *PlaceKey) UnmarshalText(b []byte) error {
	v, err := ParsePlaceKey(string(b))
	if err == nil {
		*k = v
	}
	return err
}

// ParsePlaceKey reads scheme, colon and code; [ErrPlace].
func ParsePlaceKey(s string) (PlaceKey, error) {
	scheme, code, _ := strings.Cut(s, ":")
	k := PlaceKey{Scheme(scheme), code}
	expr := k.Scheme.code()
	if expr == nil || len(code) > MaxPlaceCode || !expr.MatchString(code) {
		return PlaceKey{}, refuse(ErrPlace, "", "%s: want scheme and code, such as nuts:EL526 or x:gr-mk:bogorodica-evzoni", shown(s))
	}
	return k, nil
}

// MaxPlaceCode bounds a place's code: a shared code names two countries and a crossing.
const MaxPlaceCode = 80

// Place is where something is: a code that two statements can meet at, and for people a
// name and coordinates (degrees, WGS 84).
type Place struct {
	Scheme Scheme   `json:"scheme"`
	Code   string   `json:"code"`
	Name   Label    `json:"name,omitempty"`
	Lat    *float64 `json:"lat,omitempty" fit:"min=-90 max=90"`
	Lon    *float64 `json:"lon,omitempty" fit:"min=-180 max=180"`
}

// Key gives scheme and code.
func (p Place) Key() PlaceKey { return PlaceKey{p.Scheme, p.Code} }

// check holds the code against its scheme; [ErrPlace].
func (p *Place) check(path string) error {
	if expr := p.Scheme.code(); expr == nil || len(p.Code) > MaxPlaceCode || !expr.MatchString(p.Code) {
		return refuse(ErrPlace, path+".code", "%s is no code of %s: want %s", shown(p.Code), p.Scheme, p.Scheme.CodePattern())
	}
	if (p.Lat == nil) != (p.Lon == nil) {
		return refuse(ErrPlace, path, "give lat and lon, or neither")
	}
	return nil
}

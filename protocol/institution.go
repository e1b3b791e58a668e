package protocol

import "strings"

// InstitutionID names a member of the network: country.region.name, for example
// mk.southeast.gevgelija. It never changes (design.md §1). The zero value names nobody.
type InstitutionID string

// MaxToken is the longest token of an institution ID, in bytes, as for a DNS label
// with room for a prefix.
const MaxToken = 40

// ParseInstitution reads an ID. It returns a [*Violation] of [ErrInstitution] that
// says which token is wrong.
func ParseInstitution(s string) (InstitutionID, error) {
	country, rest, ok := strings.Cut(s, ".")
	region, name, ok2 := strings.Cut(rest, ".")
	if !ok || !ok2 || !isCountry(country) || !isToken(region) || !isToken(name) {
		return "", &Violation{Rule: ErrInstitution, Detail: typed(s) + ", want for example mk.southeast.gevgelija"}
	}
	return InstitutionID(s), nil
}

// Country is the first token: an ISO 3166-1 alpha-2 code in lower case, xk, or int.
func (i InstitutionID) Country() string {
	country, _, _ := strings.Cut(string(i), ".")
	return country
}

// Region is the second token; national for national bodies.
func (i InstitutionID) Region() string {
	_, rest, _ := strings.Cut(string(i), ".")
	region, _, _ := strings.Cut(rest, ".")
	return region
}

// LocalName is the third token.
func (i InstitutionID) LocalName() string {
	return string(i[strings.LastIndexByte(string(i), '.')+1:])
}

// Group is country and region, the unit in which feeds are grouped: mk.southeast.
func (i InstitutionID) Group() Region {
	return Region(i[:max(0, strings.LastIndexByte(string(i), '.'))])
}

// Under reports whether the ID lies under a registrar's prefix such as "mk." or
// "mk.southeast."; the empty prefix holds everybody.
func (i InstitutionID) Under(prefix string) bool { return strings.HasPrefix(string(i), prefix) }

// MarshalText writes the ID as it is.
func (i InstitutionID) MarshalText() ([]byte, error) { return []byte(i), nil }

// UnmarshalText reads an ID as [ParseInstitution] does.
func (i *InstitutionID) UnmarshalText(b []byte) error {
	id, err := ParseInstitution(string(b))
	if err == nil {
		*i = id
	}
	return err
}

// Region is country.region, for example mk.southeast.
type Region string

// ParseRegion reads country.region; it returns a [*Violation] of [ErrInstitution].
func ParseRegion(s string) (Region, error) {
	country, region, ok := strings.Cut(s, ".")
	if !ok || !isCountry(country) || !isToken(region) {
		return "", &Violation{Rule: ErrInstitution, Detail: typed(s) + ", want country.region"}
	}
	return Region(s), nil
}

// ValidPrefix reports whether s can be a registrar's prefix: one or two tokens, each
// ended by a dot ("mk.", "mk.southeast.").
func ValidPrefix(s string) bool {
	s, ok := strings.CutSuffix(s, ".")
	country, region, two := strings.Cut(s, ".")
	return ok && isCountry(country) && (!two || isToken(region))
}

// isCountry matches [a-z]{2}|int: design.md §1 names what three letters may be, and the
// expression of wire.md §1, [a-z]{2,3}, is meant by it. Which pairs of letters are
// countries is no matter of grammar: nodes of different age would hold different records.
func isCountry(s string) bool {
	if len(s) < 2 || len(s) > 3 {
		return false
	}
	for i := range len(s) {
		if s[i] < 'a' || s[i] > 'z' {
			return false
		}
	}
	return len(s) == 2 || s == "int"
}

// isToken matches [a-z0-9]([a-z0-9-]{0,38}[a-z0-9])? with no double hyphen.
func isToken(s string) bool {
	if s == "" || len(s) > MaxToken || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
		case c == '-' && s[i-1] != '-':
		default:
			return false
		}
	}
	return true
}

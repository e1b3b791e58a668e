package body

import "slices"

// TypeProfile is the type of a [Profile].
const TypeProfile = "vardar.trust.profile.v1"

// Profile is what an institution says of itself; the newest counts. Residents and budget
// count in the solidarity index, marked as unconfirmed until its registrar has confirmed the
// record in an endorsement, and not at all where it disputes them.
type Profile struct {
	Common
	Names       Names      `json:"names"`
	Level       Level      `json:"level"`
	Seat        *Place     `json:"seat,omitempty"`
	DutyContact *Contact   `json:"duty_contact,omitempty"`
	Languages   []Language `json:"languages,omitempty" fit:"least=1 unique"` // working languages
	Sites       []Site     `json:"sites,omitempty" fit:"least=1"`
	Residents   *Residents `json:"residents,omitempty"`
	Budget      *OwnBudget `json:"budget,omitempty"`
}

// Names are an institution's name by language tag; at least one.
type Names map[Language]Label

// Contact is an office that answers, never a person. A 24 h contact has a telephone or
// an address that is watched around the clock.
type Contact struct {
	Office Label `json:"office"`
	Phone  Phone `json:"phone,omitempty"`
	Email  Email `json:"email,omitempty"`
}

// Phone is a number in international form: +389 34 212 340.
type Phone string

// Pattern is the regular expression of a number.
func (Phone) Pattern() string { return phonePattern }

// UnmarshalText reads it; [ErrPattern].
func (p *Phone) UnmarshalText(b []byte) error {
	return readPattern(p, b, phoneExpr, "want an international number such as +389 34 212 340")
}

// MaxEmail is the longest address, in bytes, that RFC 5321 can carry.
const MaxEmail = 254

// Email is an office's address.
type Email string

// Pattern is the regular expression of what a mail server accepts in practice.
func (Email) Pattern() string { return emailPattern }

// MaxBytes is the bound that [Parse] holds it to (RFC 5321).
func (Email) MaxBytes() int { return MaxEmail }

// UnmarshalText reads it; [ErrPattern].
func (e *Email) UnmarshalText(b []byte) error {
	if len(b) > MaxEmail {
		return refuse(ErrTextTooLong, "", "%d bytes, at most %d", len(b), MaxEmail)
	}
	return readPattern(e, b, emailExpr, "want an address such as duty@example.org")
}

// Site is a crossing or site with the code that both sides of it use; a twin is the same
// crossing under the code of the other side.
type Site struct {
	Code PlaceKey  `json:"code"`
	Type AssetType `json:"type"`
	Name Label     `json:"name"`
	Twin PlaceKey  `json:"twin,omitzero"`
	Lat  *float64  `json:"lat,omitempty" fit:"min=-90 max=90"`
	Lon  *float64  `json:"lon,omitempty" fit:"min=-180 max=180"`
}

// Residents is the population, with where the number comes from.
type Residents struct {
	Value  Quantity `json:"value"`
	Source Label    `json:"source"`
	Year   Positive `json:"year" fit:"min=1900 max=2200"`
}

// OwnBudget is the institution's own yearly budget, with where the number comes from.
type OwnBudget struct {
	Money
	Source Label    `json:"source"`
	Year   Positive `json:"year" fit:"min=1900 max=2200"`
}

// Type gives [TypeProfile].
func (*Profile) Type() string { return TypeProfile }

func (p *Profile) check() error {
	if len(p.Names) == 0 {
		return refuse(ErrRequired, "names", "give the institution's name in at least one language")
	}
	languages := make([]Language, 0, len(p.Names))
	for lang := range p.Names {
		languages = append(languages, lang)
	}
	slices.Sort(languages)
	for _, lang := range languages {
		if !languageExpr.MatchString(string(lang)) {
			return refuse(ErrPattern, "names."+string(lang), "want a BCP 47 tag such as mk or sr-Latn")
		}
	}
	if p.Seat != nil {
		if err := p.Seat.check("seat"); err != nil {
			return err
		}
	}
	if c := p.DutyContact; c != nil && c.Phone == "" && c.Email == "" {
		return refuse(ErrRequired, "duty_contact.phone", "give a number or an address that is answered around the clock")
	}
	return p.checkSites()
}

func (p *Profile) checkSites() error {
	seen := map[PlaceKey]bool{}
	for i, s := range p.Sites {
		path := entry("sites", i)
		switch {
		case seen[s.Code]:
			return refuse(ErrTwice, path+".code", "%s is listed twice: keep one", s.Code)
		case s.Twin == s.Code:
			return refuse(ErrPlace, path+".twin", "it is its own twin: give the other side's code, or leave it out")
		case (s.Lat == nil) != (s.Lon == nil):
			return refuse(ErrPlace, path, "give lat and lon, or neither")
		}
		seen[s.Code] = true
	}
	return nil
}

// NameIn gives the name in a language, else in the first language of the alphabet.
func (p *Profile) NameIn(lang Language) Label {
	if name, ok := p.Names[lang]; ok {
		return name
	}
	var first Language
	for l := range p.Names {
		if first == "" || l < first {
			first = l
		}
	}
	return p.Names[first]
}

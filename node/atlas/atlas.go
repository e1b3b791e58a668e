package atlas

import (
	"embed"
	"encoding/csv"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// data holds the tables; data/README.md says where they come from.
//
//go:embed data/*.csv
var data embed.FS

// Country is one row of ISO 3166-1.
type Country struct {
	Alpha2 string // MK; XK for Kosovo, see [NeedsFootnote]
	Alpha3 string // MKD
	Name   string // in English, everyday form
}

// Atlas holds the names of places. It never changes after [New] and is safe for
// concurrent use.
type Atlas struct {
	countries map[string]Country
	names     map[body.PlaceKey]string
	said      map[string]map[string]string // names of countries by language, by alpha-2 code
	points    map[string]Point             // by code of ISO 3166
	ground    map[string][]string          // by NUTS code: the codes of ISO 3166 of the same ground
	land      []Outline
}

// New reads the embedded tables. It fails only if this build is broken.
func New() (*Atlas, error) {
	a := &Atlas{countries: map[string]Country{}, names: map[body.PlaceKey]string{}, points: map[string]Point{}, ground: map[string][]string{}, said: map[string]map[string]string{}}
	said := []string{"mk", "sq", "sr-Latn", "sr-Cyrl", "el"} // beside English
	for _, language := range said {
		a.said[language] = map[string]string{}
	}
	var misread error
	for _, load := range []struct {
		file   string
		fields int
		add    func(row []string)
	}{
		{"countries.csv", 3 + len(said), func(row []string) {
			for i, language := range said {
				a.said[language][row[0]] = row[3+i]
			}
			a.countries[row[0]] = Country{row[0], row[1], row[2]}
			a.names[body.PlaceKey{Scheme: body.ISOCountry, Code: row[0]}] = row[2]
			a.names[body.PlaceKey{Scheme: body.NUTS, Code: nutsCountry(row[0])}] = row[2]
		}},
		{"subdivisions.csv", 2, func(row []string) {
			a.names[body.PlaceKey{Scheme: body.ISOSubdivision, Code: row[0]}] = row[1]
		}},
		{"nuts.csv", 3, func(row []string) {
			a.names[body.PlaceKey{Scheme: body.NUTS, Code: row[0]}] = row[1]
			a.sameGround(row)
		}},
		{"points.csv", 3, func(row []string) { misread = errors.Join(misread, a.locate(row)) }},
		{"land.csv", 2, func(row []string) { a.land = append(a.land, Outline{row[0], row[1], a.points[row[0]]}) }},
	} {
		if err := table(load.file, load.fields, load.add); err != nil {
			return nil, fmt.Errorf("read the atlas's %s: %w", load.file, err)
		}
	}
	return a, misread
}

// table gives each row of an embedded file.
func table(file string, fields int, add func(row []string)) error {
	f, err := data.Open("data/" + file)
	if err != nil {
		return err
	}
	r := csv.NewReader(f)
	r.Comment, r.FieldsPerRecord = '#', fields
	rows, err := r.ReadAll()
	if err != nil {
		return err
	}
	for _, row := range rows {
		add(row)
	}
	return f.Close()
}

// nutsCountry is the country's token in NUTS, which differs from ISO 3166-1 twice.
func nutsCountry(alpha2 string) string {
	switch alpha2 {
	case "GR":
		return "EL"
	case "GB":
		return "UK"
	}
	return alpha2
}

// isoCountry is the way back.
func isoCountry(nuts string) string {
	switch nuts {
	case "EL":
		return "GR"
	case "UK":
		return "GB"
	}
	return nuts
}

// Name gives a place's name in English: the atlas's own if it knows the code, else the
// name its author gave, else the code.
func (a *Atlas) Name(p body.Place) string {
	if name, ok := a.Lookup(p.Key()); ok {
		return name
	}
	if p.Name != "" {
		return string(p.Name)
	}
	return p.Code
}

// Says is Name with the mark of the footnote where the place needs it: for a line that a person reads.
func (a *Atlas) Says(p body.Place) string { return Marked(a.Name(p), NeedsFootnote(p.Key())) }

// Lookup gives the name of a code, and false if the atlas doesn't know it.
func (a *Atlas) Lookup(k body.PlaceKey) (string, bool) {
	name, ok := a.names[k]
	return name, ok
}

// NameIn gives a country's name in a language (BCP 47), and false for a place that is no
// country or a language that the atlas lacks: then its name in English stands, or its own.
func (a *Atlas) NameIn(language string, k body.PlaceKey) (string, bool) {
	code := k.Code
	switch {
	case k.Scheme == body.NUTS:
		code = isoCountry(code)
	case k.Scheme != body.ISOCountry:
		return "", false
	}
	name, ok := a.said[language][code]
	return name, ok
}

// Places gives every place that the atlas knows with its names, that in English first; a
// country once, under its code in ISO 3166-1.
func (a *Atlas) Places() iter.Seq2[body.PlaceKey, []string] {
	return func(yield func(body.PlaceKey, []string) bool) {
		for k, name := range a.names {
			names := []string{name}
			switch {
			case k.Scheme == body.NUTS && len(k.Code) == 2:
				continue
			case k.Scheme == body.ISOCountry:
				names = a.CountryNames(k.Code)
			}
			if !yield(k, names) {
				return
			}
		}
	}
}

// CountryNames gives the names of a country by its code in ISO 3166-1, that in English first;
// none of one that the atlas does not know.
func (a *Atlas) CountryNames(code string) []string {
	name, known := a.names[body.PlaceKey{Scheme: body.ISOCountry, Code: code}]
	if !known {
		return nil
	}
	names := []string{name}
	for _, said := range a.said {
		names = append(names, said[code])
	}
	return names
}

// Country gives the country by its alpha-2 code, in either case.
func (a *Atlas) Country(alpha2 string) (Country, bool) {
	c, ok := a.countries[strings.ToUpper(alpha2)]
	return c, ok
}

// Countries gives all countries, sorted by alpha-2 code.
func (a *Atlas) Countries() []Country {
	out := make([]Country, 0, len(a.countries))
	for _, c := range a.countries {
		out = append(out, c)
	}
	slices.SortFunc(out, func(x, y Country) int { return strings.Compare(x.Alpha2, y.Alpha2) })
	return out
}

// CountryOf gives the ISO 3166-1 alpha-2 code of the country a place lies in, and "" for
// a shared code of two countries, or where the code doesn't tell.
func CountryOf(k body.PlaceKey) string {
	switch k.Scheme {
	case body.ISOCountry:
		return k.Code
	case body.NUTS, body.LAU:
		return isoCountry(k.Code[:min(2, len(k.Code))])
	case body.ISOSubdivision, body.UNLocode:
		return k.Code[:min(2, len(k.Code))]
	case body.PCode:
		if strings.HasPrefix(k.Code, "XKX") {
			return "XK"
		}
		if len(k.Code) > 2 && k.Code[2] >= 'A' && k.Code[2] <= 'Z' {
			return "" // alpha-3: no country of the atlas uses it but Kosovo
		}
		return k.Code[:min(2, len(k.Code))]
	case body.Shared:
		return sharedCountry(k.Code)
	}
	return ""
}

// sharedCountry reads a shared code of one country: mk:gevgelija.
func sharedCountry(code string) string {
	countries, _, ok := strings.Cut(code, ":")
	if ok && len(countries) == 2 {
		return strings.ToUpper(countries)
	}
	return ""
}

// NeedsFootnote reports whether a place must be shown with the footnote on UNSCR 1244 (design.md §1): Kosovo by any
// scheme, a shared code that names it, and its districts under their codes in ISO 3166-2.
func NeedsFootnote(k body.PlaceKey) bool {
	if CountryOf(k) == "XK" {
		return true
	}
	switch k.Scheme {
	case body.ISOSubdivision:
		return slices.Contains([]string{"RS-25", "RS-26", "RS-27", "RS-28", "RS-29", "RS-KM"}, k.Code)
	case body.Shared:
		countries, _, _ := strings.Cut(k.Code, ":")
		return slices.Contains(strings.Split(countries, "-"), "xk")
	case body.ISOCountry, body.NUTS, body.LAU, body.PCode, body.UNLocode:
	}
	return false
}

// Marked gives a name with the mark of the footnote, if it needs it.
func Marked(name string, footnote bool) string {
	if footnote {
		return name + " *"
	}
	return name
}

// InstitutionNeedsFootnote reports whether an institution must be shown with the footnote.
func InstitutionNeedsFootnote(id protocol.InstitutionID) bool { return id.Country() == "xk" }

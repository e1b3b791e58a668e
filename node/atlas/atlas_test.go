package atlas_test

import (
	"math"
	"testing"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/protocol/body"
)

func open(t *testing.T) *atlas.Atlas {
	t.Helper()
	a, err := atlas.New()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestPlaceIsShownByTheNameOfItsCode(t *testing.T) {
	a := open(t)
	tests := []struct {
		place body.Place
		want  string
	}{
		{body.Place{Scheme: body.ISOCountry, Code: "MK", Name: "fYRoM"}, "North Macedonia"},
		{body.Place{Scheme: body.ISOCountry, Code: "TR"}, "Türkiye"},
		{body.Place{Scheme: body.ISOSubdivision, Code: "MK-405"}, "Gevgelija"},
		{body.Place{Scheme: body.ISOSubdivision, Code: "RS-24"}, "Pčinjski okrug"},
		{body.Place{Scheme: body.NUTS, Code: "EL4"}, "Nisia Aigaiou, Kriti"},
		{body.Place{Scheme: body.NUTS, Code: "EL"}, "Greece"},
		{body.Place{Scheme: body.Shared, Code: "gr-mk:bogorodica-evzoni", Name: "Bogorodica"}, "Bogorodica"},
		{body.Place{Scheme: body.UNLocode, Code: "MKGEV"}, "MKGEV"},
	}
	for _, tt := range tests {
		if got := a.Name(tt.place); got != tt.want {
			t.Errorf("Name(%s) = %q, want %q", tt.place.Key(), got, tt.want)
		}
	}
}

func TestCountryOfAPlace(t *testing.T) {
	tests := []struct{ place, want string }{
		{"iso3166-1:MK", "MK"},
		{"iso3166-2:MK-405", "MK"},
		{"nuts:EL526", "GR"},
		{"lau:EL_51030101", "GR"},
		{"unlocode:MKGEV", "MK"},
		{"pcode:MK0101", "MK"},
		{"x:gr-mk:bogorodica-evzoni", ""},
		{"x:mk:gevgelija-centre", "MK"},
	}
	for _, tt := range tests {
		if got := atlas.CountryOf(key(t, tt.place)); got != tt.want {
			t.Errorf("CountryOf(%s) = %q, want %q", tt.place, got, tt.want)
		}
	}
}

func TestFootnoteStandsWhereverKosovoIsNamed(t *testing.T) {
	tests := []struct {
		place string
		want  bool
	}{
		{"iso3166-1:XK", true},
		{"nuts:XK0", true},
		{"pcode:XKX01", true},
		{"unlocode:XKPRN", true},
		{"iso3166-2:RS-29", true},
		{"x:mk-xk:blace-hani-i-elezit", true},
		{"iso3166-2:RS-24", false},
		{"iso3166-1:RS", false},
		{"x:gr-mk:bogorodica-evzoni", false},
	}
	for _, tt := range tests {
		if got := atlas.NeedsFootnote(key(t, tt.place)); got != tt.want {
			t.Errorf("NeedsFootnote(%s) = %t, want %t", tt.place, got, tt.want)
		}
	}
	a, err := atlas.New()
	if err != nil {
		t.Fatal(err)
	}
	for code, want := range map[string]string{"XK": "Kosovo *", "MK": "North Macedonia"} {
		if got := a.Says(body.Place{Scheme: body.ISOCountry, Code: code}); got != want {
			t.Errorf("Says(%s) = %q, want %q", code, got, want)
		}
	}
	if !atlas.InstitutionNeedsFootnote("xk.national.ministry") || atlas.InstitutionNeedsFootnote("rs.national.ministry") {
		t.Error("InstitutionNeedsFootnote does not follow the country")
	}
}

func TestEveryCountryHasBothCodes(t *testing.T) {
	a := open(t)
	for _, c := range a.Countries() {
		if len(c.Alpha2) != 2 || len(c.Alpha3) != 3 || c.Name == "" {
			t.Errorf("country %+v is not whole", c)
		}
	}
	if c, ok := a.Country("mk"); !ok || c.Alpha3 != "MKD" {
		t.Errorf("Country(mk) = %+v, %t", c, ok)
	}
}

func TestDistanceIsTheGreatCircle(t *testing.T) {
	gevgelija, skopje := atlas.Point{Lat: 41.1392, Lon: 22.5025}, atlas.Point{Lat: 41.9981, Lon: 21.4254}
	tests := []struct {
		name string
		a, b atlas.Point
		want float64
	}{
		{"nowhere to go", skopje, skopje, 0},
		{"a degree of the equator", atlas.Point{}, atlas.Point{Lon: 1}, 111.195},
		{"across the date line", atlas.Point{Lon: 179.5}, atlas.Point{Lon: -179.5}, 111.195},
		{"to the antipode", atlas.Point{Lat: 90}, atlas.Point{Lat: -90}, math.Pi * atlas.EarthRadiusKm},
		{"Gevgelija to Skopje", gevgelija, skopje, 130.9},
	}
	for _, tt := range tests {
		if got := atlas.Distance(tt.a, tt.b); math.Abs(got-tt.want) > 0.2 {
			t.Errorf("%s: Distance() = %.3f km, want %.3f", tt.name, got, tt.want)
		}
	}
	lat, lon := 41.0, 22.0
	if _, ok := atlas.PointOf(body.Place{Lat: &lat}); ok {
		t.Error("PointOf gave a point without longitude")
	}
	if p, ok := atlas.PointOf(body.Place{Lat: &lat, Lon: &lon}); !ok || p != (atlas.Point{Lat: 41, Lon: 22}) {
		t.Errorf("PointOf() = %v, %t", p, ok)
	}
}

func key(t *testing.T, s string) body.PlaceKey {
	t.Helper()
	k, err := body.ParsePlaceKey(s)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestCountriesAreNamedInTheLanguagesOfThePages: each in its own letters.
func TestCountriesAreNamedInTheLanguagesOfThePages(t *testing.T) {
	a, err := atlas.New()
	if err != nil {
		t.Fatal(err)
	}
	for language, want := range map[string][2]string{
		"mk": {"Северна Македонија", "Грција"}, "sq": {"Maqedonia e Veriut", "Greqia"}, "el": {"Βόρεια Μακεδονία", "Ελλάδα"},
		"sr-Latn": {"Severna Makedonija", "Grčka"}, "sr-Cyrl": {"Северна Македонија", "Грчка"},
	} {
		country, ok := a.NameIn(language, body.PlaceKey{Scheme: body.ISOCountry, Code: "MK"})
		same, also := a.NameIn(language, body.PlaceKey{Scheme: body.NUTS, Code: "EL"})
		if !ok || !also || country != want[0] || same != want[1] {
			t.Errorf("%s: %q, %q; want %q", language, country, same, want)
		}
	}
	for language, k := range map[string]body.PlaceKey{"en": {Scheme: body.ISOCountry, Code: "MK"}, "mk": {Scheme: body.ISOSubdivision, Code: "MK-405"}, "el": {Scheme: body.NUTS, Code: "EL4"}} {
		if name, ok := a.NameIn(language, k); ok {
			t.Errorf("%s: %s is called %q", language, k, name)
		}
	}
}

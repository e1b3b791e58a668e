package atlas_test

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/atlas"
)

// rings reads the paths of an outline back into points of the grid.
func rings(t *testing.T, path string) (all [][][2]int) {
	t.Helper()
	numbers := regexp.MustCompile(`-?\d+`)
	for ring := range strings.SplitSeq(strings.TrimSuffix(path, "z"), "z") {
		var out [][2]int
		x, y := 0, 0
		steps := numbers.FindAllString(ring, -1)
		if len(steps)%2 != 0 {
			t.Fatalf("half a step in %s", ring)
		}
		for i := 0; i < len(steps); i += 2 {
			dx, _ := strconv.Atoi(steps[i])
			dy, _ := strconv.Atoi(steps[i+1])
			x, y = x+dx, y+dy
			out = append(out, [2]int{x, y})
		}
		all = append(all, out)
	}
	return all
}

// within reports whether a point lies in one of the rings.
func within(all [][][2]int, x, y int) bool {
	in := false
	for _, ring := range all {
		for i := range ring {
			a, b := ring[i], ring[(i+1)%len(ring)]
			if (a[1] > y) != (b[1] > y) && float64(x) < float64(a[0])+float64((b[0]-a[0])*(y-a[1]))/float64(b[1]-a[1]) {
				in = !in
			}
		}
	}
	return in
}

// TestTownLiesWithinTheOutlineOfItsCountry: outlines and grid are of one map. The towns are
// known by their coordinates, and none of the data is made of them.
func TestTownLiesWithinTheOutlineOfItsCountry(t *testing.T) {
	a := open(t)
	land := map[string][][][2]int{}
	for _, o := range a.Land() {
		land[o.Country] = rings(t, o.Path)
	}
	for _, town := range []struct {
		country  string
		lat, lon float64
	}{
		{"MK", 41.9981, 21.4254},
		{"GR", 40.64, 23.2},
		{"RS", 44.0, 20.9},
		{"XK", 42.66, 21.16},
		{"AL", 41.33, 19.95},
		{"BG", 42.7, 23.32},
		{"HR", 45.81, 15.98},
		{"SI", 46.06, 14.51},
		{"HU", 47.2, 19.3},
		{"AT", 48.2, 16.1},
		{"IT", 43.77, 11.25},
		{"RO", 45.8, 25.0},
		{"BA", 43.86, 18.41},
		{"ME", 42.5, 19.26},
		{"TR", 39.7, 30.5},
		{"DE", 48.14, 11.58},
	} {
		x, y, inside := atlas.Chart(atlas.Point{Lat: town.lat, Lon: town.lon})
		for country, shape := range land {
			if got := within(shape, x, y); got != (country == town.country) || !inside {
				t.Errorf("%v at %d %d: within %s is %t", town, x, y, country, got)
			}
		}
	}
	if _, _, inside := atlas.Chart(atlas.Point{Lat: 52.52, Lon: 13.4}); inside {
		t.Error("Berlin lies on the map, which ends at 50 degrees")
	}
}

// TestMiddleOfARegionLiesInItsCountry, within the coarseness of the outline.
func TestMiddleOfARegionLiesInItsCountry(t *testing.T) {
	a := open(t)
	for place, want := range map[string]atlas.Point{
		"iso3166-2:MK-405": {Lat: 41.2, Lon: 22.4}, "iso3166-2:RS-24": {Lat: 42.5, Lon: 22.0}, "iso3166-1:HR": {Lat: 45.2, Lon: 16.2},
		"iso3166-1:XK": {Lat: 42.6, Lon: 20.9}, "nuts:EL": {Lat: 39.3, Lon: 22.4}, "nuts:EL41": {Lat: 39.2, Lon: 26.2}, "nuts:EL4": {Lat: 36.9, Lon: 26}, "nuts:MK00": {Lat: 41.6, Lon: 21.7},
	} {
		got, ok := a.Where(key(t, place))
		if !ok || math.Abs(got.Lat-want.Lat) > 0.5 || math.Abs(got.Lon-want.Lon) > 0.7 {
			t.Errorf("Where(%s) = %v, %t, want about %v", place, got, ok, want)
		}
	}
	for _, place := range []string{"nuts:EL411", "x:gr-mk:bogorodica-evzoni", "iso3166-1:PK", "unlocode:MKGEV"} {
		if got, ok := a.Where(key(t, place)); ok {
			t.Errorf("Where(%s) = %v: nobody told", place, got)
		}
	}
	if len(a.Land()) < 16 {
		t.Errorf("%d outlines", len(a.Land()))
	}
	if size := len(fmt.Sprint(a.Land())); size > 30_000 {
		t.Errorf("the outlines are %d bytes", size)
	}
}

package atlas

import (
	"math"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/protocol/body"
)

// The map: from the Alps to the Dardanelles, equirectangular, with lengths true along one
// parallel. A degree of longitude is everywhere as wide, so that areas in the north look a
// tenth too large. The outlines in data/land.csv lie on this grid (.ci/outlines).
const (
	chartWest, chartEast   = 6.0, 32.0
	chartSouth, chartNorth = 34.5, 50.0
	// ChartParallel is the latitude along which lengths are true.
	ChartParallel = 42.0
	// ChartWide is the width of the grid.
	ChartWide = 600
	// ChartHigh is its height.
	ChartHigh = 481
)

// Chart gives where a point lies on the map, from the upper left corner; false: outside.
func Chart(p Point) (x, y int, inside bool) {
	const scale = ChartWide / (chartEast - chartWest)
	x = int(math.Round((p.Lon - chartWest) * scale))
	y = int(math.Round((chartNorth - p.Lat) * scale / math.Cos(radians(ChartParallel))))
	return x, y, x >= 0 && x <= ChartWide && y >= 0 && y <= ChartHigh
}

// Outline is the coarse shape of a country, by which a reader finds a place. It says nothing
// about borders or status.
type Outline struct {
	Country string // ISO 3166-1 alpha-2
	Path    string // on the map's grid, as the d of an SVG path
	Middle  Point
}

// Land gives the outlines of the map.
func (a *Atlas) Land() []Outline { return a.land }

// Where gives the middle of a region, and false if it is not known. A crossing or site is
// where its institution says it is, which the atlas does not know.
func (a *Atlas) Where(k body.PlaceKey) (Point, bool) {
	switch k.Scheme {
	case body.ISOCountry, body.ISOSubdivision:
		p, ok := a.points[k.Code]
		return p, ok
	case body.NUTS:
		if p, ok := a.points[isoCountry(k.Code)]; ok && len(k.Code) == 2 {
			return p, true
		}
		return a.middle(a.ground[k.Code])
	case body.LAU, body.PCode, body.UNLocode, body.Shared:
	}
	return Point{}, false
}

// middle gives that of several regions.
func (a *Atlas) middle(codes []string) (Point, bool) {
	var sum Point
	for _, code := range codes {
		p, ok := a.points[code]
		if !ok {
			return Point{}, false
		}
		sum.Lat, sum.Lon = sum.Lat+p.Lat, sum.Lon+p.Lon
	}
	n := float64(len(codes))
	return Point{sum.Lat / n, sum.Lon / n}, n > 0
}

// locate reads a row of points.csv.
func (a *Atlas) locate(row []string) error {
	lat, err := strconv.ParseFloat(row[1], 64)
	if err != nil {
		return err
	}
	lon, err := strconv.ParseFloat(row[2], 64)
	a.points[row[0]] = Point{lat, lon}
	return err
}

// Ground gives the code of ISO 3166 for the ground that a NUTS code names, by which two voices
// about one place meet; any other code, and one whose ground no single code names, is its own.
func (a *Atlas) Ground(k body.PlaceKey) body.PlaceKey {
	if k.Scheme != body.NUTS {
		return k
	}
	codes := a.ground[k.Code]
	switch {
	case len(k.Code) == 2:
		return body.PlaceKey{Scheme: body.ISOCountry, Code: isoCountry(k.Code)}
	case len(codes) != 1:
		return k
	case len(codes[0]) == 2:
		return body.PlaceKey{Scheme: body.ISOCountry, Code: codes[0]}
	}
	return body.PlaceKey{Scheme: body.ISOSubdivision, Code: codes[0]}
}

// sameGround reads which codes name what a NUTS code names.
func (a *Atlas) sameGround(row []string) {
	if row[2] != "" {
		a.ground[row[0]] = strings.Fields(row[2])
	}
}

package atlas

import (
	"math"

	"github.com/vardar-network/vardar/protocol/body"
)

// EarthRadiusKm is the mean radius of the Earth (IUGG 1980, R1).
const EarthRadiusKm = 6371.0088

// Point is a position on the Earth in degrees, WGS 84.
type Point struct{ Lat, Lon float64 }

// PointOf gives a place's coordinates, and false if its author gave none.
func PointOf(p body.Place) (Point, bool) {
	if p.Lat == nil || p.Lon == nil {
		return Point{}, false
	}
	return Point{*p.Lat, *p.Lon}, true
}

// Distance is the great-circle distance in kilometres. It is for people: machines may
// differ in the last digit, so that no verdict may hang on it.
func Distance(a, b Point) float64 {
	lat1, lat2 := radians(a.Lat), radians(b.Lat)
	sinLat, sinLon := math.Sin((lat2-lat1)/2), math.Sin(radians(b.Lon-a.Lon)/2)
	h := sinLat*sinLat + math.Cos(lat1)*math.Cos(lat2)*sinLon*sinLon
	return 2 * EarthRadiusKm * math.Asin(math.Sqrt(min(1, h)))
}

func radians(degrees float64) float64 { return degrees * math.Pi / 180 }

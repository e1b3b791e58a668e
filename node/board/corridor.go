package board

import (
	_ "embed" // the corridor
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/protocol/body"
)

//go:embed data/corridor-v1.csv
var corridorCSV string

// CorridorProfile names the version of the table that upstream notes rest on.
const CorridorProfile = "corridor v1"

// Leg is a stretch of a route: what is seen at its beginning is seen at its end some days
// later, so that the earlier station warns the later one.
type Leg struct {
	From          body.PlaceKey
	FromIndicator body.Indicator
	To            body.PlaceKey
	ToIndicator   body.Indicator
	Days          int // the end lags behind the beginning
	Correlation   int // per mille, at that lag, on the data the table names
}

// Corridor reads the legs of the Western Balkans route. It fails only if this build is
// broken.
func Corridor() ([]Leg, error) {
	r := csv.NewReader(strings.NewReader(corridorCSV))
	r.Comment, r.FieldsPerRecord = '#', 6
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read corridor: %w", err)
	}
	legs := make([]Leg, 0, len(rows))
	for _, row := range rows {
		l := Leg{FromIndicator: body.Indicator(row[1]), ToIndicator: body.Indicator(row[3])}
		var errs [4]error
		l.From, errs[0] = body.ParsePlaceKey(row[0])
		l.To, errs[1] = body.ParsePlaceKey(row[2])
		l.Days, errs[2] = strconv.Atoi(row[4])
		l.Correlation, errs[3] = strconv.Atoi(row[5])
		for _, err := range errs {
			if err != nil {
				return nil, fmt.Errorf("read corridor: %w", err)
			}
		}
		legs = append(legs, l)
	}
	return legs, nil
}

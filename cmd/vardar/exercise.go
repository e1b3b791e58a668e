package main

import (
	"strconv"

	"github.com/vardar-network/vardar/node/api"
)

// exercises are those that have a name.
func (a *app) exercises(rows []api.ExerciseRow) table {
	return tabled(rows, []string{"record", "name", "state", "from", "until", "place", "for", "records", "purpose"}, func(r *api.ExerciseRow) []string {
		return []string{
			r.Record.String(), r.Title, string(r.State), a.when(r.From), a.when(r.Until), r.Place.String(), joined(r.To), strconv.Itoa(r.Records), r.Purpose,
		}
	})
}

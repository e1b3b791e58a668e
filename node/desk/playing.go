package desk

import (
	"context"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Playing gives the exercise that a record began, to an institution that takes part in it; the
// problem says why it does not any more.
func (d *Desk) Playing(as protocol.InstitutionID, n protocol.Name) (ExerciseRow, error) {
	x, err := d.Exercise(n)
	if err != nil {
		return x, err
	}
	return x, d.mayPlay(&x, as)
}

// WorldOf gives the world of a record that is held here; what is not is of what is real.
func (d *Desk) WorldOf(n protocol.Name) World { return d.worldAt(n) }

// RealAlerts gives the alerts in force of what is real, the gravest first, wherever who asks is.
func (d *Desk) RealAlerts(ctx context.Context) ([]AlertRow, error) {
	m, err := d.momentOf(ctx, 0, board.World{})
	if err != nil {
		return nil, err
	}
	var out []AlertRow
	for _, a := range d.warnings(m).Active {
		if a.Status == body.StatusActual {
			out = append(out, a)
		}
	}
	return out, nil
}

// EndExercise ends an exercise now, for its author: it is put right to be over.
func (d *Desk) EndExercise(ctx context.Context, as protocol.InstitutionID, ref string) (Published, error) {
	over := body.TimeOf(d.o.Clock().UTC().Truncate(time.Second)).String()
	return d.Correct(ctx, CorrectRequest{As: as, Record: ref, Set: []string{"valid_until=" + over}, Reason: "ended"})
}

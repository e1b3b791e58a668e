package desk

import (
	"context"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Plans are the fund plans as one institution sees them, and what those that count add up to.
type Plans struct {
	As       protocol.InstitutionID
	Rows     []PlanRow // what waits for a signature of this node first
	Sums     []PlanSum // of what is proposed, agreed or closed
	MayWrite bool
	Past     bool
}

// Plans gathers the fund plans as this node knew them at an instant; zero: now.
func (d *Desk) Plans(ctx context.Context, as protocol.InstitutionID, at protocol.Instant) (Plans, error) {
	as, err := d.author(ctx, as)
	if err != nil {
		return Plans{}, err
	}
	m, err := d.moment(ctx, at)
	if err != nil {
		return Plans{}, err
	}
	return Plans{
		As: as, Rows: d.plans(&m.view), Sums: m.view.PlanSums(func(p *board.Plan) bool { return p.Counted() }),
		MayWrite: d.o.Trust.May(as, body.TypePlan), Past: m.past,
	}, ctx.Err()
}

package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// queryPart is which part of Held the smaller store of query holds: the goal is set for a
// million and ten thousand.
const queryPart = 100

// asks is how often a list is asked for in one measurement, whose median counts.
const asks = 3

// query compares how long a list takes of much and of little: every list of the API, as
// JSON, as many rows as it gives unless told otherwise.
func query(ctx context.Context, b *bench) (err error) {
	few := max(b.Held/queryPart, 1)
	many, err := b.reader(ctx, b.Held)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, many.stop()) }()
	small, err := b.reader(ctx, few)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, small.stop()) }()
	for _, what := range node.Lists() {
		var took series
		for n := range b.Pairs {
			ours := func(ctx context.Context) error {
				ms, err := ask(ctx, many.Node, what)
				took.ours = append(took.ours, ms)
				return err
			}
			peer := func(ctx context.Context) error {
				ms, err := ask(ctx, small.Node, what)
				took.peer = append(took.peer, ms)
				return err
			}
			if err := b.turn(ctx, n, ours, peer); err != nil {
				return err
			}
		}
		b.ratio(&took, Ratio{
			Suite: "query", Name: "list " + what, Goal: 1.5, AtMost: true, Unit: "ms",
			Note: fmt.Sprintf("%s : %s; the goal is set for 1,000,000 : 10,000", held(b.Held), held(few)),
		})
	}
	return nil
}

func held(n int) string { return fmt.Sprintf("%d records", n) }

// reader is a node that holds so many records, half of them reports with figures, and runs.
func (b *bench) reader(ctx context.Context, records int) (*live, error) {
	st, err := b.newStage(ctx, 0)
	if err != nil {
		return nil, err
	}
	b.tell("  %s go into a store", held(records))
	if err = b.fill(ctx, st, records, st.pen.report, source); err != nil {
		return nil, err
	}
	dir, err := b.folder("reader")
	if err != nil {
		return nil, err
	}
	l, err := b.open(ctx, st, source, dir)
	if err != nil {
		return nil, err
	}
	l.run(ctx)
	l.Picture(time.Now()) // all is in it before anything is measured
	return l, nil
}

// ask gives how many milliseconds a list takes.
func ask(ctx context.Context, n *node.Node, what string) (float64, error) {
	var took []float64
	for range asks {
		began := time.Now()
		l, err := n.List(ctx, node.Query{What: what})
		if err == nil {
			_, err = json.Marshal(l)
		}
		if err != nil {
			return 0, fmt.Errorf("list %s: %w", what, err)
		}
		took = append(took, time.Since(began).Seconds()*1e3)
	}
	return median(took), nil
}

// report writes a report with figures, or a note, each as likely.
func (p *pen) report() (protocol.Record, error) {
	if p.rng.IntN(2) == 0 {
		return p.note()
	}
	a := p.authors[p.rng.IntN(len(p.authors))]
	return a.write(p.salt(), sitrep(p.rng), protocol.Situation)
}

// days is over how many days reports speak.
const days = 365

func sitrep(rng *rand.Rand) *body.SituationReport {
	from := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rng.IntN(days))
	r := &body.SituationReport{
		Period:  &body.Period{Start: body.TimeOf(from), End: body.TimeOf(from.AddDate(0, 0, 1))},
		Summary: body.Text(wording(rng, bodyBytes/2)),
		Figures: []body.Figure{{Indicator: body.Arrivals, Value: body.Exact(rng.Int64N(5000))}},
	}
	r.Place = &body.Place{Scheme: body.ISOSubdivision, Code: "MK-405", Name: "Gevgelija"}
	return r
}

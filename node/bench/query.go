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

// query compares how long it takes of much and of little: every list of the API, as JSON,
// as many rows as it gives unless told otherwise, and the first page of each of the seven
// places, as a coordinator is shown it.
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
	var eyes [2]*node.Onlooker
	for i, l := range []*live{many, small} {
		if eyes[i], err = l.Onlooker(ctx, "bench", "coordinator"); err != nil {
			return err
		}
	}
	note := fmt.Sprintf("%s : %s; the goal is set for 1,000,000 : 10,000", held(b.Held), held(few))
	for _, what := range node.Lists() {
		if err := b.answered(ctx, Ratio{Name: "list " + what, Note: note}, func(ctx context.Context, i int) (float64, error) {
			return ask(ctx, [2]*live{many, small}[i].Node, what)
		}); err != nil {
			return err
		}
	}
	for _, path := range places() {
		if err := b.answered(ctx, Ratio{Name: "page " + path, Note: note}, func(ctx context.Context, i int) (float64, error) {
			return look(ctx, eyes[i], path)
		}); err != nil {
			return err
		}
	}
	return nil
}

// places are the first pages of the seven places.
func places() []string {
	return []string{"/", "/situation", "/help", "/funds", "/policy", "/library", "/network"}
}

// answered compares how long one answer takes of much (0) and of little (1).
func (b *bench) answered(ctx context.Context, r Ratio, take func(ctx context.Context, i int) (float64, error)) error {
	var took series
	for n := range b.Pairs {
		of := func(i int, into *[]float64) func(context.Context) error {
			return func(ctx context.Context) error {
				ms, err := take(ctx, i)
				*into = append(*into, ms)
				return err
			}
		}
		if err := b.turn(ctx, n, of(0, &took.ours), of(1, &took.peer)); err != nil {
			return err
		}
	}
	r.Suite, r.Goal, r.AtMost, r.Unit = "query", 1.5, true, "ms"
	b.ratio(&took, r)
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
	return thrice(func() error {
		l, err := n.List(ctx, node.Query{What: what})
		if err == nil {
			_, err = json.Marshal(l)
		}
		if err != nil {
			return fmt.Errorf("list %s: %w", what, err)
		}
		return nil
	})
}

// look gives how many milliseconds a page takes.
func look(ctx context.Context, o *node.Onlooker, path string) (float64, error) {
	return thrice(func() error {
		_, err := o.Look(ctx, path)
		return err
	})
}

// thrice gives the median of how many milliseconds something takes.
func thrice(do func() error) (float64, error) {
	var took []float64
	for range asks {
		ms := 0.0
		if err := timed(&ms, do); err != nil {
			return 0, err
		}
		took = append(took, ms)
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

package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
)

// Grown is what a node takes that has much of something. What was not looked at is 0.
type Grown struct {
	Of          string  `json:"of"` // records, links or feeds
	Count       int     `json:"count"`
	LiveMiB     float64 `json:"live_mib"`               // objects and stacks in use, after a collection
	ResidentMiB float64 `json:"resident_mib,omitempty"` // all that lies in memory; 0: the system does not say
	StoreMiB    float64 `json:"store_mib"`
	OpenMS      float64 `json:"open_ms,omitempty"`    // until it is open: all records folded into trust and picture
	PictureMS   float64 `json:"picture_ms,omitempty"` // from then until the picture, which no disk keeps, is whole: bodies read
	RedrawMS    float64 `json:"redraw_ms,omitempty"`  // the picture as it was yesterday
	HaveMS      float64 `json:"have_ms,omitempty"`    // the digests of all groups, anew, as a peer is told them
	RowsMS      float64 `json:"rows_ms,omitempty"`    // the rows of all groups, as a peer is told them that holds nothing of them
	ListMS      float64 `json:"list_ms,omitempty"`    // the lists of the API: their median
	SlowestMS   float64 `json:"slowest_ms,omitempty"` // and the slowest
	Slowest     string  `json:"slowest,omitempty"`
	UpMS        float64 `json:"up_ms,omitempty"` // from the first call until all links are up and have compared
}

const (
	ofRecords = "records"
	ofLinks   = "links"
	ofFeeds   = "feeds"
)

// growth says what a node takes as what it holds grows. Nothing is compared: each row is
// one measurement.
func growth(ctx context.Context, b *bench) error {
	if err := b.growRecords(ctx); err != nil {
		return err
	}
	if err := b.growLinks(ctx); err != nil {
		return err
	}
	return b.growFeeds(ctx)
}

func (b *bench) grown(g Grown) {
	b.report.Growth = append(b.report.Growth, g)
	b.tell("  %d %s: %.0f MiB in use, %.0f resident", g.Count, g.Of, g.LiveMiB, g.ResidentMiB)
}

// growRecords fills one store further and further, half of it reports with figures.
func (b *bench) growRecords(ctx context.Context) error {
	st, err := b.newStage(ctx, 0)
	if err != nil {
		return err
	}
	holds := 0
	for _, size := range slices.Sorted(slices.Values(b.Sizes)) {
		b.tell("  a store of %s", held(size))
		if err = b.fill(ctx, st, size-holds, st.pen.report, source); err != nil {
			return err
		}
		holds = size
		if err = b.look(ctx, st, ofRecords, size); err != nil {
			return err
		}
	}
	return nil
}

// growFeeds looks at a node that holds feeds of many institutions, in all seven topics.
func (b *bench) growFeeds(ctx context.Context) error {
	all := protocol.Topics()
	st, err := b.newCrowd(ctx, b.Institutions, slices.DeleteFunc(all[:], func(t protocol.Topic) bool { return t == protocol.Trust })...)
	if err != nil {
		return err
	}
	return b.look(ctx, st, ofFeeds, b.Institutions*len(all))
}

// growLinks has more and more members call one hub.
func (b *bench) growLinks(ctx context.Context) error {
	h, err := b.newHub(ctx, b.mostLinks(), LeastRecords)
	if err != nil {
		return err
	}
	for _, links := range slices.Sorted(slices.Values(b.Links)) {
		u, up, err := h.called(ctx, links)
		if err != nil {
			return err
		}
		g := Grown{Of: ofLinks, Count: links, UpMS: milliseconds(up)}
		g.weigh(u.after)
		if g.StoreMiB, err = storeMiB(filepath.Join(h.dir, string(source))); err != nil {
			return err
		}
		b.grown(g)
	}
	return nil
}

// look has a process of its own open the node of a stage, which holds so many of something.
func (b *bench) look(ctx context.Context, st *stage, of string, count int) error {
	var g Grown
	s, err := b.openSide(ctx, sideLook, filepath.Join(st.dir, string(source)), &g)
	if err != nil {
		return err
	}
	g.Of, g.Count = of, count
	b.grown(g)
	return s.close()
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1e3 }

func (g *Grown) weigh(m Memory) {
	g.LiveMiB, g.ResidentMiB = float64(m.LiveKiB)/1024, float64(m.ResidentKiB)/1024
}

func storeMiB(dir string) (float64, error) {
	n, err := treeBytes(filepath.Join(dir, "store.bbolt"))
	return float64(n) / (1 << 20), err
}

// timed adds how long something takes to a figure.
func timed(ms *float64, do func() error) error {
	began := time.Now()
	err := do()
	*ms += milliseconds(time.Since(began))
	return err
}

// lookSide opens a node, asks all that grows, and says what it took.
func lookSide(ctx context.Context, out io.Writer, dir string) (err error) {
	var g Grown
	var n *node.Node
	if err = timed(&g.OpenMS, func() (err error) {
		n, err = node.Open(ctx, node.Options{Dir: dir})
		return err
	}); err != nil {
		return err
	}
	l := &live{Node: n}
	defer func() { err = errors.Join(err, l.stop()) }()
	at := time.Now()
	n.Picture(at)
	g.PictureMS = milliseconds(time.Since(at))
	if err = g.ask(ctx, n, at); err != nil {
		return err
	}
	g.weigh(memory())
	if g.StoreMiB, err = storeMiB(dir); err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(g)
}

// ask asks a node whose picture is whole.
func (g *Grown) ask(ctx context.Context, n *node.Node, at time.Time) error {
	began := time.Now()
	n.Picture(at.AddDate(0, 0, -1))
	g.RedrawMS = milliseconds(time.Since(began))
	var groups []protocol.Group
	err := timed(&g.HaveMS, func() error {
		have := protocol.HaveAnswer{V: protocol.ControlVersion, Groups: n.Have()}
		groups = slices.SortedFunc(maps.Keys(have.Groups), protocol.Group.Compare)
		_, err := json.Marshal(have)
		return err
	})
	if err != nil {
		return err
	}
	for _, group := range groups {
		err := timed(&g.RowsMS, func() error {
			for page := range slices.Chunk(n.Intake().Rows(group), protocol.MaxRowsAPage) {
				if _, err := json.Marshal(protocol.RowsAnswer{V: protocol.ControlVersion, Rows: page}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	var took []float64
	for _, what := range node.Lists() {
		ms, err := ask(ctx, n, what)
		if err != nil {
			return fmt.Errorf("list %s: %w", what, err)
		}
		if took = append(took, ms); ms > g.SlowestMS {
			g.SlowestMS, g.Slowest = ms, what
		}
	}
	g.ListMS = median(took)
	return nil
}

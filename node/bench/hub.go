package bench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
)

const (
	// hubLive is how many records go over every link before memory is measured.
	hubLive = 20
	// callers at once: a hub that comes back is called by all.
	callAtOnce = 32
	// hubWait bounds how long all links take to come up, and records to reach all.
	hubWait = 10 * time.Minute
	// spareFiles is what a process needs besides its connections; a node keeps half of its
	// descriptors from peers.
	spareFiles = 256
	// manyFiles is more than any run needs.
	manyFiles = 1 << 20
)

// ErrFiles says that this process may not open enough files.
var ErrFiles = errors.New("too few files may be open")

// enoughFiles refuses before anything is set up what would fail in the middle.
func enoughFiles(links int) error {
	need := 2*links + spareFiles
	if has := descriptors(); has < need {
		return fmt.Errorf("%w: %d links need %d, and %d are allowed: raise it (ulimit -n %d) or measure fewer with --links", ErrFiles, links, need, has, need)
	}
	return nil
}

// hub compares the memory of a node with many links and of a plain server with as many
// clients, each with a consumer: both hold the same records and pass the same on to all.
func hub(ctx context.Context, b *bench) error {
	links := b.mostLinks()
	h, err := b.newHub(ctx, links, b.Records)
	if err != nil {
		return err
	}
	var resident, alive, added series
	for n := range b.Pairs {
		b.tell("  pair %d of %d", n+1, b.Pairs)
		ours := func(ctx context.Context) error {
			u, err := h.ours(ctx, links)
			resident.ours, alive.ours = append(resident.ours, u.resident()), append(alive.ours, u.live())
			added.ours = append(added.ours, u.each(links))
			return err
		}
		peer := func(ctx context.Context) error {
			u, err := h.plain(ctx, links)
			resident.peer, alive.peer = append(resident.peer, u.resident()), append(alive.peer, u.live())
			added.peer = append(added.peer, u.each(links))
			return err
		}
		if err := b.turn(ctx, n, ours, peer); err != nil {
			return err
		}
	}
	with := fmt.Sprintf("%d links; %s held by both; the goal is set for 1,000 links", links, held(h.holds))
	b.ratio(&resident, Ratio{Suite: "hub", Name: "memory of a hub : plain server with clients and consumers", Goal: 1.3, AtMost: true, Unit: "MiB", Note: "resident, what is free given back; " + with})
	b.ratio(&alive, Ratio{Suite: "hub", Name: "the same, objects and stacks in use", Goal: 1.3, AtMost: true, Unit: "MiB", Note: "after a collection; " + with})
	b.ratio(&added, Ratio{Suite: "hub", Name: "what a link adds : a client with its consumer", Unit: "KiB", Note: "objects and stacks, less those before the first came; " + with})
	return nil
}

// usage is the memory of a side before anybody called and with all.
type usage struct{ before, after Memory }

func (u usage) resident() float64 { return float64(u.after.ResidentKiB) / 1024 }
func (u usage) live() float64     { return float64(u.after.LiveKiB) / 1024 }

// each is what one link adds, in KiB.
func (u usage) each(links int) float64 {
	return float64(u.after.LiveKiB-u.before.LiveKiB) / float64(links)
}

// hubStage is a node that many members may call, and what they will say.
type hubStage struct {
	*bench
	*stage
	hub   hubAddress
	holds int               // records that the hub holds
	says  []protocol.Record // that the first member says while all listen
}

// newHub makes the folder of a hub that has offered its members links.
func (b *bench) newHub(ctx context.Context, links, records int) (h *hubStage, err error) {
	if err = enoughFiles(links); err != nil {
		return nil, err
	}
	h = &hubStage{bench: b}
	if h.stage, err = b.newCrowd(ctx, links, protocol.Situation); err != nil {
		return nil, err
	}
	b.tell("  %s go into its store", held(records))
	err = b.fill(ctx, h.stage, records, func() (protocol.Record, error) {
		return h.pen.authors[h.pen.rng.IntN(links)].write(h.pen.salt(), note(h.pen.rng, protocol.Situation), protocol.Situation)
	}, source)
	if err != nil {
		return nil, err
	}
	n, err := b.offstage(ctx, h.stage, source)
	if err != nil {
		return nil, err
	}
	for _, m := range h.pen.authors {
		if err = n.Offer(ctx, m.id, protocol.Key{}); err != nil {
			return nil, errors.Join(err, n.Close())
		}
	}
	h.hub.key, h.hub.charter, h.holds = n.LinkKey(), n.Trust().CharterDigest(), n.Records()
	if err = n.Close(); err != nil {
		return nil, err
	}
	for range hubLive {
		r, err := h.pen.authors[0].write(h.pen.salt(), note(h.pen.rng, protocol.Situation), protocol.Situation)
		if err != nil {
			return nil, err
		}
		h.says = append(h.says, r)
	}
	return h, nil
}

// ours measures the hub while so many members hold links, over each of which it has sent
// what one of them said.
func (h *hubStage) ours(ctx context.Context, links int) (u usage, err error) {
	u, _, err = h.called(ctx, links)
	return u, err
}

// called is ours, and how long it took until all links were up.
func (h *hubStage) called(ctx context.Context, links int) (u usage, up time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, hubWait)
	defer cancel()
	dir, err := h.folder("hub")
	if err != nil {
		return u, 0, err
	}
	defer func() { err = errors.Join(err, removeAll(dir)) }()
	if err = copyTree(filepath.Join(h.dir, string(source)), dir); err != nil {
		return u, 0, err
	}
	s, err := h.openSide(ctx, sideHub, dir, nil)
	if err != nil {
		return u, 0, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if u.before, err = s.memory(); err != nil {
		return u, 0, err
	}
	at := h.hub
	at.address = s.first.Address
	var taken atomic.Int64
	began := time.Now()
	callers, err := h.callAll(ctx, at, links, &taken)
	defer func() {
		for _, c := range callers {
			if c != nil {
				c.conn.Close()
			}
		}
	}()
	if err == nil {
		err = s.ask(askUp, links, &struct{}{})
	}
	if err != nil {
		return u, 0, err
	}
	up = time.Since(began)
	for _, r := range h.says {
		if err = callers[0].push(ctx, r); err != nil {
			return u, up, err
		}
	}
	// Whoever says it need not hear it.
	if err = reached(ctx, &taken, (links-1)*len(h.says)); err != nil {
		return u, up, err
	}
	u.after, err = s.memory()
	return u, up, err
}

// callAll opens the links of so many members.
func (h *hubStage) callAll(ctx context.Context, at hubAddress, links int, taken *atomic.Int64) ([]*caller, error) {
	callers := make([]*caller, links)
	g, _ := errgroup.WithContext(ctx) // the links outlive the group
	g.SetLimit(callAtOnce)
	for i := range callers {
		g.Go(func() (err error) {
			callers[i], err = h.pen.authors[i].call(ctx, at, taken)
			return err
		})
	}
	return callers, g.Wait()
}

// reached waits until so many records have been taken.
func reached(ctx context.Context, taken *atomic.Int64, want int) error {
	again := time.NewTicker(lookEach)
	defer again.Stop()
	for taken.Load() < int64(want) {
		select {
		case <-again.C:
		case <-ctx.Done():
			return fmt.Errorf("%d of %d records have come: %w", taken.Load(), want, ctx.Err())
		}
	}
	return nil
}

// all gives what the hub holds, from the folder in which it does not run.
func (h *hubStage) all(ctx context.Context) (out []protocol.Record, err error) {
	for a, err := range node.Archive(ctx, filepath.Join(h.dir, string(source)), time.Now, nil) {
		if err != nil {
			return nil, err
		}
		out = append(out, a.Record)
	}
	return out, nil
}

package duty

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/vardar-network/vardar/protocol"
)

// What can't be done.
var (
	ErrNoWaking = errors.New("there is no such waking")
	ErrNoWay    = errors.New("there is no such way")
)

// Seen notes that somebody has seen a waking: nobody is woken of it any more. It gives the
// waking as it is then, with the records that it is about, also of events that it counts alone; once seen it stays as it was. [ErrNoWaking] if there is none.
func (d *Duty) Seen(ctx context.Context, id uint64, who string) (Waking, []protocol.Name, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := d.state.waking(id)
	if w == nil {
		return Waking{}, nil, fmt.Errorf("%d: %w", id, ErrNoWaking)
	}
	about := d.state.records(w)
	if w.Seen != 0 {
		return *w, about, nil
	}
	w.Seen, w.SeenBy = d.now(), who
	d.counts.Seen++
	d.save(ctx)
	d.tell()
	return *w, about, nil
}

// Wakings gives those that are kept, the newest first.
func (d *Duty) Wakings() []Waking {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make([]Waking, len(d.state.Wakings))
	for i := range d.state.Wakings {
		w := d.state.Wakings[i]
		w.Events, w.Messages = slices.Clone(w.Events), slices.Clone(w.Messages)
		out[len(out)-1-i] = w
	}
	return out
}

// Counts gives the events of this room since the node started.
func (d *Duty) Counts() Counts {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.counts
}

// Config gives the rules in force.
func (d *Duty) Config() Config { return d.o.Config }

// Ways gives the names of all ways.
func (d *Duty) Ways() []string { return slices.Sorted(maps.Keys(d.o.Config.Ways)) }

// Test sends a message that says that it is a test by a way, to each of its addresses, once.
// [ErrNoWay] if there is none; any other error is why it did not go.
func (d *Duty) Test(ctx context.Context, way string) error {
	w, there := d.o.Config.Ways[way]
	if !there {
		return fmt.Errorf("%.40s: %w", way, ErrNoWay)
	}
	id, err := newSecret(d.o.Rand) // no two tests are one
	if err != nil {
		return err
	}
	var probe Waking
	probe.begin(&d.o.Config, []string{way}, false, 0)
	var errs []error
	for i := range probe.Messages {
		_, err := d.by(context.WithoutCancel(ctx), w, &probe.Messages[i], d.trial(way), fmt.Sprintf("test.%d.%s", i, protocol.DigestOf([]byte(id)).Prefix()))
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Changed tells when what is shown of this room may be another, until the function is called.
func (d *Duty) Changed() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.told[c] = struct{}{}
	return c, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.told, c)
	}
}

// tell tells those who wait for news. The caller holds mu.
func (d *Duty) tell() {
	for c := range d.told {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

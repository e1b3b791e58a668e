package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/protocol"
)

// DefaultWait bounds waiting for peers: a line that is up brings a record over in well
// under a second, and a person waits no longer than this.
const DefaultWait = 30 * time.Second

// Peers are the nodes at the other ends of the links, and which of them hold a record.
type Peers struct {
	Have  []protocol.InstitutionID `json:"have"`
	Of    []protocol.InstitutionID `json:"of"`
	Since []Known                  `json:"since,omitempty"` // since when each that has it is known to, where one record is asked for
}

// Known is [link.Known].
type Known = link.Known

// LongAgo is [link.LongAgo].
const LongAgo = link.LongAgo

// String says it as the pages do.
func (p Peers) String() string {
	return fmt.Sprintf("recorded; %d of %d peers have it", len(p.Have), len(p.Of))
}

// Holders tells which peers are known to hold a record, of those it may be sent to, and since
// when. The problem is [NotFound] for a record that is not held here.
func (d *Desk) Holders(_ context.Context, n protocol.Name) (Peers, error) {
	if _, err := d.held(n); err != nil {
		return Peers{}, err
	}
	return d.since(n, d.holders(n)), nil
}

func (d *Desk) holders(n protocol.Name) Peers {
	p := Peers{Have: []protocol.InstitutionID{}, Of: []protocol.InstitutionID{}}
	have, of := d.o.Links.Holders(n)
	p.Have, p.Of = append(p.Have, have...), append(p.Of, of...)
	return p
}

// since adds since when those that have a record are known to.
func (d *Desk) since(n protocol.Name, p Peers) Peers {
	for _, k := range d.o.Links.HeldSince(n) {
		if slices.Contains(p.Have, k.Peer) {
			p.Since = append(p.Since, k)
		}
	}
	return p
}

// Wait waits until so many peers hold a record, or ctx ends, and tells who has it then.
func (d *Desk) Wait(ctx context.Context, n protocol.Name, peers int) (Peers, error) {
	if _, err := d.held(n); err != nil {
		return Peers{}, err
	}
	return d.since(n, d.await(ctx, n, peers)), nil
}

func (d *Desk) await(ctx context.Context, n protocol.Name, peers int) Peers {
	changed, stop := d.o.Links.Changed()
	defer stop()
	for {
		p := d.holders(n)
		if len(p.Have) >= peers {
			return p
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return p
		}
	}
}

// wait completes what is told of a record just written. That fewer peers have it than
// were waited for is no error: it is written all the same.
func (d *Desk) wait(ctx context.Context, s *statement, out Published) Published {
	limit := DefaultWait
	if s.waitMS > 0 {
		limit = time.Duration(s.waitMS) * time.Millisecond
	}
	if s.wait > 0 {
		short, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		out.Peers = d.await(short, out.Record, s.wait)
	} else {
		out.Peers = d.holders(out.Record)
	}
	out.Reached = len(out.Peers.Have) >= s.wait
	out.Said = out.Peers.String()
	return out
}

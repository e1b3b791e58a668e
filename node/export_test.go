package node

import (
	"context"
	"time"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// Bus lets tests listen to LOG as the institution's own tools do.
func (n *Node) Bus() *bus.Bus { return n.bus }

// ReadAgain reads all records once, as the node does each day.
func (n *Node) ReadAgain(ctx context.Context) { n.readAgain(ctx) }

// KeepReading is when the node does so.
func KeepReading(ctx context.Context, now func() time.Time, read func(context.Context) bool) error {
	return keepReading(ctx, now, read)
}

// Restate says again what counts of the epochs before the resumed ones, as the node does by
// itself when own records have come home.
func (n *Node) Restate(ctx context.Context) ([]protocol.EpochID, error) {
	return n.rooms.restate(ctx, n.o)
}

// SparedLog is what LOG is given of records that came at once, its window beginning then.
func SparedLog(records []protocol.Record, from protocol.Instant) []protocol.Record {
	return spared(records, from)
}

// Sessions is where those of the pages lie, and Lies tells what its readers no longer do:
// whether one is there though it has ended.
func (n *Node) Sessions() *staff.Sessions { return n.people.Sessions() }

// Lies reports whether a session is there.
func (n *Node) Lies(token string) (bool, error) {
	_, ok, err := n.rooms.store.Private(staffBucket).Get([]byte("session/" + token))
	return ok, err
}

// Staff is the people of the node, for tests that leave behind what a killed node does.
func (n *Node) Staff() *staff.Staff { return n.people }

package desk

import (
	"context"
	"iter"

	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

// Held is a record as the archive holds it.
type Held struct {
	protocol.Record
	Digest   protocol.Digest
	Accepted protocol.Instant // when this node took it
	Place    uint64           // in the order in which this node took everything, from 1
}

// Cursor is how far a reader of the archive has come in each group.
type Cursor map[protocol.Group]uint64

// Archive is what the desk reads of the store; there is no way to write past intake.
// node fills it.
type Archive interface {
	// At gives the records held at a position, the first accepted first; none is no error.
	At(n protocol.Name) ([]Held, error)
	// Branches gives the branches held of an epoch, the first accepted first.
	Branches(e protocol.EpochID) []trust.Branch
	// Records gives the records of a type, or all for "", in the order of acceptance, from
	// an instant of acceptance on.
	Records(ctx context.Context, recordType string, since protocol.Instant) iter.Seq2[Held, error]
	// News gives what was accepted since a cursor, in that order, and where that ends; with
	// nil nothing, and the end.
	News(ctx context.Context, c Cursor) ([]Held, Cursor, error)
	// Behind gives the cursor of who has read up to a record at its place; false if the
	// archive holds another there.
	Behind(ctx context.Context, place uint64, digest protocol.Digest) (Cursor, bool, error)
	// Beacons gives the newest beacon of each institution with when it was received.
	Beacons() iter.Seq2[protocol.Beacon, protocol.Instant]
}

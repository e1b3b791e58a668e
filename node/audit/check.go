package audit

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/vardar-network/vardar/protocol"
)

// Checked is what a check went through.
type Checked struct {
	Entries uint64
	Head    protocol.Digest // of the newest; zero: there is none
}

// Check goes through the whole chain. It returns an error wrapping [ErrBroken] that names
// the first entry that is not as it was written, is missing, or was not written at all.
func (l *Log) Check(ctx context.Context) (Checked, error) {
	l.mu.Lock()
	err := l.load()
	end, failed := l.head, l.failed
	l.mu.Unlock()
	if err != nil {
		return Checked{}, err
	}
	var last Entry
	for e, err := range l.Entries(ctx) {
		switch {
		case err != nil:
			return Checked{}, fmt.Errorf("behind entry %d: %w", last.Number, err)
		case e.Number != last.Number+1:
			return Checked{}, fmt.Errorf("%w: entry %d is missing", ErrBroken, last.Number+1)
		case e.Previous != last.Digest:
			return Checked{}, fmt.Errorf("%w: entry %d does not follow from entry %d", ErrBroken, e.Number, last.Number)
		case e.Number == end.Number && e.Digest != end.Digest:
			return Checked{}, fmt.Errorf("%w: entry %d is not the one that was written last", ErrBroken, e.Number)
		}
		if last = e; last.Number == end.Number {
			break // what is noted meanwhile is for the next check
		}
	}
	if last.Number != end.Number {
		return Checked{}, fmt.Errorf("%w: it ends at entry %d of %d", ErrBroken, last.Number, end.Number)
	}
	if failed != nil {
		return Checked{}, failed
	}
	return Checked{end.Number, end.Digest}, nil
}

// Holds checks entries that were taken out of a log: each is as its digest says, and follows
// from the one before it where that is there too. It returns an error wrapping [ErrBroken] that
// names the first which is not. Whether others were left out, it can't know.
func Holds(entries []Entry) error {
	var last Entry
	for _, e := range entries {
		said := e.Digest
		e.Digest = protocol.Digest{}
		text, err := json.Marshal(e)
		switch e.Digest = digestOf(text); {
		case err != nil:
			return err
		case e.Digest != said:
			return fmt.Errorf("%w: entry %d was changed", ErrBroken, e.Number)
		case e.Number <= last.Number:
			return fmt.Errorf("%w: entry %d stands behind entry %d", ErrBroken, e.Number, last.Number)
		case e.Number == last.Number+1 && last.Number > 0 && e.Previous != last.Digest:
			return fmt.Errorf("%w: entry %d does not follow from entry %d", ErrBroken, e.Number, last.Number)
		}
		last = e
	}
	return nil
}

package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// Options say what a backup is made of, and where.
type Options struct {
	To         string                   // required: the folder, which must be there
	Hosted     []protocol.InstitutionID // required; the first names the node
	Recipients []string                 // required: age1…, the recovery recipient first
	Time       protocol.Instant         // required
	Charters   []protocol.Digest        // that the node holds
	// Keep is how long backups of this node are kept in the folder: older ones are removed
	// once the new one is there. Default and bound: [MaxKeep].
	Keep time.Duration
	// Free gives the bytes that can still be written in a folder. Default: [store.Free].
	Free func(dir string) (free, total uint64, err error)
}

// Made is a backup that was made.
type Made struct {
	Entry
	Expired []string `json:"expired"` // files of old backups that were removed
}

// slack is what is left free beside a backup: the header, and what others write.
const slack = 64 << 20

// Create makes a backup of an archive that may be written meanwhile; the writer waits for
// nothing. It returns once the backup is on disk under its name, or leaves nothing; what a
// killed one left is removed first. One node makes one at a time.
//
// It returns [ErrNoRecipient], [ErrNoRoom], [ErrKeep], or the file system's error. An
// error after the backup was made (an old one could not be removed) comes with it.
func Create(ctx context.Context, s *store.Store, o Options) (Made, error) {
	to, err := parseRecipients(o.Recipients)
	if err != nil {
		return Made{}, fmt.Errorf("make a backup: %w", err)
	}
	if o.Keep == 0 {
		o.Keep = MaxKeep
	}
	switch {
	case len(o.Hosted) == 0 || o.Time <= 0:
		return Made{}, errors.New("make a backup: Hosted and Time are required")
	case o.Keep < 0 || o.Keep > MaxKeep:
		return Made{}, fmt.Errorf("make a backup: %w", ErrKeep)
	}
	if o.Free == nil {
		o.Free = store.Free
	}
	if err = clearHalfMade(o.To, o.Hosted[0]); err != nil {
		return Made{}, err
	}
	// The heads first: what is behind them when the copy begins is in it too.
	h := Header{Version: version, Institution: o.Hosted[0], Hosted: o.Hosted, Time: o.Time, Charters: o.Charters, Heads: heads(s)}
	c, err := s.Copy(ctx)
	if err != nil {
		return Made{}, err
	}
	defer c.Close() //nolint:errcheck // a reading transaction
	h.Bytes = c.Size()
	if err = hasRoom(o.Free, o.To, h.Bytes); err != nil {
		return Made{}, err
	}
	path := filepath.Join(o.To, fileName(h.Institution, h.Time))
	if err = writeWhole(path, func(f *os.File) error { return seal(f, to, h, c) }); err != nil {
		return Made{}, fmt.Errorf("make a backup: %w", absent(err))
	}
	made := Made{Entry: Entry{File: path, Institution: h.Institution, Time: h.Time, Heads: len(h.Heads)}, Expired: []string{}}
	if info, gone := os.Stat(path); gone == nil {
		made.Bytes = info.Size()
	}
	if err = writeNote(path, note{Heads: len(h.Heads)}); err != nil {
		return made, fmt.Errorf("write beside the backup: %w", err)
	}
	old, err := Expire(o.To, h.Institution, h.Time, o.Keep)
	made.Expired = append(made.Expired, old...)
	return made, err
}

func hasRoom(free func(string) (uint64, uint64, error), dir string, bytes int64) error {
	left, _, err := free(dir)
	if err != nil {
		return fmt.Errorf("look at the room in %s: %w", dir, absent(err))
	}
	if want := uint64(bytes) + uint64(bytes)/1000 + slack; left < want { //nolint:gosec // a size; age adds 16 bytes to 64 KiB
		return fmt.Errorf("%s has %d MiB left, and %d are wanted (mend: make room, or name another folder): %w", dir, left>>20, want>>20, ErrNoRoom)
	}
	return nil
}

// heads gives the last record of every branch.
func heads(s *store.Store) []Head {
	out := []Head{}
	for _, f := range s.Feeds() {
		for _, epoch := range s.Epochs(f) {
			for _, b := range s.Branches(protocol.EpochID{Feed: f, Epoch: epoch}) {
				out = append(out, Head{b.EpochID, b.Head, b.Digest})
			}
		}
	}
	return out
}

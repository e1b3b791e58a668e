package keys

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/protocol"
)

// Mark gives the node's own last positions, as they were before the last send: at start
// a node writes only if its store holds them all (epochs.md 20). It returns [ErrMark]
// naming the line that is damaged, and [ErrNoMark] if the file is not there; either
// means that the store may be older than what peers have seen.
func (s *Safe) Mark(ctx context.Context) (map[protocol.EpochID]protocol.Head, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.markMu.Lock()
	defer s.markMu.Unlock()
	if err := s.readMark(); err != nil {
		return nil, err
	}
	return maps.Clone(s.marked), nil
}

// SetMark moves the mark to the positions given; those of other epochs stay, and a
// position behind the mark changes nothing, so that callers may overtake each other. It
// returns once the mark is on disk: temporary file, fsync, rename, fsync of the folder.
// Call it after the commit and before the first send.
//
// It returns [ErrMark] for another record at the position marked: that is a fork of our
// own, and nothing of it may be sent. It returns [ErrNotHosted] for others' feeds.
func (s *Safe) SetMark(positions map[protocol.EpochID]protocol.Head) error {
	s.markMu.Lock()
	defer s.markMu.Unlock()
	if err := s.readMark(); err != nil {
		return err
	}
	next, changed := maps.Clone(s.marked), false
	for epoch, head := range positions {
		if _, err := s.find(epoch.Institution); err != nil {
			return fmt.Errorf("mark %s: %w", epoch, err)
		}
		if !epoch.Topic.Valid() || epoch.Epoch < 1 || epoch.Epoch > protocol.MaxNumber || head.Sequence > protocol.MaxNumber ||
			head.Topic != epoch.Topic || head.Epoch != epoch.Epoch {
			return fmt.Errorf("mark %s: its head is of another epoch, or out of bounds", epoch)
		}
		held, ok := next[epoch]
		switch {
		case ok && head.Sequence == held.Sequence && head.Digest != held.Digest:
			return fmt.Errorf("two records at %s.%d: %w", epoch, head.Sequence, ErrMark)
		case !ok || head.Sequence > held.Sequence:
			next[epoch], changed = head, true
		}
	}
	if !changed {
		return nil
	}
	if err := replace(s.markPath(), markText(next)); err != nil {
		return fmt.Errorf("write the mark: %w", err)
	}
	s.marked = next
	return nil
}

// RenewMark makes a mark in place of one that is missing or damaged. Nobody knows any more
// what was written last in the epochs given, so nothing is written in them from then on:
// they are marked at a position that no store holds, until the next epochs are open.
func (s *Safe) RenewMark(epochs []protocol.EpochID) error {
	s.markMu.Lock()
	defer s.markMu.Unlock()
	marked := map[protocol.EpochID]protocol.Head{}
	for _, e := range epochs {
		if _, err := s.find(e.Institution); err != nil {
			return fmt.Errorf("mark %s: %w", e, err)
		}
		marked[e] = protocol.Head{Topic: e.Topic, Epoch: e.Epoch, Sequence: protocol.MaxNumber}
	}
	if err := replace(s.markPath(), markText(marked)); err != nil {
		return fmt.Errorf("write the mark: %w", err)
	}
	s.marked = marked
	return nil
}

func (s *Safe) markPath() string { return filepath.Join(s.o.Dir, keysFolder, markFile) }

// readMark reads the file once; from then on this process alone writes it.
func (s *Safe) readMark() error {
	if s.marked != nil {
		return nil
	}
	path := s.markPath()
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", path, ErrNoMark)
	}
	if err != nil {
		return err
	}
	marked, err := ParseMark(text)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	s.marked = marked
	return nil
}

// ParseMark reads lines `feed epoch sequence digest`, each ended by LF, sorted, none
// twice, the digest as 64 hex digits. It returns [ErrMark] with the number of the first
// line that is not as SetMark writes it.
func ParseMark(text []byte) (map[protocol.EpochID]protocol.Head, error) {
	marked := map[protocol.EpochID]protocol.Head{}
	number, last := 0, protocol.EpochID{}
	for line := range strings.Lines(string(text)) {
		number++
		epoch, head, ok := parseMarkLine(line)
		if !ok || number > 1 && compareEpochs(last, epoch) >= 0 {
			return nil, fmt.Errorf("line %d: %w", number, ErrMark)
		}
		marked[epoch], last = head, epoch
	}
	return marked, nil
}

func parseMarkLine(line string) (epoch protocol.EpochID, head protocol.Head, ok bool) {
	fields := strings.Split(strings.TrimSuffix(line, "\n"), " ")
	if len(fields) != 4 {
		return epoch, head, false
	}
	feed, err := protocol.ParseFeed(fields[0])
	if err != nil {
		return epoch, head, false
	}
	number, err := strconv.ParseUint(fields[1], 10, 31)
	if err != nil || number < 1 {
		return epoch, head, false
	}
	sequence, err := strconv.ParseUint(fields[2], 10, 31)
	if err != nil {
		return epoch, head, false
	}
	digest, err := protocol.ParseDigest("sha-256:" + fields[3])
	if err != nil {
		return epoch, head, false
	}
	epoch = protocol.EpochID{Feed: feed, Epoch: uint32(number)}
	head = protocol.Head{Topic: feed.Topic, Epoch: epoch.Epoch, Sequence: uint32(sequence), Digest: digest}
	return epoch, head, markLine(epoch, head) == line
}

func markLine(epoch protocol.EpochID, head protocol.Head) string {
	return fmt.Sprintf("%s %d %d %s\n", epoch.Feed, epoch.Epoch, head.Sequence, hex.EncodeToString(head.Digest[:]))
}

func markText(marked map[protocol.EpochID]protocol.Head) []byte {
	var out []byte
	for _, epoch := range slices.SortedFunc(maps.Keys(marked), compareEpochs) {
		out = append(out, markLine(epoch, marked[epoch])...)
	}
	return out
}

func compareEpochs(a, b protocol.EpochID) int {
	if c := strings.Compare(a.Feed.String(), b.Feed.String()); c != 0 {
		return c
	}
	return int(int64(a.Epoch) - int64(b.Epoch))
}

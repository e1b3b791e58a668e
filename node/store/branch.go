package store

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol"
)

// Branch is one chain of an epoch. An epoch has one, unless its author forked it or two
// openers opened it (epochs.md 8, 11, 12).
type Branch struct {
	protocol.EpochID
	Parts  uint32          // first sequence that is its own; 1 for the first branch
	Root   protocol.Digest // ce-previous of its sequence 1: the opener's digest
	Head   uint32          // last sequence held
	Digest protocol.Digest // of the record at Head
	Key    protocol.Key
}

// branch is one as the store numbers them, in the order in which they appeared. It is
// replaced, never changed, once readers can see it.
type branch struct {
	Branch
	number uint32
	parent uint32 // on which its records before Parts lie; 0 if Parts is 1
}

// reaches reports whether a branch has a record of its own at a sequence.
func (b *branch) reaches(sequence uint32) bool { return b.Parts <= sequence && sequence <= b.Head }

// fork is the first sequence at which an epoch has two records, and the branches that
// have them.
type fork struct{ at, one, other uint32 }

// or gives the first fork of an epoch to which a branch is added: where that parts from
// its parent, or from the first branch if it begins anew.
func (f fork) or(forked bool, b *branch, first uint32) fork {
	if forked && f.at <= b.Parts {
		return f
	}
	if b.parent != 0 {
		first = b.parent
	}
	return fork{b.Parts, first, b.number}
}

func (b *branch) encode() []byte {
	out := append([]byte{byte(len(b.Institution))}, b.Institution...)
	out = append(out, byte(b.Topic))
	for _, n := range []uint32{b.Epoch, b.parent, b.Parts, b.Head} {
		out = binary.BigEndian.AppendUint32(out, n)
	}
	out = append(out, b.Root[:]...)
	out = append(out, b.Digest[:]...)
	return append(out, b.Key[:]...)
}

func decodeBranch(number uint32, value []byte) (*branch, error) {
	const rest = 1 + 4*4 + 3*32
	if len(value) < 1 || len(value) != 1+int(value[0])+rest {
		return nil, errFormat
	}
	b := &branch{number: number}
	b.Institution = protocol.InstitutionID(value[1 : 1+value[0]])
	value = value[1+value[0]:]
	b.Topic = protocol.Topic(value[0])
	b.Epoch, b.parent = binary.BigEndian.Uint32(value[1:]), binary.BigEndian.Uint32(value[5:])
	b.Parts, b.Head = binary.BigEndian.Uint32(value[9:]), binary.BigEndian.Uint32(value[13:])
	b.Root, b.Digest, b.Key = protocol.Digest(value[17:49]), protocol.Digest(value[49:81]), protocol.Key(value[81:113])
	return b, nil
}

// chains is what is known of all epochs, in memory: a store and a draft over it.
type chains interface {
	branch(number uint32) *branch
	branches(e protocol.EpochID) []uint32
}

// segment is a stretch of a lineage that lies on one branch.
type segment struct{ branch, from, to uint32 }

// lineage gives the way from sequence 1 to the head of a branch.
func lineage(c chains, b *branch) []segment {
	out := []segment{{b.number, b.Parts, b.Head}}
	for b.parent != 0 {
		parts := b.Parts
		b = c.branch(b.parent)
		out = append(out, segment{b.number, b.Parts, parts - 1})
	}
	slices.Reverse(out)
	return out
}

// place finds the branch on which a lineage has a sequence.
func place(way []segment, sequence uint32) (posKey, bool) {
	for _, s := range way {
		if s.from <= sequence && sequence <= s.to {
			return posKey{s.branch, sequence}, true
		}
	}
	return posKey{}, false
}

// memory is the part of the store that is kept in memory, rebuilt at start. Store.mu
// guards it; the writer alone changes it.
type memory struct {
	n       uint64           // records held
	peak    protocol.Instant // see moment
	indexed uint64           // of these behind the water mark

	groups  []protocol.Group // by number, from 1
	numbers map[protocol.Group]uint32
	last    []uint64 // by number, from 1: last order given

	chain  []*branch                  // by number, from 1
	heads  map[protocol.Digest]uint32 // the branches by their heads
	forks  map[protocol.EpochID]fork  // where the chain of an epoch first parts
	epochs map[protocol.EpochID][]uint32
	feeds  map[protocol.Feed][]uint32 // their epochs, sorted
	homes  map[protocol.Group][]protocol.Feed

	tail tail

	bodies uint64 // changes of bodies of records that were held already

	beacons map[protocol.InstitutionID]heard
	cursors map[cursorKey]uint64
	moved   map[cursorKey]bool // cursors not yet written
}

func newMemory() memory {
	return memory{
		numbers: map[protocol.Group]uint32{}, heads: map[protocol.Digest]uint32{}, forks: map[protocol.EpochID]fork{}, epochs: map[protocol.EpochID][]uint32{},
		feeds: map[protocol.Feed][]uint32{}, homes: map[protocol.Group][]protocol.Feed{}, tail: newTail(),
		beacons: map[protocol.InstitutionID]heard{}, cursors: map[cursorKey]uint64{}, moved: map[cursorKey]bool{},
	}
}

func (m *memory) branch(number uint32) *branch         { return m.chain[number-1] }
func (m *memory) branches(e protocol.EpochID) []uint32 { return m.epochs[e] }

// addGroup gives a group its number.
func (m *memory) addGroup(g protocol.Group) {
	m.groups, m.last = append(m.groups, g), append(m.last, 0)
	m.numbers[g] = uint32(len(m.groups)) //nolint:gosec // 24 bits
}

// setBranch adds a branch, or replaces the one of its number.
func (m *memory) setBranch(b *branch) {
	if int(b.number) <= len(m.chain) {
		delete(m.heads, m.chain[b.number-1].Digest)
		m.heads[b.Digest] = b.number
		m.chain[b.number-1] = b
		return
	}
	m.heads[b.Digest] = b.number
	m.chain = append(m.chain, b)
	if len(m.epochs[b.EpochID]) == 0 {
		if len(m.feeds[b.Feed]) == 0 {
			m.homes[b.Group()] = append(m.homes[b.Group()], b.Feed)
		}
		epochs := append(slices.Clone(m.feeds[b.Feed]), b.Epoch)
		slices.Sort(epochs)
		m.feeds[b.Feed] = epochs
	}
	if list := m.epochs[b.EpochID]; len(list) > 0 {
		f, ok := m.forks[b.EpochID]
		m.forks[b.EpochID] = f.or(ok, b, list[0])
	}
	// Readers may hold the old slice, and don't look behind its end.
	m.epochs[b.EpochID] = append(m.epochs[b.EpochID], b.number)
}

// Branches gives the branches of an epoch, the first accepted first; none if nothing of
// it is held.
func (s *Store) Branches(e protocol.EpochID) []Branch {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []Branch
	for _, number := range s.mem.epochs[e] {
		out = append(out, s.mem.branch(number).Branch)
	}
	return out
}

// Epochs gives the epochs of a feed of which something is held, sorted.
func (s *Store) Epochs(f protocol.Feed) []uint32 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.mem.feeds[f])
}

// Groups gives the groups of which something is held, sorted.
func (s *Store) Groups() []protocol.Group {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := slices.Clone(s.mem.groups)
	slices.SortFunc(out, protocol.Group.Compare)
	return out
}

// Feeds gives the feeds of which something is held, sorted by group, then institution.
func (s *Store) Feeds() []protocol.Feed {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make([]protocol.Feed, 0, len(s.mem.feeds))
	for f := range s.mem.feeds {
		out = append(out, f)
	}
	slices.SortFunc(out, compareFeeds)
	return out
}

func compareFeeds(a, b protocol.Feed) int {
	if c := a.Group().Compare(b.Group()); c != 0 {
		return c
	}
	return strings.Compare(string(a.Institution), string(b.Institution))
}

// Rows gives a have row for each branch of each epoch of a group, in the order of a group
// digest. Which of them count, and that an epoch with a held `last` has that one row
// (epochs.md 17), is the caller's to say, who knows the trust feeds.
func (s *Store) Rows(g protocol.Group) []protocol.HaveRow {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []protocol.HaveRow
	for _, f := range s.mem.homes[g] {
		for _, epoch := range s.mem.feeds[f] {
			for _, number := range s.mem.epochs[protocol.EpochID{Feed: f, Epoch: epoch}] {
				b := s.mem.branch(number)
				out = append(out, protocol.HaveRow{EpochID: b.EpochID, Sequence: b.Head, Head: b.Digest.Prefix()})
			}
		}
	}
	slices.SortFunc(out, protocol.CompareRows)
	return out
}

// Order gives the last order of acceptance that was given in a group; 0 if none.
func (s *Store) Order(g protocol.Group) uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if number := s.mem.numbers[g]; number != 0 {
		return s.mem.last[number-1]
	}
	return 0
}

package federation_test

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/vardar-network/vardar/protocol"
)

// fold is the checker's own reading of epochs.md: from one charter and the records of one
// node it says which records count, are stopped or are void. It shares protocol with the
// product, and nothing else; of the charter it knows the first version, since no schedule
// names other stewards or registrars.
type fold struct {
	charter   *protocol.Charter
	digest    protocol.Digest
	records   map[protocol.Digest]*kept
	epochs    map[protocol.EpochID][]*kept
	statement map[protocol.EpochID][]*statement // of who opens it, in order
	verdicts  map[protocol.Digest]verdict
	stops     map[protocol.EpochID]uint32
	lasts     map[protocol.EpochID]protocol.Last // that are held
}

type verdict int

const (
	counts verdict = iota + 1
	stopped
	void
)

func (v verdict) String() string { return [...]string{"", "counts", "stopped", "void"}[v] }

// statement is what the fold reads in an admission or a key record, or in the charter.
type statement struct {
	by         *kept // nil: the charter
	key, claim protocol.Key
	last       *protocol.Last
	closes     bool
	feeds      []closedFeed
}

type closedFeed struct {
	Topic protocol.Topic `json:"topic"`
	Epoch uint32         `json:"epoch"`
	Last  protocol.Last  `json:"last"`
}

// written is the part of both bodies that opens an epoch.
type written struct {
	Institution protocol.InstitutionID `json:"institution"`
	FeedTopic   protocol.Topic         `json:"feed_topic"`
	FeedEpoch   uint32                 `json:"feed_epoch"`
	Use         string                 `json:"use"`
	Key         string                 `json:"key"`
	Claim       string                 `json:"claim"`
	Last        *protocol.Last         `json:"last"`
	Feeds       []closedFeed           `json:"feeds"`
}

func (s *statement) root(f *fold) protocol.Digest {
	if s.by == nil {
		return f.digest
	}
	return s.by.digest
}

// judge folds the records of one node.
func judge(charter protocol.SignedCharter, held []kept) (*fold, error) {
	c, err := protocol.ParseCharter(charter.Document)
	if err != nil {
		return nil, err
	}
	f := &fold{
		charter: c, digest: charter.Digest(), records: map[protocol.Digest]*kept{}, epochs: map[protocol.EpochID][]*kept{},
		statement: map[protocol.EpochID][]*statement{}, verdicts: map[protocol.Digest]verdict{},
		stops: map[protocol.EpochID]uint32{}, lasts: map[protocol.EpochID]protocol.Last{},
	}
	for i := range held {
		k := &held[i]
		f.records[k.digest] = k
		f.epochs[k.EpochID()] = append(f.epochs[k.EpochID()], k)
	}
	f.trust()
	for e := range f.epochs {
		if e.Topic != protocol.Trust {
			f.epoch(e)
		}
	}
	return f, nil
}

// trust judges the trust feeds of whom the charter names, then those of the members they
// admit: a feed's openers are read once its author's records are judged.
func (f *fold) trust() {
	named := map[protocol.InstitutionID]bool{}
	open := func(id protocol.InstitutionID, key protocol.Key) {
		named[id] = true
		e := protocol.EpochID{Feed: protocol.Feed{Institution: id, Topic: protocol.Trust}, Epoch: 1}
		f.statement[e] = []*statement{{key: key}}
	}
	for _, s := range f.charter.Stewards {
		open(s.Institution, s.Key)
	}
	for _, r := range f.charter.Registrars {
		open(r.Institution, r.Key)
	}
	for _, members := range []bool{false, true} {
		var of []protocol.EpochID
		for e := range f.epochs {
			if e.Topic == protocol.Trust && named[e.Institution] != members {
				of = append(of, e)
			}
		}
		// An epoch is judged by the statements on it, which lie elsewhere: any order will do.
		for _, e := range of {
			f.epoch(e)
		}
		for _, e := range of {
			f.read(e)
		}
		f.sortStatements()
	}
}

// read takes the statements out of the records of one trust epoch that are not void.
func (f *fold) read(e protocol.EpochID) {
	for _, k := range f.epochs[e] {
		if f.verdicts[k.digest] == void || k.BodyState != protocol.BodyHeld {
			continue
		}
		var w written
		if json.Unmarshal(k.Body, &w) != nil {
			continue
		}
		s := &statement{by: k, last: w.Last, feeds: w.Feeds}
		s.key, _ = protocol.ParseKey(w.Key)
		s.claim, _ = protocol.ParseKey(w.Claim)
		opens := protocol.EpochID{Feed: protocol.Feed{Institution: k.Institution, Topic: w.FeedTopic}, Epoch: w.FeedEpoch}
		switch k.Type {
		case "vardar.trust.admission.v1":
			registrar, ok := f.charter.RegistrarOf(w.Institution)
			if !ok || registrar != k.Institution {
				continue
			}
			opens.Feed = protocol.Feed{Institution: w.Institution, Topic: protocol.Trust}
			s.closes = s.key.IsZero() && s.claim.IsZero()
		case "vardar.trust.key.v1":
			if w.Use != "node" || w.FeedTopic == protocol.Trust {
				continue
			}
		default:
			continue
		}
		f.statement[opens] = append(f.statement[opens], s)
	}
}

func (f *fold) sortStatements() {
	for _, of := range f.statement {
		slices.SortStableFunc(of, func(a, b *statement) int {
			if a.by == nil || b.by == nil {
				return 0
			}
			return cmp.Or(cmp.Compare(a.by.Epoch, b.by.Epoch), cmp.Compare(a.by.Sequence, b.by.Sequence))
		})
	}
}

// opener gives the one opener of an epoch that counts: the first.
func (f *fold) opener(e protocol.EpochID) *statement {
	if of := f.statement[e]; len(of) > 0 {
		return of[0]
	}
	return nil
}

// last gives what is stated to count of an epoch: the newest word of who opened the next,
// or who closed the member.
func (f *fold) last(e protocol.EpochID) *protocol.Last {
	if c := f.closing(e.Institution); c != nil && e.Topic != protocol.Trust {
		for _, of := range c.feeds {
			if of.Topic == e.Topic && of.Epoch == e.Epoch {
				return &of.Last
			}
			if of.Topic == e.Topic && of.Epoch > e.Epoch {
				return f.next(e)
			}
		}
		if o := f.opener(e); o != nil {
			return &protocol.Last{Digest: o.root(f)}
		}
	}
	return f.next(e)
}

func (f *fold) next(e protocol.EpochID) *protocol.Last {
	e.Epoch++
	first := f.opener(e)
	if first == nil {
		return nil
	}
	last := first.last
	for _, s := range f.statement[e] {
		if s.key == first.key && s.claim == first.claim && s.closes == first.closes && s.last != nil {
			last = s.last
		}
	}
	return last
}

// closing gives the newest word by which a member is out; nil if it is not.
func (f *fold) closing(id protocol.InstitutionID) *statement {
	var out *statement
	for e, of := range f.statement {
		if e.Institution == id && e.Topic == protocol.Trust && of[0].closes {
			out = of[len(of)-1]
		}
	}
	return out
}

// chain reports whether a record lies on the chain that ends in another, and the root.
func (f *fold) chain(end protocol.Digest) (on map[protocol.Digest]bool, root protocol.Digest) {
	on = map[protocol.Digest]bool{}
	for k := f.records[end]; k != nil; k = f.records[k.Previous] {
		on[k.digest] = true
		if root = k.Previous; k.Sequence == 1 {
			break
		}
	}
	return on, root
}

// epoch judges all records of one epoch (epochs.md 10, 11).
func (f *fold) epoch(e protocol.EpochID) {
	opener := f.opener(e)
	mine := map[protocol.Digest]bool{} // on the opener that counts
	at := map[uint32]int{}
	stop := uint32(0)
	sorted := slices.SortedFunc(slices.Values(f.epochs[e]), func(a, b *kept) int { return cmp.Compare(a.Sequence, b.Sequence) })
	for _, k := range sorted {
		if opener == nil || (k.Sequence == 1 && k.Previous != opener.root(f)) || (k.Sequence > 1 && !mine[k.Previous]) {
			f.verdicts[k.digest] = void
			continue
		}
		mine[k.digest] = true
		if at[k.Sequence]++; at[k.Sequence] > 1 && (stop == 0 || k.Sequence < stop) {
			stop = k.Sequence
		}
	}
	last := f.last(e)
	closed := last != nil && !last.Unknown && opener != nil
	var on map[protocol.Digest]bool
	if closed && last.Sequence > 0 {
		k := f.records[last.Digest]
		closed = k != nil && k.Sequence == last.Sequence && k.EpochID() == e && mine[last.Digest]
		on, _ = f.chain(last.Digest)
	} else if closed {
		closed = last.Digest == opener.root(f)
	}
	if closed {
		f.lasts[e] = *last
	} else if stop > 0 {
		f.stops[e] = stop
	}
	for _, k := range sorted {
		switch {
		case !mine[k.digest]:
		case closed && !on[k.digest]:
			f.verdicts[k.digest] = void
		case !closed && stop > 0 && k.Sequence >= stop:
			f.verdicts[k.digest] = stopped
		default:
			f.verdicts[k.digest] = counts
		}
	}
}

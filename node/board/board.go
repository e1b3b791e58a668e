package board

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// MaxPendingBytes bounds the bodies that [Board.Tell] keeps unread. Beyond it Tell reads
// them itself, so that a catch-up can't fill the memory with bodies; it is two frames'
// look-ahead (design.md §4).
const MaxPendingBytes = 8 << 20

// Options are what a board needs.
type Options struct {
	Atlas  *atlas.Atlas // required
	Logger *slog.Logger // default: discard
}

// Board folds records into the picture. All methods are safe for concurrent use.
type Board struct {
	atlas    *atlas.Atlas
	log      *slog.Logger
	changes  body.ChangeProfile
	quality  body.QualityProfile
	corridor []Leg

	mu      sync.Mutex // guards the fields down to the blank line; taken after fold
	pending []Event
	bytes   int
	readers map[chan struct{}]bool
	lines   map[protocol.InstitutionID]Line

	fold    sync.Mutex // guards the rest
	entries map[protocol.Digest]*entry
	names   map[protocol.Name]bool
	early   map[protocol.Digest]Verdict  // verdicts on records not yet told
	mends   map[protocol.Digest][]*entry // corrections by what they correct, of those who name a record of their own
	strays  map[protocol.Digest][]*entry // those who name another's
	naming  map[protocol.Name][]*entry   // corrections and erasures by the name they give it
	taking  map[protocol.Digest][]*entry // erasures by what they erase
	unsaid  map[protocol.Digest][]*entry // erasures of corrections by what those corrected, as they say it
	again   map[protocol.Digest][]*entry // records by what they reissue
	anew    map[protocol.Name][]*entry   // the same by the name they give it
	about   map[protocol.Name][]*entry   // records by those that they speak of
	firstAt protocol.Instant             // when the first of them was accepted
	anewAt  []protocol.Instant           // when the archive began anew
	worlds  map[World]*world
	stopped map[protocol.EpochID]int // records that a fork stops, in all worlds
	spoken  map[string]bool          // types of what people say
	version uint64                   // grows with every change
	revised uint64                   // grows with changes of what was there
	last    drawn
}

// drawn is the picture drawn last, before names and lines are added.
type drawn struct {
	version uint64
	at      protocol.Instant
	picture Picture
	digest  protocol.Digest // zero until asked for
	ok      bool
}

// New makes an empty board: tell it all records the archive holds. Rebuilding is how it
// starts; it keeps nothing on disk.
func New(o Options) (*Board, error) {
	changes, err := body.Changes()
	if err != nil {
		return nil, fmt.Errorf("open board: %w", err)
	}
	quality, err := body.Qualities()
	if err != nil {
		return nil, fmt.Errorf("open board: %w", err)
	}
	corridor, err := Corridor()
	if err != nil {
		return nil, fmt.Errorf("open board: %w", err)
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	b := &Board{
		atlas: o.Atlas, log: o.Logger, changes: changes, quality: quality, corridor: corridor,
		readers: map[chan struct{}]bool{}, lines: map[protocol.InstitutionID]Line{},
		entries: map[protocol.Digest]*entry{}, names: map[protocol.Name]bool{},
		early: map[protocol.Digest]Verdict{}, mends: map[protocol.Digest][]*entry{}, strays: map[protocol.Digest][]*entry{}, naming: map[protocol.Name][]*entry{},
		taking: map[protocol.Digest][]*entry{}, unsaid: map[protocol.Digest][]*entry{}, again: map[protocol.Digest][]*entry{}, anew: map[protocol.Name][]*entry{},
		about: map[protocol.Name][]*entry{}, worlds: map[World]*world{}, stopped: map[protocol.EpochID]int{},
		spoken: map[string]bool{},
	}
	for _, t := range body.Types() {
		b.spoken[t] = Spoken(t)
	}
	return b, nil
}

// Tell gives the board records, in any order; one it knows already changes nothing, but
// that a body may have come or gone since. It only notes them down, and may keep the
// bodies' bytes until they are read: by Run, by the next question, or by Tell itself once
// [MaxPendingBytes] wait.
func (b *Board) Tell(events []Event) {
	b.mu.Lock()
	b.pending = append(b.pending, events...)
	for i := range events {
		b.bytes += len(events[i].Record.Body)
	}
	full := b.bytes > MaxPendingBytes
	b.mu.Unlock()
	if full {
		b.settle()
	}
	b.notify()
}

// Restand gives the news about records: trust or forks have changed. The last word on a
// record counts; it may come before the record itself.
func (b *Board) Restand(verdicts []Verdict) {
	b.fold.Lock()
	b.settleLocked()
	for _, v := range verdicts {
		e := b.entries[v.Digest]
		if e == nil {
			b.early[v.Digest] = v
			continue
		}
		if e.verdict != v {
			e.verdict = v
			b.restand(e)
			b.version++
			b.revised++
		}
	}
	b.fold.Unlock()
	b.notify()
}

// Standing says how a record stands after verdicts and corrections, and why if it does
// not count; 0 for one that the board was not told of.
func (b *Board) Standing(d protocol.Digest) (Standing, string) {
	b.fold.Lock()
	defer b.fold.Unlock()
	b.settleLocked()
	e := b.entries[d]
	switch {
	case e == nil:
		return 0, ""
	case e.standing == NoBody && e.why == "":
		return NoBody, e.state.String()
	}
	if m := b.unsaidBy(e); m != nil {
		return Replaced, goneBy(m)
	}
	return e.standing, e.why
}

// TellLine gives the board the state of lines to institutions, all that the node knows of.
// It is shown, and no part of the digest.
func (b *Board) TellLine(lines []Line) {
	b.mu.Lock()
	news := false
	for _, l := range lines {
		news = news || b.lines[l.Institution] != l
		b.lines[l.Institution] = l
	}
	b.mu.Unlock()
	if news {
		b.notify()
	}
}

// Subscribe gives a channel that is told, coalesced, that the picture may have changed,
// and a function that ends the subscription.
func (b *Board) Subscribe() (<-chan struct{}, func()) {
	ch := make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.readers[ch] = true
	return ch, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.readers, ch)
	}
}

func (b *Board) notify() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for ch := range b.readers {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}

// Run reads what the board was told, as it comes, until ctx ends. Without it the reading
// is done by whoever asks next.
func (b *Board) Run(ctx context.Context) error {
	told, end := b.Subscribe()
	defer end()
	for {
		b.settle()
		select {
		case <-ctx.Done():
			return nil
		case <-told:
		}
	}
}

func (b *Board) settle() {
	b.fold.Lock()
	defer b.fold.Unlock()
	b.settleLocked()
}

// settleLocked takes in what waits. The caller holds fold.
func (b *Board) settleLocked() {
	b.mu.Lock()
	events := b.pending
	b.pending, b.bytes = nil, 0
	b.mu.Unlock()
	for i := range events {
		b.take(&events[i])
	}
}

// Revised counts the changes of what was there already: news of trust, forks, bodies that
// came late or were erased. What is only added to it leaves an earlier instant as it was.
func (b *Board) Revised() uint64 {
	b.fold.Lock()
	defer b.fold.Unlock()
	b.settleLocked()
	return b.revised
}

// take puts one event into the fold.
func (b *Board) take(ev *Event) {
	if e := b.entries[ev.Digest]; e != nil {
		if better(ev.Record.BodyState, e.state) {
			b.reread(e, func() { e.state = ev.Record.BodyState; e.read(&ev.Record) })
		}
		return
	}
	e := newEntry(ev)
	if v, ok := b.early[e.digest]; ok {
		e.verdict = v
		delete(b.early, e.digest)
	}
	if len(b.entries) == 0 || e.accepted < b.firstAt {
		b.firstAt = e.accepted
	}
	b.entries[e.digest] = e
	b.version++
	if b.spoken[e.kind] {
		b.world(e).tell(e)
	}
	b.enlist(e)
	b.restand(e)
	for _, x := range b.taking[e.digest] {
		b.restand(x) // it waited for what it erases
	}
	if !b.names[e.name] {
		b.names[e.name] = true
		for _, c := range b.naming[e.name] {
			b.restand(c) // a reference to a record that is not here may turn out to be a broken one
		}
	}
	if e.own == Unreadable {
		b.log.Info("record was unreadable", "record", e.name.String(), "err", e.reason)
	}
}

// reread has an entry read anew what is known now of its body.
func (b *Board) reread(e *entry, read func()) {
	was := b.world(e)
	was.shelve(e, false)
	e.standing = 0 // judged anew
	target, said := b.delist(e), e.reissues
	b.last, was.still = drawn{}, nil // they may show what is gone
	read()
	if now := b.world(e); now != was && b.spoken[e.kind] {
		was.untell(e)
		now.tell(e)
	}
	b.version++
	b.revised++
	b.enlist(e)
	b.restand(e)
	b.retell(said)
	if target != nil {
		b.takeBack(target)
		b.restand(target)
	}
}

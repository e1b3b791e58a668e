package desk

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// maxWords bounds what is kept of one record's words, in bytes: a report's. Of one that says more
// the body is read again whenever something is looked for.
const maxWords = 2 << 10

// worded is a record with its words, as far as they are kept.
type worded struct {
	name     protocol.Name
	digest   protocol.Digest
	accepted protocol.Instant
	incident bool   // an alert or a phase: found however old
	words    string // folded, a blank before each
	read     bool   // words is all that it says; else its body decides
}

// lexicon holds the words of the records of [SearchBack], and of incidents of any age, so that nobody
// reads the bodies of 90 days for every word that is looked for. They only choose what is read:
// what is found is what the archive says then, so that a body that was erased, or is above the
// reader's mark, is found by nothing that it said.
type lexicon struct {
	mu      sync.Mutex // guards the rest, and is held while the archive is read for it
	behind  Cursor     // nil: nothing was read yet
	records []worded   // in the order of acceptance
	known   map[protocol.Digest]bool
}

func isIncident(recordType string) bool {
	return recordType == body.TypeAlert || recordType == body.TypePhase
}

// catchUp takes in what was accepted since the last time; the first time, all.
func (w *lexicon) catchUp(ctx context.Context, d *Desk) error {
	sorted := len(w.records)
	if w.behind == nil {
		_, end, err := d.o.Archive.News(ctx, nil)
		if err != nil {
			return failure(err)
		}
		fresh := lexicon{known: map[protocol.Digest]bool{}}
		fresh.all(ctx, d)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		w.behind, w.records, w.known = end, fresh.records, fresh.known
	}
	for {
		news, next, err := d.o.Archive.News(ctx, w.behind)
		if err != nil {
			return failure(err)
		}
		w.behind = next
		for i := range news {
			w.add(&news[i])
		}
		if len(news) == 0 {
			break
		}
	}
	if !slices.IsSortedFunc(w.records[max(0, sorted-1):], inOrder) || sorted == 0 {
		slices.SortStableFunc(w.records, inOrder) // of a batch all were accepted at once
	}
	w.forget(d.now() - protocol.Instant(SearchBack.Milliseconds()))
	return nil
}

// all reads what there is.
func (w *lexicon) all(ctx context.Context, d *Desk) {
	back := max(d.now()-protocol.Instant(SearchBack.Milliseconds()), 0)
	for _, kind := range body.Types() {
		if !board.Spoken(kind) {
			continue
		}
		since := back
		if isIncident(kind) {
			since = 0
		}
		for h, err := range d.o.Archive.Records(ctx, kind, since) {
			if err != nil {
				d.log.ErrorContext(ctx, "record not readable", "err", err)
				continue
			}
			w.add(&h)
		}
	}
}

func (w *lexicon) add(h *Held) {
	if isErasure(h.Type) {
		w.erase(h)
	}
	if h.Exercise || w.known[h.Digest] || !board.Spoken(h.Type) {
		return
	}
	w.known[h.Digest] = true
	r := worded{name: h.Name, digest: h.Digest, accepted: h.Accepted, incident: isIncident(h.Type)}
	if h.BodyState == protocol.BodyHeld && !h.Sealed {
		said := wordsOf(textOf(h, protocol.Red))
		slices.Sort(said)
		if text := " " + strings.Join(slices.Compact(said), " "); len(text) <= maxWords {
			r.words, r.read = text, true
		}
	}
	w.records = append(w.records, r)
}

// erase forgets the words of what an erasure takes back.
func (w *lexicon) erase(h *Held) {
	b, err := body.Parse(h.Type, h.Body)
	if h.BodyState != protocol.BodyHeld || err != nil {
		return
	}
	for _, ref := range b.Base().Refs {
		for i := range w.records {
			if r := &w.records[i]; r.digest == ref.Digest {
				r.words, r.read = "", false
			}
		}
	}
}

func isErasure(recordType string) bool { return shortName(recordType) == "erasure" }

// inOrder is the order in which the newest stands last.
func inOrder(a, b worded) int {
	if a.accepted != b.accepted {
		return cmp.Compare(a.accepted, b.accepted)
	}
	return strings.Compare(a.name.String(), b.name.String())
}

// forget lets go what is no longer looked at.
func (w *lexicon) forget(back protocol.Instant) {
	old := func(r worded) bool { return r.accepted < back && !r.incident }
	for i := range w.records {
		if old(w.records[i]) {
			delete(w.known, w.records[i].digest)
		}
	}
	w.records = slices.DeleteFunc(w.records, old)
}

// may reports whether a record can have the words: one whose words are not all kept may.
func (r *worded) may(wanted []string) bool {
	if !r.read {
		return true
	}
	for _, w := range wanted {
		if !strings.Contains(r.words, " "+w) {
			return false
		}
	}
	return true
}

// having gives the records that can have the words, the newest first.
func (d *Desk) having(ctx context.Context, wanted []string) ([]worded, error) {
	d.words.mu.Lock()
	defer d.words.mu.Unlock()
	if err := d.words.catchUp(ctx, d); err != nil {
		return nil, err
	}
	var out []worded
	for i := len(d.words.records) - 1; i >= 0; i-- {
		if r := &d.words.records[i]; r.may(wanted) {
			out = append(out, *r)
		}
	}
	return out, nil
}

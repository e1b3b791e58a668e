package desk

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/protocol"
)

// The kinds of events.
const (
	EventReady  = "ready"  // watching has begun: the first event
	EventReset  = "reset"  // what lies behind WatchQuery.After is not known: read the lists again
	EventRecord = "record" // one was accepted
	EventLine   = "line"   // one went up or down
	EventDraft  = "draft"  // a change was found that would be an alert
	EventMember = "member" // one was closed, or has another identity key
)

// Event is one thing that happened, in a line.
type Event struct {
	ID          string                 `json:"id,omitempty"` // of a record: for WatchQuery.After
	Time        protocol.Instant       `json:"time"`         // of this node's clock
	What        string                 `json:"what"`
	Said        string                 `json:"said"`
	Institution protocol.InstitutionID `json:"institution,omitempty"`
	Record      protocol.Name          `json:"record,omitzero"`
	Type        string                 `json:"type,omitempty"`
	Handling    protocol.Handling      `json:"handling,omitzero"`
	Exercise    bool                   `json:"exercise,omitempty"`
	Line        *LinkState             `json:"line,omitempty"`

	news *duty.Event // what a reader chooses by; nil of what is neither record nor draft
}

// WatchQuery chooses events of one world; other members that are empty choose all.
type WatchQuery struct {
	What     []string `json:"what"` // kinds of events
	By       string   `json:"by"`   // an institution or a prefix
	Choice            // of records and drafts; lines and members are left out if anything is chosen
	After    string   `json:"after"`    // the ID of the last event that was read; empty: from now on
	Exercise bool     `json:"exercise"` // of what is played without a name, instead of what is real
	Within   string   `json:"within"`   // of the named exercise that this record began
}

// Watch gives what happens from now on, or from what was read last, until ctx ends or the
// caller stops. A reader that is slow gets everything, later; of a line only what it is now.
// One that goes on gets every record of its world behind the last it read: by the order in which
// this node took them, not by the clock. Lines and members are of no world.
func (d *Desk) Watch(ctx context.Context, q WatchQuery) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		f, err := d.filter(&Query{By: q.By})
		if err == nil {
			err = d.checkChoice(&q.Choice, "vardar watch --help")
		}
		if err != nil {
			yield(Event{}, err)
			return
		}
		of, err := d.worldAsked(ctx, d.o.Institutions[0], q.Within, q.Exercise)
		if err != nil {
			yield(Event{}, err)
			return
		}
		w := watch{d: d, q: &q, f: f, world: of, lines: map[protocol.InstitutionID]bool{}, drafts: map[protocol.Digest]bool{}, announced: map[protocol.InstitutionID]string{}}
		told, endTold := d.o.Board.Subscribe()
		defer endTold()
		moved, endMoved := d.o.Links.Changed()
		defer endMoved()
		known, err := w.begin(ctx)
		if err != nil {
			yield(Event{}, err)
			return
		}
		w.changedLines()
		w.newDrafts()
		w.announcements()
		if !yield(Event{Time: d.now(), What: EventReady, Said: "watching"}, nil) {
			return
		}
		if !known && !yield(Event{Time: d.now(), What: EventReset, Said: "this archive does not hold what was read last: read the lists again"}, nil) {
			return
		}
		for {
			for more := true; more; {
				var out []Event
				if out, more, err = w.events(ctx); err != nil {
					if ctx.Err() == nil {
						yield(Event{}, failure(err))
					}
					return
				}
				for _, e := range out {
					if !yield(e, nil) {
						return
					}
				}
			}
			select {
			case <-told:
				w.changed = true
			case <-moved:
			case <-ctx.Done():
				return
			}
		}
	}
}

// eventID names a record by its place in this archive, and by what stands there: an archive
// that was put back from a copy has others at the same places.
func eventID(h *Held) string { return fmt.Sprintf("%d-%s", h.Place, h.Digest) }

func parseEventID(id string) (place uint64, digest protocol.Digest, ok bool) {
	n, what, ok := strings.Cut(id, "-")
	place, err := strconv.ParseUint(n, 10, 64)
	if err == nil {
		digest, err = protocol.ParseDigest(what)
	}
	return place, digest, ok && err == nil && place > 0
}

// begin puts the reader behind what it has read; false if that is not known here, and it
// begins with what comes.
func (w *watch) begin(ctx context.Context) (known bool, err error) {
	if w.q.After != "" {
		place, digest, ok := parseEventID(w.q.After)
		if !ok {
			return false, &Problem{Kind: Usage, Field: "after", Detail: quoted(w.q.After) + " is no ID of an event", Mend: "give back one as it came, or none"}
		}
		if w.cursor, known, err = w.d.o.Archive.Behind(ctx, place, digest); known || err != nil {
			return known, failure(err)
		}
	}
	_, w.cursor, err = w.d.o.Archive.News(ctx, nil)
	return w.q.After == "", failure(err)
}

// watch is one reader of changes.
type watch struct {
	d      *Desk
	q      *WatchQuery
	f      *filter
	world  World
	cursor Cursor
	lines  map[protocol.InstitutionID]bool
	drafts map[protocol.Digest]bool
	// announced is what was said of each member.
	announced map[protocol.InstitutionID]string
	// changed: the picture may be another than when drafts were looked at. Drawing it is
	// dear (DESIGN.md of board): not for each lot of a catch-up, nor for a line that moves.
	changed bool
}

// events gives what has happened since the last call, and whether there is more: in a
// catch-up a lot at a time, so that it does not all lie in memory before the first is told.
func (w *watch) events(ctx context.Context) (out []Event, more bool, err error) {
	records, cursor, err := w.d.o.Archive.News(ctx, w.cursor)
	if err != nil {
		return nil, false, err
	}
	w.cursor, more = cursor, len(records) > 0
	for i := range records {
		if h := &records[i]; board.WorldOf(&h.Record) == w.world {
			e := w.d.recordEvent(h)
			if w.q.Chooses() {
				news := w.d.newsOf(h, shortName(h.Type))
				e.news = &news
			}
			out = append(out, e)
		}
	}
	if out = append(out, w.changedLines()...); !more && w.changed {
		out = append(append(out, w.announcements()...), w.newDrafts()...)
		w.changed = false
	}
	return w.chosen(ctx, slices.DeleteFunc(out, func(e Event) bool { return !w.asked(&e) })), more, nil
}

// chosen leaves what the reader has chosen.
func (w *watch) chosen(ctx context.Context, out []Event) []Event {
	if !w.q.Chooses() {
		return out
	}
	out = slices.DeleteFunc(out, func(e Event) bool { return e.news == nil || !w.q.Fits(e.news) })
	if w.q.Quality == "" || len(out) == 0 {
		return out
	}
	news := make([]duty.Event, len(out))
	for i := range out {
		news[i] = *out[i].news
	}
	kept := out[:0]
	for i, good := range (source{w.d}).Good(ctx, news, w.q.Quality) {
		if good {
			kept = append(kept, out[i])
		}
	}
	return kept
}

func (w *watch) asked(e *Event) bool {
	if len(w.q.What) > 0 && !slices.Contains(w.q.What, e.What) {
		return false
	}
	return w.q.By == "" || w.f.wrote(e.Institution)
}

func (d *Desk) recordEvent(h *Held) Event {
	return Event{
		ID: eventID(h), Time: h.Accepted, What: EventRecord, Said: shortName(h.Type) + ": " + d.summary(h), Institution: h.Institution,
		Record: h.Name, Type: h.Type, Handling: h.Handling, Exercise: h.Exercise,
	}
}

func (w *watch) changedLines() []Event {
	var out []Event
	for _, s := range w.d.o.Links.States() {
		if up, known := w.lines[s.Peer]; known && up == s.Up {
			continue
		}
		w.lines[s.Peer] = s.Up
		said := "line up"
		if !s.Up {
			said = "line cut"
			if s.Waiting > 0 {
				said += ", " + Count(s.Waiting, "waits", "wait")
			}
		}
		out = append(out, Event{Time: w.d.now(), What: EventLine, Said: said, Institution: s.Peer, Line: &s})
	}
	return out
}

// announcements gives what is announced of members, and was not said yet.
func (w *watch) announcements() []Event {
	var out []Event
	members := w.d.o.Trust.Members()
	for i := range members {
		m := &members[i]
		said := w.d.announcement(w.d.present(), m)
		if said == "" || said == w.announced[m.ID] {
			continue
		}
		w.announced[m.ID] = said
		out = append(out, Event{Time: w.d.now(), What: EventMember, Said: said, Institution: m.ID})
	}
	return out
}

func (w *watch) newDrafts() []Event {
	var out []Event
	for _, draft := range w.d.world(w.world).Drafts {
		if w.drafts[draft.Digest] {
			continue
		}
		w.drafts[draft.Digest] = true
		news := w.d.changeEvent(&draft)
		out = append(out, Event{
			Time: w.d.now(), What: EventDraft, Institution: draft.Institution, Record: draft.Record, Exercise: w.world.Exercise,
			Said: fmt.Sprintf("%s at %s went from %d to %d: vardar publish alert --from %s", indicatorWords(draft.Indicator), placeWords(draft.PlaceName, draft.Place), draft.Before, draft.Value, draft.Record), news: &news,
		})
	}
	return out
}

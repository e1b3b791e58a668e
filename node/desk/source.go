package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// source tells duty of what happens; see [duty.Source].
type source struct{ d *Desk }

// Source is what duty is told by.
func (d *Desk) Source() duty.Source { return source{d} }

// Events gives what was accepted behind a cursor, that of an event or one that this gave, of
// the kinds that are asked for.
func (s source) Events(ctx context.Context, cursor string, asked func(kind string) bool) (duty.News, error) {
	from, err := s.cursor(ctx, cursor)
	if err != nil {
		return duty.News{}, err
	}
	records, next, err := s.d.o.Archive.News(ctx, from)
	if err != nil {
		return duty.News{}, err
	}
	text, err := json.Marshal(next)
	if err != nil {
		return duty.News{}, err
	}
	out := duty.News{Next: string(text)}
	for i := range records {
		if kind := shortName(records[i].Type); asked(kind) {
			out.Events = append(out.Events, s.d.newsOf(&records[i], kind))
		}
	}
	out.Passed = len(records) - len(out.Events)
	return out, nil
}

func (s source) cursor(ctx context.Context, text string) (from Cursor, err error) {
	if place, digest, ok := parseEventID(text); ok {
		behind, known, err := s.d.o.Archive.Behind(ctx, place, digest)
		if err == nil && !known {
			err = fmt.Errorf("this archive does not hold %s, behind which was to be read", text)
		}
		return behind, err
	}
	if text == "" {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(text), &from); err != nil {
		return nil, fmt.Errorf("cursor: %w", err)
	}
	return from, nil
}

// newsOf makes an event of a record of a kind.
func (d *Desk) newsOf(h *Held, kind string) duty.Event {
	e := duty.Event{
		After: eventID(h), Kind: kind, Type: h.Type, Record: h.Name, Digest: h.Digest, Institution: h.Institution, Own: d.isOwn(h.Institution),
		Handling: h.Handling, Exercise: h.Exercise, Written: h.Time, Accepted: h.Accepted,
	}
	b, why := d.open(h)
	e.Beyond = d.uncounted(h, b)
	e.Idle = e.Beyond != ""
	if b == nil {
		e.Said = why
		return e
	}
	e.Said = d.line(b)
	base := b.Base()
	if base.Place != nil {
		e.Places = placesWith(base.Place.Key())
	}
	if !base.ValidUntil.IsZero() { // what holds for months is no news for so long
		e.Ends = min(base.ValidUntil.Instant(), e.Written+protocol.Instant(duty.Life.Milliseconds()))
	}
	switch b := b.(type) {
	case *body.SituationReport:
		e.Severity = b.Severity
	case *body.Alert:
		row := alertOf(b)
		e.Severity, e.Ends = row.severity, row.ends
		e.Exercise = e.Exercise || b.Status == body.StatusExercise
		e.Idle = e.Idle || !b.Warns()
	}
	return e
}

// placesWith gives the codes by which a place can be asked for: its own, and that of its
// country, each with its scheme and without.
func placesWith(k body.PlaceKey) []string {
	out := []string{k.String(), k.Code}
	if c := atlas.CountryOf(k); c != "" {
		out = append(out, c, string(body.ISOCountry)+":"+c)
	}
	return slices.Compact(out)
}

// alertEssence is how grave an alert is, and until when.
type alertEssence struct {
	severity body.Severity
	ends     protocol.Instant
}

// alertOf gives the gravest severity of an alert, and its farthest end.
func alertOf(a *body.Alert) alertEssence {
	var out alertEssence
	endless := false
	for i := range a.Info {
		n := &a.Info[i]
		if gravity(n.Severity) < gravity(out.severity) {
			out.severity = n.Severity
		}
		if n.Expires == "" {
			endless = true
			continue
		}
		out.ends = max(out.ends, protocol.InstantOf(n.Expires.Time()))
	}
	if endless || out.ends == 0 {
		out.ends = protocol.InstantOf(a.Sent.Time()) + protocol.Instant(board.AlertLife.Milliseconds())
	}
	return out
}

// Proposed gives the changes that nobody has dealt with, the answers and signatures that are due,
// and the contradictions.
func (s source) Proposed(ctx context.Context) ([]duty.Event, error) {
	var out []duty.Event
	picture := s.d.o.Board.Picture(s.d.now())
	for _, w := range s.d.worlds(func(x *board.Exercise) bool { return x.Asks }) {
		m := s.d.momentFrom(s.d.present(), &picture, w)
		view := &m.view
		if w == (board.World{}) {
			drafts := s.d.warnings(m).Drafts
			for i := range drafts {
				out = append(out, s.d.changeEvent(&drafts[i]))
			}
		}
		for i := range view.Requests {
			r := &view.Requests[i]
			if asked := s.d.answerDue(view.Steps, r); len(asked) > 0 {
				out = append(out, s.d.answerEvent(r, asked, w.Exercise))
			}
		}
		for i := range view.Consultations {
			if c := &view.Consultations[i]; s.d.responseDue(c) {
				out = append(out, s.d.responseEvent(c, w.Exercise))
			}
		}
		for i := range view.Plans {
			out = append(out, s.d.signatureEvents(&view.Plans[i], w.Exercise)...)
		}
		out = append(out, s.d.contradictionEvents(view, w.Exercise)...)
	}
	return out, ctx.Err()
}

// answerLead is how long before a request's answer_by its answer is called due; of one that
// gives less than twice that, half of the time it gives.
const answerLead = 2 * time.Hour

// answerFrom is when the answer to a request is called due.
func answerFrom(r *RequestRow) protocol.Instant {
	return dueFrom(r.AuthorTime, r.AnswerBy, answerLead)
}

// dueFrom is when what ends is called due: a lead before it, or half of its time if that is less.
func dueFrom(begins, ends protocol.Instant, lead time.Duration) protocol.Instant {
	return ends - min(protocol.Instant(lead.Milliseconds()), max(0, ends-begins)/2)
}

// answerDue gives the institutions of this node that are asked and have said nothing, once their
// time is nearly over.
func (d *Desk) answerDue(steps []StepRow, r *RequestRow) []protocol.InstitutionID {
	if r.AnswerBy == 0 || d.now() < answerFrom(r) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(d.o.Institutions), func(as protocol.InstitutionID) bool { return !waitsFor(steps, r, as) })
}

func (d *Desk) answerEvent(r *RequestRow, asked []protocol.InstitutionID, exercise bool) duty.Event {
	e := d.dueEvent(r.Record, r.Digest, asked, exercise)
	e.Places, e.Written, e.Ends = placesWith(r.DeliverTo), answerFrom(r), r.AnswerBy+protocol.Instant(duty.Life.Milliseconds())
	return e
}

// dueEvent tells that a record waits for an answer of institutions of this node.
func (d *Desk) dueEvent(of protocol.Name, digest protocol.Digest, asked []protocol.InstitutionID, exercise bool) duty.Event {
	e := duty.Event{
		Kind: duty.AnswerDue, Record: of, Digest: digest, Institution: of.Institution, Own: d.isOwn(of.Institution),
		Handling: protocol.Amber, Exercise: exercise, Accepted: d.now(), To: asked,
	}
	if h, err := d.held(of); err == nil {
		e.Handling, e.Said = h.Handling, d.summary(&h)
	}
	return e
}

func (d *Desk) changeEvent(r *DraftRow) duty.Event {
	e := duty.Event{
		Kind: duty.Change, Record: r.Record, Also: r.Also, Digest: r.Digest, Institution: r.Institution, Own: d.isOwn(r.Institution),
		Places: placesWith(r.Place), Said: changeLine(r), Handling: protocol.Green, Written: r.PeriodEnd, Accepted: d.now(),
		Ends: r.PeriodEnd + protocol.Instant(board.DraftLife.Milliseconds()),
	}
	if records, err := d.o.Archive.At(r.Record); err == nil && len(records) > 0 {
		e.Handling, e.Exercise = records[0].Handling, records[0].Exercise
	}
	return e
}

// changeLine says a change in a line.
func changeLine(r *DraftRow) string {
	return fmt.Sprintf("%s at %s went from %d to %d", indicatorWords(r.Indicator), placeWords(r.PlaceName, r.Place), r.Before, r.Value)
}

// indicatorWords gives what a figure counts as people write it.
func indicatorWords(i body.Indicator) string {
	return strings.ReplaceAll(strings.TrimPrefix(string(i), "x-"), "_", " ")
}

// Over tells which events are over before their time: alerts that their author took back or
// said anew, changes that somebody has dealt with, and what is void.
func (s source) Over(ctx context.Context, events []duty.Event) []bool {
	out := make([]bool, len(events))
	picture := s.d.o.Board.Picture(s.d.now())
	graded := map[board.World]*moment{} // contradictions are found by it
	for i := range events {
		e := &events[i]
		if standing, _ := s.d.o.Board.Standing(e.Digest); standing == board.Void {
			out[i] = true
			continue
		}
		world := s.d.worldAt(e.Record)
		view := picture.In(world)
		switch e.Kind {
		case "alert":
			out[i] = slices.ContainsFunc(view.Alerts, func(a AlertRow) bool {
				return a.Digest == e.Digest && (a.State == board.AlertCancelled || a.State == board.AlertUpdated)
			})
		case duty.AnswerDue:
			address(&view, s.d.o.Trust)
			out[i] = !slices.ContainsFunc(view.Requests, func(r RequestRow) bool { return r.Record == e.Record && len(s.d.answerDue(view.Steps, &r)) > 0 }) &&
				!slices.ContainsFunc(view.Consultations, func(c board.Consultation) bool { return c.Record == e.Record && s.d.responseDue(&c) })
		case duty.SignatureDue:
			out[i] = !s.d.signatureWaits(&view, e.Digest)
		case duty.Contradiction:
			if graded[world] == nil {
				graded[world] = s.d.momentFrom(s.d.present(), &picture, world)
			}
			out[i] = len(e.Also) == 0 || !s.d.contradicts(&graded[world].view, pairOf(e.Record, e.Also[0]))
		case duty.Change:
			drafts := s.d.undismissed(view.Drafts)
			out[i] = !slices.ContainsFunc(drafts, func(r DraftRow) bool { return r.Record == e.Record || slices.Contains(r.Also, e.Record) })
		}
	}
	return out
}

// Changed tells when there may be news.
func (s source) Changed() (<-chan struct{}, func()) { return s.d.o.Board.Subscribe() }

// dismissedKey is where lies who dismissed the change that was found in a record.
func dismissedKey(n protocol.Name) []byte { return []byte("dismissed/" + n.String()) }

// Dismissal is a person's word that a change needs no alert.
type Dismissal struct {
	By string           `json:"by"`
	At protocol.Instant `json:"at"`
}

// dismissed gives the dismissal of a change, by any of the records of its cause.
func (d *Desk) dismissed(r *DraftRow) (Dismissal, bool) {
	for _, n := range append([]protocol.Name{r.Record}, r.Also...) {
		text, ok, err := d.o.Saved.Get(dismissedKey(n))
		var out Dismissal
		if err == nil && ok && json.Unmarshal(text, &out) == nil {
			return out, true
		}
	}
	return Dismissal{}, false
}

// undismissed gives the changes that nobody has dismissed, or sent an alert of.
func (d *Desk) undismissed(rows []DraftRow) []DraftRow {
	return slices.DeleteFunc(slices.Clone(rows), func(r DraftRow) bool {
		_, gone := d.dismissed(&r)
		return gone || len(r.Sent) > 0
	})
}

// Dismiss says that the change found in a record needs no alert: it is proposed no more.
func (d *Desk) Dismiss(ctx context.Context, record string) (out Dismissal, err error) {
	defer func() { d.note(ctx, act{"dismiss", "", record, false}, err) }()
	n, err := protocol.ParseName(strings.TrimSpace(record))
	if err != nil {
		return out, &Problem{Kind: Usage, Field: "record", Detail: quoted(record) + " is no record's name", Next: "vardar list alerts", Err: err}
	}
	if !slices.ContainsFunc(d.undismissed(d.world(board.World{}).Drafts), func(r DraftRow) bool { return r.Record == n || slices.Contains(r.Also, n) }) {
		return out, &Problem{Kind: NotFound, Detail: "no alert is proposed for what changed in " + n.String(), Mend: "it was sent, dismissed, or is over: look at the alerts again"}
	}
	out = Dismissal{By: actorOf(ctx).name, At: d.now()}
	text, err := json.Marshal(out)
	if err == nil {
		err = d.o.Saved.Put(ctx, dismissedKey(n), text)
	}
	return out, failure(err)
}

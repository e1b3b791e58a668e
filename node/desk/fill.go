package desk

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// last is the word for the newest own record of a kind.
const last = "last"

// prefilled gives the document of an earlier own record of the kind, made ready for the
// next: its period follows on, what names the old record or its moment is taken out. For
// an alert, the record may also be one that a change was found in: then it is the draft. For a
// practice, it may be what began an exercise: then it is what is known of that.
func (d *Desk) prefilled(as protocol.InstitutionID, recordType string, r *Request) (map[string]any, error) {
	h, err := d.source(as, recordType, r.From, r.world)
	if err != nil {
		return nil, err
	}
	if recordType == body.TypeAlert && h.Type != body.TypeAlert {
		return d.drafted(as, &h, func(english string, _ []string) string { return english })
	}
	if recordType == body.TypePractice && h.Type == body.TypePhase {
		return d.lesson(h.Name, itself)
	}
	if h.Institution != as || h.Type != recordType {
		return nil, problem(Refused, "vardar list --by "+string(as), "%s is %s of %s, and what is filled in comes from an earlier %s of %s", h.Name, article(shortName(h.Type)), h.Institution, shortName(recordType), as)
	}
	doc, err := d.current(&h)
	if err != nil {
		return nil, err
	}
	for _, member := range []string{"thread", "refs", "identifier", "sent", "references", "observed_at", "valid_from", "valid_until", "next_report_at"} {
		delete(doc, member)
	}
	if recordType == body.TypeReport {
		delete(doc, "regional") // it was of the members' figures of then
		if len(r.Set) == 0 && len(r.Body) == 0 && !r.Knowing && r.Regional == nil {
			return nil, &Problem{
				Kind: Refused, Field: "set", Detail: "what " + h.String() + " says would be said again, of a new period", Mend: "give the figures of the new one, or say that all is the same with --knowing",
				Next: "vardar publish report --from " + r.From + " --set figures.arrivals=NUMBER",
			}
		}
		nextPeriod(doc, d.o.Clock())
	}
	return doc, nil
}

// source finds the record to fill in from.
func (d *Desk) source(as protocol.InstitutionID, recordType, from string, w board.World) (Held, error) {
	if from != last {
		n, err := d.named(as, from)
		if err != nil {
			return Held{}, err
		}
		return d.held(n)
	}
	h, ok := d.lastBy(as, recordType, w, 0)
	if !ok && w.Name.IsZero() {
		h, ok = d.lastBy(as, recordType, board.World{}, 0) // what is played without a name begins with what is real
	}
	if ok {
		return h, nil
	}
	return Held{}, problem(NotFound, "vardar publish "+shortName(recordType), "%s has not published %s yet", as, article(shortName(recordType)))
}

// lastBy looks for the newest record of a type by an institution in a world that this node had accepted
// at an instant; zero: at all.
func (d *Desk) lastBy(as protocol.InstitutionID, recordType string, w board.World, at protocol.Instant) (Held, bool) {
	topic, err := protocol.TypeTopic(recordType)
	if err != nil {
		return Held{}, false // no type of ours
	}
	feed := protocol.Feed{Institution: as, Topic: topic}
	if opener, ok := d.o.Trust.Current(feed); ok {
		for epoch := opener.Epoch; epoch >= 1; epoch-- {
			if h, ok := d.newest(protocol.EpochID{Feed: feed, Epoch: epoch}, recordType, w, at); ok {
				return h, true
			}
		}
	}
	return Held{}, false
}

// newest looks for the newest record of a type in an epoch, from its head backwards.
func (d *Desk) newest(e protocol.EpochID, recordType string, w board.World, at protocol.Instant) (Held, bool) {
	branches := d.o.Archive.Branches(e)
	if len(branches) == 0 {
		return Held{}, false
	}
	for sequence := branches[0].Head; sequence >= 1; sequence-- {
		n := protocol.Name{Institution: e.Institution, Position: protocol.Position{Topic: e.Topic, Epoch: e.Epoch, Sequence: sequence}}
		records, err := d.o.Archive.At(n)
		if err == nil && len(records) > 0 && (at == 0 || records[0].Accepted <= at) && records[0].Type == recordType && records[0].BodyState == protocol.BodyHeld && board.WorldOf(&records[0].Record) == w {
			return records[0], true
		}
	}
	return Held{}, false
}

// current gives what a record says now: as its author replaced it, or as it stands.
func (d *Desk) current(h *Held) (map[string]any, error) {
	if h.BodyState != protocol.BodyHeld {
		return nil, problem(Refused, "vardar show "+h.String(), "the body of %s is not here: %s", h.Name, d.noBody(h))
	}
	by, err := d.inForce(h)
	if err != nil {
		return nil, err
	}
	if by.Digest == h.Digest {
		return documentOf(h.Body)
	}
	b, err := body.Parse(by.Type, by.Body)
	if err != nil {
		return nil, misfit(err, "")
	}
	if correction, ok := b.(*body.Correction); ok {
		return documentOf(correction.Replacement)
	}
	return documentOf(h.Body)
}

// inForce gives the last correction that replaced what a record says; of one that nobody replaced itself.
func (d *Desk) inForce(h *Held) (Held, error) {
	view := d.world(board.WorldOf(&h.Record))
	for i := len(view.Corrections) - 1; i >= 0; i-- {
		if c := &view.Corrections[i]; c.Corrects == h.Name && c.Standing == board.Counts && c.Action == board.Replace {
			return d.held(c.Record)
		}
	}
	return *h, nil
}

// nextPeriod moves a report on: the next period starts where the last ended (domain.md §4), and is as
// long, but ends by now. Where the last has not ended yet, when the next one ends is not said.
func nextPeriod(doc map[string]any, now time.Time) {
	if n, ok := doc["number"].(json.Number); ok {
		if i, err := n.Int64(); err == nil {
			doc["number"] = i + 1
		}
	}
	if doc["version"] == "initial" {
		doc["version"] = "update"
	}
	period, _ := doc["period"].(map[string]any)
	var start, end body.Time
	if readTime(period["start"], &start) != nil || readTime(period["end"], &end) != nil || end <= start {
		return
	}
	next := map[string]any{"start": end.String()}
	if until := min(end+end-start, body.TimeOf(now.UTC().Truncate(time.Minute))); until > end {
		next["end"] = until.String()
	}
	doc["period"] = next
}

func readTime(v any, t *body.Time) error {
	s, _ := v.(string)
	return t.UnmarshalText([]byte(s))
}

// routeValidity is how long a route's state stands unless told: the cadence at which the
// next word is due (domain.md §5).
const routeValidity = body.RouteCadence * time.Hour

// fill gives what a machine knows: when it is, who sends, how far it may go. What a person
// gave stays.
func (d *Desk) fill(as protocol.InstitutionID, recordType string, r *Request, doc map[string]any) {
	now := d.o.Clock().UTC()
	give := func(member string, value any) {
		if _, ok := doc[member]; !ok {
			doc[member] = value
		}
	}
	d.fillName(as, doc, "project")
	if shortName(recordType) == kindEndorsement {
		fillEndorsement(doc)
	}
	if step, ok := body.FlowStepOf(recordType); ok {
		d.fillFlow(step, as, r.world, doc)
	}
	switch recordType {
	case body.StepRequest.Type(), body.StepOffer.Type():
		fillLines(doc)
	case body.TypePlan:
		fillLines(doc)
		give("status", string(body.PlanDraft))
	case body.TypeConsultation:
		give("opens_at", body.TimeOf(now.Truncate(time.Second)).String())
	case body.TypeResponse:
		d.fillThread(as, doc, body.RelAnswers)
	case body.TypeOutcome:
		d.fillThread(as, doc, body.RelConcludes)
	case body.TypeStrategy:
		d.fillStrategy(as, doc)
	case body.TypeProject:
		d.fillProject(as, doc)
	case body.TypePractice:
		fillPractice(doc)
	case body.TypeRoute:
		give("observed_at", body.TimeOf(now).String())
		var observed body.Time
		if readTime(doc["observed_at"], &observed) == nil {
			give("valid_until", body.TimeOf(observed.Time().Add(routeValidity)).String())
		}
	case body.TypeAlert:
		sent := now.Truncate(time.Second)
		// CAP 1.2 §3.2.1 wants an identifier that the sender never gives twice.
		give("identifier", fmt.Sprintf("%s.%s", as, now.Format("20060102T150405.000")))
		give("sender", string(as))
		give("sent", sent.Format("2006-01-02T15:04:05")+"-00:00")
		status := body.StatusActual
		if r.Exercise {
			status = body.StatusExercise
		}
		give("status", string(status))
		give("msgType", string(body.MsgAlert))
		d.fillScope(r, doc)
	}
}

// fillLines numbers the lines of a request, an offer or a plan, and counts each in the unit that
// its type suggests.
func fillLines(doc map[string]any) {
	lines, _ := doc["lines"].([]any)
	for i, entry := range lines {
		l, ok := entry.(map[string]any)
		if !ok {
			continue
		}
		if _, numbered := l["line"]; !numbered {
			l["line"] = i + 1
		}
		if what, ok := l["type"].(string); ok && l["unit"] == nil {
			l["unit"] = string(body.ResourceType(what).Unit())
		}
	}
}

// fillScope says how far an alert goes: to everyone only if its mark says so.
func (d *Desk) fillScope(r *Request, doc map[string]any) {
	mark := d.alertMark(r)
	if doc["scope"] == nil && mark == protocol.Clear {
		doc["scope"] = string(body.ScopePublic)
	}
	if doc["scope"] == nil {
		doc["scope"] = string(body.ScopeRestricted)
	}
	if doc["restriction"] == nil && mark != protocol.Clear && doc["scope"] == string(body.ScopeRestricted) {
		doc["restriction"] = mark.String()
	}
}

// checkScope refuses to send to everyone what its mark keeps among some.
func (d *Desk) checkScope(recordType string, r *Request, doc map[string]any) error {
	if recordType != body.TypeAlert || doc["scope"] != string(body.ScopePublic) {
		return nil
	}
	if mark := d.alertMark(r); mark != protocol.Clear {
		return &Problem{
			Kind: Refused, Field: "scope", Detail: fmt.Sprintf("scope Public goes beyond the mark %s", mark),
			Mend: "give --handling TLP:CLEAR, or leave the scope out", Next: "vardar publish alert --help",
		}
	}
	return nil
}

// alertMark is the mark of an alert: as asked for, else as always.
func (d *Desk) alertMark(r *Request) protocol.Handling {
	if r.Handling != 0 {
		return r.Handling
	}
	return d.handling(body.TypeAlert)
}

// Warn goes on with the form of an alert that was just opened, in the language of who fills it in, by its BCP 47 tag: of a
// change the words are the node's, and told says each in that language, with the places that it names. Those of an earlier
// alert stay in its own.
func (d *Desk) Warn(f *Form, language string, told func(english string, places []string) string) error {
	in := f.field("info.0.language")
	if f.From.IsZero() {
		in.Value = language
		return nil
	}
	h, err := d.held(f.From)
	if err != nil {
		return err
	}
	if h.Type == body.TypeAlert {
		in.Value = cmp.Or(in.Value, "en-US") // what CAP 1.2 takes one without a language for
		return nil
	}
	doc, err := d.drafted(f.As, &h, told)
	if err == nil {
		f.take(doc)
		in.Value = language
	}
	return err
}

// drafted makes an alert of a change that was found in a record. It is for where the change is, or, if that is not its
// author's to warn of, for a later station in the author's territory.
func (d *Desk) drafted(as protocol.InstitutionID, h *Held, told func(english string, places []string) string) (map[string]any, error) {
	view := d.world(board.WorldOf(&h.Record))
	draft := pick(view.Drafts, func(draft *DraftRow) bool { return draft.Record == h.Name })
	if draft == nil {
		return nil, problem(NotFound, "vardar list drafts", "no change was found in %s that would be an alert", h.Name)
	}
	places := []string{draft.Place.String()}
	for _, s := range slices.Concat(draft.Warns, draft.Upstream) {
		places = append(places, s.Place.String())
	}
	say := func(english string) string { return told(english, places) }
	what, at := indicatorWords(draft.Indicator), placeWords(draft.PlaceName, draft.Place)
	event, headline := fmt.Sprintf("%s fell sharply", what), fmt.Sprintf("%s at %s fell from %d to %d", what, at, draft.Before, draft.Value)
	if draft.Upwards {
		event, headline = fmt.Sprintf("%s rose sharply", what), fmt.Sprintf("%s at %s rose from %d to %d", what, at, draft.Before, draft.Value)
	}
	event, headline = capital(say(event)), capital(say(headline))
	area, known := d.areaOf(as, draft)
	doc := map[string]any{
		"refs": []any{map[string]any{"rel": "about", "record": h.String(), "digest": h.Digest.String()}},
		"info": []any{map[string]any{
			"category": []any{"Other"}, "event": event, "urgency": "Expected",
			"severity": "Moderate", "certainty": "Observed", "headline": headline, "description": headline + ". " + describe(draft, say),
			"area": []any{map[string]any{"areaDesc": area}},
		}},
	}
	if !known.IsZero() {
		doc["place"] = map[string]any{"scheme": string(known.Scheme), "code": known.Code}
	}
	return doc, nil
}

// areaOf says whom an institution warns of a change: in words, and by a code if one of the places is of its territory.
func (d *Desk) areaOf(as protocol.InstitutionID, draft *board.Draft) (words string, code body.PlaceKey) {
	ranks := d.ranks()
	if ranks.Warns(as, []body.PlaceKey{draft.Place}) {
		return placeWords(draft.PlaceName, draft.Place), draft.Place
	}
	for _, s := range draft.Warns {
		if ranks.Warns(as, []body.PlaceKey{s.Place}) {
			return placeWords(s.PlaceName, s.Place), s.Place
		}
	}
	return d.territoryOf(as), body.PlaceKey{}
}

// describe says whom a change warns, and what foretold it.
func describe(draft *board.Draft, say func(english string) string) string {
	var words []string
	for _, s := range draft.Warns {
		words = append(words, fmt.Sprintf("%s at %s followed after %s in the past.", indicatorWords(s.Indicator), placeWords(s.PlaceName, s.Place), Count(s.Days, "day", "days")))
	}
	for _, s := range draft.Upstream {
		words = append(words, fmt.Sprintf("%s at %s had changed %s before.", indicatorWords(s.Indicator), placeWords(s.PlaceName, s.Place), Count(s.Days, "day", "days")))
	}
	words = append(words, fmt.Sprintf("Median of the values before: %d (%s).", draft.Median, draft.Profile))
	for i := range words {
		words[i] = capital(say(words[i]))
	}
	return strings.Join(words, " ")
}

// placeWords says a place in a line, with the mark of the footnote where it needs it.
func placeWords(name string, k body.PlaceKey) string {
	return atlas.Marked(cmp.Or(name, k.String()), atlas.NeedsFootnote(k))
}

// capital writes what begins a sentence.
func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

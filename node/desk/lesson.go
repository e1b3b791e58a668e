package desk

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// mostNamed bounds the institutions that a line of a lesson names: a screen's width of them.
const mostNamed = 8

// plea is what somebody said in an exercise and wanted a word on.
type plea struct {
	record  protocol.Name
	kind    string // request, alert, consultation, note
	at      protocol.Instant
	says    string
	to      []protocol.InstitutionID                    // none: all who take part
	answers map[protocol.InstitutionID]protocol.Instant // the first of each, by its author's clock
}

// answered notes that an institution has said a word; its author's own is none.
func (p *plea) answered(by protocol.InstitutionID, at protocol.Instant) {
	if p.answers == nil {
		p.answers = map[protocol.InstitutionID]protocol.Instant{}
	}
	if before, known := p.answers[by]; by != p.record.Institution && (!known || at < before) {
		p.answers[by] = at
	}
}

// Learn fills in the form of a practice from an exercise: what it was, who took part, and who
// answered whom after how long. What was learnt people write. say says a sentence in the reader's
// language.
func (d *Desk) Learn(f *Form, ref string, say func(english string) string) error {
	n, err := protocol.ParseName(ref)
	if err != nil {
		return problem(NotFound, "vardar list exercises", "%s is no record's name", quoted(ref))
	}
	doc, err := d.lesson(n, say)
	if err == nil {
		f.take(doc)
	}
	return err
}

// lesson begins a practice with what is known of an exercise.
func (d *Desk) lesson(n protocol.Name, say func(english string) string) (map[string]any, error) {
	x, ok := d.o.Board.Exercise(n, d.now())
	if !ok {
		return nil, problem(NotFound, "vardar list exercises", "%s began no exercise that counts here", n)
	}
	if x.State != board.ExerciseOver {
		return nil, &Problem{
			Kind: Refused, Field: "from", Detail: fmt.Sprintf("the exercise “%s” is not over: who answers whom in it, and after how long, is not known yet", x.Title),
			Mend: "wait for its end, or end it", Next: "vardar show " + n.String(),
		}
	}
	title := say(fmt.Sprintf("Learnt in the exercise “%s”", x.Title))
	if len(title) > body.MaxLabel {
		title = x.Title
	}
	doc := map[string]any{"title": title, "problem": x.Purpose, "context": d.playedOut(&x, say)}
	if !x.Place.IsZero() {
		doc["place"] = map[string]any{"scheme": string(x.Place.Scheme), "code": x.Place.Code}
	}
	return doc, nil
}

// playedOut sums up an exercise from its records, in no more than a text of a record holds.
func (d *Desk) playedOut(x *board.Exercise, say func(english string) string) string {
	pleas := d.pleas(x)
	took, count, unanswered := []string{}, 0, 0
	for _, v := range x.Players {
		count += v.Records
		took = append(took, string(v.Institution)+" "+strconv.Itoa(v.Records))
	}
	for i := range pleas {
		if len(pleas[i].answers) == 0 {
			unanswered++
		}
	}
	lines := []string{
		say(fmt.Sprintf("Exercise “%s” of %s; records in it: %d; of these count: %d", x.Title, x.Institution, x.Tally.Records, count)), x.Record.String(),
		say("Who took part, and with how many records: " + named(took)),
		say(fmt.Sprintf("Requests, alerts, consultations and notes that wanted an answer: %d; of these without any: %d", len(pleas), unanswered)),
	}
	if len(pleas) > 0 {
		lines = append(lines, say("Who answered, and after how many hours and minutes by the authors' clocks:"))
	}
	text := strings.Join(lines, "\n")
	more := func(n int) string {
		left := fmt.Sprintf("Others, for whom there is no room here: %d", n)
		return "\n" + say(left)
	}
	for i := range pleas {
		line, room := "\n"+say(d.pleaLine(x, &pleas[i])), body.MaxText
		if i < len(pleas)-1 {
			room -= len(more(len(pleas)))
		}
		if len(text)+len(line) > room {
			return text + more(len(pleas)-i)
		}
		text += line
	}
	return text
}

// named names some, and counts the others.
func named(all []string) string {
	if more := len(all) - mostNamed; more > 0 {
		return strings.Join(all[:mostNamed], ", ") + " +" + strconv.Itoa(more)
	}
	return strings.Join(all, ", ")
}

// pleaLine says who answered somebody, and who did not.
func (d *Desk) pleaLine(x *board.Exercise, p *plea) string {
	what, answers, silent := p.record.String(), []string{}, []string{}
	if p.says != "" {
		what += " (" + short(p.says) + ")"
	}
	for _, by := range slices.SortedFunc(maps.Keys(p.answers), func(a, b protocol.InstitutionID) int {
		return cmp.Or(cmp.Compare(p.answers[a], p.answers[b]), cmp.Compare(a, b))
	}) {
		minutes := max(0, p.answers[by]-p.at) / 60_000
		answers = append(answers, fmt.Sprintf("%s %d:%02d", by, minutes/60, minutes%60))
	}
	for _, id := range d.asked(x, p) {
		if _, said := p.answers[id]; !said && id != p.record.Institution {
			silent = append(silent, string(id))
		}
	}
	switch kind := article(p.kind); {
	case len(answers) == 0 && len(silent) == 0:
		return fmt.Sprintf("%s, %s, was answered by nobody", kind, what)
	case len(answers) == 0:
		return fmt.Sprintf("%s, %s, was answered by nobody; asked were %s", kind, what, named(silent))
	case len(silent) == 0:
		return fmt.Sprintf("%s, %s, was answered by %s", kind, what, named(answers))
	default:
		return fmt.Sprintf("%s, %s, was answered by %s; and not by %s", kind, what, named(answers), named(silent))
	}
}

// asked gives from whom an answer was wanted: whom it names, else who was asked to take part, else
// who did.
func (d *Desk) asked(x *board.Exercise, p *plea) []protocol.InstitutionID {
	if len(p.to) > 0 {
		return p.to
	}
	if to := d.addressed(x.To); len(to) > 0 {
		return to
	}
	var out []protocol.InstitutionID
	for _, v := range x.Players {
		out = append(out, v.Institution)
	}
	return out
}

// pleas gives what somebody said in an exercise and wanted an answer to, in the order of their
// authors' clocks.
func (d *Desk) pleas(x *board.Exercise) []plea {
	m := d.momentIn(d.present(), x.World())
	out := slices.Concat(requestPleas(&m.view), consultationPleas(&m.view), d.wordPleas(&m.view))
	for i := range out {
		if h, err := d.held(out[i].record); err != nil || h.Handling > d.handling(body.TypePractice) {
			out[i].says = "" // a practice goes further than its author let it go
		}
	}
	slices.SortStableFunc(out, func(a, b plea) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.record.String(), b.record.String()))
	})
	return out
}

// requestPleas are answered by any step that has an effect.
func requestPleas(v *board.View) (out []plea) {
	for i := range v.Requests {
		r := &v.Requests[i]
		if r.Cancelled {
			continue
		}
		p := plea{record: r.Record, kind: body.StepRequest.String(), at: r.AuthorTime, to: r.Addressed}
		for j := range v.Steps {
			if s := &v.Steps[j]; s.Thread == r.Record && s.Standing == board.Counts && s.Ignored == "" {
				p.answered(s.Institution, s.AuthorTime)
			}
		}
		out = append(out, p)
	}
	return out
}

// consultationPleas are answered by whoever was invited, late or not.
func consultationPleas(v *board.View) (out []plea) {
	for i := range v.Consultations {
		c := &v.Consultations[i]
		if c.State == board.ConsultationWithdrawn || c.Erased != nil {
			continue
		}
		p := plea{record: c.Record, kind: shortName(body.TypeConsultation), at: c.AuthorTime, says: c.Question, to: c.Invited}
		for _, a := range c.Answers {
			if a.State != board.AnswerUninvited {
				p.answered(a.Institution, a.AuthorTime)
			}
		}
		out = append(out, p)
	}
	return out
}

// wordPleas are alerts, and notes whose author wants to know that they were read: somebody's
// acknowledgement answers them, and a note to them.
func (d *Desk) wordPleas(v *board.View) (out []plea) {
	for i := range v.Alerts {
		if a := &v.Alerts[i]; a.State != board.AlertNone {
			out = append(out, plea{record: a.Record, kind: FormAlert, at: a.Sent, says: a.Headline, to: d.addressees(a.Record)})
		}
	}
	for i := range v.Notes {
		n := &v.Notes[i]
		if !n.Acknowledge {
			continue
		}
		to := d.addressees(n.Record)
		if len(to) == 0 && n.Thread.Institution != n.Institution {
			to = []protocol.InstitutionID{n.Thread.Institution}
		}
		out = append(out, plea{record: n.Record, kind: FormNote, at: n.AuthorTime, says: n.Text, to: to})
	}
	for i := range out {
		out[i].heard(v)
	}
	return out
}

// heard takes in the acknowledgements of what was said, and the notes to it.
func (p *plea) heard(v *board.View) {
	for i := range v.Acknowledgements {
		if a := &v.Acknowledgements[i]; a.Of == p.record && a.Answered != 0 {
			p.answered(a.Institution, a.Answered)
		}
	}
	for i := range v.Notes {
		if n := &v.Notes[i]; n.Answers == p.record || n.Thread == p.record {
			p.answered(n.Institution, n.AuthorTime)
		}
	}
}

// addressees gives whom a record names.
func (d *Desk) addressees(n protocol.Name) []protocol.InstitutionID {
	h, err := d.held(n)
	if err != nil {
		return nil
	}
	said, _ := d.open(&h)
	if said == nil {
		return nil
	}
	return d.addressed(said.Base().To)
}

package desk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

type (
	// Decided is [board.Decided].
	Decided = board.Decided
	// TakenBack is [board.TakenBack].
	TakenBack = board.TakenBack
)

// ConsultationRow is a consultation, with what institutions of this node owe it.
type ConsultationRow struct {
	board.Consultation
	Places         []body.PlaceKey          `json:"places,omitempty"`          // of what it is about, and the seats of the local authorities that it asks
	Answered       int                      `json:"answered"`                  // of those that it asks
	AnsweredBefore int                      `json:"answered_before,omitempty"` // of those that an earlier version asked, and this one does not
	Owed           OwedWord                 `json:"owed,omitempty"`
	OwedBy         []protocol.InstitutionID `json:"owed_by,omitempty"`
}

// consultationRow is the row of a consultation, but for what is owed to it.
func (d *Desk) consultationRow(view *board.View, c *board.Consultation) ConsultationRow {
	answered := 0
	for i := range c.Answers {
		if a := &c.Answers[i]; a.Counting() && (c.Erased != nil || slices.Contains(c.Invited, a.Institution)) {
			answered++
		}
	}
	return ConsultationRow{Consultation: *c, Places: d.touches(view, c), Answered: answered, AnsweredBefore: c.Counted() - answered}
}

// touches gives the places that a consultation concerns: that of the strategy, the plan or the line of it that it is about,
// and the seats of the municipalities and regional authorities that it asks. Those of others say where an office
// is, and not for whom it speaks.
func (d *Desk) touches(view *board.View, c *board.Consultation) (out []body.PlaceKey) {
	if p := planOf(view, c.About); p != nil {
		out = append(out, p.PlaceOf(c.Line))
	}
	if s := pick(view.Strategies, func(s *board.Strategy) bool {
		return s.Record == c.About || slices.ContainsFunc(s.Versions, func(v board.StrategyVersion) bool { return v.Record == c.About })
	}); s != nil {
		out = append(out, s.Place)
	}
	return eachOnce(append(out, d.localSeats(c.Invited)...))
}

// localSeats gives the seats of those that are municipalities or regional authorities.
func (d *Desk) localSeats(of []protocol.InstitutionID) (out []body.PlaceKey) {
	for _, id := range of {
		m, _ := d.o.Trust.Member(id)
		if local := m.Level == body.Municipality || m.Level == body.RegionalAuthority; local && m.Profile != nil && m.Profile.Seat != nil {
			out = append(out, m.Profile.Seat.Key())
		}
	}
	return out
}

// eachOnce leaves each place where it stands first, and what is none out.
func eachOnce(places []body.PlaceKey) (out []body.PlaceKey) {
	for _, k := range places {
		if !k.IsZero() && !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out
}

// OwedWord says what is owed to a consultation.
type OwedWord string

// What can be owed.
const (
	OwedAnswer  OwedWord = "answer"
	OwedOutcome OwedWord = "outcome" // it has closed, or an answer came behind the outcome
)

// invite says whom a consultation asks, and judges its answers by that: whom its groups meant when it ended,
// whatever became of them since, or mean while it goes on.
func invite(c *board.Consultation, g *trust.Registry) {
	ends := c.Ends()
	asked := addressees(c.To, func(name string) []protocol.InstitutionID { return g.GroupMembersBefore(name, ends) })
	c.Invited = slices.DeleteFunc(asked, func(id protocol.InstitutionID) bool { return id == c.Institution })
	c.Judge(func(id protocol.InstitutionID) bool { return asks(g, c.Addressees(), id, ends) })
}

// asks reports whether a question to some asks an institution, by what groups meant right before an instant.
func asks(g *trust.Registry, to []body.Addressee, id protocol.InstitutionID, at protocol.Instant) bool {
	return slices.ContainsFunc(to, func(a body.Addressee) bool {
		one, named := a.Institution()
		name, _ := a.Group()
		return named && one == id || !named && g.InGroupBefore(name, id, at)
	})
}

// owes gives what an institution of this node owes to a consultation.
func (d *Desk) owes(c *board.Consultation) (OwedWord, []protocol.InstitutionID) {
	switch {
	case c.State == board.ConsultationOpen:
		who := slices.DeleteFunc(slices.Clone(c.Silent), func(id protocol.InstitutionID) bool { return !d.isOwn(id) || !d.o.Trust.May(id, body.TypeResponse) })
		if len(who) > 0 {
			return OwedAnswer, who
		}
	case d.isOwn(c.Institution) && (c.State == board.ConsultationClosed || c.State == board.ConsultationConcluded && len(c.Waiting) > 0):
		return OwedOutcome, []protocol.InstitutionID{c.Institution}
	}
	return "", nil
}

// consultations gives what is owed first, then what is open, what waits for its outcome, and
// the rest; of each what closes first.
func (d *Desk) consultations(view *board.View) []ConsultationRow {
	out := make([]ConsultationRow, 0, len(view.Consultations))
	for i := range view.Consultations {
		row := d.consultationRow(view, &view.Consultations[i])
		row.Owed, row.OwedBy = d.owes(&row.Consultation)
		out = append(out, row)
	}
	order := []board.ConsultationState{board.ConsultationOpen, board.ConsultationClosed, board.ConsultationAhead, board.ConsultationConcluded, board.ConsultationWithdrawn, board.ConsultationErased}
	rank := func(r *ConsultationRow) int {
		if r.Owed != "" {
			return -1
		}
		return slices.Index(order, r.State)
	}
	slices.SortStableFunc(out, func(a, b ConsultationRow) int { return cmp.Or(rank(&a)-rank(&b), cmp.Compare(a.ClosesAt, b.ClosesAt)) })
	return out
}

// Hearing is one consultation as an institution sees it, each answer beside what its author
// needs and has.
type Hearing struct {
	ConsultationRow
	ByQuality
	As          protocol.InstitutionID `json:"as"`
	Respondents []Respondent           `json:"respondents"` // in the order of the answers
	Quiet       []QuietMember          `json:"quiet"`       // those who were asked, and have said nothing that counts
	Until       protocol.Instant       `json:"until"`       // the last moment at which an answer signed in time may come
	MayAnswer   bool                   `json:"may_answer"`
	MayConclude bool                   `json:"may_conclude"`
	MayMend     bool                   `json:"may_mend"`           // it is concluded, and As may put the outcome right
	MayCorrect  bool                   `json:"-"`                  // As asked, and it is not closed yet
	MayReword   bool                   `json:"-"`                  // and no answer counts: else the words stay, and options are only added
	MayRetract  bool                   `json:"-"`                  // As asked, and it is neither concluded nor taken back
	Joined      []TitledRecord         `json:"-"`                  // projects that it may be part of, once put right
	Told        protocol.Name          `json:"-"`                  // what it is about, or what that puts right
	ToldType    string                 `json:"-"`                  // of that; "" where it does not count
	Live        protocol.Digest        `json:"-"`                  // of what is in force of the question: a page says what it showed
	Decided     protocol.Digest        `json:"-"`                  // the same of the outcome
	MayRemind   bool                   `json:"may_remind"`         // As asked, and those who are silent can still answer
	Awaited     bool                   `json:"awaited"`            // what was signed in time may still come: to conclude now must be wanted
	Needs       []protocol.Name        `json:"needs,omitempty"`    // of As, which an answer may name
	Capacity    []protocol.Name        `json:"capacity,omitempty"` // the same
	Exercise    bool                   `json:"exercise"`
	Past        bool                   `json:"past,omitempty"`
}

// Respondent is an answer beside the latest needs and capacity of its author.
type Respondent struct {
	board.ConsultationAnswer
	Needs    []NeedsRow    `json:"needs"`
	Capacity []CapacityRow `json:"capacity"`
}

// QuietMember is one who was asked and has not answered.
type QuietMember struct {
	Institution protocol.InstitutionID `json:"institution"`
	Line        board.LineState        `json:"line"`              // as this node knows it: cut, and it may well have answered
	Reminded    protocol.Instant       `json:"reminded,omitzero"` // when who asked last did, by its clock
}

// Hearing gives a consultation by its name, as this node knew it at an instant (zero: now),
// and what an institution may do with it. It is [NotFound] for a record that is none that
// counts.
func (d *Desk) Hearing(ctx context.Context, as protocol.InstitutionID, ref string, at protocol.Instant) (Hearing, error) {
	var c *board.Consultation
	s, err := d.seek(ctx, as, ref, at, func(v *board.View, n protocol.Name) bool {
		c = pick(v.Consultations, func(c *board.Consultation) bool { return c.Record == n })
		return c != nil
	})
	switch {
	case err != nil:
		return Hearing{}, err
	case c == nil:
		return Hearing{}, problem(NotFound, "vardar list consultations", "%s is no consultation that counts here", s.name)
	}
	out := d.hearing(s.as, s.moment, c)
	out.Exercise = s.world.Exercise
	out.Told, out.ToldType = d.tellsOf(c.About)
	if out.Live, err = d.live(c.Digest, c.Correction); err == nil && c.Outcome != nil {
		out.Decided, err = d.live(c.Outcome.Digest, c.Outcome.Correction)
	}
	return out, err
}

// tellsOf gives the record that a record of its author puts right, or itself, and its type; "" for one that does not count, or
// is not here.
func (d *Desk) tellsOf(n protocol.Name) (protocol.Name, string) {
	h, err := d.held(n)
	if err != nil {
		return n, ""
	}
	if b, err := body.Parse(h.Type, h.Body); err == nil {
		if ref, corrects := b.Base().Ref(body.RelCorrects); corrects {
			if h, err = d.held(ref.Record); err != nil {
				return n, ""
			}
		}
	}
	if s, _ := d.o.Board.Standing(h.Digest); s != board.Counts && s != board.Replaced {
		return n, ""
	}
	return h.Name, h.Type
}

// unclosed reports whether a consultation can still be put right: it is open, or will be.
func unclosed(c *board.Consultation) bool {
	return c.State == board.ConsultationOpen || c.State == board.ConsultationAhead
}

// live gives the digest of what is in force of a record: its own, or that of its correction.
func (d *Desk) live(own protocol.Digest, correction protocol.Name) (protocol.Digest, error) {
	if correction.IsZero() {
		return own, nil
	}
	by, err := d.held(correction)
	return by.Digest, err
}

func (d *Desk) hearing(as protocol.InstitutionID, m *moment, c *board.Consultation) Hearing {
	out := Hearing{
		ConsultationRow: d.consultationRow(&m.view, c), As: as, Respondents: []Respondent{}, Quiet: []QuietMember{},
		Until: c.Until(), Past: m.past, Awaited: d.awaited(c),
	}
	if !m.past {
		out.Owed, out.OwedBy = d.owes(c)
		out.MayAnswer = c.State == board.ConsultationOpen && d.mayBeHeard(c, as) && d.o.Trust.May(as, body.TypeResponse)
		concludes := c.Institution == as && d.o.Trust.May(as, body.TypeOutcome)
		out.MayRemind = c.State == board.ConsultationOpen && c.Institution == as && len(c.Silent) > 0
		out.MayCorrect = c.Institution == as && unclosed(c)
		out.MayRetract = c.Institution == as && c.State != board.ConsultationWithdrawn && c.Erased == nil && !wasConcluded(c)
		out.MayReword = out.MayCorrect && c.Counted() == 0
		if out.MayCorrect {
			out.Joined = withNamed(d.mayName(&m.view, as), c.Project)
		}
		out.MayConclude, out.MayMend = concludes && c.State == board.ConsultationClosed, concludes && c.State == board.ConsultationConcluded
	}
	if out.MayAnswer {
		mine := respondent(&m.view, board.ConsultationAnswer{Institution: as})
		for i := range mine.Needs {
			out.Needs = append(out.Needs, mine.Needs[i].Record)
		}
		for i := range mine.Capacity {
			out.Capacity = append(out.Capacity, mine.Capacity[i].Record)
		}
	}
	for i := range c.Answers {
		out.Respondents = append(out.Respondents, respondent(&m.view, c.Answers[i]))
	}
	lines, reminded := map[protocol.InstitutionID]board.LineState{}, d.reminded(&m.view, c)
	for _, l := range m.lines {
		lines[l.Institution] = l.State
	}
	for _, id := range c.Silent {
		out.Quiet = append(out.Quiet, QuietMember{id, cmp.Or(lines[id], board.LineNone), reminded[id]})
	}
	return out
}

// respondent puts an answer beside the latest needs and capacity of its author.
func respondent(v *board.View, a board.ConsultationAnswer) Respondent {
	r := Respondent{ConsultationAnswer: a, Needs: []NeedsRow{}, Capacity: []CapacityRow{}}
	for i := range v.Needs {
		if v.Needs[i].Institution == a.Institution {
			r.Needs = append(r.Needs, v.Needs[i])
		}
	}
	for i := range v.Capacities {
		if v.Capacities[i].Institution == a.Institution {
			r.Capacity = append(r.Capacity, v.Capacities[i])
		}
	}
	return r
}

// awaited reports whether answers that were signed in time may still come.
func (d *Desk) awaited(c *board.Consultation) bool {
	return len(c.Silent) > 0 && d.now() < c.Until()
}

// fillThread lets a person name the consultation once: as the thread, or as what is answered
// or concluded, by its whole name, or by the position of one's own.
func (d *Desk) fillThread(as protocol.InstitutionID, doc map[string]any, rel body.Relation) {
	refs, _ := doc["refs"].([]any)
	if thread, ok := doc["thread"].(string); ok {
		if n, err := d.named(as, thread); err == nil {
			if h, err := d.held(n); err == nil { // the question as it was put right last is the question
				if h, err = d.corrected(h); err == nil {
					n = h.Name
				}
			}
			doc["thread"] = n.String()
		}
	}
	if thread, ok := doc["thread"].(string); ok && len(refs) == 0 {
		doc["refs"] = []any{map[string]any{"rel": string(rel), "record": thread}}
		return
	}
	for _, entry := range refs {
		if ref, ok := entry.(map[string]any); ok && ref["rel"] == string(rel) && doc["thread"] == nil {
			doc["thread"] = ref["record"]
		}
	}
}

// markUnder gives the mark of what is said in a consultation: at least that of the question,
// which it may repeat; and so of a regional report, which repeats what its sources say.
func (d *Desk) markUnder(recordType string, doc map[string]any, given protocol.Handling) protocol.Handling {
	if given == 0 && recordType == body.TypeReport && doc["regional"] != nil {
		return d.markOver(doc)
	}
	thread, _ := doc["thread"].(string)
	n, err := protocol.ParseName(thread)
	if given != 0 || err != nil || recordType != body.TypeResponse && recordType != body.TypeOutcome {
		return given
	}
	h, err := d.held(n)
	if err != nil {
		return given // the check of the answer says so
	}
	return max(h.Handling, d.handling(recordType))
}

// hearingLine says a consultation, an answer or an outcome in a line.
func hearingLine(b body.Body) string {
	switch b := b.(type) {
	case *body.Consultation:
		return short(string(b.Question))
	case *body.ConsultationResponse:
		if b.Text == "" {
			return string(b.Position)
		}
		return short(fmt.Sprintf("%s: %s", b.Position, b.Text))
	case *body.ConsultationOutcome:
		return short(string(b.Decision))
	}
	return b.Type()
}

// responseLead is how long before the closing an answer is called due; of a consultation that
// is open less than twice that, half of its time.
const responseLead = 24 * time.Hour

// responseFrom is when answers to a consultation are called due.
func responseFrom(c *board.Consultation) protocol.Instant {
	return dueFrom(c.OpensAt, c.ClosesAt, responseLead)
}

// responseDue reports whether an institution of this node is asked, has said nothing, and the
// time for it is nearly over.
func (d *Desk) responseDue(c *board.Consultation) bool {
	word, _ := d.owes(c)
	return word == OwedAnswer && d.now() >= responseFrom(c)
}

func (d *Desk) responseEvent(c *board.Consultation, exercise bool) duty.Event {
	_, asked := d.owes(c)
	e := d.dueEvent(c.Record, c.Digest, asked, exercise)
	e.Written, e.Ends = responseFrom(c), c.ClosesAt
	return e
}

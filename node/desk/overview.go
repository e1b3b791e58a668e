package desk

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// FirstLook is how far back somebody is told who never looked: a day.
const FirstLook = 24 * time.Hour

// closing is how far ahead the overview looks.
const closing = 7 * 24 * time.Hour

// mostNews bounds what one page tells of what has happened: the newest, of each incident.
const mostNews = 200

// Overview is what a coordinator must know now.
type Overview struct {
	As             protocol.InstitutionID `json:"as"`
	Since          protocol.Instant       `json:"since,omitzero"` // when they looked last
	At             protocol.Instant       `json:"at"`
	News           []Group                `json:"news,omitempty"` // since then, by incident, the gravest first
	Left           int                    `json:"left"`           // records that are not told
	Overdue        int                    `json:"overdue"`        // institutions' statements that are late, whatever the reason
	Unmet          int                    `json:"unmet"`          // requests of which something is
	Contradictions int                    `json:"contradictions"`
	Waiting        Waiting                `json:"waiting"`
	Phases         []TerritoryRow         `json:"phases,omitempty"`   // declared and suggested
	Affected       []SolidarityRow        `json:"affected,omitempty"` // the most affected municipalities, as [Desk.Bearing] has them
	Apart          int                    `json:"apart"`              // of so many not enough is known
	Neighbours     []Adjacent             `json:"neighbours,omitempty"`
	Endings        []Ending               `json:"endings,omitempty"`  // within a week, the earliest first
	Followed       []Followed             `json:"followed,omitempty"` // subscriptions that have something new
	Past           bool                   `json:"past,omitempty"`
}

// Group is what happened in one incident; in none where Incident is zero.
type Group struct {
	Incident protocol.Name `json:"incident,omitzero"`
	Says     string        `json:"says,omitempty"` // what opened it
	Body     body.Body     `json:"-"`              // the same; nil: it can't be read here
	Severity body.Severity `json:"severity,omitempty"`
	Records  []Told        `json:"records,omitempty"` // the oldest first
}

// Waiting is what waits for an institution.
type Waiting struct {
	Opposed       []Opposition      `json:"opposed,omitempty"`       // contradictions with what another said
	Drafts        []DraftRow        `json:"drafts,omitempty"`        // alerts that nobody has sent
	Requests      []RequestRow      `json:"requests,omitempty"`      // to it, something unmet, and no word of it yet
	Consultations []ConsultationRow `json:"consultations,omitempty"` // to which it owes an answer, or the outcome
	Plans         []PlanRow         `json:"plans,omitempty"`         // that wait for its signature on the version in force
	Regional      *RegionalNext     `json:"regional,omitempty"`      // the period of which it can draw up a regional report; nil: none
	Notes         []Told            `json:"notes,omitempty"`         // whose authors want to know that they were read: the newest of each thread
	More          []Told            `json:"more,omitempty"`          // the rest of these, the newest first
}

// Count gives how much waits.
func (w Waiting) Count() int {
	n := 0
	if w.Regional != nil {
		n = 1
	}
	return n + len(w.Opposed) + len(w.Drafts) + len(w.Requests) + len(w.Consultations) + len(w.Plans) + len(w.Notes) + len(w.More)
}

// Adjacent is the node at the other end of a line.
type Adjacent struct {
	Institution protocol.InstitutionID   `json:"institution"`
	Names       map[body.Language]string `json:"names,omitempty"`
	Footnote    bool                     `json:"footnote,omitempty"`
	Up          bool                     `json:"up,omitempty"`
	Paused      bool                     `json:"paused,omitempty"`
	Since       protocol.Instant         `json:"since,omitzero"`
	Waiting     int                      `json:"waiting"`
	Late        []DueRow                 `json:"late,omitempty"` // what is late of it
}

// Ending is something that ends soon.
type Ending struct {
	At     protocol.Instant       `json:"at"`
	What   string                 `json:"what,omitempty"` // answer_by of a request, expires of an alert, closes_at of a consultation
	Says   string                 `json:"says,omitempty"`
	Place  body.PlaceKey          `json:"place,omitzero"` // of which says is the name
	Record protocol.Name          `json:"record"`
	By     protocol.InstitutionID `json:"by"`
}

// What ends.
const (
	EndingRequest = "request"
	EndingAlert   = "alert"
	EndingHearing = "consultation"
)

// What rings and is no record.
const (
	// AnswerDue is [duty.AnswerDue].
	AnswerDue = duty.AnswerDue
	// SignatureDue is [duty.SignatureDue].
	SignatureDue = duty.SignatureDue
	// Contradictory is [duty.Contradiction].
	Contradictory = duty.Contradiction
)

// Overview gathers it for an account that acts as an institution, as this node knew it at an
// instant; zero: now.
func (d *Desk) Overview(ctx context.Context, a Account, as protocol.InstitutionID, at protocol.Instant) (Overview, error) {
	as, err := d.author(ctx, as)
	if err != nil {
		return Overview{}, err
	}
	m, err := d.moment(ctx, at)
	if err != nil {
		return Overview{}, err
	}
	out := Overview{As: as, At: m.at, Past: m.past, Phases: d.territories(m), Contradictions: len(twoVoices(&m.view)) + len(m.view.Clashes)}
	out.Since = a.Looked
	if out.Since == 0 || out.Since >= m.at {
		out.Since = m.at - protocol.Instant(FirstLook.Milliseconds())
	}
	news, left := d.news(m, out.Since, Ceiling(a))
	out.News, out.Left = d.byIncident(m, news, Ceiling(a)), left
	for i := range m.view.Due {
		if late(m.view.Due[i].State) {
			out.Overdue++
		}
	}
	for i := range m.view.Requests {
		if unmet(&m.view.Requests[i]) {
			out.Unmet++
		}
	}
	out.Waiting = d.waiting(m, as, Ceiling(a))
	out.Endings = endings(m)
	out.Affected, out.Apart = mostAffected(d.solidarity(m))
	if !m.past {
		out.Neighbours = d.neighbours(m)
	}
	if out.Followed, err = d.followed(m, a); err != nil {
		return Overview{}, err
	}
	return out, ctx.Err()
}

// mostBearing is how many municipalities the overview names: the page of solidarity has all.
const mostBearing = 3

// mostAffected gives the first units of which enough is known, and of how many it is not.
func mostAffected(units []SolidarityRow) (most []SolidarityRow, apart int) {
	for i := range units {
		switch {
		case units[i].Apart:
			apart++
		case len(most) < mostBearing:
			most = append(most, units[i])
		}
	}
	return most, apart
}

// unmet reports whether something of a request is.
func unmet(r *RequestRow) bool {
	return !r.Cancelled && slices.ContainsFunc(r.Lines, func(l board.RequestLine) bool { return l.Unmet > 0 })
}

// wanting reports whether an answer to a request could still be of use: what is ordered of
// others, and not yet committed, is unmet and wants nobody else.
func wanting(r *RequestRow) bool {
	return !r.Cancelled && slices.ContainsFunc(r.Lines, func(l board.RequestLine) bool { return max(l.Ordered, l.Committed) < l.Quantity })
}

// byIncident puts what happened under what opened it: the record itself, the incident that
// it names, or that of the record that began its thread.
func (d *Desk) byIncident(m *moment, news []Told, ceiling protocol.Handling) []Group {
	groups := map[protocol.Name]*Group{}
	for _, t := range news {
		name := d.incidentOf(&t)
		g := groups[name]
		if g == nil {
			g = &Group{Incident: name}
			if h, err := d.held(name); !name.IsZero() && err == nil {
				opener := d.told(m, &h, ceiling)
				g.Says, g.Body, g.Severity = opener.Says, opener.Body, opener.Severity
			}
			groups[name] = g
		}
		if gravity(t.Severity) < gravity(g.Severity) {
			g.Severity = t.Severity
		}
		g.Records = append(g.Records, t)
	}
	out := make([]Group, 0, len(groups))
	for _, g := range groups {
		out = append(out, *g)
	}
	slices.SortFunc(out, func(a, b Group) int {
		return cmp.Or(
			cmp.Compare(gravity(a.Severity), gravity(b.Severity)),
			none(&a)-none(&b),
			cmp.Compare(b.Records[len(b.Records)-1].Accepted, a.Records[len(a.Records)-1].Accepted),
			cmp.Compare(a.Incident.String(), b.Incident.String()),
		)
	})
	return out
}

// none puts what belongs to no incident behind what does.
func none(g *Group) int {
	if g.Incident.IsZero() {
		return 1
	}
	return 0
}

func (d *Desk) incidentOf(t *Told) protocol.Name {
	switch {
	case !t.Incident.IsZero():
		return t.Incident
	case t.Type == "alert" || t.Type == "phase":
		return t.Record
	case t.Thread.IsZero():
		return protocol.Name{}
	}
	root, err := d.held(t.Thread)
	if err != nil {
		return protocol.Name{}
	}
	if root.Type == body.TypeAlert || root.Type == body.TypePhase {
		return root.Name
	}
	b, err := body.Parse(root.Type, root.Body)
	if err != nil {
		return protocol.Name{}
	}
	return b.Base().Incident
}

// waiting gathers what waits for an institution.
func (d *Desk) waiting(m *moment, as protocol.InstitutionID, ceiling protocol.Handling) Waiting {
	out := Waiting{Opposed: oppositions(m.trust, &m.view, as), Regional: d.dueRegional(m, as)}
	if d.o.Trust.May(as, body.TypeAlert) {
		out.Drafts = d.warnings(m).Drafts
	}
	for i := range m.view.Requests {
		r := &m.view.Requests[i]
		if waitsFor(m.view.Steps, r, as) {
			out.Requests = append(out.Requests, *r)
		}
	}
	for _, row := range d.consultations(&m.view) {
		if !m.past && slices.Contains(row.OwedBy, as) {
			out.Consultations = append(out.Consultations, row)
		}
	}
	if !m.past {
		out.Plans = slices.DeleteFunc(d.plans(&m.view), func(r PlanRow) bool { return !slices.Contains(r.OwedBy, as) })
	}
	out.Notes, out.More = newestOfEach(d.unread(m, as, ceiling))
	return out
}

// waitsFor reports whether a request waits for the word of an institution: it is asked,
// something is unmet, and it has taken no step yet.
func waitsFor(steps []StepRow, r *RequestRow, as protocol.InstitutionID) bool {
	return r.Institution != as && wanting(r) && slices.Contains(r.Addressed, as) &&
		!slices.ContainsFunc(steps, func(s StepRow) bool { return s.Thread == r.Record && s.Institution == as })
}

// neighbours tells of those at the other ends of the lines.
func (d *Desk) neighbours(m *moment) []Adjacent {
	var out []Adjacent
	for _, s := range d.o.Links.States() {
		n := Adjacent{Institution: s.Peer, Up: s.Up, Paused: s.Paused, Since: protocol.InstantOf(s.Since), Waiting: s.Waiting}
		if member, ok := d.o.Trust.Member(s.Peer); ok {
			shown := d.member(d.present(), &member, 0)
			n.Names, n.Footnote = shown.Names, shown.Footnote
		}
		for _, r := range urgentFirst(m.view.Due) {
			if r.Institution == s.Peer && late(r.State) {
				n.Late = append(n.Late, r)
			}
		}
		out = append(out, n)
	}
	return out
}

// endings gives what ends within a week of a moment.
func endings(m *moment) []Ending {
	var out []Ending
	soon := func(at protocol.Instant) bool {
		return at > m.at && at <= m.at+protocol.Instant(closing.Milliseconds())
	}
	for i := range m.view.Requests {
		if r := &m.view.Requests[i]; wanting(r) && soon(r.AnswerBy) {
			out = append(out, Ending{r.AnswerBy, EndingRequest, r.DeliverName, r.DeliverTo, r.Record, r.Institution})
		}
	}
	for i := range m.view.Alerts {
		if a := &m.view.Alerts[i]; a.State == board.AlertActive && soon(a.Expires) {
			out = append(out, Ending{a.Expires, EndingAlert, cmp.Or(a.Headline, a.Event), body.PlaceKey{}, a.Record, a.Institution})
		}
	}
	for i := range m.view.Consultations {
		if c := &m.view.Consultations[i]; c.State == board.ConsultationOpen && soon(c.ClosesAt) {
			out = append(out, Ending{c.ClosesAt, EndingHearing, c.Question, body.PlaceKey{}, c.Record, c.Institution})
		}
	}
	slices.SortStableFunc(out, func(a, b Ending) int { return cmp.Compare(a.At, b.At) })
	return out
}

// Looked notes that somebody has seen what happened up to an instant; the next overview
// begins there.
func (d *Desk) Looked(ctx context.Context, a Account, at protocol.Instant) error {
	if err := d.past(at); err != nil {
		return err
	}
	_, err := d.o.Staff.Looked(ctx, a.Name, at)
	return failure(err)
}

// past refuses an instant that nobody can have seen yet.
func (d *Desk) past(at protocol.Instant) error {
	if at <= 0 || at > d.now() {
		return &Problem{Kind: Usage, Field: "at", Detail: "that moment is still to come", Mend: "give the one that the page shows"}
	}
	return nil
}

// sortAlerts puts the gravest first, and of these the newest.
func sortAlerts(rows []AlertRow) {
	slices.SortStableFunc(rows, func(a, b AlertRow) int {
		return cmp.Or(cmp.Compare(gravity(a.Severity), gravity(b.Severity)), cmp.Compare(b.Sent, a.Sent))
	})
}

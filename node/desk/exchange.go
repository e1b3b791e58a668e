package desk

import (
	"context"
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Exchange is one exchange of help, as one institution sees it.
type Exchange struct {
	ByQuality
	Record      protocol.Name          `json:"record,omitzero"`
	Institution protocol.InstitutionID `json:"institution"` // who began it
	AuthorTime  protocol.Instant       `json:"author_time,omitzero"`
	Asked       bool                   `json:"asked,omitempty"` // it was begun by a request; otherwise by an offer nobody asked for
	AnswerBy    protocol.Instant       `json:"answer_by,omitzero"`
	Late        bool                   `json:"late,omitempty"`
	Cancelled   bool                   `json:"cancelled,omitempty"`
	DeliverTo   body.PlaceKey          `json:"deliver_to,omitzero"`
	DeliverName string                 `json:"deliver_name,omitempty"`
	Footnote    bool                   `json:"footnote,omitempty"`
	Contact     *body.Contact          `json:"contact,omitempty"` // the office that takes it
	As          protocol.InstitutionID `json:"as"`
	Role        body.Role              `json:"role"` // of As
	Lines       []ExchangeLine         `json:"lines,omitempty"`
	Steps       []ExchangeStep         `json:"steps,omitempty"` // in the one order of all nodes
	Past        bool                   `json:"past,omitempty"`
}

// ExchangeLine is one line with all who deal in it.
type ExchangeLine struct {
	board.RequestLine
	Deals []ExchangeDeal `json:"deals,omitempty"`
	Acts  []Act          `json:"acts,omitempty"` // that take back the line as a whole
}

// ExchangeDeal is a line with one other institution, beside what is known of that one.
type ExchangeDeal struct {
	board.Dealing
	Kilometres *int64           `json:"kilometres,omitempty"` // great-circle distance of its stock from where it is to be brought; nil: not known
	ReadyAt    protocol.Instant `json:"ready_at,omitzero"`    // when its stock can be there at the soonest, as declared; 0: not known
	Free       *int64           `json:"free,omitempty"`       // of that stock, as declared; nil: nothing is
	Fresh      bool             `json:"fresh,omitempty"`      // it was declared within the cadence
	Quality    *Quality         `json:"quality,omitempty"`    // of the declaration
	Stock      protocol.Name    `json:"stock,omitzero"`       // the declaration
	Acts       []Act            `json:"acts,omitempty"`       // what As may do now
}

// Act is a step that may be taken now.
type Act struct {
	Step     body.Step         `json:"step"`
	State    body.Stage        `json:"state,omitempty"`    // of a status
	Response body.LineResponse `json:"response,omitempty"` // of a reply
	Record   protocol.Name     `json:"record,omitzero"`    // that it answers
	Line     int               `json:"line"`               // of that record
	Most     int64             `json:"most"`
}

// ExchangeStep is a step, with the message of EDXL-RM 1.0 that it is.
type ExchangeStep struct {
	board.Step
	RM *body.RMMessage `json:"rm,omitempty"`
}

// Exchange gives an exchange of help by the name of the record that began it, as this node
// knew it at an instant (zero: now), and what an institution may do in it now. It is
// [NotFound] for a record that began none.
func (d *Desk) Exchange(ctx context.Context, as protocol.InstitutionID, ref string, at protocol.Instant) (Exchange, error) {
	as, err := d.author(ctx, as)
	if err != nil {
		return Exchange{}, err
	}
	n, err := d.named(as, ref)
	if err != nil {
		return Exchange{}, err
	}
	m, err := d.moment(ctx, at)
	if err != nil {
		return Exchange{}, err
	}
	t, ok := exchangeOf(&m.view, n)
	if !ok {
		return Exchange{}, problem(NotFound, "vardar list requests", "no exchange that counts here began with %s", n)
	}
	out := Exchange{Record: n, Institution: t.by, Asked: t.asked, As: as, Role: t.role(as), Past: m.past}
	for i := range t.steps {
		step := ExchangeStep{Step: t.steps[i]}
		if word, known := body.StepOf(step.Step.Step); known {
			var answers body.Step
			if of := t.record(step.Answers); of != nil {
				answers, _ = body.StepOf(of.Step)
			}
			if rm, has := word.RM(t.role(step.Institution), answers); has {
				step.RM = &rm
			}
		}
		out.Steps = append(out.Steps, step)
	}
	lines := out.root(&m.view)
	if out.Asked {
		var asked Delivery
		if err := d.deliverTo(&asked, n); err != nil {
			return Exchange{}, err
		}
		out.Contact = asked.Contact
	}
	pool := d.pool(&m.view, m.at, out.DeliverTo)
	for _, line := range lines {
		out.Lines = append(out.Lines, out.line(&m.view, t, line, pool))
	}
	return out, nil
}

// root takes what began the exchange, and gives its lines.
func (x *Exchange) root(view *board.View) []board.RequestLine {
	for i := range view.Requests {
		if r := &view.Requests[i]; r.Record == x.Record {
			x.AuthorTime, x.AnswerBy, x.Late, x.Cancelled = r.AuthorTime, r.AnswerBy, r.Late, r.Cancelled
			x.DeliverTo, x.DeliverName, x.Footnote = r.DeliverTo, r.DeliverName, r.Footnote
			return r.Lines
		}
	}
	var out []board.RequestLine
	for i := range view.Offers {
		o := &view.Offers[i]
		if o.Record != x.Record {
			continue
		}
		x.AuthorTime, x.Cancelled = o.AuthorTime, o.Cancelled
		for _, l := range o.Lines {
			out = append(out, board.RequestLine{
				Line: l.Line, Type: l.Type, Unit: l.Unit, Quantity: l.Quantity, State: l.State, Offered: l.Quantity,
				Ordered: l.Ordered, Committed: l.Committed, With: l.With,
			})
		}
	}
	return out
}

// line sets beside each other all who deal in a line, with what the pool says of their stock.
func (x *Exchange) line(view *board.View, t *thread, line board.RequestLine, pool []PoolRow) ExchangeLine {
	out := ExchangeLine{RequestLine: line}
	root, _ := t.line(line.Line)
	with := slices.Clone(line.With)
	if x.As != t.by && !slices.ContainsFunc(with, func(w board.Dealing) bool { return w.Institution == x.As }) {
		with = append(with, root.dealing(x.As))
	}
	for _, w := range with {
		deal := ExchangeDeal{Dealing: w}
		provider := w.Institution
		if !x.Asked {
			provider = t.by
		}
		for i := range pool {
			p := &pool[i]
			if p.Institution == provider && p.Type == line.Type && p.Unit == line.Unit {
				deal.Kilometres, deal.ReadyAt, deal.Free, deal.Fresh, deal.Quality, deal.Stock = p.Kilometres, p.ReadyAt, p.Free, p.Fresh, p.Quality, p.Record
				if p.ReadyHours == nil {
					deal.ReadyAt = 0
				}
				break // the nearest of several
			}
		}
		if !x.Past && (x.As == t.by || x.As == w.Institution) {
			deal.Acts = t.nextActs(view, root, &w, x.As)
		}
		out.Deals = append(out.Deals, deal)
	}
	if !x.Past && x.As == t.by {
		out.Acts = t.allowedActs(view, root, nil, Act{Step: body.StepCancel, Record: x.Record, Line: line.Line, Most: line.Quantity}, x.As)
	}
	return out
}

// covered reports whether as much as was asked for, or offered, is ordered or committed already.
func (l *rootLine) covered() bool { return max(l.ordered, l.committed) >= l.quantity }

// opens reports whether a step is how another side enters into a line. Where the line is covered
// by others nobody is invited to it. Whoever says it all the same is heard: who asked may accept
// more than was asked for, knowingly.
func opens(step body.Step) bool {
	return slices.Contains([]body.Step{body.StepOffer, body.StepAccept, body.StepDecline, body.StepCommit}, step)
}

// nextActs gives what one side may do now with what is between the two.
func (t *thread) nextActs(view *board.View, root *rootLine, deal *board.Dealing, as protocol.InstitutionID) []Act {
	var out []Act
	role := t.role(as)
	settled := as != t.by && root.covered() && deal.Ordered == 0 && deal.Committed == 0
	try := func(a Act) {
		answered := t.newest(root.line, deal.Institution, body.Answerable(a.Step, role))
		if answered != nil {
			a.Record, a.Line = answered.Record, lineOf(answered, root.line)
			out = append(out, t.allowedActs(view, root, deal, a, as)...)
		}
	}
	for _, step := range body.Steps() {
		if settled && opens(step) {
			continue
		}
		switch step {
		case body.StepStatus:
			for _, s := range body.Stage("").Words() {
				try(Act{Step: step, State: body.Stage(s)})
			}
		case body.StepExtendReply, body.StepRecallReply:
			for _, q := range deal.Asked {
				for _, says := range []body.LineResponse{body.ResponseAccept, body.ResponseDecline} {
					if slices.Contains(words(body.Answerable(step, role)), q.Step) {
						out = append(out, t.allowedActs(view, root, deal, Act{Step: step, Response: says, Record: q.Record, Line: q.Line}, as)...)
					}
				}
			}
		case body.StepRequest:
		case body.StepConsumed:
			if root.kind.Expendable() {
				try(Act{Step: step})
			}
		case body.StepCancel:
			if as != t.by { // that of who began it is the line's
				try(Act{Step: step})
			}
		default:
			try(Act{Step: step})
		}
	}
	return out
}

// allowedActs gives an act with how much it can be of at most, or nothing if the desk would
// refuse it.
func (t *thread) allowedActs(view *board.View, root *rootLine, deal *board.Dealing, a Act, as protocol.InstitutionID) []Act {
	if a.Most == 0 {
		a.Most = most(&a, root, deal, t.role(as))
	}
	if a.Most < 1 {
		return nil
	}
	answered := t.record(a.Record)
	if answered == nil || answered.Ignored != "" {
		return nil
	}
	step := &body.ResourceStep{Step: a.Step, Lines: []body.Line{{
		Line: body.Positive(a.Line), Type: root.kind, Unit: body.Label(root.unit), Quantity: 1, State: a.State, Response: a.Response, //nolint:gosec // a line's number
	}}}
	m := move{as: as, step: a.Step, role: t.role(as), with: as, answered: answered, knowing: true, view: view}
	if as == t.by {
		m.with = answered.With
	}
	if m.fits(t) != nil || m.checkLine(t, step, 0) != nil {
		return nil
	}
	return []Act{a}
}

// most gives how much an act can be of.
func most(a *Act, root *rootLine, deal *board.Dealing, role body.Role) int64 {
	switch a.Step {
	case body.StepOffer, body.StepDecline:
		return root.quantity
	case body.StepAccept, body.StepCancel:
		return deal.Offered
	case body.StepCommit:
		if deal.Ordered > 0 {
			return deal.Ordered - deal.Committed
		}
		return root.quantity - root.committed
	default:
	}
	from, err := body.Sources(a.Step, role, a.Step.Leads(a.State, a.Response))
	if err != nil {
		return 0
	}
	return deal.In(from)
}

// newest gives the last step of some kinds about a line, between who began the exchange and
// another; what began it counts as between both.
func (t *thread) newest(line int, with protocol.InstitutionID, kinds []body.Step) *board.Step {
	for i := len(t.steps) - 1; i >= 0; i-- {
		s := &t.steps[i]
		between := s.With == with || s.Record == t.name
		if between && s.Ignored == "" && slices.Contains(words(kinds), s.Step) && lineOf(s, line) > 0 {
			return s
		}
	}
	return nil
}

// lineOf gives the number of a line of what began the exchange in a step; 0 if it is not in it.
func lineOf(s *board.Step, root int) int {
	for _, l := range s.Lines {
		if l.Ignored == "" && (l.Answers == root || l.Answers == 0 && l.Line == root) {
			return l.Line
		}
	}
	return 0
}

// record gives the step of a name.
func (t *thread) record(n protocol.Name) *board.Step {
	for i := range t.steps {
		if t.steps[i].Record == n {
			return &t.steps[i]
		}
	}
	return nil
}

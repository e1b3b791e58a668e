package board_test

import (
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// What the institutions of a saga say: of each kind a body, and where it answers something, what.

// fresh makes a body of a kind; nil for one that a saga does not put right.
func (s *saga) fresh(kind string) body.Body {
	switch kind {
	case body.TypeStrategy:
		return s.strategy()
	case body.TypePlan:
		return s.plan()
	case body.TypeProject:
		return s.project()
	case body.TypeConsultation:
		c := &body.Consultation{Question: "Who pays?", OpensAt: body.TimeOf(day(2)), ClosesAt: body.TimeOf(day(4))}
		c.To = []body.Addressee{body.Addressee(town), pick(s, "to", []body.Addressee{body.Addressee(island), "group:mk-southeast"})}
		return c
	case body.TypeNeeds:
		return s.assessment()
	case body.TypeCapacity:
		return s.capacity()
	case body.TypeReport:
		return s.sitrep()
	case body.TypeRoute:
		return s.route()
	case body.TypePractice:
		return queue(pick(s, "title", []body.Label{"Queue numbers", "Numbers and a screen"}))
	}
	return nil
}

func (s *saga) strategy() *body.Strategy {
	level := pick(s, "level", []body.StrategyLevel{body.LocalStrategy, body.RegionalStrategy, body.NationalStrategy, body.SupranationalStrategy})
	var all []aim
	for _, oid := range few(s, "objectives", []body.ObjectiveID{"1", "2", "3"}) {
		a := aim{oid: oid}
		if of := s.some(body.TypeStrategy); of != nil && level != body.SupranationalStrategy && !s.chance("supports nothing", 4) {
			if i := slices.IndexFunc(all, func(a aim) bool { return a.of != nil && a.of.Record.Name == of.Record.Name }); i >= 0 {
				of = all[i].of // of two in one place a body names one
			}
			a.of, a.up = of, pick(s, "supports", []body.ObjectiveID{"1", "2"})
		}
		all = append(all, a)
	}
	b := strategyOf(level, all...)
	b.Status = pick(s, "status", []body.StrategyStatus{body.StrategyAdopted, body.StrategyAdopted, body.StrategyDraft})
	for i := range b.Objectives {
		if o := &b.Objectives[i]; s.chance("measured", 2) {
			from, to := body.Quantity(0), body.Quantity(100*(s.n()+1))
			o.Indicator, o.Baseline, o.Target = pick(s, "indicator", []body.Indicator{body.Present, body.Arrivals}), &from, &to
		}
	}
	return b
}

func (s *saga) plan() *body.Plan {
	amounts := []body.Decimal{s.amount(), s.amount(), s.amount()}
	b := plan(pick(s, "status", []body.PlanStatus{body.PlanDraft, body.PlanProposed, body.PlanProposed, body.PlanClosed}), amounts[:1+s.n()%3]...)
	b.Currency = s.currency()
	for i := range b.Lines {
		l := &b.Lines[i]
		l.Sector, l.Beneficiary, l.Payer = s.sector(), s.who(), s.who()
		l.Year = pick(s, "year", []body.Positive{2015, 2016})
		l.Status = pick(s, "line status", []body.LineStatus{body.LinePlanned, body.LineSecured})
		if of := s.some(body.TypeNeeds); of != nil && s.chance("for needs", 2) {
			l.NeedsRefs = []protocol.Name{of.Record.Name}
		}
	}
	return b
}

func (s *saga) project() *body.Project {
	b := projectOf(few(s, "partners", []protocol.InstitutionID{town, island, valley, fund})...)
	if of := s.some(body.TypePlan); of != nil && s.chance("has a plan", 2) {
		b.Plan = of.Record.Name
	}
	return b
}

func (s *saga) assessment() *body.Needs {
	place := s.place()
	b := &body.Needs{}
	b.Place = &place
	for i := range rapid.IntRange(1, 2).Draw(s.t, "items") {
		item := body.Need{Sector: s.sector(), Item: "blanket", Unit: body.Label([]string{"pieces", "sets"}[i]), Required: body.Positive(100 * (s.n() + 1)), Basis: body.BasisCount, Priority: 1}
		if s.chance("costs", 2) {
			item.CostEstimate = &body.Money{Amount: s.amount(), Currency: s.currency()}
		}
		b.Items = append(b.Items, item)
	}
	if of := s.some(body.StepRequest.Type()); of != nil && s.chance("goes on", 2) {
		b.Refs = []body.Ref{refTo(body.RelRequests, of)}
	}
	return b
}

func (s *saga) capacity() *body.Capacity {
	b := declares(s.place(), s.n())
	if s.chance("of blankets", 2) {
		b.Items[0].Type, b.Items[0].Unit = "blanket", "pieces"
	}
	b.Items[0].Offerable = s.chance("offers", 2)
	if s.chance("lacks", 2) {
		b.Gaps = []body.Gap{{Type: "bed_place", Unit: body.Places, Required: body.Quantity(s.n())}}
	}
	return b
}

func (s *saga) sitrep() *body.SituationReport {
	some := figures{}
	for _, of := range few(s, "figures", []body.Indicator{body.Arrivals, body.Departures, body.Present, body.CapacityTotal, body.Children}) {
		some[of] = pick(s, "value", []int64{-1, 0, 40, 500, 9000})
	}
	return sitrep(s.place(), s.day(), some)
}

func (s *saga) route() *body.Route {
	state := pick(s, "state", []body.RouteState{body.RouteOpen, body.RouteClosed})
	direction := pick(s, "direction", []body.Direction{"", "in", "out"})
	r := passing(state, direction, day(s.day()), body.Exact(100*s.n()), body.Positive(1+s.n()))
	r.Asset.Code = pick(s, "code", []body.PlaceKey{bogorodica(), bogorodica(), evzoni()})
	return r
}

func (s *saga) aims(p *pen) board.Event    { return s.write(p, s.strategy()) }
func (s *saga) plans(p *pen) board.Event   { return s.write(p, s.plan()) }
func (s *saga) joins(p *pen) board.Event   { return s.write(p, s.project()) }
func (s *saga) needs(p *pen) board.Event   { return s.write(p, s.assessment()) }
func (s *saga) stocks(p *pen) board.Event  { return s.write(p, s.capacity()) }
func (s *saga) reports(p *pen) board.Event { return s.write(p, s.sitrep()) }
func (s *saga) passes(p *pen) board.Event  { return s.write(p, s.route()) }

func (s *saga) teaches(p *pen) board.Event { return s.write(p, s.fresh(body.TypePractice)) }

// signs signs a plan, or begins one.
func (s *saga) signs(p *pen) board.Event {
	of := s.some(body.TypePlan)
	if of == nil {
		return s.plans(p)
	}
	return p.sign(of, s.word())
}

// takesPart says of a project whether its author does, or begins one.
func (s *saga) takesPart(p *pen) board.Event {
	of := s.some(body.TypeProject)
	if of == nil {
		return s.joins(p)
	}
	return p.part(of, s.word())
}

func (s *saga) word() body.AcknowledgementState {
	return pick(s, "word", []body.AcknowledgementState{body.Accepted, body.Accepted, body.Refused, body.Read})
}

// pays takes a step of a flow between two, or begins one: for a line of a plan, for needs, or out
// of another flow.
func (s *saga) pays(p *pen) board.Event {
	began := s.some(body.FlowCommit.Type())
	if began == nil || s.chance("begins", 3) {
		return s.begins(began)
	}
	said, err := body.Parse(began.Record.Type, began.Record.Body)
	first, ok := said.(*body.Flow)
	if err != nil || !ok || began.Record.Institution != first.Donor {
		return s.begins(nil)
	}
	step := pick(s, "step", body.FlowSteps())
	if step == body.FlowPledge || s.chance("another's", 5) {
		return p.flow(body.FlowCancel, "", began, began, between(first.Donor, first.Recipient))
	}
	by := map[body.FlowSide]protocol.InstitutionID{body.DonorSide: first.Donor, body.RecipientSide: first.Recipient}[step.By()]
	return s.penOf(by).flow(step, s.amount(), began, began, between(first.Donor, first.Recipient), func(f *body.Flow) { f.Currency = first.Currency })
}

func (s *saga) begins(before *board.Event) board.Event {
	donor := pick(s, "donor", []protocol.InstitutionID{fund, office})
	recipient := pick(s, "recipient", []protocol.InstitutionID{town, centre, valley})
	return s.penOf(donor).flow(body.FlowCommit, s.amount(), nil, nil, between(donor, recipient), func(f *body.Flow) {
		f.Currency = s.currency()
		if of := s.some(body.TypePlan); of != nil && s.chance("for a line", 2) {
			forLines(of, body.Positive(1+s.n()))(f)
		}
		if of := s.some(body.TypeNeeds); of != nil && s.chance("for needs", 2) {
			forNeeds(*of)(f)
		}
		if before != nil && s.chance("passes on", 2) {
			f.ParentFlow = before.Record.Name
		}
		if of := s.some(body.TypeProject); of != nil {
			f.Project = of.Record.Name
		}
	})
}

// asks opens a consultation for some, the town among them.
func (s *saga) asks(p *pen) board.Event {
	return s.write(p, s.fresh(body.TypeConsultation))
}

// answers responds to a consultation or concludes it.
func (s *saga) answers(p *pen) board.Event {
	of := s.some(body.TypeConsultation)
	if of == nil {
		return s.asks(p)
	}
	if said := s.some(body.TypeResponse); said != nil && s.chance("concludes", 3) {
		return s.own(of).conclude(of, fmt.Sprint("so be it ", s.n()), said)
	}
	position := pick(s, "position", []body.ResponsePosition{body.PositionSupport, body.PositionOppose})
	return p.respond(of, position, day(s.day()), day(s.day()))
}

// stuff is blankets, and tents.
func (s *saga) stuff(n int64) []body.Line {
	all := lines(n, n)
	all[1].Type = "tent"
	return all
}

// helps asks for what an assessment lacks, commits to it, or offers what nobody asked for.
func (s *saga) helps(p *pen) board.Event {
	asked, offered, of := s.some(body.StepRequest.Type()), s.some(body.StepOffer.Type()), s.some(body.TypeNeeds)
	switch {
	case s.chance("offers", 5):
		return s.write(p, &body.ResourceStep{Step: body.StepOffer, Lines: s.stuff(100 * (s.n() + 1))})
	case asked != nil && !s.chance("asks again", 4):
		step := pick(s, "step", []body.Step{body.StepCommit, body.StepCommit, body.StepOffer, body.StepCancel})
		return pick(s, "provider", s.pens).stepSaying(step, asked, asked, s.stuff(20*(s.n()+1)))
	case offered != nil && s.chance("takes", 2):
		return p.stepSaying(body.StepAccept, offered, offered, s.stuff(50))
	}
	b := &body.ResourceStep{Step: body.StepRequest, AnswerBy: body.TimeOf(day(5)), DeliverTo: &body.Delivery{Place: s.place()}, Lines: s.stuff(100 * (s.n() + 1))}
	if of != nil {
		b.Refs = []body.Ref{refTo(body.RelNeeds, of)}
	}
	return s.write(p, b)
}

// sums adds up what was reported, rightly or wrongly.
func (s *saga) sums(p *pen) board.Event {
	r := addedUp(p.t, s.events...)
	if len(r.Regional.Indicators) == 0 {
		return s.reports(p)
	}
	if of := r.Regional.Indicators[0]; of.Total != nil && s.chance("wrongly", 4) {
		of.Total.Value++
	}
	return s.write(p, r)
}

// plays begins an exercise, or says its phase.
func (s *saga) plays(p *pen) board.Event {
	if p.exercise || len(s.begun) == 0 {
		e := p.begins(fmt.Sprint("Flood ", s.n()), s.day())
		s.begun = append(s.begun, e)
		return e
	}
	return p.phase(pick(s, "phase", []body.PhaseName{body.Response, body.Recovery}))
}

// judgesProfile says what is thought of the residents and the budget that the town names.
func (s *saga) judgesProfile(*pen) board.Event {
	stance := pick(s, "stance", []body.Stance{body.Confirm, body.Dispute})
	field := pick(s, "field", []body.FieldName{"", "residents", "budget"})
	return s.pens[2].onProfile(&s.profiles[0], stance, field, -1)
}

// mends has a record put right, taken back, erased, said again, acknowledged or judged, mostly by
// who may.
func (s *saga) mends() board.Event {
	said := s.earlier()
	p := s.own(said)
	if s.chance("another's", 5) {
		p = pick(s, "by", s.pens)
	}
	p.exercise = said.Record.Exercise
	switch rapid.IntRange(0, 9).Draw(s.t, "mend") {
	case 0:
		return s.erase(p, said)
	case 1:
		return s.again(said)
	case 2:
		return p.write(&body.Acknowledgement{Topic: said.Record.Topic, State: pick(s, "seen", []body.AcknowledgementState{body.Received, body.Read, body.Read}), Common: body.Common{Refs: []body.Ref{refTo(body.RelAcknowledges, said)}}})
	case 3, 4, 5:
		by := pick(s, "judge", s.pens)
		by.exercise = said.Record.Exercise
		if said.Record.Type == body.TypePractice && said.Record.Topic == protocol.Knowledge {
			return by.adopt(said, s.n())
		}
		stance := pick(s, "stance", []body.Stance{body.Confirm, body.Dispute, body.Verify})
		return by.endorse(said, stance, pick(s, "field", []body.FieldName{"", "present"}), -1)
	}
	anew := s.fresh(said.Record.Type)
	if anew == nil || s.chance("takes back", 3) {
		return p.correct(said, nil)
	}
	if said.Record.Exercise && len(s.begun) > 0 {
		anew = played(anew, &s.begun[0])
	}
	e := p.correct(said, anew)
	if must(protocol.TypeTopic(said.Record.Type)) == e.Record.Topic { // or the reference is one that leads elsewhere
		s.versions[e.Digest] = said.Record.Type
	}
	return e
}

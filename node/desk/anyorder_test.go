package desk_test

import (
	"encoding/binary"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// ofTheNode are the lists that are no fold of records, by why.
func ofTheNode() map[string]string {
	return map[string]string{
		desk.ListReports: "they come in the order in which this node accepted them",
		desk.ListMembers: "trust folds them", desk.ListLinks: "they are of this node's lines", desk.ListDropped: "it is what this node dropped",
		desk.ListGaps: "they are of this node's archive", desk.ListAudit: "it is this node's own",
	}
}

// notDrawn are the lists of what is told of a situation: no fair has any.
func notDrawn() []string {
	return []string{
		desk.ListFigures, desk.ListUnverified, desk.ListContradictions, desk.ListRoutes, desk.ListPhases, desk.ListTerritories,
		desk.ListAlerts, desk.ListDrafts, desk.ListNotes, desk.ListRegional, desk.ListExercises,
	}
}

// fair draws what three members have, lack, ask for and offer each other, plan, pay for and have
// learnt, with what they put right, take back and judge.
type fair struct {
	w      testing.TB
	t      *rapid.T
	next   map[protocol.Feed]uint32
	events []board.Event
}

func drawFair(t testing.TB, rt *rapid.T) []board.Event {
	f := &fair{w: t, t: rt, next: map[protocol.Feed]uint32{}}
	if rapid.Bool().Draw(rt, "helped") { // chance alone seldom makes an exchange that counts to its end
		request := f.write(gate, f.request())
		f.events = append(f.events, request, f.write(river, f.commit(&request)))
	}
	for range rapid.IntRange(3, 24).Draw(rt, "records") {
		f.events = append(f.events, f.tell())
	}
	return f.events
}

// one draws one of some, and tells its number alone.
func one[T any](f *fair, what string, of ...T) T {
	return of[rapid.IntRange(0, len(of)-1).Draw(f.t, what)]
}

func (f *fair) tell() board.Event {
	by := one(f, "by", centre, gate, river)
	e := f.write(by, f.says())
	if len(f.events) > 0 && rapid.IntRange(0, 3).Draw(f.t, "about what was said") == 0 {
		e = f.onWhatWasSaid(by)
	}
	e.Competent = rapid.IntRange(0, 11).Draw(f.t, "competent") > 0
	e.Void = rapid.IntRange(0, 11).Draw(f.t, "void") == 0
	return e
}

func (f *fair) write(by protocol.InstitutionID, b body.Body) board.Event {
	feed := protocol.Feed{Institution: by, Topic: must(protocol.TypeTopic(b.Type()))(f.w)}
	f.next[feed]++
	var salt [16]byte
	binary.BigEndian.PutUint32(salt[:], f.next[feed])
	r := protocol.Record{
		Name: protocol.Name{Institution: by, Position: protocol.Position{Topic: feed.Topic, Epoch: 1, Sequence: f.next[feed]}},
		Type: b.Type(), Time: protocol.InstantOf(time.Date(2015, 11, 1, one(f, "hour", 6, 7, 18), 0, 0, 0, time.UTC)), Handling: protocol.Green,
	}
	r.SetBody(must(body.Marshal(b, salt))(f.w))
	return board.Event{Record: r, Digest: r.Digest(), Competent: true}
}

// says draws something that nobody asked for.
func (f *fair) says() body.Body {
	place := one(f, "place", body.Place{Scheme: body.ISOSubdivision, Code: "MK-405"}, body.Place{Scheme: body.ISOSubdivision, Code: "MK-401"})
	n := body.Quantity(100 * one(f, "n", 0, 1, 1, 2))
	switch rapid.IntRange(0, 10).Draw(f.t, "kind") {
	case 5, 6, 7, 8, 9, 10:
		return f.plans()
	case 0, 1:
		c := &body.Capacity{Items: []body.CapacityItem{
			{Type: "blanket", Unit: "piece", Available: &n, Offerable: true}, {Type: "training_seat", Unit: "persons", Available: &n, Offerable: true, Conditions: "first aid"},
		}}
		c.Place, c.Gaps, c.TrainingNeeds = &place, []body.Gap{{Type: "blanket", Unit: "piece", Required: body.Quantity(100)}, {Type: "training_seat", Unit: "persons", Required: 5}}, "First aid."
		return c
	case 2:
		return f.request()
	case 3:
		return &body.ResourceStep{Step: body.StepOffer, Lines: f.lines()}
	}
	needs := &body.Needs{Items: []body.Need{{Sector: "nfi", Item: "blanket", Unit: "piece", Required: 100, Basis: body.BasisCount, Priority: 1}}}
	needs.Place = &place
	return needs
}

// plans draws what is planned, paid for, asked or learnt.
func (f *fair) plans() body.Body {
	day := func(n int) body.Time { return body.TimeOf(time.Date(2015, 11, n, 0, 0, 0, 0, time.UTC)) }
	place, period := body.Place{Scheme: body.ISOSubdivision, Code: "MK-405"}, body.Period{Start: day(1), End: day(30)}
	title, amount := one(f, "title", body.Label("Reception"), "Winter places"), one(f, "amount", body.Decimal("100"), "250.50")
	objectives := []body.Objective{{OID: one(f, "objective", body.ObjectiveID("1"), "2"), Text: "Nobody sleeps outside."}}
	switch rapid.IntRange(0, 5).Draw(f.t, "planned") {
	case 0:
		return &body.Plan{
			Title: title, Status: one(f, "status", body.PlanProposed, body.PlanDraft), Currency: "EUR", Territory: place, Period: period, Cosigners: []protocol.InstitutionID{gate, river},
			Lines: []body.PlanLine{{Line: 1, Purpose: "bed places", Beneficiary: gate, Year: 2015, Sector: "shelter", Amount: amount, Source: "eu_amif", Status: body.LinePlanned}},
		}
	case 1:
		return &body.Flow{Step: body.FlowCommit, Donor: centre, Recipient: one(f, "recipient", gate, river), Amount: amount, Currency: "EUR"}
	case 2:
		return &body.Strategy{Level: one(f, "level", body.LocalStrategy, body.NationalStrategy), Title: title, Status: body.StrategyAdopted, Period: period, Objectives: objectives}
	case 3:
		c := &body.Consultation{Question: body.Text(title), OpensAt: day(1), ClosesAt: day(one(f, "closes", 3, 9))}
		c.To = []body.Addressee{body.Addressee(gate), body.Addressee(river)}
		return c
	case 4:
		return &body.Project{Title: title, Partners: []protocol.InstitutionID{one(f, "partner", gate, secretary)}, Period: period, Objectives: objectives}
	}
	practice := &body.Practice{Title: title, Problem: "People stood in the rain.", Solution: "Each family gets a number.", Sectors: []body.Sector{"shelter"}}
	practice.Place, practice.Phases = &place, []body.PhaseName{body.Response}
	return practice
}

func (f *fair) lines() []body.Line {
	return []body.Line{{Line: 1, Type: "blanket", Quantity: body.Positive(one(f, "quantity", 50, 100, 100)), Unit: "piece"}}
}

func (f *fair) request() body.Body {
	place := one(f, "deliver to", body.Place{Scheme: body.ISOSubdivision, Code: "MK-405"}, body.Place{Scheme: body.ISOSubdivision, Code: "MK-401"})
	return &body.ResourceStep{Step: body.StepRequest, AnswerBy: body.TimeOf(time.Date(2015, 11, 5, 0, 0, 0, 0, time.UTC)), DeliverTo: &body.Delivery{Place: place}, Lines: f.lines()}
}

func (f *fair) commit(request *board.Event) body.Body {
	s := &body.ResourceStep{Step: body.StepCommit, Lines: f.lines()}
	s.Thread, s.Refs = request.Record.Name, []body.Ref{{Rel: body.RelAnswers, Record: request.Record.Name, Digest: request.Digest}}
	return s
}

// onWhatWasSaid draws an answer to a request or a question, a signature, a stance, or a correction.
func (f *fair) onWhatWasSaid(by protocol.InstitutionID) board.Event {
	said := f.events[rapid.IntRange(0, len(f.events)-1).Draw(f.t, "said")]
	to := func(rel body.Relation) []body.Ref {
		return []body.Ref{{Rel: rel, Record: said.Record.Name, Digest: said.Digest}}
	}
	switch {
	case said.Record.Type == body.StepRequest.Type() && rapid.Bool().Draw(f.t, "commits"):
		return f.write(by, f.commit(&said))
	case said.Record.Type == body.TypeConsultation && rapid.Bool().Draw(f.t, "answers"):
		r := &body.ConsultationResponse{Position: one(f, "position", body.PositionSupport, body.PositionOppose)}
		r.Thread, r.Refs = said.Record.Name, to(body.RelAnswers)
		return f.write(by, r)
	case (said.Record.Type == body.TypePlan || said.Record.Type == body.TypeProject) && rapid.Bool().Draw(f.t, "signs"):
		a := &body.Acknowledgement{Topic: said.Record.Topic, State: one(f, "word", body.Accepted, body.Accepted, body.Refused), Reason: "as agreed"}
		a.Refs = to(body.RelAcknowledges)
		return f.write(by, a)
	case rapid.Bool().Draw(f.t, "judges"):
		s := &body.Endorsement{Topic: said.Record.Topic, Stance: one(f, "stance", body.Confirm, body.Dispute), Basis: body.OnObservation, Reason: "seen"}
		s.Refs = to(body.RelEndorses)
		return f.write(by, s)
	}
	c := &body.Correction{Topic: said.Record.Topic, Action: body.Retract, Reason: "mistyped"}
	c.Refs = to(body.RelCorrects)
	if anew := f.says(); anew.Type() == said.Record.Type {
		c.Action, c.Replacement = body.Replace, must(body.ReplacementOf(anew))(f.w)
	}
	return f.write(said.Record.Institution, c)
}

// TestAnyOrderGivesTheSameLists: suggestions, the pool, the index and all other lists are the same
// bytes on every desk, whatever order its board was told in, and however often it is asked.
func TestAnyOrderGivesTheSameLists(t *testing.T) {
	w, drawn := market(t), map[string]bool{}
	rapid.Check(t, func(rt *rapid.T) {
		events := drawFair(t, rt)
		want := w.lists(events)
		for what, list := range want {
			drawn[what] = drawn[what] || !strings.Contains(list, `"rows": []`)
		}
		order := make([]int, len(events))
		for i := range order {
			order[i] = i
		}
		var shuffled []board.Event
		for _, i := range rapid.Permutation(order).Draw(rt, "order") {
			shuffled = append(shuffled, events[i])
		}
		got := w.lists(shuffled)
		for _, what := range slices.Sorted(maps.Keys(want)) {
			if diff := cmp.Diff(want[what], got[what]); diff != "" {
				rt.Fatalf("%s differs:\n%s", what, diff)
			}
		}
	})
	for what := range w.lists(nil) {
		if !drawn[what] && !slices.Contains(notDrawn(), what) {
			t.Errorf("%s was compared as an empty list alone", what)
		}
	}
}

// lists asks a desk whose board was told some records for all that is a fold of them.
func (w *world) lists(events []board.Event) map[string]string {
	o := w.options
	o.Board = must(board.New(board.Options{Atlas: o.Atlas}))(w.t)
	for i := range events {
		o.Board.Tell(events[i : i+1])
	}
	d, out := must(desk.New(o))(w.t), map[string]string{}
	for _, what := range desk.Lists() {
		if ofTheNode()[what] == "" {
			out[what] = string(must(json.MarshalIndent(must(d.List(w.t.Context(), desk.Query{What: what, Limit: -1}))(w.t), "", " "))(w.t))
		}
	}
	return out
}

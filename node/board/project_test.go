package board_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// projectOf is one of 2 to 20 November with some partners.
func projectOf(partners ...protocol.InstitutionID) *body.Project {
	return &body.Project{
		Title: "One queue", Partners: partners, Period: body.Period{Start: body.TimeOf(day(2)), End: body.TimeOf(day(20))},
		Objectives: []body.Objective{{OID: "1", Text: "Nobody is counted twice."}},
	}
}

// part says of a version of a project whether its author takes part.
func (p *pen) part(of *board.Event, state body.AcknowledgementState) board.Event {
	p.t.Helper()
	a := &body.Acknowledgement{Topic: protocol.Policy, State: state, Reason: "the council said so"}
	a.Refs = []body.Ref{refTo(body.RelAcknowledges, of)}
	return p.write(a)
}

// within has a body name a project.
func within[B body.Body](b B, of *board.Event) B {
	b.Base().Project = of.Record.Name
	return b
}

// stands tells in a line how a project stands.
func stands(p *board.Project) string {
	out := fmt.Sprintf("%s, version %d: %d of %d", p.State, p.Version, p.Confirmed, len(p.Partners))
	for _, w := range p.Words {
		if w.State != board.PartWaiting {
			out += fmt.Sprintf("; %s %s version %d", w.Institution.LocalName(), w.State, w.Version)
		}
	}
	for _, w := range p.Others {
		out += fmt.Sprintf("; not %s", w.Institution.LocalName())
	}
	return out
}

func TestPartnersTakePartByTheirLastWord(t *testing.T) {
	leads, south, isles, stranger := newPen(t, centre), newPen(t, town), newPen(t, island), newPen(t, valley)
	first := leads.write(projectOf(island, town))
	yes := isles.part(&first, body.Accepted)
	no := south.part(&first, body.Refused)
	read := stranger.part(&first, body.Read)
	other := stranger.part(&first, body.Accepted)
	own := leads.part(&first, body.Accepted)
	second := leads.correct(&first, projectOf(island, town, fund))
	after := south.part(&second, body.Accepted)
	back := isles.part(&second, body.Refused)
	third := leads.correct(&first, projectOf(town))
	gone := leads.correct(&first, nil)
	all := []board.Event{first, yes, no, read, other, own, second, after, back, third, gone}
	for _, tt := range []struct {
		name   string
		events int
		want   string
	}{
		{"nobody has spoken", 1, "under way, version 1: 0 of 2"},
		{"one takes part", 2, "under way, version 1: 1 of 2; demo-islands-desk confirmed version 1"},
		{"one declines", 3, "under way, version 1: 1 of 2; demo-islands-desk confirmed version 1; demo-south-gate declined version 1"},
		{"who has read it has said nothing", 4, "under way, version 1: 1 of 2; demo-islands-desk confirmed version 1; demo-south-gate declined version 1"},
		{"who is not asked counts nothing", 5, "under way, version 1: 1 of 2; demo-islands-desk confirmed version 1; demo-south-gate declined version 1; not demo-south-valley"},
		{"nor its author, who leads it", 6, "under way, version 1: 1 of 2; demo-islands-desk confirmed version 1; demo-south-gate declined version 1; not demo-south-valley"},
		{"what was said of an earlier version holds", 7, "under way, version 2: 1 of 3; demo-islands-desk confirmed version 1; demo-south-gate declined version 1; not demo-south-valley"},
		{"one changes its mind", 8, "under way, version 2: 2 of 3; demo-islands-desk confirmed version 1; demo-south-gate confirmed version 2; not demo-south-valley"},
		{"the other too", 9, "under way, version 2: 1 of 3; demo-islands-desk declined version 2; demo-south-gate confirmed version 2; not demo-south-valley"},
		{"who is named no more is no partner", 10, "under way, version 3: 1 of 1; demo-south-gate confirmed version 2; not demo-islands-desk; not demo-south-valley"},
		{"taken back", 11, "taken back, version 3: 1 of 1; demo-south-gate confirmed version 2; not demo-islands-desk; not demo-south-valley"},
	} {
		events := slices.Clone(all[:tt.events])
		slices.Reverse(events)
		p := only(t, picture(t, day(3), events...).Projects)
		if got := stands(&p); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestProjectIsOfTwoCountriesAndOfAPeriod(t *testing.T) {
	for _, tt := range []struct {
		partners []protocol.InstitutionID
		want     string
	}{
		{[]protocol.InstitutionID{island}, "gr mk false"},
		{[]protocol.InstitutionID{valley, island, town}, "gr mk rs false"},
		{[]protocol.InstitutionID{town}, "mk true"},
		{[]protocol.InstitutionID{fund}, "mk true"}, // a fund is of no country
		{[]protocol.InstitutionID{centre}, "mk true"},
	} {
		p := only(t, picture(t, day(3), newPen(t, centre).write(projectOf(tt.partners...))).Projects)
		if got := strings.Join(p.Countries, " ") + fmt.Sprintf(" %t", p.OneCountry); got != tt.want {
			t.Errorf("with %v: %s, want %s", tt.partners, got, tt.want)
		}
		if slices.Contains(p.Partners, centre) {
			t.Errorf("its author is its partner: %s", show(p))
		}
	}
	written := newPen(t, centre).write(projectOf(island))
	for d, want := range map[int]board.ProjectState{1: board.ProjectPlanned, 2: board.ProjectUnderWay, 19: board.ProjectUnderWay, 20: board.ProjectEnded} {
		if p := only(t, picture(t, day(d), written).Projects); p.State != want {
			t.Errorf("on the %d it is %s, want %s", d, p.State, want)
		}
	}
}

func TestProjectGathersWhatNamesIt(t *testing.T) {
	leads, isles, stranger := newPen(t, centre), newPen(t, island), newPen(t, valley)
	first := leads.write(projectOf(island))
	second := leads.correct(&first, projectOf(island))
	elsewhere := leads.write(projectOf(island))
	report := isles.write(within(sitrep(gevgelija(), 3, figures{body.Arrivals: 5}), &first))
	costs := leads.write(within(plan(body.PlanProposed, "100"), &first))
	by := stranger.write(within(plan(body.PlanDraft, "7"), &second)) // it names the version in force
	moved := leads.write(within(plan(body.PlanDraft, "8"), &first))
	away := leads.correct(&moved, within(plan(body.PlanDraft, "8"), &elsewhere))
	joins := leads.write(plan(body.PlanDraft, "9"))
	in := leads.correct(&joins, within(plan(body.PlanDraft, "9"), &first))
	gone := leads.write(within(plan(body.PlanDraft, "10"), &first))
	taken := leads.correct(&gone, nil)
	word := isles.part(&first, body.Accepted)
	beyond := stranger.write(within(plan(body.PlanDraft, "11"), &first))
	beyond.Competent = false
	events := []board.Event{first, second, elsewhere, report, costs, by, moved, away, joins, in, gone, taken, word, beyond}
	slices.Reverse(events)
	v := picture(t, day(3), events...)
	var got []string
	for _, p := range v.Projects {
		for _, r := range p.Records {
			got = append(got, fmt.Sprintf("%s: %s by %s %t %d", p.Record.Position, body.ShortName(r.Type), r.Record, r.Partner, r.Correction.Sequence))
		}
	}
	want := []string{
		"policy.1.1: plan by " + costs.Record.String() + " true 0",
		"policy.1.1: plan by " + joins.Record.String() + " true 5",
		"policy.1.1: plan by " + by.Record.String() + " false 0",
		"policy.1.1: report by " + report.Record.String() + " true 0",
		"policy.1.3: plan by " + moved.Record.String() + " true 3",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	first.Void = true
	again := leads.again(&first)
	v = picture(t, day(3), again, report, first)
	if p := only(t, v.Projects); p.Record != again.Record.Name || len(p.Records) != 1 || p.Records[0].Record != report.Record.Name {
		t.Errorf("said again: %s", show(v.Projects))
	}
}

// TestStepsStandWithTheProjectOfTheirThread: whoever answers a request or a payment of a project need
// not name it; what has no effect, and what names another project, does not stand there.
func TestStepsStandWithTheProjectOfTheirThread(t *testing.T) {
	leads, isles, gives := newPen(t, centre), newPen(t, island), newPen(t, fund)
	one, other := leads.write(projectOf(island)), leads.write(projectOf(island))
	request := leads.write(within(&body.ResourceStep{
		Step: body.StepRequest, AnswerBy: body.TimeOf(day(5)), DeliverTo: &body.Delivery{Place: gevgelija()}, Lines: lines(100),
	}, &one))
	offer := isles.step(body.StepOffer, &request, &request, 60)
	accept := leads.step(body.StepAccept, &request, &offer, 60)
	tooMuch := isles.step(body.StepCommit, &request, &accept, 61)
	commit := isles.step(body.StepCommit, &request, &accept, 50)
	apart := leads.request(7)
	offered := isles.step(body.StepOffer, &apart, &apart, 7)
	pledge := gives.flow(body.FlowPledge, "100", nil, nil, func(f *body.Flow) { f.Project = one.Record.Name })
	pays := gives.flow(body.FlowCommit, "80", &pledge, &pledge)
	moved := gives.flow(body.FlowCommit, "20", &pledge, &pays, func(f *body.Flow) { f.Project = other.Record.Name })
	events := []board.Event{one, other, request, offer, accept, tooMuch, commit, apart, offered, pledge, pays, moved}
	slices.Reverse(events)
	var got []string
	for _, p := range picture(t, day(3), events...).Projects {
		for _, r := range p.Records {
			got = append(got, fmt.Sprintf("%s: %s by %s", p.Record.Position, body.ShortName(r.Type), r.Record))
		}
	}
	line := func(p *board.Event, kind string, e *board.Event) string {
		return fmt.Sprintf("%s: %s by %s", p.Record.Position, kind, e.Record.Name)
	}
	want := []string{
		line(&one, "commit-flow", &pays), line(&one, "pledge", &pledge),
		line(&one, "accept", &accept), line(&one, "commit", &commit), line(&one, "offer", &offer), line(&one, "request", &request),
		line(&other, "commit-flow", &moved),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

func TestObjectivesOfAProjectSupportThoseOfAnyStrategy(t *testing.T) {
	national := newPen(t, island).strategy(body.NationalStrategy, aim{oid: "1"})
	local := newPen(t, valley).strategy(body.LocalStrategy, aim{oid: "2"})
	p := projectOf(island)
	p.Objectives[0].Supports = []body.ObjectiveRef{body.ObjectiveRef(national.Record.String() + "#1"), body.ObjectiveRef(local.Record.String() + "#9")}
	p.Refs = []body.Ref{refTo(body.RelSupports, &national), refTo(body.RelSupports, &local)}
	row := only(t, picture(t, day(3), newPen(t, centre).write(p), local, national).Projects)
	var got []board.SupportState
	for _, s := range row.Objectives[0].Supports {
		got = append(got, s.State)
	}
	if want := []board.SupportState{board.SupportHolds, board.SupportMissing}; !slices.Equal(got, want) {
		t.Errorf("links are %v, want %v", got, want)
	}
}

// TestAnyOrderOfAProjectGivesTheSameBytes: versions, words and what names it, told in any order
// and twice.
func TestAnyOrderOfAProjectGivesTheSameBytes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events := drawProject(t, rt)
		one, other := newBoard(t, events...), newBoard(t)
		for _, e := range rapid.Permutation(events).Draw(rt, "order") {
			other.Tell([]board.Event{e})
			if rapid.Bool().Draw(rt, "again") {
				other.Digest(at(day(3)))
				other.Tell([]board.Event{e})
			}
		}
		if one.Digest(at(day(3))) != other.Digest(at(day(3))) {
			rt.Fatalf("the projects differ:\n%s", cmp.Diff(show(one.Picture(at(day(3))).Projects), show(other.Picture(at(day(3))).Projects)))
		}
		for _, p := range one.Picture(at(day(3))).Projects {
			if p.Confirmed > len(p.Partners) || len(p.Words) != len(p.Partners) {
				rt.Fatalf("%d of %d take part: %s", p.Confirmed, len(p.Partners), show(p))
			}
		}
	})
}

func drawProject(t *testing.T, rt *rapid.T) []board.Event {
	var pens []*pen
	for _, id := range []protocol.InstitutionID{centre, town, island, valley} {
		pens = append(pens, newPen(t, id))
	}
	versions := []board.Event{pens[0].write(projectOf(island, town)), pens[0].write(projectOf(island))}
	events, plans := slices.Clone(versions), []board.Event{}
	for range rapid.IntRange(1, 14).Draw(rt, "records") {
		p := rapid.SampledFrom(pens).Draw(rt, "author")
		of := rapid.SampledFrom(versions).Draw(rt, "version")
		e := board.Event{}
		switch what := rapid.IntRange(0, 4).Draw(rt, "what"); {
		case what == 0:
			if e = pens[0].correct(&versions[0], projectOf(island, valley)); rapid.IntRange(0, 5).Draw(rt, "retract") == 0 {
				e = pens[0].correct(&versions[0], nil)
			}
			versions = append(versions, e)
		case what == 1:
			e = p.write(within(plan(body.PlanDraft, "5"), &of))
			plans = append(plans, e)
		case what == 2 && len(plans) > 0:
			was := rapid.SampledFrom(plans).Draw(rt, "plan")
			p = pens[slices.IndexFunc(pens, func(p *pen) bool { return p.author == was.Record.Institution })]
			e = p.correct(&was, within(plan(body.PlanDraft, "6"), &of))
		default:
			e = p.part(&of, rapid.SampledFrom([]body.AcknowledgementState{body.Accepted, body.Refused, body.Read}).Draw(rt, "state"))
		}
		e.Void = rapid.IntRange(0, 9).Draw(rt, "void") == 0
		e.Competent = rapid.IntRange(0, 9).Draw(rt, "competent") > 0
		events = append(events, e)
	}
	return slices.Clip(events)
}

package federation_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// pooled is a regional body among two ministries and two towns. It is one of three stewards,
// of whom two sign, and registrar of the bodies above countries.
func pooled() federation.Plan {
	return federation.Plan{
		Network: "test",
		Nodes: [][]federation.Member{
			{member(capital, body.Ministry)},
			{member(hub, body.RegionalBody)},
			{member(ministry, body.Ministry)},
			{member(town, body.Municipality)},
			{member(neighbour, body.Municipality)},
		},
		Stewards:   []protocol.InstitutionID{hub, ministry},
		Registrars: map[protocol.InstitutionID][]string{capital: {"mk."}, ministry: {"rs."}, hub: {"int."}},
	}
}

// region is what its members have said, over which the regional body tries power.
type region struct {
	t   *testing.T
	n   *federation.Network
	dir string

	report, phase, hearing, request, offer desk.Published
}

func regionOf(t *testing.T) *region {
	t.Helper()
	n, dir := startIn(t, pooled())
	agree(t, n)
	r := &region{t: t, n: n, dir: dir}
	const place = "place=iso3166-2:MK-405"
	until := time.Now().AddDate(1, 0, 0).UTC().Format(time.RFC3339)
	r.report = r.publish(town, "report", place, "period=2015-11-03/2015-11-04", "figures.arrivals=960")
	r.phase = r.publish(town, "phase", place, "phase=response", "reason=more than there are places for")
	r.hearing = r.publish(capital, "consultation", "to="+string(town), "question=By arrivals?", "closes_at="+until)
	r.request = r.publish(town, "request", "to="+string(neighbour), "answer_by="+until, "deliver_to.place=iso3166-2:MK-405",
		"lines.0.line=1", "lines.0.type=blanket", "lines.0.unit=pieces", "lines.0.quantity=40")
	arrives(t, n, neighbour, r.request.Record)
	r.offer = r.answer(neighbour, r.request.Record, "offer", "lines.0.line=1", "lines.0.answers=1", "lines.0.type=blanket", "lines.0.unit=pieces", "lines.0.quantity=40")
	agree(t, n)
	return r
}

func (r *region) publish(as protocol.InstitutionID, kind string, set ...string) desk.Published {
	r.t.Helper()
	done, err := r.n.Node(as).Desk().Publish(r.t.Context(), desk.Request{As: as, Kind: kind, Set: set})
	if err != nil {
		r.t.Fatalf("%s: %s: %v", as, kind, err)
	}
	return done
}

func (r *region) answer(as protocol.InstitutionID, to protocol.Name, step string, set ...string) desk.Published {
	r.t.Helper()
	var done desk.Published
	await(r.t, r.n.Node(as), "it answers "+to.String(), func() (ok bool) {
		var err error
		done, err = r.n.Node(as).Desk().Answer(r.t.Context(), desk.AnswerRequest{As: as, Record: to.String(), Step: step, Set: set})
		return err == nil
	})
	return done
}

// forces writes a record of the regional body past its own desk, with its own key.
func (r *region) forces(recordType, members string) protocol.Name {
	r.t.Helper()
	d := draft(recordType, []byte(`{"salt":"AAECAwQFBgcICQoLDA0ODw==",`+members+`}`))
	d.Institution = hub
	said, err := r.n.Node(hub).Intake().Publish(r.t.Context(), d)
	if err != nil {
		r.t.Fatalf("%s: %v", recordType, err)
	}
	return said.Name
}

// rel is a member refs with one reference.
func rel(rel body.Relation, of desk.Published) string {
	return fmt.Sprintf(`"refs":[{"rel":%q,"record":%q,"digest":%q}]`, rel, of.Record, of.Digest)
}

// told is how a node shows a record, and why so.
type told func(at *node.Node, name protocol.Name) string

// stands tells the standing of the record itself.
func (r *region) stands(at *node.Node, name protocol.Name) string {
	shown, err := at.Desk().Show(r.t.Context(), name.String())
	if err != nil {
		return err.Error()
	}
	return shown.Record.Standing.String() + ": " + shown.Record.Reason
}

// verified tells why a stance on the report does not count.
func (r *region) verified(at *node.Node, name protocol.Name) string {
	shown, err := at.Desk().Show(r.t.Context(), r.report.Record.String())
	if err != nil {
		return err.Error()
	}
	i := slices.IndexFunc(shown.Record.Stances, func(e desk.EndorsementRow) bool { return e.Record == name })
	if i < 0 {
		return "not told"
	}
	return shown.Record.Stances[i].Ignored
}

// concluded tells whether an outcome is ignored as another's than who asked.
func (r *region) concluded(at *node.Node, name protocol.Name) string {
	h, err := at.Desk().Hearing(r.t.Context(), at.Institutions()[0], r.hearing.Record.String(), 0)
	switch {
	case err != nil:
		return err.Error()
	case h.Outcome != nil || h.State != board.ConsultationOpen:
		return "it is decided"
	case !slices.ContainsFunc(h.Ignored, func(o board.IgnoredOutcome) bool { return o.Record == name }):
		return "not told"
	}
	return "ignored: not who asked"
}

// admitted tells why an admission opens nothing.
func (r *region) admitted(at *node.Node, name protocol.Name) string {
	for _, refused := range at.Trust().Refused() {
		if refused.Record == name {
			return refused.Why
		}
	}
	return "not refused"
}

// A regional body convenes, endorses and keeps the directory. With its own key, past its own
// desk, it tries to put right, take back, erase, decide, answer, declare, warn, deal, admit
// and put out for others. On every node each of it has no effect and says why, and what the
// members said stands.
func TestRegionalBodyHasNoPowerOverMembersRecords(t *testing.T) {
	t.Parallel()
	r := regionOf(t)
	n, charter := r.n, r.n.Node(hub).Trust().CharterDigest().String()
	const place, reason, authorOnly, beyond = `"place":{"scheme":"iso3166-2","code":"MK-405"}`, `"reason":"we coordinate"`, "ignored: only its author corrects a record", "beyond competence"
	report := place + `,"period":{"start":"2015-11-03T00:00:00Z","end":"2015-11-04T00:00:00Z"},"figures":[{"indicator":"arrivals","value":1}]`
	key := protocol.KeyOf(keyFrom(9)).String()
	tries := []struct {
		what, recordType, members string
		see                       told
		want                      string
	}{
		{"puts a figure right", "vardar.situation.correction.v1", rel("corrects", r.report) + `,"action":"replace",` + reason + `,"replacement":{` + report + `}`, r.stands, authorOnly},
		{"takes a report back", "vardar.situation.correction.v1", rel("corrects", r.report) + `,"action":"retract",` + reason, r.stands, authorOnly},
		{"erases a report", "vardar.situation.erasure.v1", rel("erases", r.report) + "," + reason, r.stands, "only its author, or its author's registrar, takes a body back"},
		{"verifies a figure", "vardar.situation.endorsement.v1", rel("endorses", r.report) + `,"stance":"verify","basis":"registered","field":"arrivals","value":1`, r.verified, board.BeyondVerifying},
		{"closes a town's incident", "vardar.situation.phase.v1", place + `,"phase":"recovery",` + reason, r.stands, beyond},
		{"takes a phase back", "vardar.situation.correction.v1", rel("corrects", r.phase) + `,"action":"retract",` + reason, r.stands, authorOnly},
		{"decides a ministry's consultation", "vardar.policy.outcome.v1", `"thread":"` + r.hearing.Record.String() + `",` + rel("concludes", r.hearing) + `,"decision":"By residents."`, r.concluded, "ignored: not who asked"},
		{"answers a consultation", "vardar.policy.response.v1", `"thread":"` + r.hearing.Record.String() + `",` + rel("answers", r.hearing) + `,"position":"support","text":"yes"`, r.stands, beyond},
		{"takes a consultation back", "vardar.policy.correction.v1", rel("corrects", r.hearing) + `,"action":"retract",` + reason, r.stands, authorOnly},
		{"accepts what a town was offered", "vardar.resource.accept.v1", `"thread":"` + r.request.Record.String() + `",` + rel("answers", r.offer) + `,"lines":[{"line":1,"answers":1,"type":"blanket","unit":"pieces","quantity":40}]`, r.stands, beyond},
		{"sends an alert", "vardar.alert.warning.v1", `"identifier":"a1","sender":"hub","sent":"2016-03-17T10:00:00-00:00","status":"Actual","msgType":"Alert","scope":"Public"`, r.stands, beyond},
		{"admits a town", "vardar.trust.admission.v1", `"institution":"mk.southeast.friend","level":"municipality","feed_epoch":1,"claim":"` + key + `","expires":"2099-01-01T00:00:00Z","charter":"` + charter + `"`, r.admitted, "it admits mk.southeast.friend, whom mk.national.crisis-centre alone admits"},
		{"puts a town out", "vardar.trust.admission.v1", `"institution":"` + string(town) + `","level":"municipality","feed_epoch":2,"last":"unknown","reason":"we coordinate","charter":"` + charter + `"`, r.admitted, "it admits mk.southeast.south-gate, whom mk.national.crisis-centre alone admits"},
	}
	names := make([]protocol.Name, len(tries))
	for i, try := range tries {
		names[i] = r.forces(try.recordType, try.members)
	}
	agree(t, n)
	for i, try := range tries {
		for _, at := range n.Nodes() {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			if err := federation.Wait(ctx, at, func() bool { return strings.Contains(try.see(at, names[i]), try.want) }); err != nil {
				t.Fatalf("on %s, that it %s is told as %q, want %q", at.Institutions()[0], try.what, try.see(at, names[i]), try.want)
			}
			cancel()
		}
	}
	r.untouched()
}

// The desk of a regional body writes none of it, and says whose it is.
func TestDeskOfARegionalBodyRefusesPowerOverOthers(t *testing.T) {
	t.Parallel()
	r := regionOf(t)
	d, report := r.n.Node(hub).Desk(), r.report.Record.String()
	for what, try := range map[string]struct {
		act  func() error
		want string
	}{
		"puts a figure right": {func() error {
			_, err := d.Correct(t.Context(), desk.CorrectRequest{As: hub, Record: report, Reason: "we coordinate", Set: []string{"figures.arrivals=1"}})
			return err
		}, report + " is " + string(town) + "'s: only its author corrects it"},
		"takes a report back": {func() error {
			_, err := d.Correct(t.Context(), desk.CorrectRequest{As: hub, Record: report, Reason: "we coordinate", Retract: true})
			return err
		}, report + " is " + string(town) + "'s: only its author corrects it"},
		"verifies a figure": {func() error {
			_, err := d.Answer(t.Context(), desk.AnswerRequest{As: hub, Record: report, Step: "verify", Set: []string{"basis=registered"}})
			return err
		}, board.BeyondVerifying},
		"closes a town's incident": {func() error {
			_, err := d.Publish(t.Context(), desk.Request{As: hub, Kind: "phase", Set: []string{"place=iso3166-2:MK-405", "phase=recovery", "reason=over"}})
			return err
		}, "phase is beyond the competence of a regional_body"},
		"decides a ministry's consultation": {func() error {
			_, err := d.Publish(t.Context(), desk.Request{As: hub, Kind: "outcome", Set: []string{"thread=" + r.hearing.Record.String(), "decision=By residents."}})
			return err
		}, string(capital)},
		"speaks as a town": {func() error {
			_, err := d.Publish(t.Context(), desk.Request{As: town, Kind: "note", Set: []string{"text=we agree"}})
			return err
		}, string(town)},
		"admits a town": {func() error {
			_, err := d.Invite(t.Context(), desk.InviteRequest{As: hub, Institution: "mk.southeast.friend", Level: body.Municipality})
			return err
		}, "mk.southeast.friend is admitted by its registrar, mk.national.crisis-centre: ask there"},
		"puts a town out": {func() error {
			_, err := d.Close(t.Context(), desk.CloseRequest{As: hub, Institution: town, Reason: "we coordinate"})
			return err
		}, string(town) + " is admitted by its registrar, mk.national.crisis-centre: ask there"},
	} {
		if err := try.act(); err == nil || !strings.Contains(err.Error(), try.want) {
			t.Errorf("%s: %v, want a refusal with %q", what, err, try.want)
		}
	}
	agree(t, r.n)
	r.untouched()
}

// untouched wants what the members said to stand as they said it, on every node.
func (r *region) untouched() {
	r.t.Helper()
	for _, at := range r.n.Nodes() {
		id := at.Institutions()[0]
		for _, said := range []desk.Published{r.report, r.phase, r.hearing, r.request, r.offer} {
			if got := r.stands(at, said.Record); got != "counts: " {
				r.t.Errorf("on %s %s is shown as %q", id, said.Record, got)
			}
		}
		p := at.Picture(time.Now())
		if !slices.ContainsFunc(p.Figures, func(f board.Figure) bool { return f.Institution == town && f.Value == body.Exact(960) }) {
			r.t.Errorf("on %s the town's figure is not what it said", id)
		}
		for _, l := range p.Requests[0].Lines {
			if l.Ordered != 0 || l.Offered != 40 {
				r.t.Errorf("on %s the town's request is %+v", id, l)
			}
		}
		if m, ok := at.Trust().Member(town); !ok || m.Out {
			r.t.Errorf("on %s the town is no member", id)
		}
		if at.Trust().IsMember("mk.southeast.friend") {
			r.t.Errorf("on %s whom the regional body let in is a member", id)
		}
	}
}

// Nor does it write in a member's name, or the charter alone: a record under a key that is not
// its author's is dropped before it is held, and a version that one of three signed is not
// in force.
func TestRegionalBodyWritesInNobodysNameAndNoCharterAlone(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, pooled())
	agree(t, n)
	first := n.Node(hub).Trust().SignedCharter()
	said := say(t, n, town, "here is the town")
	for _, at := range n.Nodes() {
		arrives(t, n, at.Institutions()[0], said.Name)
	}
	grab := protocol.SignedCharter{Document: first.Document}
	c, err := protocol.ParseCharter(first.Document)
	if err != nil {
		t.Fatal(err)
	}
	digest := first.Digest()
	c.Version, c.Previous, c.MembersMay["regional_body"] = c.Version+1, &digest, []string{"vardar.*.*.*"}
	c.Stewards = slices.DeleteFunc(c.Stewards, func(s protocol.Steward) bool { return s.Institution != hub })
	c.Threshold = 1
	if grab.Document, err = json.Marshal(c); err != nil {
		t.Fatal(err)
	}
	signCharter(t, filepath.Join(dir, string(hub)), hub, &grab)
	told := publishCharter(t, n.Node(hub), grab)
	agree(t, n)
	for _, at := range n.Nodes() {
		arrives(t, n, at.Institutions()[0], told)
		if !inForce(at, first)() {
			t.Errorf("on %s the version that the regional body alone signed is in force", at.Institutions()[0])
		}
		if at.Trust().May(hub, body.TypePhase) {
			t.Errorf("on %s the regional body may declare phases", at.Institutions()[0])
		}
	}
	v := turnOf(t, n, dir, hub)
	forged := protocol.Record{
		Name: said.Name, Type: "vardar.situation.note.v1", Time: protocol.InstantOf(time.Now()), Handling: protocol.Green, Previous: said.Digest,
	}
	forged.Sequence++
	forged.SetBody(salted("the town agrees", 0))
	forged.Sign(keyFrom(9))
	if err = forged.Verify(); err != nil {
		t.Fatal(err) // its signature is good, and not the town's
	}
	if a := v.push(frameOf(t, forged)); len(a.Runs) != 1 || a.Runs[0].Outcome != protocol.Dropped {
		t.Errorf("what is written in the town's name is answered %+v, want dropped", a)
	}
	dropped, err := n.Node(capital).Desk().List(t.Context(), desk.Query{What: desk.ListDropped})
	if err != nil {
		t.Fatal(err)
	}
	if rows, ok := dropped.Rows.([]desk.DroppedRow); !ok || !slices.ContainsFunc(rows, func(d desk.DroppedRow) bool { return d.Peer == hub && d.Rule == "wrong_key" }) {
		t.Errorf("dropped: %+v, want what the regional body sent, and by which rule", dropped.Rows)
	}
	if n.Node(capital).Holds(forged.Name) {
		t.Error("the capital holds what the town did not write")
	}
	arrives(t, n, capital, say(t, n, town, "and goes on").Name)
}

// TestRegionalBodyConvenes: it asks members of two countries, who answer on their own nodes, and
// concludes with what became of each answer; every node shows the outcome, and one answer is missing.
func TestRegionalBodyConvenes(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, pooled())
	agree(t, n)
	r := &region{t: t, n: n, dir: dir}
	asked := r.publish(hub, "consultation", "to="+string(town)+","+string(ministry)+","+string(neighbour), "question=Shall the winter places be pooled?",
		"closes_at="+time.Now().AddDate(1, 0, 0).UTC().Format(time.RFC3339))
	var answers []protocol.Name
	for as, position := range map[protocol.InstitutionID]string{town: "support", ministry: "oppose"} {
		arrives(t, n, as, asked.Record)
		var done desk.Published
		await(t, n.Node(as), "it answers", func() bool {
			var err error
			done, err = n.Node(as).Desk().Publish(t.Context(), desk.Request{As: as, Kind: "response", Set: []string{"thread=" + asked.Record.String(), "position=" + position}})
			return err == nil
		})
		arrives(t, n, hub, done.Record)
		answers = append(answers, done.Record)
	}
	at := n.Node(hub).Desk()
	if _, err := at.Correct(t.Context(), desk.CorrectRequest{
		As: hub, Record: asked.Record.String(), Reason: "who wants to has answered", Set: []string{"closes_at=" + body.TimeOf(time.Now().Add(500*time.Millisecond)).String()},
	}); err != nil {
		t.Fatal(err)
	}
	var outcome desk.Published
	await(t, n.Node(hub), "it concludes", func() bool {
		set := []string{"thread=" + asked.Record.String(), "decision=They are pooled where the ministries agree."}
		for i, answer := range answers {
			set = append(set, fmt.Sprintf("considered.%d.response=%s", i, answer), fmt.Sprintf("considered.%d.consideration=partly", i), fmt.Sprintf("considered.%d.reason=one agrees, one does not", i))
		}
		var err error
		outcome, err = at.Publish(t.Context(), desk.Request{As: hub, Kind: "outcome", Set: set, Knowing: true})
		return err == nil
	})
	for _, id := range []protocol.InstitutionID{capital, ministry, town, neighbour} {
		arrives(t, n, id, outcome.Record)
		there := n.Node(id)
		await(t, there, "the outcome is shown", func() bool {
			h, err := there.Desk().Hearing(t.Context(), id, asked.Record.String(), 0)
			return err == nil && h.Outcome != nil && len(h.Answers) == 2 && len(h.Quiet) == 1
		})
	}
}

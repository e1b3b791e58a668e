package desk_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestMembersAreAsThisNodeKnewThemThen: who was invited, had taken it, was called what and was put out
// by the records that were held then; what came later moves nothing of it.
func TestMembersAreAsThisNodeKnewThemThen(t *testing.T) {
	w := solo(t)
	stands := func() protocol.Instant {
		at := protocol.InstantOf(w.clock.Now())
		w.clock.pass(time.Hour)
		return at
	}
	before := stands()
	invited := must(w.desk.Invite(t.Context(), desk.InviteRequest{Institution: river, Level: body.Municipality, ValidFor: 24 * time.Hour}))(t)
	asked := stands()
	w.host(gate)
	ok(t, w.links.Remove(t.Context(), gate))
	joined := stands()
	w.clock.pass(24 * time.Hour)
	w.say(gate, &body.Profile{Names: body.Names{"en": "Renamed"}, Level: body.Municipality, DutyContact: &body.Contact{Office: "Duty desk", Phone: "+389 34 2"}})
	first, _ := w.trust.Member(gate)
	key, proof := newKey(t, river, 9)
	must(w.desk.Admit(t.Context(), desk.AdmitRequest{Institution: river, Key: key, Proof: proof, Again: true}))(t)
	called := stands()
	must(w.desk.Close(t.Context(), desk.CloseRequest{Institution: gate, Reason: "merged", Successor: river}))(t)
	w.publish(desk.Request{Kind: "report", Set: []string{"summary=quiet"}})
	for _, tt := range []struct {
		what        string
		at          protocol.Instant
		river, gate desk.MemberState // empty: no member
		name, phone string           // of the gate
		members     int
		may, closed bool // the gate says something, was put out
	}{
		{what: "before anybody was asked", at: before, members: 1},
		{what: "one is invited", at: asked, river: desk.MemberInvited, members: 2},
		{what: "another has joined", at: joined, river: desk.MemberInvited, gate: desk.MemberIn, name: "demo-south-gate", members: 3, may: true},
		{what: "the invitation has run out", at: joined + protocol.Instant((25 * time.Hour).Milliseconds()) - 1, river: desk.MemberExpired, gate: desk.MemberIn, name: "demo-south-gate", members: 3, may: true},
		{what: "it has said its number", at: called, river: desk.MemberIn, gate: desk.MemberIn, name: "Renamed", phone: "+389 34 2", members: 3, may: true},
		{what: "now", river: desk.MemberIn, gate: desk.MemberOut, members: 3, closed: true},
	} {
		t.Run(tt.what, func(t *testing.T) {
			all := must(w.desk.Members(t.Context(), tt.at))(t)
			found := must(w.desk.Directory(t.Context(), "", 0, tt.at))(t)
			l := must(w.desk.List(t.Context(), desk.Query{What: desk.ListMembers, At: tt.at}))(t)
			if c := must(w.desk.Charter(t.Context(), tt.at))(t); len(all) != tt.members || found.Of != tt.members || l.Total != tt.members || c.Members != tt.members {
				t.Errorf("%d members, %d in the directory, %d in the list, %d by the charter, want %d", len(all), found.Of, l.Total, c.Members, tt.members)
			}
			for id, want := range map[protocol.InstitutionID]desk.MemberState{river: tt.river, gate: tt.gate} {
				i := slices.IndexFunc(all, func(m desk.Member) bool { return m.ID == id })
				if want == "" {
					_, err := w.desk.Member(t.Context(), id, tt.at)
					refused(t, err, desk.NotFound, string(id)+" was no member yet")
					_, err = w.desk.ShowAt(t.Context(), string(id), tt.at)
					refused(t, err, desk.NotFound, string(id)+" was no member yet")
					if i >= 0 {
						t.Errorf("%s is in the directory: %+v", id, all[i])
					}
					continue
				}
				if i < 0 || all[i].State != want {
					t.Errorf("%s is %+v, want %s", id, all, want)
				}
			}
			if tt.gate == "" {
				return
			}
			shown := must(w.desk.ShowAt(t.Context(), string(gate), tt.at))(t).Institution
			m, phone := shown.Member, ""
			if m.Duty != nil {
				phone = string(m.Duty.Phone)
			}
			if m.Names["en"] != tt.name || phone != tt.phone || (len(shown.May) > 0) != tt.may || (m.Closed != nil) != tt.closed {
				t.Errorf("the gate is %+v and may say %v", m, shown.May)
			}
			if !tt.closed && (m.NodeKey != first.NodeKey || m.IdentityKey != first.IdentityKey || m.Admission.IsZero()) {
				t.Errorf("the keys of the gate: %+v", m)
			}
		})
	}
	r := must(w.desk.Member(t.Context(), river, asked))(t)
	if r.Admission != invited.Admission || !r.IdentityKey.IsZero() || r.Expires != invited.Expires {
		t.Errorf("who was invited: %+v", r)
	}
	heads := func(at protocol.Instant) map[protocol.Topic]uint32 {
		out := map[protocol.Topic]uint32{}
		for _, f := range must(w.desk.ShowAt(t.Context(), string(gate), at))(t).Institution.Feeds {
			if f.Sequence > 0 {
				out[f.Topic] = f.Sequence
			}
		}
		return out
	}
	if then, later := heads(joined), heads(called); later[protocol.Trust] != then[protocol.Trust]+1 || len(then) != 1 {
		t.Errorf("its feeds were held up to %v, and then up to %v", then, later)
	}
}

// TestPagesOfMembersGoOnAsOfTheInstantThatWasAsked: as they are now, with who was heard when, where none was.
func TestPagesOfMembersGoOnAsOfTheInstantThatWasAsked(t *testing.T) {
	w := solo(t)
	w.host(gate)
	then := protocol.InstantOf(w.clock.Now())
	w.clock.pass(time.Hour)
	archive := &gone{Archive: w.options.Archive}
	o := w.options
	o.Archive = archive
	d := must(desk.New(o))(t)
	began := archive.through
	for _, tt := range []struct {
		at      protocol.Instant
		through int
		want    desk.MemberState // of the last member
	}{{0, 0, desk.MemberOut}, {then, 1, desk.MemberIn}} {
		q := desk.Query{What: desk.ListMembers, At: tt.at, Limit: 1}
		first := must(d.List(t.Context(), q))(t)
		if tt.at == 0 {
			w.clock.pass(time.Hour)
			must(d.Close(t.Context(), desk.CloseRequest{Institution: gate}))(t)
		}
		q.At, q.Cursor = 0, first.Next
		rows := must(d.List(t.Context(), q))(t).Rows.([]desk.Member)
		if len(rows) != 1 || rows[0].ID != gate || rows[0].State != tt.want || archive.through-began != tt.through {
			t.Errorf("at %s: %+v, and the archive was gone through %d times", tt.at, rows, archive.through-began)
		}
	}
}

// TestCharterIsAsThisNodeKnewItThen: a version that came later is neither in force at an earlier instant
// nor held, and whom it names is no member yet.
func TestCharterIsAsThisNodeKnewItThen(t *testing.T) {
	n := found(t, centre)
	w := n.open(t, centre, body.Ministry, false)
	before := protocol.InstantOf(w.clock.Now())
	w.clock.pass(time.Hour)
	key, proof := newKey(t, secretary, 9)
	p := paper(t, w, desk.CharterChange{Registrars: []desk.Founder{{Institution: secretary, Key: key, Proof: proof}}, Grant: map[string]protocol.InstitutionID{"int.": secretary}})
	ok(t, signedBy(t, n, centre, &p))
	must(w.desk.PublishCharter(t.Context(), desk.PublishCharterRequest{Paper: p}))(t)
	after := protocol.InstantOf(w.clock.Now())
	w.clock.pass(time.Hour)
	must(w.desk.AcceptCharter(t.Context(), desk.AcceptCharterRequest{Digest: p.Digest()}))(t)
	for _, tt := range []struct {
		at                         protocol.Instant
		version, versions, members int
	}{{before, 1, 1, 1}, {after, 2, 2, 2}, {0, 2, 2, 2}} {
		c := must(w.desk.Charter(t.Context(), tt.at))(t)
		if c.Version != tt.version || len(c.Versions) != tt.versions || c.Members != tt.members {
			t.Errorf("at %s: version %d of %d with %d members, want %+v", tt.at, c.Version, len(c.Versions), c.Members, tt)
		}
		m, err := w.desk.Member(t.Context(), secretary, tt.at)
		if tt.members == 1 {
			refused(t, err, desk.NotFound, string(secretary)+" was no member yet")
		} else if m.State != desk.MemberNamed {
			t.Errorf("at %s: %+v, %v, want whom the charter names", tt.at, m, err)
		}
	}
}

// BenchmarkDirectoryOfThen opens the directory of an earlier instant in a network of some hundred
// members that have reported for a week: for the first time, and as who reads on there.
func BenchmarkDirectoryOfThen(b *testing.B) {
	const members, days = 300, 7
	w := found(b, centre).open(b, centre, body.Ministry, false)
	for i := range members {
		id := protocol.InstitutionID(fmt.Sprintf("mk.southeast.demo-town-%d", i))
		ok(b, w.safe.Add(id))
		key, _ := w.safe.Public(id, protocol.UseIdentity)
		must(w.desk.Admit(b.Context(), desk.AdmitRequest{Institution: id, Level: body.Municipality, Key: key, Proof: must(w.safe.Proof(id, protocol.UseIdentity))(b)}))(b)
		w.introduce(id, body.Municipality)
		for range days {
			w.say(id, &body.SituationReport{Summary: "quiet"})
		}
	}
	then := protocol.InstantOf(w.clock.Now())
	w.clock.pass(time.Hour)
	look := func(at protocol.Instant) float64 {
		began := time.Now()
		if d := must(w.desk.Directory(b.Context(), "", 0, at))(b); d.Of != members+1 {
			b.Fatalf("%d members, want %d", d.Of, members+1)
		}
		return float64(time.Since(began).Microseconds()) / 1000
	}
	var first, on, now float64
	b.ResetTimer()
	for i := range b.N {
		first += look(then + protocol.Instant(i))
		on += look(then + protocol.Instant(i))
		now += look(0)
	}
	b.ReportMetric(first/float64(b.N), "first-ms")
	b.ReportMetric(on/float64(b.N), "on-ms")
	b.ReportMetric(now/float64(b.N), "now-ms")
}

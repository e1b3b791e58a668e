package desk_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// said gives the sentences of status about one thing.
func (w *world) said(what string) []string {
	w.t.Helper()
	var out []string
	for _, f := range must(w.desk.Status(w.t.Context()))(w.t).Verdict.Findings {
		if f.What == what {
			out = append(out, f.Said)
		}
	}
	return out
}

// newKey gives another identity key of an institution, with its proof.
func newKey(t *testing.T, id protocol.InstitutionID, seed byte) (protocol.Key, protocol.Signature) {
	t.Helper()
	safe := must(keys.Create(keys.Options{Dir: t.TempDir() + "/new", Rand: dice(seed)}, id))(t)
	key, _ := safe.Public(id, protocol.UseIdentity)
	return key, must(safe.Proof(id, protocol.UseIdentity))(t)
}

func TestCharterRemindsBeforeItExpiresAndStopsAdmissionsAlone(t *testing.T) {
	w := solo(t) // until 2016-11-03
	w.host(gate)
	w.clock.now = time.Date(2016, 8, 4, 0, 0, 0, 0, time.UTC)
	if got := w.said("charter"); len(got) != 0 {
		t.Errorf("91 days before = %q, want nothing", got)
	}
	w.clock.pass(48 * time.Hour)
	if got := w.said("charter"); len(got) != 1 || got[0] != "the charter expires on 2016-11-03T00:00:00Z, and nobody is admitted from then on" {
		t.Errorf("89 days before = %q, want a reminder", got)
	}
	w.clock.now = time.Date(2016, 11, 3, 0, 0, 1, 0, time.UTC)
	if got := w.said("charter"); len(got) != 1 || got[0] != "the charter expired on 2016-11-03T00:00:00Z: nobody is admitted" {
		t.Errorf("a second after = %q", got)
	}
	if c := must(w.desk.Charter(t.Context(), 0))(t); !c.Expired {
		t.Error("the charter is not shown as expired")
	}
	const want = "the charter expired on 2016-11-03T00:00:00Z: nobody is admitted until its stewards sign the next"
	key, proof := newKey(t, river, 9)
	_, err := w.desk.Admit(t.Context(), desk.AdmitRequest{Institution: river, Level: body.Municipality, Key: key, Proof: proof})
	refused(t, err, desk.Refused, want)
	_, err = w.desk.Invite(t.Context(), desk.InviteRequest{Institution: river, Level: body.Municipality})
	refused(t, err, desk.Refused, want)
	_, err = w.desk.Admit(t.Context(), desk.AdmitRequest{Institution: gate, Level: body.RegionalAuthority})
	refused(t, err, desk.Refused, want)
	// Records go on, of members admitted under it; so does putting one out, and the next version.
	p := w.publish(desk.Request{As: gate, Kind: "report", Set: []string{"summary=quiet"}})
	if got := must(w.desk.Show(t.Context(), p.Record.String()))(t).Record.Standing; got != board.Counts {
		t.Errorf("report under an expired charter: %s, want counts", got)
	}
	must(w.desk.Close(t.Context(), desk.CloseRequest{Institution: gate}))(t)
	paper(t, w, desk.CharterChange{Expires: time.Date(2018, 11, 3, 0, 0, 0, 0, time.UTC)})
}

func TestAnotherIdentityKeyIsAnnouncedForADay(t *testing.T) {
	w := solo(t)
	w.host(gate)
	if got := w.said("member"); len(got) != 0 {
		t.Fatalf("findings = %q, want none", got)
	}
	key, proof := newKey(t, gate, 9)
	must(w.desk.Admit(t.Context(), desk.AdmitRequest{Institution: gate, Key: key, Proof: proof, Again: true}))(t)
	want := string(gate) + " has another identity key, " + key.String()[:16] + "…, from trust epoch 2 on"
	announced := func(want ...string) {
		t.Helper()
		if got := w.said("member"); !slices.Equal(got, want) {
			t.Errorf("status says %q, want %q", got, want)
		}
		if m := must(w.desk.Member(t.Context(), gate, 0))(t); m.Announced != strings.Join(want, "") {
			t.Errorf("member show says %q, want %q", m.Announced, want)
		}
	}
	announced(want)
	w.clock.pass(24*time.Hour - time.Second)
	announced(want)
	w.clock.pass(time.Second)
	announced()
}

func TestWatchAnnouncesMembersOnce(t *testing.T) {
	w := solo(t)
	w.host(gate)
	w.host(river)
	key, proof := newKey(t, river, 9)
	must(w.desk.Admit(t.Context(), desk.AdmitRequest{Institution: river, Key: key, Proof: proof, Again: true}))(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var got []string
	for e, err := range w.desk.Watch(ctx, desk.WatchQuery{What: []string{desk.EventReady, desk.EventMember}}) {
		ok(t, err)
		got = append(got, string(e.Institution)+" "+e.Said)
		switch len(got) {
		case 1:
			key, proof = newKey(t, gate, 8)
			must(w.desk.Admit(t.Context(), desk.AdmitRequest{Institution: gate, Key: key, Proof: proof, Again: true}))(t)
		case 2:
			w.publish(desk.Request{Kind: "report", Set: []string{"summary=quiet"}})
			must(w.desk.Close(t.Context(), desk.CloseRequest{Institution: gate, Successor: river}))(t)
		case 3:
			cancel()
		}
	}
	want := []string{
		" watching",
		string(gate) + " " + string(gate) + " has another identity key, " + key.String()[:16] + "…, from trust epoch 2 on",
		string(gate) + " " + string(gate) + " was closed by its registrar: nothing is exchanged with it; " + string(river) + " goes on in its place",
	}
	if !slices.Equal(got, want) {
		t.Errorf("events = %q, want %q", got, want)
	}
}

func TestClosedMemberComesBackInTheNextEpoch(t *testing.T) {
	w := solo(t)
	w.host(gate)
	closed := must(w.desk.Close(t.Context(), desk.CloseRequest{Institution: gate, Reason: "closed in error"}))(t)
	if m := must(w.desk.Member(t.Context(), gate, 0))(t); m.State != desk.MemberOut || m.Closed == nil || m.Closed.By != closed.Published.Record {
		t.Fatalf("closed member = %+v", m)
	}
	must(w.desk.Invite(t.Context(), desk.InviteRequest{Institution: gate}))(t)
	if _, _, open := w.trust.ClaimKey(gate); !open {
		t.Error("nobody lets its invitation in")
	}
	if m := must(w.desk.Member(t.Context(), gate, 0))(t); m.State != desk.MemberInvited || m.Closed != nil || m.Level != "municipality" {
		t.Errorf("invited again = %+v", m)
	}
	key, proof := newKey(t, gate, 9)
	must(w.desk.Admit(t.Context(), desk.AdmitRequest{Institution: gate, Key: key, Proof: proof, Again: true}))(t)
	o, ok := w.trust.Current(protocol.Feed{Institution: gate, Topic: protocol.Trust})
	if m := must(w.desk.Member(t.Context(), gate, 0))(t); m.State != desk.MemberIn || m.IdentityKey != key || !ok || o.Epoch != 4 {
		t.Errorf("admitted again = %+v in epoch %d", m, o.Epoch)
	}
	must(w.desk.Close(t.Context(), desk.CloseRequest{Institution: gate}))(t)
	if m := must(w.desk.Member(t.Context(), gate, 0))(t); m.State != desk.MemberOut {
		t.Errorf("closed a second time = %+v", m)
	}
}

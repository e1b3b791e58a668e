package desk_test

import (
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

func TestInvitationNamesEverythingANewcomerNeeds(t *testing.T) {
	w := solo(t)
	got := must(w.desk.Invite(t.Context(), desk.InviteRequest{Institution: gate, Level: body.Municipality}))(t)
	inv := must(protocol.ParseInvitation(got.Line))(t)
	if inv.Institution != gate || inv.Registrar != centre || inv.Listener != centre || inv.Charter != w.trust.CharterDigest() ||
		inv.ListenerKey != w.options.LinkKey || inv.Addresses[0] != "node.example.org:4222" || !inv.Expires.Equal(w.clock.Now().Add(7*24*time.Hour)) {
		t.Errorf("invitation = %+v", inv)
	}
	claim, expires, open := w.trust.ClaimKey(gate)
	if !open || claim != protocol.KeyOf(inv.Claim) || expires != got.Expires {
		t.Errorf("ClaimKey() = %s, %s, %t", claim, expires, open)
	}
	r := must(w.desk.Record(t.Context(), got.Admission, protocol.Digest{}))(t)
	if identity, _ := w.safe.Public(centre, protocol.UseIdentity); r.Key != identity || r.Type != body.TypeAdmission {
		t.Errorf("admission is a %s signed by %s, want the identity key's", r.Type, r.Key)
	}
	// The link is agreed beforehand, so that the newcomer's own proposal needs nobody.
	if c, known, err := w.links.Config(gate); err != nil || !known || c.Offered == nil || len(c.Offered.Ours.Groups) != 1 {
		t.Errorf("link with %s = %+v, %t, %v", gate, c, known, err)
	}
	m := must(w.desk.Member(t.Context(), gate, 0))(t)
	if m.State != desk.MemberInvited || m.Level != "municipality" || m.Registrar != centre || m.Expires != got.Expires {
		t.Errorf("member = %+v", m)
	}
	w.clock.pass(8 * 24 * time.Hour)
	if m := must(w.desk.Member(t.Context(), gate, 0))(t); m.State != desk.MemberExpired {
		t.Errorf("state after a week = %s", m.State)
	}
}

func TestWhoCannotBeAdmittedIsRefused(t *testing.T) {
	w := solo(t)
	must(w.desk.Invite(t.Context(), desk.InviteRequest{Institution: gate, Level: body.Municipality}))(t)
	tests := []struct {
		name string
		r    desk.InviteRequest
		kind desk.Kind
		want string
	}{
		{"no ID", desk.InviteRequest{Institution: "Gevgelija", Level: body.Municipality}, desk.Usage, "institution: "},
		{"no level", desk.InviteRequest{Institution: river}, desk.Usage, "level: say at which level it is: want one of municipality, region, ministry"},
		{"nobody's prefix", desk.InviteRequest{Institution: "rs.pcinjski.demo-south-valley", Level: body.Municipality}, desk.NotPermitted, "the charter names no registrar for rs.pcinjski.demo-south-valley"},
		{"twice", desk.InviteRequest{Institution: gate, Level: body.Municipality}, desk.Refused, string(gate) + " was invited by " + string(centre) + "/trust.1.10 already, until 2015-11-10T09:00:00.000Z"},
		{"the charter's own", desk.InviteRequest{Institution: centre, Level: body.Ministry}, desk.Refused, "the charter itself names " + string(centre) + " and its key"},
		{"for a second", desk.InviteRequest{Institution: river, Level: body.Municipality, ValidFor: time.Second}, desk.Usage, "valid_for: 1s is not between a minute and 90 days"},
		{"at no address", desk.InviteRequest{Institution: river, Level: body.Municipality, Addresses: []string{"example.org"}}, desk.Refused, "a: address is not host:port"},
		{"as another", desk.InviteRequest{As: gate, Institution: river, Level: body.Municipality}, desk.NotPermitted, "this node does not write for " + string(gate)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := w.intake.Counts().Published
			_, err := w.desk.Invite(t.Context(), tt.r)
			refused(t, err, tt.kind, tt.want)
			if w.intake.Counts().Published != before {
				t.Error("an admission was written")
			}
		})
	}
	t.Run("after the charter has expired", func(t *testing.T) {
		w.clock.pass(366 * 24 * time.Hour)
		_, err := w.desk.Invite(t.Context(), desk.InviteRequest{Institution: river, Level: body.Municipality})
		refused(t, err, desk.Refused, "the charter expired on 2016-11-03T00:00:00Z: nobody is admitted until its stewards sign the next")
		// Records go on: expiry judges none.
		w.publish(desk.Request{Kind: "report", Set: []string{"summary=quiet"}})
	})
}

func TestNodeThatListensNowhereInvitesNobody(t *testing.T) {
	w := solo(t)
	w.options.Addresses = nil
	w.desk = must(desk.New(w.options))(t)
	_, err := w.desk.Invite(t.Context(), desk.InviteRequest{Institution: gate, Level: body.Municipality})
	refused(t, err, desk.Refused, "addresses: this node listens nowhere, so nobody could join at it")
	got := must(w.desk.Invite(t.Context(), desk.InviteRequest{Institution: gate, Level: body.Municipality, Addresses: []string{"hub.example.org:4222"}}))(t)
	if got.Addresses[0] != "hub.example.org:4222" {
		t.Errorf("addresses = %v", got.Addresses)
	}
}

func TestRegistrarOfAnotherNodeIsNamed(t *testing.T) {
	n := found(t, centre, secretary)
	w := n.open(t, secretary, body.RegionalBody, false)
	_, err := w.desk.Invite(t.Context(), desk.InviteRequest{Institution: gate, Level: body.Municipality})
	refused(t, err, desk.NotPermitted, string(gate)+" is admitted by its registrar, "+string(centre)+": ask there")
}

func TestInstitutionIsAdmittedByKeyAndProof(t *testing.T) {
	w := solo(t)
	newcomer := must(keys.Create(keys.Options{Dir: t.TempDir() + "/new", Rand: dice(7)}, gate))(t)
	key, _ := newcomer.Public(gate, protocol.UseIdentity)
	r := desk.AdmitRequest{Institution: gate, Level: body.Municipality, Key: key, Proof: must(newcomer.Proof(gate, protocol.UseIdentity))(t)}
	other := r
	other.Institution = river // the proof is for the gate
	_, err := w.desk.Admit(t.Context(), other)
	refused(t, err, desk.Refused, "proof: proof of possession was not made by the key it names: the newcomer prints key and proof together: vardar init "+string(river)+" --keys-only")
	must(w.desk.Admit(t.Context(), r))(t)
	m := must(w.desk.Member(t.Context(), gate, 0))(t)
	if m.State != desk.MemberIn || m.IdentityKey != key {
		t.Errorf("member = %+v", m)
	}
	_, err = w.desk.Admit(t.Context(), r)
	refused(t, err, desk.Refused, string(gate)+" is in the network already (member)")
}

func TestMembersAndCharterAreShown(t *testing.T) {
	w := market(t)
	l := must(w.desk.List(t.Context(), desk.Query{What: desk.ListMembers, By: "mk.southeast."}))(t)
	rows := l.Rows.([]desk.Member)
	if len(rows) != 2 || rows[0].ID != river || !rows[0].Own || rows[0].Names["en"] != "demo-river-town" {
		t.Errorf("members of mk.southeast. = %+v", rows)
	}
	_, err := w.desk.Member(t.Context(), secretary, 0)
	refused(t, err, desk.NotFound, string(secretary)+" is no member of Test network (try: vardar member list)")
	c := must(w.desk.Charter(t.Context(), 0))(t)
	if c.Network != "Test network" || c.Members != 3 || c.Digest != w.trust.CharterDigest() || !strings.Contains(string(c.Document), `"threshold":1`) {
		t.Errorf("charter = %+v", c)
	}
}

package desk_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// office is an institution of a level, with a prefix under which it admits, or without.
type office struct {
	id     protocol.InstitutionID
	level  body.Level
	prefix string // empty: it is no registrar
}

// chancery is a node with two institutions of each level: one that the charter makes the registrar
// of a prefix, and one that admits nobody.
func chancery(t *testing.T) (c *council, offices []office) {
	t.Helper()
	n := found(t, centre)
	var charter protocol.Charter
	ok(t, json.Unmarshal(n.charter.Document, &charter))
	safe := n.safes[centre]
	for _, l := range body.Levels() {
		word := strings.ReplaceAll(l.String(), "_", "-")
		o := office{protocol.InstitutionID("mk.office.demo-" + word), l, "mk." + word + "."}
		ok(t, safe.Add(o.id))
		key, _ := safe.Public(o.id, protocol.UseIdentity)
		charter.Registrars = append(charter.Registrars, protocol.Registrar{Institution: o.id, Prefixes: []string{o.prefix}, Key: key, Proof: must(safe.Proof(o.id, protocol.UseIdentity))(t)})
		offices = append(offices, o, office{protocol.InstitutionID("mk.plain.demo-" + word), l, ""})
	}
	n.charter = protocol.SignedCharter{Document: must(json.Marshal(charter))(t)}
	ok(t, safe.SignCharter(t.Context(), centre, &n.charter))
	c = &council{world: n.open(t, centre, body.Ministry, false)}
	for _, o := range offices {
		if o.prefix == "" {
			c.hostAt(o.id, o.level)
			continue
		}
		c.introduce(o.id, o.level)
		c.options.Institutions = append(c.options.Institutions, o.id)
	}
	c.desk = must(desk.New(c.options))(t)
	c.news = must(c.desk.Source().Events(t.Context(), "", func(string) bool { return false }))(t).Next
	return c, offices
}

// TestWhoMayWriteTrustByLevelAndPrefix: every kind of the trust topic by an institution of every
// level, a registrar and none: it admits and closes under its own prefix alone, at its own desk and
// past it, by the rule of [protocol.Charter.RegistrarOf] that trust itself goes by. Of itself
// everybody writes, and a charter whoever carries it: what counts is who signed it.
func TestWhoMayWriteTrustByLevelAndPrefix(t *testing.T) {
	c, offices := chancery(t)
	rule := c.trust.Charter()
	judged := map[string]int{}
	for i, by := range offices {
		for _, recordType := range body.Types() {
			if topic := must(protocol.TypeTopic(recordType))(t); topic != protocol.Trust {
				continue
			}
			if recordType != body.TypeAdmission {
				judged[recordType]++
				c.carries(t, by, recordType)
				continue
			}
			for j, under := range []string{by.prefix, offices[(i+2-i%2)%len(offices)].prefix, "rs.nobody."} {
				if under == "" {
					continue
				}
				whom := protocol.InstitutionID(fmt.Sprintf("%stown-%d-%d", under, i, j))
				registrar, _ := rule.RegistrarOf(whom)
				judged[recordType]++
				t.Run(fmt.Sprintf("%s admits and closes %s", by.id, whom), func(t *testing.T) { c.admits(t, by, whom, registrar) })
			}
		}
	}
	for _, recordType := range body.Types() {
		if strings.HasPrefix(recordType, "vardar.trust.") && judged[recordType] < len(offices) {
			t.Errorf("%s was judged of %d institutions", recordType, judged[recordType])
		}
	}
}

// admits has an institution admit another and put it out, at its own desk and past it.
func (c *council) admits(t *testing.T, by office, whom, registrar protocol.InstitutionID) {
	t.Helper()
	may := by.id == registrar
	if own := by.prefix != "" && whom.Under(by.prefix); own != may {
		t.Fatalf("by the charter the registrar is %q", registrar)
	}
	forged := c.say(by.id, c.admission(whom, false))
	if _, in := c.trust.Member(whom); in != may {
		t.Errorf("past its desk: %s is a member: %t", whom, in)
	}
	c.stands(t, forged, may)
	_, err := c.desk.Invite(t.Context(), desk.InviteRequest{As: by.id, Institution: whom, Level: body.Municipality, Again: true})
	if (err == nil) != may {
		t.Errorf("its desk: %v, want it admitted: %t", err, may)
	}
	_, err = c.desk.Close(t.Context(), desk.CloseRequest{As: by.id, Institution: whom, DryRun: true})
	if (err == nil) != may {
		t.Errorf("its desk: %v, want it closed: %t", err, may)
	}
	if registrar != "" && !may {
		must(c.desk.Invite(t.Context(), desk.InviteRequest{As: registrar, Institution: whom, Level: body.Municipality}))(t)
	}
	closing := c.say(by.id, c.admission(whom, true))
	if m, _ := c.trust.Member(whom); registrar != "" && m.Out != may {
		t.Errorf("past its desk: %s is out: %t", whom, m.Out)
	}
	c.stands(t, closing, may)
}

// admission is one for a claim key, or one that closes what was admitted last.
func (c *council) admission(whom protocol.InstitutionID, closes bool) *body.Admission {
	c.t.Helper()
	a := &body.Admission{Institution: whom, Level: body.Municipality, FeedEpoch: 1, Charter: c.trust.CharterDigest()}
	if newest := c.trust.Newest(protocol.Feed{Institution: whom, Topic: protocol.Trust}); len(newest) > 0 {
		a.FeedEpoch = body.Positive(newest[0].Epoch + 1)
	} else if closes {
		a.FeedEpoch = 2
	}
	if a.FeedEpoch > 1 {
		a.Last = &protocol.Last{Unknown: true}
	}
	if !closes {
		a.Claim, _ = c.safe.Public(centre, protocol.UseIdentity)
		a.Expires = body.TimeOf(c.clock.Now().AddDate(0, 0, 1))
	}
	return a
}

// carries has an institution write what every member writes: of itself, or a charter.
func (c *council) carries(t *testing.T, by office, recordType string) {
	t.Helper()
	before := c.trust.CharterInForce().Digest
	var says body.Body
	switch recordType {
	case body.TypeCharter:
		signed := c.trust.SignedCharter()
		var next protocol.Charter
		ok(t, json.Unmarshal(signed.Document, &next))
		digest := signed.Digest()
		next.Version, next.Previous = next.Version+1, &digest
		signed = protocol.SignedCharter{Document: must(json.Marshal(next))(t), Signatures: signed.Signatures} // of the version before
		says = body.CharterRecordOf(signed)
		_, err := c.desk.PublishCharter(t.Context(), desk.PublishCharterRequest{As: by.id, Paper: desk.CharterPaper{SignedCharter: signed}})
		if err == nil {
			t.Errorf("%s publishes a charter that no steward signed", by.id)
		}
	case body.TypeKey:
		says = c.key(by.id, protocol.UseLink)
	case body.TypeProfile:
		says = &body.Profile{Names: body.Names{"en": body.Label(by.id.LocalName())}, Level: by.level}
	default:
		t.Fatalf("nobody says who may write %s", recordType)
	}
	c.stands(t, c.say(by.id, says), true)
	if c.trust.CharterInForce().Digest != before {
		t.Errorf("%s puts a charter in force that no steward signed", by.id)
	}
}

// stands wants a record to be shown as what its author may say, or not, and to wake so.
func (c *council) stands(t *testing.T, n protocol.Name, may bool) {
	t.Helper()
	if shown := must(c.desk.Show(t.Context(), n.String()))(t).Record; (shown.Standing == board.BeyondCompetence) == may {
		t.Errorf("%s is shown as %s: %s", n, shown.Standing, shown.Reason)
	}
	if e := c.told(t, n); (e.Beyond == "") != may || !may && !e.Idle {
		t.Errorf("%s wakes: %t, being %q, want it allowed: %t", n, !e.Idle, e.Beyond, may)
	}
}

package desk_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// mayWrite is domain.md §4, "Who may say what", of all topics but trust: the levels whose word
// on a kind counts. A level with @own has that for its own territory alone. Where a kind has
// another row under one topic, the topic stands before it.
func mayWrite() map[string]string {
	const (
		all         = "municipality region ministry ngo international_organisation donor regional_body"
		members     = "municipality region ministry ngo international_organisation donor"
		authorities = "region ministry"
		local       = "municipality " + authorities
		givers      = "region ministry international_organisation donor"
	)
	rows := map[string]string{
		"situation.report": members, "needs": members, // wherever they are: two voices about one place are what contradictions and verification are for
		"route": "municipality@own " + authorities, "phase": "municipality@own region@own ministry@own", "warning": "region@own ministry@own",
		"practice": all, "witness": authorities + " regional_body",
		"consultation": authorities + " regional_body", "outcome": authorities + " regional_body", "response": members,
		"strategy": "municipality " + authorities + " regional_body", "project": "municipality " + authorities + " regional_body",
		"plan": authorities, "pledge": givers, "commit": givers, "pay": givers, "cancel": givers, "receive": members, "report": members,
		"note": all, "correction": all, "acknowledgement": all, "endorsement": all, "erasure": all,
		"regional": "regional_body",                            // a report that is added up of others'
		"verify":   "municipality@own region@own ministry@own", // an endorsement, by the place of what it is on
	}
	for _, kind := range []string{
		"capacity", "request", "offer", "accept", "decline", "commit", "status", "ask_status", "extend", "extend_reply",
		"recall", "recall_reply", "release", "returned", "consumed", "cancel",
	} {
		rows["resource."+kind] = members
	}
	return rows
}

// rowOf gives the row of a record type.
func rowOf(rows map[string]string, recordType string) (row string, there bool) {
	part := strings.Split(recordType, ".")
	if row, there = rows[part[1]+"."+part[2]]; !there {
		row, there = rows[part[2]]
	}
	return row, there
}

// judgedTopics are those that the table judges.
func judgedTopics() []protocol.Topic {
	all := protocol.Topics()
	return slices.DeleteFunc(all[:], func(t protocol.Topic) bool { return t == protocol.Trust })
}

// lets reports whether a row lets a level write, inside its territory or outside.
func lets(row string, l body.Level, inside bool) bool {
	words := strings.Fields(row)
	return slices.Contains(words, l.String()) || inside && slices.Contains(words, l.String()+"@own")
}

// council is a node with an institution of each level.
type council struct {
	*world
	of   map[body.Level]protocol.InstitutionID
	news string // up to where it was read
}

// told gives what duty is told of a record, which is the last.
func (c *council) told(t *testing.T, n protocol.Name) duty.Event {
	t.Helper()
	for {
		news := must(c.desk.Source().Events(t.Context(), c.news, func(string) bool { return true }))(t)
		if news.Next == c.news {
			t.Fatalf("nothing is told of %s", n)
		}
		c.news = news.Next
		for _, e := range news.Events {
			if e.Record == n {
				return e
			}
		}
	}
}

func convene(t *testing.T) *council {
	t.Helper()
	c := &council{world: solo(t), of: map[body.Level]protocol.InstitutionID{body.Ministry: centre}}
	c.hostAt(gate, body.Municipality)
	c.of[body.Municipality] = gate
	for _, l := range body.Levels() {
		if c.of[l] == "" {
			id := protocol.InstitutionID("mk.southeast.demo-" + strings.ReplaceAll(l.String(), "_", "-"))
			if l == body.RegionalBody {
				id = "mk.regional.demo-association" // in no region's reporting line
			}
			c.hostAt(id, l)
			c.of[l] = id
		}
	}
	c.say(gate, &body.Profile{Names: body.Names{"en": "South gate"}, Level: body.Municipality, Seat: &body.Place{Scheme: "iso3166-2", Code: "MK-405"}})
	c.news = must(c.desk.Source().Events(t.Context(), "", func(string) bool { return false }))(t).Next
	return c
}

// territory gives a place in the territory of the municipality, its region and its country,
// and one in that of none of them.
func territory() map[body.PlaceKey]bool {
	return map[body.PlaceKey]bool{{Scheme: "iso3166-2", Code: "MK-405"}: true, {Scheme: "iso3166-2", Code: "RS-24"}: false}
}

// example is a body of a kind that fits who says it, at a place, without its salt.
func (c *council) example(t *testing.T, recordType string, by body.Level, at body.PlaceKey) []byte {
	t.Helper()
	kind := strings.Split(recordType, ".")[2]
	files := must(filepath.Glob("../../schemas/testdata/bodies/" + recordType + "/valid-*.json"))(t)
	if len(files) == 0 {
		files = must(filepath.Glob("../../schemas/testdata/bodies/vardar.*." + kind + ".v1/valid-*.json"))(t)
	}
	if len(files) == 0 {
		t.Fatalf("schemas/testdata/bodies has no example of %s", recordType)
	}
	if recordType == body.TypeAlert {
		files = must(filepath.Glob("../../schemas/testdata/bodies/" + recordType + "/valid-every-member.json"))(t) // another cancels, and warns of nothing
	}
	var doc map[string]any
	ok(t, json.Unmarshal(must(os.ReadFile(files[0]))(t), &doc))
	delete(doc, "salt")
	for _, info := range list(doc["info"]) {
		for _, area := range list(info["area"]) {
			for _, code := range list(area["geocode"]) {
				code["valueName"], code["value"] = string(at.Scheme), at.Code
			}
		}
	}
	if own := map[body.Level]string{body.RegionalAuthority: "regional", body.Ministry: "national", body.RegionalBody: "supranational"}[by]; own != "" && doc["level"] != nil {
		doc["level"] = own // the example's is a municipality's
	}
	if refs, ok := doc["refs"].([]any); ok && body.IsErasure(recordType) {
		topic, _ := protocol.TypeTopic(recordType)
		refs[0].(map[string]any)["record"] = string(c.of[by]) + "/" + topic.String() + ".1.1" // an own one: of others' its registrar alone
	}
	doc["place"] = map[string]any{"scheme": at.Scheme, "code": at.Code}
	return must(json.Marshal(doc))(t)
}

// list gives the objects of a list; none of what is no list.
func list(of any) (out []map[string]any) {
	entries, _ := of.([]any)
	for _, e := range entries {
		if o, is := e.(map[string]any); is {
			out = append(out, o)
		}
	}
	return out
}

// TestWhoMayWriteWhatByLevelAndTerritory: every kind of the judged topics, by an institution
// of every level, inside its territory and outside, at its own desk and past it.
func TestWhoMayWriteWhatByLevelAndTerritory(t *testing.T) {
	c := convene(t)
	rows, judged := mayWrite(), 0
	for _, recordType := range body.Types() {
		topic := must(protocol.TypeTopic(recordType))(t)
		if !slices.Contains(judgedTopics(), topic) {
			continue
		}
		row, there := rowOf(rows, recordType)
		if !there {
			t.Errorf("no row says who may write %s", recordType)
			continue
		}
		for _, l := range body.Levels() {
			for place, in := range territory() {
				judged++
				t.Run(fmt.Sprintf("%s by a %s, inside %t", recordType, l, in), func(t *testing.T) { c.judges(t, recordType, l, place, lets(row, l, in)) })
			}
		}
	}
	judged += c.newcomer(t, rows)
	if judged < 900 {
		t.Errorf("%d cases were judged", judged)
	}
	c.verifies(t, rows["verify"])
	c.addsUp(t, rows["regional"])
}

// newcomer holds a municipality without a profile against the table, of which no territory is known: what nobody
// registered can be its own, what another municipality of its country did can't, and of figures, needs and stock
// each may speak wherever they are. It gives how many cases were judged.
func (c *council) newcomer(t *testing.T, rows map[string]string) (judged int) {
	t.Helper()
	c.hostAt("mk.east.demo-newcomer", body.Municipality)
	settled := c.of[body.Municipality]
	c.of[body.Municipality] = "mk.east.demo-newcomer"
	c.news = must(c.desk.Source().Events(t.Context(), c.news, func(string) bool { return false }))(t).Next
	for _, recordType := range body.Types() {
		row, there := rowOf(rows, recordType)
		if !there {
			continue
		}
		for place, own := range map[body.PlaceKey]bool{{Scheme: "iso3166-2", Code: "MK-602"}: true, {Scheme: "iso3166-2", Code: "MK-405"}: false, {Scheme: "iso3166-2", Code: "RS-24"}: false} {
			judged++
			t.Run(fmt.Sprintf("%s by a municipality without a profile, of %s", recordType, place), func(t *testing.T) {
				c.judges(t, recordType, body.Municipality, place, lets(row, body.Municipality, own))
			})
		}
	}
	phase := &body.Phase{Reason: "many come"}
	phase.Place, phase.Phase = &body.Place{Scheme: "iso3166-2", Code: "MK-405"}, body.Response
	n := c.say(c.of[body.Municipality], phase)
	for _, want := range []board.Standing{board.BeyondCompetence, board.Counts} { // before its profile came, and since
		if got := must(c.desk.Show(t.Context(), n.String()))(t).Record.Standing; got != want {
			t.Errorf("its phase is shown as %s, want %s", got, want)
		}
		c.say(c.of[body.Municipality], &body.Profile{Names: body.Names{"en": "Newcomer"}, Level: body.Municipality, Seat: phase.Place})
	}
	c.of[body.Municipality] = settled
	return judged
}

// addsUp has each level write a regional report, at its own desk and past it.
func (c *council) addsUp(t *testing.T, row string) {
	t.Helper()
	raw := []byte(protocol.SaltMember([16]byte{1}) + `,"period":{"start":"2015-11-03T00:00:00Z","end":"2015-11-04T00:00:00Z"},"summary":"quiet","regional":{"coverage":{"reported":0,"of":0}}}`)
	for _, l := range body.Levels() {
		_, err := c.desk.Publish(t.Context(), desk.Request{As: c.of[l], Kind: "report", Regional: &desk.RegionalAsk{}, Set: []string{"period=2015-11-03"}, DryRun: true})
		if beyond := err != nil && strings.Contains(err.Error(), "beyond the competence"); beyond == lets(row, l, true) {
			t.Errorf("a %s adds up: %v", l, err)
		}
		done := must(c.intake.Publish(t.Context(), intake.Draft{Institution: c.of[l], Type: body.TypeReport, Time: protocol.InstantOf(c.clock.Now()), Handling: protocol.Green, Body: raw}))(t)
		shown := must(c.desk.Show(t.Context(), done.String()))(t)
		if beyond := shown.Record.Standing == board.BeyondCompetence; beyond == lets(row, l, true) {
			t.Errorf("of a %s, past its desk, it is shown as %s", l, shown.Record.Standing)
		}
		if e := c.told(t, done.Name); e.Idle == lets(row, l, true) {
			t.Errorf("what a %s adds up wakes: %t", l, !e.Idle)
		}
	}
}

// judges holds the desk, and the picture of what goes past it, against the table.
func (c *council) judges(t *testing.T, recordType string, l body.Level, at body.PlaceKey, may bool) {
	t.Helper()
	doc := c.example(t, recordType, l, at)
	_, err := c.desk.Publish(t.Context(), desk.Request{As: c.of[l], Kind: recordType, Body: doc, DryRun: true})
	byHand := recordType != body.TypeWitness // which a node writes by itself
	if beyond := err != nil && strings.Contains(err.Error(), "beyond the competence"); byHand && beyond == may {
		t.Errorf("its desk: %v, want it allowed: %t", err, may)
	}
	raw := append([]byte(protocol.SaltMember([16]byte{1})+","), doc[1:]...)
	done := must(c.intake.Publish(t.Context(), intake.Draft{Institution: c.of[l], Type: recordType, Time: protocol.InstantOf(c.clock.Now()), Handling: protocol.Green, Body: raw}))(t)
	shown := must(c.desk.Show(t.Context(), done.String()))(t)
	if beyond := shown.Record.Standing == board.BeyondCompetence; beyond == may {
		t.Errorf("past its desk it is shown as %s, want it allowed: %t", shown.Record.Standing, may)
	}
	if e := c.told(t, done.Name); (e.Beyond == "") != may || !may && !e.Idle {
		t.Errorf("it wakes: %t, being %q, want it allowed: %t", !e.Idle, e.Beyond, may)
	}
}

// verifies has each level verify what another says of a place inside its territory, and of
// one outside, at its own desk and past it.
func (c *council) verifies(t *testing.T, row string) {
	t.Helper()
	for place, in := range territory() {
		report := c.reportAt(c.of[body.Donor], place.String(), 960)
		of, digest := report.Record.String(), must(c.desk.Show(t.Context(), report.Record.String()))(t).Record.Proof.Digest
		for _, l := range body.Levels() {
			if l == body.Donor { // whose record it is; and it is no authority
				continue
			}
			_, err := c.desk.Answer(t.Context(), desk.AnswerRequest{As: c.of[l], Record: of, Step: "verify", Set: []string{"basis=registered"}})
			var p *desk.Problem
			if beyond := errors.As(err, &p) && p.Detail == board.BeyondVerifying; beyond == lets(row, l, in) {
				t.Errorf("a %s verifies, inside %t: %v", l, in, err)
			}
			for _, stance := range []body.Stance{body.Verify, body.Confirm} {
				may := lets(row, l, in) || stance != body.Verify
				e := &body.Endorsement{Topic: protocol.Situation, Stance: stance, Basis: body.OnObservation}
				e.Refs = []body.Ref{{Rel: body.RelEndorses, Record: report.Record, Digest: digest}}
				n := c.say(c.of[l], e)
				if told := c.told(t, n); told.Idle == may || (told.Beyond == board.BeyondVerifying) == may {
					t.Errorf("that a %s says %s, inside %t, past its desk, wakes: %t, being %q", l, stance, in, !told.Idle, told.Beyond)
				}
				if shown := must(c.desk.Show(t.Context(), n.String()))(t).Record; (shown.Standing == board.BeyondCompetence) == may {
					t.Errorf("that a %s says %s, inside %t, past its desk, is shown as %s", l, stance, in, shown.Standing)
				}
			}
		}
	}
}

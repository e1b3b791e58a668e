package body_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// example reads the valid example of a type.
func example[T body.Body](t *testing.T, recordType, file string) T {
	t.Helper()
	b, err := body.Parse(recordType, read(t, filepath.Join(examples, recordType, file)))
	if err != nil {
		t.Fatal(err)
	}
	kind, ok := b.(T)
	if !ok {
		t.Fatalf("%s is a %T", file, b)
	}
	return kind
}

func TestFiguresAreExactOrBands(t *testing.T) {
	r := example[*body.SituationReport](t, body.TypeReport, "valid-every-member.json")
	type row struct {
		Indicator body.Indicator
		Unit      body.Label
		Text      string
		Low, High int64
	}
	var got []row
	for _, f := range r.Figures {
		low, high := f.Value.Range()
		got = append(got, row{f.Indicator, f.In(), f.Value.String(), low, high})
	}
	want := []row{
		{"arrivals", "persons", "2631", 2631, 2631},
		{"unaccompanied_children", "persons", "<5", 0, 4},
		{"capacity_free", "places", "0", 0, 0},
		{"x-lost-documents", "reports", "7", 7, 7},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if (body.Count{}).Equal(body.Exact(0)) || !(body.Count{}).IsZero() || body.Exact(0).IsZero() {
		t.Error("a count never set is not the count 0")
	}
	if n, ok := body.Below(5).Exact(); ok {
		t.Errorf("a band gave the exact number %d", n)
	}
}

func TestPlacesMeetBySchemeAndCode(t *testing.T) {
	route := example[*body.Route](t, body.TypeRoute, "valid-every-member.json")
	want := body.Place{Scheme: body.Shared, Code: "gr-mk:bogorodica-evzoni"}.Key()
	if route.Asset.Code != want || want.String() != "x:gr-mk:bogorodica-evzoni" {
		t.Errorf("asset.code = %s, want %s", route.Asset.Code, want)
	}
}

func TestAddresseesAreInstitutionsOrGroups(t *testing.T) {
	r := example[*body.SituationReport](t, body.TypeReport, "valid-every-member.json")
	if id, ok := r.To[0].Institution(); !ok || id != "mk.national.crisis-centre" {
		t.Errorf("to[0] = %s, %v", id, ok)
	}
	if _, ok := r.To[1].Institution(); ok {
		t.Error("a group is no institution")
	}
	if group, ok := r.To[1].Group(); !ok || group != "mk-southeast" {
		t.Errorf("to[1] = %s, %v", group, ok)
	}
}

func TestAReplacementIsAWholeBody(t *testing.T) {
	const correction = "vardar.situation.correction.v1"
	c := example[*body.Correction](t, correction, "valid-a-replacement.json")
	b, err := c.Replaced(body.TypeReport)
	if err != nil {
		t.Fatal(err)
	}
	report, ok := b.(*body.SituationReport)
	if !ok || report.Summary != "quiet, 12 arrivals" || report.Salt != c.Salt {
		t.Errorf("Replaced() = %+v", b)
	}
	document, err := body.ReplacementOf(report)
	if err != nil || string(document) != `{"summary":"quiet, 12 arrivals"}` {
		t.Errorf("ReplacementOf() = %s, %v", document, err)
	}
	var v *protocol.Violation
	c.Replacement = body.Document(`{ "figures":[{"indicator":"arrivals","value":"N/A"}]}`)
	if _, err := c.Replaced(body.TypeReport); !errors.As(err, &v) || v.Field != "replacement.figures[0].value" {
		t.Errorf("a replacement that does not fit: %v", err)
	}
	c.Replacement = body.Document(`{ }`)
	if _, err := c.Replaced(body.TypeRoute); !errors.As(err, &v) || v.Field != "replacement.asset" {
		t.Errorf("an empty replacement: %v", err)
	}
	for _, typ := range []string{body.TypeCapacity, correction, "nonsense"} {
		if _, err := c.Replaced(typ); !errors.Is(err, body.ErrReplacement) {
			t.Errorf("Replaced(%s) = %v, want %v", typ, err, body.ErrReplacement)
		}
	}
}

func TestKeysAreHeldAgainstTheirAuthor(t *testing.T) {
	const author = protocol.InstitutionID("mk.southeast.gevgelija")
	claim := protocol.KeyOf(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{3}, 32)))
	identity := example[*body.KeyRecord](t, body.TypeKey, "valid-a-newcomer-s-identity-key.json")
	node := example[*body.KeyRecord](t, body.TypeKey, "valid-the-second-epoch-of-a-feed.json")
	age := example[*body.KeyRecord](t, body.TypeKey, "valid-an-age-recipient.json")
	tests := []struct {
		name string
		got  error
		want error
	}{
		{"the author's identity key", identity.CheckProof(author), nil},
		{"the author's node key", node.CheckProof(author), nil},
		{"an age key proves nothing", age.CheckProof(author), nil},
		{"a key taken from another's record", node.CheckProof("mk.southeast.strumica"), protocol.ErrProof},
		{"the claim of the invitation", identity.CheckClaim(author, claim), nil},
		{"the claim of another invitation", identity.CheckClaim(author, protocol.Key{31: 1}), protocol.ErrProof},
		{"an identity claimed by another", identity.CheckClaim("mk.southeast.strumica", claim), protocol.ErrProof},
		{"a node key claims nothing", node.CheckClaim(author, claim), protocol.ErrProof},
		{"an age key claims nothing", age.CheckClaim(author, claim), body.ErrKeyUse},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !errors.Is(tt.got, tt.want) {
				t.Errorf("got %v, want %v", tt.got, tt.want)
			}
		})
	}
	if node.Last == nil || node.Last.Unknown || node.Last.Sequence != 42 {
		t.Errorf("last = %+v", node.Last)
	}
}

func TestACharterTravelsToTheByte(t *testing.T) {
	c := example[*body.CharterRecord](t, body.TypeCharter, "valid-a-charter-with-its-signature.json")
	signed := c.Signed()
	if _, err := signed.Verify(); err != nil {
		t.Fatal(err)
	}
	raw, err := body.Marshal(body.CharterRecordOf(signed), [16]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	b, err := body.Parse(body.TypeCharter, raw)
	if err != nil {
		t.Fatal(err)
	}
	again := b.(*body.CharterRecord).Signed()
	if again.Digest() != signed.Digest() {
		t.Errorf("digest %s, want %s", again.Digest(), signed.Digest())
	}
}

func TestAlertsReferEarlierMessages(t *testing.T) {
	a := example[*body.Alert](t, body.TypeAlert, "valid-a-cancel-without-info.json")
	want := []body.CAPReference{
		{Sender: "a", Identifier: "a1", Sent: "2016-03-17T08:00:00-00:00"},
		{Sender: "a", Identifier: "a2", Sent: "2016-03-17T09:00:00-00:00"},
	}
	if diff := cmp.Diff(want, a.References.Split()); diff != "" {
		t.Error(diff)
	}
}

func TestCAPWritesUniversalTimeWithAMinus(t *testing.T) {
	at := time.Date(2016, 3, 17, 9, 0, 0, 0, time.UTC)
	if got := body.CAPTimeOf(at); got != "2016-03-17T09:00:00-00:00" || !got.Time().Equal(at) {
		t.Errorf("CAPTimeOf() = %s, %s", got, got.Time())
	}
	east := at.In(time.FixedZone("", 3600))
	if got := body.CAPTimeOf(east); got != "2016-03-17T10:00:00+01:00" || !got.Time().Equal(at) {
		t.Errorf("CAPTimeOf() = %s, %s", got, got.Time())
	}
}

func TestTheNameIsGivenInTheReadersLanguage(t *testing.T) {
	p := example[*body.Profile](t, body.TypeProfile, "valid-every-member.json")
	for lang, want := range map[body.Language]body.Label{"mk": "Општина Гевгелија", "en": "Municipality of Gevgelija", "sq": "Municipality of Gevgelija"} {
		if got := p.NameIn(lang); got != want {
			t.Errorf("NameIn(%s) = %s, want %s", lang, got, want)
		}
	}
}

func TestALineAnswersTheSameNumberUnlessItSaysOtherwise(t *testing.T) {
	for _, tt := range []struct{ line, answers, want body.Positive }{{2, 0, 2}, {2, 1, 1}} {
		l := body.Line{Line: tt.line, Answers: tt.answers}
		if got := l.Answered(); got != tt.want {
			t.Errorf("Answered() = %d, want %d", got, tt.want)
		}
	}
}

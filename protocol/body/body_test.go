package body_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

const salted = `{"salt":"AAECAwQFBgcICQoLDA0ODw=="`

// examples lie beside the schemas, where other implementations find them too.
const examples = "../../schemas/testdata/bodies"

// rules gives the sentinels that examples name.
func rules() map[string]error {
	return map[string]error{
		"ErrVocabulary": body.ErrVocabulary, "ErrTextTooLong": body.ErrTextTooLong, "ErrText": body.ErrText,
		"ErrPattern": body.ErrPattern, "ErrRange": body.ErrRange, "ErrListLength": body.ErrListLength,
		"ErrTwice": body.ErrTwice, "ErrFigure": body.ErrFigure, "ErrQuantity": body.ErrQuantity,
		"ErrMoney": body.ErrMoney, "ErrUnit": body.ErrUnit, "ErrTime": body.ErrTime, "ErrPeriod": body.ErrPeriod,
		"ErrPlace": body.ErrPlace, "ErrRequired": body.ErrRequired, "ErrForbidden": body.ErrForbidden,
		"ErrReference": body.ErrReference, "ErrThread": body.ErrThread, "ErrResponse": body.ErrResponse,
		"ErrReplacement": body.ErrReplacement, "ErrAttachment": body.ErrAttachment, "ErrKeyUse": body.ErrKeyUse, "ErrCAP": body.ErrCAP,
		"ErrJSONMissing": protocol.ErrJSONMissing, "ErrJSONValue": protocol.ErrJSONValue,
		"ErrJSONTwice": protocol.ErrJSONTwice, "ErrJSONSyntax": protocol.ErrJSONSyntax,
		"ErrSalt": protocol.ErrSalt, "ErrBodyTooLong": protocol.ErrBodyTooLong,
		"ErrInstitution": protocol.ErrInstitution, "ErrName": protocol.ErrName, "ErrTopic": protocol.ErrTopic,
		"ErrSequence": protocol.ErrSequence, "ErrDigestText": protocol.ErrDigestText,
		"ErrSignatureText": protocol.ErrSignatureText, "ErrProof": protocol.ErrProof,
		"ErrKeySmallOrder": protocol.ErrKeySmallOrder, "ErrKeyText": protocol.ErrKeyText,
	}
}

func files(t testing.TB, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(examples, "*", pattern))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no examples %s: %v", pattern, err)
	}
	return paths
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func typeOf(path string) string { return filepath.Base(filepath.Dir(path)) }

// shared gives the word of what has the same body under each topic, such as a note; of the others the
// whole type.
func shared(recordType string) string {
	if word := strings.Split(recordType, ".")[2]; slices.Contains([]string{"note", "correction", "acknowledgement", "erasure", "endorsement"}, word) {
		return word
	}
	return recordType
}

func TestGoodBodiesAreRead(t *testing.T) {
	for _, path := range files(t, "valid-*.json") {
		t.Run(strings.TrimPrefix(path, examples), func(t *testing.T) {
			b, err := body.Parse(typeOf(path), read(t, path))
			if err != nil {
				t.Fatal(err)
			}
			if b.Type() != typeOf(path) {
				t.Errorf("Type() = %s, want %s", b.Type(), typeOf(path))
			}
		})
	}
}

func TestEachRuleIsRefusedWithFieldAndMend(t *testing.T) {
	broken, spoilt := map[string]bool{}, map[string]bool{}
	for _, path := range files(t, "invalid-*.json") {
		spoilt[shared(typeOf(path))] = true
		var e struct {
			Why, Rule, Field, Raw string
			Body                  json.RawMessage
		}
		if err := json.Unmarshal(read(t, path), &e); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		broken[e.Rule] = true
		t.Run(typeOf(path)+" "+e.Why, func(t *testing.T) {
			raw := []byte(e.Body)
			if e.Raw != "" {
				raw = []byte(e.Raw)
			}
			_, err := body.Parse(typeOf(path), raw)
			if want := rules()[e.Rule]; want == nil || !errors.Is(err, want) {
				t.Fatalf("Parse() = %v, want %s", err, e.Rule)
			}
			var v *protocol.Violation
			if !errors.As(err, &v) || v.Field != e.Field {
				t.Fatalf("field of %q, want %q", err, e.Field)
			}
			if v.Detail == "" {
				t.Errorf("%v names no mend", v)
			}
		})
	}
	for _, kind := range body.Types() {
		if !spoilt[shared(kind)] {
			t.Errorf("no example of %s is refused", shared(kind))
		}
	}
	for name := range rules() {
		if !broken[name] {
			t.Errorf("no example breaks %s", name)
		}
	}
}

func TestNotAvailableIsRefusedWithItsMend(t *testing.T) {
	_, err := body.Parse(body.TypeReport, []byte(salted+`,"figures":[{"indicator":"arrivals","value":"N/A"}]}`))
	const want = `figures[0].value: not a figure: "N/A": want a whole number from 0 to 1000000000000, or a band such as {"lt": 5}; if it is not known, leave the figure out, and say why in na`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestUnknownKindsAreToldFromBadBodies(t *testing.T) {
	for _, typ := range []string{
		"", "vardar.situation.report.v2", "vardar.situation.weather.v1", "vardar.trust.note.v1",
		"vardar.trust.correction.v1", "vardar.weather.report.v1", "vardar.resource.barter.v1", "vardar.situation.sealed.v1",
	} {
		if _, err := body.Parse(typ, []byte(salted+`}`)); !errors.Is(err, body.ErrUnknownKind) {
			t.Errorf("Parse(%q) = %v, want %v", typ, err, body.ErrUnknownKind)
		}
	}
}

func TestEveryTypeIsMadeAndSaysItsType(t *testing.T) {
	seen := map[string]bool{}
	for _, typ := range body.Types() {
		b, err := body.New(typ)
		if err != nil || b.Type() != typ || seen[typ] || b.Base() == nil {
			t.Errorf("New(%s) = %v, %v; listed before: %v", typ, b, err, seen[typ])
		}
		seen[typ] = true
	}
	if len(seen) != 39+6*5 {
		t.Errorf("%d types, want 39, and five under each of six topics", len(seen))
	}
}

func TestUnknownMembersAreNamedAndIgnored(t *testing.T) {
	b, err := body.Parse(body.TypeReport, []byte(salted+`,"summary":"quiet","weather":{"sky":"clear"},"na":[{"field":"deaths","reason":"no news","since":1}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"weather", "na[0].since"}, b.Base().Unknown); diff != "" {
		t.Error(diff)
	}
}

func TestBodiesAreWrittenSaltFirst(t *testing.T) {
	zero, fewer := body.Exact(0), body.Below(5)
	report := &body.SituationReport{
		Common:  body.Common{Place: &body.Place{Scheme: body.NUTS, Code: "EL4"}, Method: body.Relayed},
		Period:  &body.Period{Start: mustTime(t, "2015-11-09T00:00:00+02:00"), End: mustTime(t, "2015-11-09T22:00:00.250Z")},
		Summary: "<b>& „тихо“",
		Figures: []body.Figure{{Indicator: body.Departures, Value: zero}, {Indicator: body.Deaths, Value: fewer}},
	}
	raw, err := body.Marshal(report, [16]byte{15: 1})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"salt":"AAAAAAAAAAAAAAAAAAAAAQ==","place":{"scheme":"nuts","code":"EL4"},"method":"relayed",` +
		`"period":{"start":"2015-11-08T22:00:00Z","end":"2015-11-09T22:00:00.25Z"},"summary":"<b>& „тихо“",` +
		`"figures":[{"indicator":"departures","value":0},{"indicator":"deaths","value":{"lt":5}}]}`
	if string(raw) != want {
		t.Errorf("got  %s\nwant %s", raw, want)
	}
}

func TestWhatCannotBeReadIsNotWritten(t *testing.T) {
	report := &body.SituationReport{
		Common:  body.Common{Place: &body.Place{Scheme: body.NUTS, Code: "EL4"}},
		Period:  &body.Period{Start: 1, End: 2},
		Figures: []body.Figure{{Indicator: body.Arrivals}},
	}
	var v *protocol.Violation
	if _, err := body.Marshal(report, [16]byte{}); !errors.As(err, &v) || v.Field != "figures[0].value" {
		t.Errorf("a figure never set: %v", err)
	}
	if _, err := body.Marshal(&body.Note{Topic: protocol.Trust, Text: "a"}, [16]byte{}); !errors.Is(err, body.ErrUnknownKind) {
		t.Errorf("a note under trust: %v", err)
	}
}

func mustTime(t testing.TB, s string) body.Time {
	t.Helper()
	var at body.Time
	if err := at.UnmarshalText([]byte(s)); err != nil {
		t.Fatal(err)
	}
	return at
}

// FuzzParse wants no panic, a violation for everything refused, and of what is read that
// it can be written and read again to the same.
func FuzzParse(f *testing.F) {
	for _, path := range files(f, "valid-*.json") {
		f.Add(typeOf(path), read(f, path))
	}
	for _, typ := range body.Types() {
		f.Add(typ, []byte(salted+`}`))
	}
	f.Fuzz(func(t *testing.T, typ string, raw []byte) {
		b, err := body.Parse(typ, raw)
		if err != nil {
			var v *protocol.Violation
			if !errors.As(err, &v) {
				t.Fatalf("%v is no violation", err)
			}
			return
		}
		again, err := body.Marshal(b, b.Base().Salt)
		if err != nil {
			t.Fatalf("what was read can't be written: %v", err)
		}
		c, err := body.Parse(typ, again)
		if err != nil {
			t.Fatal(err)
		}
		twice, err := body.Marshal(c, c.Base().Salt)
		if err != nil || string(twice) != string(again) {
			t.Fatalf("written twice, differently: %v\n%s\n%s", err, again, twice)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	raw := []byte(salted + `,"place":{"scheme":"nuts","code":"EL4"},"period":{"start":"2016-03-17T09:00:00Z","end":"2016-03-18T09:00:00Z"},"figures":[{"indicator":"arrivals","value":12},{"indicator":"departures","value":500}],"summary":"quiet"}`)
	for b.Loop() {
		if _, err := body.Parse(body.TypeReport, raw); err != nil {
			b.Fatal(err)
		}
	}
}

// hostile are bodies of nearly the largest size, each made to cost as much as it can.
func hostile() map[string][2]string {
	many := func(n int, entry func(i int) string) string {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = entry(i)
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	return map[string][2]string{
		"addressees": {body.TypeReport, `,"summary":"a","to":` + many(18000, func(i int) string { return fmt.Sprintf(`"mk.a.b%d"`, i) }) + `}`},
		"languages":  {body.TypeProfile, `,"names":{"en":"a"},"level":"ngo","languages":` + many(16000, func(i int) string { return fmt.Sprintf(`"aa-b%d"`, i) }) + `}`},
		"figures": {body.TypeReport, `,"place":{"scheme":"nuts","code":"EL4"},"period":{"start":"2016-03-17T09:00:00Z","end":"2016-03-18T09:00:00Z"},"figures":` +
			many(3000, func(i int) string {
				return fmt.Sprintf(`{"indicator":"x-a%d","value":1,"unit":"a","by":{"age":"5-17"}}`, i)
			}) + `}`},
		"lists": {body.TypeReport, `,"summary":"a","x":` + many(130000, func(int) string { return `1` }) + `}`},
	}
}

// BenchmarkHostileBodies is to stay under 100 ms a body on two idle cores: it took
// seconds while expressions were compiled for each field and lists compared entry by
// entry.
func BenchmarkHostileBodies(b *testing.B) {
	for name, h := range hostile() {
		raw := []byte(salted + h[1])
		if len(raw) > protocol.MaxBodyBytes {
			b.Fatalf("%d bytes, want less than %d", len(raw), protocol.MaxBodyBytes)
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := body.Parse(h[0], raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestMendSaysWhatWouldFit covers what has a closed list, or two forms of which one is easily
// forgotten.
func TestMendSaysWhatWouldFit(t *testing.T) {
	for file, want := range map[string]string{
		"invalid-a-last-that-is-another-word.json": `"unknown"`,
		"invalid-a-feed-of-an-eighth-topic.json":   "knowledge",
	} {
		var bad struct {
			Body json.RawMessage `json:"body"`
		}
		if err := json.Unmarshal(read(t, filepath.Join(examples, body.TypeKey, file)), &bad); err != nil {
			t.Fatal(err)
		}
		if _, err := body.Parse(body.TypeKey, bad.Body); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want a mend that names %s", file, err, want)
		}
	}
}

package desk_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// packedOf gives the names of a pack's records, and whether a text stands anywhere in its files.
func packedOf(p *desk.Pack, text string) (records []string, there bool) {
	for i := range p.Records {
		records = append(records, p.Records[i].Record.String())
	}
	for _, f := range p.Packed {
		there = there || strings.Contains(string(f.Data), text)
	}
	return records, there
}

// TestPackHoldsWhatWasAskedFor: of an institution, of a period; with what leads from record to
// record, a witness, and what people did for who may read that; and nothing above the reader's mark.
func TestPackHoldsWhatWasAskedFor(t *testing.T) {
	w := market(t)
	first := w.publish(quiet())
	w.publish(desk.Request{As: river, Kind: "report", Set: []string{"summary=elsewhere"}})
	secret := quiet()
	secret.Set, secret.Handling = []string{"summary=not for all"}, protocol.Amber
	second := w.publish(secret)
	must(w.desk.Witness(t.Context()))(t)
	ask := func(q desk.PackRequest, ceiling protocol.Handling) *desk.Pack {
		t.Helper()
		p := must(w.desk.Pack(t.Context(), q, ceiling))(t)
		return &p
	}
	town := ask(desk.PackRequest{Institution: string(gate), Since: protocol.InstantOf(w.clock.Now())}, protocol.Red)
	got, elsewhere := packedOf(town, "elsewhere")
	if want := []string{first.Record.String(), second.Record.String()}; !slices.Equal(got[len(got)-2:], want) || elsewhere {
		t.Errorf("of the gate %q, want %q at the end; of the river's words: %v", got, want, elsewhere)
	}
	row := town.Records[len(town.Records)-1]
	if len(row.Witnessed) != 1 || row.Witnessed[0].By.Institution != centre {
		t.Errorf("witnessed %+v", row.Witnessed)
	}
	if _, there := packedOf(town, "not for all"); !there {
		t.Error("what a reader may read is not there")
	}
	if green := ask(desk.PackRequest{Institution: string(gate)}, protocol.Green); true {
		if _, there := packedOf(green, "not for all"); there {
			t.Error("what is above the reader's mark is there")
		}
		if last := green.Records[len(green.Records)-1]; !last.Hidden || last.File == "" {
			t.Errorf("it is told as %+v", last)
		}
	}
	if len(town.Files) != len(town.Packed)-1 || slices.ContainsFunc(town.Packed, func(f desk.EvidenceFile) bool { return f.Name == desk.PackActsName }) {
		t.Errorf("%d files listed of %d, or acts are there that nobody asked for", len(town.Files), len(town.Packed))
	}
	both := ask(desk.PackRequest{Until: protocol.InstantOf(w.clock.Now()) + 1, Acts: true}, protocol.Red)
	var acts desk.PackActs
	i := slices.IndexFunc(both.Packed, func(f desk.EvidenceFile) bool { return f.Name == desk.PackActsName })
	ok(t, json.Unmarshal(both.Packed[i].Data, &acts))
	if _, elsewhere := packedOf(both, "elsewhere"); !elsewhere || !slices.ContainsFunc(acts.Acts, func(a desk.AuditRow) bool { return a.On == first.Record.String() }) {
		t.Errorf("of the period: the river's words %v, acts %+v", elsewhere, acts.Acts)
	}
}

// TestPackOfNothingIsRefused: nobody gets all there is for having asked for nothing.
func TestPackOfNothingIsRefused(t *testing.T) {
	w := market(t)
	at := protocol.InstantOf(w.clock.Now())
	report := w.publish(quiet()).Record.String()
	for name, q := range map[string]desk.PackRequest{
		"nothing": {}, "no institution": {Institution: "Gevgelija!"}, "backwards": {Since: at, Until: at - 1},
		"no incident": {Incident: report}, "an incident in part": {Incident: report, Until: at}, "no record": {Incident: "!"},
	} {
		var p *desk.Problem
		if _, err := w.desk.Pack(t.Context(), q, protocol.Red); !errors.As(err, &p) || p.Kind != desk.Usage {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, q := range map[string]desk.PackRequest{"a period without a word": {Since: at + 1}, "with acts": {Until: 1, Acts: true}, "behind the last": {Institution: string(gate), After: 1 << 40}} {
		var p *desk.Problem
		if _, err := w.desk.Pack(t.Context(), q, protocol.Red); !errors.As(err, &p) || p.Kind != desk.NotFound || p.Detail != "of that no record is held here" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestPackOfAnySizeComesInParts: each record in one of them, in the order in which they were
// taken, and each part whole in itself; of an incident and of an institution.
func TestPackOfAnySizeComesInParts(t *testing.T) {
	w := market(t)
	opener := w.publish(desk.Request{As: centre, Kind: "phase", Body: json.RawMessage(
		`{"place":{"scheme":"iso3166-2","code":"MK-405"},"phase":"response","reason":"many come","valid_until":"2015-11-03T12:00:00Z"}`)}).Record.String()
	for range 5 {
		w.publish(desk.Request{As: gate, Kind: "note", Set: []string{"text=seen", "incident=" + opener}})
	}
	for name, q := range map[string]desk.PackRequest{"an incident": {Incident: opener}, "an institution": {Institution: string(gate)}, "all": {Until: protocol.InstantOf(w.clock.Now()) + 1}} {
		whole := must(w.desk.Pack(t.Context(), q, protocol.Red))(t)
		want, _ := packedOf(&whole, "")
		if len(want) < 6 || whole.Next != 0 {
			t.Fatalf("%s: %d records, and more behind place %d", name, len(want), whole.Next)
		}
		var got []string
		for q.Most = 2; ; {
			part := must(w.desk.Pack(t.Context(), q, protocol.Red))(t)
			told, _ := packedOf(&part, "")
			if part.After != q.After || len(told) == 0 || len(told) > 2 || (part.Next != 0) == (len(got)+len(told) == len(want)) {
				t.Fatalf("%s: behind place %d the part tells of %q, and the next begins behind %d", name, q.After, told, part.Next)
			}
			if _, there := packedOf(&part, `"vardar":"charter"`); !there && !slices.ContainsFunc(part.Packed, func(f desk.EvidenceFile) bool { return f.Name == "charter.json" }) {
				t.Errorf("%s: a part has no charter", name)
			}
			lacks := slices.ContainsFunc(part.Lacks, func(s string) bool { return strings.Contains(s, "one part of several") })
			if got = append(got, told...); !lacks {
				t.Errorf("%s: nothing says that it is a part: %q", name, part.Lacks)
			}
			if q.After = part.Next; q.After == 0 {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: the parts tell of %q, want %q", name, got, want)
		}
	}
	for _, most := range []int{-1, desk.MaxPackRecords + 1} {
		_, err := w.desk.Pack(t.Context(), desk.PackRequest{Institution: string(gate), Most: most}, protocol.Red)
		refused(t, err, desk.Usage, fmt.Sprintf("limit: %d is not within 1 to 2000: what is more comes in further parts", most))
	}
}

// TestPackHasWhatWasPlayedAndMarksIt: an auditor of a period sees exercises too, told apart.
func TestPackHasWhatWasPlayedAndMarksIt(t *testing.T) {
	w := market(t)
	flood := w.begin("Flood 1", "").Record.String()
	played, real := w.asks(flood, 300).Record, w.asks("", 20).Record
	p := must(w.desk.Pack(t.Context(), desk.PackRequest{Institution: string(gate)}, protocol.Red))(t)
	marks := map[protocol.Name]bool{}
	for i := range p.Records {
		marks[p.Records[i].Record] = p.Records[i].Exercise
	}
	if got, there := marks[played]; !there || !got {
		t.Errorf("what was played: there %v, marked %v", there, got)
	}
	if got, there := marks[real]; !there || got {
		t.Errorf("what is real: there %v, marked %v", there, got)
	}
	incident := must(w.desk.Pack(t.Context(), desk.PackRequest{Incident: flood}, protocol.Red))(t)
	if names, _ := packedOf(&incident, ""); slices.Contains(names, real.String()) || !slices.Contains(names, flood) {
		t.Errorf("the exercise is told by %q", names)
	}
}

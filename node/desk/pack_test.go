package desk_test

import (
	"encoding/json"
	"errors"
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
}

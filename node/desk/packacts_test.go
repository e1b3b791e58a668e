package desk_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/vardar-network/vardar/node/audit"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/protocol"
)

// rings has somebody woken because of a record, as duty keeps it.
func (w *world) rings(n protocol.Name) {
	w.t.Helper()
	state := fmt.Sprintf(`{"last":1,"wakings":[{"id":1,"rule":"pages","sent":"2015-11-03T08:00:00.000Z","events":[{"kind":"report","record":%q}],"messages":[]}]}`, n)
	ok(w.t, w.store.Private("duty").Put(w.t.Context(), []byte("state"), []byte(state)))
	w.options.Duty = must(duty.New(duty.Options{Kept: w.store.Private("duty"), Audit: audit.New(w.store.Private("audit"), w.clock.Now), Institution: centre, Clock: w.clock.Now, Rand: dice(102)}))(w.t)
	w.desk = must(desk.New(w.options))(w.t)
}

// TestPackTellsWhatWasDoneAboutOthersRecords: who was woken because of one and who has seen it, and what was answered to one, each act
// once; of what is about other records nothing.
func TestPackTellsWhatWasDoneAboutOthersRecords(t *testing.T) {
	w := market(t)
	theirs := w.reportAt(river, "iso3166-2:MK-405", 960).Record
	w.rings(theirs)
	if _, err := w.desk.SeenWaking(t.Context(), desk.WakingID{ID: 1}); err != nil {
		t.Fatal(err)
	}
	answer := must(w.desk.Answer(t.Context(), desk.AnswerRequest{As: gate, Record: theirs.String(), Step: "confirm", Set: []string{"basis=observed"}}))(t)
	other := w.reportAt(gate, "iso3166-2:MK-405", 900).Record
	acted := func(q desk.PackRequest) (out []string) {
		t.Helper()
		q.Acts = true
		p := must(w.desk.Pack(t.Context(), q, protocol.Red))(t)
		i := slices.IndexFunc(p.Packed, func(f desk.EvidenceFile) bool { return f.Name == desk.PackActsName })
		var acts desk.PackActs
		ok(t, json.Unmarshal(p.Packed[i].Data, &acts))
		ok(t, audit.Holds(acts.Acts))
		for i := range acts.Acts {
			out = append(out, acts.Acts[i].Act+" "+acts.Acts[i].On)
		}
		return out
	}
	got := acted(desk.PackRequest{Institution: string(river)})
	for _, want := range []string{"seen waking 1", "answer " + answer.Record.String()} {
		if n := len(slices.DeleteFunc(slices.Clone(got), func(s string) bool { return s != want })); n != 1 {
			t.Errorf("%q stands there %d times: %q", want, n, got)
		}
	}
	if slices.Contains(got, "publish "+other.String()) {
		t.Errorf("an act on another record is told: %q", got)
	}
}

package desk_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

func quiet() desk.Request {
	return desk.Request{As: gate, Kind: "report", Set: []string{"summary=quiet"}}
}

func TestRegistrarWitnessesOnceADayAndATownNever(t *testing.T) {
	w := market(t) // the centre is registrar, the towns are hosted with it
	first := must(w.desk.Witness(t.Context()))(t)
	if len(first) != 1 || first[0].Record.Institution != centre || first[0].Type != body.TypeWitness {
		t.Fatalf("witnessed %+v, want one record of the registrar", first)
	}
	w.clock.pass(desk.WitnessEvery - time.Minute)
	if again := must(w.desk.Witness(t.Context()))(t); len(again) != 0 {
		t.Errorf("witnessed again within the day: %+v", again)
	}
	w.clock.pass(2 * time.Minute)
	if next := must(w.desk.Witness(t.Context()))(t); len(next) != 1 {
		t.Errorf("a day later: %+v, want one more", next)
	}
}

func TestWitnessStatesTheHaveThatItsNodeHolds(t *testing.T) {
	w := market(t)
	w.publish(quiet())
	groups := map[protocol.Group]protocol.Digest{}
	for _, g := range w.store.Groups() {
		groups[g] = protocol.GroupDigest(g, w.intake.Rows(g))
	}
	said := must(w.desk.Witness(t.Context()))(t)
	says := must(body.Parse(body.TypeWitness, said[0].Body))(t).(*body.Witness)
	if want := protocol.HavesDigest(groups); says.Have != want {
		t.Errorf("witness states %s, and the node held %s", says.Have, want)
	}
}

func TestEvidenceLeadsFromTheRecordToTheWitness(t *testing.T) {
	w := market(t)
	early := w.publish(quiet())
	w.publish(quiet())
	must(w.desk.Witness(t.Context()))(t)
	late := w.publish(quiet())

	e := must(w.desk.Evidence(t.Context(), early.Record.String()))(t)
	if len(e.Witnessed) != 1 || e.Witnessed[0].By.Institution != centre || len(e.Lacks) != 0 {
		t.Errorf("witnessed %+v, lacks %q", e.Witnessed, e.Lacks)
	}
	var names []string
	for _, f := range e.Files {
		names = append(names, f.Name)
		// The second report lies between: it leads to the witness, and says nothing.
		if strings.Contains(f.Name, "situation.1.2") && strings.Contains(string(f.Data), "quiet") {
			t.Error("what another record says went along")
		}
	}
	for _, part := range []string{"charter.json", "situation.1.1", "situation.1.2", "have-", "knowledge.1.1", string(centre) + "-trust.1.1", string(gate) + "-trust.1.1"} {
		if !slices.ContainsFunc(names, func(n string) bool { return strings.Contains(n, part) }) {
			t.Errorf("no file %q in %q", part, names)
		}
	}
	if slices.ContainsFunc(names, func(n string) bool { return strings.Contains(n, "situation.1.3") || strings.Contains(n, string(river)) }) {
		t.Errorf("more than is needed: %q", names)
	}

	if e := must(w.desk.Evidence(t.Context(), late.Record.String()))(t); len(e.Witnessed) != 0 || len(e.Lacks) != 1 {
		t.Errorf("of a record after the witness: witnessed %+v, lacks %q", e.Witnessed, e.Lacks)
	}
}

func TestWitnessIsNotPublishedByHand(t *testing.T) {
	w := solo(t)
	_, err := w.desk.Publish(t.Context(), desk.Request{Kind: body.TypeWitness, Set: []string{"groups=1"}})
	var problem *desk.Problem
	if !errors.As(err, &problem) || problem.Kind != desk.Usage {
		t.Errorf("published by hand: %v", err)
	}
}

package board_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// doer is who does the same, and since then how many hours.
type doer struct {
	By      protocol.InstitutionID
	After   body.Decimal
	Earlier bool
}

func doers(p board.Practice) []doer {
	var out []doer
	for _, a := range p.Adoptions {
		out = append(out, doer{a.Institution, a.Results[0].After, a.Earlier})
	}
	return out
}

// TestEachInstitutionAdoptsAPracticeOnce: its last word on any version of it, with its own
// result.
func TestEachInstitutionAdoptsAPracticeOnce(t *testing.T) {
	w, r, n := newPen(t, town), newPen(t, river), newPen(t, north)
	said := w.write(queue("Queue numbers"))
	mended := w.correct(&said, queue("Numbers and a screen"))
	events := []board.Event{
		said, mended,
		w.adopt(&said, 9), // its own: counted nowhere
		r.adopt(&said, 5), r.adopt(&mended, 2),
		n.adopt(&said, 4),
	}
	p := picture(t, day(2), events...)
	got := only(t, p.Practices)
	want := []doer{{north, "4", true}, {river, "2", false}}
	if diff := cmp.Diff(want, doers(got)); diff != "" {
		t.Error(diff)
	}
	if got.Title != "Numbers and a screen" || got.Correction != mended.Record.Name || got.Record != said.Record.Name {
		t.Errorf("the practice is %s", show(got))
	}
	for _, e := range p.Endorsements {
		if (e.Ignored == "it is its author's own record") != (e.Institution == town) || e.Institution != town && e.Ignored != "" {
			t.Errorf("stance of %s: %q", e.Institution, e.Ignored)
		}
	}
	p = picture(t, day(2), append(events, r.endorse(&mended, body.Dispute, "", -1), n.endorse(&said, body.Confirm, "", -1))...)
	if got = only(t, p.Practices); len(got.Adoptions) != 0 || got.Confirmed != 1 || got.Disputed != 1 {
		t.Errorf("who adopted it says otherwise now: %s", show(got))
	}
}

func TestPracticeHasItsPlacesAndPhasesOnce(t *testing.T) {
	w := newPen(t, town)
	got := only(t, picture(t, day(2), w.write(queue("Queue numbers"))).Practices)
	var places []string
	for _, p := range got.Places {
		places = append(places, p.Place.String())
		if p.Name == "" {
			t.Errorf("%s has no name", p.Place)
		}
	}
	if diff := cmp.Diff([]string{"iso3166-2:MK-405", "nuts:EL4"}, places); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]body.PhaseName{body.Response, body.Preparedness}, got.Phases); diff != "" {
		t.Error(diff)
	}
}

func TestPracticeThatIsTakenBackOrPlayedIsInNoLibrary(t *testing.T) {
	w := newPen(t, town)
	said := w.write(queue("Queue numbers"))
	p := picture(t, day(2), said, w.correct(&said, nil))
	if len(p.Practices) != 0 {
		t.Errorf("what was taken back is shown: %s", show(p.Practices))
	}
	w.exercise = true
	p = picture(t, day(2), w.write(queue("Played")))
	if len(p.Practices) != 0 || only(t, p.Exercise.Practices).Title != "Played" {
		t.Errorf("an exercise is no practice: %s", show(p.Practices))
	}
}

func TestOnlyAPracticeIsAdopted(t *testing.T) {
	w, r := newPen(t, town), newPen(t, river)
	note := w.write(&body.Note{Topic: protocol.Knowledge, Text: "we use numbers"})
	p := picture(t, day(2), note, r.adopt(&note, 1))
	if got := only(t, p.Endorsements).Ignored; got != "only a practice is adopted" {
		t.Errorf("a note is adopted: %q", got)
	}
}

// TestAdoptionsComeInAnyOrder: many institutions, several versions, one library.
func TestAdoptionsComeInAnyOrder(t *testing.T) {
	w := newPen(t, town)
	said := w.write(queue("Queue numbers"))
	again := w.correct(&said, queue("Numbers and a screen"))
	last := w.correct(&said, queue("Numbers, a screen, a bench"))
	events := []board.Event{said, again, last}
	for i, id := range []protocol.InstitutionID{river, north, island, valley} {
		p := newPen(t, id)
		for _, of := range []*board.Event{&said, &last, &again}[:1+i%3] {
			events = append(events, p.adopt(of, int64(i)))
		}
	}
	all := picture(t, day(2), events...).Practices
	for _, a := range only(t, all).Adoptions { // of the island the last word is on the version between
		if a.Earlier != (a.Institution != north) {
			t.Errorf("%s adopted an earlier version: %t", a.Institution, a.Earlier)
		}
	}
	want := show(all)
	rapid.Check(t, func(rt *rapid.T) {
		got := show(picture(t, day(2), rapid.Permutation(events).Draw(rt, "order")...).Practices)
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("the library differs:\n%s", diff)
		}
	})
}

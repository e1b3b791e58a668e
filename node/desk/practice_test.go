package desk_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// practise has an institution tell of a practice.
func (w *world) practise(as protocol.InstitutionID, title string, set ...string) desk.Published {
	w.t.Helper()
	return w.publish(desk.Request{As: as, Kind: "practice", Set: append([]string{"title=" + title, "problem=People stood in the rain.", "solution=Each family gets a number."}, set...)})
}

// titles gives those of the practices that a query finds.
func (w *world) titles(q desk.Query) []string {
	w.t.Helper()
	q.What = desk.ListPractices
	out := []string{}
	for _, r := range must(w.desk.List(w.t.Context(), q))(w.t).Rows.([]desk.PracticeRow) {
		out = append(out, r.Title)
	}
	return out
}

// TestPracticesAreFoundByTheBeginningsOfTheirWords in the alphabets of the five languages, and
// by sector, place and phase.
func TestPracticesAreFoundByTheBeginningsOfTheirWords(t *testing.T) {
	w := market(t)
	const mk, el, sq, sr = "Броеви за регистрација во Ѓевгелија", "Αριθμοί προτεραιότητας", "Strehim i përkohshëm për të gjithë", "Ćebad i čaj za pridošle"
	w.practise(gate, mk, "place=MK-405", "sectors=registration_asylum", "phases=response")
	w.practise(river, sq, "places=nuts:EL4", "sectors=shelter,nfi", "phases=preparedness")
	w.practise(river, sr, "summary=Blankets first", "place=iso3166-2:RS-24", "sectors=nfi", "phase=response")
	w.practise(centre, el, "sectors=registration_asylum", "phases=response,recovery")
	tests := []struct {
		why  string
		q    desk.Query
		want []string
	}{
		{"the beginning of a word, in Latin letters", desk.Query{Match: "regis broe"}, []string{mk}},
		{"the same, in capitals of Cyrillic", desk.Query{Match: "БРОЕВИ"}, []string{mk}},
		{"a letter of Macedonian, in Latin letters", desk.Query{Match: "gjevgel"}, []string{mk}},
		{"Greek without accents, a final sigma within", desk.Query{Match: "αριθμοι προτεραιοτητας"}, []string{el}},
		{"Albanian without its dots", desk.Query{Match: "perkohshem gjithe"}, []string{sq}},
		{"Serbian without its hooks", desk.Query{Match: "cebad caj"}, []string{sr}},
		{"Serbian in Cyrillic", desk.Query{Match: "Ћебад придошле"}, []string{sr}},
		{"a word of the summary", desk.Query{Match: "blank"}, []string{sr}},
		{"the name of its place", desk.Query{Match: "nisia ai"}, []string{sq}},
		{"the middle of a word", desk.Query{Match: "istracija"}, []string{}},
		{"one word that is there and one that is not", desk.Query{Match: "regis snow"}, []string{}},
		{"the name of its country in Greek", desk.Query{Match: "Ελλάδα"}, []string{sq}},
		{"the same in Macedonian", desk.Query{Match: "Грција"}, []string{sq}},
		{"a sector in Macedonian", desk.Query{Match: "засолниште"}, []string{sq}},
		{"a phase in Macedonian and a country", desk.Query{Match: "одговор србија"}, []string{sr}},
		{"a sector", desk.Query{Sector: "nfi"}, []string{sq, sr}},
		{"a sector and a phase", desk.Query{Sector: "nfi", Phase: body.Response}, []string{sr}},
		{"a country", desk.Query{Place: "RS"}, []string{sr}},
		{"one of its places", desk.Query{Place: "nuts:EL4"}, []string{sq}},
		{"who tells of it", desk.Query{By: string(gate)}, []string{mk}},
		{"all", desk.Query{}, []string{el, sq, sr, mk}},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, w.titles(tt.q)); diff != "" {
				t.Errorf("%+v: %s", tt.q, diff)
			}
		})
	}
	for field, q := range map[string]desk.Query{"sector": {What: desk.ListPractices, Sector: "weather"}, "phase": {What: desk.ListPractices, Phase: "later"}} {
		_, err := w.desk.List(t.Context(), q)
		refused(t, err, desk.Usage, field+": no "+field+" is called")
	}
	_, err := w.desk.List(t.Context(), desk.Query{What: desk.ListReports, Sector: "nfi"})
	refused(t, err, desk.Usage, "sector: the list reports can't be chosen by sector")
}

func TestWhatMostDoStandsFirst(t *testing.T) {
	w := market(t)
	w.practise(gate, "Blankets")
	numbers := w.practise(river, "Numbers").Record.String()
	w.stance(desk.AnswerRequest{As: gate, Record: numbers, Step: "adopt", Set: []string{"results.0.what=hours", "results.0.unit=hours", "results.0.after=2"}})
	if diff := cmp.Diff([]string{"Numbers", "Blankets"}, w.titles(desk.Query{})); diff != "" {
		t.Error(diff)
	}
	v := must(w.desk.Practice(t.Context(), gate, numbers, 0))(t)
	if len(v.Adoptions) != 1 || v.Adoptions[0].Basis != body.OnUse || v.Adoptions[0].Results[0].After != "2" || !v.MayAdopt {
		t.Errorf("adopted as %+v", v.Adoptions)
	}
	if v = must(w.desk.Practice(t.Context(), river, numbers, 0))(t); v.MayAdopt {
		t.Error("who tells of a practice may adopt it")
	}
}

// TestPracticeThatWasPutRightIsAdopted: a correction is what it is a correction of.
func TestPracticeThatWasPutRightIsAdopted(t *testing.T) {
	w := market(t)
	of := w.practise(gate, "Numbers").Record.String()
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: gate, Record: of, Reason: "left out", Set: []string{"title=Numbers and a screen", "context=A hall"}}))(t)
	w.stance(desk.AnswerRequest{As: river, Record: of, Step: "adopt"})
	v := must(w.desk.Practice(t.Context(), river, of, 0))(t)
	if v.Title != "Numbers and a screen" || v.Context != "A hall" || len(v.Adoptions) != 1 || v.Adoptions[0].Earlier {
		t.Errorf("the practice is %+v", v)
	}
	if len(v.Stances) != 1 {
		t.Errorf("%d stances, want one", len(v.Stances))
	}
}

// TestResultThatIsNoNumberIsToldSo: of a practice and of its adoption; no money is meant.
func TestResultThatIsNoNumberIsToldSo(t *testing.T) {
	w := market(t)
	of := w.practise(gate, "Numbers").Record.String()
	say := func(after string, form bool) error {
		_, err := w.desk.Answer(t.Context(), desk.AnswerRequest{As: river, Record: of, Step: "adopt", Form: form, Set: []string{"results.0.what=hours", "results.0.unit=hours", "results.0.after=" + after}})
		return err
	}
	refused(t, say("many", false), desk.Refused, "results[0].after: this is no number: want a number of 0 or more, such as 120 or 4.5 (try: vardar publish endorsement --help)")
	refused(t, say("many", true), desk.Refused, `results.0.after: "many" is no number: want a number of 0 or more, such as 120 or 4.5`)
	refused(t, say("12.500", true), desk.Refused, `results.0.after: "12.500" can be read in two ways: write "12500" or "12.5000", as it is meant`)
	_, err := w.desk.Publish(t.Context(), desk.Request{As: gate, Kind: "practice", Set: []string{"title=T", "problem=P", "solution=S", "results.0.what=hours", "results.0.unit=hours", "results.0.before=-2", "results.0.after=1"}})
	refused(t, err, desk.Refused, "results[0].before: this is no number: want a number of 0 or more, such as 120 or 4.5 (try: vardar publish practice --help)")
}

// TestAdoptionIsNotGivenUpUnawares: another word on the whole practice takes its place, and one without what came of
// it takes that away; who knows of it says so.
func TestAdoptionIsNotGivenUpUnawares(t *testing.T) {
	w := market(t)
	of := w.practise(gate, "Numbers").Record.String()
	results := []string{"results.0.what=hours", "results.0.unit=hours", "results.0.after=2"}
	say := func(step string, knowing bool, set ...string) error {
		_, err := w.desk.Answer(t.Context(), desk.AnswerRequest{As: river, Record: of, Step: step, Reason: "seen", Knowing: knowing, Set: set})
		return err
	}
	ok(t, say("adopt", false))
	refused(t, say("confirm", false, "basis=observed"), desk.Refused, "stance: this would take the place of the adoption ")
	ok(t, say("confirm", false, "basis=observed", "field=title"))
	ok(t, say("adopt", false, results...))
	refused(t, say("adopt", false), desk.Refused, "stance: ")
	refused(t, say("dispute", false, "basis=observed"), desk.Refused, "stance: ")
	if v := must(w.desk.Practice(t.Context(), river, of, 0))(t); len(v.Adoptions) != 1 || len(v.Adoptions[0].Results) != 1 {
		t.Errorf("adopted as %+v", v.Adoptions)
	}
	ok(t, say("adopt", false, results...))
	ok(t, say("confirm", true, "basis=observed"))
	if v := must(w.desk.Practice(t.Context(), river, of, 0))(t); len(v.Adoptions) != 0 {
		t.Errorf("still adopted as %+v", v.Adoptions)
	}
}

func TestOnlyAPracticeIsAdoptedHere(t *testing.T) {
	w := market(t)
	note := w.publish(desk.Request{As: gate, Kind: "note", Topic: protocol.Knowledge, Set: []string{"text=we use numbers"}})
	_, err := w.desk.Answer(t.Context(), desk.AnswerRequest{As: river, Record: note.Record.String(), Step: "adopt"})
	refused(t, err, desk.Refused, "stance: "+note.Record.String()+" is a note, and only a practice is adopted")
	_, err = w.desk.Practice(t.Context(), river, note.Record.String(), 0)
	refused(t, err, desk.NotFound, note.Record.String()+" is no practice that counts here")
}

// TestFileOfAPracticeComesBackAsItWas, of its last version, and one that lies elsewhere says
// where.
func TestFileOfAPracticeComesBackAsItWas(t *testing.T) {
	w := market(t)
	file := bytes.Repeat([]byte{0, 1, 2, 255}, 1000)
	p := w.publish(desk.Request{
		As: gate, Kind: "practice", Attach: []desk.AttachedFile{{Name: `C:\plans\план.PDF`, Content: file}},
		Set: []string{"title=Numbers", "problem=Rain", "solution=Numbers", `attachments.0={"name":"far.zip","size":7,"digest":"` + protocol.DigestOf([]byte("x")).String() + `","url":"https://example.org/far.zip"}`},
	})
	of := p.Record.String()
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: gate, Record: of, Reason: "left out", Set: []string{"summary=Nobody waits"}}))(t)
	row := must(w.desk.Practice(t.Context(), river, of, 0))(t)
	if len(row.Files) != 2 || row.Files[1].Name != "план.PDF" || row.Files[1].MediaType != "application/pdf" || row.Files[1].Size != 4000 || row.Files[1].Digest != protocol.DigestOf(file) {
		t.Fatalf("files are %+v", row.Files)
	}
	got := must(w.desk.PracticeFile(t.Context(), river, of, 2, 0))(t)
	if !bytes.Equal(got.Content, file) || got.Name != "план.PDF" || got.MediaType != "application/pdf" {
		t.Errorf("came back as %s, %s, %d bytes", got.Name, got.MediaType, len(got.Content))
	}
	_, err := w.desk.PracticeFile(t.Context(), river, of, 1, 0)
	refused(t, err, desk.NotFound, "far.zip lies at https://example.org/far.zip")
	for _, number := range []int{-1, 0, 3} {
		_, err = w.desk.PracticeFile(t.Context(), river, of, number, 0)
		refused(t, err, desk.NotFound, of+" has 2 files")
	}
	for words, want := range map[string]int{"план": 2, "aaec": 0} { // of the practice and its correction; what is in the file
		found := must(w.desk.SearchList(t.Context(), desk.SearchQuery{Words: words}, protocol.Amber))(t)
		if len(found.Records) != want {
			t.Errorf("%s finds %d records, want %d", words, len(found.Records), want)
		}
	}
}

func TestFilesThatNobodyCouldKeepAreRefused(t *testing.T) {
	w := market(t)
	tests := []struct {
		why  string
		file desk.AttachedFile
		kind desk.Kind
	}{
		{"attach: \"a.bin\" has 131073 bytes", desk.AttachedFile{Name: "a.bin", Content: make([]byte, body.MaxAttachedBytes+1)}, desk.Refused},
		{"attach: \"a.bin\" is empty", desk.AttachedFile{Name: "a.bin"}, desk.Refused},
		{"attachments[0].name: ", desk.AttachedFile{Name: ".profile", Content: []byte("x")}, desk.Refused},
		{"attachments[0].name: ", desk.AttachedFile{Name: strings.Repeat("a", 201), Content: []byte("x")}, desk.Refused},
		{"attachments[0].media_type: ", desk.AttachedFile{Name: "a", MediaType: "text/html;x", Content: []byte("x")}, desk.Refused},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			_, err := w.desk.Publish(t.Context(), desk.Request{As: gate, Kind: "practice", Set: []string{"title=N", "problem=P", "solution=S"}, Attach: []desk.AttachedFile{tt.file}})
			refused(t, err, tt.kind, tt.why)
		})
	}
	two := desk.AttachedFile{Name: "b.bin", Content: make([]byte, body.MaxAttachedBytes)}
	_, err := w.desk.Publish(t.Context(), desk.Request{As: gate, Kind: "practice", Set: []string{"title=N", "problem=P", "solution=S"}, Attach: []desk.AttachedFile{{Name: "a.bin", Content: two.Content}, two}})
	refused(t, err, desk.Refused, "the body is 3")
}

// TestLibraryHasWhatIsNewAndWhatIsTaught: what was told or adopted in the last thirty days and
// nothing older, training that is offered, and who wants it.
func TestLibraryHasWhatIsNewAndWhatIsTaught(t *testing.T) {
	w := market(t)
	old := w.practise(gate, "Old numbers").Record
	w.clock.pass(31 * 24 * time.Hour)
	young := w.practise(river, "Blankets first").Record
	w.stance(desk.AnswerRequest{As: river, Record: old.String(), Step: "adopt"})
	w.wantsTraining("Triage at the border")
	w.publish(desk.Request{As: river, Kind: "capacity", Set: []string{
		"place=MK-401", "items.0.type=training_seat", "items.0.unit=seats", "items.0.available=10", "items.0.offerable=true", "items.0.conditions=triage, two days",
		"items.1.type=bus", "items.1.unit=pieces", "items.1.available=3", "items.1.offerable=true", "items.2.type=expert_day", "items.2.unit=days", "items.2.available=4",
	}})
	l := must(w.desk.Library(t.Context(), desk.LibraryQuery{As: gate}))(t)
	var news []string
	for _, n := range l.News {
		news = append(news, fmt.Sprint(n.Title, " ", n.Institution, " ", n.Adopted))
	}
	slices.Sort(news)
	if diff := cmp.Diff([]string{"Blankets first " + string(river) + " false", "Old numbers " + string(river) + " true"}, news); diff != "" {
		t.Errorf("new is (-want +got):\n%s", diff)
	}
	if len(l.Offered) != 1 || l.Offered[0].Type != "training_seat" || l.Offered[0].Free != 10 || l.Offered[0].Says != "triage, two days" {
		t.Errorf("offered is %+v: want the seats, and neither the bus nor what is not to be had", l.Offered)
	}
	if len(l.Wanted) != 1 || l.Wanted[0].For != gate || l.Wanted[0].Institution != river {
		t.Errorf("wanted is %+v", l.Wanted)
	}
	if l.Total != 2 || l.Held != 2 || !l.MayWrite {
		t.Errorf("%d of %d, may write %t", l.Total, l.Held, l.MayWrite)
	}
	if l = must(w.desk.Library(t.Context(), desk.LibraryQuery{As: gate, Match: "blank"}))(t); l.Total != 1 || l.Held != 2 || l.Rows[0].Record != young {
		t.Errorf("found %d of %d", l.Total, l.Held)
	}
}

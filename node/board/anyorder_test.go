package board_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// question is what a fold is asked with: a view that is ranked and graded, and what else the desk
// would hand in.
type question struct {
	t      *testing.T
	b      *board.Board
	v      *board.View
	p      *board.Picture
	w      board.World
	at     protocol.Instant
	events []board.Event
	begun  []board.Exercise // as they were told of before anything in them was drawn
}

// folds are those of the room, by the exported names that they go by, and what of a row is in no
// JSON, where no comparison of rows sees it. Whatever is not a fold stands in noFolds, and each
// exported function, and each such field, in one of the two.
func folds() map[string]func(*question) any {
	return map[string]func(*question) any{
		"Acknowledgement.Answered": func(q *question) any {
			return each(q.v.Acknowledgements, func(a *board.Acknowledgement) any { return a.Answered })
		},
		"Affected":               (*question).affected,
		"Board.About":            (*question).about,
		"Board.AddUpAgain":       (*question).addedUpAgain,
		"Board.Digest":           func(q *question) any { return q.b.Digest(q.at) },
		"Board.DigestIn":         func(q *question) any { return q.b.DigestIn(q.w, q.at) },
		"Board.Exercise":         func(q *question) any { x, ok := q.b.Exercise(q.w.Name, q.at); return []any{x, ok} },
		"Board.Exercises":        func(q *question) any { return q.b.Exercises(q.at, func(*board.Exercise) bool { return true }) },
		"Board.Picture":          func(q *question) any { return q.p },
		"Board.News":             (*question).news,
		"Board.Reports":          (*question).reports,
		"Board.Standing":         (*question).standings,
		"Board.StepsMended":      (*question).stepsMended,
		"Consultation.Counted":   (*question).counted,
		"Consultation.Judge":     (*question).counted,
		"Exercise.Asks":          func(q *question) any { return each(q.begun, func(x *board.Exercise) any { return x.Asks }) },
		"Figure.Known":           func(q *question) any { return each(q.v.Figures, func(f *board.Figure) any { return f.Known() }) },
		"Needs.Known":            func(q *question) any { return each(q.v.Needs, func(n *board.Needs) any { return n.Known() }) },
		"Exercise.Players":       func(q *question) any { x, _ := q.b.Exercise(q.w.Name, q.at); return x.Players },
		"Exercise.Tally":         func(q *question) any { x, _ := q.b.Exercise(q.w.Name, q.at); return x.Tally },
		"Flow.Project":           func(q *question) any { return each(q.v.Flows, func(f *board.Flow) any { return f.Project() }) },
		"Picture.In":             func(q *question) any { return q.p.In(q.w) },
		"Picture.Stopped":        (*question).stopped,
		"Plan.LastLine":          func(q *question) any { return each(q.v.Plans, func(p *board.Plan) any { return p.LastLine() }) },
		"ProjectText.Since":      (*question).projectChanges,
		"RegionalReport.Wrong":   (*question).wrong,
		"StrategyText.Since":     (*question).strategyChanges,
		"View.Activities":        func(q *question) any { return q.v.Activities() },
		"View.AddUp":             (*question).addUp,
		"View.Aligned":           (*question).aligned,
		"View.Alignment":         func(q *question) any { return q.v.Alignment() },
		"View.AlignmentCoverage": func(q *question) any { return q.v.AlignmentCoverage(members()) },
		"View.BudgetOf":          (*question).declared,
		"View.BurdenOf":          (*question).burdens,
		"View.Expect":            func(q *question) any { return q.v.Due },
		"View.FundTotals":        func(q *question) any { return q.v.FundTotals() },
		"View.FundingGap":        func(q *question) any { return q.v.FundingGap() },
		"View.Grade":             func(q *question) any { return []any{q.v.Figures, q.v.Clashes} },
		"View.Ledgers":           func(q *question) any { return q.v.Ledgers(q.profileOf) },
		"View.PlanSums":          func(q *question) any { return q.v.PlanSums(func(*board.Plan) bool { return true }) },
		"View.Progress":          (*question).progress,
		"View.Qualities":         func(q *question) any { return q.v.Qualities() },
		"View.QualityOf":         (*question).qualities,
		"View.Rank":              func(q *question) any { return q.v },
		"View.ResidentsOf":       (*question).declared,
		"View.Series":            (*question).series,
		"View.SeriesSince":       (*question).series,
		"View.Spoke":             (*question).spoke,
		"View.Successor":         (*question).successors,
		"View.Territories":       (*question).territories,
		"View.Unmet":             func(q *question) any { return q.v.Unmet() },
		"View.WhoWhatWhere":      func(q *question) any { return q.v.WhoWhatWhere() },
	}
}

// noFolds are the exported functions that give nothing that hangs on the set of records, by why.
func noFolds() map[string][]string {
	return map[string][]string{
		"it makes a board, feeds it or follows it": {"New", "Board.Tell", "Board.TellAnew", "Board.TellLine", "Board.Restand", "Board.Run", "Board.Subscribe"},
		"it tells what happened to this board":     {"Board.Anew", "Board.Revised", "ConsultationAnswer.Since", "Outcome.Accepted"},
		"it reads one row, that another fold made": {
			"Consultation.Addressees", "Consultation.Chosen", "Consultation.ChosenIn", "Consultation.Decides", "Consultation.Ends", "Consultation.Forgotten", "Consultation.IsVersion", "Consultation.Until", "ConsultationAnswer.Counting", "Dealing.In", "Due.Known", "Endorsement.Bears", "Exercise.Begun", "Exercise.World", "Flow.SaidAt", "Plan.Counted",
			"Plan.Asked", "Plan.Live", "Plan.PlaceOf", "Project.Has", "Project.Live", "Quality.Is", "ReportHead.SpeaksAt", "Strategy.Above", "StrategyText.Objective", "Support.String",
		},
		"it reads what trust hands in": {"NewRanks", "Ranks.Governs", "Ranks.Ground", "Ranks.May", "Ranks.Near", "Ranks.Outside", "Ranks.Places", "Ranks.Warns"},
		"it knows no records":          {"AgeHours", "BeyondReporter", "Codes", "Corridor", "CountriesOf", "LevelAbove", "PlacesOf", "PlanGroups", "QualityAsked", "QualityBands", "QualityWords", "Spoken", "Weaker", "WorldOf", "Standing.MarshalText", "Standing.String", "Standing.UnmarshalText"},
		"it judges one step":           {"Footing.Allow", "Breach.Error", "Breach.Unwrap"},
	}
}

// each gives what is asked of each row.
func each[T any](rows []T, ask func(*T) any) (out []any) {
	for i := range rows {
		out = append(out, ask(&rows[i]))
	}
	return out
}

// TestEachFoldIsHeldAgainstEveryOrder: whoever exports a function from the room, or a field that is
// in no JSON, says whether it is a fold, and a fold is asked in
// TestAnyOrderOfEverythingGivesTheSameBytes.
func TestEachFoldIsHeldAgainstEveryOrder(t *testing.T) {
	said := folds()
	for _, names := range noFolds() {
		for _, n := range names {
			said[n] = nil
		}
	}
	own, err := parser.ParseDir(token.NewFileSet(), ".", func(f fs.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }, 0) //nolint:staticcheck // one folder, no build tags
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, f := range own["board"].Files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch d := n.(type) {
			case *ast.FuncDecl:
				if name := exported(d); d.Name.IsExported() && name != "" {
					found[name] = true
				}
			case *ast.TypeSpec:
				for _, name := range unwritten(d) {
					found[name] = true
				}
			}
			return true
		})
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(found)), slices.Sorted(maps.Keys(said))); diff != "" {
		t.Errorf("exported, and neither in folds nor in noFolds (-), or there and not exported (+):\n%s", diff)
	}
}

// exported gives the name of a function, with that of what it is a method of; "" if that is not exported.
func exported(fn *ast.FuncDecl) string {
	if fn.Recv == nil {
		return fn.Name.Name
	}
	of := fn.Recv.List[0].Type
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	if id, ok := of.(*ast.Ident); ok && id.IsExported() {
		return id.Name + "." + fn.Name.Name
	}
	return ""
}

// unwritten gives the exported fields of a type that are in no JSON.
func unwritten(of *ast.TypeSpec) (out []string) {
	row, ok := of.Type.(*ast.StructType)
	if !ok || !of.Name.IsExported() {
		return nil
	}
	for _, f := range row.Fields.List {
		if f.Tag == nil || f.Tag.Value != "`json:\"-\"`" {
			continue
		}
		for _, name := range f.Names {
			if name.IsExported() {
				out = append(out, of.Name.Name+"."+name.Name)
			}
		}
	}
	return out
}

// TestAnyOrderOfEverythingGivesTheSameBytes tells one board everything at once, and two in drawn
// orders, in lots, repeatedly, bodies and verdicts late, asking in between. Whatever can be asked
// of them they answer with the same bytes.
func TestAnyOrderOfEverythingGivesTheSameBytes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events := drawSaga(t, rt)
		one := newBoard(t, events...)
		when := at(day(rapid.IntRange(2, 16).Draw(rt, "when")))
		want := answers(t, one, events, when)
		for range 2 {
			other := newBoard(t)
			tellShuffled(rt, other, events, when)
			got := answers(t, other, events, when)
			for _, of := range slices.Sorted(maps.Keys(want)) {
				if want[of] != got[of] {
					rt.Fatalf("%s differs:\n%s", of, cmp.Diff(indented(want[of]), indented(got[of])))
				}
			}
			if len(want) != len(got) {
				rt.Fatalf("%d answers, want %d", len(got), len(want))
			}
		}
	})
}

func indented(text string) string {
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return text
	}
	return show(v)
}

// tellShuffled tells a board what there is in a drawn order.
func tellShuffled(rt *rapid.T, b *board.Board, events []board.Event, when protocol.Instant) {
	order := make([]int, len(events))
	for i := range order {
		order[i] = i
	}
	var shuffled []board.Event
	for _, i := range rapid.Permutation(order).Draw(rt, "order") {
		shuffled = append(shuffled, events[i])
	}
	for i := 0; i < len(shuffled); {
		n := min(len(shuffled)-i, rapid.IntRange(1, 8).Draw(rt, "lot"))
		if rapid.Bool().Draw(rt, "late") {
			early := late(rt, b, shuffled[i:i+n])
			for j := range early {
				early[j].Accepted = shuffled[i+j].Accepted // that is the node's own
			}
			b.Tell(early)
		}
		b.Tell(shuffled[i : i+n])
		if again := rapid.IntRange(0, i).Draw(rt, "again"); again > 0 {
			b.Tell(shuffled[again-1 : i])
		}
		if rapid.Bool().Draw(rt, "ask") {
			b.Digest(when)
		}
		i += n
	}
	var verdicts []board.Verdict
	for _, e := range shuffled {
		verdicts = append(verdicts, board.Verdict{Digest: e.Digest, Stopped: e.Stopped, Void: e.Void, Competent: e.Competent})
	}
	b.Restand(verdicts)
}

// answers asks a board all that can be asked, of each of its worlds: fields of the view, and folds.
func answers(t *testing.T, b *board.Board, events []board.Event, when protocol.Instant) map[string]string {
	out := map[string]string{}
	begun := b.Exercises(when, func(*board.Exercise) bool { return true })
	p := b.Picture(when)
	worlds := []board.World{{}, {Exercise: true}}
	for _, x := range begun {
		worlds = append(worlds, x.World())
	}
	put := func(w board.World, of string, v any) {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatalf("%s: %v", of, err)
		}
		out[string(must(json.Marshal(w)))+" "+of] = string(text)
	}
	quality := must(body.Qualities())
	for _, w := range worlds {
		v := p.In(w)
		for i, of := range reflect.VisibleFields(reflect.TypeFor[board.View]()) {
			if of.IsExported() {
				put(w, of.Name, reflect.ValueOf(v).Field(i).Interface())
			}
		}
		v.Rank(members())
		v.Grade(members(), &quality, when)
		v.Expect(expected(), nil, when)
		q := &question{t, b, &v, &p, w, when, events, begun}
		for name, ask := range folds() {
			put(w, name, ask(q))
		}
	}
	return out
}

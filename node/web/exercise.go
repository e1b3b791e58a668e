package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// exercisePath is where exercises are begun and ended.
const exercisePath = "/exercise"

// exercising are the routes of exercises.
func (p *Pages) exercising() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /exercise":        p.exercises,
		"POST /exercise":       p.changeExercise,
		"POST /exercise/enter": p.enterExercise,
		"POST /exercise/leave": p.leaveExercise,
	}
}

// exerciseRow is an exercise as an institution sees it.
type exerciseRow struct {
	desk.ExerciseRow
	MayEnter bool
	MayEnd   bool
}

// exercisePage is all exercises, and what was wrong with one that was to begin.
type exercisePage struct {
	Rows []exerciseRow
	As   protocol.InstitutionID
	Form refused
}

// Phases are the words to choose from.
func (*exercisePage) Phases() []string { return body.PhaseName("").Words() }

func (p *Pages) exercises(w http.ResponseWriter, r *http.Request) { p.showExercises(w, r, nil) }

func (p *Pages) showExercises(w http.ResponseWriter, r *http.Request, why error) {
	as := acting(r.Context())
	page := &exercisePage{As: as, Form: p.refusal(r, why)}
	all, err := p.o.Desk.Exercises(r.Context(), asked(r))
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	for _, x := range all {
		open := x.State != desk.ExerciseOver
		page.Rows = append(page.Rows, exerciseRow{x, open && p.o.Desk.Plays(&x, as), open && x.Institution == as})
	}
	p.render(w, r, statusOf(why), p.frame(r, "exercise").page("exercises", page))
}

// changeExercise begins an exercise, or ends one.
func (p *Pages) changeExercise(w http.ResponseWriter, r *http.Request) {
	var done desk.Published
	var err error
	as := acting(r.Context())
	switch field(r, "do") {
	case "begin":
		set := []string{"exercise=" + field(r, "exercise"), "reason=" + field(r, "reason"), "place=" + field(r, "place"), "phase=" + field(r, "phase"), "valid_until=" + moment(field(r, "valid_until"))}
		for i, to := range strings.FieldsFunc(field(r, "to"), func(c rune) bool { return c == ',' || c == ' ' }) {
			set = append(set, "to."+strconv.Itoa(i)+"="+to)
		}
		done, err = p.o.Desk.Publish(r.Context(), desk.Request{As: as, Kind: desk.FormPhase, Exercise: true, Set: set})
	case "end":
		done, err = p.o.Desk.EndExercise(r.Context(), as, field(r, "record"))
	default:
		err = &desk.Problem{Kind: desk.Usage, Field: "do", Detail: "nobody knows this act"}
	}
	if err != nil {
		p.showExercises(w, r, err)
		return
	}
	p.leadOn(w, r, done, exercisePath)
}

// enterExercise puts the session into an exercise: from now on it shows what is played, and what is
// sent is played.
func (p *Pages) enterExercise(w http.ResponseWriter, r *http.Request) {
	x, err := p.o.Desk.Join(r.Context(), acting(r.Context()), field(r, "record"))
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	p.sessions.Put(r.Context(), keyWithin, x.Record.String())
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// leaveExercise brings it back to what is real, and to the real alerts if that was asked.
func (p *Pages) leaveExercise(w http.ResponseWriter, r *http.Request) {
	p.sessions.Remove(r.Context(), keyWithin)
	to := exercisePath
	if field(r, "to") == "alerts" {
		to = "/situation/alerts"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol/body"
)

// consultations is the list of what is asked of whom.
func (a *app) consultations(rows []api.ConsultationRow) table {
	return tabled(rows, []string{"record", "state", "owed", "question", "closes", "answers", "asked", "no answer", "answers of asked before"}, func(r *api.ConsultationRow) []string {
		owed := string(r.Owed)
		if owed != "" {
			owed += " by " + joined(r.OwedBy)
		}
		return []string{
			r.Record.String(), stateOfHearing(r), owed, r.Question, a.when(r.ClosesAt), strconv.Itoa(r.Answered), strconv.Itoa(len(r.Invited)), strconv.Itoa(len(r.Silent)), strconv.Itoa(r.AnsweredBefore),
		}
	})
}

// showConsultation prints what was asked, each answer beside what its author needs and has,
// who is silent, and what was decided.
func (a *app) showConsultation(h *api.Hearing) {
	line(a.out, "")
	if by := h.Erased; by != nil {
		line(a.out, "erased %s", takenBy(by))
	} else {
		line(a.out, "%s", h.Question)
	}
	for i, o := range h.Options {
		line(a.out, "  %d  %s", i+1, o)
	}
	t := table{}
	t.add("state", stateOfHearing(&h.ConsultationRow))
	if h.ClosesAt != 0 {
		t.add("open", clock(h.OpensAt)+" to "+clock(h.ClosesAt))
	}
	if h.About.Sequence > 0 {
		about := h.About.String()
		if h.Line > 0 {
			about += " line " + strconv.Itoa(h.Line)
		}
		t.add("about", about)
	}
	answered := fmt.Sprintf("%d of %d", h.Answered, len(h.Invited))
	if h.Erased != nil { // whom it asked is gone
		answered = strconv.Itoa(h.Answered)
	} else if h.AnsweredBefore > 0 {
		answered += fmt.Sprintf(", and %d of those asked before", h.AnsweredBefore)
	}
	t.add("answered", answered)
	for _, p := range h.Positions {
		t.add(wordOf(p.Position), strconv.Itoa(p.Answers))
	}
	for _, q := range h.Quiet {
		var said []string
		if q.Institution != h.As { // there is no line to oneself
			said = append(said, "line "+string(q.Line))
		}
		if q.Reminded != 0 {
			said = append(said, "reminded "+clock(q.Reminded))
		}
		t.add("no answer", string(q.Institution), strings.Join(said, ", "))
	}
	addDecided(&t, h)
	for _, n := range h.Waiting {
		t.add("to consider", n.String())
	}
	_ = a.write(nil, t)
	if len(h.Respondents) > 0 {
		line(a.out, "")
		_ = a.write(nil, respondents(h))
	}
}

// addDecided adds what was asked before, what is decided, and what was decided before or is undone.
func addDecided(t *table, h *api.Hearing) {
	for i := range h.Before {
		q := &h.Before[i]
		if q.Erased != nil {
			t.add("asked before", q.Record.String(), "erased "+takenBy(q.Erased))
		} else {
			t.add("asked before", q.Record.String(), q.Question, q.Reason)
		}
	}
	if o := h.Outcome; o != nil {
		t.add("decided", o.Decision)
		t.add("outcome", o.Record.String(), name(o.Correction), o.Reason)
		for i := range o.History {
			t.add(decidedOf("before", &o.History[i])...)
		}
	}
	for i := range h.Undone {
		t.add(decidedOf("undone", &h.Undone[i])...)
	}
}

// stateOfHearing says how far a consultation is, and whether what it asked is gone.
func stateOfHearing(r *api.ConsultationRow) string {
	if r.Erased != nil && r.State != "erased" {
		return string(r.State) + ", erased"
	}
	return string(r.State)
}

// decidedOf says what was decided, and why it was put right, taken back or erased.
func decidedOf(when string, d *api.Decided) []string {
	switch {
	case d.Erased != nil:
		return []string{when, d.Record.String(), "erased " + takenBy(d.Erased)}
	case d.TakenBack != nil:
		return []string{when, d.Record.String(), d.Decision, "taken back " + takenBy(d.TakenBack)}
	}
	return []string{when, d.Record.String(), d.Decision, d.Reason}
}

// takenBy says by whom, when and why.
func takenBy(by *api.TakenBack) string {
	return "by " + string(by.Record.Institution) + " " + clock(by.AuthorTime) + ": " + by.Reason
}

func respondents(h *api.Hearing) table {
	return tabled(h.Respondents, []string{"answer", "state", "position", "text", "needs unmet", "free", "became of it", "reason"}, func(r *api.Respondent) []string {
		position := wordOf(r.Position)
		if r.Option > 0 {
			said := h.ChosenIn(r.Read, r.Option)
			none := "option " + strconv.Itoa(r.Option) + ", which there is not"
			if h.Forgotten(r.Read) {
				none = "option " + strconv.Itoa(r.Option) + " of a version that is erased"
			}
			position += ": " + nonZero(string(said), none)
			if said != "" && said != h.Chosen(r.Option) {
				position += " (before it was put right)"
			}
		}
		text := r.Text
		if by := r.Erased; by != nil {
			text = takenBy(by)
		}
		return []string{r.Record.String(), stateOf(r), position, text, unmetOf(r), freeOf(r), string(r.Consideration), r.Reason}
	})
}

// stateOf says whether an answer counts, if that is not known for certain, and if it was taken back, or is not what was considered.
func stateOf(r *api.Respondent) string {
	out := string(r.State)
	if by := r.TakenBack; by != nil {
		if out != "taken back" { // before the closing
			out += ", taken back"
		}
		out += " " + clock(by.AuthorTime) + ": " + by.Reason
	}
	if r.Unjudged {
		out += ", arrival not known here"
	}
	if r.Outdated {
		out += ", considered as it was before"
	}
	return out
}

func wordOf(p body.ResponsePosition) string { return strings.ReplaceAll(string(p), "_", " ") }

// unmetOf says what an institution needs and has not got, as its latest assessments have it.
func unmetOf(r *api.Respondent) string {
	var words []string
	for i := range r.Needs {
		for j := range r.Needs[i].Items {
			if n := &r.Needs[i].Items[j]; n.Unmet > 0 {
				words = append(words, fmt.Sprintf("%d %s", n.Unmet, n.Item))
			}
		}
	}
	if len(words) == 0 && len(r.Needs) == 0 {
		return "not said"
	}
	return nonZero(strings.Join(words, ", "), "none")
}

// freeOf says what it has free, as its latest declarations have it.
func freeOf(r *api.Respondent) string {
	var words []string
	for i := range r.Capacity {
		for j := range r.Capacity[i].Items {
			if item := &r.Capacity[i].Items[j]; item.Available != nil {
				words = append(words, fmt.Sprintf("%d %s", *item.Available, item.Type))
			}
		}
	}
	return nonZero(strings.Join(words, ", "), "not said")
}

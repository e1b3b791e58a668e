package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// mostPlanRows is how many lines a plan may have that is put right in a form: one of more goes
// beyond what a form may weigh.
const mostPlanRows = 60

// lastLine is the field with the highest number that a line of any version has: a flow may name
// one that was taken out.
const lastLine = "lines.last"

// planForm is what a form of a plan holds.
type planForm struct {
	refused
	now url.Values // before anything was typed
}

// planRow is a line of a plan, or an exchange rate, in a form.
type planRow struct {
	Of     string // lines or rates
	N      int
	Number string // of a line that has one
	Drop   bool   // it is to be taken out
	Fields []planField
}

// planField is a member of a row.
type planField struct {
	ID, Member, Value string
	Words             []string // to choose from
}

// planMembers are the members of a row in a form, the first of which is in each.
func planMembers(of string) []string {
	if of == "rates" {
		return []string{"currency", "rate", "as_of", "source"}
	}
	return []string{"purpose", "beneficiary", "payer", "year", "sector", "amount", "source", "source_ref", "status", "co_financing_percent", "needs_refs", "objective_refs"}
}

func planWords(of, member string) []string {
	switch {
	case of == "rates":
	case member == "sector":
		return body.Sector("").Words()
	case member == "source":
		return body.FundSource("").Words()
	case member == "status":
		return body.LinePlanned.Words()
	}
	return nil
}

func planFieldID(of string, n int, member string) string {
	return fmt.Sprintf("%s.%d.%s", of, n, member)
}

// holds is what stands in the form: what was typed, or what is in force.
func (f *planForm) holds() url.Values {
	if f.Problem != nil && f.typed.Has("title") {
		return f.typed
	}
	return f.now
}

// Field gives what stands in a field.
func (f *planForm) Field(name string) string { return f.holds().Get(name) }

// planTable are the rows of one kind in a form.
type planTable struct {
	Of   string // lines or rates
	Rows []planRow
	// Spare are the rows behind these, all empty: they are folded away until they are wanted.
	Spare []planRow
}

// Tables are the lines of the form and its exchange rates: those typed or in force, and some that are
// empty, of which one line waits open where there is none yet.
func (f *planForm) Tables() []planTable {
	lines, rates := f.rows("lines", spareRows), f.rows("rates", 1)
	open, given := max(len(lines)-spareRows, 1), len(rates)-1
	return []planTable{{"lines", lines[:open], lines[open:]}, {"rates", rates[:given], rates[given:]}}
}

// rows are those typed or in force, and behind them so many that are empty.
func (f *planForm) rows(of string, spare int) []planRow {
	out := planRows(f.holds(), of)
	for range spare {
		out = append(out, planRow{Of: of})
	}
	for n := range out {
		row := &out[n]
		row.N = n
		said := row.Fields
		row.Fields = nil
		for i, member := range planMembers(of) {
			g := planField{ID: planFieldID(of, n, member), Member: member, Words: planWords(of, member)}
			if said != nil {
				g.Value = said[i].Value
			}
			row.Fields = append(row.Fields, g)
		}
	}
	return out
}

// planRows reads the rows of a form; what is empty is left out.
func planRows(v url.Values, of string) []planRow {
	var out []planRow
	members := planMembers(of)
	for n := 0; v.Has(planFieldID(of, n, members[0])); n++ {
		row, empty := planRow{Of: of, N: n, Number: v.Get(planFieldID(of, n, "line")), Drop: v.Has(planFieldID(of, n, "drop"))}, true
		for _, member := range members {
			g := planField{Member: member, Value: strings.TrimSpace(v.Get(planFieldID(of, n, member)))}
			empty = empty && g.Value == ""
			row.Fields = append(row.Fields, g)
		}
		if !empty {
			out = append(out, row)
		}
	}
	return out
}

// planTyped is the body that was typed. What may be left out and is empty is null, so that a new
// version says it no more. Its rows are numbered as the form is that is shown again.
func planTyped(r *http.Request) map[string]any {
	doc := given(r, "title", "status", "currency")
	doc["period"] = periodTyped(r)
	doc["cosigners"], doc["rates"], doc["project"] = nil, nil, nil
	if cosigners := names(field(r, "cosigners")); len(cosigners) > 0 {
		doc["cosigners"] = cosigners
	}
	if project := field(r, "project"); project != "" {
		doc["project"] = project
	}
	if rates := rowsTyped(r, "rates"); len(rates) > 0 {
		doc["rates"] = rates
	}
	doc["lines"] = rowsTyped(r, "lines")
	return doc
}

// names parts a list of names as people write one.
func names(said string) []string {
	return strings.FieldsFunc(said, func(c rune) bool { return strings.ContainsRune(" ,;\r\n\t", c) })
}

// rowsTyped are the rows of a form that are not empty, and not to be taken out. Lines that have
// no number get the next ones behind those of all versions.
func rowsTyped(r *http.Request, of string) []any {
	out, rows := []any{}, planRows(r.PostForm, of)
	last, err := strconv.Atoi(field(r, lastLine))
	if err != nil {
		last = 0 // a new plan
	}
	for i := range rows {
		if n, err := strconv.Atoi(rows[i].Number); err == nil {
			last = max(last, n)
		}
	}
	rows = slices.DeleteFunc(rows, func(row planRow) bool { return row.Drop })
	for i := range rows {
		doc := map[string]any{}
		for _, g := range rows[i].Fields {
			if g.Value != "" {
				doc[g.Member] = memberTyped(g.Member, g.Value)
			}
		}
		if of == "lines" {
			n, err := strconv.Atoi(rows[i].Number)
			if err != nil {
				last++
				n = last
			}
			doc["line"] = n
		}
		out = append(out, doc)
	}
	return out
}

// memberTyped reads a member of a row; what is none stays, for the desk to refuse.
func memberTyped(member, said string) any {
	switch member {
	case "year", "co_financing_percent":
		if n, err := strconv.Atoi(said); err == nil {
			return n
		}
	case "needs_refs", "objective_refs":
		return names(said)
	}
	return said
}

// planInForce fills the form with what a plan says now.
func planInForce(p *desk.FundPlan) url.Values {
	status := string(body.PlanProposed)
	if p.MayPropose {
		status = string(body.PlanDraft)
	}
	v := url.Values{
		lastLine: {strconv.Itoa(p.LastLine())}, "title": {p.Title}, "status": {status}, "currency": {string(p.Currency)}, "territory": {p.Territory.String()},
		"period.start": {local(p.PeriodStart.String())}, "period.end": {local(p.PeriodEnd.String())}, "cosigners": {listed(p.Cosigners)},
	}
	if !p.Project.IsZero() {
		v.Set("project", p.Project.String())
	}
	for n := range p.Rates {
		r := &p.Rates[n]
		for member, said := range map[string]string{"currency": string(r.Currency), "rate": string(r.Rate), "as_of": string(r.AsOf), "source": string(r.Source)} {
			v.Set(planFieldID("rates", n, member), said)
		}
	}
	for n := range p.Lines {
		for member, said := range lineSaid(&p.Lines[n]) {
			v.Set(planFieldID("lines", n, member), said)
		}
	}
	return v
}

// lineSaid gives what a line says, by its members.
func lineSaid(l *desk.PlanLine) map[string]string {
	out := map[string]string{
		"line": strconv.Itoa(int(l.Line)), "purpose": string(l.Purpose), "beneficiary": string(l.Beneficiary), "payer": string(l.Payer), "year": strconv.Itoa(int(l.Year)),
		"sector": string(l.Sector), "amount": string(l.Amount), "source": string(l.Source), "source_ref": string(l.SourceRef), "status": string(l.Status),
		"needs_refs": listed(l.NeedsRefs), "objective_refs": listed(l.ObjectiveRefs), "co_financing_percent": "",
	}
	if l.CofinancingPercent > 0 {
		out["co_financing_percent"] = strconv.Itoa(int(l.CofinancingPercent))
	}
	return out
}

// listed writes names, one behind the other.
func listed[T any](of []T) string {
	said := make([]string, len(of))
	for i := range of {
		said[i] = fmt.Sprint(of[i])
	}
	return strings.Join(said, "\n")
}

// placeTyped gives the place that was typed in a field, as the desk reads one. What stands as it
// stood keeps the name that its author gave it; what was emptied is taken out.
func placeTyped(r *http.Request, doc map[string]any, name string) []string {
	switch said := field(r, name); said {
	case "":
		doc[name] = nil
	case field(r, name+".was"):
	default:
		return []string{name + "=" + said}
	}
	return nil
}

// digestTyped reads the digest of what was shown.
func digestTyped(r *http.Request, name string) (protocol.Digest, error) {
	d, err := protocol.ParseDigest(field(r, name))
	if err != nil {
		return d, &desk.Problem{Kind: desk.Usage, Detail: "this page does not say which version it shows", Mend: "open the page again"}
	}
	return d, nil
}

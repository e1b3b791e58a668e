package web

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// helping are the routes of who has what, who bears the most, and of the own sites.
func (p *Pages) helping() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /help/capacity":   p.capacity,
		"GET /help/solidarity": p.solidarity,
		"GET /help/3w.csv":     p.threeW,
		"GET /help/stock":      p.stock,
		"POST /help/stock":     p.keepStock,

		"GET /incident/{institution}/{position}/brief": p.brief,
		"GET /help/{institution}/{position}/paper":     p.requestPaper,
		"POST /acknowledge/{institution}/{position}":   p.acknowledge,
	}
}

// capacity is the register over all nodes.
func (p *Pages) capacity(w http.ResponseWriter, r *http.Request) {
	v, err := p.register(r)
	v.Show(behind(r))
	p.answer(w, r, p.frame(r, "help").page("capacityregister", v), err)
}

// register is what the page and its files show.
func (p *Pages) register(r *http.Request) (desk.Register, error) {
	by, err := askedBy(r)
	if err != nil {
		return desk.Register{}, err
	}
	v, err := p.o.Desk.Register(r.Context(), asked(r), body.ResourceType(r.FormValue("kind")), r.FormValue("near"), by)
	if err == nil {
		err = v.Only(r.FormValue("quality"))
	}
	return v, err
}

// askedBy reads until when something is to be ready.
func askedBy(r *http.Request) (by protocol.Instant, err error) {
	said := r.FormValue("by")
	if said == "" {
		return 0, nil
	}
	var t body.Time
	if err := t.UnmarshalText([]byte(moment(said))); err != nil {
		return 0, &desk.Problem{Kind: desk.Usage, Field: "by", Detail: "this is no moment", Mend: "choose a day and an hour", Err: err}
	}
	return t.Instant(), nil
}

func (p *Pages) solidarity(w http.ResponseWriter, r *http.Request) {
	f := p.frame(r, "help")
	v, err := p.o.Desk.Bearing(r.Context(), f.At, r.FormValue("quality"))
	v.Show(behind(r))
	p.answer(w, r, f.page("solidarity", v), err)
}

// threeW gives the 3W as a file.
func (p *Pages) threeW(w http.ResponseWriter, r *http.Request) {
	file, err := p.o.Desk.WhoWhatWhere(r.Context(), asked(r), r.FormValue("quality"))
	p.file(w, r, file.Name, file.Data, err)
}

// Tenths says a number per mille as one of a hundred.
func (f *frame) Tenths(perMille int64) string { return f.speaker.Fixed(perMille, 1) }

// Thousandths says a number that is in thousandths.
func (f *frame) Thousandths(n int64) string { return f.speaker.Fixed(n, 3) }

// Registrar says what its registrar says of a number in a profile.
func (f *frame) Registrar(word any) string { return f.T("registrar." + fmt.Sprint(word)) }

// Amount says an amount of money.
func (f *frame) Amount(m body.Money) string {
	return f.speaker.Decimal(string(m.Amount)) + " " + string(m.Currency)
}

// Joined says words behind each other.
func (f *frame) Joined(words []string) string { return strings.Join(words, ", ") }

// Weighed names an input of the solidarity index.
func (f *frame) Weighed(input body.SolidarityInput) string { return f.T("help.input." + string(input)) }

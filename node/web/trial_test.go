package web_test

import (
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// TestTrialWritesNothing: every page says so, what is no form is refused, and what is then sent for
// real is written.
func TestTrialWritesNothing(t *testing.T) {
	s := open(t)
	b := s.account(staff.Officer)
	s.reports(map[int]int{7: 960})
	before := s.written(t)
	b.tries()
	for _, row := range staff.Pages() {
		if path, ok := strings.CutPrefix(row.Route, "GET "); ok && path != "/live" && path != "/ring" && row.Roles != nil && staff.May(staff.Officer, row.Route) {
			if p := b.get(example(path, "situation.1.1")); strings.HasPrefix(p.header.Get("Content-Type"), "text/html") && !strings.Contains(p.body, "TRYING OUT") {
				t.Errorf("%s does not say that this is a trial", path)
			}
		}
	}
	refused := 0
	for _, row := range staff.Pages() {
		if path, ok := strings.CutPrefix(row.Route, "POST "); ok && row.Roles != nil && staff.May(staff.Officer, row.Route) && !staff.Tried(row.Route) {
			refused++
			if p := b.post(example(path, "situation.1.1"), url.Values{"line": {"1"}, "quantity": {"1"}, "text": {"x"}}); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "this is not done while you only try") {
				t.Errorf("%s: %d while only tried", row.Route, p.status)
			}
		}
	}
	if refused < 6 {
		t.Errorf("%d acts are refused in a trial", refused)
	}
	if after := s.written(t); after != before {
		t.Errorf("%d records, before %d", after, before)
	}
	b.post("/try", nil)
	form := b.form("/report/new")
	form.Set("figures.arrivals", "961")
	b.sent("/report/new", form)
}

// TestTrialKeepsNoDraft: what is filled in during a trial could be sent for real after it. The button is not
// there, and that of a page that was opened before the trial is refused.
func TestTrialKeepsNoDraft(t *testing.T) {
	s := open(t)
	b := s.account(staff.Officer)
	const keeps = `formaction="/draft"`
	b.get("/report/new").wants(t, []string{keeps})
	form := b.form("/report/new")
	form.Set("figures.arrivals", "961")
	b.tries().get("/report/new").wants(t, []string{`id="filling"`}, keeps)
	if p := b.post("/draft", form); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "this is not done while you only try") {
		t.Errorf("a draft in a trial: %d\n%s", p.status, p.body)
	}
	b.get("/drafts").wants(t, []string{"There is none."}, "?draft=")
	b.post("/try", nil)
	b.post("/draft", form).wants(t, []string{"?draft=" + form.Get("form")})
}

// tries begins a trial.
func (b *browser) tries() *browser {
	b.t.Helper()
	b.post("/try", url.Values{"try": {"1"}}).wants(b.t, []string{"TRYING OUT"})
	return b
}

// trial is what is sent of a route in one.
type trial struct {
	at    protocol.InstitutionID // whose pages
	send  func(*browser) page
	wants string   // on the page that comes
	acts  []string // what the log of acts tells of it: of nothing that makes a record
	alone bool     // by somebody of their own: they are logged out, or go on otherwise
}

// alone is the account of who is gone then.
const alone = "test.alone"

// onlyTried are the words of who has sent a form in a trial.
const onlyTried = "no record was written"

// form is a form of a page that is sent with values.
func tried(path string, values ...string) trial {
	return trial{at: centre, wants: onlyTried, send: func(u *browser) page {
		form := u.form(path)
		for i := 0; i+1 < len(values); i += 2 {
			form.Set(values[i], values[i+1])
		}
		return u.post(path, form)
	}}
}

// trials has one of each route that is sent in a trial too. Own is a record of the crisis centre's,
// other one of the town's.
func trials(t *testing.T, own, other string) map[string]trial {
	t.Helper()
	post := func(path, wants string, values url.Values, acts ...string) trial {
		alone := strings.HasPrefix(path, "/account") || path == "/leave" || path == "/language"
		return trial{centre, func(u *browser) page { return u.post(path, values) }, wants, acts, alone}
	}
	sheet := func(u *browser) page {
		return u.upload(typed(t, u.get("/report/template.xlsx").body, map[string]any{"D3": "7", "B3": "2015-11-01", "C3": "2015-11-02"}))
	}
	return map[string]trial{
		"POST /report/new":                       tried("/report/new", "figures.arrivals", "961"),
		"POST /route/new":                        tried("/route/new", "state", "open", "asset.type", "road", "asset.name", "A1", "place", "MK-405"),
		"POST /needs/new":                        tried("/needs/new", "place", "MK-405", "population.in_need", "3000", "items.4.item", "water_litre", "items.4.required", "45000"),
		"POST /phase/new":                        tried("/phase/new", "place", "MK", "phase", "response", "reason", "Full."),
		"POST /capacity/new":                     tried("/capacity/new", "place", "MK-405", "items.1.type", "bus", "items.1.total", "3", "items.1.available", "2", "items.1.readiness_hours", "6"),
		"POST /practice/new":                     tried("/practice/new", "title", "Numbers", "problem", "Rain.", "solution", "A number for each.", "sectors", "shelter", "phases", "response"),
		"POST /note/{institution}/{position}":    tried("/note/"+own, "text", "Hello"),
		"POST /correct/{institution}/{position}": tried("/correct/"+own, "figures.arrivals", "961", "reason", "Turned."),
		"POST /retract/{institution}/{position}": tried("/retract/"+own, "reason", "Turned."),
		"POST /endorse/{institution}/{position}": tried("/endorse/"+other, "stance", "verify", "basis", "registered", "field", "arrivals", "value", "960"),
		"POST /alert/new": tried("/alert/new", "info.0.event", "E", "info.0.headline", "H", "info.0.area.0.areaDesc", "A", "info.0.severity", "Severe",
			"info.0.urgency", "Immediate", "info.0.certainty", "Observed", "info.0.category", "Transport"),
		"POST /regional/new": {at: hub, wants: onlyTried, send: func(u *browser) page {
			form := filledIn(t, u.get(ofThoseDays), "draft", "summary", "Two places.")
			form.Set("step", "publish")
			return u.post("/regional/new", form)
		}},
		"POST /report/sheet": {at: centre, wants: "1 row can be sent", send: sheet},
		"POST /report/sheet/send": {at: centre, wants: "It was only tried", send: func(u *browser) page {
			data := regexp.MustCompile(`name="data" value="([^"]*)"`).FindStringSubmatch(sheet(u).body)
			return u.post("/report/sheet/send", url.Values{"as": {string(centre)}, "data": {unescape(data[1])}})
		}},
		"POST /typed": {at: centre, wants: "", send: func(u *browser) page {
			form := u.form("/report/new")
			form.Set("figures.arrivals", "961")
			p := u.post("/typed", form)
			u.get("/drafts").wants(t, nil, u.form("/report/new").Get("form"))
			return p
		}},
		"POST /drafts/drop": {at: centre, wants: "TRYING OUT", send: func(u *browser) page {
			u.post("/try", nil)
			form := u.form("/report/new")
			u.post("/draft", form).wants(t, []string{"?draft="})
			p := u.tries().post("/drafts/drop", url.Values{"draft": {form.Get("form")}})
			p.wants(t, nil, form.Get("form"))
			return p
		}},
		"POST /try": {at: centre, wants: "Only try it out", send: func(u *browser) page {
			u.post("/try", nil)
			return u.get("/report/new")
		}},
		"POST /language":       post("/language", `<html lang="el"`, url.Values{"language": {"el"}, "back": {"/"}}),
		"POST /as":             post("/as", "TRYING OUT", url.Values{"institution": {string(centre)}}),
		"POST /looked":         post("/looked", "TRYING OUT", url.Values{"at": {"2015-11-09T08:00:00.000Z"}}),
		"POST /exercise/leave": post("/exercise/leave", "TRYING OUT", nil),
		"POST /subscriptions":  post("/subscriptions", "/subscriptions/1", follows("Figures", "report", "")),
		"POST /subscriptions/{number}": {at: centre, wants: "TRYING OUT", send: func(u *browser) page {
			u.post("/subscriptions", follows("Figures", "report", ""))
			at := regexp.MustCompile(`name="at" value="([^"]+)"`).FindStringSubmatch(u.get("/subscriptions/1").body)
			return u.post("/subscriptions/1", url.Values{"at": {at[1]}})
		}},
		"POST /leave":         post("/leave", "Log in", nil),
		"POST /account":       post("/account", "TRYING OUT", url.Values{"old": {password}, "password": {password + ", again"}}, "change-password"),
		"POST /account/leave": post("/account/leave", "Log in", nil, "leave-everywhere"),
		"POST /account/end": {at: centre, alone: true, wants: "Logged out there", acts: []string{"leave-elsewhere", "enter"}, send: func(u *browser) page {
			left := *u
			left.client = &http.Client{Jar: must(cookiejar.New(nil))(t), Transport: u.client.Transport}
			left.post("/enter", url.Values{"name": {alone}, "password": {password}})
			other := regexp.MustCompile(`name="login" value="([0-9a-f]{16})"`).FindStringSubmatch(u.get("/account").body)
			return u.post("/account/end", url.Values{"login": {other[1]}, "password": {password}})
		}},
		"POST /account/factor": post("/account/factor", "TRYING OUT", url.Values{"do": {"begin"}, "password": {password}}, "factor-begin"),
	}
}

// TestWhateverIsSentInATrialStaysHere: each form that the table lets somebody send then is sent, does
// what it does in a trial, and makes no record, at its node or at another, and no act that made one.
func TestWhateverIsSentInATrialStaysHere(t *testing.T) {
	f := federate(t)
	f.reported(t)
	own, other := string(centre)+"/situation.1.1", string(town)+"/situation.1.1"
	f.sites[centre].comes(must(protocol.ParseName(other))(t))
	all, sent, people := trials(t, own, other), 0, map[protocol.InstitutionID]*browser{centre: f.sites[centre].account(staff.Coordinator), hub: f.sites[hub].account(staff.Coordinator)}
	for _, row := range staff.Pages() {
		if method, _, _ := strings.Cut(row.Route, " "); method != http.MethodPost || !staff.Tried(row.Route) {
			continue
		}
		it, known := all[row.Route]
		if !known {
			t.Errorf("nobody sends %s in a trial", row.Route)
			continue
		}
		sent++
		t.Run(strings.ReplaceAll(row.Route, "/", " "), func(t *testing.T) {
			s := f.sites[it.at]
			u := people[it.at]
			if it.alone {
				u = s.named(alone, staff.Coordinator)
				defer func() {
					must(s.node.Desk().ChangeStaff(t.Context(), desk.StaffRequest{Do: desk.StaffRemove, Name: alone}))(t)
				}()
			}
			u.t = t
			u.tries()
			records, acts := f.counts(t), s.acted(t)
			if p := it.send(u); p.status != http.StatusOK || !strings.Contains(p.body, it.wants) {
				t.Errorf("%d at %s, without %q\n%s", p.status, p.path, it.wants, p.body)
			}
			if after := f.counts(t); !maps.Equal(after, records) {
				t.Errorf("%v records, before %v", after, records)
			}
			told := s.acted(t)
			if told = told[:len(told)-len(acts)]; !slices.Equal(told, it.acts) {
				t.Errorf("the log of acts tells of %q, want %q", told, it.acts)
			}
		})
	}
	if sent != len(all) {
		t.Errorf("%d are sent of %d: what is not in the table is sent in no trial", sent, len(all))
	}
}

// counts says so of each node.
func (f *federated) counts(t *testing.T) map[protocol.InstitutionID]int {
	t.Helper()
	out := map[protocol.InstitutionID]int{}
	for id, s := range f.sites {
		out[id] = s.written(t)
	}
	return out
}

// written says how many records a node has taken in, of others and of its own.
func (s *site) written(t *testing.T) int {
	t.Helper()
	c := must(s.node.Desk().Status(t.Context()))(t).Counts
	return c.Accepted + c.Published
}

// acted gives the log of acts, the newest first.
func (s *site) acted(t *testing.T) []string {
	t.Helper()
	acts := []string{}
	rows, _ := must(s.node.Desk().List(t.Context(), desk.Query{What: desk.ListAudit, Limit: -1}))(t).Rows.([]desk.AuditRow)
	for i := range rows {
		acts = append(acts, rows[i].Act)
	}
	return acts
}

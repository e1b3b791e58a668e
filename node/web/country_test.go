package web_test

import (
	"compress/gzip"
	"crypto/ed25519"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// countryTowns is how many towns a country has: North Macedonia's 80 municipalities and the City
// of Skopje make 81, and some are divided.
const countryTowns = 84

// author is a town whose keys the test holds: what it writes goes straight into the store.
type author struct {
	id             protocol.InstitutionID
	number         int64
	place          body.Place
	identity, node ed25519.PrivateKey
	feeds          map[protocol.Topic]*protocol.Record // the last record of each
}

// countryOf opens the ministry's node with every town of its country a member: each has a duty
// number, has reported three figures a day for a fortnight, and says what it needs, asks for and has.
func countryOf(t *testing.T, change ...func(*node.Options)) (*site, []*author) {
	t.Helper()
	s := openAs(t, body.Ministry, []string{"mk.", "gr."}, change...)
	return s, s.peopled(t)
}

// peopled has a node know the towns of its country, as countryOf does.
func (s *site) peopled(t *testing.T) []*author {
	t.Helper()
	towns := townsOf(t)
	var said []protocol.Record
	for _, a := range towns {
		said = append(said, a.admitted(t, s.node)...)
		said = append(said, a.tells(t)...)
	}
	s.finds(t, said...)
	return towns
}

// townsOf gives towns at real places.
func townsOf(t *testing.T) []*author {
	t.Helper()
	var places []body.PlaceKey
	for k := range must(atlas.New())(t).Places() {
		if k.Scheme == body.ISOSubdivision && (strings.HasPrefix(k.Code, "MK-") || strings.HasPrefix(k.Code, "AL-")) {
			places = append(places, k)
		}
	}
	slices.SortFunc(places, func(a, b body.PlaceKey) int { return strings.Compare(b.Code, a.Code) }) // MK- first
	dice := rand.NewChaCha8([32]byte{84})
	var out []*author
	for i, k := range places[:countryTowns] {
		a := &author{id: protocol.InstitutionID(fmt.Sprintf("mk.southeast.municipality-of-%d", i)), number: int64(i), place: body.Place{Scheme: k.Scheme, Code: k.Code}, feeds: map[protocol.Topic]*protocol.Record{}}
		for _, key := range []*ed25519.PrivateKey{&a.identity, &a.node} {
			var seed [ed25519.SeedSize]byte
			_, _ = dice.Read(seed[:]) // never fails
			*key = ed25519.NewKeyFromSeed(seed[:])
		}
		out = append(out, a)
	}
	return out
}

func (a *author) proof(use protocol.KeyUse, key ed25519.PrivateKey) protocol.Signature {
	return protocol.Signature(ed25519.Sign(key, protocol.KeyProofText(a.id, use, protocol.KeyOf(key))))
}

// admitted has the registrar's node admit a town, and gives the records that open its feeds.
func (a *author) admitted(t *testing.T, registrar *node.Node) []protocol.Record {
	t.Helper()
	ok(t, registrar.Admit(t.Context(), node.AdmitRequest{Institution: a.id, Level: body.Municipality, Key: protocol.KeyOf(a.identity), Proof: a.proof(protocol.UseIdentity, a.identity), NoLink: true}))
	openers := registrar.Trust().Openers(protocol.EpochID{Feed: protocol.Feed{Institution: a.id, Topic: protocol.Trust}, Epoch: 1})
	a.begin(protocol.Trust, openers[0].Digest, a.identity)
	var out []protocol.Record
	for _, topic := range []protocol.Topic{protocol.Situation, protocol.Resource} {
		r := a.write(t, &body.KeyRecord{
			Use: protocol.UseNode, Key: body.KeyText(protocol.KeyOf(a.node).String()), Proof: a.proof(protocol.UseNode, a.node), FeedTopic: topic, FeedEpoch: 1, Wire: body.WireV1,
		}, protocol.Trust, hour())
		a.begin(topic, r.Digest(), a.node)
		out = append(out, r)
	}
	return out
}

// begin makes ready for the first record of a feed.
func (a *author) begin(topic protocol.Topic, opener protocol.Digest, key ed25519.PrivateKey) {
	a.feeds[topic] = &protocol.Record{Name: protocol.Name{Institution: a.id, Position: protocol.Position{Topic: topic, Epoch: 1}}, Previous: opener, Key: protocol.KeyOf(key)}
}

// write signs the next record of a feed.
func (a *author) write(t *testing.T, b body.Body, topic protocol.Topic, at time.Time) protocol.Record {
	t.Helper()
	raw := must(body.Marshal(b, [16]byte{byte(len(a.id))}))(t)
	last := a.feeds[topic]
	r := *last
	if r.Sequence++; r.Sequence > 1 {
		r.Previous = last.Digest()
	}
	r.Type, r.Time, r.Handling = b.Type(), protocol.InstantOf(at), protocol.Green
	r.SetBody(raw)
	key := a.node
	if topic == protocol.Trust {
		key = a.identity
	}
	r.Sign(key)
	a.feeds[topic] = &r
	return r
}

// tells writes what a town says within a fortnight.
func (a *author) tells(t *testing.T) []protocol.Record {
	t.Helper()
	out := []protocol.Record{a.write(t, &body.Profile{
		Names: body.Names{"en": body.Label("Municipality of " + a.place.Code), "mk": body.Label("Општина " + a.place.Code), "el": body.Label("Δήμος " + a.place.Code)}, Level: body.Municipality, Seat: &a.place,
		DutyContact: &body.Contact{Office: "Crisis management desk", Phone: body.Phone(fmt.Sprintf("+389 34 212 %03d", a.number)), Email: body.Email(fmt.Sprintf("duty.desk@%s.example.org", a.id.LocalName()))},
		Residents:   &body.Residents{Value: body.Quantity(9000 + 137*a.number), Source: "Census", Year: 2011},
	}, protocol.Trust, hour())}
	first := time.Date(2015, 10, 26, 0, 0, 0, 0, time.UTC)
	for day := range int64(14) {
		from := first.AddDate(0, 0, int(day))
		report := &body.SituationReport{Period: &body.Period{Start: body.TimeOf(from), End: body.TimeOf(from.AddDate(0, 0, 1))}, Summary: "Many came, and most went on."}
		report.Place = &a.place
		for i, of := range []body.Indicator{body.Arrivals, body.Departures, body.Present} {
			report.Figures = append(report.Figures, body.Figure{Indicator: of, Value: body.Exact((a.number*7919 + day*104729 + int64(i)*1299709) % 9973)})
		}
		out = append(out, a.write(t, report, protocol.Situation, from.AddDate(0, 0, 1).Add(6*time.Hour)))
	}
	needs := &body.Needs{Items: []body.Need{{Sector: "shelter", Item: "bed_place", Unit: "places", Required: body.Positive(300 + a.number), Basis: "estimate", Priority: 1}}}
	needs.Place = &a.place
	request := &body.ResourceStep{Step: body.StepRequest, AnswerBy: body.TimeOf(hour().Add(24 * time.Hour)), Lines: []body.Line{{Line: 1, Type: "bed_place", Quantity: body.Positive(200 + a.number), Unit: "places"}}, DeliverTo: &body.Delivery{Place: a.place, Contact: &body.Contact{Office: "Crisis management desk"}}}
	total, free, hours := body.Quantity(90+a.number), body.Quantity(10+a.number), body.Quantity(a.number%48)
	has := &body.Capacity{Items: []body.CapacityItem{{Type: "bed_place", Unit: "places", Total: &total, Available: &free, ReadinessHours: &hours, Offerable: true}}}
	has.Place = &a.place
	return append(out, a.write(t, needs, protocol.Situation, hour().Add(-3*time.Hour)), a.write(t, request, protocol.Resource, hour().Add(-2*time.Hour)), a.write(t, has, protocol.Resource, hour().Add(-time.Hour)))
}

// Sizes on the wire, compressed (pages.md §1): a hosted town has a bad line.
const (
	firstVisit = 60_000 // with all that the page fetches
	laterPage  = 15_000
)

// unmeasured are the routes whose size nobody has to bound, and why.
func unmeasured() map[string]string {
	const file, part, elsewhere = "a file, to be kept: it is whole", "what an open page asks for again and again, of a line or nothing", "it leads elsewhere"
	return map[string]string{
		"GET /static/{file}": "each page is counted with what it fetches", "GET /live": part, "GET /ring": part,
		"GET /enter/oidc": elsewhere, "GET /enter/oidc/back": elsewhere, "GET /enter/code": elsewhere,
		"GET /report/template.xlsx": file, "GET /report/template.csv": file, "GET /list/{what}/{format}": file, "GET /help/3w.csv": file,
		"GET /situation/figures.csv": file, "GET /situation/figures.hxl.csv": file, "GET /situation/figures.xlsx": file,
		"GET /funds/plan/{institution}/{position}/plan.xlsx": file, "GET /funds/plan/{institution}/{position}/plan.csv": file, "GET /library/{institution}/{position}/file/{number}": file,
		"GET /record/{institution}/{position}/edxl": file, "GET /help/{institution}/{position}/edxl": file, "GET /evidence/{institution}/{position}": file, "GET /evidence/pack": file,
	}
}

// scales weighs pages.
type scales struct {
	t        *testing.T
	anybody  *browser       // who brings the files, so that no log-in asks more often than it may
	fetched  map[string]int // by address, how much travels
	measured map[string]bool
}

// weigh counts what travels of a page, in the two languages whose letters take two bytes.
func (w *scales) weigh(b *browser, route, path string) {
	w.t.Helper()
	for _, b.language = range []string{"mk", "el"} {
		p := b.compressed(path)
		asked, _, _ := strings.Cut(path, "?")
		if p.status != http.StatusOK || p.path != asked || !strings.HasPrefix(p.header.Get("Content-Type"), "text/html") {
			return // a file, or refused
		}
		n, all := len(p.body), 0
		for _, f := range regexp.MustCompile(`/static/[a-z.-]+\?[0-9a-f]+`).FindAllString(unpacked(w.t, p.body), -1) {
			if _, is := w.fetched[f]; !is {
				w.fetched[f] = len(w.anybody.compressed(f).body)
			}
			all += w.fetched[f]
		}
		w.measured[route] = true
		if n > laterPage || n+all > firstVisit || all == 0 {
			w.t.Errorf("%s in %s is %d bytes, and %d with all that it fetches; want at most %d and %d", path, b.language, n, n+all, laterPage, firstVisit)
		}
	}
}

// TestPagesAreSmallEnoughForABadLine counts what travels of each page of the table that a role may
// read, in a country that has reported for a fortnight.
func TestPagesAreSmallEnoughForABadLine(t *testing.T) {
	c := &clock{now: hour()}
	s, towns := countryOf(t, func(o *node.Options) { o.Clock, o.Second = c.Now, []string{"phase"} })
	shown := s.kinds(t, towns[0])
	w := &scales{t, s.browser(), map[string]int{}, map[string]bool{}}
	for _, role := range append(staff.Roles(), "") {
		b := s.browser()
		if role != "" {
			b = s.account(role)
		}
		for _, row := range staff.Pages() {
			path, isPage := strings.CutPrefix(row.Route, "GET ")
			if isPage && staff.May(role, row.Route) && unmeasured()[row.Route] == "" {
				c.pass(2 * time.Second)
				w.weigh(b, row.Route, strings.ReplaceAll(shown(path), "MK-405", "MK")) // the page of the whole country
			}
		}
	}
	follower := s.named("test.follower", staff.Coordinator)
	follower.post("/subscriptions", follows("Figures", "report", "")).wants(t, []string{"/subscriptions/1"})
	w.weigh(follower, "GET /subscriptions/{number}", "/subscriptions/1")
	above := openAs(t, body.RegionalBody, []string{"mk."})
	above.peopled(t)
	w.anybody = above.browser()
	of := must(above.node.Desk().Publish(t.Context(), desk.Request{Kind: "report", Regional: &desk.RegionalAsk{}, Set: []string{"period=2015-11-02/2015-11-09"}}))(t).Record
	drawing := above.account(staff.Officer)
	w.weigh(drawing, "GET /regional/{institution}/{position}", "/regional/"+of.String())
	w.weigh(drawing, "GET /regional/new", "/regional/new?period.start=2015-11-02T00:00&period.end=2015-11-09T00:00")
	for _, row := range staff.Pages() {
		if strings.HasPrefix(row.Route, "GET ") && w.measured[row.Route] == (unmeasured()[row.Route] != "") {
			t.Errorf("%s was measured: %t", row.Route, w.measured[row.Route])
		}
	}
}

// TestLongListsAreReadPageByPage: of a whole country a page shows the most urgent, and leads on; no
// row comes twice, none is left out, what was chosen and the instant stay, and the files are whole.
func TestLongListsAreReadPageByPage(t *testing.T) {
	s, towns := countryOf(t)
	s.says(centre, "alert", "place="+towns[70].place.Key().String(), "info.0.category=Safety", "info.0.event=Arrivals", "info.0.urgency=Expected", "info.0.severity=Extreme", "info.0.certainty=Likely", "info.0.headline=Many may come", "info.0.area.0.areaDesc=There")
	b := s.account(staff.Coordinator)
	at := hour().Format(time.RFC3339)
	for _, tt := range []struct {
		path  string
		row   string // what tells a row from others
		pages int
		rows  int
		keeps string // in the address of the page behind
		list  string // of the page that is read on; empty: the first
	}{
		{"/situation", `<td><a href="/place/[^"]+">[^<]*</a></td><td>[^<]*</td>`, 5, 3 * countryTowns, "/situation?from=60", ""},
		{"/situation?what=arrivals&at=" + at, `<td><a href="/place/[^?]+`, 2, countryTowns, "what=arrivals", ""},
		{"/situation/reporting?at=" + at, `<tr id="due-[^"]+"`, 3, 2 * countryTowns, "at=2015-11-09", ""},
		{"/network", `<a class="soft" href="/network/member/[^"]+"`, 2, countryTowns + 1, "/network?from=60", ""},
		{"/network?q=municipality", `<a class="soft" href="/network/member/[^"]+"`, 2, countryTowns, "q=municipality", ""},
		{"/network?q=405", `<a class="soft" href="/network/member/[^"]+"`, 1, 1, "", ""},
		{"/help", `<td class="id"><a href="/help/[^"]+"`, 2, countryTowns, "/help?from=60", ""},
		{"/help/capacity?kind=bed_place", `<td class="id"><a href="/record/[^"]+">[^<]+</a><br>`, 3, countryTowns, "kind=bed_place", ""},
		{"/help/capacity?kind=bed_place", `<td class="id"><a href="/record/[^"]+">[^<]+</a></td><td data-l="[^"]+">[^<]+</td><td class="id" data-l="[^"]+">[0-9]+\. `, 5, 3 * countryTowns, "kind=bed_place", "#served"},
		{"/help/solidarity", `<td class="id"><a href="/record/[^"]+"`, 3, countryTowns, "unmet=30", "#unmet"},
	} {
		seen, pages, path := map[string]bool{}, 0, tt.path
		more := regexp.MustCompile(`<a href="([^"#]+)` + tt.list + `">and [0-9]+ more</a></p>`)
		for path != "" && pages < 10 {
			p := b.get(path)
			for _, row := range regexp.MustCompile(tt.row).FindAllString(p.body, -1) {
				if seen[row] {
					t.Errorf("%s: %s comes twice", path, row)
				}
				seen[row] = true
			}
			path, pages = "", pages+1
			if on := more.FindStringSubmatch(p.body); on != nil {
				if path = html.UnescapeString(on[1]); pages == 1 && !strings.Contains(path, tt.keeps) {
					t.Errorf("%s leads on to %s, want %s kept", tt.path, path, tt.keeps)
				}
			}
		}
		if pages != tt.pages || len(seen) != tt.rows {
			t.Errorf("%s: %d rows on %d pages, want %d on %d", tt.path, len(seen), pages, tt.rows, tt.pages)
		}
	}
	if first := regexp.MustCompile(`<td><a href="/place/([^"]+)"`).FindStringSubmatch(b.get("/situation").body); first == nil || first[1] != towns[70].place.Key().String() {
		t.Errorf("first stands %v, and not where the gravest alert is", first)
	}
	if n := strings.Count(b.get("/situation/figures.csv?from=60").body, "\r\n"); n <= 3*countryTowns {
		t.Errorf("the file has %d lines", n)
	}
	if n := strings.Count(b.get("/list/matches/csv?kind=bed_place&served=60").body, "\n"); n <= countryTowns*(countryTowns-1) {
		t.Errorf("the file of what could serve whom has %d lines", n)
	}
	affected := regexp.MustCompile(`<a href="/network/member/([^"]+)">[^<]+</a> · Index <b>`)
	three := affected.FindAllStringSubmatch(b.get("/").body, -1)
	all := regexp.MustCompile(`<td class="id"><a href="/network/member/([^"]+)">[^<]+</a>.*?</td><td class="n" data-l="Index"><b>`).FindAllStringSubmatch(b.get("/help/solidarity").body, 3)
	if len(three) != 3 || len(all) != 3 || three[0][1] != all[0][1] || three[2][1] != all[2][1] {
		t.Errorf("the most affected are %q on Now, and %q on the page of solidarity", three, all)
	}
	u := s.account(staff.Officer)
	if p := u.get("/"); strings.Contains(p.body, `href="/network/member/`+string(towns[0].id)) || !strings.Contains(p.body, `<a href="/help">and 72 more</a>`) || !strings.Contains(p.body, `href="/network"`) {
		t.Error("Now names members that no line leads to, or not where they stand")
	}
}

// compressed brings a page as it travels.
func (b *browser) compressed(path string) page {
	b.t.Helper()
	r := must(http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.base+path, http.NoBody))(b.t)
	r.Header.Set("Accept-Encoding", "gzip")
	return b.do(r)
}

// unpacked gives what a page says that came compressed.
func unpacked(t *testing.T, packed string) string {
	t.Helper()
	r := must(gzip.NewReader(strings.NewReader(packed)))(t)
	return string(must(io.ReadAll(r))(t))
}

// kinds has the ministry write one record of each kind that has a page of its own, and gives the
// address of a route's page that shows one.
func (s *site) kinds(t *testing.T, asks *author) func(route string) string {
	t.Helper()
	d := s.node.Desk()
	report := s.says(centre, "report", "place=MK", "period=2015-11-08", "figures.arrivals=11572", "summary=Many came.").Record
	s.warns("Many may come")
	request := s.says(centre, "request", "answer_by=2036-11-09T20:00:00Z", "deliver_to.place=MK-405", "lines.0.line=1", "lines.0.type=blanket", "lines.0.quantity=40", "lines.0.unit=pieces").Record
	commit := must(d.Answer(t.Context(), desk.AnswerRequest{Record: protocol.Name{Institution: asks.id, Position: protocol.Position{Topic: protocol.Resource, Epoch: 1, Sequence: 1}}.String(), Step: "commit"}))(t).Record
	plan := s.says(centre, "plan", "title=Winter places", "status=proposed", "currency=EUR", "territory=MK-405", "period=2016-01-01/2017-01-01", "cosigners="+string(asks.id),
		"lines.0.line=1", "lines.0.purpose=200 bed places", "lines.0.beneficiary="+string(asks.id), "lines.0.year=2016", "lines.0.sector=shelter", "lines.0.amount=120000", "lines.0.source=eu_ipa", "lines.0.status=requested").Record
	flow := s.says(centre, "pledge", "recipient="+string(asks.id), "amount=500000.50", "currency=EUR", "earmarking=soft", "plan_lines.0.plan="+plan.String(), "plan_lines.0.line=1").Record
	consultation := s.says(centre, "consultation", "question=By residents or by arrivals?", `options=["By residents","By arrivals"]`, "to="+string(asks.id), "closes_at=2036-11-10T00:00:00Z").Record
	strategy := s.says(centre, "strategy", "title=Reception in the country", "status=adopted", "period=2015-01-01/2036-01-01", "objectives.0.text=Nobody sleeps outside.").Record
	practice := must(d.Publish(t.Context(), desk.Request{Kind: "practice", Set: []string{
		"title=One number for each family", "summary=Nobody waits outside.", "problem=People stood in the rain.", "solution=Each family gets a number.", "place=MK-405", "sectors=shelter", "phases=response",
	}}))(t).Record
	must(d.Invite(t.Context(), desk.InviteRequest{Institution: abroad, Level: body.Municipality, Addresses: []string{"127.0.0.1:4222"}}))(t)
	project := s.says(centre, "project", "title=One queue", "summary=All plan by the same numbers.", "period=2015-01-01/2036-01-01", "partners="+string(abroad), "objectives.0.text=Nobody is counted twice.").Record
	waits := must(d.Publish(t.Context(), desk.Request{Kind: "phase", Set: []string{"place=MK-405", "phase=response", "reason=many came"}}))(t).Waits
	must(d.AddLink(t.Context(), desk.AddLinkRequest{Peer: asks.id, Key: protocol.KeyOf(asks.node)}))(t)
	return func(route string) string {
		of := report
		for prefix, n := range map[string]protocol.Name{
			"/help/{": request, "/delivery/": commit, "/funds/plan/": plan, "/funds/flow/": flow, "/policy/consultation/": consultation, "/policy/strategy/": strategy, "/policy/project/": project, "/library/{": practice,
		} {
			if strings.HasPrefix(route, prefix) {
				of = n
			}
		}
		return example(strings.NewReplacer("{number}", waits, "{peer}", string(asks.id)).Replace(route), of.Position.String())
	}
}

package web_test

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

const valley protocol.InstitutionID = "rs.pcinjski.demo-south-valley"

// night is a night on three nodes in a row, town - centre - valley, and the four people who
// are up: who asks, two who have, one of them abroad, and who watches over all of it.
type night struct {
	t     *testing.T
	net   *federation.Network
	sites map[protocol.InstitutionID]*site

	asks, near, abroad, watches *tab
	path                        string // of the exchange's page
}

// fourPeopleAtNight come from so many people to what they need, to who brings it and takes it back,
// by nothing but what they do on their pages, over a line that is cut.
func fourPeopleAtNight(t *testing.T, browser *chrome) {
	n := nightfall(t, browser)
	n.peopleBecomeARequest()
	n.twoOfferParts()
	n.acceptsByTheLine()
	n.commitsNoMoreThanThereIs()
	n.theLineIsCut()
	n.itIsBroughtAndUsed()
	n.itGoesBack()
	n.allBooksAreAlike()
	for _, b := range []*tab{n.asks, n.near, n.abroad, n.watches} {
		b.calm()
	}
}

func nightfall(t *testing.T, browser *chrome) *night {
	t.Helper()
	member := func(id protocol.InstitutionID, level body.Level) []federation.Member {
		return []federation.Member{{ID: id, Level: level}}
	}
	net, err := federation.Start(t.Context(), federation.Options{
		Dir: t.TempDir(), Timing: node.Timing{Heartbeat: 500 * time.Millisecond, Redial: 300 * time.Millisecond, Soon: 100 * time.Millisecond},
		Each: func(_ protocol.InstitutionID, o *node.Options) { o.Pages, o.Free = "127.0.0.1:0", roomy },
	}, federation.Plan{
		Network:    "Test network",
		Nodes:      [][]federation.Member{member(centre, body.Ministry), member(town, body.Municipality), member(valley, body.Municipality)},
		Registrars: map[protocol.InstitutionID][]string{centre: {"mk.", "rs."}},
	})
	t.Cleanup(func() {
		if net != nil {
			ok(t, net.Close())
		}
	})
	ok(t, err)
	n := &night{t: t, net: net, sites: map[protocol.InstitutionID]*site{}}
	for _, id := range []protocol.InstitutionID{centre, town, valley} {
		n.sites[id] = &site{t: t, node: net.Node(id)}
	}
	n.sites[centre].says(centre, "capacity", "place=MK", "items.0.type=bed_place", "items.0.unit=places", "items.0.available=150", "items.0.offerable=true")
	n.farOnesHave(4000)
	n.asks, n.near = n.sites[town].enter(t, browser, staff.Officer), n.sites[centre].enter(t, browser, staff.Officer)
	n.abroad, n.watches = n.sites[valley].enter(t, browser, staff.Officer), n.sites[centre].enter(t, browser, staff.Coordinator)
	n.watches.open("/help")
	n.watches.marks()
	return n
}

// farOnesHave declares what the far ones have: beds, and so much water.
func (n *night) farOnesHave(litres int) {
	n.sites[valley].says(valley, "capacity", "place=RS-24", "items.0.type=bed_place", "items.0.unit=places", "items.0.available=200", "items.0.offerable=true", "items.1.type=water_litre", "items.1.unit=litres", fmt.Sprintf("items.1.available=%d", litres))
}

// peopleBecomeARequest: 300 people, a bed for each by the count, 4,500 litres by the handbook, and no latrines: those
// are there.
func (n *night) peopleBecomeARequest() {
	b := n.asks
	b.press(`main a[href="/needs/new"]`)
	b.fill("place", "MK-405")
	b.fill("population.in_need", "300")
	b.press(`button[name="workout"]`)
	b.until(`document.getElementById("items.0.required")?.value === "300" && document.getElementById("items.1.required").value === "15"`)
	for _, part := range []string{"item", "unit", "required", "available", "priority"} {
		eval[bool](b, fmt.Sprintf(`(document.getElementById("items.1.%s").value = "") === ""`, part))
	}
	b.fill("deliver_to.contact.office", "Duty desk")
	b.press("#filling > .actions button:not([formaction]):not([name])")
	b.at("/record/" + string(town) + "/situation.1.")
	b.open("/help")
	b.press(`main a[href^="/help/` + string(town) + `/resource."]`)
	b.says("Nobody has answered this line yet")
	n.path = eval[string](b, "location.pathname")
	n.unmet(300, 4500)
}

// unmet waits until the page that the watcher has open since dusk says what is still missing; of
// a request of which nothing is, it says no more.
func (n *night) unmet(beds, litres int) {
	n.t.Helper()
	if beds+litres == 0 {
		n.watches.says("Nobody asks for anything that is still unmet.")
	} else {
		n.watches.until(n.missing(beds, litres))
	}
	n.watches.unmoved()
}

func (n *night) missing(beds, litres int) string {
	return fmt.Sprintf(`JSON.stringify([...document.querySelectorAll("main td[data-l='Unmet']")].map(e => +e.innerText.replaceAll(",", ""))) === "[%d,%d]"`, beds, litres)
}

// taken is a step that is taken on the page of the exchange.
type taken struct {
	line     int
	step     string
	state    string                 // of a status
	with     protocol.InstitutionID // of those who deal in the line, if there are several
	quantity int
}

// does takes a step on that page.
func (n *night) does(b *tab, s taken) {
	n.t.Helper()
	form := fmt.Sprintf(`[...document.querySelectorAll("details.act")].find(d => d.querySelector("[name=step]").value === %q && d.querySelector("[name=line]").value === "%d" && d.querySelector("[name=state]").value === %q && d.querySelector("summary").innerText.includes(%q))`, s.step, s.line, s.state, s.with)
	b.until(form)
	// In one go: the page is live, and may change between two of a driver's steps.
	eval[bool](b, fmt.Sprintf(`(d => { window.pressed = d.open = true; d.querySelector("[name=quantity]").value = %d; d.querySelector("button").click(); return true })(%s)`, s.quantity, form))
	b.until(`!window.pressed`)
}

// twoOfferParts, each on the page of their own node.
func (n *night) twoOfferParts() {
	for b, beds := range map[*tab]int{n.near: 150, n.abroad: 200} {
		b.open("/help")
		b.until(`document.querySelector('main a[href="` + n.path + `"]')`)
		b.press(`main a[href="` + n.path + `"]`)
		n.does(b, taken{line: 1, step: "offer", quantity: beds})
	}
	n.asks.until(`["` + string(centre) + `", "` + string(valley) + `"].every(id => [...document.querySelectorAll("#line-1 ~ .wide td.id")].some(e => e.innerText === id))`)
}

// acceptsByTheLine takes all of the near ones' beds, and of the far ones' as many as are missing.
func (n *night) acceptsByTheLine() {
	n.does(n.asks, taken{line: 1, step: "accept", quantity: 150, with: centre})
	n.does(n.asks, taken{line: 1, step: "accept", quantity: 151, with: valley})
	n.asks.says("with this 1 more are ordered than the 300 that were asked for")
	n.asks.open(n.path)
	n.does(n.asks, taken{line: 1, step: "accept", quantity: 150, with: valley})
	n.unmet(300, 4500)
}

// commitsNoMoreThanThereIs: neither more than was ordered, nor more than is declared; the page
// says which of the two, and how it is mended.
func (n *night) commitsNoMoreThanThereIs() {
	n.does(n.near, taken{line: 1, step: "commit", quantity: 151})
	n.near.says("want at most 150")
	n.near.open(n.path)
	n.does(n.near, taken{line: 1, step: "commit", quantity: 150})
	n.unmet(150, 4500)
	n.does(n.abroad, taken{line: 2, step: "commit", quantity: 4500})
	n.abroad.says("4,500 water_litre are promised, and " + string(valley) + " has declared 4,000 that are free")
	n.abroad.says("promise fewer, or declare what is there now")
	n.unmet(150, 4500)
	n.farOnesHave(9000) // a tank wagon has come
	n.abroad.open(n.path)
	n.does(n.abroad, taken{line: 2, step: "commit", quantity: 4500})
	n.unmet(150, 0)
}

// theLineIsCut between the town and the centre: what is committed and sent meanwhile is seen by
// the others, and by the town when the line is back.
func (n *night) theLineIsCut() {
	n.asks.until(`document.body.innerText.includes("EDXL-RM 4 CommitResource")`)
	n.net.Line(town, centre).Cut()
	n.asks.until(`document.getElementById("lines").innerText.includes("no line")`)
	n.does(n.abroad, taken{line: 1, step: "commit", quantity: 150})
	n.unmet(0, 0)
	n.does(n.near, taken{line: 1, step: "status", quantity: 100, state: "in_transit"})
	n.near.says("50 committed, 100 on the way")
	if eval[bool](n.asks, `document.body.innerText.includes("on the way")`) {
		n.t.Error("the town knows what nobody could have told it")
	}
	n.net.Line(town, centre).Heal()
	n.asks.says("50 committed, 100 on the way")
	n.asks.until(`document.querySelector("#line-1 ~ p b").innerText === "0"`)
}

// itIsBroughtAndUsed: the delivery note goes with it, the town says what is there, and what is
// used up.
func (n *night) itIsBroughtAndUsed() {
	note := eval[string](n.near, `document.querySelector("main a[href^='/delivery/']").getAttribute("href")`)
	n.near.open(note)
	n.near.says(strings.TrimPrefix(note, "/delivery/"))
	n.near.until(`document.querySelector("svg.qr path") && document.body.innerText.includes("Duty desk")`)
	n.near.open(n.path)
	n.does(n.asks, taken{line: 1, step: "status", quantity: 150, with: centre, state: "deployed"})
	n.does(n.asks, taken{line: 2, step: "status", quantity: 4500, with: valley, state: "deployed"})
	n.does(n.asks, taken{line: 2, step: "consumed", quantity: 4500, with: valley})
	n.abroad.until(`/closed/.test(document.querySelector("#line-2 ~ p .pill").innerText)`)
}

// itGoesBack: nobody needs the near ones' beds any more.
func (n *night) itGoesBack() {
	n.does(n.asks, taken{line: 1, step: "release", quantity: 150, with: centre})
	n.does(n.asks, taken{line: 1, step: "status", quantity: 150, with: centre, state: "returning"})
	n.does(n.near, taken{line: 1, step: "returned", quantity: 150})
	n.asks.until(`[...document.querySelectorAll("#line-1 ~ .wide tr")].some(e => e.innerText.includes("` + string(centre) + `") && e.innerText.includes("closed"))`)
	n.unmet(0, 0)
}

// allBooksAreAlike: the three nodes read the same exchange, step by step and line by line, and
// none of the steps is ignored.
func (n *night) allBooksAreAlike() {
	record := strings.TrimPrefix(n.path, "/help/")
	read := func(id protocol.InstitutionID) (lines []string, steps int) {
		x := must(n.sites[id].node.Desk().Exchange(n.t.Context(), id, record, 0))(n.t)
		for i := range x.Lines {
			l := &x.Lines[i]
			lines = append(lines, fmt.Sprintf("%d %s %d %d %d %v", l.Line, l.State, l.Quantity, l.Committed, l.Unmet, l.With))
		}
		for i := range x.Steps {
			if x.Steps[i].Ignored != "" {
				n.t.Errorf("%s ignores %s: %s", id, x.Steps[i].Record, x.Steps[i].Ignored)
			}
		}
		return lines, len(x.Steps)
	}
	want, steps := read(town)
	for _, id := range []protocol.InstitutionID{centre, valley} {
		n.sites[id].until(func() bool { got, many := read(id); return many == steps && reflect.DeepEqual(got, want) })
	}
	if text := strings.Join(want, "\n"); !regexp.MustCompile(`(?s)^1 committed 300 300 0 .*\n2 closed 4500 4500 0 `).MatchString(text) {
		n.t.Errorf("at the end of the night the lines are\n%s", text)
	}
}

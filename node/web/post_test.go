package web_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/staff"
)

// part gives what stands below a heading of a page.
func (p page) part(heading string) string {
	_, below, _ := strings.Cut(p.shown(), "<h2>"+heading+"</h2>")
	below, _, _ = strings.Cut(below, "<h2>")
	return below
}

// TestOfficerReadsOnNowWhatIsTheirs (pages.md §1): one sentence of what is due and of the last report, three buttons, and below
// them what waits, the own figures with their age, what others ask for, where the own records are, and whom to call.
func TestOfficerReadsOnNowWhatIsTheirs(t *testing.T) {
	b := meet(t)
	b.centre.says(centre, "profile", "names.en=Demo crisis centre", "level=ministry", "duty_contact.office=Duty desk", "duty_contact.phone=+38923249100")
	u := b.gate.account(staff.Officer)
	u.get("/").wants(t, []string{"<h1>1 thing is due</h1>", "situation report</span> never heard", "No report was published here yet."})

	sent := b.gate.says(gate, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=11572", "phase=response").Record
	asked := b.centre.says(centre, "request", "lines.0.line=1", "lines.0.type=bus", "lines.0.quantity=4000", "lines.0.unit=buses", "answer_by=2015-11-11T20:00:00Z", "deliver_to.place=MK-405", "deliver_to.contact.office=Duty desk").Record
	own := b.gate.says(gate, "request", "lines.0.line=1", "lines.0.type=tent", "lines.0.quantity=77", "lines.0.unit=pieces", "answer_by=2015-11-11T20:00:00Z", "deliver_to.place=MK-405", "deliver_to.contact.office=Duty desk").Record
	note := b.centre.says(centre, "note", "text=can you hear us?", "acknowledge=true").Record
	b.gate.comes(asked)
	b.gate.comes(note)
	b.centre.comes(own)
	b.gate.until(func() bool { return strings.Count(u.get("/").body, "recorded; 1 of 1 have it") == 2 })
	p := u.get("/")
	p.wants(t, []string{"<h1>Nothing is due.</h1>", "Last report 2015-11-09 09:00, read by 1 node."})
	main := regexp.MustCompile(`(?s)<main.*</main>`).FindString(p.body)
	if buttons := regexp.MustCompile(`<a class="filled" href="([^"]+)"`).FindAllStringSubmatch(main, -1); len(buttons) != 3 || buttons[0][1] != "/report/new" || buttons[1][1] != "/needs/new" || buttons[2][1] != "/route/new" {
		t.Errorf("the buttons lead to %q", buttons)
	}
	for heading, want := range map[string]string{
		"Waiting for us":                "can you hear us?",
		"Our figures":                   `href="/record/` + sent.String() + `">11,572<`,
		"Requests that we could answer": `<a href="/help/` + asked.String() + `">` + string(centre) + "</a>: 4,000 buses",
		"Our records on the way":        `href="/record/` + own.String() + `"`,
		"Duty numbers":                  "+38923249100",
	} {
		if said := p.part(heading); !strings.Contains(strings.ReplaceAll(said, "&#43;", "+"), want) {
			t.Errorf("below %q no %q: %s", heading, want, said)
		}
	}
	if said := p.part("Requests that we could answer"); strings.Contains(said, own.String()) {
		t.Errorf("our own request is one that we could answer: %s", said)
	}
	if said := p.part("Our figures"); !strings.Contains(said, `data-l="Age">9 h<`) {
		t.Errorf("a figure without its age: %s", said)
	}

	b.clock.pass(30 * time.Hour)
	b.gate.named("test.later", staff.Officer).get("/").wants(t, []string{"<h1>1 thing is due</h1>", "situation report · Gevgelija</span>", "silent, since 2015-11-10 00:00"}, "Nothing is due.")
}

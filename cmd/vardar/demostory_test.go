package main

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"

	"github.com/vardar-network/vardar/node/federation"
)

// readsTheStory holds the pages against what was told and counted: each figure is taken from there.
func (b *browser) readsTheStory(told string) {
	b.t.Helper()
	peaks := b.counted(told, `([\d,]+) people left the islands on [^;]+; ([\d,]+) arrived at Gevgelija on`)
	places := b.counted(told, `([\d,]+) places were reported there`)[0]
	wants := map[string][]string{
		"/network/dropped": {`What peers sent since \S.* ` + string(federation.RiverTown) + ` The signature is not of the key that it names not_signed ` + b.counted(told, `false records offered, ([\d,]+) dropped`)[0] + ` `},
		"/situation":       {`the highest ` + peaks[0] + `\b`, `the highest ` + peaks[1] + `\b`},
		"/place/MK-405":    {`the highest ` + peaks[1] + `\b`},
		"/help/capacity":   {`demo-south-gate Gevgelija beds [^·]*\b` + places + ` places`},
	}
	for _, sent := range regexp.MustCompile(`ALERT SENT by crisis-centre \(mk\): (.+?)\. It is on`).FindAllStringSubmatch(told, -1) {
		wants["/situation/alerts"] = append(wants["/situation/alerts"], regexp.QuoteMeta(sent[1]))
	}
	for _, help := range regexp.MustCompile(`Help \(invented\): ([\d,]+) [a-z ]+ asked for, ([\d,]+) committed, ([\d,]+) unmet`).FindAllStringSubmatch(told, -1) {
		wants["/help"] = append(wants["/help"], ` `+help[1]+` [a-z]+ [\d,]+ `+help[2]+` `+help[3]+`\b`)
	}
	if len(wants["/situation/alerts"]) == 0 || len(wants["/help"]) == 0 {
		b.t.Errorf("no alert, or no help, was told:\n%s", told)
	}
	for path, patterns := range wants {
		said := words(b.get(path))
		for _, pattern := range patterns {
			if !regexp.MustCompile(pattern).MatchString(said) {
				b.t.Errorf("%s does not say %s:\n%s", path, pattern, said)
			}
		}
	}
	if p := words(b.get("/situation/contradictions")); strings.Contains(p, "Bogorodica") {
		b.t.Errorf("what two sides say in an exercise is told as real:\n%s", p)
	}
	b.readsTheExercise(b.counted(told, `enter "([^"]+)", and then:`)[0])
	b.readsWhoHelps(b.counted(told, `Bound to it: (.+? countries)\.`)[0])
}

// readsTheExercise has who reads enter the exercise that the end names, look at both sides of the border
// there, and come back to what is real.
func (b *browser) readsTheExercise(title string) {
	b.t.Helper()
	page := b.get("/exercise")
	record := regexp.MustCompile(`name="record" value="([^"]+)"`).FindStringSubmatch(page)
	if record == nil || !strings.Contains(page, title) {
		b.t.Fatalf("/exercise lets nobody enter %q:\n%s", title, page)
	}
	b.post("/exercise/enter", url.Values{"record": {record[1]}})
	for path, also := range map[string]string{"/situation/contradictions": "", "/situation/routes": "the two sides disagree"} {
		said := words(b.get(path))
		for _, want := range []string{"Bogorodica - Evzoni", "invented", string(federation.NorthernTown), string(federation.SouthGate), also} {
			if !strings.Contains(said, want) {
				b.t.Errorf("%s does not say %q in the exercise:\n%s", path, want, said)
			}
		}
	}
	b.post("/exercise/leave", url.Values{})
}

// counted gives the figures of a sentence that was told.
func (b *browser) counted(told, pattern string) []string {
	b.t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(told)
	if found == nil {
		b.t.Fatalf("%s was not told:\n%s", pattern, told)
	}
	return found[1:]
}

// readsWhoHelps counts on the page of the request who offers, and who is bound.
func (b *browser) readsWhoHelps(want string) {
	b.t.Helper()
	request := regexp.MustCompile(`href="(/help/[a-z.-]+/resource[^"]+)"`).FindStringSubmatch(b.get("/help"))
	if request == nil {
		b.t.Fatal("/help leads to no request")
	}
	said := words(b.get(request[1]))
	for _, step := range []string{"offer", "commitment"} {
		bound, from := map[string]bool{}, map[string]bool{}
		for _, m := range regexp.MustCompile(`\b`+step+` (([a-z]{2})\.[a-z.-]+)`).FindAllStringSubmatch(said, -1) {
			bound[m[1]], from[m[2]] = true, true
		}
		if got := fmt.Sprintf("%d institutions of %d countries", len(bound), len(from)); got != want {
			b.t.Errorf("%s by %s, told were %s:\n%s", step, got, want, said)
		}
	}
}

// words gives what a page says below what stands above each.
func words(page string) string {
	_, page, _ = strings.Cut(page, "<main")
	page, _, _ = strings.Cut(page, "</main>")
	return plainly("<main" + page)
}

// plainly gives all that a page says.
func plainly(page string) string {
	return strings.Join(strings.Fields(html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " "))), " ")
}

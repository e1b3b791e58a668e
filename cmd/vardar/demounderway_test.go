package main

import (
	"bufio"
	"context"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/federation"
)

// TestPagesTellOfTheLineWhileItIsCut looks at the town's pages and the capital's in the scene in which no line
// is left between them, and once the line is back: the story goes on only when what it said was heard.
func TestPagesTellOfTheLineWhileItIsCut(t *testing.T) {
	t.Setenv("TMPDIR", folder(t))
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Minute) // a bound on hanging
	heard, told := io.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, err := federation.Demo(ctx, federation.DemoOptions{Out: told, Stay: true})
		_ = told.CloseWithError(err) // never fails
	}()
	defer func() {
		stop()
		_ = heard.Close() // never fails
		<-ended
	}()
	h := &hearer{t: t, lines: bufio.NewScanner(heard)}
	first := h.invitations("Pages to click while the story goes on")
	centre, town := first[string(federation.CrisisCentre.LocalName())].enter(t), first[string(federation.SouthGate.LocalName())].enter(t)
	h.until("goes on: its report is held by")
	h.until("(gr).") // where that ends
	scene := strings.Join(strings.Fields(h.told.String()), " ")
	holders := strings.Count(town.counted(scene, `goes on: its report is held by (.+)\.$`)[0], " and ") + 1
	last := centre.counted(scene, `no news, line cut last ([\d,]+),`)[0]
	newest := `/record/` + town.counted(town.get("/"), `href="/record/([^"]+)">situation report`)[0]
	gate, has := regexp.QuoteMeta(string(federation.SouthGate)), `recorded here; `+strconv.Itoa(holders)+` of `
	town.says("/", `crisis-centre: no line for .+, \d+ wait`)
	town.says(newest, has+`[`+strconv.Itoa(holders+1)+`-9] have it`)
	centre.says("/", `line cut since [\d-]+ [\d:]+ Demo South Gate · \d+ wait · line cut situation report Gevgelija`)
	centre.says("/situation", `line cut `+gate+` · Gevgelija`)
	centre.says("/situation", `Gevgelija arrivals `+last+` persons .{1,80} line cut `)
	centre.says("/situation/reporting", gate+` situation report · Gevgelija line cut `)

	h.until("LINE BACK")
	all := strconv.Itoa(holders + 1)
	town.says(newest, `recorded here; `+all+` of `+all+` have it`)
	town.says("/", `all `+all+` lines up`)
	centre.says("/", `line up Demo River Town.* line up Demo South Gate `)
	centre.says("/situation/reporting", gate+` situation report · Gevgelija on time `)
	for b, paths := range map[*browser][]string{town: {"/"}, centre: {"/", "/situation"}} {
		for _, path := range paths {
			if p := words(b.get(path)); regexp.MustCompile(`no line for|line cut since|line cut ` + gate).MatchString(p) {
				t.Errorf("%s tells of a line that is back:\n%s", path, p)
			}
		}
	}
}

// says waits until a page, with what stands above it, says something.
func (b *browser) says(path, pattern string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute) // a bound on hanging
	defer cancel()
	tick := time.NewTicker(250 * time.Millisecond) // a node answers no more than so often
	defer tick.Stop()
	for {
		page := b.get(path)
		if regexp.MustCompile(pattern).MatchString(plainly(page)) {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			b.t.Fatalf("%s does not say %s:\n%s", path, pattern, words(page))
		}
	}
}

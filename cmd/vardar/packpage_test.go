package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"

	"github.com/vardar-network/vardar/node/api"
)

// TestPackFromThePagesHoldsYearsLater has an auditor take packs from the pages, of an incident, of a
// period and of an institution; with both nodes gone, each is verified where there is no network, and
// its page read in a browser that has no vardar.
func TestPackFromThePagesHoldsYearsLater(t *testing.T) {
	browser := chromium(t)
	p := packed(t)
	phase := run(t, codeDone, "--dir", p.centre, "publish", "phase", "--set", "place=iso3166-2:MK-405", "--set", "phase=response", "--set", "reason=many arrive", "--wait", "1")
	incident := regexp.MustCompile(regexp.QuoteMeta(string(maker)) + `/situation\.[0-9.]+[0-9]`).FindString(phase)
	run(t, codeDone, "--dir", p.own, "publish", "note", "--set", "text=who has buses?", "--set", "incident="+incident, "--wait", "1")
	browser.enters("http://"+p.pages, added(t, p.centre, "auditor"))
	day := `new Date(Date.now() + (%d) * 864e5).toISOString().slice(0, 16)`
	said := func(n int) string { return fmt.Sprintf("%s/situation.1.%d", town, n) }
	packs := []struct {
		of         string
		page       string
		take       []chromedp.Action[chromedp.Void]
		has, lacks []string // records
		reads      []string // on the page of the pack
	}{
		{
			"incident", "/incident/" + incident,
			[]chromedp.Action[chromedp.Void]{chromedp.Click(chromedp.CSS(`a[href^="/evidence/pack?incident="]`))},
			[]string{incident, said(4)},
			nil,
			[]string{"response", "who has buses?"},
		},
		{
			"period", "/audit",
			[]chromedp.Action[chromedp.Void]{
				chromedp.Evaluate[chromedp.Void](`void (since.value = ` + fmt.Sprintf(day, -1) + `, until.value = ` + fmt.Sprintf(day, 1) + `)`), chromedp.Click(chromedp.CSS("#pack button")),
			},
			[]string{incident, said(1), said(2), said(3), said(4)},
			nil,
			[]string{"response", "one", "two", "three", "who has buses?"},
		},
		{
			"institution", "/audit",
			[]chromedp.Action[chromedp.Void]{chromedp.SendKeys(chromedp.CSS("#by"), string(town)), chromedp.Click(chromedp.CSS("#pack button"))},
			[]string{said(1), said(2), said(3), said(4)},
			[]string{incident},
			[]string{"one", "two", "three", "who has buses?"},
		},
	}
	kept := folder(t)
	var files []string
	for _, pack := range packs {
		browser.do(chromedp.Navigate("http://" + p.pages + pack.page))
		files = append(files, browser.keeps(kept, pack.take))
	}
	browser.calm()
	p.end()
	for i, pack := range packs {
		t.Run(pack.of, func(t *testing.T) {
			verifiedAlone(t, files[i], pack.has, pack.lacks)
			dir := unpackedTo(t, files[i])
			alone := chromium(t)
			alone.do(chromedp.EmulateViewport(360, 900), chromedp.Navigate("file://"+filepath.Join(dir, api.PackIndexName)))
			for _, text := range append(pack.reads, string(maker), "Who said what, and when", "What this proves", "What it does not prove", "vardar verify evidence.zip") {
				alone.says(text)
			}
			alone.standsAlone(dir)
			alone.calm()
		})
	}
}

// enters comes in by a word.
func (c *chrome) enters(url, word string) {
	c.t.Helper()
	c.do(chromedp.Navigate(url+"/word?name=auditor"), chromedp.SendKeys(chromedp.CSS("#word"), word), chromedp.SendKeys(chromedp.CSS("#password"), demoPassword))
	c.do(chromedp.Click(chromedp.CSS("main form button")))
	c.says("The password is chosen")
}

// added gives the word of a new auditor.
func added(t *testing.T, dir, name string) string {
	t.Helper()
	var account struct{ Word string }
	out := run(t, codeDone, "--dir", dir, "staff", "add", name, "--role", "auditor", "--output", "json")
	if err := json.Unmarshal([]byte(out), &account); err != nil || account.Word == "" {
		t.Fatalf("%v: no word in %s", err, out)
	}
	return account.Word
}

// keeps gives the file that the browser keeps when something is done.
func (c *chrome) keeps(dir string, take []chromedp.Action[chromedp.Void]) string {
	c.t.Helper()
	progress := chromedp.Events(c.ctx, cdpbrowser.DownloadProgress)
	_, err := chromedp.Call(c.ctx, cdpbrowser.SetDownloadBehavior, cdpbrowser.SetDownloadBehaviorParams{
		Behavior: cdpbrowser.SetDownloadBehaviorBehaviorAllowAndName, BrowserContextID: chromedp.FromContext(c.ctx).BrowserContextID, DownloadPath: dir, EventsEnabled: new(true),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.do(take...)
	for of, err := range progress {
		switch {
		case err != nil:
			c.t.Fatal(err)
		case of.State == cdpbrowser.DownloadProgressStateCompleted:
			return filepath.Join(dir, of.GUID)
		case of.State == cdpbrowser.DownloadProgressStateCanceled:
			c.t.Fatal("the file broke off")
		}
	}
	c.t.Fatal("no file comes")
	return ""
}

// verifiedAlone verifies a pack with no network, if the machine lets somebody be without: each record
// has one line, which says that it holds, and what the pack does not prove is told.
func verifiedAlone(t *testing.T, file string, has, lacks []string) {
	t.Helper()
	args := []string{"vardar", "verify", file}
	if err := exec.CommandContext(t.Context(), "unshare", "-rn", "true").Run(); err == nil {
		args = append([]string{"unshare", "-rn"}, args...)
	} else {
		t.Logf("nobody is without a network here: %v", err)
	}
	raw, err := exec.CommandContext(t.Context(), args[0], args[1:]...).CombinedOutput()
	out := string(raw)
	if err != nil {
		t.Fatalf("it does not hold: %v\n%s", err, out)
	}
	for _, record := range append(slices.Clone(has), lacks...) {
		lines := regexp.MustCompile(`(?m)^record +holds +`+regexp.QuoteMeta(record)+` .*signed; its author's key, by the charter and trust records here; key valid then`).FindAllString(out, -1)
		if want := slices.Contains(has, record); len(lines) != 1 && want || len(lines) != 0 && !want {
			t.Errorf("%d lines say that %s holds (is it asked for: %t):\n%s", len(lines), record, want, out)
		}
	}
	sum := regexp.MustCompile(`(?m)^(\d+) of (\d+) records hold; digest of the list: sha-256`).FindStringSubmatch(out)
	if rows := len(regexp.MustCompile(`(?m)^record +holds `).FindAllString(out, -1)); sum == nil || sum[1] != sum[2] || fmt.Sprint(rows) != sum[1] {
		t.Errorf("%d lines of records, and it sums up %q:\n%s", rows, sum, out)
	}
	_, not, _ := strings.Cut(out, "It does not prove:\n")
	for _, want := range []string{"that what was said is true", "that nothing else was said", "the hour of a record that no witness held", "whose word the charter is", api.PackIndexName + " and the list are as they were made"} {
		if !strings.Contains(not, want) {
			t.Errorf("it does not tell that it does not prove %s:\n%s", want, out)
		}
	}
}

// unpackedTo lays the files of a pack into a folder, as an archive's own program does.
func unpackedTo(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	left := uint64(maxPackBytes)
	files, err := readZip(raw, &left)
	if err != nil {
		t.Fatal(err)
	}
	dir := folder(t)
	for _, f := range files {
		if err = os.WriteFile(filepath.Join(dir, f.name), f.data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// standsAlone wants nothing on a page to come from elsewhere, all that it leads to in a folder, and
// nothing wider than a telephone.
func (c *chrome) standsAlone(dir string) {
	c.t.Helper()
	found, err := chromedp.Run(c.ctx, chromedp.Evaluate[struct {
		Asked, Links []string
		Wide         int
	}](`({Asked: performance.getEntriesByType("resource").map(e => e.name), Links: [...document.links].map(a => a.getAttribute("href")), Wide: document.documentElement.scrollWidth})`))
	if err != nil {
		c.t.Fatal(err)
	}
	if len(found.Asked) > 0 || len(found.Links) == 0 || found.Wide > 360 {
		c.t.Errorf("the page asks for %q, leads to %q and is %d px wide", found.Asked, found.Links, found.Wide)
	}
	for _, link := range found.Links {
		if _, err := os.Stat(filepath.Join(dir, link)); err != nil {
			c.t.Errorf("the page leads to %v", err)
		}
	}
}

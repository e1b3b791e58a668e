package web_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// media has the browser believe that it prints, or that its reader wants it otherwise.
func (b *tab) media(medium, feature, value string) {
	b.t.Helper()
	b.wants(medium, dress{feature: value})
}

// wants is the same for several wishes; none: as a browser is by itself.
func (b *tab) wants(medium string, d dress) {
	b.t.Helper()
	asked := emulation.SetEmulatedMediaParams{Media: medium}
	for feature, value := range d {
		asked.Features = append(asked.Features, &emulation.MediaFeature{Name: feature, Value: value})
	}
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, asked)
	ok(b.t, err)
}

// picture keeps how the page looks in the folder that VARDAR_SCREENSHOTS names, if it names
// one: there people look at what no rule can judge.
func (b *tab) picture(path string, width int64, scheme string) {
	b.t.Helper()
	if os.Getenv("VARDAR_SCREENSHOTS") == "" {
		return
	}
	got := must(chromedp.Run(b.ctx, chromedp.FullScreenshot(100)))(b.t)
	b.keep(fmt.Sprintf("%s-%d-%s", path, width, scheme), "png", got)
}

// keep writes what a page looks like into that folder, if there is one.
func (b *tab) keep(path, as string, data []byte) {
	b.t.Helper()
	dir := os.Getenv("VARDAR_SCREENSHOTS")
	if dir == "" {
		return
	}
	name := strings.Trim(strings.NewReplacer("/", "-", ":", "-", "?", "-").Replace(path), "-")
	ok(b.t, os.WriteFile(filepath.Join(dir, strings.Trim(name, "-")+"."+as), data, 0o600))
}

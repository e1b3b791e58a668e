package web_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"

	"github.com/vardar-network/vardar/node/staff"
)

// heard is what the browser gives a screen reader of one part of a page.
type heard struct {
	role, name, description string

	states map[accessibility.PropertyName]string
}

// told gives what a screen reader can say of the page, in its order.
func (b *tab) told() (all []heard) {
	b.t.Helper()
	tree, err := chromedp.Call(b.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	ok(b.t, err)
	text := func(v *accessibility.Value) string {
		if v == nil || len(v.Value) == 0 {
			return ""
		}
		var said any
		ok(b.t, json.Unmarshal(v.Value, &said))
		return fmt.Sprint(said)
	}
	for _, n := range tree.Nodes {
		if n.Ignored {
			continue
		}
		h := heard{text(n.Role), text(n.Name), text(n.Description), map[accessibility.PropertyName]string{}}
		for _, p := range n.Properties {
			h.states[p.Name] = text(p.Value)
		}
		all = append(all, h)
	}
	return all
}

// hears wants a part of the page told so.
func (b *tab) hears(what string, is func(heard) bool) {
	b.t.Helper()
	if all := b.told(); !slices.ContainsFunc(all, is) {
		b.t.Errorf("a screen reader is not told %s, but %q", what, all)
	}
}

// readerIsTold reports with a mistake by ear: where one is, what each field is called, what is
// wrong with which, and that it was sent.
func (f *federated) readerIsTold(t *testing.T, browser *chrome) {
	b := f.sites[town].enter(t, browser, staff.Officer)
	b.hears("where the content is", func(h heard) bool { return h.role == "main" })
	b.hears("the places", func(h heard) bool { return h.role == "navigation" })
	b.press("nav a.filled")
	b.says("Situation report")
	for _, h := range b.told() {
		if slices.Contains([]string{"textbox", "combobox", "button", "link", "checkbox", "searchbox", "spinbutton"}, h.role) && h.name == "" {
			t.Errorf("a %s has no name", h.role)
		}
	}
	field := func(h heard) bool { return h.role == "textbox" && strings.HasPrefix(h.name, "arrivals") }
	b.hears("that nothing is wrong yet", func(h heard) bool { return field(h) && h.states[accessibility.PropertyNameInvalid] == "false" })
	b.fill("figures.arrivals", "many")
	b.press("form.stack .actions button")
	b.until(`document.activeElement.id === "wrong"`)
	b.hears("at once that it was not sent", func(h heard) bool {
		return h.role == "alert" && h.states[accessibility.PropertyNameLive] == "assertive" && h.states[accessibility.PropertyNameFocused] == "true"
	})
	b.hears("what is wrong with the field", func(h heard) bool {
		return field(h) && h.states[accessibility.PropertyNameInvalid] == "true" && strings.Contains(h.description, "is no number")
	})
	b.fill("figures.arrivals", "2050")
	b.press("form.stack .actions button")
	b.at("/record/" + string(town) + "/situation.1.")
	b.hears("the line's state, as it changes", func(h heard) bool {
		return h.role == "status" && h.states[accessibility.PropertyNameLive] == "polite"
	})
	b.calm()
}

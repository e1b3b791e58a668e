package federation

import (
	"context"
	"errors"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
)

// reader is somebody to whom the demonstration opens pages: an account of a node.
type reader struct {
	At   protocol.InstitutionID
	Name string // of the account
	Role string
	Sees string // what it is there for
}

// readers are those of a demonstration: a view of each kind.
func readers() []reader {
	return []reader{
		{CrisisCentre, "coordinator", "coordinator", "a coordinator's look over all"},
		{SouthGate, "duty", "officer", "a town's duty officer, who reports"},
		{Secretariat, "admin", "admin", "who keeps a regional body's node"},
	}
}

// pagesAt is where the pages open before anybody knows which ports are free.
const pagesAt = "127.0.0.1:0"

// open gives a node that somebody reads at an address for its pages.
func (d *demo) open(id protocol.InstitutionID, o *node.Options) {
	for _, r := range readers() {
		if r.At == id {
			o.Pages = pagesAt
		}
	}
}

// invite tells the addresses of the pages, and for an account that nobody has entered yet
// a word that lets choose its password.
func (d *demo) invite(ctx context.Context, title string) error {
	if !d.o.Stay {
		return nil
	}
	d.say.line(plain, "")
	d.say.para(strong, "%s", title)
	for _, r := range readers() {
		n := d.net.Node(r.At)
		word, err := n.Welcome(ctx, r.Name, r.Role)
		if err != nil {
			return err
		}
		d.say.entry(plain, "%s: %s", short(r.At), r.Sees)
		if word == "" {
			d.say.line(plain, "    %s/enter as %s, with the password you chose", n.PagesURL(), r.Name)
			continue
		}
		d.say.line(plain, "    %s/word?name=%s", n.PagesURL(), r.Name)
		d.say.line(plain, "    one-time word %s; choose a password with it", word)
	}
	return nil
}

// stay runs the nodes again after the proof, for those who read on, until ctx ends. Their
// hour goes on from the end of the story. Pages open where they were, if nobody has taken
// that address since.
func (d *demo) stay(ctx context.Context) error {
	for _, hosted := range d.plan.Nodes {
		id := hosted[0].ID
		o := d.net.options(id)
		o.Stamp = nil // records of now: nobody signs them again
		if before := d.at[id]; before.pages != "" {
			o.Pages = before.pages
		}
		if d.o.Keep != "" {
			o.Listen = d.at[id].links // where the lines of kept nodes lead
		}
		err := d.net.runAs(ctx, id, o)
		if err != nil && o.Pages != "" && ctx.Err() == nil {
			o.Pages = pagesAt
			err = d.net.runAs(ctx, id, o)
		}
		if err != nil {
			return interrupted(ctx, err)
		}
	}
	if err := d.invite(ctx, "To click: the nodes run again, until Ctrl-C"); err != nil {
		return interrupted(ctx, err)
	}
	d.worthALook()
	d.tryNext()
	d.say.line(plain, "")
	d.say.para(strong, "Ctrl-C ends the demonstration.")
	if d.say.err == nil {
		<-ctx.Done()
	}
	return nil
}

// interrupted gives nothing if it was the reader who ended it: all is told and proved then.
func interrupted(ctx context.Context, err error) error {
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return nil //nolint:nilerr // as above
	}
	return err
}

// addresses are where a node was reached while the story was told.
type addresses struct{ links, pages string }

// addressed notes them.
func (d *demo) addressed() {
	d.at = map[protocol.InstitutionID]addresses{}
	for _, n := range d.net.Nodes() {
		d.at[n.Institutions()[0]] = addresses{n.Addr(), n.PagesAddr()}
	}
}

// worthALook names the pages of the coordinator on which what was told stands, with what was
// counted of it.
func (d *demo) worthALook() {
	at, g := d.net.Node(Coordinator).PagesURL(), d.report.Decided
	var pages [][2]string
	if d.story.Decide != nil {
		pages = append(pages, [][2]string{
			{"/funds", plural(len(g.Plans), "fund plan") + ", " + plural(len(g.Flows), "payment")},
			{"/policy", plural(g.Concluded, "concluded consultation") + ", " + plural(g.Answered, "answer")},
			{"/library", plural(g.Practices, "practice") + ", " + plural(g.Adoptions, "adoption") + " by others"},
			{"/regional", plural(d.report.Regional.Figures, "figure") + " of " + plural(d.report.Regional.Records, "record")},
		}...)
	}
	pages = append(pages, [2]string{"/network/dropped", plural(d.report.Dropped, "dropped record") + ", and why"})
	if d.story.Border != nil {
		pages = append(pages, [][2]string{
			{"/exercise", "enter \"" + exerciseTitle + "\", and then:"},
			{"/situation/contradictions", string(d.story.Border.Name)},
			{"/situation/routes", "its two sides"},
		}...)
	}
	d.say.line(plain, "")
	d.say.para(strong, "Worth a look there, as the coordinator of %s", short(Coordinator))
	for _, page := range pages {
		d.say.line(plain, "  %s%s  %s", at, page[0], page[1])
	}
}

package web

import (
	"fmt"
	"reflect"
	"strings"
	"text/template/parse"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Routes are all that the pages answer.
func (p *Pages) Routes() []string {
	var out []string
	for route := range p.routes() {
		out = append(out, route)
	}
	return out
}

// Ringing renders what rings in an open page of a role.
func (p *Pages) Ringing(r desk.Role, ringing ...desk.Waking) (string, error) {
	return p.fragment("ringing", &frame{Visitor: desk.Account{Name: "duty", Role: r}, Demonstration: true, Ringing: ringing})
}

// Typed renders what is said to who fills in a form.
func (p *Pages) Typed(wrong *desk.Problem, kept bool) (string, error) {
	return p.fragment("typed", &frame{Data: &typedPage{formPage{Problem: wrong}, kept}})
}

// TypedOut renders what is said to who fills one in and is not logged in any more.
func (p *Pages) TypedOut() (string, error) { return p.fragment("typedout", &frame{}) }

// Waiting renders the page of a record that waits for a second person, in a language.
func (p *Pages) Waiting(language string, w desk.Second) (string, error) {
	f := &frame{Visitor: desk.Account{Name: "night", Role: "approver"}, Institution: w.As}
	return p.spoken(language, "approval", f.page("approval", approvalPage{w, nil}))
}

// Dropped renders the page of what was dropped by a rule, in a language.
func (p *Pages) Dropped(language, rule string) (string, error) {
	f := &frame{Visitor: desk.Account{Name: "night", Role: "admin"}}
	return p.spoken(language, "dropped", f.page("network", desk.Lacking{Dropped: []desk.DroppedRow{{Peer: "gr.central-macedonia.idomeni", Rule: rule, Records: 3}}}))
}

// Missed says in a language why a report had not come.
func (p *Pages) Missed(language string, m body.RegionalMissing) string {
	return (&frame{speaker: p.words.Speaker(language)}).Missed(m)
}

// SaidWhen says in English a message that ends with a moment.
func (p *Pages) SaidWhen(at protocol.Instant, key, text string) string {
	f := &frame{speaker: p.words.Speaker("en")}
	return string(f.Say(key, text, f.Time(at)))
}

func (p *Pages) fragment(name string, f *frame) (string, error) {
	return p.spoken("en", name, f)
}

func (p *Pages) spoken(language, name string, f *frame) (string, error) {
	f.speaker, f.placeIn, f.Now = p.words.Speaker(language), p.o.Desk.PlaceIn, protocol.InstantOf(p.o.Clock())
	var out strings.Builder
	err := p.look.ExecuteTemplate(&out, name, f)
	return out.String(), err
}

// Bare is what is added to each whole number that a template prints as it comes, and not as the language
// of the page writes it.
const Bare = 1_000_000

// BareNumbers makes the pages print such numbers larger by [Bare], so that a test sees them however small
// they are. It is called before the first page is asked for.
func (p *Pages) BareNumbers() {
	larger := func(v any) any {
		if _, named := v.(fmt.Stringer); named {
			return v
		}
		switch n := reflect.ValueOf(v); {
		case n.IsValid() && n.CanInt():
			return n.Int() + Bare
		case n.IsValid() && n.CanUint():
			return n.Uint() + Bare
		}
		return v
	}
	p.look.Funcs(map[string]any{"larger": larger, "print": func(args ...any) string {
		for i := range args {
			args[i] = larger(args[i])
		}
		return fmt.Sprint(args...)
	}})
	for _, t := range p.look.Templates() {
		if t.Tree != nil {
			enlarge(t.Tree.Root)
		}
	}
}

// enlarge has each action of a tree hand on what it prints.
func enlarge(n parse.Node) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, each := range n.Nodes {
				enlarge(each)
			}
		}
	case *parse.ActionNode:
		if len(n.Pipe.Decl) == 0 {
			n.Pipe.Cmds = append(n.Pipe.Cmds, &parse.CommandNode{NodeType: parse.NodeCommand, Args: []parse.Node{parse.NewIdentifier("larger").SetTree(nil).SetPos(n.Pos)}})
		}
	case *parse.IfNode:
		enlarge(n.List)
		enlarge(n.ElseList)
	case *parse.RangeNode:
		enlarge(n.List)
		enlarge(n.ElseList)
	case *parse.WithNode:
		enlarge(n.List)
		enlarge(n.ElseList)
	}
}

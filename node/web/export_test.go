package web

import (
	"strings"

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

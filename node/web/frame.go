package web

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/lang"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// frame is what stands around every page, and how its templates say things.
type frame struct {
	Visitor       desk.Account
	Institution   protocol.InstitutionID   // that the visitor acts as
	Path          string                   // the place that the page belongs to
	Here          string                   // its address, without at
	At            protocol.Instant         // as this node knew it then; 0: now
	Present       bool                     // an instant was asked about, and of this page nothing earlier is kept
	Own           []protocol.InstitutionID // that the visitor can act as
	Lines         string                   // the state of the lines, in words
	Languages     []lang.Language          // to choose from
	Demonstration bool
	Trying        bool // nothing that is sent leaves
	CSS           string
	Scripts       []string      // of a page that looks again by itself; none: it does not
	Address       string        // at which it does; of a form none: there the banner alone does
	Ringing       []desk.Waking // that nobody has seen yet
	Said          string        // how an act went
	Land          string        // the address of the map's outlines
	Query         string        // what was looked for
	Elsewhere     string        // where people log in besides; empty: nowhere
	Now           protocol.Instant
	Data          any

	Playing  *desk.ExerciseRow // the exercise that everything stands in; nil: it is real
	RealPage bool              // what the page shows is real all the same
	Ended    string            // the title of an exercise that has ended for the session
	Alerts   []desk.AlertRow   // real ones in force, within an exercise

	template string
	query    url.Values // of its address
	refusal  *refusal   // shared by all parts of the page
	speaker  *lang.Speaker
	placeIn  func(language string, k body.PlaceKey) (string, bool)

	mayPledge func(as, to protocol.InstitutionID) bool
	mayWarn   func(as protocol.InstitutionID) bool
}

// frame makes the one of a request; under is the place that the page belongs to.
func (p *Pages) frame(r *http.Request, under string) *frame {
	f := &frame{
		Visitor: visitor(r.Context()), Institution: p.o.Desk.Institutions()[0], Path: under, Here: r.URL.Path, query: r.URL.Query(), At: asked(r),
		Demonstration: p.o.Desk.Demonstration(), CSS: p.css, Land: p.landAt, Trying: p.trying(r),
		Now: protocol.InstantOf(p.o.Clock()), refusal: &refusal{}, speaker: p.speaker(r), placeIn: p.o.Desk.PlaceIn, mayPledge: p.o.Desk.MayPledge, mayWarn: p.o.Desk.MayWarn, Languages: p.words.Languages(),
	}
	if p.o.OIDC != nil {
		f.Elsewhere = p.o.OIDC.Name()
	}
	if f.At != 0 {
		f.Now = f.At
	}
	if r.Method == http.MethodGet && f.Visitor.Name != "" && f.At == 0 {
		f.Scripts = p.scripts
		if !strings.HasSuffix(f.Here, "/new") && f.Here != stockAt { // a form stays as it is typed
			f.Address = r.URL.RequestURI()
		}
	}
	if f.Visitor.Name != "" {
		f.Ringing = p.o.Desk.Ringing(f.Visitor)
		f.Institution, f.Own = acting(r.Context()), p.o.Desk.ActsFor(f.Visitor)
		f.Lines = f.linesSaid(p.o.Desk.StateOfLines())
		p.played(r, f)
	}
	return f
}

// present makes the frame of a page that is always of now.
func (p *Pages) present(r *http.Request, under string) *frame {
	f := p.frame(r, under)
	f.At, f.Present, f.Now = 0, f.At != 0, protocol.InstantOf(p.o.Clock())
	return f
}

// T says a message.
func (f *frame) T(key string, args ...any) string { return f.speaker.Say(key, args...) }

// sentence is what another room said in English, in the language of the page.
type sentence struct{ Text, Lang string }

// Sentence says what another room said. Its language is named where it is not that of the page.
func (f *frame) Sentence(english string) sentence {
	text, known := f.speaker.Sentence(english)
	if !known {
		return sentence{text, "en"}
	}
	return sentence{Text: text}
}

// saying gives what says a sentence of another room in the language of a visitor.
func (p *Pages) saying(r *http.Request) func(english string) string {
	f := p.frame(r, "")
	return func(english string) string { return f.Sentence(english).Text }
}

// On says on what somebody acted: by a name or a code, which are the same in each language, or in words.
func (f *frame) On(what string) string {
	text, _ := f.speaker.Sentence(what)
	return text
}

// Because says why a record stands as it does: what put it right or took it back, or what is wrong.
func (f *frame) Because(reason string) sentence {
	if by, ok := strings.CutPrefix(reason, "by "); ok {
		if _, err := protocol.ParseName(by); err == nil {
			return sentence{Text: f.T("record.put.by", by)}
		}
	}
	return f.Sentence(reason)
}

// inOwnWords is what the catalogue says.
func inOwnWords(text string) []sentence { return []sentence{{Text: text}} }

// Why says what is wrong with a field, and how to mend it.
func (f *frame) Why(detail, mend string) []sentence {
	out := []sentence{f.Sentence(detail)}
	if mend != "" {
		out = append(out, f.Sentence(mend))
	}
	return out
}

// Lang is the language of the page.
func (f *frame) Lang() string { return f.speaker.Tag }

// Draft reports whether the page is in words that no speaker of its language has read.
func (f *frame) Draft() bool { return f.speaker.Draft }

// May reports whether the visitor may open a route: what they may not, no link leads to,
// and nothing is written in the past.
func (f *frame) May(route string) bool {
	return desk.MayOpen(f.Visitor, route) && (f.At == 0 || !strings.HasPrefix(route, "POST ") && !isForm(strings.TrimPrefix(route, "GET ")))
}

// Timed reports whether an earlier instant can be asked of the page: a form is filled in now.
func (f *frame) Timed() bool { return f.Visitor.Name != "" && !isForm(f.Here) }

// Age says how old what was then is.
func (f *frame) Age(hours int64) string {
	return f.speaker.Age(time.Duration(hours) * time.Hour)
}

// Indicator says what a figure counts; one of the author's own by its own name.
func (f *frame) Indicator(i body.Indicator) string {
	if i.Core() {
		return f.T("indicator." + string(i))
	}
	return strings.TrimPrefix(string(i), "x-")
}

// Roles are all that an account can have.
func (f *frame) Roles() []desk.Role { return desk.Roles() }

// Severity says how grave, with its shape.
func (f *frame) Severity(s string) string { return f.T("severity." + strings.ToLower(s)) }

// Place says a place by its name, a country in the page's language, with the mark of the
// footnote where the atlas has one for it.
func (f *frame) Place(k body.PlaceKey, name string) string {
	if said, ok := f.placeIn(f.Lang(), k); ok {
		name = said
	}
	if name == "" {
		name = k.String()
	}
	return atlas.Marked(name, atlas.NeedsFootnote(k))
}

// Name says an institution's name in the page's language, else in English, else as it comes.
func (f *frame) Name(names map[body.Language]string) string {
	for _, l := range append([]body.Language{body.Language(f.Lang()), "en"}, slices.Sorted(maps.Keys(names))...) {
		if name := names[l]; name != "" {
			return name
		}
	}
	return ""
}

// page chooses the template, and what it shows.
func (f *frame) page(template string, data any) *frame {
	f.template, f.Data = template, data
	return f
}

// answer writes a page of what the desk said, or why it said nothing.
func (p *Pages) answer(w http.ResponseWriter, r *http.Request, f *frame, err error) {
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	p.render(w, r, http.StatusOK, f)
}

// render writes a page.
func (p *Pages) render(w http.ResponseWriter, r *http.Request, status int, f *frame) {
	if status == http.StatusForbidden {
		f.Address = "" // nothing that comes in opens it
	}
	var out bytes.Buffer
	if err := p.look.ExecuteTemplate(&out, f.template, f); err != nil {
		p.failed(w, r, fmt.Errorf("page %s: %w", f.template, err))
		return
	}
	page, err := p.marked(f, out.Bytes())
	if err != nil {
		p.failed(w, r, fmt.Errorf("page %s: %w", f.template, err))
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(p.stamped(page, visitOf(r.Context()).playing))
}

// failed ends a request that the node itself could not answer.
func (p *Pages) failed(w http.ResponseWriter, r *http.Request, err error) {
	p.o.Logger.ErrorContext(r.Context(), "page failed", "method", r.Method, "path", r.URL.Path, "err", err)
	said, _ := p.speaker(r).Sentence("the node failed: try again; 'vardar doctor' looks for the cause")
	http.Error(w, said, http.StatusInternalServerError)
}

// problem gives what the desk said, to show beside the form; nil for nil.
func (p *Pages) problem(r *http.Request, err error) *desk.Problem {
	if err == nil {
		return nil
	}
	told, ref := p.o.Desk.Outside(err)
	if ref != "" {
		p.o.Logger.ErrorContext(r.Context(), "page failed", "method", r.Method, "path", r.URL.Path, "ref", ref, "err", err)
	}
	return told
}

// refuse shows what the desk said on a page of its own.
func (p *Pages) refuse(w http.ResponseWriter, r *http.Request, err error) {
	said := p.problem(r, err)
	f := p.frame(r, "")
	p.render(w, r, statusOf(err), f.page("problem", f.Why(said.Detail, said.Mend)))
}

// TooMany answers who asks too often; how long to wait stands in Retry-After.
func (p *Pages) TooMany(w http.ResponseWriter, r *http.Request) {
	p.around(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, err := p.sessions.Load(r.Context(), "") // none: to look for the real one is work
		if err != nil {
			p.failed(w, r, err)
			return
		}
		r = r.WithContext(ctx)
		f := p.frame(r, "")
		p.render(w, r, http.StatusTooManyRequests, f.page("problem", inOwnWords(f.T("problem.toomany", whole(w.Header().Get("Retry-After"))))))
	})).ServeHTTP(w, r)
}

func (p *Pages) nowhere(w http.ResponseWriter, r *http.Request) {
	f := p.frame(r, "")
	f.Address = ""
	p.render(w, r, http.StatusNotFound, f.page("problem", inOwnWords(f.T("problem.notfound"))))
}

// statusOf is the one switch from problems to HTTP.
func statusOf(err error) int {
	if err == nil {
		return http.StatusOK
	}
	var found *desk.Problem
	if !errors.As(err, &found) {
		return http.StatusInternalServerError
	}
	switch found.Kind {
	case desk.Usage:
		return http.StatusBadRequest
	case desk.NotFound:
		return http.StatusNotFound
	case desk.Refused:
		return http.StatusUnprocessableEntity
	case desk.NotPermitted:
		return http.StatusForbidden
	case desk.NoLine:
		return http.StatusServiceUnavailable
	case desk.Failed, desk.Damaged, desk.CheckFound:
	}
	return http.StatusInternalServerError
}

// With gives the frame around other data, for a part of a page that several have.
func (f *frame) With(data any) *frame {
	g := *f
	g.Data = data
	return &g
}

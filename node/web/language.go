package web

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/lang"
	"github.com/vardar-network/vardar/protocol/body"
)

// languageCookie holds the language that somebody chose on this browser, before they logged
// in and after they have left.
const (
	languageCookie = "vardar-language"
	languageLife   = 365 * 24 * 60 * 60 // seconds
)

// Choices gives what tells the desk how words that are chosen from are called in the languages of
// the pages.
func Choices() (func(word string) []string, error) {
	words, err := lang.New()
	if err != nil {
		return nil, err
	}
	return words.Choices, nil
}

// speaker gives the language of an answer: the one that was chosen, else the first of those
// that the browser asks for, else the node's own.
func (p *Pages) speaker(r *http.Request) *lang.Speaker {
	var chosen string
	if c, err := r.Cookie(languageCookie); err == nil {
		chosen = c.Value
	}
	return p.words.Speaker(chosen, r.Header.Get("Accept-Language"), p.o.Language)
}

// language takes the one that is chosen from now on, and leads back.
func (p *Pages) language(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{
		Name: languageCookie, Value: p.words.Speaker(r.PostFormValue("language")).Tag, Path: "/", MaxAge: languageLife,
		HttpOnly: true, Secure: p.o.Secure, SameSite: http.SameSiteLaxMode,
	})
	back := r.PostFormValue("back")
	if !strings.HasPrefix(back, "/") || strings.HasPrefix(back, "//") || strings.ContainsAny(back, "\\\r\n") {
		back = "/"
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
}

// Number says the whole numbers of what a record says as the language writes them.
func (f *frame) Number(of any) string {
	return f.speaker.Numbers(fmt.Sprint(reflect.Indirect(reflect.ValueOf(of))))
}

// Decimal says a number with a fraction as the language writes it.
func (f *frame) Decimal(of body.Decimal) string { return f.speaker.Decimal(string(of)) }

// Rate writes an exchange rate as the language does.
func (f *frame) Rate(of body.Rate) string { return f.speaker.Decimal(string(of)) }

// linesSaid says the state of the lines in a sentence.
func (f *frame) linesSaid(l desk.Lines) string {
	switch {
	case l.All == 0:
		return f.T("lines.none")
	case l.Wanted == 0:
		return f.T("lines.paused")
	case len(l.Down) == 0:
		return f.T("lines.up", l.Wanted)
	}
	var said []string
	for _, d := range l.Down {
		words := f.T("lines.never", string(d.Peer))
		if d.For > 0 {
			words = f.T("lines.down", string(d.Peer), f.speaker.Age(d.For))
		}
		if d.Waiting > 0 {
			words += ", " + f.T("overview.line.waiting", d.Waiting)
		}
		said = append(said, words)
	}
	return strings.Join(said, "; ")
}

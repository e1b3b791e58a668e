package duty_test

import (
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/protocol"
)

// TestLetterSaysWhatTheMarkAtANameStandsFor, at its end, and one without such a name says nothing of it.
func TestLetterSaysWhatTheMarkAtANameStandsFor(t *testing.T) {
	for said, want := range map[string]bool{"Many may come to Prizren *": true, "Many may come to Gevgelija": false} {
		way, sent := phone(t)
		p := open(t, "ways: {phone: "+way+"}\nrules: [{name: r, kinds: [alert], wake: [phone]}]\n")
		p.news.events = []duty.Event{p.warns("Severe", said)}
		p.passes(0)
		p.passes(shortly)
		got := only(t, sent())
		if _, below, _ := strings.Cut(got, string(town)+"\n\n* "); strings.Contains(below, "1244 (1999)") != want {
			t.Errorf("sent %q", got)
		}
	}
}

// TestLetterIsInTheLanguageOfTheRules: its numbers, its moments and how grave something is, which it says once; what
// somebody wrote stays as they wrote it, though the desk could have said the same.
func TestLetterIsInTheLanguageOfTheRules(t *testing.T) {
	const asTheDesk = "arrivals at Gevgelija went from 6532 to 960"
	for language, want := range map[string][]string{
		"en": {"2 things: alert, severe: " + asTheDesk + "\n", "- change: arrivals at Gevgelija went from 6,532 to 960\n", ", 2015-11-09 15:00 CET\n"},
		"mk": {"2 работи: предупредување, тешко: " + asTheDesk + "\n", "- промена: пристигнати, Gevgelija: од 6.532 на 960\n", ", 9.11.2015 15:00 CET\n"},
	} {
		way, sent := phone(t)
		p := open(t, "lang: "+language+"\nzone: Europe/Skopje\nways: {phone: "+way+"}\nrules: [{name: r, kinds: [alert, change], wake: [phone]}]\n")
		p.warns("Severe", "Severe: "+asTheDesk) // as the desk says an alert in a line
		p.news.changes = []duty.Event{{Kind: duty.Change, Institution: centre, Handling: protocol.Green, Digest: protocol.DigestOf([]byte("2")), Said: asTheDesk, Written: protocol.InstantOf(p.clock.Now())}}
		p.passes(0)
		p.passes(shortly)
		got := only(t, sent())
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("in %s no %q:\n%s", language, w, got)
			}
		}
	}
}

package duty_test

import (
	"context"
	"slices"
	"strconv"
	"testing"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

func (n *news) Good(_ context.Context, events []duty.Event, quality string) []bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := make([]bool, len(events))
	for i := range events {
		q, has := n.quality[events[i].Digest]
		out[i] = has && q.Is(quality)
	}
	return out
}

// digestOf is that of the event at a place in the order.
func digestOf(place int) protocol.Digest { return protocol.DigestOf([]byte(strconv.Itoa(place))) }

// reports is a report of now of a quality; nil: it is not scored.
func (p *post) reports(said string, q *board.Quality) {
	now := protocol.InstantOf(p.clock.Now())
	p.news.mu.Lock() // its quality is known before it is news
	if q != nil {
		p.news.quality[digestOf(len(p.news.events)+1)] = *q
	}
	p.news.mu.Unlock()
	p.news.happens(duty.Event{Kind: "report", Institution: centre, Said: said, Handling: protocol.Green, Places: []string{"MK"}, Written: now, Accepted: now})
}

// TestRuleWakesOfTheQualityItAsksFor, as lists have it: at least so good, or not yet verified; what
// is not scored is neither.
func TestRuleWakesOfTheQualityItAsksFor(t *testing.T) {
	p := open(t, "rules:\n- {name: usable, kinds: [report], quality: usable}\n- {name: unverified, kinds: [report], quality: unverified}\n- {name: any, kinds: [report]}\n")
	p.reports("good", &board.Quality{Band: board.QualityGood, Verified: true})
	p.reports("usable", &board.Quality{Band: board.QualityUsable})
	p.reports("weak", &board.Quality{Band: board.QualityWeak})
	p.reports("not scored", nil)
	p.step()
	got := map[string][]string{}
	for _, w := range p.duty.Wakings() {
		for _, e := range w.Events {
			got[w.Rule] = append(got[w.Rule], e.Said)
		}
	}
	for rule, want := range map[string][]string{"usable": {"good", "usable"}, "unverified": {"usable", "weak"}, "any": {"good", "usable", "weak", "not scored"}} {
		if !slices.Equal(got[rule], want) {
			t.Errorf("the rule %s told of %q, want %q", rule, got[rule], want)
		}
	}
}

// TestSubscriptionIsToldOfWhatItChose, by topic, kind, severity and quality, and of nothing while
// it is paused, which is not lost.
func TestSubscriptionIsToldOfWhatItChose(t *testing.T) {
	r := receive(t)
	p := open(t, "private: [127.0.0.1/32]\n")
	subscribe := func(c duty.Choice) func() {
		_, secret, err := p.duty.Subscribe(t.Context(), duty.Subscription{Name: "room", URL: r.http.URL, Choice: c}, p.news)
		ok(t, err)
		r.secret = secret
		return p.run()
	}
	stop := subscribe(duty.Choice{Kinds: []string{"report"}, Quality: "usable"})
	p.reports("weak", &board.Quality{Band: board.QualityWeak})
	p.reports("not scored", nil)
	p.reports("good", &board.Quality{Band: board.QualityGood})
	r.until(func() bool { said, _ := r.took(); return slices.Contains(said, "good") })
	stop()
	ok(t, p.duty.Unsubscribe(t.Context(), "room"))
	stop = subscribe(duty.Choice{Topics: []protocol.Topic{protocol.Alert}, Severity: body.Severity("Severe")}) // all events of the test are of this topic
	p.reports("no severity", nil)
	p.warns("Minor", "minor")
	p.warns("Extreme", "extreme")
	r.until(func() bool { said, _ := r.took(); return slices.Contains(said, "extreme") })
	must(p.duty.Pause(t.Context(), "room"))(t)
	p.warns("Severe", "while paused")
	stop()
	p.restart()
	stop = p.run()
	if s := p.duty.Subscriptions()[0]; s.Paused == 0 || s.Sent != 1 {
		t.Errorf("paused: %+v", s)
	}
	must(p.duty.Resume(t.Context(), "room"))(t)
	r.until(func() bool { said, _ := r.took(); return slices.Contains(said, "while paused") })
	stop()
	ok(t, p.duty.Unsubscribe(t.Context(), "room"))
	stop = subscribe(duty.Choice{Topics: []protocol.Topic{protocol.Funding}, Kinds: []string{"report"}})
	p.warns("Extreme", "of another topic")
	p.reports("of the kind", nil)
	r.until(func() bool { said, _ := r.took(); return slices.Contains(said, "of the kind") })
	stop()
	if said, _ := r.took(); !slices.Equal(said, []string{"good", "extreme", "while paused", "of the kind"}) {
		t.Errorf("told %q", said)
	}
}

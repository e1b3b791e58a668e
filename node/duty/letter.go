package duty

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/vardar-network/vardar/protocol"
)

// letter is what a message says, in a line and whole.
type letter struct {
	subject, text string
	hook          notice
}

// notice is what a webhook of a way says.
type notice struct {
	Type      string           `json:"type"` // vardar.waking or vardar.test
	Timestamp protocol.Instant `json:"timestamp"`
	Data      noticeData       `json:"data"`
}

type noticeData struct {
	Institution   protocol.InstitutionID `json:"institution"`
	Waking        uint64                 `json:"waking,omitempty"`
	Rule          string                 `json:"rule,omitempty"`
	Subject       string                 `json:"subject"`
	Exercise      bool                   `json:"exercise"`
	Demonstration bool                   `json:"demonstration"`
	Seen          string                 `json:"seen,omitempty"` // where a person says so
	Events        []Event                `json:"events"`
	More          int                    `json:"more,omitempty"`     // that are not among events
	Footnote      string                 `json:"footnote,omitempty"` // what a mark at a name stands for
}

// mark is what must be read before anything else.
func (d *Duty) mark(exercise bool) string {
	var out string
	if d.o.Demonstration {
		out += d.words.Say("wake.demonstration") + " – "
	}
	if exercise {
		out += d.words.Say("wake.exercise") + " – "
	}
	return out
}

// open is the highest mark of what may be written into a message, which leaves the node by
// ways that are not its own: of what is above it, that it came.
const openMark = protocol.Green

// say says an event in a line: how grave it is once, and what the desk says of several records with its numbers, as the
// letter's language does, as it does what a record says: only its author's own words are as they were written.
func (d *Duty) say(e *Event) string {
	words, said := d.words.Say("kind."+e.Kind), strings.TrimPrefix(e.Said, string(e.Severity)+": ")
	switch {
	case e.Handling > openMark:
		said = d.words.Say("wake.marked", e.Handling.String())
	case d.o.Says != nil:
		said = d.o.Says(e)
	case e.OfDesk():
		said, _ = d.words.Sentence(said)
	}
	if e.Severity != "" {
		words += ", " + strings.TrimLeft(d.words.Say("severity."+strings.ToLower(string(e.Severity))), severityShapes)
	}
	return words + ": " + said
}

// severityShapes stand before how grave something is, for who sees no colours; an SMS with one has half the letters.
const severityShapes = "▲◆● "

// at says a moment as the letter's language does, in the zone of the rules.
func (d *Duty) at(t protocol.Instant) string {
	in := t.Time().In(d.o.Config.zone)
	return d.words.Time(in) + in.Format(" MST")
}

// letter writes what a waking says.
func (d *Duty) letter(w *Waking) letter {
	n := len(w.Events) + w.More
	mark := d.mark(w.Exercise)
	subject := d.say(gravest(w.Events))
	if n > 1 {
		subject = d.words.Say("wake.several", n) + ": " + subject
	}
	subject = mark + subject
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "%s\n\n", subject)
	for i := range w.Events {
		e := &w.Events[i]
		_, _ = fmt.Fprintf(&b, "- %s\n  %s, %s\n", d.say(e), e.Record, d.at(e.Written))
	}
	if w.More > 0 {
		_, _ = fmt.Fprintf(&b, "- %s\n", d.words.Say("wake.more", w.More))
	}
	seen := d.seenAt()
	_, _ = fmt.Fprintf(&b, "\n%s\n", d.words.Say("wake.seen", fmt.Sprintf("vardar duty seen %d", w.ID)))
	if seen != "" {
		_, _ = fmt.Fprintf(&b, "%s\n", seen)
	}
	if w.After != 0 && w.Deputy == 0 {
		_, _ = fmt.Fprintf(&b, "%s\n", d.words.Say("wake.deputy", w.After.Time().In(d.o.Config.zone).Format("15:04")))
	}
	_, _ = fmt.Fprintf(&b, "\n%s\n", d.o.Institution)
	footnote := d.words.Footnote(b.String())
	if footnote != "" {
		_, _ = fmt.Fprintf(&b, "\n%s\n", footnote)
	}
	events := make([]Event, len(w.Events))
	for i, e := range w.Events {
		if e.Handling > openMark {
			e.Said = d.words.Say("wake.marked", e.Handling.String())
		}
		e.After = ""
		events[i] = e
	}
	return letter{subject, b.String(), notice{"vardar.waking", d.now(), noticeData{
		Institution: d.o.Institution, Waking: w.ID, Rule: w.Rule, Subject: subject, Exercise: w.Exercise, Demonstration: d.o.Demonstration, Seen: seen, Events: events, More: w.More, Footnote: footnote,
	}}}
}

// seenAt is the page on which a person says that it was seen.
func (d *Duty) seenAt() string {
	if d.o.Config.Pages == "" {
		return ""
	}
	return strings.TrimSuffix(d.o.Config.Pages, "/") + "/duty"
}

// trial writes what a test says.
func (d *Duty) trial(way string) letter {
	subject := d.mark(false) + d.words.Say("wake.test", way)
	return letter{subject, subject + "\n\n" + string(d.o.Institution) + "\n", notice{"vardar.test", d.now(), noticeData{Institution: d.o.Institution, Subject: subject, Demonstration: d.o.Demonstration, Events: []Event{}}}}
}

// by sends a letter by a way, once; id is the same in every try.
func (d *Duty) by(ctx context.Context, w Way, m *Message, l letter, id string) (said string, err error) {
	switch {
	case m.To != "":
		return "", d.o.Config.Mail.send(ctx, &post{to: m.To, subject: l.subject, text: l.text, id: id + "@" + string(d.o.Institution), at: d.o.Clock()})
	case w.Webhook != "":
		key, err := readKey(w.SecretFile)
		if err != nil {
			return "", err
		}
		text, err := json.Marshal(l.hook)
		if err != nil {
			return "", err
		}
		h := hook{url: w.Webhook, key: key, id: "waking." + id, body: text}
		return h.send(ctx, d.http, d.o.Clock())
	case len(w.Command) > 0:
		return runCommand(ctx, w.Command, l.text)
	}
	return "", fmt.Errorf("the file of rules names the way %s no more", m.Way)
}

package web

import (
	"fmt"
	"html/template"
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// Say says a message in which a moment stands, or something else that is an element.
func (f *frame) Say(key string, args ...any) template.HTML {
	for i, arg := range args {
		switch arg.(type) {
		case int, int64, template.HTML:
		default:
			args[i] = plainly(arg)
		}
	}
	return template.HTML(f.T(key, args...)) //nolint:gosec // a message has no markup, and the texts in it are escaped
}

// plainly is a text as it stands in an element.
func plainly(text any) template.HTML {
	return template.HTML(template.HTMLEscaper(text)) //nolint:gosec // escaped
}

// Time says an instant in local time, with its zone for who points at it; empty for none.
func (f *frame) Time(i protocol.Instant) template.HTML {
	return element(i, f.Clock(i), f.Zone(i))
}

// Ago says how old what was at an instant is, with the instant for who points at it.
func (f *frame) Ago(i protocol.Instant, hours int64) template.HTML {
	return element(i, f.Age(hours), f.Clock(i)+" "+f.Zone(i))
}

// element is the moment in a page: for a machine, for who reads, and for who points at it.
func element(i protocol.Instant, said, pointed string) template.HTML {
	if i == 0 {
		return ""
	}
	return template.HTML(fmt.Sprintf(`<time datetime="%s" title="%s">%s</time>`, i.Time().Format(time.RFC3339), plainly(pointed), plainly(said))) //nolint:gosec // escaped
}

// Clock says an instant in local time where no element can stand, as in an attribute; empty for none.
func (f *frame) Clock(i protocol.Instant) string {
	if i == 0 {
		return ""
	}
	return f.speaker.Time(i.Time().Local())
}

// Zone names the zone of an instant.
func (f *frame) Zone(i protocol.Instant) string { return i.Time().Local().Format("MST -07:00") }

// Stated says a day or an instant that a document gives as text; what is neither is said as it stands.
func (f *frame) Stated(text string) any {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return f.speaker.Day(day)
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return text
	}
	return f.Moment(t)
}

// Moment says an instant of this machine's clock.
func (f *frame) Moment(t time.Time) template.HTML {
	if t.IsZero() {
		return ""
	}
	return f.Time(protocol.InstantOf(t))
}

package duty

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// How wakings are paced and kept.
const (
	// gather is how long a waking waits for what comes with it: several at once become one.
	gather = 5 * time.Second
	// gap is the least time between two wakings of one rule: what comes in between waits for
	// the second, but for what is severe or extreme and graver than all that the first was about.
	gap = 2 * time.Minute
	// mostTold bounds the events that a waking names; the others it counts.
	mostTold = 20
	// mostUnnamed bounds the records of those others whose names are kept until somebody has seen the waking: with those that it
	// names, as many as an act of the journal names (a change names more than one).
	mostUnnamed = 80
	// mostKept bounds the wakings that are kept when nothing is to be done for them any more.
	mostKept = 50
	// firstAgain and lastAgain are the waits between tries, doubled from one to the other.
	firstAgain = 15 * time.Second
	lastAgain  = 10 * time.Minute
	// giveUp is how long is tried: what was to wake somebody is of no use later.
	giveUp = 6 * time.Hour
	// changesKept is how long is remembered that a change was told, or what waits for a person
	// and is told no more: longer than a change is proposed.
	changesKept = 30 * 24 * time.Hour
)

// EndExpired is why nothing is to be done any more for a waking that nobody saw: all it was
// about is over.
const EndExpired = "expired"

// Waking is one message about one or several events, by one rule.
type Waking struct {
	ID       uint64                   `json:"id"`
	Key      string                   `json:"key,omitempty"` // names its messages: an archive that was put back gives its IDs again
	Rule     string                   `json:"rule"`
	For      []protocol.InstitutionID `json:"for,omitempty"` // whose people it wakes; default: all of the node
	Exercise bool                     `json:"exercise,omitempty"`
	Made     protocol.Instant         `json:"made"`
	Due      protocol.Instant         `json:"due"`            // when it is sent
	Held     bool                     `json:"held,omitempty"` // by quiet hours until then
	Sent     protocol.Instant         `json:"sent,omitzero"`  // when its ways were set going
	After    protocol.Instant         `json:"deputy_after,omitzero"`
	Deputy   protocol.Instant         `json:"deputy,omitzero"` // when the deputy's were
	Seen     protocol.Instant         `json:"seen,omitzero"`
	SeenBy   string                   `json:"seen_by,omitempty"`
	Ended    protocol.Instant         `json:"ended,omitzero"` // without anybody having seen it
	End      string                   `json:"end,omitempty"`  // why
	Events   []Event                  `json:"events"`
	More     int                      `json:"more,omitempty"` // events that are not named
	Messages []Message                `json:"messages"`
}

// Message is what is sent by one way to one address.
type Message struct {
	Way    string           `json:"way"`
	To     string           `json:"to,omitempty"` // of an e-mail
	Deputy bool             `json:"deputy,omitempty"`
	Tries  int              `json:"tries"`
	Next   protocol.Instant `json:"next,omitzero"` // of the next try
	Sent   protocol.Instant `json:"sent,omitzero"`
	Failed protocol.Instant `json:"failed,omitzero"` // it is not tried any more
	Error  string           `json:"error,omitempty"` // of the last try
}

// IsFor reports whether a waking is for the people of one of some institutions.
func (w *Waking) IsFor(some []protocol.InstitutionID) bool {
	return len(w.For) == 0 || slices.ContainsFunc(some, func(id protocol.InstitutionID) bool { return slices.Contains(w.For, id) })
}

// open reports whether somebody is still to see it.
func (w *Waking) open() bool { return w.Seen == 0 && w.Ended == 0 }

// waits reports whether a message is to be tried.
func (m *Message) waits() bool { return m.Sent == 0 && m.Failed == 0 }

// state is all that is kept: as one value, so that no restart finds a half of a step. Behind
// a cut in the middle of one, what was done is known, but for the message that was on its way:
// that one is sent again under the same ID.
type state struct {
	Cursor   string                      `json:"cursor"`
	Last     uint64                      `json:"last"` // ID of the newest waking
	Wakings  []Waking                    `json:"wakings"`
	Unnamed  map[uint64][]protocol.Name  `json:"unnamed,omitempty"` // by ID, of open wakings: records of events that they count and don't name
	Told     map[string]protocol.Instant `json:"told"`              // what is no record, by the records of its cause, or by what it is told once by
	Rang     map[string]protocol.Instant `json:"rang"`              // when each rule's last waking was due
	LogAlone uint64                      `json:"log_only"`          // events that woke nobody: over before, or beyond competence
}

func (s *state) waking(id uint64) *Waking {
	i := slices.IndexFunc(s.Wakings, func(w Waking) bool { return w.ID == id })
	if i < 0 {
		return nil
	}
	return &s.Wakings[i]
}

// add puts an event into the waking of a rule that is not sent yet, or into a new one.
func (s *state) add(r *Rule, e *Event, now time.Time) {
	at := protocol.InstantOf(now)
	due, held := at+ms(gather), false
	if end, quiet := r.Quiet.until(now); quiet && !r.Quiet.rings(e.Severity) {
		due, held = protocol.InstantOf(end), true
	} else if last, rang := s.Rang[r.Name]; rang && !s.outweighs(r, e, at) {
		due = max(due, last+ms(gap))
	}
	for i := range s.Wakings {
		w := &s.Wakings[i]
		if w.Rule == r.Name && w.Exercise == e.Exercise && w.Held == held && w.Sent == 0 && w.open() {
			if s.tell(w, e); !held && due < w.Due {
				w.Due, s.Rang[r.Name] = due, due
			}
			return
		}
	}
	s.Last++
	if !held {
		s.Rang[r.Name] = due
	}
	key := protocol.DigestOf([]byte(fmt.Sprintf("vardar-waking-v1\n%d\n%d\n", s.Last, at)), []byte(r.Name+"\n"+e.key())).Prefix()
	w := Waking{ID: s.Last, Key: key.String(), Rule: r.Name, For: r.For, Exercise: e.Exercise, Made: at, Due: due, Held: held, Messages: []Message{}}
	s.tell(&w, e)
	s.Wakings = append(s.Wakings, w)
}

// outweighs reports whether an event is severe or extreme, and graver than all that its rule wakes for, or has within the
// last gap.
func (s *state) outweighs(r *Rule, e *Event, at protocol.Instant) bool {
	return gravity(e.Severity) <= gravity(body.Severe) && !slices.ContainsFunc(s.Wakings, func(w Waking) bool {
		return w.Rule == r.Name && !w.Held && w.Due+ms(gap) > at && gravity(gravest(w.Events).Severity) <= gravity(e.Severity)
	})
}

// tell takes an event into a waking: the gravest are named.
func (s *state) tell(w *Waking, e *Event) {
	w.Events = append(w.Events, *e)
	slices.SortStableFunc(w.Events, func(a, b Event) int { return cmp.Compare(gravity(a.Severity), gravity(b.Severity)) })
	if len(w.Events) <= mostTold {
		return
	}
	left := Waking{Events: w.Events[mostTold:]}
	if s.Unnamed == nil {
		s.Unnamed = map[uint64][]protocol.Name{}
	}
	others := slices.Concat(s.Unnamed[w.ID], left.Records())
	s.Unnamed[w.ID] = others[:min(len(others), mostUnnamed)]
	w.Events, w.More = w.Events[:mostTold:mostTold], w.More+1
}

// records gives the records that an act on a waking is about: those that it names, and of one that is open those that it counts.
func (s *state) records(w *Waking) []protocol.Name { return append(w.Records(), s.Unnamed[w.ID]...) }

// Records gives the records that it names, each once: of what it tells of, and of what has one cause with that.
func (w *Waking) Records() []protocol.Name {
	var out []protocol.Name
	for i := range w.Events {
		for _, n := range append([]protocol.Name{w.Events[i].Record}, w.Events[i].Also...) {
			if !n.IsZero() && !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	return out
}

// begin sets the ways of a waking going.
func (w *Waking) begin(c *Config, ways []string, deputy bool, now protocol.Instant) {
	for _, name := range ways {
		way := c.Ways[name]
		to := way.Mail
		if len(to) == 0 {
			to = []string{""}
		}
		for _, address := range to {
			w.Messages = append(w.Messages, Message{Way: name, To: address, Deputy: deputy, Next: now})
		}
	}
}

// tried notes how a try ended.
func (m *Message) tried(err error, now protocol.Instant, since protocol.Instant) {
	m.Tries++
	if err == nil {
		m.Sent, m.Next, m.Error = now, 0, ""
		return
	}
	m.Error = err.Error()
	m.Next = now + ms(again(m.Tries))
	if now-since >= ms(giveUp) {
		m.Failed, m.Next = now, 0
	}
}

// again is the wait behind so many tries that failed.
func again(tries int) time.Duration {
	wait := firstAgain
	for range tries - 1 {
		if wait *= 2; wait >= lastAgain {
			return lastAgain
		}
	}
	return wait
}

func ms(d time.Duration) protocol.Instant { return protocol.Instant(d.Milliseconds()) }

// tidy forgets what is over: of the wakings for which nothing is to be done the oldest, and
// changes that nobody proposes any more.
func (s *state) tidy(now protocol.Instant) {
	over := 0
	for i := len(s.Wakings) - 1; i >= 0; i-- {
		if s.Wakings[i].open() {
			continue
		}
		delete(s.Unnamed, s.Wakings[i].ID)
		if over++; over > mostKept {
			s.Wakings = slices.Delete(s.Wakings, i, i+1)
		}
	}
	for name, at := range s.Told {
		if now-at > ms(changesKept) {
			delete(s.Told, name)
		}
	}
}

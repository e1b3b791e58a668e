package federation_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol"
)

// reading is a second reading of one exchange, up to the commit: from the records in a file
// and the table of steps it says how each account stands. It shares protocol with the product,
// and nothing else. What comes behind the commit moves what is committed, and no number here.
type reading struct {
	root     *uttered
	with     map[protocol.Digest]protocol.InstitutionID // of each step that may be answered: who is not the root's author
	said     map[protocol.Digest]*uttered
	accounts map[account]*standing
	gone     map[int]bool // lines that who asked has taken back
}

// standing is how an account stands by the reading.
type standing struct {
	state                       string
	offered, ordered, committed int64
	direct                      bool
}

// uttered is a step as its file has it.
type uttered struct {
	*kept
	step string
	spoken
}

// answers gives the record that a step answers.
func (u *uttered) answers() protocol.Digest {
	for _, r := range u.Refs {
		if r.Rel == "answers" {
			return r.Digest
		}
	}
	return protocol.Digest{}
}

// asks is what a line of the request asks for; false if it has no such line.
func (u *uttered) asks(line int) (int64, bool) {
	for _, l := range u.Lines {
		if l.Line == line {
			return l.Quantity, true
		}
	}
	return 0, false
}

// exchanges gives the steps of each exchange in a node's file. One with a record that does not
// count, can't be read or is said again is left out: what becomes of those is read elsewhere.
func (w *witness) exchanges(f *fold) map[protocol.Name][]*uttered {
	out, unclear := map[protocol.Name][]*uttered{}, map[protocol.Name]bool{}
	for i := range w.held {
		k := &w.held[i]
		step, ok := strings.CutPrefix(strings.TrimSuffix(k.Type, ".v1"), "vardar.resource.")
		if !ok || step == "note" || step == "capacity" {
			continue
		}
		u := &uttered{kept: k, step: step}
		thread := k.Name
		if k.BodyState != protocol.BodyHeld || json.Unmarshal(k.Body, &u.spoken) != nil {
			return nil // of which exchange it is can't be told
		}
		if u.Thread != "" {
			var err error
			if thread, err = protocol.ParseName(u.Thread); err != nil {
				return nil
			}
		}
		again := slices.ContainsFunc(u.Refs, func(r named) bool { return r.Rel == "reissues" })
		unclear[thread] = unclear[thread] || again || f.verdicts[k.digest] != counts
		out[thread] = append(out[thread], u)
	}
	for thread := range unclear {
		if unclear[thread] {
			delete(out, thread)
		}
	}
	return out
}

// inOrder puts the steps of an exchange in the one order: the root first, within a feed by
// sequence, what is named before what names it, and of what is left the smallest digest first.
func inOrder(of []*uttered, thread protocol.Name) []*uttered {
	before := func(a, b *uttered) bool {
		switch {
		case a.Feed() == b.Feed():
			return cmp.Or(cmp.Compare(a.Epoch, b.Epoch), cmp.Compare(a.Sequence, b.Sequence)) < 0
		case a.Name == thread:
			return true
		}
		return slices.ContainsFunc(b.Refs, func(r named) bool { return r.Digest == a.digest })
	}
	left := slices.SortedFunc(slices.Values(of), func(a, b *uttered) int { return bytes.Compare(a.digest[:], b.digest[:]) })
	var out []*uttered
	for len(left) > 0 {
		next := slices.IndexFunc(left, func(u *uttered) bool {
			return !slices.ContainsFunc(left, func(other *uttered) bool { return other != u && before(other, u) })
		})
		next = max(next, 0)
		out = append(out, left[next])
		left = slices.Delete(left, next, next+1)
	}
	return out
}

// read goes through an exchange that a request began.
func read(of []*uttered, thread protocol.Name) *reading {
	r := &reading{
		with: map[protocol.Digest]protocol.InstitutionID{}, said: map[protocol.Digest]*uttered{}, accounts: map[account]*standing{}, gone: map[int]bool{},
	}
	for _, u := range inOrder(of, thread) {
		if u.Name == thread && u.step == "request" {
			r.root = u
			r.said[u.digest], r.with[u.digest] = u, ""
		} else if r.root != nil {
			r.take(u)
		}
	}
	return r
}

// take takes one step, if it is its author's to take and answers what it may answer.
func (r *reading) take(u *uttered) {
	to, known := r.said[u.answers()]
	asks := u.Institution == r.root.Institution
	if !known || !slices.Contains(answerable(u.step, asks), to.step) {
		return
	}
	with := u.Institution
	if asks {
		with = r.with[to.digest]
	} else if to != r.root && r.with[to.digest] != with {
		return
	}
	r.said[u.digest], r.with[u.digest] = u, with
	for _, l := range u.Lines {
		asked, ok := r.root.asks(l.Line)
		if _, answered := to.asks(l.Line); !ok || !answered {
			continue
		}
		a := account{r.root.Name, l.Line, with}
		if u.step == "cancel" && to == r.root {
			r.takeBack(l.Line)
			continue
		}
		s := r.accounts[a]
		if s == nil {
			if s = (&standing{state: "requested"}); r.gone[l.Line] {
				s.state = "cancelled"
			}
		}
		if r.moves(s, a, motion{u.step, asks, to == r.root, l.Quantity, asked}) {
			r.accounts[a] = s
		}
	}
}

// answerable is what a step of one side may answer.
func answerable(step string, asks bool) []string {
	switch {
	case step == "offer" && !asks:
		return []string{"request"}
	case step == "accept" && asks, step == "decline" && asks, step == "cancel" && !asks:
		return []string{"offer"}
	case step == "commit" && !asks, step == "decline" && !asks:
		return []string{"request", "accept"}
	case step == "cancel" && asks:
		return []string{"request"}
	}
	return nil
}

func (r *reading) takeBack(line int) {
	r.gone[line] = true
	for a, s := range r.accounts {
		if a.line == line && slices.Contains([]string{"requested", "offered", "ordered"}, s.state) {
			s.state = "cancelled"
		}
	}
}

// motion is a line of a step: by whom, on what, how much, and how much the request asks for.
type motion struct {
	step            string
	asks, onRequest bool
	quantity, asked int64
}

// moves reports whether a step moves an account, and moves it.
func (r *reading) moves(s *standing, a account, m motion) bool {
	switch {
	case m.step == "offer" && s.state == "requested":
		s.state, s.offered = "offered", m.quantity
	case m.step == "accept" && s.state == "offered" && m.quantity <= s.offered:
		s.state, s.ordered = "ordered", m.quantity
	case m.step == "decline" && (m.asks && s.state == "offered" || !m.asks && (s.state == "requested" || s.state == "ordered")):
		s.state = "declined"
	case m.step == "cancel" && (s.state == "offered" || s.state == "ordered"):
		s.state = "cancelled"
	case m.step == "commit":
		direct := m.onRequest && s.ordered == 0
		more := s.state == "committed" && s.direct == direct && !r.gone[a.line]
		most, have := s.ordered, s.committed
		if direct {
			most, have = m.asked, 0
			for other, is := range r.accounts {
				if other.line == a.line {
					have += is.committed
				}
			}
		}
		if !more && s.state != "requested" && s.state != "ordered" || have+m.quantity > most {
			return false
		}
		s.state, s.committed, s.direct = "committed", s.committed+m.quantity, direct
	default:
		return false
	}
	return true
}

// 7: the books of a node are those to which the rules lead from the records in its file.
func (c *checker) reads(w *witness) {
	for thread, of := range w.exchanges(c.folds[w.id]) {
		r := read(of, thread)
		if r.root == nil {
			continue
		}
		for a, s := range r.accounts {
			e, ok := w.books.accounts[a]
			if !ok || e.offered != s.offered || e.ordered != s.ordered || e.committed != s.committed || s.committed == 0 && e.state != s.state {
				c.violated(7, "%s shows %v of line %d of %s with %s, and by the rules it is %+v", w.id, e, a.line, a.thread, a.with, *s)
			}
		}
		for a := range w.books.accounts {
			if a.thread == thread && r.accounts[a] == nil {
				c.violated(7, "%s shows line %d of %s with %s, of which nobody has said anything that counts", w.id, a.line, a.thread, a.with)
			}
		}
	}
}

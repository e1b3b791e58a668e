package federation_test

import (
	"encoding/json"
	"fmt"
	"maps"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
)

// account is one line of an exchange between who asks and one who has.
type account struct {
	thread protocol.Name
	line   int
	with   protocol.InstitutionID
}

// entry is how an account stands, as a node shows it.
type entry struct {
	state                                        string
	asked, offered, ordered, committed, consumed int64
	stages                                       string
}

// saidLine is a line of a record.
type saidLine struct {
	record protocol.Digest
	line   int
}

// books are what a node shows of the exchanges it knows: how each account stands, and which
// lines of which records have no effect.
type books struct {
	accounts map[account]entry
	ignored  map[saidLine]bool
}

// booksOf reads a node's picture.
func booksOf(n *node.Node) books {
	out := books{map[account]entry{}, map[saidLine]bool{}}
	p := n.Picture(pictureTime())
	for _, r := range p.Requests {
		for _, l := range r.Lines {
			for _, d := range l.With {
				out.accounts[account{r.Record, l.Line, d.Institution}] = entry{
					d.State, l.Quantity, d.Offered, d.Ordered, d.Committed, d.Consumed, fmt.Sprint(d.Stages),
				}
			}
		}
	}
	for _, s := range p.Steps {
		for _, l := range s.Lines {
			if s.Ignored != "" || l.Ignored != "" {
				out.ignored[saidLine{s.Digest, l.Line}] = true
			}
		}
	}
	return out
}

// 7: both sides of an exchange, and whoever looks on, have the same books, and what is
// committed in them is what the records say that it is.
func (c *checker) dealsAlike() {
	members := c.members()
	for _, w := range members {
		first := members[0]
		for a, e := range w.books.accounts {
			if other, ok := first.books.accounts[a]; !ok || other != e {
				c.violated(7, "line %d of %s with %s is %v on %s, and %v on %s", a.line, a.thread, a.with, e, w.id, other, first.id)
			}
		}
		for a := range first.books.accounts {
			if _, ok := w.books.accounts[a]; !ok {
				c.violated(7, "%s does not show line %d of %s with %s", w.id, a.line, a.thread, a.with)
			}
		}
		if !maps.Equal(c.idle(w), c.idle(first)) {
			c.violated(7, "%s and %s ignore different steps", w.id, first.id)
		}
		c.recount(w)
		c.reads(w)
	}
}

// idle gives the lines without effect of those records of a node that count: a void record need
// not be held by all.
func (c *checker) idle(w *witness) map[saidLine]bool {
	out := maps.Clone(w.books.ignored)
	maps.DeleteFunc(out, func(s saidLine, _ bool) bool { return c.folds[w.id].verdicts[s.record] != counts })
	return out
}

// spoken is the part of a step's body that is counted.
type spoken struct {
	Thread string  `json:"thread"`
	Refs   []named `json:"refs"`
	Lines  []struct {
		Line     int   `json:"line"`
		Answers  int   `json:"answers"`
		Quantity int64 `json:"quantity"`
	} `json:"lines"`
}

// named is a reference of one record to another.
type named struct {
	Rel    string          `json:"rel"`
	Digest protocol.Digest `json:"digest"`
}

// recount sums the commitments in a node's file up, and holds its books against them, and
// against what was ordered and asked for.
func (c *checker) recount(w *witness) {
	sum := map[account]int64{}
	for i := range w.held {
		k := &w.held[i]
		if k.Type != "vardar.resource.commit.v1" || c.folds[w.id].verdicts[k.digest] != counts || k.BodyState != protocol.BodyHeld {
			continue
		}
		var s spoken
		if json.Unmarshal(k.Body, &s) != nil {
			continue
		}
		thread, err := protocol.ParseName(s.Thread)
		if err != nil {
			continue
		}
		for _, l := range s.Lines {
			at := l.Answers
			if at == 0 {
				at = l.Line
			}
			if !w.books.ignored[saidLine{k.digest, l.Line}] {
				sum[account{thread, at, k.Institution}] += l.Quantity
			}
		}
	}
	direct, asked := map[account]int64{}, map[account]int64{} // by line, with nobody
	for a, e := range w.books.accounts {
		if sum[a] != e.committed {
			c.violated(7, "%s shows %d committed of line %d of %s by %s, whose records say %d", w.id, e.committed, a.line, a.thread, a.with, sum[a])
		}
		delete(sum, a)
		of := account{thread: a.thread, line: a.line}
		switch {
		case e.ordered == 0:
			direct[of], asked[of] = direct[of]+e.committed, e.asked
		case e.committed > e.ordered || e.ordered > e.offered:
			c.violated(7, "%s shows %v of line %d of %s by %s", w.id, e, a.line, a.thread, a.with)
		}
	}
	for a, n := range direct {
		if n > asked[a] {
			c.violated(7, "%s shows %d committed of line %d of %s, which asks for %d", w.id, n, a.line, a.thread, asked[a])
		}
	}
	for a, n := range sum {
		if n > 0 {
			c.violated(7, "%s commits %d of line %d of %s, and %s does not show it", a.with, n, a.line, a.thread, w.id)
		}
	}
}

// dealtApart reports whether two who asked and three who were bound have the same books on all
// nodes, and a promise was made in ignorance of another: who had known would have been refused. Who
// was bound and let go of it since counts too.
func dealtApart(members []*witness) bool {
	if len(members) == 0 {
		return false
	}
	asked, bound, blind := map[protocol.InstitutionID]bool{}, map[protocol.InstitutionID]bool{}, false
	first := members[0]
	for i := range first.held {
		k := &first.held[i]
		var s spoken
		if k.Type != "vardar.resource.commit.v1" || first.standing[k.digest] != "counts" || json.Unmarshal(k.Body, &s) != nil {
			continue
		}
		thread, err := protocol.ParseName(s.Thread)
		if err != nil {
			continue
		}
		for _, l := range s.Lines {
			if first.books.ignored[saidLine{k.digest, l.Line}] {
				blind = true
				continue
			}
			asked[thread.Institution], bound[k.Institution] = true, true
		}
	}
	for _, w := range members {
		if !maps.Equal(w.books.accounts, first.books.accounts) {
			return false
		}
	}
	return blind && len(asked) >= 2 && len(bound) >= 3
}

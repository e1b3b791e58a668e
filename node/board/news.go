package board

import (
	"slices"
	"sort"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Spoken reports whether the records of a type are what people say: not trust's own, nor what
// stands beside another record or is made by a machine.
func Spoken(recordType string) bool {
	topic, err := protocol.TypeTopic(recordType)
	return err == nil && topic != protocol.Trust && recordType != body.TypeWitness &&
		slices.Contains(body.Types(), recordType) && body.ShortName(recordType) != "acknowledgement"
}

// tiding is a record among the news of a world.
type tiding struct {
	*entry
	peak protocol.Instant // the latest acceptance up to it: never goes back, as a clock may
}

// tell puts a record behind the news of its world.
func (w *world) tell(e *entry) {
	p := tiding{e, e.accepted}
	if n := len(w.news); n > 0 {
		p.peak = max(p.peak, w.news[n-1].peak)
	}
	w.news = append(w.news, p)
	w.countReport(e, 1)
}

// untell takes a record out of the news of a world.
func (w *world) untell(e *entry) {
	w.news = slices.DeleteFunc(w.news, func(p tiding) bool { return p.entry == e })
	w.countReport(e, -1)
}

func (w *world) countReport(e *entry, n int) {
	if e.kind == body.TypeReport {
		w.reports += n
	}
}

// News gives what people said in a world and this node accepted behind an instant, whether it
// counts or not, in the order told: the newest, at most so many. Left says how many more there
// are. What was accepted while the clock was set back is behind all that came before it.
func (b *Board) News(of World, since protocol.Instant, most int) (out []Mention, left int) {
	b.fold.Lock()
	defer b.fold.Unlock()
	b.settleLocked()
	news := b.worldAt(of).news
	news = news[sort.Search(len(news), func(i int) bool { return news[i].peak > since }):]
	left = max(0, len(news)-most)
	for _, p := range news[left:] {
		out = append(out, Mention{p.name, p.digest})
	}
	return out, left
}

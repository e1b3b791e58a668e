package desk

import (
	_ "embed" // the idle words
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol/body"
)

// LackTraining is what a declaration says in its own words of the training that is wanted.
const LackTraining = "training"

// teaches reports whether a kind of thing is training or expertise: what of it serves whom is said
// by words alone.
func teaches(kind body.ResourceType) bool { return kind == "training_seat" || kind == "expert_day" }

// idle are words, folded, that stand in every text about training, in the five languages, and say
// nothing of what it is about.
//
//go:embed idle.txt
var idle string

// topics gives the words of a text that say what it is about, folded, each once.
func topics(text string) []string {
	var out []string
	nothing := strings.Fields(idle)
	for _, w := range wordsOf(text) {
		if len([]rune(w)) > 2 && !slices.Contains(nothing, w) && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// Of two forms of one word the beginning is alike, and no more than an ending differs: тријажа,
// тријажата; ndihma, ndihmës; βοήθεια, βοήθειες.
const (
	leastStem = 5
	mostEnd   = 3
)

// akin reports whether two folded words are the same, or forms of one.
func akin(a, b string) bool {
	if a == b {
		return true
	}
	x, y := []rune(a), []rune(b)
	same := 0
	for same < min(len(x), len(y)) && x[same] == y[same] {
		same++
	}
	return same >= leastStem && len(x)-same <= mostEnd && len(y)-same <= mostEnd
}

// shared gives the words of what is wanted that what is offered speaks of too, and what part of
// them that is, per mille.
func shared(wanted, offered string) (words []string, part int64) {
	want, there := topics(wanted), topics(offered)
	for _, w := range want {
		if slices.ContainsFunc(there, func(o string) bool { return akin(w, o) }) {
			words = append(words, w)
		}
	}
	if len(words) == 0 {
		return nil, 0
	}
	n, of := int64(len(words)), int64(len(want))
	return words, (2000*n + of) / (2 * of)
}

// trainings gives for the training that each declaration wants, in its own words, the seats and the
// expertise of others that speak of the same: it is found by words, and says by which.
func (d *Desk) trainings(view *board.View, have []MatchRow, where whereabouts) []MatchRow {
	var out []MatchRow
	for i := range view.Capacities {
		c, first := &view.Capacities[i], len(out)
		if c.TrainingNeeds == "" {
			continue
		}
		for k := range have {
			h := &have[k]
			if !teaches(h.Type) || h.Institution == c.Institution {
				continue
			}
			words, part := shared(c.TrainingNeeds, h.says)
			if len(words) == 0 {
				continue
			}
			row := MatchRow{
				For: c.Institution, Lack: LackTraining, Record: c.Record, Type: h.Type, Unit: h.Unit, Text: c.TrainingNeeds, Words: words, Fit: part,
				Place: c.Place, PlaceName: c.PlaceName, Footnote: c.Footnote,
			}
			row.from(h, where)
			out = append(out, row)
		}
		ranked(out[first:])
	}
	return out
}

package desk

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Choice is [duty.Choice].
type Choice = duty.Choice

// ChoiceRequest is a [Choice] as it is asked for: what is left out asks for all.
type ChoiceRequest struct {
	Topics   []protocol.Topic `json:"topics,omitempty"`   // with kinds: what is of one of either
	Kinds    []string         `json:"kinds,omitempty"`    // default: all
	Places   []string         `json:"places,omitempty"`   // default: anywhere
	Severity body.Severity    `json:"severity,omitempty"` // and what is graver; default: any
	Quality  string           `json:"quality,omitempty"`  // one of [board.QualityWords]; default: any
}

// Selectable gives the kinds of records, by their names, and the topics that can be chosen.
func Selectable() (kinds []string, topics []protocol.Topic) {
	all := protocol.Topics()
	return duty.Kinds(), all[:]
}

// checkChoice refuses what nothing could fit: a kind, place or severity that there is not, or a
// quality of what has none.
func (d *Desk) checkChoice(c *Choice, next string) error {
	for _, k := range c.Kinds {
		if !slices.Contains(duty.Kinds(), k) {
			return &Problem{Kind: Usage, Field: "kinds", Detail: "no kind is called " + quoted(k), Mend: "want some of " + strings.Join(duty.Kinds(), ", "), Next: next}
		}
		if c.Quality != "" && !duty.Graded(k) {
			return &Problem{Kind: Usage, Field: "quality", Detail: article(strings.ReplaceAll(k, "_", " ")) + " has no quality", Mend: "leave quality out, or that kind", Next: next}
		}
	}
	for _, place := range c.Places {
		if _, err := d.placeKey(place); err != nil {
			return err
		}
	}
	_, err := d.filter(&Query{Severity: c.Severity, Quality: c.Quality})
	return err
}

// toldWait is how long is waited for the picture to hold what the archive does: it is told of a
// lot within milliseconds behind the commit, and ten seconds are a machine that hardly goes on.
const toldWait = 10 * time.Second

// pictured waits until the picture holds some records, by their digests: what is judged before would have no quality.
func (d *Desk) pictured(ctx context.Context, records []protocol.Digest) {
	told, end := d.o.Board.Subscribe()
	defer end()
	longest := time.NewTimer(toldWait)
	defer longest.Stop()
	for _, digest := range records {
		for {
			if standing, _ := d.o.Board.Standing(digest); standing != 0 {
				break
			}
			select {
			case <-told:
			case <-longest.C:
				return
			case <-ctx.Done():
				return
			}
		}
	}
}

// Good reports of each event whether its record is of a quality, as it is now.
func (s source) Good(ctx context.Context, events []duty.Event, quality string) []bool {
	out, digests := make([]bool, len(events)), make([]protocol.Digest, len(events))
	for i := range events {
		digests[i] = events[i].Digest
	}
	s.d.pictured(ctx, digests)
	picture := s.d.o.Board.Picture(s.d.now())
	graded := map[board.World]map[protocol.Name]*Quality{}
	for i := range events {
		w := s.d.worldAt(events[i].Record)
		if graded[w] == nil {
			graded[w] = s.d.momentFrom(s.d.present(), &picture, w).view.Qualities()
		}
		out[i] = graded[w][events[i].Record].Is(quality)
	}
	return out
}

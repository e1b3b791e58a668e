package desk

import (
	"context"
	"time"

	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/protocol"
)

// Contradicted says what others say against a clock; "" if it is not found wrong.
func Contradicted(now time.Time, lines []link.Clock, told []intake.Told) string {
	w, wrong := contradicted(now, lines, told)
	if !wrong {
		return ""
	}
	return w.words(now)
}

// SearchByReading looks for words as it was done before they were kept: every body is read.
func (d *Desk) SearchByReading(ctx context.Context, words string) (Found, error) {
	var out Found
	m, err := d.moment(ctx, 0)
	if err != nil {
		return out, err
	}
	return out, d.findEarlier(ctx, &out, m, recordsWanted{wordsOf(words), func(*Quality) bool { return true }, protocol.Amber})
}

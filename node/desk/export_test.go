package desk

import (
	"time"

	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/link"
)

// Contradicted says what others say against a clock; "" if it is not found wrong.
func Contradicted(now time.Time, lines []link.Clock, told []intake.Told) string {
	w, wrong := contradicted(now, lines, told)
	if !wrong {
		return ""
	}
	return w.words(now)
}

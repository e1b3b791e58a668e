package bench

import (
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// bodyBytes is about how long a body is, as hotpath measured and JetStream's own
// benchmarks do: a report with a paragraph or two.
const bodyBytes = 1150

// words are what texts are made of, so that they can be compressed about as well as what
// officers write: drawn at random, with numbers between.
const words = `arrivals since midnight at the crossing were counted by the border police and the municipality people are waiting
near the station for the next train to the north reception centre has beds left for families with children under five years of age water
and blankets were handed out in the morning a second distribution is planned for the evening if the lorry comes through we ask the
neighbouring municipality whether it can take persons tonight medical team reports no case that needs hospital three women were brought to
clinic transport of groups continues every two hours weather forecast says heavy rain from noon tents on low ground should be moved fence
gate remains open on both sides queue is about metres long interpreters for arabic farsi and pashto are on duty until ten unaccompanied
minors were handed over to social work figures of yesterday have been corrected see earlier report donor delivered hygiene kits winter
clothing shoes food parcels stock lasts days capacity of camp reached overflow site opened sports hall school bus company offers coaches`

// wording gives a text of about n bytes.
func wording(rng *rand.Rand, n int) string {
	all := strings.Fields(words)
	var b strings.Builder
	for b.Len() < n {
		if rng.IntN(12) == 0 {
			b.WriteString(strconv.Itoa(rng.IntN(3000)))
		} else {
			b.WriteString(all[rng.IntN(len(all))])
		}
		b.WriteByte(' ')
	}
	return strings.TrimSpace(b.String())
}

func note(rng *rand.Rand, topic protocol.Topic) *body.Note {
	return &body.Note{Topic: topic, Text: body.NoteText(wording(rng, bodyBytes-60))}
}

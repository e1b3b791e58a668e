// Package trust knows who is a member, which key writes which epoch, and what the charter
// lets each of them say.
//
// A [Registry] is a fold over the records of the trust topic: the same records give the
// same answers, in whatever order they came, each once or several times. It reads no
// file, asks no clock and signs nothing. It never judges what intake has let in: a record
// that opens nothing is kept by whoever holds it, and has no effect here.
//
// Words: an opener is the one record, elsewhere, that opens an epoch: the charter for the
// trust feeds of stewards and registrars, a registrar's admission for a member's trust
// feed, a key record in its own trust feed for a member's other feeds. Of two openers of
// one epoch the first in the opener's feed counts. An epoch waits when two branches of
// one feed open it differently. An opener stands when it counts or waits.
//
// The room is longer than others: every verdict depends on all openers and charters, so
// they are folded in one place.
package trust

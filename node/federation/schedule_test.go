package federation_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// act is one thing that happens to a network.
type act int

const (
	publish act = iota + 1
	cutLine
	healLine
	slowLine
	holdLine
	kill
	restart
	backUp
	putBack  // a backup on an empty machine, with no line
	oldStore // an earlier file under the keys of today
	cloneNode
	forkFeed
	mendFork
	mendWrong // the fork is closed by a wrong word, then by the right one
	rotateKey
	closeMember
	askHelp // two ask, and three answer apart from each other
	dealOn
	lieForged
	lieChunk
	lieCovered
	lieRival
	lieBehindGap
	lieLast // the author says a `last` that nobody holds, or one too short, and mends it
	lieWithheld
	forkRegistrar
	flood
	skewClock
	fillDisk
	inviteGuest // the capital invites an institution, or takes its line back and makes another
	joinGuest   // it joins at some node, over a line that may break in the middle of the handshake
	stealSeat   // somebody else joins by its first line
	takeBack    // the capital takes the invitation back, or puts the guest out
	amendCharter
)

func (a act) String() string {
	return [...]string{
		"", "publish", "cut", "heal", "slow", "half-open", "crash", "restart", "back up", "restore", "old store", "clone", "fork", "mend",
		"mend wrongly", "rotate", "close", "ask for help", "deal on", "forge", "bad chunk", "covered signature", "rival", "behind a gap", "last of nobody",
		"withhold", "fork a registrar", "flood", "skew", "fill the disk", "invite", "join", "steal a seat", "take back", "amend the charter",
	}[a]
}

// step is an act on a node, and perhaps another; n is whatever number the act wants.
type step struct {
	act       act
	who, whom int
	n         int
}

func (s step) String() string { return fmt.Sprintf("%s %d %d %d", s.act, s.who, s.whom, s.n) }

// schedule is what one seed says: how many nodes, which lines besides those to the capital,
// and what happens.
type schedule struct {
	seed  uint64
	nodes int
	lines [][2]int
	steps []step
	bound time.Duration // how long the network may take when all is healed; 0: settled
}

// dealers are the towns that an exchange takes, besides the capital.
const dealers = 4

// hubs are the capital and the secretariat, which the charter names; all others are towns.
const hubs = 2

// scheduleOf draws a schedule. Each in turn is bent towards another of the rare acts, so
// that a few dozen seeds show all of them.
func scheduleOf(seed uint64) schedule {
	rng := rand.New(rand.NewPCG(seed, 1))
	s := schedule{seed: seed, nodes: 5 + rng.IntN(3)}
	switch {
	case seed%997 == 996:
		s.nodes = 40
	case seed%97 == 96:
		s.nodes = 12 + rng.IntN(9)
	}
	often := []act{publish, publish, publish, publish, cutLine, healLine, slowLine, holdLine, kill, restart, skewClock}
	rare := []act{
		backUp, putBack, oldStore, cloneNode, forkFeed, mendFork, mendWrong, rotateKey, closeMember, lieForged, lieChunk, lieCovered,
		lieRival, lieBehindGap, lieLast, lieWithheld, forkRegistrar, flood, fillDisk, askHelp,
	}
	bent := rare[int(seed)%len(rare)] //nolint:gosec // a remainder
	if bent == askHelp {
		s.nodes = max(s.nodes, hubs+dealers)
	}
	for k := hubs; k < s.nodes; k++ {
		if next := k + 1; next < s.nodes && rng.IntN(4) > 0 {
			s.lines = append(s.lines, [2]int{k, next})
		}
	}
	town := func() int { return hubs + rng.IntN(s.nodes-hubs) }
	add := func(a act, who, whom, n int) { s.steps = append(s.steps, step{a, who, whom, n}) }
	add(publish, rng.IntN(s.nodes), 0, rng.IntN(8))
	turn := 2 + rng.IntN(6)
	for k := range 8 + rng.IntN(6) {
		who, whom := town(), rng.IntN(s.nodes)
		switch {
		case k == turn && bent == mendFork, k == turn && bent == mendWrong:
			add(forkFeed, who, whom, rng.IntN(8))
			add(bent, who, whom, rng.IntN(8))
		case k == turn && bent == putBack:
			add(backUp, who, whom, 0)
			add(publish, who, whom, 1)
			add(putBack, who, whom, rng.IntN(8))
		case k == turn && bent == askHelp:
			add(askHelp, who, whom, 0)
			add(dealOn, who, whom, rng.IntN(4))
			add(cutLine, whom, who, rng.IntN(8))
			add(dealOn, who, whom, rng.IntN(4))
		case k == turn:
			add(bent, who, whom, rng.IntN(8))
		case rng.IntN(5) == 0:
			add(rare[rng.IntN(len(rare))], who, whom, rng.IntN(8))
		default:
			add(often[rng.IntN(len(often))], rng.IntN(s.nodes), whom, rng.IntN(8))
		}
	}
	if seed%guestsEvery == guestsEvery-1 {
		s.steps = s.withGuests(rand.New(rand.NewPCG(seed, 3))) // dice of its own: all else is as without
	}
	return s
}

// guestsEvery is how many seeds there are for one in whose schedule somebody is invited.
const guestsEvery = 4

// withGuests mixes into the steps, in this order and with whatever lies between, what becomes
// of those who are invited and of the charter.
func (s schedule) withGuests(rng *rand.Rand) []step {
	anybody := func() int { return rng.IntN(s.nodes) }
	var more []step
	for g := range invitees {
		of := []step{{inviteGuest, 0, 0, g}}
		for range 2 + rng.IntN(3) {
			a := [...]act{joinGuest, joinGuest, joinGuest, stealSeat, stealSeat, takeBack, inviteGuest}[rng.IntN(7)]
			of = append(of, step{a, 0, anybody(), g + invitees*rng.IntN(8)})
		}
		more = append(more, of...)
	}
	for range 1 + rng.IntN(3) {
		at := rng.IntN(len(more) + 1)
		more = slices.Insert(more, at, step{amendCharter, anybody(), 0, rng.IntN(8)})
	}
	out := slices.Clone(s.steps)
	at := 0
	for _, st := range more {
		at += rng.IntN(max(1, len(out)-at)/2 + 1)
		out = slices.Insert(out, min(at, len(out)), st)
		at++
	}
	return out
}

// ids gives the nodes' institutions.
func (s schedule) ids() []protocol.InstitutionID {
	out := []protocol.InstitutionID{capital, hub}
	for k := hubs; k < s.nodes; k++ {
		out = append(out, protocol.InstitutionID(fmt.Sprintf("mk.southeast.town-%d", k)))
	}
	return out
}

// only keeps some of the steps, by number.
func (s schedule) only(of []int) schedule {
	kept := s
	kept.steps = nil
	for _, k := range of {
		if k < len(s.steps) {
			kept.steps = append(kept.steps, s.steps[k])
		}
	}
	return kept
}

func (s schedule) String() string {
	var b strings.Builder
	for k, st := range s.steps {
		fmt.Fprintf(&b, "%d: %s; ", k, st)
	}
	return strings.TrimSuffix(b.String(), "; ")
}

// shrunk gives the fewest steps, by number, with which fails still holds, as far as taking
// ever smaller stretches away shows it (delta debugging). fails is asked at most so often.
func shrunk(steps, asks int, fails func(of []int) bool) []int {
	of := make([]int, steps)
	for k := range of {
		of[k] = k
	}
	for size := (len(of) + 1) / 2; size > 0; size /= 2 {
		for from := 0; from < len(of) && asks > 0; {
			rest := append(append([]int{}, of[:from]...), of[min(from+size, len(of)):]...)
			asks--
			if fails(rest) {
				of = rest
			} else {
				from += size
			}
		}
	}
	return of
}

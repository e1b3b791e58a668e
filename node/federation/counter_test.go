package federation_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
)

// hard is a hard case that a campaign must have met.
type hard int

const (
	sawGapByRange hard = iota + 1
	sawEpochOpened
	sawForkFound
	sawForkClosed
	sawVoid
	sawCloneFirst
	sawCovered
	sawChunkDropped
	sawWithheldTail
	sawRedWithheld
	sawClosed
	sawRestoreAlone
	sawSecondStatement
	sawCountsAgain
	sawForkAnswered
	sawRegistrarForks
	sawIgnorance
	sawStoppedBranch
	sawGapEndsBadly
	sawWrongRepair
	sawFullDisk
	sawDealtApart
	sawJoinedApart
	sawHandshakeCut
	sawSeatTwice
	sawUsedRefused
	sawTakenBackRefused
	sawLaterCharter
	sawCharterRivals
	numHard = int(sawCharterRivals)
)

func (h hard) String() string {
	return [...]string{
		"", "gap closed by range request", "epoch opened", "fork found", "fork closed by last", "record voided", "clone found before it sent",
		"bad signature covered by a later one", "chunk dropped whole", "withheld tail shown by a beacon",
		"RED body withheld while its feed is complete", "member closed mid-flight", "restore in isolation",
		"last that nobody holds mended by a second statement", "void record that counts again", "fork answered in the middle of a link",
		"two forks of one registrar while its members go on", "record written in ignorance after its author's closing",
		"author writing on its stopped branch", "chunk whose gap ends in a bad signature", "wrong repair repaired", "full disk survived",
		"help dealt over a cut line, with the same books on all sides",
		"newcomer let in while a line was cut", "handshake cut off and made again", "invitation taken twice over a cut line",
		"used invitation refused", "invitation that was taken back refused", "later version of the charter in force", "two versions of the charter stop each other",
	}[h]
}

// counters say how many times a hard case was seen: in a node's own counts, in what it
// answered or shows, or in its records. What a schedule wished for counts nothing.
type counters map[hard]int

func (c counters) see(h hard) { c[h]++ }

// of sees what a running node counted since it began.
func (c counters) of(n *node.Node) {
	counts := n.Counts()
	if n.Links().Counts().Ranges > 0 {
		c.see(sawGapByRange)
	}
	if counts.Forks > 0 {
		c.see(sawForkAnswered)
	}
	if len(n.Intake().Copies()) > 0 && len(n.Intake().Stopped()) == 0 {
		c.see(sawCloneFirst)
	}
}

// in sees what the records of all nodes tell, and how they show them.
func (c counters) in(e *evidence) error {
	for _, w := range e.nodes {
		f, err := judge(e.charter, w.held)
		if err != nil {
			return err
		}
		for _, s := range w.forks {
			c.see(sawForkFound)
			if of := f.atSame(s.EpochID); of > 1 && s.Topic == protocol.Trust {
				c.see(sawRegistrarForks)
			}
		}
		for epoch, of := range f.statement {
			if epoch.Epoch > 1 && !of[0].closes {
				c.see(sawEpochOpened)
			}
		}
		for epoch := range f.lasts {
			if f.atSame(epoch) > 0 {
				c.see(sawForkClosed)
			}
		}
		c.inRecords(w, f)
		c.inMembers(w, f)
		if w.out {
			c.midFlight(e, w)
		}
	}
	for _, x := range e.entered {
		if x.apart {
			c.see(sawJoinedApart)
		}
	}
	if dealtApart(slices.DeleteFunc(slices.Clone(e.nodes), func(w *witness) bool { return w.out })) {
		c.see(sawDealtApart)
	}
	return nil
}

// inMembers sees what became of invitations and charters.
func (c counters) inMembers(w *witness, f *fold) {
	for e, of := range f.statement {
		if e.Topic == protocol.Trust && len(f.takers(e, of[0])) > 1 {
			c.see(sawSeatTwice)
		}
	}
	if w.charter.inForce != f.digest {
		c.see(sawLaterCharter)
	}
	if len(w.charter.rivals) > 1 {
		c.see(sawCharterRivals)
	}
}

// midFlight sees what a closed member wrote before it heard of that, and a member did not
// take.
func (c counters) midFlight(e *evidence, closed *witness) {
	for _, w := range e.nodes {
		if w.out {
			continue
		}
		for i := range closed.held {
			k := &closed.held[i]
			took := slices.ContainsFunc(w.held, func(other kept) bool { return other.digest == k.digest })
			if k.Institution == closed.id && k.Topic != protocol.Trust && !took {
				c.see(sawClosed)
			}
		}
	}
}

func (c counters) inRecords(w *witness, f *fold) {
	for i := range w.held {
		k := &w.held[i]
		shown := w.standing[k.digest]
		if shown == "void" {
			c.see(sawVoid)
			if f.closing(k.Institution) != nil {
				c.see(sawIgnorance)
			}
		}
		if shown == "counts" && k.Verify() != nil {
			c.see(sawCovered)
		}
		if shown == "stopped" && k.Topic == protocol.Trust && k.Sequence > f.stops[k.EpochID()] && f.stops[k.EpochID()] > 0 {
			c.see(sawStoppedBranch)
		}
		if k.Handling == protocol.Red && k.BodyState == protocol.BodyWithheld {
			c.see(sawRedWithheld)
		}
	}
}

// atSame is at how many positions of an epoch two records stand.
func (f *fold) atSame(e protocol.EpochID) int {
	at, twice := map[uint32]bool{}, map[uint32]bool{}
	for _, k := range f.epochs[e] {
		if at[k.Sequence] {
			twice[k.Sequence] = true
		}
		at[k.Sequence] = true
	}
	return len(twice)
}

// never gives the hard cases that were not seen.
func (c counters) never() []string {
	var out []string
	for h := hard(1); int(h) <= numHard; h++ {
		if c[h] == 0 {
			out = append(out, h.String())
		}
	}
	return out
}

func (c counters) add(more counters) {
	for h, n := range more {
		c[h] += n
	}
}

func (c counters) String() string {
	var out []string
	for h := hard(1); int(h) <= numHard; h++ {
		out = append(out, fmt.Sprintf("%s %d", h, c[h]))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

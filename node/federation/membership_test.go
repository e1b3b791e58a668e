package federation_test

import (
	"crypto/ed25519"
	"encoding/json"
	"maps"
	"slices"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
)

// memberShown is what a node shows of an institution's membership. Of one that is out it is no
// more than that: who took its invitation is void, so that not everybody holds it.
type memberShown struct {
	out, claimed bool
	key          protocol.Key // zero: out, not come yet, or taken twice
}

// charterShown is the version that a node follows, and those that stop each other.
type charterShown struct {
	inForce protocol.Digest
	rivals  map[protocol.Digest]bool
}

// membersOf and charterOf read what a node shows.
func membersOf(n *node.Node) map[protocol.InstitutionID]memberShown {
	out := map[protocol.InstitutionID]memberShown{}
	for _, m := range n.Trust().Members() {
		x := memberShown{out: m.Out, claimed: m.Claimed, key: m.IdentityKey}
		if m.Out {
			x = memberShown{out: true}
		}
		out[m.ID] = x
	}
	return out
}

func charterOf(n *node.Node) charterShown {
	out := charterShown{n.Trust().CharterInForce().Digest, map[protocol.Digest]bool{}}
	for _, v := range n.Trust().Rivals() {
		out.rivals[v.Digest] = true
	}
	return out
}

// firstOf gives the version that founded the network.
func firstOf(charters []protocol.SignedCharter) protocol.SignedCharter {
	for _, c := range charters {
		if read, err := protocol.ParseCharter(c.Document); err == nil && read.Version == 1 {
			return c
		}
	}
	return protocol.SignedCharter{}
}

// line follows the versions of the charter that a file holds, from the first on (epochs.md 16).
// No schedule ends a rivalry: its one steward has signed both.
func (w *witness) line(first protocol.SignedCharter) charterShown {
	at, out := first, charterShown{rivals: map[protocol.Digest]bool{}}
	for {
		out.inForce = at.Digest()
		next := map[protocol.Digest]protocol.SignedCharter{}
		for _, c := range w.charters {
			if _, err := c.VerifyAfter(&at); err == nil {
				next[c.Digest()] = c
			}
		}
		if len(next) != 1 {
			for d := range next {
				out.rivals[d] = true
			}
			return out
		}
		for _, c := range next {
			at = c
		}
	}
}

// statementOf and epochOf give the admission with a claim key, and the epoch that it opens.
func (f *fold) statementOf(id protocol.InstitutionID, claim protocol.Key) *statement {
	for _, s := range f.statement[f.epochOf(id, claim)] {
		if s.claim == claim {
			return s
		}
	}
	return nil
}

func (f *fold) epochOf(id protocol.InstitutionID, claim protocol.Key) protocol.EpochID {
	for e, of := range f.statement {
		if e.Institution == id && e.Topic == protocol.Trust && slices.ContainsFunc(of, func(s *statement) bool { return s.claim == claim }) {
			return e
		}
	}
	return protocol.EpochID{}
}

// ended reports whether an invitation was taken back: an admission opens an epoch behind its own.
func (f *fold) ended(id protocol.InstitutionID, claim protocol.Key) bool {
	of := f.epochOf(id, claim)
	for e := range f.statement {
		if of.Epoch > 0 && e.Feed == of.Feed && e.Epoch > of.Epoch {
			return true
		}
	}
	return false
}

// takers gives the keys that took an invitation: each signs a first record that names it, with
// the claim key's word for it.
func (f *fold) takers(e protocol.EpochID, s *statement) map[protocol.Key]bool {
	out := map[protocol.Key]bool{}
	if s == nil || s.claim.IsZero() {
		return out
	}
	for _, k := range f.epochs[e] {
		var says struct {
			Key   string             `json:"key"`
			Claim protocol.Signature `json:"claim_signature"`
		}
		if k.Sequence != 1 || k.Previous != s.root(f) || json.Unmarshal(k.Body, &says) != nil {
			continue
		}
		key, err := protocol.ParseKey(says.Key)
		if err == nil && key == k.Key && ed25519.Verify(s.claim[:], protocol.ClaimText(e.Institution, key), says.Claim[:]) {
			out[key] = true
		}
	}
	return out
}

// members reads who takes part, by the newest epoch of each trust feed.
func (f *fold) members() map[protocol.InstitutionID]memberShown {
	out, newest := map[protocol.InstitutionID]memberShown{}, map[protocol.InstitutionID]protocol.EpochID{}
	for e := range f.statement {
		if e.Topic == protocol.Trust && e.Epoch > newest[e.Institution].Epoch {
			newest[e.Institution] = e
		}
	}
	for id, e := range newest {
		s := f.statement[e][0]
		if s.closes {
			out[id] = memberShown{out: true}
			continue
		}
		takers := f.takers(e, s)
		x := memberShown{claimed: !s.key.IsZero() || len(takers) > 0, key: s.key}
		for key := range takers {
			if len(takers) == 1 {
				x.key = key
			}
		}
		out[id] = x
	}
	return out
}

// admitsRightly holds against the design who came in (2, 6, 8), and that all nodes show the
// same members and follow the same charter (7).
func (c *checker) admitsRightly() {
	for _, x := range c.entered {
		if x.ended {
			c.violated(6, "%s let %s in by an invitation that it knew to be taken back", x.host, x.who)
		}
		if x.taken {
			c.violated(8, "%s let %s in by an invitation that it knew to be taken", x.host, x.who)
		}
	}
	for _, w := range c.nodes {
		f := c.folds[w.id]
		for i := range w.held {
			if k := &w.held[i]; w.standing[k.digest] != "void" && len(f.statement[k.EpochID()]) == 0 {
				c.violated(2, "%s shows %s as %s, and nobody admitted its author to that", w.id, k.Name, w.standing[k.digest])
			}
		}
		c.seatsOnce(w, f)
	}
	members := c.members()
	for _, w := range members {
		first := members[0]
		if want := c.folds[w.id].members(); !maps.Equal(w.members, want) {
			c.violated(7, "%s shows the members %v, and by the rules they are %v", w.id, w.members, want)
		}
		if !maps.Equal(w.members, first.members) {
			c.violated(7, "%s and %s show different members", w.id, first.id)
		}
		want := w.line(c.charter)
		if w.charter.inForce != want.inForce || !maps.Equal(w.charter.rivals, want.rivals) {
			c.violated(7, "%s follows the charter %v, and by the rules it is %v", w.id, w.charter, want)
		}
		if w.charter.inForce != first.charter.inForce {
			c.violated(7, "%s and %s follow different charters", w.id, first.id)
		}
	}
}

// seatsOnce wants no invitation to have two first records that count.
func (c *checker) seatsOnce(w *witness, f *fold) {
	for e, of := range f.statement {
		if e.Topic != protocol.Trust || of[0].claim.IsZero() {
			continue
		}
		n := 0
		for _, k := range f.epochs[e] {
			if k.Sequence == 1 && w.standing[k.digest] == "counts" {
				n++
			}
		}
		if n > 1 {
			c.violated(8, "%s counts %d who took one invitation of %s", w.id, n, e.Institution)
		}
	}
}

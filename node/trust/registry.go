package trust

import (
	"slices"
	"sync"
	"time"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Registry answers who is who, from a charter and the trust records held. It is safe for
// concurrent use; answers are copies.
type Registry struct {
	signed  protocol.SignedCharter
	charter *protocol.Charter
	digest  protocol.Digest                         // of the charter document
	named   map[protocol.InstitutionID]protocol.Key // stewards and registrars
	expires time.Time                               // of the charter

	mu       sync.RWMutex // guards all below
	rings    map[protocol.Digest]*ring
	waiting  map[protocol.Digest][]protocol.Record // by the predecessor they lack
	branches map[protocol.InstitutionID][]*branch  // of its trust feed
	openers  map[protocol.Digest]*opener           // by the digest of the record
	epochs   map[protocol.Feed]map[uint32]*candidates
	claims   map[protocol.Digest][]claim // by the admission they name
}

// New begins with the first version of a charter, which it verifies: it returns what
// [protocol.SignedCharter.Verify] says, and [ErrLaterCharter] for a later version.
// Later versions are told by records (part 2).
func New(c protocol.SignedCharter) (*Registry, error) {
	charter, err := c.Verify()
	if err != nil {
		return nil, err
	}
	if charter.Version != 1 {
		return nil, ErrLaterCharter
	}
	g := &Registry{
		signed:   protocol.SignedCharter{Document: slices.Clone(c.Document), Signatures: slices.Clone(c.Signatures)},
		charter:  charter,
		digest:   c.Digest(),
		named:    map[protocol.InstitutionID]protocol.Key{},
		rings:    map[protocol.Digest]*ring{},
		waiting:  map[protocol.Digest][]protocol.Record{},
		branches: map[protocol.InstitutionID][]*branch{},
		openers:  map[protocol.Digest]*opener{},
		epochs:   map[protocol.Feed]map[uint32]*candidates{},
		claims:   map[protocol.Digest][]claim{},
	}
	if g.expires, err = charter.ExpiresAt(); err != nil {
		return nil, err
	}
	for _, s := range charter.Stewards {
		g.named[s.Institution] = s.Key
	}
	for _, r := range charter.Registrars {
		g.named[r.Institution] = r.Key
	}
	return g, nil
}

// Charter gives the charter in force. It is shared: don't change it.
func (g *Registry) Charter() *protocol.Charter { return g.charter }

// CharterDigest gives the digest of its document: the opener's digest of the trust feeds
// it opens.
func (g *Registry) CharterDigest() protocol.Digest { return g.digest }

// SignedCharter gives the document with its signatures, as a peer asks for it.
func (g *Registry) SignedCharter() protocol.SignedCharter {
	return protocol.SignedCharter{Document: slices.Clone(g.signed.Document), Signatures: slices.Clone(g.signed.Signatures)}
}

// Expired reports whether the charter has run out at an instant of the caller's clock. It
// is for a banner, and for the desk to refuse new admissions: no record is judged by it.
func (g *Registry) Expired(at time.Time) bool { return at.After(g.expires) }

// Add folds one held trust record into the registry, and returns the feeds whose openers
// may have changed by it, sorted: what waits for one of them is to be tried again.
//
// Intake has judged the record (chain, signature, opener); Add takes every branch, every
// kind, and records without body, which are needed to follow the chain: Add the record
// again when its body has come. A record known already, and one of another topic, changes
// nothing. Within an epoch records come in order; one that comes before its predecessor
// has no effect until that has come.
func (g *Registry) Add(r protocol.Record) []protocol.Feed {
	if r.Topic != protocol.Trust || r.Sequence == 0 {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	changed := map[protocol.Feed]bool{}
	for todo := []protocol.Record{r}; len(todo) > 0; {
		next := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		digest := next.Digest()
		k := g.enchain(&next, digest)
		if k == nil {
			continue
		}
		todo = append(todo, g.waiting[digest]...)
		delete(g.waiting, digest)
		// A body that isn't the record's is as good as none.
		if !k.read && next.BodyState == protocol.BodyHeld && next.CheckBody(next.Body) == nil {
			k.read = true
			g.read(k, &next, changed)
		}
	}
	return sortedFeeds(changed)
}

// read folds what a record says. What its kind or body doesn't let us read, opens
// nothing: the record stays in the chain, and is shown by others.
func (g *Registry) read(k *ring, r *protocol.Record, changed map[protocol.Feed]bool) {
	if r.Sealed {
		return
	}
	says, err := body.Parse(r.Type, r.Body)
	if err != nil {
		return
	}
	switch says := says.(type) {
	case *body.Admission:
		g.readAdmission(k, r, says, changed)
	case *body.KeyRecord:
		g.readKey(k, r, says, changed)
	case *body.Profile:
		k.profile.newer(k, says)
	}
}

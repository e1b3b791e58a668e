package trust

import (
	"sync"
	"time"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Registry answers who is who, from a charter and the trust records held. It is safe for
// concurrent use; answers are copies.
type Registry struct {
	digest protocol.Digest // of the founding charter
	memory memory

	mu       sync.RWMutex // guards all below
	versions map[protocol.Digest]*version
	rings    map[protocol.Digest]*ring
	waiting  map[protocol.Digest][]protocol.Record // by the predecessor they lack
	branches map[protocol.InstitutionID][]*branch  // of its trust feed
	openers  map[protocol.Digest]*opener           // by the digest of the record
	epochs   map[protocol.Feed]map[uint32]*candidates
	claims   map[protocol.Digest][]claim                      // by the admission they name
	invited  map[protocol.Key]map[protocol.InstitutionID]bool // who was ever offered a claim key
	refused  map[*ring]string                                 // key records that say nothing, and why
	awaited  map[protocol.Digest]bool                         // named by a last: their coming changes verdicts

	// What follows from the versions held; readLine and enforce work it out.
	charter     *version          // in force
	line        []*version        // in force, now and before, the first first
	rivals      []*version        // that hold each other up
	settled     []protocol.Digest // the line that this node takes as given, by version; see settle.go
	entries     map[protocol.EpochID]*opener
	charterLast map[protocol.EpochID]protocol.Last // as the newest version states it
	named       map[protocol.InstitutionID]protocol.Entry
	registrars  map[protocol.InstitutionID]bool // of any version in the line
}

// New begins with the first version of a charter, which it verifies: it returns what
// [protocol.SignedCharter.Verify] says, and [ErrLaterCharter] for a later version.
// Later versions are told by records, and by [Registry.AddCharter].
func New(c protocol.SignedCharter) (*Registry, error) {
	charter, err := c.Verify()
	if err != nil {
		return nil, err
	}
	if charter.Version != 1 {
		return nil, ErrLaterCharter
	}
	g := &Registry{
		digest:   c.Digest(),
		versions: map[protocol.Digest]*version{},
		rings:    map[protocol.Digest]*ring{},
		waiting:  map[protocol.Digest][]protocol.Record{},
		branches: map[protocol.InstitutionID][]*branch{},
		openers:  map[protocol.Digest]*opener{},
		epochs:   map[protocol.Feed]map[uint32]*candidates{},
		claims:   map[protocol.Digest][]claim{},
		invited:  map[protocol.Key]map[protocol.InstitutionID]bool{},
		refused:  map[*ring]string{},
		awaited:  map[protocol.Digest]bool{},
	}
	return g, g.addCharter(c, "", map[protocol.Feed]bool{})
}

// Expired reports whether the charter has run out at an instant of the caller's clock. It
// is for a banner, and for the desk to refuse new admissions: no record is judged by it.
func (g *Registry) Expired(at time.Time) bool {
	expires, err := g.Charter().ExpiresAt()
	return err == nil && at.After(expires)
}

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
	defer g.change()()
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
		if entry := g.entries[k.EpochID]; g.awaited[digest] || k.sequence == 1 && entry != nil && entry.version.number > 0 {
			g.touch(k.Feed, changed)
		}
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
		g.readAdmission(k, says, changed)
	case *body.KeyRecord:
		g.readKey(k, r, says, changed)
	case *body.Profile:
		k.profile.add(k, says)
	case *body.CharterRecord:
		signed := says.Signed()
		_ = g.addCharter(signed, k.Institution, changed) // another network's says nothing here
		if v := g.versions[signed.Digest()]; v != nil {
			v.date(k)
		}
	}
}

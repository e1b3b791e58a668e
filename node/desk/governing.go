package desk

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

// announced is how long it is said on every node, by its own clock, that a member was
// closed or has another identity key: its neighbours should have heard of it some other
// way by then.
const announced = 24 * time.Hour

// charterNotice is how long before its expiry a charter asks for its stewards: they are in
// several countries.
const charterNotice = 90 * 24 * time.Hour

// CharterFinding reminds of a charter that expires soon, or has; false of any other.
func CharterFinding(g *trust.Registry, now time.Time) (Finding, bool) {
	expires := g.Charter().Expires
	switch {
	case g.Expired(now):
		return Finding{"charter", "the charter expired on " + expires + ": nobody is admitted", "its stewards sign the next version: 'vardar member charter draft next.json --expires DATE'; records go on", false}, true
	case g.Expired(now.Add(charterNotice)):
		return Finding{"charter", "the charter expires on " + expires + ", and nobody is admitted from then on", "its stewards sign the next version in time: 'vardar member charter draft next.json --expires DATE'", false}, true
	}
	return Finding{}, false
}

// charterFindings looks at the charter.
func (d *Desk) charterFindings() []Finding {
	var out []Finding
	find := func(said, mend string) { out = append(out, Finding{"charter", said, mend, false}) }
	if f, due := CharterFinding(d.o.Trust, d.o.Clock()); due {
		out = append(out, f)
	}
	charter := d.o.Trust.Charter()
	if len(charter.Newer) > 0 {
		find("the charter has members that need a newer vardar: "+strings.Join(charter.Newer, ", "), "bring this node up to date")
	}
	out = append(out, d.shorterDays()...)
	if said, closers := rivalry(d.o.Trust); said != "" {
		mend := "a version that goes on from one of them ends it, signed by more than half of " + joinIDs(closers)
		if len(closers) == 0 {
			mend = "every steward signed both, so nobody can end it: ask your registrar by telephone which of them is the network's, and take it with 'vardar member charter accept DIGEST'"
		}
		find(said, mend+"; see 'vardar member charter show'")
	}
	if v, ok := d.setAside(); ok {
		find(fmt.Sprintf("another version %d of the charter, %s, bears signatures of the stewards of version %d: this node has long settled on its own, and sets it aside",
			v.Charter.Version, v.Digest, v.Charter.Version-1),
			"nothing is stopped here; tell the stewards that keys of theirs may be in other hands: "+joinIDs(v.Signed.SignedBy(d.versionBefore(&v)))+"; see 'vardar member charter show'")
	}
	return out
}

// shorterDays tells of bodies that will be let go sooner: what goes does not come back, so
// people have time to object.
func (d *Desk) shorterDays() []Finding {
	shorter := d.o.Trust.Shortening()
	if len(shorter) == 0 {
		return nil
	}
	kinds := make([]string, len(shorter))
	for i, r := range shorter {
		kinds[i] = fmt.Sprintf("%s (%d days)", r.Type, r.Days)
	}
	return []Finding{{
		"charter", fmt.Sprintf("version %d of the charter has bodies let go sooner than before, for good: %s; this node begins once it has followed that on %d days",
			shorter[0].Version, strings.Join(kinds, ", "), intake.SettleDays),
		"if that surprises you, call the stewards meanwhile; 'vardar member charter accept " + d.o.Trust.CharterInForce().Digest.String() + "' begins at once", false,
	}}
}

// setAside gives the first version that rivals one on which this node has settled.
func (d *Desk) setAside() (trust.CharterVersion, bool) {
	all := d.o.Trust.Charters()
	at := slices.IndexFunc(all, func(v trust.CharterVersion) bool { return v.Standing == trust.SetAside })
	if at < 0 {
		return trust.CharterVersion{}, false
	}
	return all[at], true
}

// versionBefore gives the version that another follows: itself if that is not held.
func (d *Desk) versionBefore(v *trust.CharterVersion) *protocol.Charter {
	if before := predecessorOf(v, d.o.Trust.Charters()); before != nil {
		return before
	}
	return v.Charter
}

// memberFindings announces what changed of members, what waits for this node's registrar,
// and, for a day, what somebody said of members and keys and may not say.
func (d *Desk) memberFindings() []Finding {
	var out []Finding
	members := d.o.Trust.Members()
	for i := range members {
		m := &members[i]
		if said := d.announcement(d.present(), m); said != "" {
			out = append(out, Finding{"member", said, "if that surprises you, call " + string(m.Registrar) + "; see 'vardar member show " + string(m.ID) + "'", false})
		}
		if !m.RequestedKey.IsZero() && d.isOwn(m.Registrar) {
			out = append(out, Finding{
				"member", fmt.Sprintf("%s asks for the next identity key, %s…", m.ID, m.RequestedKey.String()[:16]),
				"compare the key with them by telephone, then 'vardar member admit " + string(m.ID) + "'", false,
			})
		}
	}
	return append(out, d.refusals()...)
}

// refusals names the newest fresh record of each author that opens nothing: a flood of
// them is one finding.
func (d *Desk) refusals() []Finding {
	var out []Finding
	said := map[protocol.InstitutionID]bool{}
	for _, r := range slices.Backward(d.o.Trust.Refused()) {
		by := r.Record.Institution
		if said[by] || !d.fresh(r.Record, d.now()) {
			continue
		}
		said[by] = true
		out = append(out, Finding{
			"trust", fmt.Sprintf("%s does nothing: %s", r.Record, r.Why),
			fmt.Sprintf("ask %s what was meant; see 'vardar show %s'", by, r.Record), false,
		})
	}
	return out
}

// announcement says of a member that it was closed, or has another identity key, for a
// day from when this node heard of it; "" otherwise.
func (d *Desk) announcement(k knowledge, m *trust.Member) string {
	o, ok := k.trust.Current(protocol.Feed{Institution: m.ID, Topic: protocol.Trust})
	switch {
	case m.Out && d.fresh(m.ClosedBy, k.at):
		if m.Successor != "" { // one sentence, since that is how it is known in another language
			return fmt.Sprintf("%s was closed by its registrar: nothing is exchanged with it; %s goes on in its place", m.ID, m.Successor)
		}
		return string(m.ID) + " was closed by its registrar: nothing is exchanged with it"
	case ok && !m.Out && !o.Key.IsZero() && d.fresh(o.By, k.at) && hadAnotherKey(k.trust, &o):
		return fmt.Sprintf("%s has another identity key, %s…, from trust epoch %d on", m.ID, o.Key.String()[:16], o.Epoch)
	}
	return ""
}

// hadAnotherKey reports whether a trust feed was signed by another key before an opener: an
// invitation that nobody took had none.
func hadAnotherKey(g *trust.Registry, o *trust.Opener) bool {
	for e := o.EpochID; e.Epoch > 1; {
		e.Epoch--
		before := g.Openers(e)
		if len(before) == 0 {
			return false
		}
		for _, b := range before {
			if (b.Counts || b.Waits) && !b.Key.IsZero() {
				return b.Key != o.Key
			}
		}
	}
	return false
}

// fresh reports whether this node took a record within the day before an instant.
func (d *Desk) fresh(n protocol.Name, at protocol.Instant) bool {
	if n.IsZero() {
		return false
	}
	h, err := d.held(n)
	return err == nil && at.Time().Before(h.Accepted.Time().Add(announced))
}

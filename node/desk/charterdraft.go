package desk

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// Founder is what somebody who is to be named in a charter hands to who writes it: an
// identity key with the proof that its owner holds it.
type Founder struct {
	Institution protocol.InstitutionID `json:"institution"`
	Key         protocol.Key           `json:"key"`
	Proof       protocol.Signature     `json:"proof"`
}

// CharterChange is what a version of a charter says otherwise than the one before it, or
// what a first version says. What is left empty stays as it is.
type CharterChange struct {
	Network    string                            `json:"network,omitempty"`
	Stewards   []Founder                         `json:"stewards,omitempty"`    // to be added, or to sign with another key
	NoStewards []protocol.InstitutionID          `json:"no_stewards,omitempty"` // to be removed
	Threshold  int                               `json:"threshold,omitempty"`   // default in a first version: the least that is allowed
	Registrars []Founder                         `json:"registrars,omitempty"`  // to be named, or to sign with another key
	Grant      map[string]protocol.InstitutionID `json:"grant,omitempty"`       // prefix → who admits under it from now on
	Revoke     []string                          `json:"revoke,omitempty"`      // prefixes under which nobody admits any more

	MembersMay    map[string][]string `json:"members_may,omitempty"`    // level → types; an empty list: as the kinds say themselves
	Handling      map[string]string   `json:"handling,omitempty"`       // type → mark; empty: the kind's own
	RetentionDays map[string]int      `json:"retention_days,omitempty"` // type → days; 0: for ever
	Groups        map[string][]string `json:"groups,omitempty"`         // name → prefixes or IDs; an empty list: no such group
	RecordsADay   int                 `json:"records_a_day,omitempty"`
	MiBADay       int                 `json:"mib_a_day,omitempty"`
	Expires       time.Time           `json:"expires,omitzero"`
}

// The quota of a first version, a member and a day: twenty times what a busy municipality
// writes (design.md §8).
const (
	firstRecordsADay = 2000
	firstMiBADay     = 32
)

// trustState is what a node holds of an institution's trust feed: the epoch that is open,
// its key, and the last record held of it. Zero: it has none.
type trustState struct {
	epoch uint32
	key   protocol.Key
	last  protocol.Last  // the newest held of that epoch
	since *protocol.Last // what its opener said of the epoch before
}

// drafting is a version being written.
type drafting struct {
	protocol.Charter
	held func(protocol.InstitutionID) trustState
}

// FirstCharter writes the document of a first version, unsigned. It returns what
// [protocol.ParseCharter] refuses.
func FirstCharter(ch CharterChange) ([]byte, error) {
	d := drafting{Charter: protocol.Charter{
		Vardar: "charter", Version: 1, Stewards: []protocol.Steward{}, Registrars: []protocol.Registrar{},
		MembersMay: map[string][]string{}, Handling: map[string]protocol.Handling{}, RetentionDays: map[string]int{}, Groups: map[string][]string{},
		Quota: protocol.Quota{RecordsADay: firstRecordsADay, MiBADay: firstMiBADay}, Networks: []protocol.PartnerNetwork{},
	}, held: func(protocol.InstitutionID) trustState { return trustState{} }}
	d.Threshold = cmp.Or(ch.Threshold, len(ch.Stewards)/2+1)
	return d.write(ch)
}

// nextCharter writes the document of the version after one.
func nextCharter(before *protocol.Charter, digest protocol.Digest, ch CharterChange, held func(protocol.InstitutionID) trustState) ([]byte, error) {
	if len(before.Newer) > 0 {
		return nil, &Problem{
			Kind: Refused, Field: before.Newer[0], Detail: "the charter in force has members that need a newer vardar, and a version drafted here would lose them",
			Mend: "draft it where vardar is up to date", Next: "vardar version",
		}
	}
	d := drafting{held: held}
	text, err := json.Marshal(before)
	if err != nil {
		return nil, err
	}
	if _, err = protocol.DecodeJSON(text, &d.Charter); err != nil {
		return nil, err
	}
	d.Version, d.Previous, d.Rival = before.Version+1, &digest, nil
	return d.write(ch)
}

func (d *drafting) write(ch CharterChange) ([]byte, error) {
	d.Network = cmp.Or(ch.Network, d.Network)
	d.stewards(ch)
	if err := d.registrars(ch); err != nil {
		return nil, err
	}
	if err := d.rules(ch); err != nil {
		return nil, err
	}
	if !ch.Expires.IsZero() {
		d.Expires = ch.Expires.UTC().Format("2006-01-02T15:04:05Z")
	}
	return writeCharter(&d.Charter)
}

// writeCharter writes a document as people read it, and holds it against the rules.
func writeCharter(c *protocol.Charter) ([]byte, error) {
	document, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return nil, err
	}
	if _, err = protocol.ParseCharter(document); err != nil {
		return nil, charterMisfit(err)
	}
	return document, nil
}

func (d *drafting) stewards(ch CharterChange) {
	d.Stewards = slices.DeleteFunc(d.Stewards, func(s protocol.Steward) bool { return slices.Contains(ch.NoStewards, s.Institution) })
	for _, f := range ch.Stewards {
		epoch, last := d.entry(f)
		s := protocol.Steward{Institution: f.Institution, Key: f.Key, Proof: f.Proof, Epoch: epoch, Last: last}
		if i := slices.IndexFunc(d.Stewards, func(s protocol.Steward) bool { return s.Institution == f.Institution }); i >= 0 {
			d.Stewards[i] = s
		} else {
			d.Stewards = append(d.Stewards, s)
		}
		d.rekey(f, epoch, last)
	}
	d.Threshold = cmp.Or(ch.Threshold, d.Threshold)
}

// entry says which epoch of its trust feed a named key signs: the open one, if that has
// this key, and otherwise the next.
func (d *drafting) entry(f Founder) (epoch uint32, last *protocol.Last) {
	held := d.held(f.Institution)
	switch {
	case held.epoch == 0:
		return 0, nil
	case held.key == f.Key && held.epoch == 1:
		return 0, nil
	case held.key == f.Key:
		return held.epoch, held.since
	}
	return held.epoch + 1, &held.last
}

// rekey gives one that is named twice, as steward and as registrar, one key.
func (d *drafting) rekey(f Founder, epoch uint32, last *protocol.Last) {
	for i := range d.Stewards {
		if s := &d.Stewards[i]; s.Institution == f.Institution {
			s.Key, s.Proof, s.Epoch, s.Last = f.Key, f.Proof, epoch, last
		}
	}
	for i := range d.Registrars {
		if r := &d.Registrars[i]; r.Institution == f.Institution {
			r.Key, r.Proof, r.Epoch, r.Last = f.Key, f.Proof, epoch, last
		}
	}
}

func (d *drafting) registrars(ch CharterChange) error {
	for _, f := range ch.Registrars {
		epoch, last := d.entry(f)
		d.name(protocol.Registrar{Institution: f.Institution, Key: f.Key, Proof: f.Proof, Epoch: epoch, Last: last})
		d.rekey(f, epoch, last)
	}
	for _, prefix := range slices.Concat(ch.Revoke, slices.Sorted(maps.Keys(ch.Grant))) {
		d.take(prefix, ch.Grant[prefix])
	}
	for _, prefix := range slices.Sorted(maps.Keys(ch.Grant)) {
		if err := d.grant(prefix, ch.Grant[prefix]); err != nil {
			return err
		}
	}
	d.Registrars = slices.DeleteFunc(d.Registrars, func(r protocol.Registrar) bool { return len(r.Prefixes) == 0 })
	return nil
}

// name puts a registrar on the list, unless it stands there.
func (d *drafting) name(r protocol.Registrar) *protocol.Registrar {
	for i := range d.Registrars {
		if d.Registrars[i].Institution == r.Institution {
			return &d.Registrars[i]
		}
	}
	d.Registrars = append(d.Registrars, r)
	return &d.Registrars[len(d.Registrars)-1]
}

// take has whoever admits under a prefix stop, and says what counts of its word: all that
// is held of it now.
func (d *drafting) take(prefix string, now protocol.InstitutionID) {
	was := registrarUnder(&d.Charter, prefix)
	if was == "" || was == now {
		return
	}
	for i := range d.Registrars {
		if r := &d.Registrars[i]; r.Institution == was {
			r.Prefixes = slices.DeleteFunc(r.Prefixes, func(p string) bool { return p == prefix })
		}
	}
	held := d.held(was)
	d.Ended = slices.DeleteFunc(d.Ended, func(e protocol.Ended) bool { return e.Institution == was && slices.Contains(e.Prefixes, prefix) })
	d.Ended = append(d.Ended, protocol.Ended{Institution: was, Prefixes: []string{prefix}, Epoch: max(1, held.epoch), Last: held.last})
	if now == "" { // whoever holds the shorter prefix has it again
		now = registrarUnder(&d.Charter, prefix)
	}
	d.again(now, prefix)
}

// again has nothing ended of what an institution admits under once more.
func (d *drafting) again(id protocol.InstitutionID, prefix string) {
	for i := range d.Ended {
		if e := &d.Ended[i]; e.Institution == id {
			e.Prefixes = slices.DeleteFunc(e.Prefixes, func(p string) bool { return p == prefix })
		}
	}
	d.Ended = slices.DeleteFunc(d.Ended, func(e protocol.Ended) bool { return len(e.Prefixes) == 0 })
}

// registrarUnder gives who admits under a prefix: the one with the longest that it lies
// under.
func registrarUnder(c *protocol.Charter, prefix string) protocol.InstitutionID {
	longest, out := 0, protocol.InstitutionID("")
	for i := range c.Registrars {
		for _, p := range c.Registrars[i].Prefixes {
			if len(p) > longest && strings.HasPrefix(prefix, p) {
				longest, out = len(p), c.Registrars[i].Institution
			}
		}
	}
	return out
}

// grant lets an institution admit under a prefix; one that no registrar's key is known of
// must be a steward.
func (d *drafting) grant(prefix string, id protocol.InstitutionID) error {
	i := slices.IndexFunc(d.Stewards, func(s protocol.Steward) bool { return s.Institution == id })
	known := slices.ContainsFunc(d.Registrars, func(r protocol.Registrar) bool { return r.Institution == id })
	if i < 0 && !known {
		return &Problem{
			Kind: Usage, Field: "registrars", Detail: fmt.Sprintf("the key of %s is not known here", id),
			Mend: "name the file of the line that 'vardar init " + string(id) + " --keys-only' prints there", Next: "vardar member charter draft --help",
		}
	}
	r := protocol.Registrar{Institution: id}
	if i >= 0 {
		s := d.Stewards[i]
		r.Key, r.Proof, r.Epoch, r.Last = s.Key, s.Proof, s.Epoch, s.Last
	}
	named := d.name(r)
	if !slices.Contains(named.Prefixes, prefix) {
		named.Prefixes = append(named.Prefixes, prefix)
	}
	d.again(id, prefix)
	return nil
}

// rules takes over who may say what, marks, retention, groups and quota.
func (d *drafting) rules(ch CharterChange) error {
	for level, types := range ch.MembersMay {
		if d.MembersMay[level] = types; len(types) == 0 {
			delete(d.MembersMay, level)
		}
	}
	for name, members := range ch.Groups {
		if d.Groups[name] = members; len(members) == 0 {
			delete(d.Groups, name)
		}
	}
	for kind, mark := range ch.Handling {
		if mark == "" {
			delete(d.Handling, kind)
			continue
		}
		h, err := protocol.ParseHandling(mark)
		if err != nil {
			return &Problem{Kind: Usage, Field: "handling." + kind, Detail: err.Error(), Mend: "want TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT or TLP:RED", Next: "vardar member charter draft --help", Err: err}
		}
		d.Handling[kind] = h
	}
	if err := d.retention(ch.RetentionDays); err != nil {
		return err
	}
	d.Quota.RecordsADay = cmp.Or(ch.RecordsADay, d.Quota.RecordsADay)
	d.Quota.MiBADay = cmp.Or(ch.MiBADay, d.Quota.MiBADay)
	return nil
}

// charterMisfit names field and mend of what a document breaks.
func charterMisfit(err error) error {
	p := misfit(err, "vardar member charter draft --help")
	switch p.Rule {
	case protocol.RuleName(protocol.ErrThreshold):
		p.Mend = "give one with --threshold"
	case protocol.RuleName(protocol.ErrCharterKeys):
		p.Mend = cmp.Or(p.Mend, "every institution stands once in each list, with one key that no other has")
	}
	return p
}

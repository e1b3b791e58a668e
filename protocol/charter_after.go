package protocol

import (
	"slices"
	"strings"
)

// stewardKeys gives the keys of a version's stewards.
func (c *Charter) stewardKeys() map[InstitutionID][]Key {
	out := make(map[InstitutionID][]Key, len(c.Stewards))
	for _, s := range c.Stewards {
		out[s.Institution] = []Key{s.Key}
	}
	return out
}

// signaturesEach is how many signatures of one steward are looked at, so that a flood of
// bad ones costs nothing: one with each of the keys that its own version, the one before,
// and two rivals may name for it.
const signaturesEach = 4

// signers gives those who signed with one of their keys.
func (s *SignedCharter) signers(keys map[InstitutionID][]Key) map[InstitutionID]bool {
	text, looked, out := CharterText(s.Document), map[InstitutionID]int{}, map[InstitutionID]bool{}
	for _, sig := range s.Signatures {
		if out[sig.Steward] || looked[sig.Steward] == signaturesEach {
			continue
		}
		looked[sig.Steward]++
		good := func(k Key) bool { return k.Verify(text, sig.Signature) }
		if slices.ContainsFunc(keys[sig.Steward], good) {
			out[sig.Steward] = true
		}
	}
	return out
}

// SignedBy gives the stewards of a version, in its order, who have signed the document
// with the key that the version names for them.
func (s *SignedCharter) SignedBy(c *Charter) []InstitutionID {
	signed, out := s.signers(c.stewardKeys()), []InstitutionID{}
	for i := range c.Stewards {
		if id := c.Stewards[i].Institution; signed[id] {
			out = append(out, id)
		}
	}
	return out
}

// VerifyAfter verifies a version N+1 against version N, which has been verified
// (epochs.md 16): that it follows ([ErrCharterAfter]); that the thresholds of its own
// stewards ([ErrCharterSigned]) and of those before ([ErrCharterBefore]) signed it; that
// an institution which stands in both goes on in its epoch with its key, or in the next
// epoch ([ErrCharterEpoch]); and that what it takes from a registrar is ended by name
// ([ErrCharterEnded]). One that names a rival is for [SignedCharter.VerifyEnding]:
// [ErrCharterRivals].
func (s *SignedCharter) VerifyAfter(previous *SignedCharter) (*Charter, error) {
	c, before, err := s.follow(previous)
	if err != nil {
		return nil, err
	}
	if c.Rival != nil {
		return nil, &Violation{Field: "rival", Rule: ErrCharterRivals, Detail: "only a version that ends a rivalry names one"}
	}
	if len(s.signers(before.stewardKeys())) < before.Threshold {
		return nil, &Violation{Field: "signatures", Rule: ErrCharterBefore}
	}
	return c, nil
}

// VerifyEnding verifies a version N+2 that ends the rivalry of two or more versions N+1,
// which have all been verified after version N: it names one as its predecessor and another
// as its rival, and more than half of those stewards of N who signed no two of them signed
// it (epochs.md 16), besides its own threshold. [ErrCharterRivals] if it does not; otherwise
// it is held to the same as by [SignedCharter.VerifyAfter].
func (s *SignedCharter) VerifyEnding(common, previous *SignedCharter, rivals ...*SignedCharter) (*Charter, error) {
	c, _, err := s.follow(previous)
	if err != nil {
		return nil, err
	}
	named := func(r *SignedCharter) bool {
		return c.Rival != nil && *c.Rival == r.Digest() && *c.Rival != previous.Digest()
	}
	if !slices.ContainsFunc(rivals, named) {
		return nil, &Violation{Field: "rival", Rule: ErrCharterRivals, Detail: "want the digest of the other version of that number"}
	}
	all := append([]*SignedCharter{previous}, rivals...)
	keys, err := stewardsOf(common, all...)
	if err != nil {
		return nil, err
	}
	times := map[InstitutionID]int{}
	for _, r := range all {
		for id := range r.signers(keys) {
			times[id]++
		}
	}
	ours, honest, signed := s.signers(keys), 0, 0
	for id := range keys {
		if times[id] > 1 {
			continue
		}
		honest++
		if ours[id] {
			signed++
		}
	}
	if 2*signed <= honest {
		return nil, &Violation{Field: "signatures", Rule: ErrCharterRivals, Detail: "want more than half of the stewards before the rivalry who did not sign both"}
	}
	return c, nil
}

// stewardsOf gives the stewards of a version with the key that it names for them, and with
// those that versions after it name for them and they signed with that key. What a version
// says of a steward who did not sign it is nothing: whoever has stolen the keys of some
// could name others for the rest, and sign for all of them.
func stewardsOf(common *SignedCharter, after ...*SignedCharter) (map[InstitutionID][]Key, error) {
	c, err := ParseCharter(common.Document)
	if err != nil {
		return nil, err
	}
	own := c.stewardKeys()
	keys := c.stewardKeys()
	for _, s := range after {
		next, err := ParseCharter(s.Document)
		if err != nil {
			return nil, err
		}
		if next.Previous == nil || *next.Previous != common.Digest() {
			return nil, &Violation{Field: "previous", Rule: ErrCharterRivals, Detail: "the two versions do not follow the same one"}
		}
		signed := s.signers(own)
		for id, more := range next.stewardKeys() {
			if signed[id] {
				keys[id] = append(keys[id], more...)
			}
		}
	}
	return keys, nil
}

// follow verifies what holds for every later version, but for the signatures of those
// before it.
func (s *SignedCharter) follow(previous *SignedCharter) (c, before *Charter, err error) {
	if c, err = s.Verify(); err != nil {
		return nil, nil, err
	}
	if before, err = ParseCharter(previous.Document); err != nil {
		return nil, nil, err
	}
	if c.Previous == nil || *c.Previous != previous.Digest() {
		return nil, nil, &Violation{Field: "previous", Rule: ErrCharterAfter, Detail: "want " + previous.Digest().String()}
	}
	return c, before, c.CheckAfter(before)
}

// CheckAfter holds a version against the one before it, but for digest and signatures:
// its number ([ErrCharterAfter]), the epochs of those whom both name ([ErrCharterEpoch]),
// and what it takes from registrars ([ErrCharterEnded]). It is for drafts, which are not
// signed yet.
func (c *Charter) CheckAfter(before *Charter) error {
	if c.Version != before.Version+1 {
		return &Violation{Field: "version", Rule: ErrCharterAfter, Detail: "want the next number: none may be left out"}
	}
	if err := c.goesOn(before); err != nil {
		return err
	}
	return c.ends(before)
}

// goesOn holds the epochs of those who stand in both versions against each other.
func (c *Charter) goesOn(before *Charter) error {
	held := map[InstitutionID]Entry{}
	for _, e := range before.Entries() {
		held[e.Institution] = e
	}
	for _, e := range c.Entries() {
		b, ok := held[e.Institution]
		same := e.Epoch == b.Epoch && e.Key == b.Key
		next := e.Epoch == b.Epoch+1 && e.Key != b.Key
		if ok && !same && !next {
			return &Violation{Field: "epoch", Rule: ErrCharterEpoch, Detail: string(e.Institution)}
		}
	}
	return nil
}

// ends reports whether all that the version takes from registrars of the one before is
// ended by name: prefixes that are gone, and such as another holds now.
func (c *Charter) ends(before *Charter) error {
	kept := map[string]InstitutionID{} // who holds a prefix in c
	for _, r := range c.Registrars {
		for _, p := range r.Prefixes {
			kept[p] = r.Institution
		}
	}
	held := map[string]InstitutionID{}
	for _, r := range before.Registrars {
		for _, p := range r.Prefixes {
			held[p] = r.Institution
			if kept[p] != r.Institution && !c.isEnded(r.Institution, p) {
				return &Violation{Field: "ended", Rule: ErrCharterEnded, Detail: string(r.Institution) + " no longer holds " + p}
			}
		}
	}
	for p, now := range kept {
		if was := holder(held, p); was != "" && was != now && !c.isEnded(was, p) {
			return &Violation{Field: "ended", Rule: ErrCharterEnded, Detail: string(was) + " no longer admits under " + p}
		}
	}
	return nil
}

// holder gives who holds the longest prefix that a prefix lies under.
func holder(held map[string]InstitutionID, prefix string) InstitutionID {
	longest, out := 0, InstitutionID("")
	for p, id := range held {
		if len(p) > longest && strings.HasPrefix(prefix, p) {
			longest, out = len(p), id
		}
	}
	return out
}

func (c *Charter) isEnded(id InstitutionID, prefix string) bool {
	return slices.ContainsFunc(c.Ended, func(e Ended) bool {
		return e.Institution == id && slices.ContainsFunc(e.Prefixes, func(p string) bool { return strings.HasPrefix(prefix, p) })
	})
}

// checkEnded holds what is ended, and the rival, against the rest of the document.
func (c *Charter) checkEnded() error {
	if c.Rival != nil && (c.Version < 3 || *c.Rival == *c.Previous) {
		return &Violation{Field: "rival", Rule: ErrCharterRivals, Detail: "a rivalry of versions N+1 is ended by version N+2, which names both"}
	}
	held := map[string]InstitutionID{}
	for _, r := range c.Registrars {
		for _, p := range r.Prefixes {
			held[p] = r.Institution
		}
	}
	for _, e := range c.Ended {
		switch {
		case c.Version == 1 || len(e.Prefixes) == 0:
			return &Violation{Field: "ended", Rule: ErrCharter, Detail: "want the prefixes that a version before this one gave"}
		case e.Epoch < 1 || e.Epoch > MaxNumber:
			return broken(ErrEpoch, "ended.epoch", string(e.Institution))
		case e.Last.Unknown:
			return &Violation{Field: "ended.last", Rule: ErrCharterEnded, Detail: "name the last record held: it can be stated again by a later version"}
		}
		for _, p := range e.Prefixes {
			if !ValidPrefix(p) || held[p] == e.Institution {
				return broken(ErrPrefix, "ended.prefixes", p)
			}
		}
	}
	return nil
}

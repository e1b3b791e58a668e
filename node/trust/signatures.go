package trust

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/vardar-network/vardar/protocol"
)

// signaturesEach is how many signatures of one steward are taken out of one envelope, as
// protocol does: one with each key that a version's judges may name for it.
const signaturesEach = 4

// trial is what a version was held against: with further signatures it is another.
type trial struct {
	after      protocol.Digest
	rivals     protocol.Digest // of their digests; zero: it ends no rivalry
	signatures int             // all that were looked at
}

// try asks once, and remembers the answer: whoever publishes a thousand versions makes the
// thousandth cost no more than the first.
func (v *version) try(t trial, ask func() error) error {
	err, asked := v.trials[t]
	if !asked {
		err = ask()
		v.trials[t] = err
	}
	return err
}

// after reports whether a version follows another.
func (v *version) after(last *version) error {
	return v.try(trial{after: last.Digest, signatures: len(v.Signed.Signatures)}, func() error {
		_, err := v.Signed.VerifyAfter(&last.Signed)
		return err
	})
}

// ends reports whether a version ends a rivalry for the one that it prefers.
func (v *version) ends(common, previous *version, others []*version) error {
	t, rivals := trial{after: previous.Digest, signatures: len(v.Signed.Signatures) + len(previous.Signed.Signatures)}, []byte(nil)
	signed := make([]*protocol.SignedCharter, 0, len(others))
	for _, o := range others {
		t.signatures += len(o.Signed.Signatures)
		rivals = append(rivals, o.Digest[:]...)
		signed = append(signed, &o.Signed)
	}
	t.rivals = protocol.DigestOf(rivals)
	return v.try(t, func() error {
		_, err := v.Signed.VerifyEnding(&common.Signed, &previous.Signed, signed...)
		return err
	})
}

// judges gives the versions that say whose signatures a version needs: itself, the one
// before it, and, if it ends a rivalry, its rival and the one before both. False while one
// of them is not held. What any other version says of its stewards is nothing to it:
// everybody can write one that names a key of his own for each of them.
func (g *Registry) judges(v *version) (judges []*version, all bool) {
	judges, all = []*version{v}, true
	add := func(digest *protocol.Digest) *version {
		if digest == nil {
			return nil
		}
		judge := g.versions[*digest]
		if all = all && judge != nil; judge != nil {
			judges = append(judges, judge)
		}
		return judge
	}
	before := add(v.Charter.Previous)
	if v.Charter.Rival != nil {
		add(v.Charter.Rival)
		if before != nil {
			add(before.Charter.Previous)
		}
	}
	return judges, all
}

// good gives the signatures of a version that a key of a steward's made, one for each key,
// by steward: so that no flood of bad ones hides it.
func (g *Registry) good(v *version) []protocol.CharterSignature {
	keys := map[protocol.InstitutionID][]protocol.Key{}
	judges, _ := g.judges(v)
	for _, judge := range judges {
		for _, s := range judge.Charter.Stewards {
			if !slices.Contains(keys[s.Institution], s.Key) {
				keys[s.Institution] = append(keys[s.Institution], s.Key)
			}
		}
	}
	var out []protocol.CharterSignature
	text := protocol.CharterText(v.Signed.Document)
	for _, sig := range v.Signed.Signatures {
		made := slices.IndexFunc(keys[sig.Steward], func(k protocol.Key) bool { return k.Verify(text, sig.Signature) })
		if made < 0 {
			continue
		}
		keys[sig.Steward] = slices.Delete(keys[sig.Steward], made, made+1)
		out = append(out, sig)
	}
	return out
}

// sift leaves a version its good signatures alone, once nothing that comes can make another
// one good.
func (g *Registry) sift(v *version) {
	if v.sifted {
		return
	}
	if _, all := g.judges(v); all {
		v.Signed.Signatures, v.sifted = g.good(v), true
	}
}

// sign adds signatures to a version, and reports whether that is news.
func (g *Registry) sign(v *version, signatures []protocol.CharterSignature) bool {
	before := len(v.Signed.Signatures)
	each := map[protocol.InstitutionID]int{}
	all := slices.Clone(v.Signed.Signatures)
	for _, sig := range signatures {
		if each[sig.Steward]++; each[sig.Steward] <= signaturesEach && !slices.Contains(all, sig) {
			all = append(all, sig)
		}
	}
	if len(all) == before {
		return false
	}
	slices.SortFunc(all, func(a, b protocol.CharterSignature) int {
		return cmp.Or(cmp.Compare(a.Steward, b.Steward), bytes.Compare(a.Signature[:], b.Signature[:]))
	})
	v.Signed.Signatures, v.sifted = all, false
	g.sift(v)
	return len(v.Signed.Signatures) > before
}

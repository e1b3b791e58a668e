package keys

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/vardar-network/vardar/protocol"
)

// Prepared is the public half of a key that is to follow.
type Prepared struct {
	Public string             // 64 hex digits; of an age key its recipient
	Key    protocol.Key       // zero for an age key
	Proof  protocol.Signature // of possession; zero for an age key
}

// Prepare makes the next key of a use and keeps it sealed beside the current one, which
// goes on being used. It is the first step of a rotation: publish what it returns in a key
// record, then [Safe.Promote]. If there is a next key already, made by an attempt that was
// cut off, it gives that one.
//
// It returns [ErrNotHosted], and for an identity key [ErrNoCarrier] if the carrier is not
// there.
func (s *Safe) Prepare(id protocol.InstitutionID, use protocol.KeyUse) (Prepared, error) {
	s.changeMu.Lock()
	defer s.changeMu.Unlock()
	h, err := s.find(id)
	if err != nil {
		return Prepared{}, err
	}
	if h.newest(use) == 0 {
		return Prepared{}, fmt.Errorf("key use %q (want identity, node, link or age): %w", use, ErrUse)
	}
	if use == protocol.UseIdentity {
		if err = s.Carrier(id); err != nil {
			return Prepared{}, err
		}
	}
	next, ok := h.key(use, Next)
	if !ok {
		if next, err = s.makeNext(h, use); err != nil {
			return Prepared{}, fmt.Errorf("prepare %s key of %s: %w", use, id, err)
		}
	}
	out := Prepared{Public: next.public}
	if !use.Signs() {
		return out, nil
	}
	k, err := s.private(id, next)
	if err != nil {
		return Prepared{}, err
	}
	out.Key, out.Proof = k.public, k.sign(protocol.KeyProofText(id, use, k.public))
	return out, nil
}

// makeNext seals a new key, and then lists it; changeMu is held.
func (s *Safe) makeNext(h hosted, use protocol.KeyUse) (listed, error) {
	k, err := draw(s.o)
	if err != nil {
		return listed{}, err
	}
	public, err := k.public(use)
	if err != nil {
		return listed{}, err
	}
	next := listed{use: use, state: Next, number: h.newest(use) + 1, made: k.made, public: public}
	if use == protocol.UseIdentity {
		err = s.writeIdentities(h.id, &brought{keys: []listed{next}, secrets: map[string]secret{public: k}})
	} else {
		err = s.writeKey(h.id, next, k)
	}
	if err != nil {
		return listed{}, err
	}
	s.keep(next, k)
	h.keys = append(h.keys[:len(h.keys):len(h.keys)], next)
	if err = s.write(s.public().with(h)); err != nil {
		return listed{}, err
	}
	if use == protocol.UseIdentity {
		err = s.settle(h.id)
	}
	return next, err
}

func (s *Safe) writeKey(id protocol.InstitutionID, l listed, k secret) error {
	sealed, err := sealSecret(id, l.use, k, s.unlock.recipient)
	if err != nil {
		return err
	}
	if err := writeNew(s.keyFile(id, l), sealed); err != nil {
		return err
	}
	return syncFolder(s.folder())
}

// Promote makes the next key of a use the current one. Without a next key it does nothing,
// so that it may be called again after a crash.
//
// What was current is kept until the next rotation if it is a node key, for feeds whose
// next epoch is not open yet, or a link key, for peers who were out of reach; for ever if
// it is an age key, to unseal what was sealed to it; an identity key is removed from the
// carrier, since only the registrar's next admission makes Promote right.
//
// It returns [ErrNotHosted], and for an identity key [ErrNoCarrier].
func (s *Safe) Promote(id protocol.InstitutionID, use protocol.KeyUse) error {
	s.changeMu.Lock()
	defer s.changeMu.Unlock()
	h, err := s.find(id)
	if err != nil {
		return err
	}
	next, ok := h.key(use, Next)
	if !ok {
		return nil
	}
	if use == protocol.UseIdentity {
		if err := s.reachable(id, next); err != nil {
			return err
		}
	}
	promoted, ended := h.promote(use)
	if err := s.write(s.public().with(promoted)); err != nil {
		return fmt.Errorf("promote %s key of %s: %w", use, id, err)
	}
	for _, l := range ended {
		s.mu.Lock()
		delete(s.signers, l.verifies())
		s.mu.Unlock()
		if err := os.Remove(s.keyFile(id, l)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			s.o.Logger.Warn("ended key not removed", "file", s.keyFile(id, l), "err", err) // the next Open tries again
		}
	}
	if use == protocol.UseIdentity {
		return s.settle(id)
	}
	return nil
}

// promote gives the keys after a promotion, and those that ended by it.
func (h hosted) promote(use protocol.KeyUse) (promoted hosted, ended []listed) {
	promoted.id = h.id
	for _, l := range h.keys {
		switch {
		case l.use != use:
		case l.state == Next:
			l.state = Current
		case l.state == Current:
			l.state = Previous
		case use == protocol.UseNode || use == protocol.UseLink:
			ended = append(ended, l)
			continue
		}
		promoted.keys = append(promoted.keys, l)
	}
	return promoted, ended
}

// Follow promotes the next key of a use if it is the one given: what the institution's
// trust feed, or its registrar's, names by now. A node calls it at start, for rotations
// that a crash cut off between publishing and [Safe.Promote], and when an admission comes. It does nothing if the key
// is current or unknown.
func (s *Safe) Follow(id protocol.InstitutionID, use protocol.KeyUse, public string) error {
	h, err := s.find(id)
	if err != nil {
		return err
	}
	if next, ok := h.key(use, Next); !ok || next.public != public {
		return nil
	}
	return s.Promote(id, use)
}

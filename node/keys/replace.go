package keys

import (
	"errors"
	"slices"

	"github.com/vardar-network/vardar/protocol"
)

// ReplaceIdentity makes another identity key current, for an institution that its
// registrar has admitted anew: the one before is given up. Where that is lost with its
// carrier, a new one is begun in Options.Identity; the carrier that was lost, should it
// turn up, opens nothing here any more. The new carrier lacks the trust feed: give it what
// the archive holds by [Safe.AppendTrust].
//
// It returns [ErrNotHosted], and [ErrNoCarrier] if no carrier can be made there, or
// another node's lies there. One that was killed is done again.
func (s *Safe) ReplaceIdentity(id protocol.InstitutionID) error {
	err := s.Carrier(id)
	if errors.Is(err, ErrNoCarrier) {
		return s.beginCarrier(id)
	}
	if err == nil {
		_, err = s.Prepare(id, protocol.UseIdentity)
	}
	if err == nil {
		err = s.Promote(id, protocol.UseIdentity)
	}
	return err
}

// beginCarrier makes an identity key on a new carrier.
func (s *Safe) beginCarrier(id protocol.InstitutionID) error {
	s.changeMu.Lock()
	defer s.changeMu.Unlock()
	h, err := s.find(id)
	if err != nil {
		return err
	}
	for _, other := range OnCarrier(s.o.Identity) {
		if _, err = s.find(other); err != nil {
			return s.noCarrier(s.identityPath(id, h.current(protocol.UseIdentity)))
		}
	}
	if err = makeCarrier(s.o); err != nil {
		return err
	}
	k, err := draw(s.o)
	if err != nil {
		return err
	}
	public, err := k.public(protocol.UseIdentity)
	if err != nil {
		return err
	}
	begun := listed{use: protocol.UseIdentity, state: Current, number: h.newest(protocol.UseIdentity) + 1, made: k.made, public: public}
	h.keys = slices.Clone(h.keys)
	for i := range h.keys {
		if h.keys[i].use == protocol.UseIdentity {
			h.keys[i].state = Previous
		}
	}
	h.keys = append(h.keys, begun)
	if err := s.takeTrust(id, nil); err != nil {
		return err
	}
	if err := s.writeIdentities(id, &brought{keys: []listed{begun}, secrets: map[string]secret{public: k}}); err != nil {
		return err
	}
	if err := s.write(s.public().with(h)); err != nil {
		return err
	}
	return s.settle(id)
}

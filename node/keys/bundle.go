package keys

import (
	"fmt"
	"io"

	"filippo.io/age"

	"github.com/vardar-network/vardar/protocol"
)

// Seal gives a writer whose bytes are sealed to an age recipient, age1…, as they go to w;
// what was sealed can't be opened before it is closed.
func (s *Safe) Seal(w io.Writer, recipient string) (io.WriteCloser, error) {
	to, err := age.ParseX25519Recipient(recipient)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return age.Encrypt(w, to)
}

// Unseal opens what was sealed to an institution, by the age key that it has or one that it
// had. What it reads ends with an error if a byte is altered or the end is missing. It
// returns [ErrNotHosted], [ErrNotSealed], or what opening the key files says.
func (s *Safe) Unseal(id protocol.InstitutionID, sealed io.Reader) (io.Reader, error) {
	h, err := s.find(id)
	if err != nil {
		return nil, err
	}
	var by []age.Identity
	for _, l := range h.keys {
		if l.use != protocol.UseAge {
			continue
		}
		var identity age.Identity
		if identity, err = s.ageIdentity(id, l); err != nil {
			return nil, err
		}
		by = append(by, identity)
	}
	plain, err := age.Decrypt(sealed, by...)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotSealed, err)
	}
	return plain, nil
}

// ageIdentity opens the key file of an age key.
func (s *Safe) ageIdentity(id protocol.InstitutionID, l listed) (*age.X25519Identity, error) {
	k, err := readSecret(s.keyFile(id, l), id, l.use, s.unlock.identity())
	if err != nil {
		return nil, err
	}
	return k.ageIdentity()
}

package keys

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"filippo.io/age"

	"github.com/vardar-network/vardar/protocol"
)

const redacted = "[sealed]"

// silent keeps what embeds it out of every log and message, whatever the verb.
type silent struct{}

// String says nothing of the secret.
func (silent) String() string { return redacted }

// GoString says nothing of the secret.
func (silent) GoString() string { return redacted }

// Format says nothing of the secret: without it %d and %t would walk the fields.
func (silent) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, redacted) // a State reports to its own caller
}

// LogValue says nothing of the secret.
func (silent) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText says nothing of the secret.
func (silent) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON says nothing of the secret.
func (silent) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// secret is 32 bytes from which a key is made. They are behind a function: fmt calls no
// methods on unexported fields, and for a verb that a pointer does not know (%s) it
// prints what the pointer points to; of a function it prints the address.
type secret struct {
	silent
	seed func() [ed25519.SeedSize]byte
	made time.Time // zero: not known
}

func secretOf(seed [ed25519.SeedSize]byte, made time.Time) secret {
	return secret{seed: func() [ed25519.SeedSize]byte { return seed }, made: made}
}

// draw takes a new secret from the dice.
func draw(o Options) (secret, error) {
	var seed [ed25519.SeedSize]byte
	if _, err := io.ReadFull(o.Rand, seed[:]); err != nil {
		return secret{}, fmt.Errorf("draw a key: %w", err)
	}
	return secretOf(seed, o.now()), nil
}

// public gives the public half as keys/institutions has it.
func (k secret) public(use protocol.KeyUse) (string, error) {
	if use != protocol.UseAge {
		return k.signer().public.String(), nil
	}
	identity, err := k.ageIdentity()
	if err != nil {
		return "", err
	}
	return identity.Recipient().String(), nil
}

// signer is an Ed25519 private key. The texts it signs are made in this package or by
// protocol; nothing outside reaches sign.
type signer struct {
	silent
	public protocol.Key
	sign   func(text []byte) protocol.Signature
}

func (k secret) signer() signer {
	seed := k.seed()
	private := ed25519.NewKeyFromSeed(seed[:])
	return signer{
		public: protocol.KeyOf(private),
		sign:   func(text []byte) protocol.Signature { return protocol.Signature(ed25519.Sign(private, text)) },
	}
}

// ageIdentity gives the X25519 identity that a secret makes.
func (k secret) ageIdentity() (*age.X25519Identity, error) {
	identity, err := age.ParseX25519Identity(ageSecret(k))
	if err != nil {
		return nil, errors.New("make an age identity: age refused it") // its error may quote the secret
	}
	return identity, nil
}

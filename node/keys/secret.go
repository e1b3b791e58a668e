package keys

import (
	"crypto/ed25519"
	"fmt"
	"io"
	"log/slog"

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

// secret is 32 bytes from which a key is made. They are behind a pointer: fmt calls no
// methods on unexported fields, and prints pointers inside structs as addresses.
type secret struct {
	silent
	seed *[ed25519.SeedSize]byte
}

// draw takes a new secret from the dice.
func draw(dice io.Reader) (secret, error) {
	k := secret{seed: new([ed25519.SeedSize]byte)}
	if _, err := io.ReadFull(dice, k.seed[:]); err != nil {
		return secret{}, fmt.Errorf("draw a key: %w", err)
	}
	return k, nil
}

func (k secret) signer() signer {
	private := [ed25519.PrivateKeySize]byte(ed25519.NewKeyFromSeed(k.seed[:]))
	return signer{private: &private}
}

// signer is an Ed25519 private key. The texts it signs are made in this package or by
// protocol; nothing outside reaches sign.
type signer struct {
	silent
	private *[ed25519.PrivateKeySize]byte
}

func (k signer) public() protocol.Key { return protocol.KeyOf(k.private[:]) }

func (k signer) sign(text []byte) protocol.Signature {
	return protocol.Signature(ed25519.Sign(k.private[:], text))
}

package protocol

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// Digest is a SHA-256. The zero value means "not known" and is the digest of nothing
// anybody has seen.
type Digest [sha256.Size]byte

// DigestOf is the SHA-256 of the parts, one after the other.
func DigestOf(parts ...[]byte) Digest {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return Digest(h.Sum(nil))
}

const digestPrefix = "sha-256:"

// String gives sha-256: and 64 hex digits, the form of references and documents.
func (d Digest) String() string { return digestPrefix + hex.EncodeToString(d[:]) }

// Hex gives the 64 hex digits alone.
func (d Digest) Hex() string { return hex.EncodeToString(d[:]) }

// IsZero reports whether d was never set.
func (d Digest) IsZero() bool { return d == Digest{} }

// ParseDigest reads sha-256: and 64 lower-case hex digits; it returns a [*Violation]
// of [ErrDigestText].
func ParseDigest(s string) (Digest, error) {
	var d Digest
	text, ok := strings.CutPrefix(s, digestPrefix)
	if !ok || !decodeHex(d[:], text) {
		return Digest{}, broken(ErrDigestText, "", s)
	}
	return d, nil
}

// MarshalText writes it as String does.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads it as [ParseDigest] does.
func (d *Digest) UnmarshalText(b []byte) error {
	v, err := ParseDigest(string(b))
	if err == nil {
		*d = v
	}
	return err
}

// Prefix is the first 16 bytes, what a have row carries.
func (d Digest) Prefix() DigestPrefix { return DigestPrefix(d[:16]) }

// DigestPrefix is the first 16 bytes of a record digest.
type DigestPrefix [16]byte

// String gives 32 hex digits.
func (p DigestPrefix) String() string { return hex.EncodeToString(p[:]) }

// MarshalText writes 32 hex digits.
func (p DigestPrefix) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads 32 lower-case hex digits.
func (p *DigestPrefix) UnmarshalText(b []byte) error {
	var v DigestPrefix
	if !decodeHex(v[:], string(b)) {
		return broken(ErrDigestText, "", string(b))
	}
	*p = v
	return nil
}

// Key is an Ed25519 public key. [ParseKey] and [CheckKey] refuse keys that are not one
// institution's alone.
type Key [ed25519.PublicKeySize]byte

// String gives 64 hex digits, as in keyid.
func (k Key) String() string { return hex.EncodeToString(k[:]) }

// IsZero reports whether k was never set.
func (k Key) IsZero() bool { return k == Key{} }

// ParseKey reads 64 lower-case hex digits; it returns a [*Violation] of [ErrKeyText],
// or what [CheckKey] says.
func ParseKey(s string) (Key, error) {
	var k Key
	if !decodeHex(k[:], s) {
		return Key{}, broken(ErrKeyText, "", s)
	}
	if err := CheckKey(k); err != nil {
		return Key{}, err
	}
	return k, nil
}

// MarshalText writes 64 hex digits.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads it as [ParseKey] does.
func (k *Key) UnmarshalText(b []byte) error {
	v, err := ParseKey(string(b))
	if err == nil {
		*k = v
	}
	return err
}

// Verify is the one verification rule of the network: crypto/ed25519 of the standard
// library, for a key that [CheckKey] accepts.
func (k Key) Verify(message []byte, s Signature) bool {
	return keyRule(k) == nil && ed25519.Verify(k[:], message, s[:])
}

// KeyOf gives the public half of a private key.
func KeyOf(private ed25519.PrivateKey) Key { return Key(private.Public().(ed25519.PublicKey)) }

// Signature is an Ed25519 signature.
type Signature [ed25519.SignatureSize]byte

// String gives its base64.
func (s Signature) String() string { return base64.StdEncoding.EncodeToString(s[:]) }

// MarshalText writes base64.
func (s Signature) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads canonical base64 of 64 bytes; a [*Violation] of [ErrSignatureText].
func (s *Signature) UnmarshalText(b []byte) error {
	var v Signature
	if !decodeBase64(v[:], string(b)) {
		return broken(ErrSignatureText, "", string(b))
	}
	*s = v
	return nil
}

// CheckKey refuses a public key that is one of the points of small order, for which a
// signature proves nothing ([ErrKeySmallOrder]), or that is not the canonical encoding
// of its number, so that two texts would mean one key ([ErrKeyEncoding]). Libraries
// differ in both; the vectors cover them.
//
// That a key is a point of the curve at all is not asked here: one that is not verifies
// nothing, so it never comes with a proof of possession.
func CheckKey(k Key) error {
	if rule := keyRule(k); rule != nil {
		return broken(rule, "", k.String())
	}
	return nil
}

func keyRule(k Key) error {
	y := [32]byte(k)
	y[31] &= 0x7f // the sign bit of x
	for _, small := range smallOrder() {
		if y == small {
			return ErrKeySmallOrder
		}
	}
	if p := fieldPrime(); aboveOrEqual(y, p) {
		// 2^255-19 and above: the number is written a second way.
		y[0] -= p[0]
		if y[0] <= 1 {
			return ErrKeySmallOrder // p and p+1 are 0 and 1
		}
		return ErrKeyEncoding
	}
	return nil
}

// fieldPrime is 2^255-19 in little-endian order, as Ed25519 writes numbers.
func fieldPrime() [32]byte {
	p := [32]byte{0: 0xed, 31: 0x7f}
	for i := 1; i < 31; i++ {
		p[i] = 0xff
	}
	return p
}

// smallOrder gives the y coordinates, without sign, of the points of order 4, 1, 2 and
// of the two pairs of order 8.
func smallOrder() [5][32]byte {
	minusOne := fieldPrime()
	minusOne[0]--
	return [5][32]byte{
		{},
		{1},
		minusOne,
		{
			0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
			0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
		},
		{
			0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
			0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
		},
	}
}

// aboveOrEqual compares little-endian numbers.
func aboveOrEqual(a, b [32]byte) bool {
	for i := len(a) - 1; i >= 0; i-- {
		if a[i] != b[i] {
			return a[i] > b[i]
		}
	}
	return true
}

// decodeHex fills dst from lower-case hex of exactly its length.
func decodeHex(dst []byte, s string) bool {
	if len(s) != 2*len(dst) || strings.ToLower(s) != s {
		return false
	}
	_, err := hex.Decode(dst, []byte(s))
	return err == nil
}

// decodeBase64 fills dst from canonical standard base64 of exactly its length, at most
// 64 bytes.
func decodeBase64(dst []byte, s string) bool {
	enc := base64.StdEncoding
	var text, again [88]byte
	var out [66]byte
	if len(s) != enc.EncodedLen(len(dst)) || len(s) > len(text) {
		return false
	}
	n, err := enc.Decode(out[:], text[:copy(text[:], s)])
	if err != nil || n != len(dst) {
		return false
	}
	// Padding bits may hide a second text for the same bytes, and the decoder skips line
	// breaks: encode and compare.
	enc.Encode(again[:len(s)], out[:n])
	if string(again[:len(s)]) != s {
		return false
	}
	copy(dst, out[:n])
	return true
}

// decodeDocument reads the canonical base64 of a document of any length.
func decodeDocument(enc *base64.Encoding, s string) ([]byte, bool) {
	out, err := enc.DecodeString(s)
	return out, err == nil && enc.EncodeToString(out) == s
}

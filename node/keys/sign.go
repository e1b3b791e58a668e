package keys

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol"
)

// SignRecord sets Key and Signature: of a trust record by the identity key, of any other
// by the node key of its institution.
//
// It refuses a record that breaks the grammar. A trust record it signs only if the
// carrier is there ([ErrNoCarrier]) and the record is the next one there
// ([ErrCarrierAhead], [ErrCarrierBehind]); the caller then gives it to
// [Safe.AppendTrust] before it goes anywhere.
func (s *Safe) SignRecord(ctx context.Context, r *protocol.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	k, err := s.recordKey(r)
	if err != nil {
		return fmt.Errorf("sign %s: %w", r.Name, err)
	}
	signed := *r
	signed.Key = k.public
	if err := signed.Check(); err != nil {
		return fmt.Errorf("sign %s: %w", r.Name, err)
	}
	signed.Signature = k.sign(signed.AppendBase(nil))
	*r = signed
	return nil
}

func (s *Safe) recordKey(r *protocol.Record) (signer, error) {
	if r.Topic != protocol.Trust {
		k, err := s.keysOf(r.Institution)
		return k.node, err
	}
	h, err := s.find(r.Institution)
	if err != nil {
		return signer{}, err
	}
	if err := s.isNext(r); err != nil {
		return signer{}, err
	}
	return s.identity(h)
}

// SignBeacon sets Key and Signature by the node key of the beacon's institution.
func (s *Safe) SignBeacon(ctx context.Context, b *protocol.Beacon) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	k, err := s.keysOf(b.Institution)
	if err != nil {
		return fmt.Errorf("sign beacon: %w", err)
	}
	signed := *b
	signed.Key = k.node.public
	signed.Signature = k.node.sign(signed.Text())
	if _, err := protocol.ParseBeacon(signed.Wire()); err != nil {
		return fmt.Errorf("sign beacon of %s: %w", b.Institution, err)
	}
	*b = signed
	return nil
}

// SignLink signs the handshake with a listener by the node's link key. The listener is
// the one whose key this TLS handshake proved, whatever address was dialled. It returns
// protocol.ErrNonce for a nonce that could hold anything else.
func (s *Safe) SignLink(ctx context.Context, listener protocol.InstitutionID, nonce string) (protocol.Signature, error) {
	if err := ctx.Err(); err != nil {
		return protocol.Signature{}, err
	}
	if _, err := protocol.ParseInstitution(string(listener)); err != nil {
		return protocol.Signature{}, err
	}
	first := s.first().id
	text, err := protocol.LinkText(first, listener, nonce)
	if err != nil {
		return protocol.Signature{}, err
	}
	k, err := s.keysOf(first)
	if err != nil {
		return protocol.Signature{}, err
	}
	return k.link.sign(text), nil
}

// SignPolicy adds the node's signature to a link policy, by its link key, in place of an
// earlier one. It returns [ErrNotOurs] if the policy is between others.
func (s *Safe) SignPolicy(ctx context.Context, p *protocol.SignedPolicy) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	parsed, err := p.Parse()
	if err != nil {
		return fmt.Errorf("sign policy: %w", err)
	}
	first := s.first().id
	if parsed.A != first && parsed.B != first {
		return fmt.Errorf("policy of %s and %s: %w", parsed.A, parsed.B, ErrNotOurs)
	}
	k, err := s.keysOf(first)
	if err != nil {
		return err
	}
	others := slices.DeleteFunc(slices.Clone(p.Signatures), func(sig protocol.PolicySignature) bool { return sig.Institution == first })
	p.Signatures = append(others, protocol.PolicySignature{Institution: first, Signature: k.link.sign(protocol.PolicyText(p.Document))})
	return nil
}

// SignCharter adds the signature of a steward to a charter, by its identity key, in place
// of an earlier one. The document must be valid; that its stewards' keys are ours is for
// the caller to look at, since a steward who leaves signs the version without it too.
func (s *Safe) SignCharter(ctx context.Context, id protocol.InstitutionID, c *protocol.SignedCharter) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := protocol.ParseCharter(c.Document); err != nil {
		return fmt.Errorf("sign charter: %w", err)
	}
	h, err := s.find(id)
	if err != nil {
		return fmt.Errorf("sign charter: %w", err)
	}
	k, err := s.identity(h)
	if err != nil {
		return fmt.Errorf("sign charter: %w", err)
	}
	others := slices.DeleteFunc(slices.Clone(c.Signatures), func(sig protocol.CharterSignature) bool { return sig.Steward == id })
	c.Signatures = append(others, protocol.CharterSignature{Steward: id, Signature: k.sign(protocol.CharterText(c.Document))})
	return nil
}

// Proof gives a key's proof of possession. It returns [ErrNoProof] for an age key and
// [ErrNoCarrier] for an identity key out of reach.
func (s *Safe) Proof(id protocol.InstitutionID, use protocol.KeyUse) (protocol.Signature, error) {
	h, err := s.find(id)
	if err != nil {
		return protocol.Signature{}, err
	}
	keys, err := s.keysOf(id)
	if err != nil {
		return protocol.Signature{}, err
	}
	var k signer
	switch use {
	case protocol.UseIdentity:
		if k, err = s.identity(h); err != nil {
			return protocol.Signature{}, err
		}
	case protocol.UseNode:
		k = keys.node
	case protocol.UseLink:
		k = keys.link
	case protocol.UseAge:
		return protocol.Signature{}, fmt.Errorf("age key of %s: %w", id, ErrNoProof)
	default:
		return protocol.Signature{}, fmt.Errorf("key use %q: %w", use, ErrNoProof)
	}
	return k.sign(protocol.KeyProofText(id, use, k.public)), nil
}

// SignClaim signs, with the one-time key of an invitation, the identity key of the
// institution that took it.
func SignClaim(inv protocol.Invitation, identity protocol.Key) protocol.Signature {
	return protocol.Signature(ed25519.Sign(inv.Claim, protocol.ClaimText(inv.Institution, identity)))
}

// SignJoin signs a guest's handshake with the one-time key of its invitation. It returns
// protocol.ErrNonce as [Safe.SignLink] does.
func SignJoin(inv protocol.Invitation, nonce string) (protocol.Signature, error) {
	text, err := protocol.JoinText(inv.Institution, inv.Listener, nonce)
	if err != nil {
		return protocol.Signature{}, err
	}
	return protocol.Signature(ed25519.Sign(inv.Claim, text)), nil
}

// LinkSigner gives the node's link key to TLS, for its certificate and its handshakes
// alone. It returns [ErrNotTLS] for any other message.
func (s *Safe) LinkSigner() crypto.Signer {
	k, _ := s.keysOf(s.first().id) // an open safe hosts its first institution
	return linkSigner{key: k.link}
}

type linkSigner struct {
	silent
	key signer
}

// Public gives an ed25519.PublicKey.
func (l linkSigner) Public() crypto.PublicKey {
	public := l.key.public
	return ed25519.PublicKey(public[:])
}

// Sign signs what a TLS 1.3 handshake or a certificate looks like. No text of the
// protocol begins with a blank or with 0x30, so none can be slipped in here.
func (l linkSigner) Sign(_ io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	if opts.HashFunc() != 0 || !isHandshake(message) && !isCertificate(message) {
		return nil, ErrNotTLS
	}
	signature := l.key.sign(message)
	return signature[:], nil
}

// isHandshake knows the content of CertificateVerify: RFC 8446 s4.4.3.
func isHandshake(message []byte) bool {
	rest, ok := strings.CutPrefix(string(message), strings.Repeat(" ", 64))
	return ok && (strings.HasPrefix(rest, "TLS 1.3, server CertificateVerify\x00") || strings.HasPrefix(rest, "TLS 1.3, client CertificateVerify\x00"))
}

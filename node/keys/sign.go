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

// SignRecord sets Signature, and Key if it is zero: of a trust record by the identity key,
// of any other by the node key of its institution.
//
// Key says who is to sign: the key that the opener of the record's epoch names, the
// current one or the one before it; if it is the next one, that is promoted first, since
// its epoch is open. It returns [ErrOtherKey] for a key that is not in this safe. It
// refuses a record that breaks the grammar. A trust record it signs only if the carrier is
// there ([ErrNoCarrier]) and the record is the next one there ([ErrCarrierAhead],
// [ErrCarrierBehind]); the caller then gives it to [Safe.AppendTrust] before it goes
// anywhere.
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
	use := protocol.UseNode
	if r.Topic == protocol.Trust {
		use = protocol.UseIdentity
	}
	l, err := s.chosen(r.Institution, use, r.Key)
	if err != nil {
		return signer{}, err
	}
	if use == protocol.UseIdentity {
		if err := s.isNext(r); err != nil {
			return signer{}, err
		}
	}
	if l.state == Next {
		if err := s.Promote(r.Institution, use); err != nil {
			return signer{}, err
		}
	}
	return s.private(r.Institution, l)
}

// chosen gives the key of a use that is named, or the current one if none is.
func (s *Safe) chosen(id protocol.InstitutionID, use protocol.KeyUse, named protocol.Key) (listed, error) {
	h, err := s.find(id)
	if err != nil {
		return listed{}, err
	}
	if named.IsZero() {
		return h.current(use), nil
	}
	if l, ok := h.byKey(use, named.String()); ok && l.sealed() {
		return l, nil
	}
	return listed{}, fmt.Errorf("its %s key is to be %s, current is %s (mend: open the next epoch with the key that is here): %w", use, named, h.current(use).public, ErrOtherKey)
}

// private gives a key that signs.
func (s *Safe) private(id protocol.InstitutionID, l listed) (signer, error) {
	if l.use == protocol.UseIdentity {
		return s.identity(id, l)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	k, ok := s.signers[l.verifies()]
	if !ok {
		return signer{}, fmt.Errorf("%s key of %s was replaced meanwhile: %w", l.use, id, ErrOtherKey)
	}
	return k, nil
}

// SignBeacon sets Signature by the node key of the beacon's institution that Key names;
// if Key is zero, the current one. It returns [ErrOtherKey] for a key that is not in this
// safe.
func (s *Safe) SignBeacon(ctx context.Context, b *protocol.Beacon) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l, err := s.chosen(b.Institution, protocol.UseNode, b.Key)
	if err != nil {
		return fmt.Errorf("sign beacon: %w", err)
	}
	k, err := s.private(b.Institution, l)
	if err != nil {
		return fmt.Errorf("sign beacon: %w", err)
	}
	signed := *b
	signed.Key = k.public
	signed.Signature = k.sign(signed.Text())
	if _, err := protocol.ParseBeacon(signed.Wire()); err != nil {
		return fmt.Errorf("sign beacon of %s: %w", b.Institution, err)
	}
	*b = signed
	return nil
}

// LinkKeys gives the link keys that this node may be known by: the current one, and the
// one before it, which peers who were out of reach during the rotation still expect.
func (s *Safe) LinkKeys() []protocol.Key {
	h := s.first()
	known := []protocol.Key{h.current(protocol.UseLink).verifies()}
	if before, ok := h.key(protocol.UseLink, Previous); ok {
		known = append(known, before.verifies())
	}
	return known
}

// SignLink signs the handshake with a listener by the node's current link key. The
// listener is the one whose key this TLS handshake proved, whatever address was dialled.
// It returns protocol.ErrNonce for a nonce that could hold anything else.
func (s *Safe) SignLink(ctx context.Context, listener protocol.InstitutionID, nonce string) (protocol.Signature, error) {
	return s.SignLinkBy(ctx, s.LinkKeys()[0], listener, nonce)
}

// SignLinkBy is [Safe.SignLink] by one of [Safe.LinkKeys]. It returns [ErrOtherKey] for
// any other.
func (s *Safe) SignLinkBy(ctx context.Context, key protocol.Key, listener protocol.InstitutionID, nonce string) (protocol.Signature, error) {
	if err := ctx.Err(); err != nil {
		return protocol.Signature{}, err
	}
	if _, err := protocol.ParseInstitution(string(listener)); err != nil {
		return protocol.Signature{}, err
	}
	text, err := protocol.LinkText(s.first().id, listener, nonce)
	if err != nil {
		return protocol.Signature{}, err
	}
	if !slices.Contains(s.LinkKeys(), key) {
		return protocol.Signature{}, fmt.Errorf("link key %s: %w", key, ErrOtherKey)
	}
	k, err := s.private(s.first().id, listed{use: protocol.UseLink, public: key.String()})
	if err != nil {
		return protocol.Signature{}, err
	}
	return k.sign(text), nil
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
	k, err := s.private(first, s.first().current(protocol.UseLink))
	if err != nil {
		return err
	}
	others := slices.DeleteFunc(slices.Clone(p.Signatures), func(sig protocol.PolicySignature) bool { return sig.Institution == first })
	p.Signatures = append(others, protocol.PolicySignature{Institution: first, Signature: k.sign(protocol.PolicyText(p.Document))})
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
	k, err := s.identity(id, h.current(protocol.UseIdentity))
	if err != nil {
		return fmt.Errorf("sign charter: %w", err)
	}
	others := slices.DeleteFunc(slices.Clone(c.Signatures), func(sig protocol.CharterSignature) bool { return sig.Steward == id })
	c.Signatures = append(others, protocol.CharterSignature{Steward: id, Signature: k.sign(protocol.CharterText(c.Document))})
	return nil
}

// Proof gives the current key's proof of possession. It returns [ErrNoProof] for an age
// key and [ErrNoCarrier] for an identity key out of reach.
func (s *Safe) Proof(id protocol.InstitutionID, use protocol.KeyUse) (protocol.Signature, error) {
	h, err := s.find(id)
	if err != nil {
		return protocol.Signature{}, err
	}
	if !use.Signs() {
		return protocol.Signature{}, fmt.Errorf("%s key of %s: %w", use, id, ErrNoProof)
	}
	k, err := s.private(id, h.current(use))
	if err != nil {
		return protocol.Signature{}, err
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

// LinkSigners gives the node's link keys to TLS, for certificates and handshakes alone:
// those of [Safe.LinkKeys], the current one first. They return [ErrNotTLS] for any other
// message. Ask anew at each handshake: a rotation changes them.
func (s *Safe) LinkSigners() []crypto.Signer {
	var out []crypto.Signer
	for _, key := range s.LinkKeys() {
		if k, err := s.private(s.first().id, listed{use: protocol.UseLink, public: key.String()}); err == nil {
			out = append(out, linkSigner{key: k})
		}
	}
	return out
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

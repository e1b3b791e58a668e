package keys_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/protocol"
)

func newRecord(id protocol.InstitutionID, topic protocol.Topic, sequence uint32, previous protocol.Digest) protocol.Record {
	r := protocol.Record{
		Name:     protocol.Name{Institution: id, Position: protocol.Position{Topic: topic, Epoch: 1, Sequence: sequence}},
		Type:     protocol.FullType(topic, "note.v1"),
		Time:     protocol.InstantOf(time.Date(2016, 3, 17, 9, 0, 0, 0, time.UTC)),
		Previous: previous,
		Handling: protocol.Green,
	}
	r.SetBody(fmt.Appendf(nil, `{"salt":"AAECAwQFBgcICQoLDA0ODw==","number":%d}`, sequence))
	return r
}

func TestEachRecordIsSignedByTheKeyOfItsFeed(t *testing.T) {
	s := create(t, keys.Options{Dir: t.TempDir()})
	if err := s.Add(idomeni); err != nil {
		t.Fatal(err)
	}
	for _, id := range s.Institutions() {
		for _, topic := range protocol.Topics() {
			use := protocol.UseNode
			if topic == protocol.Trust {
				use = protocol.UseIdentity
			}
			want, _ := s.Public(id, use)
			r := newRecord(id, topic, 1, protocol.DigestOf([]byte("opener")))
			if err := s.SignRecord(t.Context(), &r); err != nil {
				t.Fatal(err)
			}
			if r.Key != want {
				t.Errorf("%s was signed by %s, want the %s key %s", r.Name, r.Key, use, want)
			}
			if err := r.Verify(); err != nil {
				t.Errorf("%s: %v", r.Name, err)
			}
		}
	}
}

func TestRecordsThatBreakTheGrammarAreNotSigned(t *testing.T) {
	s := create(t, keys.Options{Dir: t.TempDir()})
	tests := []struct {
		name string
		harm func(r *protocol.Record)
		want error
	}{
		{"stranger", func(r *protocol.Record) { r.Institution = idomeni }, keys.ErrNotHosted},
		{"type of another topic", func(r *protocol.Record) { r.Type = "vardar.alert.report.v1" }, protocol.ErrTypeTopic},
		{"type with a line break", func(r *protocol.Record) { r.Type = "vardar.situation.a\nb.v1" }, protocol.ErrType},
		{"no handling", func(r *protocol.Record) { r.Handling = 0 }, protocol.ErrHandling},
		{"body changed", func(r *protocol.Record) { r.Body = []byte(`{}`) }, protocol.ErrBodyDigest},
		{"sequence 0", func(r *protocol.Record) { r.Sequence = 0 }, protocol.ErrSequence},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRecord(gevgelija, protocol.Situation, 1, protocol.Digest{})
			tt.harm(&r)
			if err := s.SignRecord(t.Context(), &r); !errors.Is(err, tt.want) {
				t.Errorf("SignRecord() = %v, want %v", err, tt.want)
			}
			if r.Signature != (protocol.Signature{}) || !r.Key.IsZero() {
				t.Error("it was signed all the same")
			}
		})
	}
}

func TestToldToStopSignsNothing(t *testing.T) {
	s := create(t, keys.Options{Dir: t.TempDir()})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := newRecord(gevgelija, protocol.Situation, 1, protocol.Digest{})
	_, linkErr := s.SignLink(ctx, idomeni, "abcdefghijk")
	for _, err := range []error{
		s.SignRecord(ctx, &r), s.SignBeacon(ctx, &protocol.Beacon{Institution: gevgelija}), linkErr,
		s.SignPolicy(ctx, &protocol.SignedPolicy{}), s.SignCharter(ctx, gevgelija, &protocol.SignedCharter{}),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("signing after cancel = %v", err)
		}
	}
}

func TestBeaconIsSignedByTheNodeKey(t *testing.T) {
	s := create(t, keys.Options{Dir: t.TempDir()})
	b := protocol.Beacon{Institution: gevgelija, Time: 1458205200000, Heads: []protocol.Head{{Topic: protocol.Situation, Epoch: 1, Sequence: 42}}}
	if err := s.SignBeacon(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	got, err := protocol.ParseBeacon(b.Wire())
	if want, _ := s.Public(gevgelija, protocol.UseNode); err != nil || got.Key != want {
		t.Errorf("ParseBeacon() = %v, %v, want key %s", got.Key, err, want)
	}
	for epoch := range uint32(60) {
		b.Heads = append(b.Heads, protocol.Head{Topic: protocol.Trust, Epoch: epoch + 1})
	}
	if err := s.SignBeacon(t.Context(), &b); !errors.Is(err, protocol.ErrBeaconTooLong) {
		t.Errorf("SignBeacon() of 61 heads = %v, want ErrBeaconTooLong", err)
	}
}

func TestNonceIsSignedOnlyAsAHandshake(t *testing.T) {
	s := create(t, keys.Options{Dir: t.TempDir()})
	link, _ := s.Public(gevgelija, protocol.UseLink)
	const nonce = "Kq3_fF-00abcdef"
	signature, err := s.SignLink(t.Context(), idomeni, nonce)
	if err != nil {
		t.Fatal(err)
	}
	text, err := protocol.LinkText(gevgelija, idomeni, nonce)
	if err != nil {
		t.Fatal(err)
	}
	if !link.Verify(text, signature) || link.Verify([]byte(nonce), signature) {
		t.Error("the handshake is not over dialler, listener and nonce")
	}
	r := newRecord(gevgelija, protocol.Situation, 1, protocol.Digest{})
	for _, nonce := range []string{"", "short", string(r.AppendBase(nil)), strings.Repeat("a", 65), "with a blank"} {
		if _, err := s.SignLink(t.Context(), idomeni, nonce); !errors.Is(err, protocol.ErrNonce) {
			t.Errorf("SignLink(%.20q) = %v, want ErrNonce", nonce, err)
		}
	}
	if _, err := s.SignLink(t.Context(), "mk\nother", nonce); err == nil {
		t.Error("a listener that is no institution was signed for")
	}
}

func TestPolicyIsSignedByTheLinkKeyOnce(t *testing.T) {
	s := create(t, keys.Options{Dir: t.TempDir()})
	policy := protocol.LinkPolicy{Vardar: "link", Number: 1, A: idomeni, B: gevgelija}
	for _, d := range []*protocol.Direction{&policy.AToB, &policy.BToA} {
		*d = protocol.Direction{Groups: []string{"* *"}, Bodies: protocol.Amber, Relay: protocol.Green}
	}
	document, err := json.Marshal(policy)
	if err != nil {
		t.Fatal(err)
	}
	p := protocol.SignedPolicy{Document: document}
	for range 2 {
		if err := s.SignPolicy(t.Context(), &p); err != nil {
			t.Fatal(err)
		}
	}
	link, _ := s.Public(gevgelija, protocol.UseLink)
	if len(p.Signatures) != 1 || !p.SignedBy(gevgelija, link) {
		t.Errorf("policy has %d signatures, want one by the link key", len(p.Signatures))
	}
	others := protocol.SignedPolicy{Document: []byte(strings.ReplaceAll(string(document), string(gevgelija), "mk.pelagonia.bitola"))}
	if err := s.SignPolicy(t.Context(), &others); !errors.Is(err, keys.ErrNotOurs) {
		t.Errorf("SignPolicy() between others = %v, want ErrNotOurs", err)
	}
	if err := s.SignPolicy(t.Context(), &protocol.SignedPolicy{Document: []byte("vardar-claim-v1")}); err == nil {
		t.Error("what is no policy was signed")
	}
}

func TestCharterIsSignedByTheIdentityKey(t *testing.T) {
	s := create(t, keys.Options{Dir: t.TempDir()})
	identity, _ := s.Public(gevgelija, protocol.UseIdentity)
	proof, err := s.Proof(gevgelija, protocol.UseIdentity)
	if err != nil {
		t.Fatal(err)
	}
	document, err := json.Marshal(protocol.Charter{
		Vardar: "charter", Version: 1, Network: "test", Threshold: 1,
		Stewards:   []protocol.Steward{{Institution: gevgelija, Key: identity, Proof: proof}},
		Registrars: []protocol.Registrar{{Institution: gevgelija, Prefixes: []string{"mk."}, Key: identity, Proof: proof}},
		MembersMay: map[string][]string{}, Handling: map[string]protocol.Handling{}, RetentionDays: map[string]int{},
		Groups: map[string][]string{}, Networks: []protocol.PartnerNetwork{}, Expires: "2030-01-01T00:00:00Z",
		Quota: protocol.Quota{RecordsADay: 2000, MiBADay: 32},
	})
	if err != nil {
		t.Fatal(err)
	}
	c := protocol.SignedCharter{Document: document}
	for range 2 {
		if err := s.SignCharter(t.Context(), gevgelija, &c); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Verify(); err != nil || len(c.Signatures) != 1 {
		t.Errorf("Verify() = %v with %d signatures, want one good one", err, len(c.Signatures))
	}
	if err := s.SignCharter(t.Context(), idomeni, &c); !errors.Is(err, keys.ErrNotHosted) {
		t.Errorf("SignCharter() for a stranger = %v, want ErrNotHosted", err)
	}
	if err := s.SignCharter(t.Context(), gevgelija, &protocol.SignedCharter{Document: []byte("{}")}); err == nil {
		t.Error("what is no charter was signed")
	}
}

func TestInvitationSignsItsClaimAndItsHandshake(t *testing.T) {
	claim := privateOf(make([]byte, 32))
	inv := protocol.Invitation{Institution: gevgelija, Listener: idomeni, Claim: claim}
	s := create(t, keys.Options{Dir: t.TempDir()})
	identity, _ := s.Public(gevgelija, protocol.UseIdentity)
	if !protocol.KeyOf(claim).Verify(protocol.ClaimText(gevgelija, identity), keys.SignClaim(inv, identity)) {
		t.Error("the claim was not signed by the invitation's key")
	}
	signature, err := keys.SignJoin(inv, "Kq3_fF-00abcdef")
	text, _ := protocol.JoinText(gevgelija, idomeni, "Kq3_fF-00abcdef")
	if err != nil || !protocol.KeyOf(claim).Verify(text, signature) {
		t.Errorf("SignJoin() = %v, want a signature over JoinText", err)
	}
	if _, err := keys.SignJoin(inv, "two\nlines00000"); !errors.Is(err, protocol.ErrNonce) {
		t.Errorf("SignJoin() of a bad nonce = %v, want ErrNonce", err)
	}
}

func TestLinkKeySignsNothingButTLS(t *testing.T) {
	s := create(t, keys.Options{Dir: t.TempDir()})
	signer := s.LinkSigners()[0]
	link, _ := s.Public(gevgelija, protocol.UseLink)
	r := newRecord(gevgelija, protocol.Situation, 1, protocol.Digest{})
	handshake, err := protocol.LinkText(gevgelija, idomeni, "Kq3_fF-00abcdef")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range [][]byte{
		nil,
		{0x30},
		{0x30, 0x00},
		{0x30, 0x03, 0x02, 0x01, 0x05},
		r.AppendBase(nil),
		handshake,
		protocol.KeyProofText(gevgelija, protocol.UseLink, link),
		protocol.PolicyText([]byte("{}")),
		[]byte(strings.Repeat(" ", 64) + "TLS 1.2"),
	} {
		if _, err := signer.Sign(rand.Reader, text, crypto.Hash(0)); !errors.Is(err, keys.ErrNotTLS) {
			t.Errorf("Sign(%.30q) = %v, want ErrNotTLS", text, err)
		}
	}
}

func TestLinkKeyCarriesATLSHandshake(t *testing.T) {
	s := create(t, keys.Options{Dir: t.TempDir()})
	signer := s.LinkSigners()[0]
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, signer.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	certificate := tls.Certificate{Certificate: [][]byte{der}, PrivateKey: signer}
	a, b := net.Pipe()
	server := tls.Server(a, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS13, ClientAuth: tls.RequireAnyClientCert, SessionTicketsDisabled: true})
	client := tls.Client(b, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS13, InsecureSkipVerify: true})
	done := make(chan error, 1)
	go func() { done <- server.HandshakeContext(t.Context()) }()
	if err := errors.Join(client.HandshakeContext(t.Context()), <-done); err != nil {
		t.Fatal(err)
	}
	_ = a.Close()
	_ = b.Close()
}

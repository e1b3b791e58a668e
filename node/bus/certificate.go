package bus

import (
	"crypto"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// certificate makes the listener's certificate from its link key. The other side looks
// at the key alone, so the rest is constant: no name, and dates that mean for ever
// (99991231235959Z, RFC 5280 §4.1.2.5).
func certificate(signer crypto.Signer) (tls.Certificate, error) {
	if _, ok := signer.Public().(ed25519.PublicKey); !ok {
		return tls.Certificate{}, errors.New("link key is not an Ed25519 key")
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Unix(0, 0).UTC(),
		NotAfter:     time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
	}
	// Ed25519 signatures take no randomness.
	der, err := x509.CreateCertificate(nil, template, template, signer.Public(), signer)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make certificate of the link key: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: signer}, nil
}

func signerKey(signer crypto.Signer) protocol.Key {
	key, ok := signer.Public().(ed25519.PublicKey)
	if !ok || len(key) != ed25519.PublicKeySize {
		return protocol.Key{}
	}
	return protocol.Key(key)
}

// keyZone ends the server name of every link: a zone that is nobody's (RFC 6761 §6.4).
const keyZone = ".vardar.invalid"

// serverName is how a dialler says in the handshake which key it expects. Half of the key
// tells two apart, and a label of a name has no room for more (63 octets).
func serverName(key protocol.Key) string { return hex.EncodeToString(key[:16]) + keyZone }

// listenerTLS is how links come in: TLS 1.3 alone, and no tickets, since a resumed
// session would prove no key. The dialler is shown the key it expects, if that is one of
// ours, and else the current one: so nobody is locked out who heard nothing of a rotation.
func listenerTLS(signers func() []crypto.Signer) (*tls.Config, error) {
	c := &certificates{signers: signers, made: map[protocol.Key]*tls.Certificate{}}
	if _, err := c.choose(""); err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion:             tls.VersionTLS13,
		GetCertificate:         func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) { return c.choose(hello.ServerName) },
		SessionTicketsDisabled: true,
	}, nil
}

// certificates are those of the keys that are shown now, made once each.
type certificates struct {
	signers func() []crypto.Signer

	mu   sync.Mutex // guards made
	made map[protocol.Key]*tls.Certificate
}

func (c *certificates) choose(name string) (*tls.Certificate, error) {
	signers := c.signers()
	if len(signers) == 0 {
		return nil, errors.New("no link key")
	}
	chosen := signers[0]
	for _, signer := range signers {
		if strings.EqualFold(name, serverName(signerKey(signer))) {
			chosen = signer
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	key := signerKey(chosen)
	if made := c.made[key]; made != nil {
		return made, nil
	}
	cert, err := certificate(chosen)
	if err != nil {
		return nil, err
	}
	if len(c.made) >= maxCertificates {
		clear(c.made)
	}
	c.made[key] = &cert
	return &cert, nil
}

// maxCertificates is the current key, the one before it, and those of a rotation while it
// is under way.
const maxCertificates = 4

// diallerTLS is how links go out: what a certificate authority would check is replaced
// by the comparison of the one key that counts.
func diallerTLS(want protocol.Key) *tls.Config {
	return &tls.Config{
		MinVersion:             tls.VersionTLS13,
		ServerName:             serverName(want),
		InsecureSkipVerify:     true, // names, dates and issuers mean nothing here; VerifyConnection decides
		SessionTicketsDisabled: true,
		VerifyConnection: func(s tls.ConnectionState) error {
			if s.Version != tls.VersionTLS13 || s.DidResume || provenKey(s) != want {
				return ErrListenerKey
			}
			return nil
		},
	}
}

// provenKey is the Ed25519 key that a handshake proved; zero if it proved none.
func provenKey(s tls.ConnectionState) protocol.Key {
	if len(s.PeerCertificates) == 0 {
		return protocol.Key{}
	}
	key, ok := s.PeerCertificates[0].PublicKey.(ed25519.PublicKey)
	if !ok || len(key) != ed25519.PublicKeySize {
		return protocol.Key{}
	}
	return protocol.Key(key)
}

package bus

import (
	"crypto"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
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

// listenerTLS is how links come in: TLS 1.3 alone, and no tickets, since a resumed
// session would prove no key.
func listenerTLS(signer crypto.Signer) (*tls.Config, error) {
	cert, err := certificate(signer)
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion:             tls.VersionTLS13,
		Certificates:           []tls.Certificate{cert},
		SessionTicketsDisabled: true,
	}, nil
}

// diallerTLS is how links go out: what a certificate authority would check is replaced
// by the comparison of the one key that counts.
func diallerTLS(host string, want protocol.Key) *tls.Config {
	return &tls.Config{
		MinVersion:             tls.VersionTLS13,
		ServerName:             host,
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

package node

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// SelfMade asks for a certificate that the node makes itself, in the place of a file's name:
// for first steps, and for a town that has no other. Who opens the pages compares its
// fingerprint once.
const SelfMade = "self"

// selfMadeFile holds it, and its key, in the node's folder.
const selfMadeFile = "pages.pem"

// A certificate of one's own is for as long as browsers take one (398 days), and made anew at
// a start when less than a month is left.
const (
	selfMadeLife = 397 * 24 * time.Hour
	selfMadeLeft = 30 * 24 * time.Hour
)

// certificate is that of the pages, read again when its file changes, so that nobody need
// start the node anew because a certificate was renewed.
type certificate struct {
	cert, key string
	log       *slog.Logger

	mu   sync.Mutex
	held *tls.Certificate
	of   [2]time.Time // when the files were written that it was read from
}

// openCertificate reads the certificate of the settings, or makes one.
func (n *Node) openCertificate(ctx context.Context, host string) (*certificate, error) {
	c := &certificate{cert: n.o.PagesCert, key: n.o.PagesKey, log: n.o.Logger}
	if c.cert == SelfMade && c.key == "" {
		c.cert = filepath.Join(n.o.Dir, selfMadeFile)
		c.key = c.cert
		if err := n.makeCertificate(ctx, c.cert, host); err != nil {
			return nil, err
		}
	}
	if c.cert == "" || c.key == "" {
		return nil, ErrPagesKey
	}
	if err := c.read(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPagesCert, err)
	}
	return c, nil
}

// get gives the certificate for a handshake: a new one as soon as both files belong together,
// until then the one before.
func (c *certificate) get(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if of, err := written(c.cert, c.key); err == nil && of != c.of {
		if err := c.read(); err != nil {
			c.of = of // said once for each writing
			c.log.WarnContext(hello.Context(), "the certificate of the pages was changed and can't be read: the one before is used", "err", err)
		}
	}
	return c.held, nil
}

// read reads both files.
func (c *certificate) read() error {
	of, err := written(c.cert, c.key)
	if err != nil {
		return err
	}
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return fmt.Errorf("%s and %s: %w", c.cert, c.key, err)
	}
	c.held, c.of = &pair, of
	return nil
}

// written gives when two files were last written.
func written(cert, key string) (of [2]time.Time, err error) {
	for i, path := range []string{cert, key} {
		info, err := os.Stat(path)
		if err != nil {
			return of, err
		}
		of[i] = info.ModTime()
	}
	return of, nil
}

// fingerprint gives the SHA-256 of the certificate as browsers show it.
func (c *certificate) fingerprint() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	sum := sha256.Sum256(c.held.Certificate[0])
	return strings.ReplaceAll(fmt.Sprintf("% X", sum[:]), " ", ":")
}

// makeCertificate makes the node's own, unless there is one that is good for a while.
func (n *Node) makeCertificate(ctx context.Context, path, host string) error {
	now := n.o.Clock()
	if pair, err := tls.LoadX509KeyPair(path, path); err == nil && now.Add(selfMadeLeft).Before(pair.Leaf.NotAfter) {
		return nil
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s (mend: remove it; another is made): %w", path, err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), n.o.Rand)
	if err != nil {
		return err
	}
	names, addresses := n.reachedBy(host)
	of := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: "Vardar " + string(n.Institutions()[0])},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(selfMadeLife), DNSNames: names, IPAddresses: addresses,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
	}
	made, err := x509.CreateCertificate(n.o.Rand, of, of, &key.PublicKey, key)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	text := slices.Concat(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return err
	}
	n.o.Logger.InfoContext(ctx, "certificate of the pages made", "file", path, "until", of.NotAfter)
	return os.Rename(path+".new", path)
}

// reachedBy gives the names and addresses by which the pages may be opened.
func (n *Node) reachedBy(host string) (names []string, addresses []net.IP) {
	all := []string{"localhost", "127.0.0.1", "::1", host}
	if own, err := os.Hostname(); err == nil {
		all = append(all, own)
	}
	for _, a := range n.o.Advertise {
		if h, _, err := net.SplitHostPort(a); err == nil {
			all = append(all, h)
		}
	}
	for _, name := range all {
		switch ip := net.ParseIP(name); {
		case ip != nil && !ip.IsUnspecified() && !slices.ContainsFunc(addresses, ip.Equal):
			addresses = append(addresses, ip)
		case ip == nil && name != "" && !slices.Contains(names, name):
			names = append(names, name)
		}
	}
	return names, addresses
}

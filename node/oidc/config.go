package oidc

import (
	"crypto/x509"
	_ "embed" // the example
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/settings"
)

// Example is a file of settings that shows each, with what it is for.
//
//go:embed example.yaml
var Example string

// Back is the path of the pages at which the provider hands somebody back: the pages' address
// with this path is what is registered there as redirect URI.
const Back = "/enter/oidc/back"

// The claims that can say who somebody is.
const (
	ClaimSubject  = "sub"                // never given to another; the default
	ClaimEmail    = "email"              // if the provider has verified it
	ClaimUsername = "preferred_username" // where the provider lets nobody choose theirs
)

// Claims gives them all.
func Claims() []string { return []string{ClaimSubject, ClaimEmail, ClaimUsername} }

// Config is a provider and how this node is known there. [Read] reads it from a file.
type Config struct {
	Name             string `yaml:"name"`               // on the button: what people call it; default the issuer's host
	Issuer           string `yaml:"issuer"`             // its address, as its tokens name it
	ClientID         string `yaml:"client_id"`          // as the node is registered there
	ClientSecretFile string `yaml:"client_secret_file"` // a file that its owner alone can read, or a systemd credential; empty: a public client
	Pages            string `yaml:"pages"`              // address of the pages, as browsers call them
	Claim            string `yaml:"claim"`              // what says who somebody is: one of Claims
	CAFile           string `yaml:"ca_file"`            // who signed its certificate; default: whom the machine trusts

	secret string
	roots  *x509.CertPool
}

// Read reads a file of settings, and the files that it names; what is wrong is a
// [*settings.Fault], or the file's own error.
func Read(path string) (Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Config{}, err
	}
	var c Config
	if err := settings.Unmarshal(text, &c); err != nil {
		return Config{}, err
	}
	if err := c.judge(); err != nil {
		return Config{}, err
	}
	return c, c.files()
}

// judge refuses what can't be meant.
func (c *Config) judge() error {
	for _, a := range []struct{ at, address string }{{"issuer", c.Issuer}, {"pages", c.Pages}} {
		u, err := url.Parse(a.address)
		switch {
		case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
			return &settings.Fault{At: a.at, Said: fmt.Sprintf("%q is no address: want one such as https://login.example.org", a.address)}
		case u.Scheme == "http" && !loopback(u.Hostname()):
			return &settings.Fault{At: a.at, Said: "http:// is for this machine alone: whoever is on the way could log in as anybody; want https://"}
		case u.RawQuery != "" || u.Fragment != "" || u.User != nil:
			return &settings.Fault{At: a.at, Said: fmt.Sprintf("%q holds more than an address: leave out what stands behind ? and #, and names before @", a.address)}
		}
		if a.at == "issuer" && c.Name == "" {
			c.Name = u.Host
		}
	}
	if c.ClientID == "" {
		return &settings.Fault{At: "client_id", Said: "it is missing: want the ID under which this node is registered there"}
	}
	if c.Claim == "" {
		c.Claim = ClaimSubject
	}
	if !slices.Contains(Claims(), c.Claim) {
		return &settings.Fault{At: "claim", Said: fmt.Sprintf("%q says of nobody who they are", c.Claim), Word: c.Claim, Known: Claims()}
	}
	c.Pages = strings.TrimSuffix(c.Pages, "/")
	return nil
}

func loopback(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

// files reads the files that are named.
func (c *Config) files() error {
	if c.ClientSecretFile != "" {
		var err error
		if c.secret, err = settings.Secret(c.ClientSecretFile); err != nil {
			return &settings.Fault{At: "client_secret_file", Said: err.Error()}
		}
	}
	if c.CAFile == "" {
		return nil
	}
	text, err := os.ReadFile(c.CAFile)
	if err != nil {
		return &settings.Fault{At: "ca_file", Said: err.Error()}
	}
	c.roots = x509.NewCertPool()
	if !c.roots.AppendCertsFromPEM(text) {
		return &settings.Fault{At: "ca_file", Said: c.CAFile + " holds no certificate in PEM"}
	}
	return nil
}

package duty

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/vardar-network/vardar/node/settings"
)

// Ways to be safe on the way to the mail server.
const (
	tlsStart = "starttls"
	tlsWhole = "tls"
	tlsNone  = "none"
)

// judge refuses a server that can't be used.
func (m *MailServer) judge() error {
	at := func(said string) error { return &Fault{At: "mail", Said: said} }
	host, port, err := net.SplitHostPort(m.Server)
	if err != nil || host == "" || port == "" {
		return at(fmt.Sprintf("server: %q is no server: want HOST:PORT, such as smtp.example.org:587", m.Server))
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return at(fmt.Sprintf("server: %q is no port", port))
	}
	if err := mail.NewMsg().From(m.From); err != nil {
		return at(fmt.Sprintf("from: %q is no address", m.From))
	}
	switch m.TLS {
	case "", tlsStart, tlsWhole:
	case tlsNone:
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return at("tls: none is for a server on this machine alone: what records say would be read on the way")
		}
	default:
		return &Fault{At: "mail", Said: "tls: " + m.TLS + " is not known", Word: m.TLS, Known: []string{tlsStart, tlsWhole, tlsNone}}
	}
	if (m.User != "") != (m.PasswordFile != "") {
		return at("user and password_file belong together")
	}
	return nil
}

// client makes the caller of the server.
func (m *MailServer) client() (*mail.Client, error) {
	host, text, err := net.SplitHostPort(m.Server)
	if err != nil {
		return nil, err
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return nil, err
	}
	trust := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if m.CAFile != "" {
		pem, err := os.ReadFile(m.CAFile)
		if err != nil {
			return nil, err
		}
		trust.RootCAs = x509.NewCertPool()
		if !trust.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificate", m.CAFile)
		}
	}
	options := []mail.Option{mail.WithPort(port), mail.WithTimeout(sendTime), mail.WithTLSConfig(trust), mail.WithoutNoop(), mail.WithoutRset(), mail.WithoutSMTPUTF8()}
	switch m.TLS {
	case tlsWhole:
		options = append(options, mail.WithSSL())
	case tlsNone:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if m.User != "" {
		password, err := settings.Secret(m.PasswordFile)
		if err != nil {
			return nil, err
		}
		auth := mail.SMTPAuthAutoDiscover
		if m.TLS == tlsNone {
			auth = mail.SMTPAuthPlainNoEnc // on the own machine, see judge
		}
		options = append(options, mail.WithSMTPAuth(auth), mail.WithUsername(m.User), mail.WithPassword(password))
	}
	return mail.NewClient(host, options...)
}

// post is one e-mail to one address.
type post struct {
	to, subject, text string
	id                string // of the message, the same in every try
	at                time.Time
}

// send hands an e-mail over once. Once the server has taken it, it is sent, whatever becomes
// of the farewell.
func (m *MailServer) send(ctx context.Context, p *post) error {
	msg := mail.NewMsg()
	if err := errors.Join(msg.From(m.From), msg.To(p.to)); err != nil {
		return err
	}
	msg.Subject(p.subject)
	msg.SetMessageIDWithValue(p.id)
	msg.SetDateWithValue(p.at)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834 §5: nobody's absence answers it
	msg.SetBodyString(mail.TypeTextPlain, p.text)
	c, err := m.client()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	line, err := c.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = c.CloseWithSMTPClient(line) }()
	if err := c.SendWithSMTPClient(line, msg); err != nil && !msg.IsDelivered() {
		return err
	}
	return nil
}

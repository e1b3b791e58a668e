package node

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/web"
)

// ErrPagesPlain says that the pages would be reached from other machines without TLS: log-ins
// and what records say would be read on the way.
var ErrPagesPlain = errors.New("the pages are reached from other machines over TLS alone")

// ErrPagesKey says that of certificate and key one alone was given.
var ErrPagesKey = errors.New("a certificate and its key belong together")

// ErrPagesCert says that the certificate can't be used.
var ErrPagesCert = errors.New("the certificate of the pages can't be used")

// listenPages opens the address of the pages: with a certificate wherever it is, without one
// on loopback alone.
func (n *Node) listenPages(ctx context.Context) error {
	if n.o.PagesCert == "" && n.o.PagesKey == "" {
		l, err := api.ListenLoopback(ctx, n.o.Pages)
		if errors.Is(err, api.ErrNotLoopback) {
			err = fmt.Errorf("%s: %w", n.o.Pages, ErrPagesPlain)
		}
		n.pages = l
		return err
	}
	host, _, err := net.SplitHostPort(n.o.Pages)
	if err != nil {
		return err
	}
	if n.certificate, err = n.openCertificate(ctx, host); err != nil {
		return err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", n.o.Pages)
	if err != nil {
		return err
	}
	n.pages = tls.NewListener(l, &tls.Config{GetCertificate: n.certificate.get, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}})
	return nil
}

// onLoopback reports whether nobody but this machine can call an address.
func onLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}

// PagesAddr is where people open the pages; empty if there are none.
func (n *Node) PagesAddr() string { return addressOf(n.pages) }

// PagesURL is the same as people type it.
func (n *Node) PagesURL() string {
	if n.certificate != nil {
		return "https://" + n.PagesAddr()
	}
	return "http://" + n.PagesAddr()
}

// PagesFingerprint is the SHA-256 of the pages' certificate, as browsers show it; empty
// without TLS.
func (n *Node) PagesFingerprint() string {
	if n.certificate == nil {
		return ""
	}
	return n.certificate.fingerprint()
}

// servePages makes the pages, once somebody can come, and answers until ctx ends.
func (n *Node) servePages(ctx context.Context) error {
	_, port, err := net.SplitHostPort(n.PagesAddr())
	if err != nil {
		return err
	}
	pace := api.NewPace(api.PaceOptions{Clock: n.o.Clock, Proxies: n.o.PagesProxies, Cookie: "vardar_" + port, Entries: web.Entries()})
	pages, err := n.newPages("vardar_"+port, pace.From)
	if err != nil {
		return err
	}
	handler := together(pages, api.NewServer(n.desk, n.o.Logger).ByToken(), pace)
	if n.certificate != nil && n.o.PagesCert != SelfMade {
		handler = alwaysTLS(handler)
	}
	return api.Serve(ctx, n.pages, handler, n.o.Logger)
}

// newPages makes the pages, whose sessions lie under the name of a cookie.
func (n *Node) newPages(cookie string, from func(*http.Request) string) (*web.Pages, error) {
	return web.New(web.Options{
		OIDC: n.signOn, From: from,
		Desk: n.desk, Sessions: n.people.Sessions(), Cookie: cookie, Secure: n.certificate != nil, Language: n.o.Language, Clock: n.o.Stamp, Logger: n.o.Logger,
	})
}

// strictLife is how long a browser comes over TLS alone: a year (ASVS 5.0 3.4.1).
const strictLife = "max-age=31536000; includeSubDomains"

// alwaysTLS has browsers come over TLS alone from now on (RFC 6797). Of a certificate that the
// node made itself they would not take it.
func alwaysTLS(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Strict-Transport-Security", strictLife)
		next.ServeHTTP(w, r)
	})
}

// together serves people and programs at one address, none of them more often than is good:
// programs bring a token.
func together(pages *web.Pages, programs http.Handler, pace *api.Pace) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", pace.Before(pages, pages.TooMany))
	for _, path := range []string{"/v1/", "/livez", "/readyz", "/metrics"} {
		mux.Handle(path, pace.Before(programs, api.TooMany))
	}
	return mux
}

// sweepStaff takes away sessions that have ended, drafts and answers that are too old, when the
// node opens and every hour.
func (n *Node) sweepStaff(ctx context.Context) {
	hourly := time.NewTicker(time.Hour)
	defer hourly.Stop()
	for {
		if err := errors.Join(n.people.Sessions().Sweep(ctx), n.people.SweepLogins(ctx), n.people.SweepDrafts(ctx), n.people.SweepAnswers(ctx)); err != nil && ctx.Err() == nil {
			n.o.Logger.WarnContext(ctx, "sessions, drafts or answers whose time is over stay", "err", err)
		}
		select {
		case <-hourly.C:
		case <-ctx.Done():
			return
		}
	}
}

package oidc

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Bounds of what a provider may take and answer.
const (
	maxAnswer = 1 << 20
	maxTime   = 10 * time.Second
)

// Why nobody is let in by a provider. What the provider sent stands behind it, and goes into
// the log alone.
var (
	ErrNoAnswer = errors.New("the provider does not answer as it should")
	ErrRefused  = errors.New("the provider has let nobody in")
	ErrOther    = errors.New("this log-in was not begun here, or it took too long")
	ErrUnproved = errors.New("what the provider says of somebody does not hold")
)

// Options are what a [Provider] needs; all are required.
type Options struct {
	Config Config // as [Read] gives it
	Clock  func() time.Time
	Rand   io.Reader
}

// Provider is where people log in. Make it with [New]; its methods are safe for concurrent use.
type Provider struct {
	o      Options
	client *http.Client

	mu    sync.Mutex
	known *oidc.Provider // nil until it has answered once
}

// New makes one. It asks nobody anything: the provider may be down.
func New(o Options) *Provider {
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.Config.roots},
		TLSHandshakeTimeout: maxTime, ResponseHeaderTimeout: maxTime, ForceAttemptHTTP2: true,
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // what it was given for the provider, nobody else gets
	return &Provider{o: o, client: &http.Client{Transport: bounded{transport}, Timeout: maxTime, CheckRedirect: stay}}
}

// bounded reads no more of an answer than a provider has reason to say.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		answer.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(answer.Body, maxAnswer), answer.Body}
	}
	return answer, err
}

// Name is what people call it.
func (p *Provider) Name() string { return p.o.Config.Name }

// Issuer is its address.
func (p *Provider) Issuer() string { return p.o.Config.Issuer }

// Begun is a log-in that is under way. It belongs to one browser's session, and to nothing
// that travels.
type Begun struct {
	State    string    `json:"state"`
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"`
	At       time.Time `json:"at"`
}

// lasts is how long somebody may take at the provider.
const lasts = 15 * time.Minute

// Begin gives the address to which a browser is sent, and what to keep until it is back. It
// returns [ErrNoAnswer].
func (p *Provider) Begin(ctx context.Context) (address string, b Begun, err error) {
	config, err := p.config(ctx)
	if err != nil {
		return "", Begun{}, err
	}
	b.At = p.o.Clock()
	for _, word := range []*string{&b.State, &b.Nonce, &b.Verifier} {
		var random [32]byte
		if _, err := io.ReadFull(p.o.Rand, random[:]); err != nil {
			return "", Begun{}, err
		}
		*word = base64.RawURLEncoding.EncodeToString(random[:])
	}
	return config.AuthCodeURL(b.State, oidc.Nonce(b.Nonce), oauth2.S256ChallengeOption(b.Verifier)), b, nil
}

// Finish takes what a browser brings back from the provider, and gives who has logged in
// there. It returns [ErrOther], [ErrRefused], [ErrNoAnswer] or [ErrUnproved].
func (p *Provider) Finish(ctx context.Context, query url.Values, b Begun) (who string, err error) {
	age := p.o.Clock().Sub(b.At)
	if b.State == "" || query.Get("state") != b.State || age < 0 || age > lasts {
		return "", ErrOther
	}
	if said := query.Get("error"); said != "" {
		return "", fmt.Errorf("%w: %.100q", ErrRefused, said)
	}
	config, err := p.config(ctx)
	if err != nil {
		return "", err
	}
	token, err := config.Exchange(p.within(ctx), query.Get("code"), oauth2.VerifierOption(b.Verifier))
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &refused):
		return "", fmt.Errorf("%w: %.100q", ErrRefused, refused.ErrorCode)
	case err != nil:
		return "", fmt.Errorf("%w: %w", ErrNoAnswer, err)
	}
	return p.prove(ctx, token, b.Nonce)
}

// prove holds an ID token against the provider's keys, this client and this log-in.
func (p *Provider) prove(ctx context.Context, answer *oauth2.Token, nonce string) (string, error) {
	verifier := p.known.Verifier(&oidc.Config{ClientID: p.o.Config.ClientID, Now: p.o.Clock})
	raw, _ := answer.Extra("id_token").(string)
	token, err := verifier.Verify(p.within(ctx), raw)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnproved, err)
	}
	if token.Nonce != nonce {
		return "", fmt.Errorf("%w: it is of another log-in", ErrUnproved)
	}
	who := token.Subject
	if p.o.Config.Claim != ClaimSubject {
		if who, err = p.besides(ctx, answer, token); err != nil {
			return "", err
		}
	}
	if who == "" {
		return "", fmt.Errorf("%w: its token has no %s", ErrUnproved, p.o.Config.Claim)
	}
	return who, nil
}

// besides gives who somebody is by the claim that is asked for.
func (p *Provider) besides(ctx context.Context, answer *oauth2.Token, token *oidc.IDToken) (string, error) {
	said, err := p.claims(ctx, answer, token)
	switch {
	case err != nil:
		return "", err
	case p.o.Config.Claim == ClaimUsername:
		return said.Username, nil
	case !said.Verified:
		return "", fmt.Errorf("%w: it has not verified the address", ErrUnproved)
	}
	return said.Email, nil
}

// said is what a provider says of somebody besides.
type said struct {
	Email    string `json:"email"`
	Verified bool   `json:"email_verified"`
	Username string `json:"preferred_username"`
}

// claims gives what the token says of somebody besides, or else the provider when it is asked
// about them (OpenID Connect Core 5.4).
func (p *Provider) claims(ctx context.Context, answer *oauth2.Token, token *oidc.IDToken) (out said, err error) {
	if err = token.Claims(&out); err != nil {
		return out, fmt.Errorf("%w: %w", ErrUnproved, err)
	}
	if out != (said{}) {
		return out, nil
	}
	info, err := p.known.UserInfo(p.within(ctx), oauth2.StaticTokenSource(answer))
	switch {
	case err != nil:
		return out, fmt.Errorf("%w: %w", ErrNoAnswer, err)
	case info.Subject != token.Subject:
		return out, fmt.Errorf("%w: it speaks of somebody else", ErrUnproved)
	}
	if err := info.Claims(&out); err != nil {
		return out, fmt.Errorf("%w: %w", ErrUnproved, err)
	}
	return out, nil
}

// within has what is asked of the provider go by this client.
func (p *Provider) within(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, p.client)
}

// config asks the provider once where its doors are.
func (p *Provider) config(ctx context.Context) (*oauth2.Config, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil {
		// Its keys are fetched later, by what this context holds besides an end.
		known, err := oidc.NewProvider(p.within(context.WithoutCancel(ctx)), p.o.Config.Issuer)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNoAnswer, err)
		}
		p.known = known
	}
	scopes := []string{oidc.ScopeOpenID}
	if p.o.Config.Claim != ClaimSubject {
		scopes = append(scopes, "profile", "email")
	}
	return &oauth2.Config{
		ClientID: p.o.Config.ClientID, ClientSecret: p.o.Config.secret, Endpoint: p.known.Endpoint(),
		RedirectURL: p.o.Config.Pages + Back, Scopes: scopes,
	}, nil
}

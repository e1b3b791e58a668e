package staff

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// Scope is how much of its role a token may do: each holds the one before it.
type Scope string

// The scopes.
const (
	Read    Scope = "read"    // ask, and follow what happens
	Publish Scope = "publish" // and report, answer, correct
	Manage  Scope = "manage"  // and members, links, keys, accounts, backups
)

// Scopes gives all scopes, the narrowest first.
func Scopes() []Scope { return []Scope{Read, Publish, Manage} }

// holds reports whether a scope lets do what another is wanted for.
func (s Scope) holds(wanted Scope) bool {
	return slices.Index(Scopes(), s) >= slices.Index(Scopes(), wanted)
}

// How long a token may be used.
const (
	TokenDays    = 365  // unless said otherwise
	MaxTokenDays = 1826 // five years: nobody remembers who holds an older one
)

// Token is a program's way in. Who holds its secret may do what its role and its scope both
// let do, for the institutions that it acts for.
type Token struct {
	Name         string                   `json:"name"`
	Role         Role                     `json:"role"`
	Scope        Scope                    `json:"scope"`
	Institutions []protocol.InstitutionID `json:"institutions"`
	Made         protocol.Instant         `json:"made"`
	Ends         protocol.Instant         `json:"ends"`
	Ended        bool                     `json:"ended,omitempty"` // by the clock
	Looked       protocol.Instant         `json:"looked,omitzero"` // up to when its program has seen what happened; zero: never
}

// What a token can't be.
var (
	ErrScope = errors.New("want one of read, publish, manage")
	ErrDays  = fmt.Errorf("want 1 to %d days", MaxTokenDays)
	ErrToken = errors.New("no token of this node has that secret, or it has ended")
)

const (
	tokenPrefix = "token/"
	// tokenMark begins every secret, so that one which strays into a log or a repository is
	// known for what it is.
	tokenMark  = "vardar_"
	tokenBytes = 32
)

// AddToken makes a token, and gives its secret, which nothing knows again. days 0 are
// TokenDays. It returns [ErrName], [ErrRole], [ErrScope], [ErrInstitution], [ErrDays] or
// [ErrTaken] for what can't be.
func (s *Staff) AddToken(ctx context.Context, t Token, days int) (Token, string, error) {
	if days == 0 {
		days = TokenDays
	}
	var err error
	switch {
	case !validName(t.Name):
		err = fmt.Errorf("%.40q: %w", t.Name, ErrName)
	case !slices.Contains(Roles(), t.Role):
		err = fmt.Errorf("%.40q: %w", t.Role, ErrRole)
	case !slices.Contains(Scopes(), t.Scope):
		err = fmt.Errorf("%.40q: %w", t.Scope, ErrScope)
	case days < 0 || days > MaxTokenDays:
		err = fmt.Errorf("%d: %w", days, ErrDays)
	}
	if err == nil {
		t.Institutions, err = s.actsFor(t.Institutions)
	}
	if err != nil {
		return Token{}, "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err = s.token(ctx, t.Name); !errors.Is(err, ErrUnknown) {
		return Token{}, "", errors.Join(err, fmt.Errorf("%s: %w", t.Name, ErrTaken))
	}
	var b [tokenBytes]byte
	if _, err = io.ReadFull(s.o.Rand, b[:]); err != nil {
		return Token{}, "", err
	}
	secret := tokenMark + base64.RawURLEncoding.EncodeToString(b[:])
	t.Made, t.Ends = s.now(), s.after(time.Duration(days)*24*time.Hour)
	text, err := json.Marshal(t)
	if err == nil {
		err = s.o.Kept.Put(ctx, tokenAt(secret), text)
	}
	return t, secret, err
}

// tokenAt is where a token lies: under the digest of its secret, so that who reads the store
// is nobody, and nobody's guess is compared with anything.
func tokenAt(secret string) []byte {
	return []byte(tokenPrefix + protocol.DigestOf([]byte("vardar-staff-token-v1\n"), []byte(secret)).Hex())
}

// Bearer gives the token of a secret; [ErrToken] if there is none, or it has ended.
func (s *Staff) Bearer(secret string) (Token, error) {
	if !strings.HasPrefix(secret, tokenMark) {
		return Token{}, ErrToken
	}
	text, ok, err := s.o.Kept.Get(tokenAt(secret))
	if err != nil {
		return Token{}, err
	}
	var t Token
	if !ok {
		return t, ErrToken
	}
	if err := json.Unmarshal(text, &t); err != nil {
		return t, fmt.Errorf("token: %w", err)
	}
	if s.now() >= t.Ends {
		return Token{}, fmt.Errorf("token %s ended %s: %w", t.Name, t.Ends, ErrToken)
	}
	return t, nil
}

// Tokens gives all tokens, by name.
func (s *Staff) Tokens(ctx context.Context) ([]Token, error) {
	out := []Token{}
	for e, err := range entries[Token](ctx, s.o.Kept, tokenPrefix) {
		if err != nil {
			return nil, err
		}
		t := e.value
		t.Ended = s.now() >= t.Ends
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b Token) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// TokenLooked notes up to when a token's program has seen what happened, as [Staff.Looked] does of
// an account. [ErrUnknown] if none has that name.
func (s *Staff) TokenLooked(ctx context.Context, name string, at protocol.Instant) (Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.token(ctx, name)
	if err != nil {
		return Token{}, err
	}
	e.value.Looked = max(e.value.Looked, at)
	text, err := json.Marshal(e.value)
	if err != nil {
		return Token{}, err
	}
	return e.value, s.o.Kept.Put(ctx, e.key, text)
}

// RemoveToken takes a token and its subscriptions away: its secret opens nothing from now on.
// [ErrUnknown] if none has that name.
func (s *Staff) RemoveToken(ctx context.Context, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.token(ctx, name)
	if err == nil {
		err = s.o.Kept.Delete(ctx, subscriptionKey(TokenOwner+name))
	}
	if err != nil {
		return err
	}
	return s.o.Kept.Delete(ctx, e.key)
}

// token finds that of a name, with where it lies.
func (s *Staff) token(ctx context.Context, name string) (entry[Token], error) {
	for e, err := range entries[Token](ctx, s.o.Kept, tokenPrefix) {
		if err != nil || e.value.Name == name {
			return e, err
		}
	}
	return entry[Token]{}, fmt.Errorf("%.40q: %w", name, ErrUnknown)
}

package staff

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/trustelem/zxcvbn"
)

// ErrGuessable says that a password is among those that are tried first.
var ErrGuessable = errors.New("this password is among the first that are tried: a word that many take, a row of keys or numbers, or the name of the account, of the institution or of Vardar")

// ErrBreached says that a password is known from a leak.
var ErrBreached = errors.New("this password is known: it stands in lists of passwords that were taken from other services, and these are tried first")

// Bounds of a password, in characters: length is what counts (NIST SP 800-63B §3.1.1.2),
// and a longer one is no password but a load.
const (
	MinPassword = 12
	MaxPassword = 128
)

// minGuesses is how many tries a password must be good for. The door lets in one every two
// seconds; where the store is stolen, the hash takes a core a year for a thousand million.
const minGuesses = 1e9

// judged is how many characters are judged: what comes behind makes a password no easier, and
// zxcvbn 1.0.1 gives 0 guesses for some of more than 50.
const judged = 40

// may says why a password can't be that of an account. It is held against the passwords that
// leaks have shown to be common (30,000), words, names, rows of keys, dates, and the words of
// this account; what remains may be made of anything, and lasts until somebody changes it.
func (s *Staff) may(name, password string) error {
	if n := utf8.RuneCountInString(password); n < MinPassword || n > MaxPassword || password == name {
		return ErrPassword
	}
	head := []rune(password)
	head = head[:min(len(head), judged)]
	if zxcvbn.PasswordStrength(string(head), s.known(name)).Guesses < minGuesses {
		return ErrGuessable
	}
	if breached(password) {
		return ErrBreached
	}
	return nil
}

// known gives the words that whoever tries passwords at this node tries as well.
func (s *Staff) known(name string) []string {
	words := []string{"vardar", "node", "password", "pages", name}
	for _, r := range Roles() {
		words = append(words, string(r))
	}
	for _, id := range s.o.Institutions {
		words = append(words, strings.FieldsFunc(string(id), func(r rune) bool { return r == '.' || r == '-' })...)
	}
	return append(words, strings.Split(name, ".")...)
}

// ChangePassword gives an account that knows its password another; all its sessions end. It
// returns what [Staff.Enter] does, [ErrPassword], [ErrGuessable] or [ErrBreached].
func (s *Staff) ChangePassword(ctx context.Context, name, old, password string) (Account, error) {
	if err := s.may(name, password); err != nil {
		return Account{}, err
	}
	if _, err := s.Enter(ctx, name, old); err != nil {
		return Account{}, err
	}
	hash, err := s.hashOf(ctx, password)
	if err != nil {
		return Account{}, err
	}
	return s.change(ctx, name, func(k *kept) error {
		if a := s.seen(ctx, k); a.State != StateActive {
			return fmt.Errorf("%s: %w: %s", name, ErrShut, a.Reason)
		}
		k.Hash = hash
		k.Generation++
		return nil
	})
}

// EndSessions logs an account out wherever it is logged in.
func (s *Staff) EndSessions(ctx context.Context, name string) (Account, error) {
	return s.change(ctx, name, func(k *kept) error { k.Generation++; return nil })
}

package staff

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// Why a code is not taken, or a second factor not to be had.
var (
	ErrCode   = errors.New("this code is not taken: it is another one by now, or it was used; type the next one the app shows")
	ErrPaired = errors.New("this account has a second factor already")
	ErrBegun  = errors.New("nothing was begun here within ten minutes")
	ErrSealed = errors.New("this machine has lost the keys that the app's codes are checked with: take a recovery code, or ask who runs the node")
)

// pairLasts is how long somebody may take to type the first code.
const pairLasts = 10 * time.Minute

// recoveryCodes is how many there are, each for once.
const recoveryCodes = 10

// Vault seals what must be read again, so that it lies in the store and in backups as nobody can
// read it without the node's keys.
type Vault interface {
	Seal(plain []byte) ([]byte, error)
	Open(sealed []byte) ([]byte, error)
}

// device is an app that shows codes, as it lies in the bucket.
type device struct {
	Sealed []byte            `json:"sealed"` // its secret
	Since  protocol.Instant  `json:"since"`
	Codes  []protocol.Digest `json:"codes,omitempty"` // of recovery that were not used yet
	pace
}

// BeginFactor draws the secret of a second factor, for who knows the password. It counts once
// [Staff.ConfirmFactor] has seen a code of it. It returns what [Staff.Enter] does, or [ErrPaired].
func (s *Staff) BeginFactor(ctx context.Context, name, password string) (secret string, err error) {
	a, err := s.Enter(ctx, name, password)
	switch {
	case err != nil:
		return "", err
	case a.Factor:
		return "", ErrPaired
	}
	plain := make([]byte, secretBytes)
	if _, err = io.ReadFull(s.o.Rand, plain); err != nil {
		return "", err
	}
	sealed, err := s.o.Vault.Seal(plain)
	if err != nil {
		return "", fmt.Errorf("seal a second factor: %w", err)
	}
	_, err = s.change(ctx, name, func(k *kept) error {
		k.Begun = &device{Sealed: sealed, Since: s.now()}
		return nil
	})
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(plain), err
}

// ConfirmFactor takes the first code of a second factor, from when on it counts, and gives the
// recovery codes, which nothing knows again; every session ends. A clock that is off is learnt. It
// returns [ErrCode], [ErrBegun] or [*Wait].
func (s *Staff) ConfirmFactor(ctx context.Context, name, typed string) (a Account, codes []string, err error) {
	if _, err = s.attempt(ctx, name); err != nil {
		return a, nil, err
	}
	var digests []protocol.Digest
	for range recoveryCodes {
		var code string
		if code, err = s.draw(wordGroups); err != nil {
			return a, nil, err
		}
		codes, digests = append(codes, code), append(digests, digestOf(code))
	}
	a, err = s.change(ctx, name, func(k *kept) error {
		if k.Device != nil || k.Begun == nil || s.now() >= k.Begun.Since+protocol.Instant(pairLasts.Milliseconds()) {
			return ErrBegun
		}
		secret, lost := s.o.Vault.Open(k.Begun.Sealed)
		switch {
		case lost != nil:
			return fmt.Errorf("%w: %w", ErrSealed, lost)
		case !k.Begun.learn(secret, digits(typed), s.step()):
			return ErrCode
		}
		k.Device, k.Begun = k.Begun, nil
		k.Device.Since, k.Device.Codes = s.now(), digests
		k.Failures, k.Wait, k.Seen = 0, 0, s.now()
		k.Generation++
		return nil
	})
	if err != nil {
		return Account{}, nil, err
	}
	return a, codes, nil
}

// EnterCode lets an account in whose password, or word, was proved before: by a code of its app or
// a recovery code, each once. Wrong ones count as wrong passwords do. It returns [ErrCode],
// [ErrShut], [ErrSealed] or [*Wait].
func (s *Staff) EnterCode(ctx context.Context, name, typed string) (Account, error) {
	if _, err := s.attempt(ctx, name); err != nil {
		return Account{}, err
	}
	taken := false
	a, err := s.change(ctx, name, func(k *kept) (err error) {
		if a := s.seen(ctx, k); a.State != StateActive {
			return fmt.Errorf("%s: %w: %s", name, ErrShut, a.Reason)
		}
		if taken, err = s.takes(k, typed); taken {
			k.Failures, k.Wait, k.Seen = 0, 0, s.now()
		}
		return err // what was learnt of the app's clock is kept though the code is not taken
	})
	switch {
	case err != nil:
		return Account{}, err
	case !taken:
		return Account{}, ErrCode
	}
	return a, nil
}

// takes takes a code of an account's app, or one of recovery.
func (s *Staff) takes(k *kept, typed string) (bool, error) {
	if k.Device == nil {
		return false, nil
	}
	if code := digits(typed); code != "" {
		secret, err := s.o.Vault.Open(k.Device.Sealed)
		if err != nil {
			return false, fmt.Errorf("%w: %w", ErrSealed, err)
		}
		return k.Device.take(secret, code, s.step()), nil
	}
	i := slices.Index(k.Device.Codes, digestOf(typed))
	if i < 0 {
		return false, nil
	}
	k.Device.Codes = slices.Delete(k.Device.Codes, i, i+1)
	return true, nil
}

// DropFactor takes the second factor of an account away, for who knows its password and has a code
// of it; every session ends. It returns what [Staff.Enter] and [Staff.EnterCode] do.
func (s *Staff) DropFactor(ctx context.Context, name, password, typed string) (Account, error) {
	if _, err := s.Enter(ctx, name, password); err != nil {
		return Account{}, err
	}
	if _, err := s.EnterCode(ctx, name, typed); err != nil {
		return Account{}, err
	}
	return s.RemoveFactor(ctx, name)
}

// RemoveFactor takes the second factor of an account away, whose device was lost; its sessions end.
func (s *Staff) RemoveFactor(ctx context.Context, name string) (Account, error) {
	return s.change(ctx, name, func(k *kept) error {
		k.Device, k.Begun = nil, nil
		k.Generation++
		return nil
	})
}

// proved notes that an account has proved its password or word. With a second factor it is not in
// yet: its slips stay, or who knows a password could guess codes for ever.
func (s *Staff) proved(k *kept) {
	if k.Device != nil {
		k.Failures, k.Wait = max(0, k.Failures-1), 0
		return
	}
	k.Failures, k.Wait, k.Seen = 0, 0, s.now()
}

// digits gives a code of an app as it was meant; empty for what is none.
func digits(typed string) string {
	typed = strings.ReplaceAll(strings.TrimSpace(typed), " ", "")
	if len(typed) != codeDigits || strings.Trim(typed, "0123456789") != "" {
		return ""
	}
	return typed
}

func (s *Staff) step() int64 { return s.o.Clock().Unix() / stepSeconds }

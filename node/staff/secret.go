package staff

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/argon2"

	"github.com/vardar-network/vardar/protocol"
)

// Cost is what a password's hash costs.
type Cost struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

// DefaultCost is the OWASP Password Storage Cheat Sheet's (2026) for argon2id: 19 MiB, two
// passes, one lane; some 30 ms on one core.
func DefaultCost() Cost { return Cost{MemoryKiB: 19 << 10, Passes: 2, Lanes: 1} }

// Bounds on hashes: two at once take 38 MiB, whoever floods the door; who waits is let wait
// up to a second or so, and everyone else is told to come again.
const (
	maxHashes = 2
	maxQueue  = 32
)

// ErrBusy says that too many log in at once.
var ErrBusy = errors.New("too many are logging in at this moment: try again in a few seconds")

const (
	saltBytes = 16
	hashBytes = 32
)

// turn waits for a place among those who hash.
func (s *Staff) turn(ctx context.Context) (done func(), err error) {
	select {
	case s.queue <- struct{}{}:
	default:
		return nil, ErrBusy
	}
	select {
	case s.hash <- struct{}{}:
		return func() { <-s.hash; <-s.queue }, nil
	case <-ctx.Done():
		<-s.queue
		return nil, ctx.Err()
	}
}

// hashOf hashes a password, in the PHC string form.
func (s *Staff) hashOf(ctx context.Context, password string) (string, error) {
	done, err := s.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	salt := make([]byte, saltBytes)
	if _, err := io.ReadFull(s.o.Rand, salt); err != nil {
		return "", err
	}
	c := s.o.Cost
	sum := argon2.IDKey([]byte(password), salt, c.Passes, c.MemoryKiB, c.Lanes, hashBytes)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.MemoryKiB, c.Passes, c.Lanes, b64.EncodeToString(salt), b64.EncodeToString(sum)), nil
}

// fits reports whether a password is the one of a hash. Without one it costs as much, and
// is none.
func (s *Staff) fits(ctx context.Context, password, hash string) (bool, error) {
	done, err := s.turn(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	password = password[:min(len(password), 4*MaxPassword)]
	c, salt, want, ok := parseHash(hash)
	if !ok {
		c, salt, want = s.o.Cost, make([]byte, saltBytes), make([]byte, hashBytes)
	}
	got := argon2.IDKey([]byte(password), salt, c.Passes, c.MemoryKiB, c.Lanes, hashBytes)
	return subtle.ConstantTimeCompare(got, want) == 1 && ok, nil
}

func parseHash(hash string) (c Cost, salt, sum []byte, ok bool) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, false
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.MemoryKiB, &c.Passes, &c.Lanes); err != nil {
		return c, nil, nil, false
	}
	salt, bad := base64.RawStdEncoding.DecodeString(parts[4])
	sum, worse := base64.RawStdEncoding.DecodeString(parts[5])
	return c, salt, sum, bad == nil && worse == nil && len(sum) == hashBytes && c.Passes > 0 && c.Lanes > 0
}

// letters are those of words, Crockford's 32: one drawn byte gives one without bias, and
// what is taken for another on paper is read as it.
const letters = "0123456789abcdefghjkmnpqrstvwxyz"

// How many groups of four letters are drawn: a word's 120 bits are more than the 112 from which on
// a digest alone may be kept (ASVS 5.0 6.5.2); a number opens nothing.
const (
	wordGroups   = 6
	numberGroups = 4
)

// draw draws letters in groups of four, of 20 bits each.
func (s *Staff) draw(groups int) (string, error) {
	b := make([]byte, 4*groups)
	if _, err := io.ReadFull(s.o.Rand, b); err != nil {
		return "", err
	}
	var out strings.Builder
	for i, x := range b {
		if i > 0 && i%4 == 0 {
			out.WriteByte('-')
		}
		out.WriteByte(letters[x%32])
	}
	return out.String(), nil
}

// digestOf is what is kept of a word or of a session's token: so long a secret needs no
// slow hash. It is read as people write it.
func digestOf(word string) protocol.Digest {
	word = strings.Map(func(r rune) rune {
		switch r {
		case '-', ' ':
			return -1
		case 'i', 'l':
			return '1'
		case 'o':
			return '0'
		}
		return r
	}, strings.ToLower(word))
	return protocol.DigestOf([]byte("vardar-staff-word-v1\n"), []byte(word))
}

// newWord gives an account a one-time word.
func (s *Staff) newWord(k *kept) (string, error) {
	word, err := s.draw(wordGroups)
	if err != nil {
		return "", err
	}
	k.Word, k.WordEnds = digestOf(word), s.after(WordLasts)
	return word, nil
}

// opens reports whether a word opens an account.
func (s *Staff) opens(k *kept, word string) bool {
	d := digestOf(word)
	same := func(w protocol.Digest) bool { return !w.IsZero() && subtle.ConstantTimeCompare(d[:], w[:]) == 1 }
	return same(k.Recovery) || same(k.Word) && s.now() < k.WordEnds
}

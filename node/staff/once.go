package staff

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// Bounds of what is remembered of a program's questions.
const (
	// AnswerLasts is how long an answer is remembered: whoever asks again, after its own night
	// or its machine's, asks within a day.
	AnswerLasts = 24 * time.Hour
	// MaxAnswers bounds those of one program: a record every nine seconds.
	MaxAnswers = 10_000
)

// Why a question is not asked again.
var (
	ErrOtherQuestion = errors.New("something else was asked under this key")
	ErrNotAnswered   = errors.New("this was asked under this key before, and the node ended or failed before it knew what became of it")
	ErrManyAnswers   = fmt.Errorf("%d keys of one day are remembered already", MaxAnswers)
)

const oncePrefix = "once/"

// answered is what is remembered of a question.
type answered struct {
	Asked  protocol.Digest  `json:"asked"`
	At     protocol.Instant `json:"at"`
	Answer json.RawMessage  `json:"answer,omitempty"` // none: not known
}

func (s *Staff) overdue(a *answered) bool {
	return a.At+protocol.Instant(AnswerLasts.Milliseconds()) <= s.now()
}

// Asked names a question: who asks, the key that it was given, and a digest of what is asked.
type Asked struct {
	Who, Key string
	What     protocol.Digest
}

// Once does what a program asks, and when it asks the same again under the same key gives the
// same answer, for AnswerLasts, without doing it twice: also to those who ask at the same
// moment, and after the node was started again. act reports with its error whether something
// may have been done all the same. It returns act's error, [ErrOtherQuestion],
// [ErrNotAnswered] or [ErrManyAnswers].
func (s *Staff) Once(ctx context.Context, q Asked, act func() (answer json.RawMessage, perhaps bool, err error)) (answer json.RawMessage, again bool, err error) {
	who := oncePrefix + protocol.DigestOf([]byte(q.Who)).Prefix().String() + "/"
	key := who + protocol.DigestOf([]byte(q.Key)).Prefix().String()
	done, err := s.alone(ctx, key)
	if err != nil {
		return nil, false, err
	}
	defer done()
	before, known, err := s.answer(key)
	switch {
	case err != nil:
		return nil, false, err
	case known && before.Asked != q.What:
		return nil, false, ErrOtherQuestion
	case known && before.Answer == nil:
		return nil, false, ErrNotAnswered
	case known:
		return before.Answer, true, nil
	}
	if err = s.mayRemember(ctx, who); err != nil {
		return nil, false, err
	}
	now := answered{Asked: q.What, At: s.now()}
	if err = s.remember(ctx, key, &now); err != nil {
		return nil, false, err
	}
	var perhaps bool
	if now.Answer, perhaps, err = act(); err != nil {
		if !perhaps {
			err = errors.Join(err, s.o.Kept.Delete(ctx, []byte(key)))
		}
		return nil, false, err
	}
	return now.Answer, false, s.remember(ctx, key, &now)
}

// alone waits until nobody else asks under a key.
func (s *Staff) alone(ctx context.Context, key string) (done func(), err error) {
	for {
		s.onceMu.Lock()
		busy := s.asking[key]
		if busy == nil {
			mine := make(chan struct{})
			s.asking[key] = mine
			s.onceMu.Unlock()
			return func() {
				s.onceMu.Lock()
				defer s.onceMu.Unlock()
				delete(s.asking, key)
				close(mine)
			}, nil
		}
		s.onceMu.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (s *Staff) answer(key string) (a answered, known bool, err error) {
	text, there, err := s.o.Kept.Get([]byte(key))
	if err != nil || !there {
		return a, false, err
	}
	err = json.Unmarshal(text, &a)
	return a, !s.overdue(&a), err
}

func (s *Staff) remember(ctx context.Context, key string, a *answered) error {
	text, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return s.o.Kept.Put(ctx, []byte(key), text)
}

// mayRemember counts the keys of a program: those that are kept at its first question since
// the node started, or the last sweep, and those since.
func (s *Staff) mayRemember(ctx context.Context, who string) error {
	s.onceMu.Lock()
	defer s.onceMu.Unlock()
	n, counted := s.remembered[who]
	if !counted {
		for e, err := range entries[answered](ctx, s.o.Kept, who) {
			if err != nil {
				return err
			}
			if !s.overdue(&e.value) {
				n++
			}
		}
	}
	if n >= s.maxAnswers {
		s.remembered[who] = n
		return ErrManyAnswers
	}
	s.remembered[who] = n + 1
	return nil
}

// SweepAnswers forgets the answers whose day is over.
func (s *Staff) SweepAnswers(ctx context.Context) error {
	for e, err := range entries[answered](ctx, s.o.Kept, oncePrefix) {
		if err == nil && s.overdue(&e.value) {
			err = s.o.Kept.Delete(ctx, e.key)
		}
		if err != nil {
			return err
		}
	}
	s.onceMu.Lock()
	defer s.onceMu.Unlock()
	clear(s.remembered)
	return nil
}

// ValidKey reports whether a program may give this as its key: 1 to 255 visible characters.
func ValidKey(key string) bool {
	return key != "" && len(key) <= 255 && strings.IndexFunc(key, func(r rune) bool { return r < '!' || r > '~' }) < 0
}

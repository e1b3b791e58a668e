package staff

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// Sessions is where sessions lie, in the form that scs asks for. The manager hands over
// digests of tokens (its HashTokenInStore), so that who reads the store is nobody.
type Sessions struct {
	kept  Kept
	clock func() time.Time
}

// Sessions gives the store of sessions.
func (s *Staff) Sessions() *Sessions { return &Sessions{s.o.Kept, s.o.Clock} }

const sessionPrefix = "session/"

// FindCtx gives the data of a session that has not ended.
func (s *Sessions) FindCtx(_ context.Context, token string) ([]byte, bool, error) {
	value, ok, err := s.kept.Get([]byte(sessionPrefix + token))
	if err != nil || !ok || s.over(value) {
		return nil, false, err
	}
	return value[8:], true, nil
}

func (s *Sessions) over(value []byte) bool {
	return len(value) < 8 || protocol.Instant(binary.BigEndian.Uint64(value)) <= protocol.InstantOf(s.clock()) //nolint:gosec // it was written from one
}

// CommitCtx keeps the data of a session until it ends.
func (s *Sessions) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	value := binary.BigEndian.AppendUint64(nil, uint64(protocol.InstantOf(expiry))) //nolint:gosec // no session ends before 1970
	return s.kept.Put(ctx, []byte(sessionPrefix+token), append(value, b...))
}

// DeleteCtx ends a session.
func (s *Sessions) DeleteCtx(ctx context.Context, token string) error {
	return s.kept.Delete(ctx, []byte(sessionPrefix+token))
}

// Find is FindCtx, for scs.
func (s *Sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx, for scs.
func (s *Sessions) Commit(token string, b []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, b, expiry)
}

// Delete is DeleteCtx, for scs.
func (s *Sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// Sweep takes away the sessions that have ended.
func (s *Sessions) Sweep(ctx context.Context) error {
	for pair, err := range s.kept.Each(ctx, []byte(sessionPrefix)) {
		if err == nil && s.over(pair[1]) {
			err = s.kept.Delete(ctx, pair[0])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

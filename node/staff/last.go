package staff

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/protocol"
)

// ErrLast says that an institution would be left without anybody who keeps its accounts.
var ErrLast = errors.New("nobody else who can log in is an administrator of its institution")

// spared refuses to take away, demote or lock an account while one of its institutions has no
// other administrator who can log in: an invited one may never come. What is locked already
// is no way in, and can go. The caller holds mu.
func (s *Staff) spared(ctx context.Context, k *kept) error {
	if k.Role != Admin || k.State == StateLocked {
		return nil
	}
	var others []protocol.InstitutionID // that somebody else keeps
	accounts, err := s.Accounts(ctx)
	for i := range accounts {
		if a := &accounts[i]; a.Name != k.Name && a.Role == Admin && a.State == StateActive {
			others = append(others, a.Institutions...)
		}
	}
	if err == nil && slices.ContainsFunc(k.Institutions, func(id protocol.InstitutionID) bool { return !slices.Contains(others, id) }) {
		err = fmt.Errorf("%s: %w", k.Name, ErrLast)
	}
	return err
}

// used is when an account was last used, or opened by an administrator.
func (k *kept) used() protocol.Instant { return max(k.Made, k.Seen, k.Opened) }

// idle reports whether nobody used an account for so long that it is locked.
func (s *Staff) idle(k *kept) bool {
	return s.now() > k.used()+protocol.Instant(UnusedAfter.Milliseconds())
}

// keeps reports whether an account keeps those of an institution, however long ago it last did:
// an administrator's that is not locked, and has a way in.
func (k *kept) keeps(id protocol.InstitutionID) bool {
	return k.Role == Admin && k.State != StateLocked && (k.Hash != "" || k.Signs != "") && slices.Contains(k.Institutions, id)
}

// stays reports whether an account is not locked, though nobody uses it: of an institution it is
// the administrator who was here last, and with it everybody would be shut out.
func (s *Staff) stays(ctx context.Context, k *kept) bool {
	for _, id := range k.Institutions {
		if last, err := s.keeper(ctx, id); err == nil && last.Name == k.Name {
			return true
		}
	}
	return false
}

// keeper gives the administrator of an institution who was here last; nobody if there is none.
func (s *Staff) keeper(ctx context.Context, id protocol.InstitutionID) (last kept, err error) {
	for e, err := range entries[kept](ctx, s.o.Kept, accountPrefix) {
		if err != nil {
			return last, err
		}
		if k := &e.value; k.keeps(id) && (last.Name == "" || cmp.Compare(k.used(), last.used()) > 0) {
			last = *k
		}
	}
	return last, nil
}

// Keeper is who keeps the accounts of an institution.
type Keeper struct {
	Institution protocol.InstitutionID
	Name        string           // of the administrator who was here last; empty: nobody can log in
	Used        protocol.Instant // when that was
	Idle        bool             // so long ago that another's account would be locked
}

// Keepers gives who keeps the accounts of each institution that somebody has an account for who
// has come once. Where an administrator's one-time word still holds, somebody is expected.
func (s *Staff) Keepers(ctx context.Context) ([]Keeper, error) {
	var out []Keeper
	for _, id := range s.o.Institutions {
		come, expected := false, false
		for e, err := range entries[kept](ctx, s.o.Kept, accountPrefix) {
			if err != nil {
				return nil, err
			}
			k := &e.value
			mine := slices.Contains(k.Institutions, id)
			come = come || mine && k.Seen != 0
			expected = expected || mine && k.Role == Admin && k.State != StateLocked && s.now() < k.WordEnds
		}
		last, err := s.keeper(ctx, id)
		switch {
		case err != nil:
			return nil, err
		case last.Name != "":
			out = append(out, Keeper{id, last.Name, last.used(), s.idle(&last)})
		case come && !expected:
			out = append(out, Keeper{Institution: id})
		}
	}
	return out, nil
}

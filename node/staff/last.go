package staff

import (
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

package keys

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/vardar-network/vardar/protocol"
)

// Recover opens with the recovery sheet what lost its passphrase, its credential or its
// machine, and seals it anew: by Options.Passphrase, or if that is nil by an owner-only
// file. No key changes. The sheet stays good.
//
// In a folder with keys it needs nothing else; there id is not looked at. Without keys it
// makes a new safe from the carrier alone, as [Adopt] does, with fresh node, link and age
// keys: for the institution id, or for the only one on the carrier if id is "".
//
// It returns [ErrOtherSheet] for another node's sheet or one that was replaced,
// [ErrNoCarrier] if there is neither keys nor carrier, and what [Open] returns. A killed
// Recover is done again.
func Recover(o Options, sheet *Sheet, id protocol.InstitutionID) (*Safe, error) {
	filled, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	s, err := openList(filled)
	if errors.Is(err, ErrNoKeys) {
		if id, err = onlyOne(filled, id); err != nil {
			return nil, err
		}
		return Adopt(o, Source{Folder: filled.Identity, Sheet: sheet}, id)
	}
	if err != nil {
		return nil, err
	}
	if s.unlock, err = s.bySheet(sheet); err != nil {
		return nil, err
	}
	seeds := map[[32]byte]string{}
	for _, h := range s.list.hosted {
		if err := s.open(h, seeds); err != nil {
			return nil, err
		}
	}
	filled.Passphrase = askedOnce(o.Passphrase)
	if err := s.unlock.settle(filled, s.folder()); err != nil {
		return nil, fmt.Errorf("seal the keys anew: %w", err)
	}
	return Open(filled)
}

// onlyOne says for whom a carrier without keys is to be recovered.
func onlyOne(o Options, id protocol.InstitutionID) (protocol.InstitutionID, error) {
	if id != "" {
		return id, nil
	}
	switch held := whose(o.Identity); len(held) {
	case 0:
		return "", fmt.Errorf("%s has no keys and %s no identity key (mend: name the node's folder, or put the carrier in and name that): %w", o.Dir, o.Identity, ErrNoCarrier)
	case 1:
		return protocol.InstitutionID(held[0]), nil
	default:
		return "", fmt.Errorf("%s holds keys of %s (mend: say of which to begin with, the one that names the node): %w", o.Identity, strings.Join(held, ", "), ErrOtherCarrier)
	}
}

// bySheet opens the unlock identity of this safe: in its folder, or by the copy on its
// carrier.
func (s *Safe) bySheet(sheet *Sheet) (unlock, error) {
	var errs []error
	for _, path := range []string{filepath.Join(s.folder(), unlockRecovery), s.carrierFile(s.first().id, unlockRecovery)} {
		sealed, err := readSmall(path)
		if err == nil {
			var u unlock
			if u, err = sheet.opens(path, sealed); err == nil {
				u.recovery = sealed
				return u, nil
			}
		}
		errs = append(errs, err)
	}
	if there := slices.DeleteFunc(slices.Clone(errs), func(err error) bool { return errors.Is(err, fs.ErrNotExist) }); len(there) > 0 {
		errs = there // one of the two places may be empty
	}
	return unlock{}, errors.Join(errs...)
}

// settle puts an unlock identity in the place of how it was sealed before. Whatever
// order a crash leaves behind opens one way or the other.
func (u *unlock) settle(o Options, folder string) error {
	sealed, plain := filepath.Join(folder, unlockSealed), filepath.Join(folder, unlockPlain)
	write, remove, text := plain, sealed, u.text()
	if o.Passphrase != nil {
		if err := u.sealByPassphrase(o); err != nil {
			return err
		}
		write, remove, text = sealed, plain, u.sealed
	}
	if err := replace(write, text); err != nil {
		return err
	}
	if err := replace(filepath.Join(folder, unlockRecovery), u.recovery); err != nil {
		return err
	}
	return removeAll(folder, remove)
}

// askedOnce keeps the answer of whoever asks for a passphrase.
func askedOnce(ask func() ([]byte, error)) func() ([]byte, error) {
	if ask == nil {
		return nil
	}
	return sync.OnceValues(ask)
}

package keys

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/vardar-network/vardar/protocol"
)

const (
	keysFolder    = "keys"
	carrierFolder = "identity"
	hostedFile    = "institutions"
	markFile      = "mark"
	halfMade      = ".new" // ends the name of what is not there yet
)

// Options say where the safe lies and how it is opened.
type Options struct {
	// Dir is the node's folder; required. Keys lie in Dir/keys.
	Dir string
	// Identity is the carrier's folder; default Dir/identity. Any other is not checked
	// for permissions, and Create makes no more than its last element, so that a stick
	// that isn't there is not taken for a new folder.
	Identity string
	// Passphrase is asked for once, by Create and by Open, if a passphrase seals the keys.
	// nil: the unlock identity lies in a credential or in an owner-only file.
	Passphrase func() ([]byte, error)
	// Credentials is the folder of systemd credentials; node passes
	// $CREDENTIALS_DIRECTORY. Create uses it if Passphrase is nil.
	Credentials string
	// WorkFactor is log2 of scrypt's N for a new passphrase seal, 1 to 22; default
	// DefaultWorkFactor. Tests and the demonstration take a cheap one; Open reads it from
	// the file.
	WorkFactor int
	// Rand makes the keys; default crypto/rand. (age draws the one-time keys of its files
	// from the system, whatever stands here.)
	Rand io.Reader
	// Logger is told what was mended; default: discard.
	Logger *slog.Logger
}

// maxWorkFactor is what age opens unless told otherwise: 15 s on a modern machine.
const maxWorkFactor = 22

func (o Options) withDefaults() (Options, error) {
	if o.Dir == "" {
		return o, errors.New("open the safe: no folder given")
	}
	if o.Identity == "" {
		o.Identity = filepath.Join(o.Dir, carrierFolder)
	}
	if o.WorkFactor == 0 {
		o.WorkFactor = DefaultWorkFactor
	}
	if o.WorkFactor < 1 || o.WorkFactor > maxWorkFactor {
		return o, fmt.Errorf("scrypt work factor %d is not 1 to %d", o.WorkFactor, maxWorkFactor)
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o, nil
}

// ownCarrier reports whether the carrier is the folder beside the node's.
func (o Options) ownCarrier() bool {
	return filepath.Clean(o.Identity) == filepath.Join(o.Dir, carrierFolder)
}

// Safe holds the keys of the institutions that a node hosts. Its methods may be called
// from many goroutines, of one process: node/store holds the lock on the folder. It has
// nothing to close. Printing or logging it says nothing.
//
// Of the private keys, node and link keys are in memory while the Safe is; an identity
// key only while it signs, read from the carrier each time, so that a stick may be taken
// out.
type Safe struct {
	silent
	o      Options
	unlock unlock

	mu      sync.RWMutex // guards hosted and signers; taken before no other
	hosted  []hosted
	signers map[protocol.InstitutionID]signers

	addMu sync.Mutex // serializes Add

	carrierMu sync.Mutex // guards the carrier's files and ends
	ends      map[protocol.InstitutionID]*trustEnd

	markMu sync.Mutex // guards the mark's file and marked
	marked map[protocol.EpochID]protocol.Head
}

// signers are the private keys of one institution that stay in memory.
type signers struct{ node, link signer }

// Open opens the safe.
//
// It returns [ErrNoKeys] when there are none (create or join first), [ErrPassphrase],
// [ErrUnlock], [ErrPermissions] with the command that mends it, or [ErrDamaged] naming
// the file. An absent carrier is no error: see [Safe.Carrier]. What a killed [Create] or
// [Safe.Add] left to do on the carrier is done now, and a torn end of a trust feed there
// is cut, with a log line each.
func Open(o Options) (*Safe, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if err = checkFolders(o); err != nil {
		return nil, err
	}
	folder := filepath.Join(o.Dir, keysFolder)
	path := filepath.Join(folder, hostedFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("list the institutions: %w: %w", err, ErrDamaged)
	}
	s := &Safe{o: o, signers: map[protocol.InstitutionID]signers{}, ends: map[protocol.InstitutionID]*trustEnd{}}
	if s.hosted, err = parseHosted(string(text)); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if s.unlock, err = findUnlock(o, folder); err != nil {
		return nil, err
	}
	for _, h := range s.hosted {
		if s.signers[h.id], err = s.open(h); err != nil {
			return nil, err
		}
	}
	if err := s.settleCarrier(); err != nil {
		// The node runs without its carrier, so it does with one that is not in order;
		// whoever writes a trust record gets the error again.
		o.Logger.Warn("carrier not in order", "folder", o.Identity, "err", err)
	}
	return s, nil
}

// checkFolders says whether there are keys, and whether they are ours alone.
func checkFolders(o Options) error {
	folder := filepath.Join(o.Dir, keysFolder)
	err := ownerOnly(folder, 0o700)
	if errors.Is(err, fs.ErrNotExist) {
		if begun, _ := exists(folder + halfMade); begun {
			return fmt.Errorf("%s was begun and not finished (mend: create or join again, nothing was lost): %w", folder+halfMade, ErrNoKeys)
		}
		return fmt.Errorf("%s does not exist (mend: vardar init or vardar join): %w", folder, ErrNoKeys)
	}
	if err != nil || !o.ownCarrier() {
		return err
	}
	if err := ownerOnly(o.Identity, 0o700); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// open reads an institution's key files and holds them against what is public.
func (s *Safe) open(h hosted) (signers, error) {
	var out signers
	for _, use := range []protocol.KeyUse{protocol.UseNode, protocol.UseLink, protocol.UseAge} {
		path := s.keyFile(h.id, use)
		if err := ownerOnly(path, 0o600); err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return out, fmt.Errorf("%w: %w", err, ErrDamaged)
			}
			return out, err
		}
		k, err := s.unlock.readSecret(path, h.id, use)
		if err != nil {
			return out, err
		}
		fits := false
		switch use {
		case protocol.UseNode:
			out.node = k.signer()
			fits = out.node.public == h.node
		case protocol.UseLink:
			out.link = k.signer()
			fits = out.link.public == h.link
		case protocol.UseAge:
			identity, refused := k.ageIdentity()
			fits = refused == nil && identity.Recipient().String() == h.recipient
		case protocol.UseIdentity:
		}
		if !fits {
			return out, fmt.Errorf("%s is not the key that %s names: %w", path, hostedFile, ErrDamaged)
		}
	}
	return out, nil
}

func (s *Safe) keyFile(id protocol.InstitutionID, use protocol.KeyUse) string {
	return filepath.Join(s.o.Dir, keysFolder, keyName(id, use))
}

func keyName(id protocol.InstitutionID, use protocol.KeyUse) string {
	return string(id) + "." + string(use) + ".age"
}

// Institutions lists who is hosted; the first names the node.
func (s *Safe) Institutions() []protocol.InstitutionID {
	s.mu.RLock()
	defer s.mu.RUnlock()
	ids := make([]protocol.InstitutionID, 0, len(s.hosted))
	for _, h := range s.hosted {
		ids = append(ids, h.id)
	}
	return ids
}

// Public gives the public half of an institution's identity, node or link key, with the
// carrier or without. It reports false for an institution that is not hosted, and for
// UseAge: see [Safe.Recipient].
func (s *Safe) Public(id protocol.InstitutionID, use protocol.KeyUse) (protocol.Key, bool) {
	h, err := s.find(id)
	if err != nil {
		return protocol.Key{}, false
	}
	return h.public(use)
}

// Recipient gives the age recipient of an institution, age1…; "" if it is not hosted.
func (s *Safe) Recipient(id protocol.InstitutionID) string {
	h, _ := s.find(id)
	return h.recipient
}

// find returns [ErrNotHosted] for an institution without keys here.
func (s *Safe) find(id protocol.InstitutionID) (hosted, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, h := range s.hosted {
		if h.id == id {
			return h, nil
		}
	}
	return hosted{}, fmt.Errorf("%s: %w", id, ErrNotHosted)
}

// first is the institution that names the node.
func (s *Safe) first() hosted {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.hosted[0]
}

func (s *Safe) keysOf(id protocol.InstitutionID) (signers, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	k, ok := s.signers[id]
	if !ok {
		return signers{}, fmt.Errorf("%s: %w", id, ErrNotHosted)
	}
	return k, nil
}

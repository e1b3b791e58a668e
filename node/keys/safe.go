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
	"time"

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
	// Sheet is given a new recovery sheet, once, to be printed or handed on: it is stored
	// nowhere. An error of it stops what was to be done. nil: nobody sees the sheet, and
	// [Safe.RenewSheet] makes another when somebody wants one.
	Sheet func(*Sheet) error
	// Token is the identity file of an age plugin, such as age-plugin-yubikey writes: a
	// new identity key is sealed to that token and to the recovery sheet instead of to the
	// unlock identity. Open needs it no more, since a copy lies on the carrier: the file
	// is no secret.
	Token string
	// Prompt answers a token. nil: one that asks for something is refused.
	Prompt Prompt
	// Clock says when a key was made; nil: nobody knows.
	Clock func() time.Time
	// Rand makes the keys; default crypto/rand. (age draws the one-time keys of its files
	// from the system, whatever stands here.)
	Rand io.Reader
	// Logger is told what was mended; default: discard.
	Logger *slog.Logger
}

// Prompt asks a person what a token wants to know, such as its PIN; what is secret is not
// shown while it is typed.
type Prompt func(message string, secret bool) (string, error)

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
	if o.Clock == nil {
		o.Clock = func() time.Time { return time.Time{} }
	}
	return o, nil
}

// now is when a key is made; keys/institutions has whole seconds.
func (o Options) now() time.Time { return o.Clock().UTC().Truncate(time.Second) }

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
	unseen *Sheet // of a safe that is being made

	changeMu sync.Mutex // serializes what replaces keys/institutions; taken before all others

	mu      sync.RWMutex // guards list and signers; taken before no other
	list    list
	signers map[protocol.Key]signer // the node and link keys of all

	carrierMu sync.Mutex // guards the carrier's files, ends and sealed
	ends      map[protocol.InstitutionID]*trustEnd
	sealed    bool // the seal to the recovery sheet, in the folder, is of this process and good

	markMu sync.Mutex // guards the mark's file and marked
	marked map[protocol.EpochID]protocol.Head
}

// Open opens the safe.
//
// It returns [ErrNoKeys] when there are none (create or join first), [ErrPassphrase],
// [ErrUnlock], [ErrPermissions] with the command that mends it, [ErrReused] or
// [ErrDamaged] naming the file. An absent carrier is no error: see [Safe.Carrier]. What a
// killed process left to do in the folder and on the carrier is done now, and a torn end
// of a trust feed there is cut, with a log line each.
func Open(o Options) (*Safe, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	s, err := openList(o)
	if err != nil {
		return nil, err
	}
	if s.unlock, err = findUnlock(o, s.folder()); err != nil {
		return nil, err
	}
	seeds := map[[32]byte]string{}
	for _, h := range s.list.hosted {
		if err := s.open(h, seeds); err != nil {
			return nil, err
		}
	}
	if err := s.tidy(); err != nil {
		return nil, err
	}
	if err := s.settleCarrier(); err != nil {
		// The node runs without its carrier, so it does with one that is not in order;
		// whoever writes a trust record gets the error again.
		o.Logger.Warn("carrier not in order", "folder", o.Identity, "err", err)
	}
	return s, nil
}

// openList reads what is public.
func openList(o Options) (*Safe, error) {
	if err := checkFolders(o); err != nil {
		return nil, err
	}
	s := &Safe{o: o, signers: map[protocol.Key]signer{}, ends: map[protocol.InstitutionID]*trustEnd{}}
	path := filepath.Join(s.folder(), hostedFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("list the institutions: %w: %w", err, ErrDamaged)
	}
	if s.list, err = parseList(string(text)); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// checkFolders says whether there are keys, and whether they are ours alone.
func checkFolders(o Options) error {
	folder := filepath.Join(o.Dir, keysFolder)
	err := inPlace(folder, 0o700)
	if errors.Is(err, fs.ErrNotExist) {
		if begun, _ := exists(folder + halfMade); begun {
			return fmt.Errorf("%s was begun and not finished (mend: create or join again, nothing was lost): %w", folder+halfMade, ErrNoKeys)
		}
		return fmt.Errorf("%s does not exist (mend: vardar init or vardar join): %w", folder, ErrNoKeys)
	}
	if err != nil || !o.ownCarrier() {
		return err
	}
	if err := inPlace(o.Identity, 0o700); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// open reads an institution's key files and holds them against what is public. seeds are
// those of all keys opened so far: no two are alike, whatever their use.
func (s *Safe) open(h hosted, seeds map[[32]byte]string) error {
	for _, l := range h.keys {
		if l.use == protocol.UseIdentity {
			continue
		}
		path := s.keyFile(h.id, l)
		if err := inPlace(path, 0o600); err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("%w: %w", err, ErrDamaged)
			}
			return err
		}
		k, err := readSecret(path, h.id, l.use, s.unlock.identity())
		if err != nil {
			return err
		}
		public, err := k.public(l.use)
		if err != nil {
			return err
		}
		if public != l.public {
			return fmt.Errorf("%s is not the key that %s names: %w", path, hostedFile, ErrDamaged)
		}
		if other, twice := seeds[k.seed()]; twice {
			return fmt.Errorf("%s holds the secret of %s: %w", path, other, ErrReused)
		}
		seeds[k.seed()] = path
		s.keep(l, k)
	}
	return nil
}

// keep holds a private key that signs without the carrier.
func (s *Safe) keep(l listed, k secret) {
	if l.use == protocol.UseNode || l.use == protocol.UseLink {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.signers[l.verifies()] = k.signer()
	}
}

// tidy removes key files that the list does not name: what a killed process had made and
// not finished, or ended and not removed.
func (s *Safe) tidy() error {
	listed := map[string]bool{unlockSealed: true, unlockRecovery: true}
	for _, h := range s.list.hosted {
		for _, k := range h.keys {
			listed[keyName(h.id, k)] = true
		}
	}
	files, err := filepath.Glob(filepath.Join(s.folder(), "*.age"))
	if err != nil {
		return err
	}
	for _, file := range files {
		if listed[filepath.Base(file)] {
			continue
		}
		if err := os.Remove(file); err != nil {
			return err
		}
		s.o.Logger.Warn("half-made or ended key removed", "file", file)
	}
	return nil
}

func (s *Safe) folder() string { return filepath.Join(s.o.Dir, keysFolder) }

func (s *Safe) keyFile(id protocol.InstitutionID, l listed) string {
	return filepath.Join(s.folder(), keyName(id, l))
}

// keyName gives ID.USE.age of the first key of a use, ID.USE.2.age of the second.
func keyName(id protocol.InstitutionID, l listed) string {
	if l.number == 1 {
		return fmt.Sprintf("%s.%s.age", id, l.use)
	}
	return fmt.Sprintf("%s.%s.%d.age", id, l.use, l.number)
}

// write replaces keys/institutions: from then on the new list counts, in memory too.
// changeMu is held.
func (s *Safe) write(l list) error {
	if err := l.check(); err != nil {
		return err
	}
	if err := replace(filepath.Join(s.folder(), hostedFile), l.text()); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = l
	return nil
}

func (s *Safe) public() list {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.list
}

// Institutions lists who is hosted; the first names the node.
func (s *Safe) Institutions() []protocol.InstitutionID {
	var ids []protocol.InstitutionID
	for _, h := range s.public().hosted {
		ids = append(ids, h.id)
	}
	return ids
}

// Public gives the public half of an institution's current identity, node or link key,
// with the carrier or without. It reports false for an institution that is not hosted,
// and for UseAge: see [Safe.Recipient].
func (s *Safe) Public(id protocol.InstitutionID, use protocol.KeyUse) (protocol.Key, bool) {
	h, err := s.find(id)
	if err != nil || !use.Signs() {
		return protocol.Key{}, false
	}
	return h.current(use).verifies(), true
}

// Recipient gives the current age recipient of an institution, age1…; "" if it is not
// hosted.
func (s *Safe) Recipient(id protocol.InstitutionID) string {
	h, _ := s.find(id)
	return h.current(protocol.UseAge).public
}

// find returns [ErrNotHosted] for an institution without keys here.
func (s *Safe) find(id protocol.InstitutionID) (hosted, error) {
	if h, ok := s.public().find(id); ok {
		return h, nil
	}
	return hosted{}, fmt.Errorf("%s: %w", id, ErrNotHosted)
}

// first is the institution that names the node.
func (s *Safe) first() hosted { return s.public().hosted[0] }

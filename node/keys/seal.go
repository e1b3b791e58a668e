package keys

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"

	"github.com/vardar-network/vardar/protocol"
)

// CredentialName is the systemd credential that holds the unlock identity.
const CredentialName = "vardar-unlock"

// DefaultWorkFactor is log2 of scrypt's N for a new passphrase seal: age's own choice,
// about a second and 256 MiB on a machine of 2024.
const DefaultWorkFactor = 18

const (
	unlockSealed = "unlock.age"
	unlockPlain  = "unlock"
	// unlockRecovery is the unlock identity, sealed to the recovery sheet.
	unlockRecovery = "unlock.recovery.age"
)

// maxSecretFile bounds a file that is read before it is known to be ours: key files and
// unlock identities have some hundred bytes.
const maxSecretFile = 16 << 10

// PassphraseFromFile reads a passphrase from the first line of an owner-only file, for
// starts that nobody attends. The function returns [ErrPermissions] if other accounts can
// read the file.
func PassphraseFromFile(path string) func() ([]byte, error) {
	return func() ([]byte, error) {
		if err := ownerOnly(path, 0o600); err != nil {
			return nil, err
		}
		text, err := readSmall(path)
		if err != nil {
			return nil, err
		}
		line, _, _ := bytes.Cut(text, []byte("\n"))
		return bytes.TrimSuffix(line, []byte("\r")), nil
	}
}

// OpensByFile reports whether [Open] of a folder asks for no passphrase and no credential,
// since an owner-only file holds the unlock identity as it is.
func OpensByFile(dir string) bool {
	plain, err := exists(filepath.Join(dir, keysFolder, unlockPlain))
	sealed, failed := exists(filepath.Join(dir, keysFolder, unlockSealed))
	return err == nil && failed == nil && plain && !sealed
}

// unlock is the identity that all key files are sealed to.
type unlock struct {
	silent
	recipient *age.X25519Recipient
	identity  func() *age.X25519Identity // a function, as in secret
	sealed    []byte                     // unlock.age, if a passphrase seals it
	recovery  []byte                     // unlock.recovery.age
}

func unlockOf(identity *age.X25519Identity) unlock {
	return unlock{recipient: identity.Recipient(), identity: func() *age.X25519Identity { return identity }}
}

// newUnlock chooses where the unlock identity lies, and writes it into the folder unless
// it is a credential.
func newUnlock(o Options, folder string) (unlock, error) {
	if o.Passphrase == nil && o.Credentials != "" {
		return unlockFromCredential(o)
	}
	k, err := draw(o)
	if err != nil {
		return unlock{}, err
	}
	identity, err := k.ageIdentity()
	if err != nil {
		return unlock{}, err
	}
	u := unlockOf(identity)
	if o.Passphrase == nil {
		return u, writeNew(filepath.Join(folder, unlockPlain), u.text())
	}
	if err := u.sealByPassphrase(o); err != nil {
		return unlock{}, err
	}
	return u, writeNew(filepath.Join(folder, unlockSealed), u.sealed)
}

// text is the file that holds the unlock identity, before it is sealed.
func (u unlock) text() []byte { return []byte(u.identity().String() + "\n") }

func (u *unlock) sealByPassphrase(o Options) error {
	passphrase, err := askPassphrase(o)
	if err != nil {
		return err
	}
	recipient, err := age.NewScryptRecipient(string(passphrase))
	if err != nil {
		return fmt.Errorf("seal by passphrase: %w", err)
	}
	recipient.SetWorkFactor(o.WorkFactor)
	u.sealed, err = sealTo(u.text(), recipient)
	return err
}

// findUnlock opens the unlock identity where Create left it.
func findUnlock(o Options, folder string) (u unlock, err error) {
	recovery, err := readSmall(filepath.Join(folder, unlockRecovery))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return u, err
	}
	defer func() { u.recovery = recovery }()
	path := filepath.Join(folder, unlockSealed)
	sealed, err := readSmall(path)
	if err == nil {
		return unlockByPassphrase(o, path, sealed)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return u, err
	}
	plain := filepath.Join(folder, unlockPlain)
	text, err := readSmall(plain)
	if errors.Is(err, fs.ErrNotExist) {
		return unlockFromCredential(o)
	}
	if err != nil {
		return u, err
	}
	if err = inPlace(plain, 0o600); err != nil {
		return u, err
	}
	return parseUnlock(plain, text)
}

func askPassphrase(o Options) ([]byte, error) {
	if o.Passphrase == nil {
		return nil, fmt.Errorf("keys in %s are sealed by a passphrase, and none was given: %w", o.Dir, ErrPassphrase)
	}
	passphrase, err := o.Passphrase()
	if err != nil {
		return nil, fmt.Errorf("ask for the passphrase: %w", err)
	}
	if len(passphrase) == 0 {
		return nil, fmt.Errorf("an empty passphrase seals nothing: %w", ErrPassphrase)
	}
	return passphrase, nil
}

func unlockByPassphrase(o Options, path string, sealed []byte) (unlock, error) {
	passphrase, err := askPassphrase(o)
	if err != nil {
		return unlock{}, err
	}
	identity, err := age.NewScryptIdentity(string(passphrase))
	if err != nil {
		return unlock{}, fmt.Errorf("open by passphrase: %w", err)
	}
	text, err := openWith(sealed, identity)
	if isWrongIdentity(err) {
		return unlock{}, fmt.Errorf("open %s (mend: try again, and look at capitals and keyboard layout): %w", path, ErrPassphrase)
	}
	if err != nil {
		return unlock{}, fmt.Errorf("open %s: %w: %w", path, err, ErrDamaged)
	}
	u, err := parseUnlock(path, text)
	u.sealed = sealed
	return u, err
}

func unlockFromCredential(o Options) (unlock, error) {
	if o.Credentials == "" {
		return unlock{}, fmt.Errorf("%s holds neither %s nor %s, and there is no credential %s (mend: start through the systemd unit, or put the unlock identity back): %w",
			filepath.Join(o.Dir, keysFolder), unlockSealed, unlockPlain, CredentialName, ErrUnlock)
	}
	path := filepath.Join(o.Credentials, CredentialName)
	text, err := readSmall(path)
	if err != nil {
		return unlock{}, fmt.Errorf("read credential (mend: LoadCredentialEncrypted=%s:… in the unit): %w: %w", CredentialName, err, ErrUnlock)
	}
	return parseUnlock(path, text)
}

// parseUnlock reads an identity as age-keygen writes it: comments, and one line.
func parseUnlock(path string, text []byte) (unlock, error) {
	// The parser's own error may quote the line, which is the secret.
	identities, err := age.ParseIdentities(bytes.NewReader(text))
	if err != nil || len(identities) != 1 {
		return unlock{}, fmt.Errorf("%s does not hold one age identity: %w", path, ErrUnlock)
	}
	identity, ok := identities[0].(*age.X25519Identity)
	if !ok {
		return unlock{}, fmt.Errorf("%s holds an age identity that is not X25519: %w", path, ErrUnlock)
	}
	return unlockOf(identity), nil
}

// secretText is the plaintext of a key file. It names whose key it is, what for and since
// when, so that a file put in another's place is noticed.
func secretText(id protocol.InstitutionID, use protocol.KeyUse, k secret) []byte {
	seed := k.seed()
	return fmt.Appendf(nil, "vardar-secret-v1 %s %s %s %s\n", id, use, madeText(k.made), hex.EncodeToString(seed[:]))
}

// sealSecret gives the content of a key file.
func sealSecret(id protocol.InstitutionID, use protocol.KeyUse, k secret, to ...age.Recipient) ([]byte, error) {
	return sealTo(secretText(id, use, k), to...)
}

// readSecret opens a key file by one of the identities.
func readSecret(path string, id protocol.InstitutionID, use protocol.KeyUse, by ...age.Identity) (secret, error) {
	sealed, err := readSmall(path)
	if err != nil {
		return secret{}, err
	}
	text, err := openWith(sealed, by...)
	if isWrongIdentity(err) {
		return secret{}, fmt.Errorf("open %s: %w", path, ErrUnlock)
	}
	if errors.Is(err, ErrToken) {
		return secret{}, fmt.Errorf("open %s: %w", path, err)
	}
	if err != nil {
		return secret{}, fmt.Errorf("open %s: %w: %w", path, err, ErrDamaged)
	}
	var seed [32]byte
	var made time.Time
	fields, ok := strings.Fields(string(text)), false
	if len(fields) == 5 && len(fields[4]) == 2*len(seed) {
		made, ok = parseMade(fields[3])
		_, err = hex.Decode(seed[:], []byte(fields[4]))
	}
	k := secretOf(seed, made)
	if !ok || err != nil || !bytes.Equal(text, secretText(id, use, k)) {
		return secret{}, fmt.Errorf("%s does not hold the %s key of %s: %w", path, use, id, ErrDamaged)
	}
	return k, nil
}

func sealTo(plain []byte, to ...age.Recipient) ([]byte, error) {
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to...)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	_, err = w.Write(plain)
	if err = errors.Join(err, w.Close()); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return out.Bytes(), nil
}

func openWith(sealed []byte, by ...age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), by...)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, maxSecretFile))
}

func isWrongIdentity(err error) bool {
	var none *age.NoIdentityMatchError
	return errors.As(err, &none)
}

func readSmall(path string) (text []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	text, err = io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if err == nil && len(text) > maxSecretFile {
		err = fmt.Errorf("%s is longer than any file of the safe: %w", path, ErrDamaged)
	}
	return text, err
}

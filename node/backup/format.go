package backup

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"

	"filippo.io/age"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// The plaintext of a backup: magic, length of the header u32, header as JSON, the store's
// file, its SHA-256. The digest comes last since the file is read once, while the node
// writes on: pages that are free differ from reading to reading.
const (
	magic   = "vardar-backup-v1\n"
	version = 1
	// maxHeader bounds the header: a hub's 63,000 feeds take about 12 MiB.
	maxHeader = 64 << 20
)

// Header is what a backup says of itself.
type Header struct {
	Version     int                      `json:"version"`
	Institution protocol.InstitutionID   `json:"institution"` // names the node
	Hosted      []protocol.InstitutionID `json:"hosted"`      // all that it writes for
	Time        protocol.Instant         `json:"time"`
	Charters    []protocol.Digest        `json:"charters"`
	Heads       []Head                   `json:"heads"` // of every branch, at least
	Bytes       int64                    `json:"bytes"` // of the store's file
}

// Head is the last record of a branch of an epoch.
type Head struct {
	Epoch    protocol.EpochID `json:"epoch"`
	Sequence uint32           `json:"sequence"`
	Digest   protocol.Digest  `json:"digest"`
}

// seal writes header, store and digest, sealed, to w.
func seal(w io.Writer, to []age.Recipient, h Header, c *store.Copy) error {
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	sealed, err := age.Encrypt(w, to...)
	if err != nil {
		return err
	}
	head := binary.BigEndian.AppendUint32([]byte(magic), uint32(len(text))) //nolint:gosec // bounded by memory
	sum := sha256.New()
	if _, err = sealed.Write(append(head, text...)); err == nil {
		_, err = c.WriteTo(io.MultiWriter(sealed, sum))
	}
	if err == nil {
		_, err = sealed.Write(sum.Sum(nil))
	}
	return errors.Join(err, sealed.Close())
}

// opened is a backup being read.
type opened struct {
	Header
	plain *bufio.Reader
	sum   hash.Hash
}

// open reads the header. What is behind it is not believed yet.
func open(r io.Reader, identity age.Identity) (*opened, error) {
	sealed := bufio.NewReaderSize(r, 1<<16)
	if begin, _ := sealed.Peek(len(ageMagic)); string(begin) != ageMagic {
		return nil, ErrNoBackup
	}
	decrypted, err := age.Decrypt(sealed, identity)
	var none *age.NoIdentityMatchError
	switch {
	case errors.As(err, &none):
		return nil, ErrIdentity
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	o := &opened{plain: bufio.NewReaderSize(decrypted, 1<<16), sum: sha256.New()}
	head := make([]byte, len(magic)+4)
	if _, err := io.ReadFull(o.plain, head); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if known, ok := strings.CutSuffix(magic, "1\n"); !ok || !bytes.HasPrefix(head, []byte(known)) {
		return nil, ErrNoBackup
	} else if !bytes.HasPrefix(head, []byte(magic)) {
		return nil, ErrNewer
	}
	length := binary.BigEndian.Uint32(head[len(magic):])
	if length > maxHeader {
		return nil, fmt.Errorf("%w: its header has %d bytes", ErrDamaged, length)
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(o.plain, text); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if err := json.Unmarshal(text, &o.Header); err != nil {
		return nil, fmt.Errorf("%w: its header: %w", ErrDamaged, err)
	}
	switch {
	case o.Version > version:
		return nil, ErrNewer
	case o.Version < 1, o.Bytes < 0, o.Institution == "":
		return nil, fmt.Errorf("%w: its header is not whole", ErrDamaged)
	}
	return o, nil
}

// ageMagic begins every file of age v1.
const ageMagic = "age-encryption.org/v1\n"

// storeTo writes the store's file, to its last byte and not one more, and holds it against
// its digest.
func (o *opened) storeTo(w io.Writer) error {
	failed := &failing{w: w}
	if _, err := io.CopyN(io.MultiWriter(failed, o.sum), o.plain, o.Bytes); err != nil {
		if failed.err != nil {
			return failed.err // ours, and not the backup's
		}
		return fmt.Errorf("%w: it is cut off or altered: %w", ErrDamaged, err)
	}
	var want [sha256.Size]byte
	if _, err := io.ReadFull(o.plain, want[:]); err != nil {
		return fmt.Errorf("%w: it is cut off or altered: %w", ErrDamaged, err)
	}
	if !bytes.Equal(o.sum.Sum(nil), want[:]) {
		return fmt.Errorf("%w: the store in it is not the one that was copied", ErrDamaged)
	}
	if _, err := o.plain.ReadByte(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: something stands behind its end: %w", ErrDamaged, err)
	}
	return nil
}

// failing remembers the error of a writer.
type failing struct {
	w   io.Writer
	err error
}

// Write writes.
func (f *failing) Write(b []byte) (n int, err error) {
	n, err = f.w.Write(b)
	f.err = err
	return n, err
}

// secretPrefix begins every age identity, the post-quantum ones too.
const secretPrefix = "AGE-SECRET-KEY-"

// parseIdentity finds the one secret in a recovery sheet, or in a line of it. Its error
// never quotes the text.
func parseIdentity(sheet string) (age.Identity, error) {
	var found []age.Identity
	for _, word := range strings.Fields(sheet) {
		if !strings.HasPrefix(strings.ToUpper(word), secretPrefix) {
			continue
		}
		identities, err := age.ParseIdentities(strings.NewReader(strings.ToUpper(word)))
		if err != nil {
			return nil, fmt.Errorf("%w: the line %s… is mistyped", ErrIdentity, secretPrefix)
		}
		found = append(found, identities...)
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%w: want the one line %s… of the recovery sheet, got %d", ErrIdentity, secretPrefix, len(found))
	}
	return found[0], nil
}

// parseRecipients reads age recipients, the recovery recipient first.
func parseRecipients(texts []string) ([]age.Recipient, error) {
	var out []age.Recipient
	for _, text := range texts {
		parsed, err := age.ParseRecipients(strings.NewReader(text))
		if err != nil {
			return nil, fmt.Errorf("recipient %q: %w: want age1…", text, err)
		}
		out = append(out, parsed...)
	}
	if len(out) == 0 {
		return nil, ErrNoRecipient
	}
	return out, nil
}

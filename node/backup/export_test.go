package backup

import (
	"io"

	"filippo.io/age"

	"github.com/vardar-network/vardar/node/store"
)

// Seal writes a backup with any header, as somebody could who wants it believed.
func Seal(w io.Writer, to age.Recipient, h Header, c *store.Copy) error {
	return seal(w, []age.Recipient{to}, h, c)
}

package federation_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

func contextOf(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithCancel(context.WithoutCancel(t.Context()))
}

func note(text string) *body.Note {
	return &body.Note{Topic: protocol.Situation, Text: body.NoteText(text)}
}

// lockDown gives a copied folder of keys the permissions they must have.
func lockDown(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.Chmod(path, 0o700) //nolint:gosec // a folder
		}
		return os.Chmod(path, 0o600)
	})
}

func pausedConfig(t *testing.T, n *node.Node, peer protocol.InstitutionID) link.Config {
	t.Helper()
	c, ok, err := n.Links().Config(peer)
	if err != nil || !ok {
		t.Fatalf("no link with %s: %v", peer, err)
	}
	c.Paused = true
	return c
}

func dialGuest(t *testing.T, inv protocol.Invitation) *bus.Requester {
	t.Helper()
	conn, err := bus.Dial(t.Context(), bus.DialOptions{
		Address: inv.Addresses[0], Self: inv.Institution, Listener: inv.Listener, ListenerKey: inv.ListenerKey,
		LinkKey: protocol.KeyOf(inv.Claim), Guest: true,
		Sign: func(_ context.Context, nonce string) (protocol.Signature, error) { return keys.SignJoin(inv, nonce) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	r, err := bus.NewRequester(conn, protocol.TokenOf(inv.Institution, inv.Listener))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func draft(kind string, body []byte) intake.Draft {
	return intake.Draft{Institution: capital, Type: kind, Time: protocol.InstantOf(time.Now()), Handling: protocol.Green, Body: body}
}

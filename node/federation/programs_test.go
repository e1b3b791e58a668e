package federation_test

import (
	"net"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// TestProgramHearsOfRecordsWithAToken, those of other institutions, too, as they were signed, up
// to the mark of its role, until its token is taken away.
func TestProgramHearsOfRecordsWithAToken(t *testing.T) {
	t.Parallel()
	n, err := federation.Start(t.Context(), federation.Options{
		Dir: t.TempDir(), Timing: quick(), Each: func(_ protocol.InstitutionID, o *node.Options) { o.Programs = "127.0.0.1:0" },
	}, three())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if closed := n.Close(); closed != nil {
			t.Error(closed)
		}
	})
	at := n.Node(capital)
	made, err := at.Desk().AddToken(t.Context(), desk.TokenRequest{Name: "situation-room", Role: staff.Coordinator, Scope: staff.Read})
	if err != nil {
		t.Fatal(err)
	}
	if host, _, wrong := net.SplitHostPort(at.ProgramsAddr()); wrong != nil || host != "127.0.0.1" {
		t.Errorf("programs are let in at %q", at.ProgramsAddr())
	}
	c := listens(t, at, made.Secret)
	heard, err := c.SubscribeSync("vardar.v1.*.*.*.situation.green")
	if err != nil {
		t.Fatal(err)
	}
	if err = c.Flush(); err != nil {
		t.Fatal(err)
	}
	said := say(t, n, town, "the crossing is open")
	for ctx := within(t); ; {
		m, err := heard.NextMsgWithContext(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := protocol.ParseHeader(m.Header); err != nil || got.Verify() != nil {
			t.Fatalf("heard %s (%v)", got.Name, err)
		} else if got.Name == said.Name {
			break
		}
	}
	if _, err := at.Desk().RemoveToken(t.Context(), desk.TokenName{Name: "situation-room"}); err != nil {
		t.Fatal(err)
	}
	if err := federation.Wait(within(t), at, c.IsClosed); err != nil {
		t.Errorf("a token that is gone still hears: %v", err)
	}
	if c, err := nats.Connect("nats://"+at.ProgramsAddr(), nats.Token(made.Secret)); err == nil {
		c.Close()
		t.Error("a token that is gone lets in")
	}
}

// listens connects a program, once the node lets them in, that does not come back by itself.
func listens(t *testing.T, at *node.Node, secret string) *nats.Conn {
	t.Helper()
	var c *nats.Conn
	if err := federation.Wait(within(t), at, func() (in bool) {
		var err error
		c, err = nats.Connect("nats://"+at.ProgramsAddr(), nats.Token(secret), nats.NoReconnect())
		return err == nil
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

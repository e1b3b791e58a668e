package api_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	vardar "github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

const town protocol.InstitutionID = "mk.southeast.demo-south-gate"

// pair is two whole nodes with a line between them: the centre founded the network and admits, the
// town has joined. At the centre alerts wait for a second person, and reports wake by a program.
type pair struct {
	centre, town *node
	options      vardar.Options // of the centre
}

// meet has two nodes meet.
func meet(t *testing.T) *pair {
	t.Helper()
	p := &pair{}
	rules := filepath.Join(t.TempDir(), "duty.yaml")
	ok(t, os.WriteFile(rules, []byte("private: [127.0.0.1/32]\nways:\n  phone: {command: [/bin/true]}\nrules:\n  - {name: figures, kinds: [report], wake: [phone]}\n"), 0o600))
	member := func(id protocol.InstitutionID, level body.Level) []federation.Member {
		return []federation.Member{{ID: id, Level: level}}
	}
	net, err := federation.Start(t.Context(), federation.Options{
		Dir: t.TempDir(), Timing: vardar.Timing{Heartbeat: 500 * time.Millisecond, Redial: 300 * time.Millisecond, Soon: 100 * time.Millisecond},
		Each: func(id protocol.InstitutionID, o *vardar.Options) {
			if id == centre {
				o.Second, o.Duty = []string{"alert"}, rules
				p.options = *o
			}
		},
	}, federation.Plan{
		Network: "Test network", Nodes: [][]federation.Member{member(centre, body.Ministry), member(town, body.Municipality)},
		Registrars: map[protocol.InstitutionID][]string{centre: {"mk."}},
	})
	t.Cleanup(func() {
		if net != nil {
			ok(t, net.Close())
		}
	})
	ok(t, err)
	p.centre, p.town = nodeOf(t, net.Node(centre)), nodeOf(t, net.Node(town))
	return p
}

// nodeOf is the API of a whole node.
func nodeOf(t *testing.T, of *vardar.Node) *node {
	t.Helper()
	n := &node{t: t, whole: of, desk: of.Desk(), server: api.NewServer(of.Desk(), nil), socket: filepath.Join(t.TempDir(), "vardar.sock")}
	n.serve(must(api.ListenUnix(t.Context(), n.socket))(t), n.server)
	n.client = api.NewClient(n.socket)
	t.Cleanup(n.client.Close)
	return n
}

// until waits for what comes over the line.
func (n *node) until(cond func() bool) {
	n.t.Helper()
	ok(n.t, federation.Wait(n.t.Context(), n.whole, cond))
}

// step is a call, by whose token it is made (none: over the socket), what it sends, and of what it
// is answered the status and a part.
type step struct {
	as     staff.Role
	call   string
	sends  string
	status int
	says   string
}

// walk takes steps, one behind the other. What is refused says what to do.
func (n *node) walk(steps ...step) {
	n.t.Helper()
	secrets := map[staff.Role]string{}
	for _, s := range steps {
		method, path, _ := strings.Cut(s.call, " ")
		var r reply
		if s.as == "" {
			r = n.ask(method, path, s.sends)
		} else {
			if secrets[s.as] == "" {
				secrets[s.as] = must(n.client.AddToken(n.t.Context(), api.TokenRequest{Name: fmt.Sprintf("%s.%d", s.as, len(must(n.client.Tokens(n.t.Context()))(n.t))), Role: s.as, Scope: staff.Manage}))(n.t).Secret
			}
			r = n.through(n.server.ByToken(), method, path, s.sends, "Authorization", "Bearer "+secrets[s.as])
		}
		mends := strings.Contains(r.body, `"mend":`) || strings.Contains(r.body, `"next":`)
		if r.status != s.status || !strings.Contains(r.body, s.says) || s.status >= http.StatusBadRequest && (!mends || r.header.Get("Content-Type") != "application/problem+json") {
			n.t.Errorf("%s %s %s: %d %s, want %d with %s", s.as, s.call, s.sends, r.status, r.body, s.status, s.says)
		}
	}
}

package api_test

import (
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	vardar "github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/node/audit"
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/node/site"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

const centre protocol.InstitutionID = "mk.national.demo-crisis-centre"

// node is one institution's, founded for a test, as far as its API reaches.
type node struct {
	t      *testing.T
	safe   *keys.Safe
	store  *store.Store
	intake *intake.Intake
	desk   *desk.Desk
	server *api.Server
	socket string
	client *api.Client
	health desk.Health
	whole  *vardar.Node // of [meet]; else nil
}

func hour() time.Time { return time.Date(2015, 11, 3, 9, 0, 0, 0, time.UTC) }

func dice(seed byte) io.Reader { return rand.NewChaCha8([32]byte{seed}) }

// open founds a network of one ministry and serves its desk on a socket.
func open(t *testing.T) *node {
	t.Helper()
	dir := t.TempDir()
	n := &node{t: t, socket: filepath.Join(dir, "vardar.sock"), health: desk.Health{Software: "vardar test", Store: desk.StoreHealth{Read: protocol.InstantOf(hour())}}}
	n.safe = must(keys.Create(keys.Options{Dir: filepath.Join(dir, "n"), Rand: dice(1)}, centre))(t)
	n.store = must(store.Open(t.Context(), store.Options{Dir: dir, Clock: hour}))(t)
	t.Cleanup(func() { ok(t, n.store.Close()) })
	registry := must(trust.New(n.charter()))(t)
	places := must(atlas.New())(t)
	picture := must(board.New(board.Options{Atlas: places}))(t)
	b := must(bus.Open(t.Context(), bus.Options{Dir: dir, Institution: centre, Clock: hour}))(t)
	t.Cleanup(func() { ok(t, b.Close()) })
	linkKey, _ := n.safe.Public(centre, protocol.UseLink)
	hosted := []protocol.InstitutionID{centre}
	links := must(link.New(link.Options{Self: hosted, Store: n.store, Trust: registry, Bus: b, Signer: n.safe, Clock: hour}))(t)
	n.intake = must(intake.New(intake.Options{
		Store: n.store, Trust: registry, Board: picture, Signer: n.safe, Inbox: nowhere{}, Log: nowhere{}, Line: links, Clock: hour,
	}))(t)
	links.Attach(n.intake)
	ok(t, n.intake.Load(t.Context(), intake.Held{}))
	n.introduce()
	woken := must(duty.New(duty.Options{Kept: n.store.Private("duty"), Audit: audit.New(n.store.Private("audit"), hour), Institution: centre, Clock: hour, Rand: dice(4)}))(t)
	n.desk = must(desk.New(desk.Options{
		Archive: vardar.ArchiveOf(n.store), Saved: n.store.Private("desk"), Audit: audit.New(n.store.Private("audit"), hour), Staff: staff.New(staff.Options{Kept: n.store.Private("staff"), Institutions: hosted, Clock: hour, Rand: dice(3)}), Duty: woken, Sites: must(site.Open(t.Context(), site.Options{Kept: n.store.Private("site"), Clock: hour}))(t), Intake: n.intake, Links: links, Trust: registry, Board: picture, Atlas: places,
		Institutions: hosted, Addresses: []string{"node.example.org:4222"}, LinkKey: linkKey, Clock: hour, Rand: dice(2),
		Health: func() desk.Health { return n.health },
	}))(t)
	n.server = api.NewServer(n.desk, nil)
	n.serve(must(api.ListenUnix(t.Context(), n.socket))(t), n.server)
	n.client = api.NewClient(n.socket)
	t.Cleanup(n.client.Close)
	return n
}

// serve answers on a listener until the test ends.
func (n *node) serve(l net.Listener, h http.Handler) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- api.Serve(ctx, l, noted(h), nil) }()
	n.t.Cleanup(func() { cancel(); ok(n.t, <-done) })
}

func (n *node) charter() protocol.SignedCharter {
	key, _ := n.safe.Public(centre, protocol.UseIdentity)
	proof := must(n.safe.Proof(centre, protocol.UseIdentity))(n.t)
	c := protocol.SignedCharter{Document: must(json.Marshal(protocol.Charter{
		Vardar: "charter", Version: 1, Network: "Test network", Threshold: 1,
		Stewards:   []protocol.Steward{{Institution: centre, Key: key, Proof: proof}},
		Registrars: []protocol.Registrar{{Institution: centre, Prefixes: []string{"mk.", "gr."}, Key: key, Proof: proof}},
		MembersMay: map[string][]string{}, Handling: map[string]protocol.Handling{}, RetentionDays: map[string]int{},
		Groups: map[string][]string{}, Networks: []protocol.PartnerNetwork{}, Expires: "2016-11-03T00:00:00Z",
	}))(n.t)}
	ok(n.t, n.safe.SignCharter(n.t.Context(), centre, &c))
	return c
}

func (n *node) introduce() {
	say := func(b body.Body) {
		must(n.intake.Publish(n.t.Context(), intake.Draft{
			Institution: centre, Type: b.Type(), Time: protocol.InstantOf(hour()), Handling: protocol.Green,
			Body: must(body.Marshal(b, [16]byte{1}))(n.t),
		}))(n.t)
	}
	key, _ := n.safe.Public(centre, protocol.UseNode)
	for _, topic := range protocol.Topics() {
		if topic != protocol.Trust {
			say(&body.KeyRecord{
				Use: protocol.UseNode, Key: body.KeyText(key.String()), Proof: must(n.safe.Proof(centre, protocol.UseNode))(n.t),
				FeedTopic: topic, FeedEpoch: 1, Wire: body.WireV1,
			})
		}
	}
	say(&body.Profile{Names: body.Names{"en": "Demo crisis centre"}, Level: body.Ministry})
}

// nowhere is an IN and a LOG without anything.
type nowhere struct{}

func (nowhere) Next(ctx context.Context) ([]intake.Arrived, func() error, error) {
	<-ctx.Done()
	return nil, nil, ctx.Err()
}

func (nowhere) PublishLog(context.Context, []protocol.Record) error { return nil }
func (nowhere) EraseLog(context.Context, []protocol.Record) error   { return nil }

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		ok(t, err)
		return v
	}
}

// ask asks the handler as a local program would.
func (n *node) ask(method, path, body string, header ...string) reply {
	return n.through(n.server, method, path, body, header...)
}

// through asks a handler.
func (n *node) through(h http.Handler, method, path, body string, header ...string) reply {
	r := httptest.NewRequestWithContext(n.t.Context(), method, "http://localhost"+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
			continue
		}
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	noted(h).ServeHTTP(w, r)
	return reply{w.Code, w.Header(), w.Body.String()}
}

// reply is what came back.
type reply struct {
	status int
	header http.Header
	body   string
}

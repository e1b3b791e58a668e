package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// wants wants a problem of a kind.
func wants(t *testing.T, err error, kind api.Kind) {
	t.Helper()
	_ = problem(t, err, kind)
}

// problem wants a problem of a kind, and gives it.
func problem(t *testing.T, err error, kind api.Kind) *api.Problem {
	t.Helper()
	var p *api.Problem
	if !errors.As(err, &p) {
		t.Fatalf("error = %v, want a problem", err)
	}
	if p.Kind != kind {
		t.Errorf("problem = %s: %v, want %s", p.Kind, p, kind)
	}
	return p
}

func TestClientDoesWhatTheDeskDoes(t *testing.T) {
	n := open(t)
	ctx := t.Context()
	n.fill()
	p := must(n.client.Publish(ctx, api.Request{Kind: "report", From: "last", Set: []string{"figures.arrivals=0"}, Wait: 1, WaitMS: 1}))(t)
	if p.Record.String() != string(centre)+"/situation.1.3" || p.Reached || p.Handling != protocol.Green {
		t.Errorf("published = %+v", p)
	}
	r := must(n.client.Record(ctx, p.Record, protocol.Digest{}))(t)
	if r.Verify() != nil || r.Digest() != p.Digest || string(r.Body) != string(p.Body) {
		t.Errorf("record = %+v", r)
	}
	l := must(n.client.List(ctx, api.Query{What: "figures", By: string(centre)}))(t)
	if rows, is := l.Rows.([]api.FigureRow); !is || len(rows) != 1 || rows[0].Value != body.Exact(0) {
		t.Errorf("figures = %+v", l)
	}
	if l := must(n.client.List(ctx, api.Query{}))(t); l.What != "due" {
		t.Errorf("the first list is %q", l.What)
	}
	if s := must(n.client.Show(ctx, "MK-405"))(t); s.Place == nil || len(s.Place.Figures) != 1 {
		t.Errorf("shown = %+v", s)
	}
	if s := must(n.client.Status(ctx))(t); !s.Verdict.OK || s.Institutions[0] != centre {
		t.Errorf("status = %+v", s)
	}
	if m := must(n.client.Members(ctx))(t); len(m) != 1 || m[0].ID != centre {
		t.Errorf("members = %+v", m)
	}
	if m := must(n.client.Member(ctx, centre))(t); m.Level != "ministry" || m.Profile == nil {
		t.Errorf("member = %+v", m)
	}
	if c := must(n.client.Charter(ctx))(t); c.Signed.Digest() != c.Digest {
		t.Errorf("charter = %+v", c)
	}
	if i := must(n.client.Invite(ctx, api.InviteRequest{Institution: "mk.southeast.demo-south-gate", Level: body.Municipality}))(t); i.Invitation.Registrar != centre || i.Invitation.Line() != i.Line {
		t.Errorf("invited = %+v", i)
	}
	if h := must(n.client.Holders(ctx, p.Record))(t); len(h.Of) != 0 {
		t.Errorf("holders = %+v", h)
	}
	if h := must(n.client.Wait(ctx, p.Record, 0))(t); len(h.Have) != 0 {
		t.Errorf("holders = %+v", h)
	}
	if links := must(n.client.Links(ctx))(t); len(links) != 1 || links[0].Up {
		t.Errorf("links = %+v", links)
	}
	if text := must(n.client.Picture(ctx, api.PictureQuery{}))(t); len(text) == 0 {
		t.Error("no picture")
	}
}

func TestClientSaysNoAsTheDeskDoes(t *testing.T) {
	n := open(t)
	ctx := t.Context()
	_, err := n.client.Publish(ctx, api.Request{Kind: "report", Set: []string{"figures.arrivals=N/A"}})
	p := problem(t, err, api.Refused)
	if p.Field != "figures[0].value" || p.Mend == "" || p.Next != "vardar publish report --help" {
		t.Errorf("problem = %+v", p)
	}
	_, err = n.client.Record(ctx, protocol.Name{Institution: centre, Position: protocol.Position{Topic: protocol.Situation, Epoch: 1, Sequence: 1}}, protocol.Digest{})
	wants(t, err, api.NotFound)
	_, err = n.client.LinkShow(ctx, "mk.southeast.demo-river-town")
	wants(t, err, api.NotFound)
	_, err = n.client.TestLink(ctx, "mk.southeast.demo-river-town")
	wants(t, err, api.NotFound)
	_, err = n.client.Approve(ctx, "mk.southeast.demo-river-town", api.ApproveRequest{})
	wants(t, err, api.NotFound)
	_, err = n.client.Propose(ctx, "mk.southeast.demo-river-town", api.Everything())
	wants(t, err, api.NotFound)
	_, err = n.client.AddLink(ctx, api.AddLinkRequest{Peer: centre, Address: "127.0.0.1:4222"})
	wants(t, err, api.Usage)
	_, err = n.client.Admit(ctx, api.AdmitRequest{Institution: "rs.pcinjski.demo-south-valley", Level: body.Municipality, Key: must(n.client.Member(ctx, centre))(t).IdentityKey})
	wants(t, err, api.NotPermitted)
	_, err = n.client.Correct(ctx, api.CorrectRequest{Record: "situation.1.9", Retract: true, Reason: "x"})
	wants(t, err, api.NotFound)
	_, err = n.client.Answer(ctx, api.AnswerRequest{Record: "resource.1.9", Step: "accept"})
	wants(t, err, api.NotFound)
	_, err = n.client.Show(ctx, "Atlantis")
	wants(t, err, api.NotFound)
	_, err = n.client.Member(ctx, "mk.southeast.demo-river-town")
	wants(t, err, api.NotFound)
}

func TestClientWithoutANodeSaysSo(t *testing.T) {
	c := api.NewClient(filepath.Join(t.TempDir(), "vardar.sock"))
	defer c.Close()
	_, err := c.Status(t.Context())
	if p := problem(t, err, api.NoLine); p.Next != "vardar run" {
		t.Errorf("problem = %+v", p)
	}
	for _, err := range c.Watch(t.Context(), api.WatchQuery{}) {
		wants(t, err, api.NoLine)
	}
}

// TestActWithoutAnAnswerMayBeDone: a node that is killed before it answers may have written.
func TestActWithoutAnAnswerMayBeDone(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	l := must((&net.ListenConfig{}).Listen(t.Context(), "unix", socket))(t)
	defer func() { _ = l.Close() }()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = http.ReadRequest(bufio.NewReader(conn))
			_ = conn.Close()
		}
	}()
	c := api.NewClient(socket)
	defer c.Close()
	_, err := c.Publish(t.Context(), api.Request{Kind: "note", Set: []string{"text=x"}})
	if p := problem(t, err, api.NoLine); !strings.Contains(p.Detail, "nobody knows yet whether") {
		t.Errorf("an act: %v", p)
	}
	_, err = c.Status(t.Context())
	if p := problem(t, err, api.NoLine); !strings.Contains(p.Detail, "no node answers") {
		t.Errorf("a question: %v", p)
	}
}

func TestWatchingOverTheSocket(t *testing.T) {
	n := open(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var said []string
	for e, err := range n.client.Watch(ctx, api.WatchQuery{What: []string{"record"}, By: "mk."}) {
		ok(t, err)
		if said = append(said, e.Said); len(said) == 1 {
			must(n.client.Publish(ctx, api.Request{Kind: "report", Set: []string{"summary=quiet"}}))(t)
			continue
		}
		break
	}
	if len(said) != 2 || said[1] != "report: quiet" {
		t.Errorf("events = %q", said)
	}
	for _, err := range n.client.Watch(t.Context(), api.WatchQuery{By: "nobody"}) {
		wants(t, err, api.Usage)
	}
}

func TestSocketIsItsOwnersAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vardar.sock")
	l := must(api.ListenUnix(t.Context(), path))(t)
	info := must(os.Stat(path))(t)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %s, want 0600", info.Mode())
	}
	if _, err := api.ListenUnix(t.Context(), path); !errors.Is(err, api.ErrInUse) {
		t.Errorf("a second node: %v, want %v", err, api.ErrInUse)
	}
	ok(t, l.Close())
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket stays: %v", err)
	}
}

func TestSocketOfAKilledNodeIsTakenOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vardar.sock")
	dead := must(net.Listen("unix", path))(t)
	dead.(*net.UnixListener).SetUnlinkOnClose(false)
	ok(t, dead.Close())
	l := must(api.ListenUnix(t.Context(), path))(t)
	ok(t, l.Close())
	ok(t, os.WriteFile(path, []byte("precious"), 0o600))
	if _, err := api.ListenUnix(t.Context(), path); err == nil {
		t.Error("a file was taken for a socket")
	}
	if got := must(os.ReadFile(path))(t); string(got) != "precious" {
		t.Errorf("the file now holds %q", got)
	}
}

// TestListLinksToItsNextPage: who follows the links reads each row once.
func TestListLinksToItsNextPage(t *testing.T) {
	n := open(t)
	for i := range 5 {
		must(n.client.Publish(t.Context(), api.Request{Kind: "note", Set: []string{fmt.Sprintf("text=note %d", i)}}))(t)
	}
	n.client.PageRows(2)
	whole := must(n.client.List(t.Context(), api.Query{What: "notes", Limit: -1}))(t)
	if rows := whole.Rows.([]api.NoteRow); len(rows) != 5 || whole.Next != "" {
		t.Errorf("whole list = %+v", whole)
	}
	for _, want := range []int{1, 2, 3, 4, 5} {
		part := must(n.client.List(t.Context(), api.Query{What: "notes", Limit: want}))(t)
		if rows := part.Rows.([]api.NoteRow); len(rows) != want || (part.Next == "") != (want == 5) {
			t.Errorf("of 5 rows %d were asked for: %d, next %q", want, len(rows), part.Next)
		}
	}
	l := must(api.ListenLoopback(t.Context(), "127.0.0.1:0"))(t)
	n.serve(l, n.server.ReadOnly())
	var texts []string
	pages := 0
	for path := "/v1/lists/notes?limit=2"; path != ""; pages++ {
		resp, err := http.Get("http://" + l.Addr().String() + path)
		ok(t, err)
		var page api.Listing
		ok(t, json.NewDecoder(resp.Body).Decode(&page))
		ok(t, resp.Body.Close())
		for _, r := range page.Rows.([]api.NoteRow) {
			texts = append(texts, r.Text)
		}
		path = strings.TrimSuffix(strings.TrimPrefix(resp.Header.Get("Link"), "<"), `>; rel="next"`)
	}
	slices.Sort(texts)
	if pages != 3 || strings.Join(texts, " ") != "note 0 note 1 note 2 note 3 note 4" {
		t.Errorf("in %d pages: %q", pages, texts)
	}
}

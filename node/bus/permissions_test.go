package bus_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/protocol"
)

func TestPermissionsAreThoseOfTheWire(t *testing.T) {
	t.Parallel()
	l := protocol.LinkToken("8b1730cb1a3d4fa920e0")
	for _, tt := range []struct {
		name               string
		guest              bool
		publish, subscribe []string
	}{
		{
			"member", false,
			[]string{"link.8b1730cb1a3d4fa920e0.ask.*", "link.8b1730cb1a3d4fa920e0.reply.>"},
			[]string{"link.8b1730cb1a3d4fa920e0.serve.*", "link.8b1730cb1a3d4fa920e0.inbox.>"},
		},
		{
			"guest", true,
			[]string{
				"link.8b1730cb1a3d4fa920e0.ask.hello", "link.8b1730cb1a3d4fa920e0.ask.charter",
				"link.8b1730cb1a3d4fa920e0.ask.range", "link.8b1730cb1a3d4fa920e0.ask.join",
			},
			[]string{"link.8b1730cb1a3d4fa920e0.inbox.>"},
		},
	} {
		publish, subscribe := bus.Permissions(bus.Peer{Guest: tt.guest, Token: l})
		if d := cmp.Diff(append(publish, subscribe...), append(tt.publish, tt.subscribe...)); d != "" {
			t.Errorf("Permissions(%s): got -, want +\n%s", tt.name, d)
		}
	}
}

// covers is NATS' matching, written a second time: whether everything that subject
// stands for lies under pattern.
func covers(pattern, subject string) bool {
	p, s := strings.Split(pattern, "."), strings.Split(subject, ".")
	for i := range p {
		switch {
		case p[i] == ">":
			return len(s) > i
		case i >= len(s) || p[i] != "*" && p[i] != s[i] || s[i] == ">":
			return false
		}
	}
	return len(p) == len(s)
}

// Every class of subject is tried by each kind of peer at a real server, both ways, and
// what the server says is held against the table.
func TestPeerMayDoWhatTheTableSaysAndNothingElse(t *testing.T) {
	t.Parallel()
	b := open(t, options(t.TempDir()))
	var subjects []string
	operations := []protocol.Operation{
		protocol.OpHello, protocol.OpOwn, protocol.OpHave, protocol.OpRows, protocol.OpBisect, protocol.OpRange, protocol.OpBodies,
		protocol.OpFile, protocol.OpCharter, protocol.OpPolicy, protocol.OpBeacon, protocol.OpPush, protocol.OpTail, protocol.OpJoin, "other", "*", ">", "a.b",
	}
	for _, l := range []protocol.LinkToken{token(gevgelija), token(newcomer), token(valandovo), protocol.TokenOf(centre, gevgelija), "*"} {
		for _, x := range operations {
			subjects = append(subjects, l.Ask(x), l.Serve(x))
		}
		for _, y := range []string{"a1", "a.b", "*", ">"} {
			subjects = append(subjects, l.Inbox(y), l.Reply(y))
		}
		subjects = append(subjects, "link."+string(l)+".>", "link."+string(l), l.In())
	}
	subjects = append(subjects,
		">", "*", "*.>", "*.*.*.*", "link.>", "link", "in.>", "in.x", "vardar.v1.>", "vardar.v1.mk.southeast.gevgelija.situation.green",
		"$JS.API.>", "$JS.API.INFO", "$JS.API.STREAM.LIST", "$JS.API.STREAM.PURGE.LOG", "$JS.API.STREAM.DELETE.IN", "$JS.API.CONSUMER.MSG.NEXT.IN.intake",
		"$JS.ACK.IN.intake.1.1.1.1.1", "$JS.ACK.>", "$JS.FC.x", "$JS.EVENT.>", "$JS.>", "$KV.a.b", "$O.a.b",
		"$SYS.>", "$SYS.REQ.SERVER.PING", "$SYS.REQ.USER.INFO", "$SYS.REQ.ACCOUNT.LINKS.CONNZ", "$SYS.REQ.SERVER.PING.CONNZ", "$SYS.ACCOUNT.*.DISCONNECT",
		"_INBOX.>", "_INBOX.a", "_INBOX.intake.batch", "_R_.>", "_R_.a", "_GR_.a", "$G.>", "$NODE.>", "$MQTT.sub.a", "foo",
	)
	for _, id := range []protocol.InstitutionID{gevgelija, newcomer} {
		w := wireTo(t, b).enter(id)
		publish, subscribe := bus.Permissions(bus.Peer{Institution: id, Guest: id == newcomer, Token: token(id)})
		own, allowed := "link."+string(token(id))+".", map[bool]int{}
		for i, s := range subjects {
			may := false
			for _, p := range publish {
				may = may || covers(p, s)
			}
			allowed[may]++
			// No message has a subject with wildcards; nats-server drops or refuses it.
			if !strings.ContainsAny(s, "*>") && w.refused("PUB "+s+" 1\r\nx\r\n", "Publish") == may {
				t.Errorf("%s publishes on %s: refused %v, the table allows it: %v", id, s, may, may)
			}
			if may && !strings.HasPrefix(s, own) {
				t.Errorf("the table lets %s publish on %s", id, s)
			}
			may = false
			for _, p := range subscribe {
				may = may || covers(p, s)
			}
			allowed[may]++
			if may && !strings.HasPrefix(s, own) {
				t.Errorf("the table lets %s subscribe to %s", id, s)
			}
			for _, queue := range []string{"", "q "} {
				sid := fmt.Sprintf("%d%s", i, strings.TrimSpace(queue))
				if got := w.refused("SUB "+s+" "+queue+sid+"\r\nUNSUB "+sid+"\r\n", "Subscription"); got == may && !harmless(id, s) {
					t.Errorf("%s subscribes to %s: refused %v, the table allows it: %v", id, s, got, may)
				}
			}
		}
		if allowed[true] < 4 || allowed[false] < 100 {
			t.Errorf("%s was allowed %d and refused %d times: the matrix says nothing", id, allowed[true], allowed[false])
		}
	}
}

// harmless: nats-server takes a subscription to serve.> where serve.* is allowed. It
// lies below the link's own prefix, where nobody else publishes.
func harmless(id protocol.InstitutionID, subject string) bool {
	return subject == token(id).Serve(">")
}

// refused tries one thing and reports whether the server complained of it.
func (w *wire) refused(text, of string) bool {
	w.t.Helper()
	got := w.say(text)
	switch {
	case len(got) == 0:
		return false
	case len(got) == 1 && strings.Contains(got[0], "Permissions Violation for "+of):
		return true
	}
	w.t.Fatalf("%q was answered %q", text, got)
	return false
}

func TestSixtyFifthSubscriptionIsRefused(t *testing.T) {
	t.Parallel()
	b := open(t, options(t.TempDir()))
	w := wireTo(t, b).enter(gevgelija)
	for i := range bus.MaxSubscriptions {
		if got := w.say(fmt.Sprintf("SUB %s %d\r\n", token(gevgelija).Inbox(fmt.Sprint(i)), i)); len(got) > 0 {
			t.Fatalf("subscription %d was answered %q", i+1, got)
		}
	}
	got := w.say("SUB " + token(gevgelija).Inbox("more") + " 999\r\n")
	if len(got) == 0 || !strings.Contains(strings.ToLower(got[0]), "maximum subscriptions exceeded") {
		t.Errorf("subscription 65 was answered %q, want a refusal", got)
	}
}

func TestMessageOverOneMiBEndsTheLink(t *testing.T) {
	t.Parallel()
	b := open(t, options(t.TempDir()))
	w := wireTo(t, b).enter(gevgelija)
	most := strings.Repeat("x", bus.MaxPayload)
	if got := w.say(fmt.Sprintf("PUB %s %d\r\n%s\r\n", token(gevgelija).Ask(protocol.OpPush), len(most), most)); len(got) > 0 {
		t.Errorf("1 MiB was answered %q", got)
	}
	got := w.say(fmt.Sprintf("PUB %s %d\r\n%sx\r\n", token(gevgelija).Ask(protocol.OpPush), len(most)+1, most))
	if len(got) == 0 || got[len(got)-1] != "EOF" {
		t.Errorf("1 MiB and a byte was answered %q, want the end", got)
	}
}

// A question whose reply subject lies anywhere but in the asker's own inbox is not
// answered; and even an answer sent by somebody who forgot to look reaches no stream.
func TestForgedReplyReachesNothing(t *testing.T) {
	t.Parallel()
	ctx := patient(t)
	b := open(t, options(t.TempDir()))
	if err := b.PublishLog(ctx, []protocol.Record{record(1, 0)}); err != nil {
		t.Fatal(err)
	}
	incarnation := b.LogIncarnation()
	tools, err := b.Local(bus.UserTools)
	if err != nil {
		t.Fatal(err)
	}
	heard, err := tools.SubscribeSync("vardar.v1.>")
	if err != nil {
		t.Fatal(err)
	}
	_ = tools.Flush()
	victim := wireTo(t, b).enter(valandovo)
	victim.say("SUB " + token(valandovo).Inbox(">") + " 1\r\nSUB " + token(valandovo).Serve("*") + " 2\r\n")
	l := token(gevgelija)
	var careless atomic.Bool
	served := make(chan error, 1)
	inside := serve(t, b, func(inside *nats.Conn, m *nats.Msg) {
		q, err := bus.ParseQuestion(m)
		if careless.Load() {
			_ = m.Respond([]byte("{}"))
		} else if err == nil {
			_ = bus.Answer(inside, q, []byte("{}"), nil)
		}
		served <- err
	})
	w := wireTo(t, b).enter(gevgelija)
	forged := []string{
		"$JS.API.STREAM.PURGE.LOG", "$JS.API.STREAM.DELETE.LOG", "$JS.API.STREAM.DELETE.IN", "$JS.API.CONSUMER.MSG.NEXT.IN.intake", "$JS.EVENT.ADVISORY.x",
		"vardar.v1.mk.southeast.gevgelija.situation.green", token(valandovo).In(), l.In(),
		token(valandovo).Inbox("a"), token(valandovo).Serve(protocol.OpPush), token(valandovo).Ask(protocol.OpPush), token(valandovo).Reply("a"),
		l.Serve(protocol.OpTail), l.Ask(protocol.OpPush), l.Reply("a"), l.Inbox("a.b"), l.Inbox("a-b"), l.Inbox(strings.Repeat("a", 41)), "_INBOX.a", "$SYS.REQ.SERVER.PING",
	}
	for _, forgets := range []bool{false, true} {
		careless.Store(forgets)
		for _, reply := range forged {
			if forgets && strings.Contains(reply, ".ask.") {
				continue // the careless one would answer itself for ever
			}
			if got := w.say("PUB " + l.Ask(protocol.OpHave) + " " + reply + " 2\r\n{}\r\n"); len(got) > 0 {
				t.Fatalf("asking was answered %q", got)
			}
			if err := await(t, "question", served); !errors.Is(err, bus.ErrReply) {
				t.Errorf("ParseQuestion with reply %s = %v, want ErrReply", reply, err)
			}
			if !forgets {
				if err := bus.Answer(inside, bus.Question{Token: l, Reply: reply}, nil, nil); reply != l.Reply("a") && !errors.Is(err, bus.ErrReply) {
					t.Errorf("Answer to %s = %v, want ErrReply", reply, err)
				}
			}
		}
		_ = inside.Flush()
		if !forgets {
			if got := victim.heard(); got > 0 {
				t.Errorf("another link heard %d messages, want none", got)
			}
		}
	}
	_ = tools.Flush()
	if n, _, _ := heard.Pending(); n > 0 {
		t.Errorf("LOG's subjects heard %d messages, want none", n)
	}
	if err := b.PublishLog(ctx, []protocol.Record{record(2, 0)}); err != nil || b.LogIncarnation() != incarnation {
		t.Errorf("PublishLog() = %v: LOG is no longer what it was", err)
	}
	if err := b.PutIn(ctx, l, l.Inbox("a"), []byte("x")); err != nil {
		t.Fatal(err)
	}
	if batch, _, err := b.Arrivals().Next(ctx); err != nil || len(batch) != 1 || batch[0].Token != l {
		t.Errorf("Next() = %v, %v, want the one frame that was put in", batch, err)
	}
}

// heard counts the messages that have come.
func (w *wire) heard() (n int) {
	w.t.Helper()
	if _, err := w.conn.Write([]byte("PING\r\n")); err != nil {
		w.t.Fatal(err)
	}
	for {
		line, err := w.r.ReadString('\n')
		if err != nil {
			w.t.Fatal(err)
		}
		if strings.HasPrefix(line, "MSG ") || strings.HasPrefix(line, "HMSG ") {
			n++
		}
		if strings.HasPrefix(line, "PONG") {
			return n
		}
	}
}

// Headers that begin with Nats- steer JetStream. A peer's reach none.
func TestHeadersOfAPeerSteerNothing(t *testing.T) {
	t.Parallel()
	ctx := patient(t)
	b := open(t, options(t.TempDir()))
	for i := range uint32(3) {
		if err := b.PublishLog(ctx, []protocol.Record{record(i+1, 0)}); err != nil {
			t.Fatal(err)
		}
	}
	l := token(gevgelija)
	serve(t, b, func(_ *nats.Conn, m *nats.Msg) {
		q, err := bus.ParseQuestion(m)
		if err == nil {
			err = b.PutIn(ctx, q.Token, q.Reply, q.Data)
		}
		if err != nil && !errors.Is(err, bus.ErrClosed) { // what the test no longer waits for may come while it ends
			t.Errorf("PutIn() = %v", err)
		}
	})
	victim := wireTo(t, b).enter(valandovo)
	victim.say("SUB " + token(valandovo).Inbox(">") + " 1\r\nSUB " + token(valandovo).Serve("*") + " 2\r\n")
	w := wireTo(t, b).enter(gevgelija)
	in := b.Arrivals()
	headers := []string{
		"Nats-Rollup: all", "Nats-Rollup: sub", "Nats-TTL: 1s", "Nats-Expected-Last-Sequence: 77", "Nats-Expected-Stream: LOG", "Nats-Msg-Id: same", "Nats-Msg-Id: same",
		"Nats-Schedule: @every 1s\r\nNats-Schedule-Target: vardar.v1.a.b.c.situation.green", "Nats-Batch-Id: a\r\nNats-Batch-Sequence: 1", "Nats-Incr: +1",
		"Vardar-Reply: $JS.API.STREAM.PURGE.LOG", "Status: 503", "Nats-Required-Api-Level: 99",
	}
	for i, h := range headers {
		header := "NATS/1.0\r\n" + h + "\r\n\r\n"
		data := fmt.Sprintf("frame %d", i)
		reply := l.Inbox(fmt.Sprintf("a%d", i))
		text := fmt.Sprintf("HPUB %s %s %d %d\r\n%s%s\r\n", l.Ask(protocol.OpPush), reply, len(header), len(header)+len(data), header, data)
		if got := w.say(text); len(got) > 0 {
			t.Fatalf("%q was answered %q", h, got)
		}
		batch, done, err := in.Next(ctx)
		want := []bus.Arrived{{Token: l, Reply: reply, Frame: []byte(data)}}
		if d := cmp.Diff(batch, want); err != nil || d != "" {
			t.Errorf("%q: %v, got -, want +\n%s", h, err, d)
		}
		if err := done(); err != nil {
			t.Error(err)
		}
	}
	// A trace would be published by the server itself.
	for _, dest := range []string{token(valandovo).Inbox("a"), "$JS.API.STREAM.PURGE.LOG", "vardar.v1.a"} {
		header := "NATS/1.0\r\nNats-Trace-Dest: " + dest + "\r\n\r\n"
		got := w.say(fmt.Sprintf("HPUB %s %d %d\r\n%s\r\n", l.Ask(protocol.OpPush), len(header), len(header), header))
		if len(got) != 1 || !strings.Contains(got[0], "Permissions Violation") {
			t.Errorf("a trace to %s was answered %q, want a refusal", dest, got)
		}
	}
	if n := victim.heard(); n > 0 {
		t.Errorf("another link heard %d messages, want none", n)
	}
	if n := logged(t, b); n != 3 {
		t.Errorf("LOG holds %d messages, want 3", n)
	}
}

func TestFrameGoesIntoInWithNothingButItsReply(t *testing.T) {
	t.Parallel()
	ctx := patient(t)
	b := open(t, options(t.TempDir()))
	l := token(gevgelija)
	for _, tt := range []struct {
		name  string
		token protocol.LinkToken
		reply string
		frame []byte
		want  error
	}{
		{"own inbox", l, l.Inbox("a"), []byte("x"), nil},
		{"own reply, on the dialler's side", l, l.Reply("a"), []byte("x"), nil},
		{"no reply", l, "", []byte("x"), bus.ErrReply},
		{"another's inbox", l, token(valandovo).Inbox("a"), []byte("x"), bus.ErrReply},
		{"JetStream", l, "$JS.API.STREAM.PURGE.LOG", []byte("x"), bus.ErrReply},
		{"line feed in the reply", l, l.Inbox("a\r\nNats-Rollup: all"), []byte("x"), bus.ErrReply},
		{"no token", "", "link..inbox.a", []byte("x"), bus.ErrReply},
		{"token that is more", "a.b", "link.a.b.inbox.a", []byte("x"), bus.ErrReply},
		{"wildcard", ">", "link.>.inbox.a", []byte("x"), bus.ErrReply},
		{"upper case", protocol.LinkToken(strings.ToUpper(string(l))), "link." + strings.ToUpper(string(l)) + ".inbox.a", []byte("x"), bus.ErrReply},
		{"empty", l, l.Inbox("a"), nil, bus.ErrFrameSize},
		{"too long", l, l.Inbox("a"), bytes.Repeat([]byte("x"), bus.MaxPayload), bus.ErrFrameSize},
	} {
		if err := b.PutIn(ctx, tt.token, tt.reply, tt.frame); !errors.Is(err, tt.want) {
			t.Errorf("%s: PutIn() = %v, want %v", tt.name, err, tt.want)
		}
	}
}

package api_test

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

// TestStreamCutInTheMiddleLosesNothing: who reads is cut off again and again while a
// hundred records of two topics are written, and goes on with the ID that it read last.
func TestStreamCutInTheMiddleLosesNothing(t *testing.T) {
	n := open(t)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	const count = 100
	wrote := make(chan error, 1)
	write := func() {
		for i := range count {
			r := api.Request{Kind: "report", Set: []string{"summary=quiet"}}
			if i%3 == 0 {
				r = api.Request{Kind: "request", Set: []string{"lines.0.type=bed_place", "lines.0.quantity=4", "answer_by=2015-11-05T12:00:00Z", "deliver_to.place=MK-405"}}
			}
			if _, err := n.client.Publish(ctx, r); err != nil {
				wrote <- err
				return
			}
		}
		wrote <- nil
	}
	seen, after := map[string]bool{}, ""
	for connection := 0; len(seen) < count; connection++ {
		inThis := 0
		for e, err := range n.client.Watch(ctx, api.WatchQuery{What: []string{"ready", "record", "reset"}, After: after}) {
			ok(t, err)
			if e.What == "ready" {
				if connection == 0 {
					go write()
				}
				continue
			}
			if e.What != "record" || e.ID == "" {
				t.Fatalf("event = %+v", e)
			}
			if seen[e.Record.String()] {
				t.Errorf("%s was told twice", e.Record)
			}
			seen[e.Record.String()] = true
			after = e.ID
			if inThis++; inThis == 7 || len(seen) == count {
				break
			}
		}
	}
	ok(t, <-wrote)
}

// TestStreamSaysWhenItCannotGoOn: an ID of another archive, or of this one before an older
// copy was put in its place, is told apart from one that is none.
func TestStreamSaysWhenItCannotGoOn(t *testing.T) {
	n := open(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var said []string
	for e, err := range n.client.Watch(ctx, api.WatchQuery{After: "3-" + "sha-256:" + strings.Repeat("ab", 32)}) {
		ok(t, err)
		if said = append(said, e.What); len(said) == 2 {
			break
		}
	}
	if strings.Join(said, " ") != "ready reset" {
		t.Errorf("events = %q", said)
	}
	for _, id := range []string{"x", "3", "0-" + "sha-256:" + strings.Repeat("ab", 32), "3-ab"} {
		for _, err := range n.client.Watch(ctx, api.WatchQuery{After: id}) {
			if p := problem(t, err, api.Usage); p.Field != "after" {
				t.Errorf("%s: %+v", id, p)
			}
			break
		}
	}
}

// TestStreamIsWhatBrowsersRead: lines of id, event and data, an empty one behind each.
func TestStreamIsWhatBrowsersRead(t *testing.T) {
	n := open(t)
	l := must(api.ListenLoopback(t.Context(), "127.0.0.1:0"))(t)
	n.serve(l, n.server.ReadOnly())
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r := must(http.NewRequestWithContext(ctx, http.MethodGet, "http://"+l.Addr().(*net.TCPAddr).String()+"/v1/stream?what=ready,record", http.NoBody))(t)
	resp, err := http.DefaultClient.Do(r)
	ok(t, err)
	defer func() { _ = resp.Body.Close() }()
	if got := resp.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("media type = %s", got)
	}
	lines := bufio.NewScanner(resp.Body)
	next := func() string {
		if !lines.Scan() {
			t.Fatalf("the stream ended: %v", lines.Err())
		}
		return lines.Text()
	}
	begins := func(prefixes ...string) {
		t.Helper()
		for _, p := range prefixes {
			if got := next(); !strings.HasPrefix(got, p) || p == "" && got != "" {
				t.Errorf("line %q, want %q…", got, p)
			}
		}
	}
	begins("event: ready", `data: {"time":`, "")
	must(n.client.Publish(ctx, api.Request{Kind: "report", Set: []string{"summary=quiet"}}))(t)
	begins("id: ", "event: record", `data: {"id":"`, "")
}

// TestStreamIsChosenAsListsAre, by kind, topic, place, severity and quality; what there is not is refused.
func TestStreamIsChosenAsListsAre(t *testing.T) {
	n := open(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	said := map[string]string{}
	for e, err := range n.client.Watch(ctx, api.WatchQuery{What: []string{"ready", "record"}, Choice: api.Choice{Topics: []protocol.Topic{protocol.Situation}, Kinds: []string{"request"}, Places: []string{"MK-405"}, Severity: "Severe", Quality: "poor"}}) {
		ok(t, err)
		if e.What == "record" {
			said[e.What] = e.Said
			break
		}
		for _, set := range [][]string{
			{"summary=of another place", "place=MK-401", "severity=Severe", "figures.arrivals=1", "period=2015-11-04"},
			{"summary=not grave", "place=MK-405", "severity=Minor", "figures.arrivals=2", "period=2015-11-04"},
			{"summary=not scored", "place=MK-405", "severity=Severe"},
			{"summary=asked for", "place=MK-405", "severity=Extreme", "figures.arrivals=960", "period=2015-11-04"},
		} {
			must(n.client.Publish(ctx, api.Request{Kind: "report", Set: set}))(t)
		}
	}
	if !strings.HasSuffix(said["record"], "asked for") {
		t.Errorf("told first of %q", said)
	}
	for query, field := range map[string]string{"topic=situaton": "topic", "kind=reprot": "kinds", "quality=best": "quality", "kind=note&quality=good": "quality", "severity=Grave": "severity", "place=XX-9": "place"} {
		if a := n.ask("GET", "/v1/stream?"+query, ""); a.status != 400 || !strings.Contains(a.body, `"`+field+`"`) {
			t.Errorf("%s: %d %s", query, a.status, a.body)
		}
	}
}

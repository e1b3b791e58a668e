package api

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"
	"time"

	"github.com/vardar-network/vardar/node/desk"
)

// contentEvents is the media type of server-sent events (HTML §9.2).
const contentEvents = "text/event-stream"

// lastEventID is what a browser sends when it connects again: the ID it read last.
const lastEventID = "Last-Event-ID"

// beat is how often a stream on which nothing happens says that it is alive: below the
// minute after which proxies commonly cut a quiet connection.
const beat = 25 * time.Second

// stream writes events as they come: server-sent events, each with what happened as its
// name and the event as its data, in JSON. The ID of a record's event, given back as
// Last-Event-ID, goes on behind it.
func (s *Server) stream(w http.ResponseWriter, r *http.Request) {
	v := r.URL.Query()
	q := desk.WatchQuery{By: v.Get("by"), After: r.Header.Get(lastEventID), Within: v.Get("within")}
	err := choose(v, &q.Choice)
	if err == nil {
		q.Exercise, err = flag(v, "exercise")
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	if what := v.Get("what"); what != "" {
		q.What = strings.Split(what, ",")
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	events, failed := make(chan desk.Event), make(chan error, 1)
	go func() {
		defer close(events)
		for e, err := range s.desk.Watch(ctx, q) {
			if err != nil {
				failed <- err
				return
			}
			select {
			case events <- e:
			case <-ctx.Done():
				return
			}
		}
	}()
	first, open := <-events
	if !open {
		select {
		case err := <-failed:
			s.refuse(w, r, err)
		default: // whoever asked is gone
		}
		return
	}
	flow(w, first, events)
}

// flow writes events until there are no more, or nobody reads.
func flow(w http.ResponseWriter, first desk.Event, events <-chan desk.Event) {
	c := http.NewResponseController(w)
	w.Header().Set("Content-Type", contentEvents)
	alive := time.NewTicker(beat)
	defer alive.Stop()
	for text := eventText(&first); ; {
		// Events may be hours apart, and a reader may be slow: what ends a stream is that
		// nothing was read of it for so long.
		_ = c.SetWriteDeadline(time.Now().Add(writeTime)) //nolint:forbidigo // a connection knows no clock but the machine's
		if _, err := w.Write(text); err != nil {
			return
		}
		if err := c.Flush(); err != nil {
			return
		}
		select {
		case e, open := <-events:
			if !open {
				return
			}
			text = eventText(&e)
		case <-alive.C:
			text = []byte(":\n\n")
		}
	}
}

// eventText writes an event as HTML §9.2 has it. JSON holds no line break.
func eventText(e *desk.Event) []byte {
	var id string
	if e.ID != "" {
		id = "id: " + e.ID + "\n"
	}
	data, _ := json.Marshal(e) // of strings and numbers
	return fmt.Appendf(nil, "%sevent: %s\ndata: %s\n\n", id, e.What, data)
}

// Watch gives what happens from now on, or from what was read last, until ctx ends, the
// caller stops, or the node does, which is an error of kind [NoLine].
func (c *Client) Watch(ctx context.Context, q WatchQuery) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		v := chosen(&Query{By: q.By, Severity: q.Severity, Quality: q.Quality, Exercise: q.Exercise, Within: q.Within})
		for name, said := range map[string][]string{"kind": q.Kinds, "place": q.Places, "topic": words(q.Topics)} {
			if len(said) > 0 {
				v.Set(name, strings.Join(said, ","))
			}
		}
		if len(q.What) > 0 {
			v.Set("what", strings.Join(q.What, ","))
		}
		resp, err := c.do(ctx, question{path: "/v1/stream", query: v, after: q.After})
		if err != nil {
			yield(Event{}, err)
			return
		}
		defer func() { _ = resp.Body.Close() }()
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, MaxRequestBytes)
		for lines.Scan() {
			data, is := strings.CutPrefix(lines.Text(), "data: ")
			if !is {
				continue // the name and the ID stand in the data as well
			}
			var e Event
			if err := json.Unmarshal([]byte(data), &e); err != nil {
				yield(e, damaged(err))
				return
			}
			if !yield(e, nil) {
				return
			}
		}
		if ctx.Err() == nil {
			yield(Event{}, noNode(c.socket, cmp.Or(lines.Err(), io.EOF)))
		}
	}
}

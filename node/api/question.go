package api

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// maxWait bounds how long a request may wait for peers.
const maxWait = 10 * time.Minute

// known refuses parameters that nobody reads: a mistyped filter would show everything.
func known(q url.Values, names ...string) error {
	for name, values := range q {
		if !slices.Contains(names, name) {
			mend := "leave it out"
			if len(names) > 0 {
				mend = "want one of " + strings.Join(names, ", ")
			}
			return usage(name, "there is no such parameter", mend)
		}
		if len(values) > 1 {
			return usage(name, "it is given twice", "keep one")
		}
	}
	return nil
}

// instant reads a time parameter.
func instant(q url.Values, name string) (protocol.Instant, error) {
	text := q.Get(name)
	if text == "" {
		return 0, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	i := protocol.InstantOf(t)
	if err != nil || i <= 0 || !i.Valid() {
		return 0, usage(name, strconv.Quote(text)+" is no moment", "want one such as 2016-03-17T09:00:00Z")
	}
	return i, nil
}

// cursor is the parameter that goes on behind a page.
const cursor = "cursor"

// span is what a whole number in a question can be; a most of 0 is no bound.
type span struct{ least, most int }

// span gives that of a parameter; of one that is no number none.
func (of *route) span(name string) (s span, is bool) {
	switch name {
	case "limit":
		return span{1, cmp.Or(of.rows, desk.MaxLimit)}, true
	case "from", "to": // versions
		return span{least: 1}, true
	case "offset", "wait", "wait_ms":
		return span{}, true
	}
	return span{}, false
}

// counted refuses numbers of a question that are none, or not within their spans.
func (of *route) counted(q url.Values) error {
	for _, name := range of.takes {
		s, is := of.span(name)
		if !is || !q.Has(name) {
			continue
		}
		bounds, mend := strconv.Itoa(s.least)+" or more", "want one such as 20"
		if s.most > 0 {
			bounds = "within " + strconv.Itoa(s.least) + " to " + strconv.Itoa(s.most)
		}
		if of.paged {
			mend = "ask for pages, and go on with cursor"
		}
		n, err := strconv.Atoi(q.Get(name))
		if err != nil {
			return usage(name, strconv.Quote(q.Get(name))+" is no number", mend)
		}
		if n < s.least || s.most > 0 && n > s.most {
			return usage(name, strconv.Itoa(n)+" is not "+bounds, mend)
		}
	}
	return nil
}

// number reads a whole number, at which [route.counted] has looked; 0 if none is given.
func number(q url.Values, name string) int {
	n, _ := strconv.Atoi(q.Get(name))
	return n
}

func flag(q url.Values, name string) (bool, error) {
	switch q.Get(name) {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, usage(name, "it is neither true nor false", "leave it out, or say true")
}

// linkNext links to the page behind the one that is asked for.
func linkNext(w http.ResponseWriter, r *http.Request, behind string) {
	next := url.URL{Path: r.URL.Path}
	v := r.URL.Query()
	v.Set(cursor, behind)
	next.RawQuery = v.Encode()
	w.Header().Set("Link", "<"+next.String()+`>; rel="next"`)
}

// readQuery reads the question for a list.
func readQuery(r *http.Request) (desk.Query, error) {
	v := r.URL.Query()
	q := desk.Query{
		What: cmp.Or(r.PathValue("what"), desk.ListAudit), Place: v.Get("place"), By: v.Get("by"), Severity: body.Severity(v.Get("severity")), Quality: v.Get("quality"), Match: v.Get("match"), Record: v.Get("record"),
		Sector: body.Sector(v.Get("sector")), Phase: body.PhaseName(v.Get("phase")),
		Cursor: v.Get(cursor), Within: v.Get("within"), Limit: number(v, "limit"),
	}
	var err error
	if q.Since, err = instant(v, "since"); err != nil {
		return q, err
	}
	if q.Until, err = instant(v, "until"); err != nil {
		return q, err
	}
	if q.At, err = instant(v, "at"); err != nil {
		return q, err
	}
	q.Exercise, err = flag(v, "exercise")
	return q, err
}

// atInstant makes of a question about an instant (zero: now) one that reads it.
func atInstant[T any](ask func(context.Context, *http.Request, protocol.Instant) (T, error)) func(context.Context, *http.Request) (T, error) {
	return func(ctx context.Context, r *http.Request) (T, error) {
		at, err := instant(r.URL.Query(), "at")
		if err != nil {
			var none T
			return none, err
		}
		return ask(ctx, r, at)
	}
}

func (s *Server) show(ctx context.Context, r *http.Request, at protocol.Instant) (desk.Shown, error) {
	shown, err := s.desk.ShowAt(ctx, r.URL.Query().Get("ref"), at)
	if err == nil {
		err = withinCeiling(ctx, &shown)
	}
	return shown, err
}

func (s *Server) picture(ctx context.Context, r *http.Request) (desk.Picture, error) {
	v := r.URL.Query()
	q := desk.PictureQuery{Within: v.Get("within"), Limit: number(v, "limit"), Offset: number(v, "offset")}
	var err error
	if q.At, err = instant(v, "at"); err == nil {
		q.Exercise, err = flag(v, "exercise")
	}
	if err != nil {
		return desk.Picture{}, err
	}
	return s.desk.Picture(ctx, q)
}

// askHolders tells who has a record; with wait, as soon as so many have it, or the time is
// over.
func (s *Server) askHolders(ctx context.Context, r *http.Request) (desk.Peers, error) {
	v := r.URL.Query()
	n, err := nameOf(r)
	if err != nil {
		return desk.Peers{}, err
	}
	wait := number(v, "wait")
	if wait == 0 {
		return s.desk.Holders(ctx, n)
	}
	ctx, cancel := context.WithTimeout(ctx, patience(number(v, "wait_ms")))
	defer cancel()
	return s.desk.Wait(ctx, n, wait)
}

// patience is how long wait_ms lets a request wait; 0 says nothing.
func patience(ms int) time.Duration {
	if ms == 0 {
		return desk.DefaultWait
	}
	return time.Duration(min(int64(ms), maxWait.Milliseconds())) * time.Millisecond
}

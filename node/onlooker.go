package node

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Onlooker opens pages of a node as an account does that has logged in, without a browser
// and a line: for benchmarks, which want to know how long the node takes for a page.
type Onlooker struct {
	pages   http.Handler
	cookies []*http.Cookie
}

// ErrPage says that a page was not shown.
var ErrPage = errors.New("the page was not shown")

// Onlooker makes an account of a role, chooses a password for it that nobody knows, and
// logs in. An account that somebody has entered before is refused with [ErrPage].
func (n *Node) Onlooker(ctx context.Context, name, role string) (*Onlooker, error) {
	pages, err := n.newPages("vardar_"+name, nil)
	if err != nil {
		return nil, err
	}
	word, err := n.Welcome(ctx, name, role)
	if err != nil {
		return nil, err
	}
	o := &Onlooker{pages: pages}
	entry := url.Values{"name": {name}, "word": {word}, "password": {rand.Text()}}
	answer, err := o.ask(ctx, http.MethodPost, "/word", strings.NewReader(entry.Encode()))
	if err != nil {
		return nil, err
	}
	o.cookies = (&http.Response{Header: answer.header}).Cookies()
	return o, nil
}

// Look opens a page and says how long it is. It returns [ErrPage] for one that is not
// there, that the account may not see, or that leads elsewhere.
func (o *Onlooker) Look(ctx context.Context, path string) (bytes int, err error) {
	answer, err := o.ask(ctx, http.MethodGet, path, http.NoBody)
	return answer.bytes, err
}

func (o *Onlooker) ask(ctx context.Context, method, path string, form io.Reader) (*measured, error) {
	answer := &measured{header: http.Header{}, status: http.StatusOK}
	r, err := http.NewRequestWithContext(ctx, method, path, form)
	if err != nil {
		return answer, err
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, c := range o.cookies {
		r.AddCookie(c)
	}
	o.pages.ServeHTTP(answer, r)
	if answer.status != http.StatusOK {
		return answer, fmt.Errorf("%w: %s answered %d", ErrPage, path, answer.status)
	}
	return answer, nil
}

// measured is an answer of which nothing is kept but what it says of itself.
type measured struct {
	header        http.Header
	status, bytes int
}

func (m *measured) Header() http.Header    { return m.header }
func (m *measured) WriteHeader(status int) { m.status = status }

func (m *measured) Write(p []byte) (int, error) {
	m.bytes += len(p)
	return len(p), nil
}

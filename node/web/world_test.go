package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

const (
	centre protocol.InstitutionID = "mk.national.demo-crisis-centre"

	password = "a long night at the gate"
)

func hour() time.Time { return time.Date(2015, 11, 9, 9, 0, 0, 0, time.UTC) }

// site is a running node with its pages.
type site struct {
	t    *testing.T
	node *node.Node
	word string // of the first account

	options node.Options
	stop    func()
}

// open founds a network of one ministry and runs its node; change changes what it is run with.
func open(t *testing.T, change ...func(*node.Options)) *site {
	t.Helper()
	return openAs(t, body.Ministry, []string{"mk."}, change...)
}

// openAs is open of a founder of a level, who admits under some prefixes.
func openAs(t *testing.T, level body.Level, admits []string, change ...func(*node.Options)) *site {
	t.Helper()
	t.Setenv("TZ", "UTC")
	o := node.Options{Dir: t.TempDir(), Pages: "127.0.0.1:0", Clock: hour, Rand: rand.NewChaCha8([32]byte{1}), Free: roomy, Version: "test", CheckStore: func(_ context.Context, path string) error { return node.CheckStoreFile(path) }}
	founder := must(node.MakeKeys(o, centre))(t)
	grant := map[string]protocol.InstitutionID{}
	for _, prefix := range admits {
		grant[prefix] = centre
	}
	charter := must(node.FirstCharter(node.CharterChange{
		Network: "Test network", Grant: grant, Stewards: []node.Founder{founder}, Expires: hour().AddDate(1, 0, 0),
	}))(t)
	must(node.SignCharter(t.Context(), o, centre, &charter))(t)
	ok(t, node.Found(t.Context(), o, charter.SignedCharter, node.Opening{Institution: centre, Level: level, Names: body.Names{"en": "Demo crisis centre"}}))
	s := &site{t: t}
	var err error
	_, s.word, err = node.FirstAccount(t.Context(), o, centre)
	ok(t, err)
	for _, f := range change {
		f(&o)
	}
	s.options = o
	s.run()
	t.Cleanup(func() { s.stop() })
	return s
}

// run runs the node of a site in its folder.
func (s *site) run() {
	s.t.Helper()
	s.node = must(node.Open(s.t.Context(), s.options))(s.t)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	n := s.node
	go func() { done <- n.Run(ctx) }()
	s.stop = func() {
		cancel()
		ok(s.t, <-done)
		ok(s.t, n.Close())
	}
	select {
	case <-n.Ready():
	case err := <-done:
		done <- err
		s.t.Fatal(err)
	}
}

// again stops the node and runs it again; its pages may be at another address then.
func (s *site) again() {
	s.t.Helper()
	s.stop()
	s.run()
}

// reports has the node say its arrivals for some days; less than 0: not reported.
func (s *site) reports(days map[int]int) {
	s.t.Helper()
	for day := 1; day <= 9; day++ {
		n, said := days[day]
		if !said {
			continue
		}
		set := []string{"place=MK-405", fmt.Sprintf("period=2015-11-%02d", day)}
		if n < 0 {
			set = append(set, "na.0.field=figures.arrivals", "na.0.reason=nobody counted", "summary=Nobody counted.")
		} else {
			set = append(set, fmt.Sprintf("figures.arrivals=%d", n))
		}
		must(s.node.Desk().Publish(s.t.Context(), desk.Request{Kind: "report", Set: set}))(s.t)
	}
}

// browser is somebody's.
type browser struct {
	t      *testing.T
	base   string
	client *http.Client

	language string         // Accept-Language; empty: none
	key      *regexp.Regexp // of a message
}

// page is what came.
type page struct {
	status int
	header http.Header
	body   string
	path   string // where it ended
}

func (s *site) browser() *browser {
	jar := must(cookiejar.New(nil))(s.t)
	c := &http.Client{Jar: jar, Transport: &http.Transport{}}
	s.t.Cleanup(c.CloseIdleConnections)
	return &browser{t: s.t, base: "http://" + s.node.PagesAddr(), client: c, key: messageKey(s.t)}
}

// account makes an account of a role and logs it in.
func (s *site) account(r staff.Role) *browser { return s.named("test."+string(r), r) }

func (s *site) named(name string, r staff.Role, of ...protocol.InstitutionID) *browser {
	s.t.Helper()
	done := must(s.node.Desk().ChangeStaff(s.t.Context(), desk.StaffRequest{Do: desk.StaffAdd, Name: name, Role: r, Institutions: of}))(s.t)
	b := s.browser()
	p := b.post("/word", url.Values{"name": {name}, "word": {done.Word}, "password": {password}})
	if p.status != http.StatusOK || !strings.Contains(p.body, "The password is chosen") {
		s.t.Fatalf("the word of %s: %d %s", r, p.status, p.body)
	}
	return b
}

// noValue is what a message says that is given a number for a text, or a text for a number.
const noValue = "&lt;no value&gt;"

func (b *browser) get(path string) page {
	b.t.Helper()
	return b.do(must(http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.base+path, http.NoBody))(b.t))
}

func (b *browser) post(path string, form url.Values) page {
	b.t.Helper()
	r := must(http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+path, strings.NewReader(form.Encode())))(b.t)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

func (b *browser) do(r *http.Request) page {
	b.t.Helper()
	if b.language != "" {
		r.Header.Set("Accept-Language", b.language)
	}
	resp, err := b.client.Do(r)
	ok(b.t, err)
	defer func() { ok(b.t, resp.Body.Close()) }()
	text := must(io.ReadAll(resp.Body))(b.t)
	if strings.Contains(string(text), noValue) {
		b.t.Errorf("%s says %s", r.URL, noValue)
	}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
		for _, m := range rawMember.FindAllStringSubmatch(faultsOf(string(text)), -1) {
			b.t.Errorf("%s calls a field %q", r.URL, m[1])
		}
		for _, key := range b.unsaid(string(text)) {
			b.t.Errorf("%s says %q and not its words", r.URL, key)
		}
		for _, said := range untimed(string(text)) {
			b.t.Errorf("%s shows a moment without its zone: %s", r.URL, said)
		}
	}
	return page{resp.StatusCode, resp.Header, string(text), resp.Request.URL.Path}
}

// messageKey matches what begins as the keys of the catalogue do and goes on as one: a message that no
// catalogue has is said by its key.
func messageKey(t *testing.T) *regexp.Regexp {
	t.Helper()
	var catalogue map[string]any
	ok(t, json.Unmarshal(must(os.ReadFile("../lang/catalogues/en.json"))(t), &catalogue))
	families := map[string]bool{}
	for k := range catalogue {
		family, _, _ := strings.Cut(k, ".")
		families[family] = true
	}
	return regexp.MustCompile(`(?:^|[\s("“])((?:` + strings.Join(slices.Sorted(maps.Keys(families)), "|") + `)(?:\.[a-z][A-Za-z0-9_-]*)+)`)
}

// rawMember is a field in the list of what is wrong that is called by the path of its member.
var rawMember = regexp.MustCompile(`<li>(?:<a href="#[^"]*">)?([a-z0-9]+(?:[._][a-z0-9]+)+)(?:</a>)?: `)

// faultsOf gives the list of what is wrong on a page.
func faultsOf(page string) string {
	_, faults, _ := strings.Cut(page, `id="wrong" role="alert"`)
	faults, _, _ = strings.Cut(faults, "</ul>")
	return faults
}

// unsaid gives the keys that a page or a piece of one shows, or reads out, where words should stand. What
// somebody typed and what a machine reads is not looked at.
func (b *browser) unsaid(page string) (keys []string) {
	z, skip := html.NewTokenizer(strings.NewReader(page)), ""
	look := func(text string) {
		for _, m := range b.key.FindAllStringSubmatch(strings.TrimSpace(text), -1) {
			if !slices.Contains([]string{"node.example.org", "duty.night", "duty.desk", "duty.both", "plan.pdf", "lines.amount"}, m[1]) { // a host, accounts, a file and a column of one, as tests name them
				keys = append(keys, m[1])
			}
		}
	}
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		switch it := z.Token(); {
		case kind == html.TextToken && skip == "":
			look(it.Data)
		case kind == html.StartTagToken && skip == "" && slices.Contains([]string{"script", "style", "textarea", "code", "pre"}, it.Data):
			skip = it.Data
		case kind == html.EndTagToken && it.Data == skip:
			skip = ""
		}
	}
	return keys
}

// cookie is the token of the browser's session.
func (b *browser) cookie() string {
	for _, c := range b.client.Jar.Cookies(must(url.Parse(b.base))(b.t)) {
		return c.Value
	}
	return ""
}

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

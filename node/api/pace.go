package api

import (
	"math"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// How often somebody may ask. A burst is what a page with all that belongs to it, or a program
// that catches up, asks at once; the rate is what goes on.
const (
	addressRate, addressBurst = 50, 500 // an office behind one address
	askerRate, askerBurst     = 20, 200 // one token, or one log-in
	entryRate, entryBurst     = 0.5, 20 // tries of passwords and words from one address: a shift that begins
)

// maxPaced bounds what is remembered of who asked. Where more ask within the time that a burst
// takes to grow back, those who have not asked for longest begin anew.
const maxPaced = 20_000

// forwarded is where a proxy says whom it asks for; the last of several is whom it saw itself.
const forwarded = "X-Forwarded-For"

// PaceOptions say what a pace is for; Clock is required.
type PaceOptions struct {
	Clock func() time.Time
	// Proxies are the operator's own: what they say of whom they ask for is believed. Of
	// nobody else a header is believed.
	Proxies []netip.Prefix
	Cookie  string   // how the name of the one that tells log-ins apart ends
	Entries []string // the paths at which a password or a word is tried
}

// Pace bounds how often somebody asks at an address that others can reach: by where the
// question comes from, by token or log-in, and, of the ways in, by tries.
type Pace struct {
	o PaceOptions

	mu    sync.Mutex // guards paced
	paced map[string]*paced
}

type paced struct {
	bucket *rate.Limiter
	asked  time.Time
}

// NewPace makes one.
func NewPace(o PaceOptions) *Pace { return &Pace{o: o, paced: map[string]*paced{}} }

// Before lets through what is asked in time; tooMany answers the rest, which is told how long
// to wait.
func (p *Pace) Before(next http.Handler, tooMany func(http.ResponseWriter, *http.Request)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if wait := p.wait(r); wait > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
			tooMany(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// wait is how long a question comes too early; 0: it does not.
func (p *Pace) wait(r *http.Request) time.Duration {
	now, from := p.o.Clock(), p.From(r)
	p.mu.Lock()
	defer p.mu.Unlock()
	wait := p.take("address "+from, now, addressRate, addressBurst)
	if who := p.asker(r); who != "" {
		wait = max(wait, p.take(who, now, askerRate, askerBurst))
	}
	if r.Method == http.MethodPost && slices.Contains(p.o.Entries, r.URL.Path) {
		wait = max(wait, p.take("entry "+from, now, entryRate, entryBurst))
	}
	return wait
}

// take takes one from a bucket. The caller holds mu.
func (p *Pace) take(key string, now time.Time, each rate.Limit, burst int) time.Duration {
	b := p.paced[key]
	if b == nil {
		p.forget(now)
		b = &paced{bucket: rate.NewLimiter(each, burst)}
		p.paced[key] = b
	}
	b.asked = now
	if b.bucket.AllowN(now, 1) {
		return 0
	}
	missing := 1 - b.bucket.TokensAt(now)
	return time.Duration(missing / float64(each) * float64(time.Second))
}

// forget makes room for one more. The caller holds mu.
func (p *Pace) forget(now time.Time) {
	if len(p.paced) < maxPaced {
		return
	}
	// A bucket that nobody took from for so long is full again: a new one is the same.
	full := now.Add(-time.Duration(entryBurst / entryRate * float64(time.Second)))
	var oldest string
	for key, b := range p.paced {
		if b.asked.Before(full) {
			delete(p.paced, key)
		} else if oldest == "" || b.asked.Before(p.paced[oldest].asked) {
			oldest = key
		}
	}
	if len(p.paced) >= maxPaced {
		delete(p.paced, oldest)
	}
}

// asker tells apart who comes from one address: by token, or by log-in. Neither is looked up,
// and neither is remembered.
func (p *Pace) asker(r *http.Request) string {
	secret := r.Header.Get("Authorization")
	if secret == "" && p.o.Cookie != "" {
		for _, c := range r.Cookies() {
			if strings.HasSuffix(c.Name, p.o.Cookie) {
				secret = c.Value
			}
		}
	}
	if secret == "" {
		return ""
	}
	return "asker " + protocol.DigestOf([]byte(secret)).Prefix().String()
}

// From is where a question comes from: the address of its connection, or, where that is one of
// the operator's proxies, the last one in front of the proxies. Of an IPv6 network, whose
// hosts have as many addresses as they like, it is the /64.
func (p *Pace) From(r *http.Request) string {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	from := at.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values(forwarded), ","), ",")
	for i := len(hops) - 1; i >= 0 && p.isProxy(from); i-- {
		before, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		from = before.Unmap()
	}
	if from.Is6() {
		if net, err := from.Prefix(64); err == nil {
			return net.String()
		}
	}
	return from.String()
}

func (p *Pace) isProxy(a netip.Addr) bool {
	return slices.ContainsFunc(p.o.Proxies, func(of netip.Prefix) bool { return of.Contains(a) })
}

// ParseProxy reads an operator's proxy: 127.0.0.1, ::1, 10.0.0.0/8.
func ParseProxy(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return a.Unmap().Prefix(a.Unmap().BitLen())
	}
	of, err := netip.ParsePrefix(s)
	return of.Masked(), err
}

// TooMany answers a program that asks too often.
func TooMany(w http.ResponseWriter, _ *http.Request) {
	writeProblem(w, &desk.Problem{
		Kind: desk.Refused, Detail: "this token, or this address, asks too often", Mend: "wait as long as Retry-After says, in seconds; ask for lists in larger pages, or follow /v1/stream",
	}, http.StatusTooManyRequests)
}

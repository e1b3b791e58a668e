package web

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/klauspost/compress/gzhttp"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/lang"
	"github.com/vardar-network/vardar/node/oidc"
	"github.com/vardar-network/vardar/protocol"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed static/*
var static embed.FS

// Limits of a visit.
const (
	// MaxFormBytes bounds a form: a report's is 2 KiB, its longest text 4 KiB.
	MaxFormBytes = 64 << 10
	// staticLife is how long a browser keeps the stylesheet, whose address changes with it.
	staticLife = "public, max-age=31536000, immutable"
)

// Options are what the pages need; all but Logger are required.
type Options struct {
	Desk     *desk.Desk
	Sessions scs.Store                  // handed digests of tokens
	Cookie   string                     // its name: of its own for each node of one machine, since cookies know no ports
	Secure   bool                       // the pages are served over TLS: the cookie goes nowhere else
	OIDC     *oidc.Provider             // where accounts log in besides; nil: by password alone
	From     func(*http.Request) string // where a question comes from, for who looks where they are logged in; nil: nobody is told
	Language string                     // BCP 47, for a browser that asks for none that we have; empty: English
	Clock    func() time.Time
	Logger   *slog.Logger // default: discard
}

// Pages answer browsers. Make them with [New].
type Pages struct {
	o        Options
	words    *lang.Catalogue
	look     *template.Template
	sessions *scs.SessionManager
	css      string         // its address
	land     []byte         // the outlines of the map
	landAt   string         // their address
	scripts  []string       // the same
	posts    *regexp.Regexp // the beginning of a form that is sent
	open     chan struct{}  // a place for each live page
	handler  http.Handler
}

// New makes the pages of a desk.
func New(o Options) (*Pages, error) {
	if o.Desk == nil || o.Sessions == nil || o.Cookie == "" || o.Clock == nil {
		return nil, errors.New("web: a required option is empty")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	p := &Pages{o: o, open: make(chan struct{}, maxLive), posts: regexp.MustCompile(`<form [^>]*method="post"[^>]*>`)}
	var err error
	if p.words, err = lang.New(); err != nil {
		return nil, err
	}
	if p.look, err = template.ParseFS(templates, "templates/*.html"); err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	if p.css, err = address("vardar.css"); err != nil {
		return nil, err
	}
	p.land = drawLand(o.Desk.Land())
	p.landAt = landAddress(p.land)
	for _, name := range []string{"htmx.min.js", "hx-sse.min.js", "pace.js", "ring.js", "copy.js"} {
		script, err := address(name)
		if err != nil {
			return nil, err
		}
		p.scripts = append(p.scripts, script)
	}
	p.sessions = scs.New()
	p.sessions.Store, p.sessions.HashTokenInStore = o.Sessions, true
	p.sessions.Lifetime, p.sessions.IdleTimeout = desk.SessionLife, desk.SessionIdle
	p.sessions.Cookie.Name, p.sessions.Cookie.HttpOnly, p.sessions.Cookie.SameSite = o.Cookie, true, http.SameSiteLaxMode
	if o.Secure {
		p.sessions.Cookie.Name, p.sessions.Cookie.Secure = "__Host-"+o.Cookie, true
	}
	p.sessions.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) { p.failed(w, r, err) }
	mux := http.NewServeMux()
	for route, answer := range p.routes() {
		mux.HandleFunc(route, p.guard(route, answer))
	}
	mux.HandleFunc("/", p.session(p.nowhere))
	p.handler = p.around(mux)
	return p, nil
}

// address gives that of a static file, which changes with it.
func address(name string) (string, error) {
	file, err := static.ReadFile("static/" + name)
	if err != nil {
		return "", err
	}
	return "/static/" + name + "?" + protocol.DigestOf(file).Prefix().String(), nil
}

// ServeHTTP answers one request.
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.handler.ServeHTTP(w, r) }

// routes are all there are. Each has a row in the desk's table.
func (p *Pages) routes() map[string]http.HandlerFunc {
	all := p.writing()
	for _, of := range []map[string]http.HandlerFunc{p.sheets(), p.helping(), p.carrying(), p.agreeing(), p.pairing(), p.funding(), p.deciding(), p.taking(), p.learning(), p.exercising(), p.addingUp(), p.waking(), p.following()} {
		maps.Copy(all, of)
	}
	maps.Copy(all, map[string]http.HandlerFunc{
		"GET /static/{file}":                     p.static,
		"GET /enter":                             p.enterForm,
		"POST /enter":                            p.enter,
		"GET /enter/oidc":                        p.enterElsewhere,
		"GET /enter/oidc/back":                   p.back,
		"GET /word":                              p.wordForm,
		"POST /word":                             p.word,
		"POST /leave":                            p.leave,
		"POST /language":                         p.language,
		"POST /as":                               p.actAs,
		"GET /{$}":                               p.now,
		"GET /report/blank":                      p.blank,
		"GET /search":                            p.search,
		"GET /situation":                         p.situation,
		"GET /situation/routes":                  p.crossings,
		"GET /situation/reporting":               p.reporting,
		"GET /situation/alerts":                  p.alerts,
		"GET /situation/contradictions":          p.contradictions,
		"GET /situation/phases":                  p.phases,
		"GET /place/{code}":                      p.place,
		"GET /incident/{institution}/{position}": p.incident,
		"GET /help":                              p.help,
		"GET /help/{institution}/{position}":     p.exchange,
		"POST /help/{institution}/{position}":    p.takeStep,
		"GET /delivery/{institution}/{position}": p.delivery,
		"GET /handover":                          p.handover,
		"POST /handover":                         p.takeOver,
		"POST /looked":                           p.looked,
		"GET /record/{institution}/{position}":   p.record,
		"GET /network":                           p.network,
		"GET /network/member/{id}":               p.member,
		"GET /network/dropped":                   p.dropped,
		"GET /approvals":                         p.approvals,
		"GET /approvals/{number}":                p.approval,
		"POST /approvals/{number}/approve":       p.letGo,
		"POST /approvals/{number}/return":        p.giveBack,
		"POST /approvals/{number}/withdraw":      p.takeBack,
		"GET /staff":                             p.staff,
		"POST /staff":                            p.changeStaff,
		"POST /staff/token":                      p.addToken,
		"POST /staff/token/remove":               p.removeToken,
		"POST /situation/remind":                 p.remind,
		"GET /evidence/{institution}/{position}": p.evidence,
		"GET /evidence/pack":                     p.pack,
		"GET /node":                              p.node,
		"GET /live":                              p.live,
		"GET /audit":                             p.audit,
		"POST /situation/alerts/dismiss":         p.dismiss,
	})
	return all
}

// Entries are the paths at which a password, a word or a code is tried.
func Entries() []string { return []string{"/enter", "/enter/code", "/word", factorPath} }

// around is what every answer has: no script but our own files, nothing from elsewhere, no
// form of another origin, bounds. A stream is not compressed: each word of it is to leave at
// once.
func (p *Pages) around(next http.Handler) http.Handler {
	plain := http.NewCrossOriginProtection().Handler(next)
	small := gzhttp.GzipHandler(plain)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		most := int64(MaxFormBytes)
		switch {
		case strings.HasPrefix(r.URL.Path, "/report/sheet"), r.URL.Path == practicePath, r.URL.Path == planFilePath:
			most = maxSheetBytes
		case r.URL.Path == carryPath:
			most = maxBundleBytes
		}
		r.Body = http.MaxBytesReader(w, r.Body, most)
		if r.URL.Path == "/live" || strings.HasPrefix(r.URL.Path, carryPath+"/") {
			plain.ServeHTTP(w, r)
			return
		}
		small.ServeHTTP(w, r)
	})
}

func (p *Pages) static(w http.ResponseWriter, r *http.Request) {
	files, err := fs.Sub(static, "static")
	if err != nil {
		p.failed(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", staticLife)
	if r.PathValue("file") == landFile {
		http.ServeContent(w, r, landFile, time.Time{}, bytes.NewReader(p.land))
		return
	}
	http.ServeFileFS(w, r, files, r.PathValue("file"))
}

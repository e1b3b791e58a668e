package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// MaxRequestBytes bounds what is read of a request: a body of 256 KiB written as text in
// JSON, with room, so that the desk can say of a longer one by how much it is too long.
const MaxRequestBytes = 1 << 20

// commandLine is who acts over the socket: whoever may open it, which is who runs the node.
const commandLine = "command line"

// ownKey is the key under which a request's context says that it came over the socket.
type ownKey struct{}

// Server answers for a desk. It is an [http.Handler], for a unix socket that its owner
// alone can open: whoever reaches it may do everything. For any other way in, use
// [Server.ReadOnly] or [Server.ByToken].
type Server struct {
	desk *desk.Desk
	log  *slog.Logger
	mux  *http.ServeMux
}

// NewServer makes the handler of a desk; a nil logger discards.
func NewServer(d *desk.Desk, logger *slog.Logger) *Server {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	s := &Server{desk: d, log: logger, mux: http.NewServeMux()}
	for pattern, r := range s.routes() {
		s.mux.Handle(pattern, s.allowed(pattern, s.asked(r)))
	}
	s.mux.HandleFunc("/", s.unknown)
	return s
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx := context.WithValue(desk.By(r.Context(), commandLine), ownKey{}, true)
	guarded(s.mux).ServeHTTP(w, r.WithContext(ctx))
}

// ReadOnly gives the same handler for loopback, where every user of the machine can come
// in: nothing is written there, and what is about people is not read there.
func (s *Server) ReadOnly() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			writeProblem(w, &desk.Problem{
				Kind: desk.NotPermitted, Detail: "nothing is written here: every user of this machine can reach this address",
				Mend: "use the socket of the node, DIR/vardar.sock", Next: "vardar --socket DIR/vardar.sock status",
			}, http.StatusForbidden)
			return
		}
		if slices.Contains([]string{"/v1/staff", loginsPath, "/v1/tokens", "/v1/duty", "/v1/webhooks", handoverPath}, r.URL.Path) ||
			slices.Contains([]string{"/v1/lists/" + desk.ListAudit, exportPath + desk.ListAudit}, r.URL.Path) {
			writeProblem(w, &desk.Problem{
				Kind: desk.NotPermitted, Detail: "who works here, and who did what, is not told here: every user of this machine can reach this address",
				Mend: "use the socket of the node, DIR/vardar.sock", Next: "vardar list audit",
			}, http.StatusForbidden)
			return
		}
		guarded(s.mux).ServeHTTP(w, r)
	})
}

func peerOf(r *http.Request) protocol.InstitutionID {
	return protocol.InstitutionID(r.PathValue("peer"))
}

// unknown answers what is none of the above.
func (s *Server) unknown(w http.ResponseWriter, r *http.Request) {
	s.refuse(w, r, &desk.Problem{Kind: desk.NotFound, Detail: r.Method + " " + r.URL.Path + " is not answered here", Mend: "see the README for what is"})
}

// guarded keeps web pages of other origins away, which a browser on this machine may have
// open: by Host, so that a name that was made to point here is refused, and by what
// browsers say of where a request comes from. CORS is never granted.
func guarded(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		forbidden(w, "this came from a web page of another origin")
	}))
	checked := cross.Handler(next)
	return headed(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isLoopback(r.Host) {
			forbidden(w, "this node answers to localhost and to loopback addresses alone")
			return
		}
		// CrossOriginProtection lets reading pass, which CORS keeps from pages anyway;
		// reading has no place in another's page either.
		if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
			forbidden(w, "this came from a web page of another origin")
			return
		}
		checked.ServeHTTP(w, r)
	}))
}

// headed has every answer say that it is no page, and that nobody keeps it.
func headed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

func forbidden(w http.ResponseWriter, why string) {
	writeProblem(w, &desk.Problem{Kind: desk.NotPermitted, Detail: why, Mend: "use the vardar command"}, http.StatusForbidden)
}

func isLoopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.Trim(hostport, "[]")
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// answer writes JSON, and of what is read nothing to who has the same already: on a bad line a list
// that is as it was costs a few bytes (RFC 9110 §13.1.2). What an act did is no such thing.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	if r.Method != http.MethodPost {
		tag := `"` + protocol.DigestOf(body).Prefix().String() + `"`
		w.Header().Set("ETag", tag)
		if has(r.Header.Values("If-None-Match"), tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(body, '\n'))
}

// has reports whether who asks has what a tag stands for: it names that tag in a list, weak or not,
// as a proxy that packs answers makes it, or takes any (RFC 9110 §13.1.2).
func has(asked []string, tag string) bool {
	return slices.ContainsFunc(strings.Split(strings.Join(asked, ","), ","), func(named string) bool {
		named = strings.Trim(named, " \t")
		return named == "*" || strings.TrimPrefix(named, "W/") == tag
	})
}

// readJSON reads the one object of a request, strictly: a member that is unknown, or
// stands twice, is one that somebody did not mean. It gives the bytes as well.
func readJSON(w http.ResponseWriter, r *http.Request, v any) ([]byte, error) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return nil, usage("content-type", "the question is not application/json", "send it as that")
	}
	body, err := readAll(http.MaxBytesReader(w, r.Body, MaxRequestBytes))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return nil, &desk.Problem{Kind: desk.Refused, Detail: "the question is longer than 1 MiB", Mend: "a record's body is at most 262,144 bytes", Rule: protocol.RuleName(protocol.ErrBodyTooLong), Err: err}
	}
	if err != nil { // theirs: no error of this node's, for its log
		return nil, &desk.Problem{Kind: desk.Usage, Detail: fmt.Sprintf("the question was cut off after %d bytes: %v", len(body), err), Mend: "send it whole, within half a minute", Err: err}
	}
	return body, strictJSON(body, v)
}

func usage(field, detail, mend string) error {
	return &desk.Problem{Kind: desk.Usage, Field: field, Detail: detail, Mend: mend}
}

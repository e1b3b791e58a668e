package api

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// route is what is answered at one path. Its words and types are what schemas/openapi.json
// is made of.
type route struct {
	says    string // in a line
	takes   []string
	answer  http.HandlerFunc
	asks    reflect.Type // what is posted; nil: nothing, or
	sends   string       // what is of this media type
	answers reflect.Type // in JSON; nil: something else, and then
	media   string       // its media type
	once    bool         // remembered under an Idempotency-Key
	paged   bool         // what is behind a page is linked to
	rows    int          // the most that limit can be; 0: [desk.MaxLimit]
}

// parameterWords says what each parameter is.
func parameterWords() map[string]string {
	return map[string]string{
		"place": "a code of a place, with those in it: MK-405, iso3166-2:MK-405", "by": "an institution, or all under a prefix: mk.",
		"since": "a moment (RFC 3339): what was said then or later", "until": "a moment: what was said before", "at": "a moment: as this node knew it then",
		"severity": "Extreme, Severe, Moderate, Minor or Unknown, and what is graver", "match": "words that must stand in it", "record": "rows of this record alone, by its name", "sector": "practices of this sector: shelter, health", "phase": "practices for this phase: response", "quality": desk.QualityAsked(),
		"limit": fmt.Sprintf("so many rows; left out: of a list %d, of an export all", desk.DefaultLimit), "cursor": "next of the page before: the list as it was then goes on behind it",
		"from": "the number of a version of a strategy or a plan, from 1: what became otherwise since", "to": "the version that it is compared with; left out: the last one",
		"kind": "kinds of records, with commas: report, request, alert", "topic": "topics of records, with commas: situation, resource; with kind, what is of one of either",
		"q":        "words, each of which must begin one of what is found, in any alphabet",
		"format":   "how it is said: " + strings.Join(desk.AllFormats(), ", ") + "; json if left out",
		"incident": "an alert, or the record of a phase", "lang": "the language of a page: en, mk, sq, sr-Latn, el",
		"thread": "true: all of the exchange that it stands in, instead of the one record",
		"offset": "so many figures passed over", "exercise": "true: of what is played without a name, instead of what is real", "within": "the record that began an exercise: of this one, instead of what is real",
		"ref": "a record, an institution or a place", "digest": "of rivals at one position, the one with this digest", "wait": "answer once so many peers have it",
		"name": "of an account; left out, of all", "wait_ms": "or after so many milliseconds", "what": "kinds of events, with commas: ready, reset, record, line, member, draft", "as": "an institution of this node; the first if left out",
	}
}

// routes are all there are. Each has a row in the desk's table.
func (s *Server) routes() map[string]route {
	d := s.desk
	all := s.waking()
	maps.Copy(all, s.deciding())
	maps.Copy(all, s.stock())
	maps.Copy(all, s.linking())
	maps.Copy(all, s.exporting())
	maps.Copy(all, s.looking())
	maps.Copy(all, s.consulting())
	maps.Copy(all, s.staffing())
	maps.Copy(all, s.planning())
	maps.Copy(all, s.joining())
	maps.Copy(all, s.learning())
	maps.Copy(all, s.addingUp())
	maps.Copy(all, s.happening())
	maps.Copy(all, s.cosigning())
	maps.Copy(all, s.watching())
	maps.Copy(all, s.following())
	maps.Copy(all, s.joined())
	maps.Copy(all, map[string]route{
		"GET /v1/records/{institution}/{position}": {
			says: "A record as it stands: any CloudEvents consumer reads it, any RFC 9421 library verifies it", takes: []string{"digest"}, answer: s.record, media: contentAny,
		},
		"GET /v1/records/{institution}/{position}/holders": get(s, "Who has a record; with wait, once so many have it", []string{"wait", "wait_ms"}, s.askHolders),
		"GET /v1/records/{institution}/{position}/evidence": get(s, "What proves a record without a node: its chain, keys and admissions", nil, func(ctx context.Context, r *http.Request) (desk.Evidence, error) {
			return d.Evidence(ctx, recordName(r))
		}),
		"GET /v1/lists/{what}": s.listing("A list, such as reports, routes, requests, alerts, members, dropped, page by page"),
		"GET /v1/lists/audit":  s.listing("What people and programs did here, page by page"),
		"GET /v1/show":         get(s, "A record, an institution or a place, in words, with its proof", []string{"ref", "at"}, atInstant(s.show)),
		"GET /v1/picture":      get(s, "All figures, phases, routes, requests and alerts of one world that count, and their digest", []string{"at", "exercise", "within", "limit", "offset"}, s.picture).upTo(desk.MaxPage),
		"GET /v1/stream":       {says: "What happens in one world, as it happens; Last-Event-ID goes on behind a record", takes: []string{"what", "by", "kind", "topic", "place", "severity", "quality", "exercise", "within"}, answer: s.stream, media: contentEvents},
		"GET /v1/status":       get(s, "How the node is: one verdict with its mend, and what it rests on", nil, func(ctx context.Context, _ *http.Request) (desk.Status, error) { return d.Status(ctx) }),
		"GET /v1/doctor":       get(s, "Everything that can be wrong, looked at", nil, func(ctx context.Context, _ *http.Request) (desk.Diagnosis, error) { return d.Doctor(ctx) }),
		"POST /v1/publish":     once(s, "Write a record", d.Publish),
		"POST /v1/answer":      once(s, "Answer a record: a step of an exchange or of a flow of funds, a note, an acknowledgement, a stance", d.Answer),
		"POST /v1/correct":     once(s, "Replace, retract or say again a record: both stay visible", d.Correct),
		"POST /v1/remind":      once(s, "Remind an institution of what is overdue of it, by a note that wants to be read", d.Remind),
		"POST /v1/erase":       once(s, "Take the body of a record back on every node", d.Erase),
		"POST /v1/import":      post(s, "Write a report for each row of a spreadsheet; with a fault in a cell, none", d.Import),
		"GET /v1/keys": get(s, "The keys of an institution of this node", []string{"as"}, func(ctx context.Context, r *http.Request) (desk.KeyList, error) {
			return d.Keys(ctx, protocol.InstitutionID(r.URL.Query().Get("as")))
		}),
		"POST /v1/keys/rotate": post(s, "Turn a key", d.RotateKey),
		"POST /v1/backups":     post(s, "Make a backup", d.Backup),
		"GET /livez":           {says: "Whether the process answers", answer: live, media: contentText},
		"GET /readyz":          {says: "Whether the node does its work; if not, what is the matter", answer: s.ready, media: contentText},
		"GET /metrics":         {says: "Metrics for Prometheus", answer: metrics(d).ServeHTTP, media: contentText},
	})
	return all
}

// joined are the routes of who is a member, and by which charter.
func (s *Server) joined() map[string]route {
	d := s.desk
	return map[string]route{
		"GET /v1/members": get(s, "All members", []string{"at"}, atInstant(func(ctx context.Context, _ *http.Request, at protocol.Instant) ([]desk.Member, error) {
			return d.Members(ctx, at)
		})),
		"GET /v1/members/{id}": get(s, "One member", []string{"at"}, atInstant(func(ctx context.Context, r *http.Request, at protocol.Instant) (desk.Member, error) {
			return d.Member(ctx, protocol.InstitutionID(r.PathValue("id")), at)
		})),
		"GET /v1/charter": get(s, "The charter in force, and every version that is held", []string{"at"}, atInstant(func(ctx context.Context, _ *http.Request, at protocol.Instant) (desk.Charter, error) {
			return d.Charter(ctx, at)
		})),
		"POST /v1/charter/draft":   post(s, "Draft the next version of the charter", d.DraftCharter),
		"POST /v1/charter/publish": once(s, "Publish a version that is signed", d.PublishCharter),
		"POST /v1/charter/accept":  post(s, "Take a version as given, where nobody is left who could end a rivalry", d.AcceptCharter),
		"POST /v1/members/invite":  post(s, "Invite an institution", d.Invite),
		"POST /v1/members/admit":   once(s, "Admit an institution by key and proof, or with another level", d.Admit),
		"POST /v1/members/close":   once(s, "Close a member", d.Close),
	}
}

// waking are the routes of what wakes people and tells programs.
func (s *Server) waking() map[string]route {
	d := s.desk
	return map[string]route{
		"GET /v1/duty": get(s, "Who is woken by what, and what was woken", nil, func(ctx context.Context, _ *http.Request) (desk.DutyView, error) {
			return d.Duty(ctx, ceilingOf(ctx)), nil
		}),
		"POST /v1/duty/seen":       post(s, "Say that somebody has seen a waking", d.SeenWaking),
		"POST /v1/duty/test":       post(s, "Send a message that says that it is a test", d.TestWay),
		"GET /v1/webhooks":         get(s, "The webhooks that programs are told by", nil, func(ctx context.Context, _ *http.Request) ([]desk.Subscription, error) { return d.Webhooks(ctx) }),
		"POST /v1/webhooks":        post(s, "Tell a program of records by a webhook, in order; its secret is shown once", d.AddWebhook),
		"POST /v1/webhooks/remove": post(s, "Take a webhook away", d.RemoveWebhook),
		"POST /v1/webhooks/pause":  post(s, "Send nothing to a webhook until it is resumed; nothing is lost", d.PauseWebhook),
		"POST /v1/webhooks/test":   post(s, "Send a webhook what says that it is a test, and say what its receiver answered", d.TestWebhook),
		"POST /v1/webhooks/resume": post(s, "Let a webhook go on that was paused, behind what it took last", d.ResumeWebhook),
	}
}

// get makes the route of a question without a body.
func get[T any](s *Server, says string, takes []string, ask func(context.Context, *http.Request) (T, error)) route {
	return paged(s, says, takes, ask, func(*T) string { return "" })
}

// paged makes the route of a question that is answered page by page: next gives the cursor of
// the page behind one, to which the answer links (RFC 8288); empty: there is none.
func paged[T any](s *Server, says string, takes []string, ask func(context.Context, *http.Request) (T, error), next func(*T) string) route {
	return route{says: says, takes: takes, paged: slices.Contains(takes, cursor), answers: reflect.TypeFor[T](), answer: func(w http.ResponseWriter, r *http.Request) {
		answer, err := ask(r.Context(), r)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		if behind := next(&answer); behind != "" {
			linkNext(w, r, behind)
		}
		s.answer(w, r, answer)
	}}
}

// upTo bounds limit otherwise than a list does.
func (of route) upTo(rows int) route {
	of.rows = rows
	return of
}

// post makes the route of an act.
func post[Q, T any](s *Server, says string, act func(context.Context, Q) (T, error)) route {
	return posted(s, says, func(r *http.Request, q Q, _ protocol.Digest) (T, error) { return act(r.Context(), q) })
}

// once makes the route of an act that writes a record: with a key, it is done once.
func once[Q, T any](s *Server, says string, act func(context.Context, Q) (T, error)) route {
	made := posted(s, says, func(r *http.Request, q Q, asked protocol.Digest) (T, error) {
		key, given := idempotencyKey(r)
		if !given {
			return act(r.Context(), q)
		}
		ctx, cancel := whileServing(r)
		defer cancel()
		return desk.Once(ctx, s.desk, key, asked, func(ctx context.Context) (T, error) { return act(ctx, q) }) //nolint:contextcheck // it outlives who asked, not the node
	})
	made.once = true
	return made
}

// ofPeer makes the route of an act on the link with a peer.
func ofPeer[Q, T any](s *Server, says string, act func(context.Context, protocol.InstitutionID, Q) (T, error)) route {
	return posted(s, says, func(r *http.Request, q Q, _ protocol.Digest) (T, error) { return act(r.Context(), peerOf(r), q) })
}

// posted makes the route of an act, which is told a digest of all that was asked.
func posted[Q, T any](s *Server, says string, act func(*http.Request, Q, protocol.Digest) (T, error)) route {
	return route{says: says, asks: reflect.TypeFor[Q](), answers: reflect.TypeFor[T](), answer: func(w http.ResponseWriter, r *http.Request) {
		var q Q
		text, err := readJSON(w, r, &q)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		answer, err := act(r, q, protocol.DigestOf([]byte(r.Method+" "+r.URL.Path+"\n"), text))
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		s.answer(w, r, answer)
	}}
}

// filters are what the rows of a list are chosen by.
func filters() []string {
	return []string{"place", "by", "since", "until", "at", "severity", "quality", "match", "record", "sector", "phase", "limit", "exercise", "within"}
}

// listing makes the route of a list.
func (s *Server) listing(says string) route {
	return paged(s, says, append(filters(), cursor), func(ctx context.Context, r *http.Request) (desk.Listing, error) {
		q, err := readQuery(r)
		if err != nil {
			return desk.Listing{}, err
		}
		return s.desk.List(ctx, q)
	}, func(l *desk.Listing) string { return l.Next })
}

// asked refuses parameters that nobody reads, since a mistyped filter would show everything, and
// numbers that are none or are out of bounds.
func (s *Server) asked(of route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := known(r.URL.Query(), of.takes...)
		if err == nil {
			err = of.counted(r.URL.Query())
		}
		if _, given := idempotencyKey(r); err == nil && given && !of.once && r.Method == http.MethodPost {
			err = usage("idempotency-key", "this act is not remembered: nothing keeps it from being done twice", "ask without it; those that write records take one")
		}
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		of.answer(w, r)
	})
}

package api

import (
	"maps"
	"net/http"
	"reflect"
	"slices"

	"github.com/vardar-network/vardar/node/desk"
)

// Patience and MaxWait let tests ask without waiting.
var Patience = patience

// MaxWait bounds how long a request may wait for peers.
const MaxWait = maxWait

// StrictJSON reads a question.
var StrictJSON = strictJSON

// Routes gives the patterns of all that is answered.
func (s *Server) Routes() []string { return slices.Sorted(maps.Keys(s.routes())) }

// Described is what is said of a route.
type Described struct {
	Says, Media   string
	Sends         string
	Takes         []string
	Asks, Answers reflect.Type
	Spans         map[string][2]int // of parameters that are whole numbers: least and most, 0 for no bound
	Once, Paged   bool
	Unready       bool   // 503 is answered in words
	Record        bool   // the answer's head is a record's
	Trailer       string // what follows an answer
}

// Kept reports whether an answer has a tag by which who asks again can say that it has it.
func (d *Described) Kept(method string) bool { return method == http.MethodGet && d.Answers != nil }

// Described gives what is said of each route.
func (s *Server) Described() map[string]Described {
	out := map[string]Described{}
	for pattern, r := range s.routes() {
		d := Described{Says: r.says, Media: r.media, Sends: r.sends, Takes: r.takes, Asks: r.asks, Answers: r.answers, Spans: map[string][2]int{}, Once: r.once, Paged: r.paged, Unready: pattern == "GET /readyz", Record: r.media == contentAny}
		for _, name := range r.takes {
			if n, is := r.span(name); is {
				d.Spans[name] = [2]int{n.least, n.most}
			}
		}
		if r.media == contentBundle {
			d.Trailer = trailerRecords + ", " + trailerBodies
		}
		out[pattern] = d
	}
	return out
}

// Refusals gives each status of a no, and what it says.
func Refusals() map[int]string {
	out := map[int]string{
		http.StatusUnauthorized:          "The token is missing or unknown",
		http.StatusTooManyRequests:       "This token, or this address, asks too often: at the address of the pages, not over the socket",
		http.StatusRequestEntityTooLarge: "What is asked is too long",
	}
	for _, k := range desk.Kinds() {
		out[statusOf(&desk.Problem{Kind: k})] = titleOf(k)
	}
	out[statusOf(&desk.Problem{Kind: desk.Refused, Field: "any"})] = "A member says something that this node will not take; nothing was changed"
	out[http.StatusInternalServerError] = titleOf(desk.Failed) // and what is like it
	return out
}

// ParameterWords says what each parameter is.
var ParameterWords = parameterWords

// ProblemType is the type of what is said when something can't be done.
var ProblemType = reflect.TypeFor[problemJSON]()

// PageRows has a client ask for so many rows at once.
func (c *Client) PageRows(n int) { c.rows = n }

package api

import (
	"maps"
	"reflect"
	"slices"
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
	Once          bool
}

// Described gives what is said of each route.
func (s *Server) Described() map[string]Described {
	out := map[string]Described{}
	for pattern, r := range s.routes() {
		out[pattern] = Described{r.says, r.media, r.sends, r.takes, r.asks, r.answers, r.once}
	}
	return out
}

// ParameterWords says what each parameter is.
var ParameterWords = parameterWords

// ProblemType is the type of what is said when something can't be done.
var ProblemType = reflect.TypeFor[problemJSON]()

// PageRows has a client ask for so many rows at once.
func (c *Client) PageRows(n int) { c.rows = n }

package api

import (
	"maps"
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

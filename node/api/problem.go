package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// problemType begins the type of every problem: an identifier that leads nowhere, as
// RFC 9457 §3.1.1 allows.
const problemType = "tag:vardar.network,2026:problem:"

// contentProblem is RFC 9457's media type.
const contentProblem = "application/problem+json"

// problemJSON is RFC 9457 §3, with field, mend and next as extension members, and as errors all
// that is wrong where it is more than one thing.
type problemJSON struct {
	Type   string    `json:"type"`
	Title  string    `json:"title"`
	Status int       `json:"status"`
	Detail string    `json:"detail"`
	Kind   desk.Kind `json:"kind"`
	Field  string    `json:"field,omitempty"`
	Mend   string    `json:"mend,omitempty"`
	Next   string    `json:"next,omitempty"`
	Rule   string    `json:"rule,omitempty"`

	Errors []desk.Fault `json:"errors,omitempty"`
}

// statusOf is the one switch from kinds to HTTP. A body that does not fit is told apart
// from what this node will not do by its field.
func statusOf(p *desk.Problem) int {
	switch p.Kind {
	case desk.Usage:
		return http.StatusBadRequest
	case desk.NotFound:
		return http.StatusNotFound
	case desk.Refused:
		if p.Rule == protocol.RuleName(protocol.ErrBodyTooLong) {
			return http.StatusRequestEntityTooLarge
		}
		if p.Field != "" {
			return http.StatusUnprocessableEntity
		}
		return http.StatusConflict
	case desk.NotPermitted:
		return http.StatusForbidden
	case desk.NoLine:
		return http.StatusServiceUnavailable
	case desk.Failed, desk.Damaged, desk.CheckFound:
	}
	return http.StatusInternalServerError
}

// titleOf says the kind in a sentence; the detail is of the one case.
func titleOf(k desk.Kind) string {
	switch k {
	case desk.Usage:
		return "The question can't be understood"
	case desk.NotFound:
		return "Nothing of that name is held here"
	case desk.Refused:
		return "This node will not do that; nothing was changed"
	case desk.NotPermitted:
		return "That is not for you to do here"
	case desk.NoLine:
		return "There is no line"
	case desk.Damaged:
		return "What lies on disk is not what was written"
	case desk.CheckFound:
		return "A check found something"
	case desk.Failed:
	}
	return "The node failed"
}

// refuse writes a problem: all of it over the socket, and elsewhere what [desk.Desk.Outside] tells.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		return // nobody listens any more
	}
	told, ref := s.desk.Outside(err)
	if told.Kind == desk.Failed || ref != "" {
		s.log.ErrorContext(r.Context(), "request failed", "method", r.Method, "path", r.URL.Path, "ref", ref, "err", err)
	}
	if r.Context().Value(ownKey{}) != nil {
		told = inside(err)
	}
	writeProblem(w, told, statusOf(told))
}

// inside gives why an act was not done as it is told to who runs the node: whole.
func inside(err error) *desk.Problem {
	var p *desk.Problem
	if errors.As(err, &p) {
		return p
	}
	return &desk.Problem{Kind: desk.Failed, Detail: err.Error(), Next: "vardar status", Err: err}
}

func writeProblem(w http.ResponseWriter, p *desk.Problem, status int) {
	w.Header().Set("Content-Type", contentProblem)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(problemJSON{
		problemType + p.Kind.String(), titleOf(p.Kind), status, p.Detail, p.Kind, p.Field, p.Mend, p.Next, p.Rule, p.Errors,
	})
}

// readProblem reads a problem that a server wrote; one that is not ours is told as it came.
func readProblem(status int, body []byte) *desk.Problem {
	var p problemJSON
	if err := json.Unmarshal(body, &p); err != nil || p.Kind == 0 {
		k := desk.Failed
		if status == http.StatusNotFound {
			k = desk.NotFound
		}
		return &desk.Problem{Kind: k, Detail: cmp.Or(http.StatusText(status), "the node gave an answer that is none of ours"), Next: "vardar status"}
	}
	return &desk.Problem{Kind: p.Kind, Detail: p.Detail, Field: p.Field, Mend: p.Mend, Next: p.Next, Rule: p.Rule, Errors: p.Errors}
}

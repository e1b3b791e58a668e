package api_test

import (
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// contentProblem is the media type of every no.
const contentProblem = "application/problem+json"

// openapi describes every route by its words and types.
func openapi(s *api.Server) *huma.OpenAPI {
	types := huma.NewMapRegistry("#/components/schemas/", named)
	for of, form := range forms() {
		types.RegisterTypeAlias(of, form)
	}
	doc := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title: "Vardar", Version: "1",
			Description: "What a node answers programs, over its socket or, with a token, at the address of its pages. Every no is a problem (RFC 9457) with kind, field and mend.",
			License:     &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
		},
		Paths: map[string]*huma.PathItem{},
		Components: &huma.Components{Schemas: types, Responses: map[string]*huma.Response{}, SecuritySchemes: map[string]*huma.SecurityScheme{
			"token": {Type: "http", Scheme: "bearer", Description: "vardar staff token add"},
		}},
		Security: []map[string][]string{{"token": {}}},
	}
	for status, says := range api.Refusals() {
		doc.Components.Responses[strconv.Itoa(status)] = refusal(status, says, types.Schema(api.ProblemType, true, "problem"))
	}
	rows := map[string]staff.Row{}
	for _, c := range staff.Calls() {
		rows[c.Route] = c
	}
	for pattern, r := range s.Described() {
		_, path, _ := strings.Cut(pattern, " ")
		item := doc.Paths[path]
		if item == nil {
			item = &huma.PathItem{}
			doc.Paths[path] = item
		}
		if op := operation(types, rows[pattern], &r); op.Method == http.MethodPost {
			item.Post = op
		} else {
			item.Get = op
		}
	}
	return doc
}

// refusal describes a no of a status.
func refusal(status int, says string, problem *huma.Schema) *huma.Response {
	out := &huma.Response{Description: says, Content: map[string]*huma.MediaType{contentProblem: {Schema: problem}}}
	switch status {
	case http.StatusTooManyRequests:
		out.Headers = heads("Retry-After", "so many seconds to wait", &huma.Schema{Type: "integer", Minimum: new(1.0)})
	case http.StatusForbidden:
		out.Headers = map[string]*huma.Param{"Allow": {Description: "on loopback, where nothing is written: what may be asked there", Schema: &huma.Schema{Type: "string"}}}
	case http.StatusUnauthorized:
		out.Headers = heads("WWW-Authenticate", "Bearer: a token is wanted (RFC 6750)", &huma.Schema{Type: "string"})
	}
	return out
}

// heads describes a field that stands in the head of every answer of its status.
func heads(name, says string, form *huma.Schema) map[string]*huma.Param {
	return map[string]*huma.Param{name: {Description: says, Required: true, Schema: form}}
}

// operation describes the route of a row.
func operation(types huma.Registry, row staff.Row, r *api.Described) *huma.Operation {
	method, path, _ := strings.Cut(row.Route, " ")
	roles := make([]string, len(row.Roles))
	for i, role := range row.Roles {
		roles[i] = string(role)
	}
	op := &huma.Operation{
		Method: method, OperationID: strings.ToLower(method) + strings.NewReplacer("/", "-", "{", "", "}", "").Replace(path), Summary: r.Says,
		Description: "Scope " + string(row.Scope) + "; roles " + strings.Join(roles, ", ") + ".",
		Parameters:  parameters(path, r), Responses: map[string]*huma.Response{},
	}
	if r.Asks != nil {
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: types.Schema(r.Asks, true, op.OperationID)}}}
	}
	if r.Sends != "" {
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{r.Sends: {Schema: &huma.Schema{Type: "string"}}}}
	}
	for status := range api.Refusals() {
		if code := strconv.Itoa(status); status != http.StatusRequestEntityTooLarge || op.RequestBody != nil {
			op.Responses[code] = &huma.Response{Ref: "#/components/responses/" + code}
		}
	}
	media, _, _ := strings.Cut(r.Media, ";")
	done := &huma.Response{Description: "Done", Headers: map[string]*huma.Param{}, Content: map[string]*huma.MediaType{media: {Schema: &huma.Schema{Type: "string"}}}}
	op.Responses["200"] = done
	if r.Answers != nil {
		done.Content = map[string]*huma.MediaType{"application/json": {Schema: types.Schema(r.Answers, true, op.OperationID)}}
	}
	if r.Unready {
		op.Responses["503"] = &huma.Response{Description: "What is the matter", Content: done.Content}
	}
	if r.Record {
		for _, field := range (&protocol.Record{}).Fields() {
			done.Headers[field[0]] = &huma.Param{Description: "a signed field of the record, or its signature: schemas/header.schema.json", Required: true, Schema: &huma.Schema{Type: "string"}}
		}
		delete(done.Headers, "content-type") // an answer's own: the body's media type
		done.Headers["Vardar-Body"] = &huma.Param{Description: "why the body is not there", Schema: &huma.Schema{Type: "string"}}
	}
	if r.Trailer != "" {
		done.Headers = heads("Trailer", "the fields that follow what is sent, without which it is not whole: "+r.Trailer, &huma.Schema{Type: "string"})
	}
	if r.Paged {
		done.Headers["Link"] = &huma.Param{Description: `<…>; rel="next": the page behind this one; absent of the last`, Schema: &huma.Schema{Type: "string"}}
	}
	if r.Kept(method) {
		tag := heads("ETag", "stands for what is answered", &huma.Schema{Type: "string"})["ETag"]
		done.Headers["ETag"] = tag
		op.Responses["304"] = &huma.Response{Description: "What If-None-Match names is what would be answered", Headers: map[string]*huma.Param{"ETag": tag}}
		if r.Paged {
			op.Responses["304"].Headers["Link"] = done.Headers["Link"]
		}
	}
	return op
}

// parameters describes what a question takes.
func parameters(path string, r *api.Described) (out []*huma.Param) {
	for _, part := range strings.Split(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			out = append(out, &huma.Param{Name: strings.TrimSuffix(name, "}"), In: "path", Required: true, Schema: &huma.Schema{Type: "string"}})
		}
	}
	words := api.ParameterWords()
	for _, name := range r.Takes {
		form := &huma.Schema{Type: "string"}
		if s, is := r.Spans[name]; is {
			form = &huma.Schema{Type: "integer", Minimum: new(float64(s[0]))}
			if s[1] > 0 && s[1] < math.MaxInt {
				form.Maximum = new(float64(s[1]))
			}
		}
		out = append(out, &huma.Param{Name: name, In: "query", Description: words[name], Schema: form})
	}
	header := func(name, says string, form *huma.Schema) {
		out = append(out, &huma.Param{Name: name, In: "header", Description: says, Schema: form})
	}
	if r.Once {
		header("Idempotency-Key", "drawn anew for each act: who asks the same again under it within 24 hours is given the same answer, and nothing is done twice; something else under it is refused (422)", &huma.Schema{Type: "string", MaxLength: new(257)})
	}
	if r.Kept(http.MethodGet) && r.Asks == nil {
		header("If-None-Match", "an ETag, or several: if it still stands for what would be answered, 304 is answered instead, without it", &huma.Schema{Type: "string"})
	}
	if r.Media == "text/event-stream" {
		header("Last-Event-ID", "the id of the event that was read last: the stream goes on behind it", &huma.Schema{Type: "string"})
	}
	return out
}

package api_test

import (
	"bytes"
	"encoding"
	"encoding/json"
	"net/http"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// openapiFile is what is published of the API; -update makes it from the handlers.
const openapiFile = "../../schemas/openapi.json"

// named gives a type's name in the document: those of the desk by their own, others with
// their room before it.
func named(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := huma.DefaultSchemaNamer(t, hint)
	room := t.PkgPath()[strings.LastIndex(t.PkgPath(), "/")+1:]
	switch room {
	case "", "desk", "api":
		return name
	case "api_test":
		return "Signed" + strings.TrimSuffix(name, "Form")
	}
	return strings.ToUpper(room[:1]) + room[1:] + name
}

// The forms of what writes its own JSON.
type (
	countForm   struct{}
	lastForm    struct{}
	charterForm struct {
		Charter    string                      `json:"charter" contentEncoding:"base64"`
		Signatures []protocol.CharterSignature `json:"signatures"`
	}
	policyForm struct {
		Policy     string                     `json:"policy" contentEncoding:"base64"`
		Signatures []protocol.PolicySignature `json:"signatures"`
	}
	paperForm struct {
		charterForm
		Before []protocol.SignedCharter `json:"before,omitempty"`
	}
)

func (countForm) Schema(huma.Registry) *huma.Schema {
	whole := func() *huma.Schema { return &huma.Schema{Type: "integer", Format: "int64"} }
	band := &huma.Schema{Type: "object", Required: []string{"lt"}, Properties: map[string]*huma.Schema{"lt": whole()}, AdditionalProperties: false}
	return &huma.Schema{OneOf: []*huma.Schema{whole(), band, {Type: "null"}}, Description: "a count, or a band: fewer than"}
}

func (lastForm) Schema(huma.Registry) *huma.Schema {
	known := &huma.Schema{Type: "object", Required: []string{"sequence", "digest"}, Properties: map[string]*huma.Schema{
		"sequence": {Type: "integer", Format: "int64"}, "digest": {Type: "string"},
	}, AdditionalProperties: false}
	return &huma.Schema{OneOf: []*huma.Schema{known, {Type: "string", Enum: []any{"unknown"}}}}
}

// forms are those of the types that write JSON of their own.
func forms() map[reflect.Type]reflect.Type {
	return map[reflect.Type]reflect.Type{
		reflect.TypeFor[body.Count](): reflect.TypeFor[countForm](), reflect.TypeFor[protocol.Last](): reflect.TypeFor[lastForm](),
		reflect.TypeFor[body.Document](): reflect.TypeFor[json.RawMessage](), reflect.TypeFor[protocol.SignedCharter](): reflect.TypeFor[charterForm](),
		reflect.TypeFor[protocol.SignedPolicy](): reflect.TypeFor[policyForm](), reflect.TypeFor[api.CharterPaper](): reflect.TypeFor[paperForm](),
	}
}

// formless adds the types under one that write JSON of their own of which no form is known.
func formless(of reflect.Type, seen, out map[reflect.Type]bool) {
	if seen[of] {
		return
	}
	seen[of] = true
	if _, known := forms()[of]; known || of == reflect.TypeFor[json.RawMessage]() || of.Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
		return
	}
	if of.Kind() != reflect.Pointer && of.Implements(reflect.TypeFor[json.Marshaler]()) {
		out[of] = true
		return
	}
	switch of.Kind() { //nolint:exhaustive // the others hold no types
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		formless(of.Elem(), seen, out)
	case reflect.Struct:
		for _, f := range reflect.VisibleFields(of) {
			if f.IsExported() && f.Tag.Get("json") != "-" {
				formless(f.Type, seen, out)
			}
		}
	}
}

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
		Components: &huma.Components{Schemas: types, SecuritySchemes: map[string]*huma.SecurityScheme{
			"token": {Type: "http", Scheme: "bearer", Description: "vardar staff token add"},
		}},
		Security: []map[string][]string{{"token": {}}},
	}
	scopes := map[string]staff.Row{}
	for _, c := range staff.Calls() {
		scopes[c.Route] = c
	}
	problem := types.Schema(api.ProblemType, true, "problem")
	words := api.ParameterWords()
	for pattern, r := range s.Described() {
		method, path, _ := strings.Cut(pattern, " ")
		roles := make([]string, len(scopes[pattern].Roles))
		for i, role := range scopes[pattern].Roles {
			roles[i] = string(role)
		}
		op := &huma.Operation{
			OperationID: strings.ToLower(method) + strings.NewReplacer("/", "-", "{", "", "}", "").Replace(path), Summary: r.Says,
			Description: "Scope " + string(scopes[pattern].Scope) + "; roles " + strings.Join(roles, ", ") + ".",
			Responses: map[string]*huma.Response{"default": {
				Description: "Why not", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: problem}},
			}},
		}
		for _, part := range strings.Split(path, "/") {
			if name, ok := strings.CutPrefix(part, "{"); ok {
				op.Parameters = append(op.Parameters, &huma.Param{Name: strings.TrimSuffix(name, "}"), In: "path", Required: true, Schema: &huma.Schema{Type: "string"}})
			}
		}
		for _, name := range r.Takes {
			op.Parameters = append(op.Parameters, &huma.Param{Name: name, In: "query", Description: words[name], Schema: &huma.Schema{Type: "string"}})
		}
		if r.Once {
			op.Parameters = append(op.Parameters, &huma.Param{
				Name: "Idempotency-Key", In: "header", Schema: &huma.Schema{Type: "string", MaxLength: new(257)},
				Description: "drawn anew for each act: who asks the same again under it within 24 hours is given the same answer, and nothing is done twice; something else under it is refused (422)",
			})
		}
		if r.Asks != nil {
			op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: types.Schema(r.Asks, true, op.OperationID)}}}
		}
		if r.Sends != "" {
			op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{r.Sends: {Schema: &huma.Schema{Type: "string"}}}}
		}
		answer := &huma.MediaType{Schema: &huma.Schema{Type: "string"}}
		if r.Answers != nil {
			r.Media, answer.Schema = "application/json", types.Schema(r.Answers, true, op.OperationID)
		}
		op.Responses["200"] = &huma.Response{Description: "Done", Content: map[string]*huma.MediaType{r.Media: answer}}
		item := doc.Paths[path]
		if item == nil {
			item = &huma.PathItem{}
			doc.Paths[path] = item
		}
		if method == http.MethodPost {
			item.Post = op
		} else {
			item.Get = op
		}
	}
	return doc
}

// TestOpenAPIIsThatOfTheHandlers: what is published is what is answered.
func TestOpenAPIIsThatOfTheHandlers(t *testing.T) {
	n := open(t)
	var text bytes.Buffer
	ok(t, json.Indent(&text, must(json.Marshal(openapi(n.server)))(t), "", "  "))
	text.WriteByte('\n')
	if *update {
		ok(t, os.WriteFile(openapiFile, text.Bytes(), 0o600))
	}
	if !bytes.Equal(must(os.ReadFile(openapiFile))(t), text.Bytes()) {
		t.Errorf("%s differs from the handlers: run go test ./node/api -update and read the diff", openapiFile)
	}
	words, out := api.ParameterWords(), map[reflect.Type]bool{}
	for pattern, r := range n.server.Described() {
		for _, name := range r.Takes {
			if words[name] == "" {
				t.Errorf("%s takes %s, of which no words are said", pattern, name)
			}
		}
		for _, of := range []reflect.Type{r.Asks, r.Answers} {
			if of != nil {
				formless(of, map[reflect.Type]bool{}, out)
			}
		}
	}
	for of := range out {
		t.Errorf("%s writes JSON of its own: say its form", of)
	}
}

// TestAnswersAreWhatOpenAPISays: the answers of a node that has something to tell, held
// against the document that is published.
func TestAnswersAreWhatOpenAPISays(t *testing.T) {
	n := open(t)
	must(n.client.Publish(t.Context(), api.Request{Kind: "report", Set: []string{"summary=quiet", "place=MK-405", "figures.arrivals=960", "period=2015-11-02"}}))(t)
	must(n.client.Publish(t.Context(), api.Request{Kind: "phase", Set: []string{"place=MK-405", "phase=response", "report_every_h=12", "reason=many"}}))(t)
	must(n.client.Publish(t.Context(), api.Request{Kind: "consultation", Set: []string{"to=mk.southeast.gevgelija", "question=Well?", "closes_at=2036-11-02T00:00:00Z"}}))(t)
	must(n.client.Publish(t.Context(), api.Request{Kind: "strategy", Set: []string{"title=Reception", "period=2015-11-02/2036-11-02", "status=adopted", "objectives.0.text=Nobody sleeps outside", "objectives.0.indicator=arrivals", "objectives.0.target=900"}}))(t)
	partner := must(protocol.ParseInstitution("gr.central-macedonia.example-town"))(t)
	must(n.client.Invite(t.Context(), api.InviteRequest{Institution: partner, Level: body.Municipality}))(t)
	must(n.client.Publish(t.Context(), api.Request{Kind: "project", Set: []string{"title=One queue", "partners=" + string(partner), "period=2015-11-02/2036-11-02"}}))(t)
	must(n.client.Publish(t.Context(), api.Request{Kind: "practice", Set: []string{"title=Numbers", "problem=Rain", "solution=A number each"}, Attach: []api.AttachedFile{{Name: "numbers.txt", Content: []byte("1 2 3")}}}))(t)
	must(n.client.Publish(t.Context(), api.Request{Kind: "plan", Set: []string{
		"title=Winter places", "currency=EUR", "territory=MK-405", "period=2016-01-01", "lines.0.purpose=beds", "lines.0.beneficiary=mk.southeast.gevgelija", "lines.0.year=2016",
		"lines.0.sector=shelter", "lines.0.amount=5", "lines.0.source=eu_ipa", "lines.0.status=planned",
	}}))(t)
	must(n.client.Publish(t.Context(), api.Request{Kind: "request", Set: []string{"lines.0.type=bed_place", "lines.0.quantity=4", "answer_by=2015-11-05T12:00:00Z", "deliver_to.place=MK-405"}}))(t)
	must(n.client.Publish(t.Context(), api.Request{Kind: "pledge", Set: []string{"recipient=" + string(partner), "amount=5", "currency=EUR"}}))(t)
	must(n.client.AddToken(t.Context(), api.TokenRequest{Name: "room", Role: staff.Coordinator, Scope: staff.Read}))(t)
	must(n.client.SetSite(t.Context(), api.SiteRequest{Place: "MK-405", Name: "Town hall"}))(t)
	must(n.client.MoveGoods(t.Context(), api.MoveRequest{Place: "MK-405", Direction: api.GoodsIn, Lines: []api.MovedLine{{Type: "tent", Quantity: 7}}}))(t)
	l := must(api.ListenLoopback(t.Context(), "127.0.0.1:0"))(t)
	n.serve(l, n.server.ByToken())
	secrets := map[staff.Role]string{}
	for _, role := range staff.Roles() {
		secrets[role] = must(n.client.AddToken(t.Context(), api.TokenRequest{Name: string(role), Role: role, Scope: staff.Read}))(t).Secret
	}
	document := must(jsonschema.UnmarshalJSON(bytes.NewReader(must(os.ReadFile(openapiFile))(t))))(t)
	c := jsonschema.NewCompiler()
	ok(t, c.AddResource("openapi.json", document))
	checked := 0
	for _, call := range staff.Calls() {
		d := n.server.Described()[call.Route]
		if call.Scope != staff.Read || d.Answers == nil || strings.HasSuffix(call.Route, "/keys") { // this node's keys are out of reach
			continue
		}
		_, path, _ := strings.Cut(call.Route, " ")
		route := call.Route
		if strings.HasSuffix(route, "/draft") {
			route += "?place=MK-405"
		}
		if strings.HasSuffix(route, "/evidence") && !strings.Contains(route, "{") {
			route += "?since=2015-11-01T00:00:00Z"
		}
		for of, position := range map[string]string{"/plans/": "funding.1.1", "/consultations/": "policy.1.1", "/strategies/": "policy.1.2", "/projects/": "policy.1.3", "/practices/": "knowledge.1.1", "/incidents/": "situation.1.2", "/exchanges/": "resource.1.1", "/flows/": "funding.1.2"} {
			if strings.Contains(route, of) {
				route = strings.NewReplacer("{position}", position, "{number}", "1").Replace(route)
			}
		}
		status, _, text := n.asked(l.Addr().String(), route, secrets[call.Roles[len(call.Roles)-1]])
		if status == http.StatusNotFound && strings.Contains(path, "{peer}") {
			continue // there is no link
		}
		if status != http.StatusOK && !strings.Contains(path, "show") && !strings.Contains(path, "{number}") && !strings.Contains(path, "/regional/") && !strings.Contains(path, "/deliveries/") { // here is no regional body, and nobody else who could ask for help
			t.Errorf("%s: %d %s", call.Route, status, text)
			continue
		}
		pointer := "#/paths/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(path) + "/get/responses/200/content/application~1json/schema"
		if status != http.StatusOK {
			pointer = strings.Replace(pointer, "/200/content/application~1json", "/default/content/application~1problem+json", 1)
		}
		schema, err := c.Compile("openapi.json" + pointer)
		if err != nil {
			t.Errorf("%s: %v", call.Route, err)
			continue
		}
		value := must(jsonschema.UnmarshalJSON(strings.NewReader(text)))(t)
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v\n%s", call.Route, err, text)
		}
		checked++
	}
	if checked < 12 {
		t.Errorf("%d answers were held against the document", checked)
	}
}

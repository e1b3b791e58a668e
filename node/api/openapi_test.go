package api_test

import (
	"bytes"
	"encoding"
	"encoding/json"
	"net/http"
	"os"
	"reflect"
	"strconv"
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
	partner := must(protocol.ParseInstitution("gr.central-macedonia.example-town"))(t)
	must(n.client.Invite(t.Context(), api.InviteRequest{Institution: partner, Level: body.Municipality}))(t)
	must(n.client.Publish(t.Context(), api.Request{Kind: "consultation", Set: []string{"to=" + string(partner), "question=Well?", "closes_at=2036-11-02T00:00:00Z"}}))(t)
	must(n.client.Publish(t.Context(), api.Request{Kind: "strategy", Set: []string{"title=Reception", "period=2015-11-02/2036-11-02", "status=adopted", "objectives.0.text=Nobody sleeps outside", "objectives.0.indicator=arrivals", "objectives.0.target=900"}}))(t)
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
			pointer = "#/components/responses/" + strconv.Itoa(status) + "/content/application~1problem+json/schema"
		}
		schema, err := c.Compile("openapi.json" + pointer)
		if err != nil {
			t.Errorf("%s: %v", call.Route, err)
			continue
		}
		if status == http.StatusOK {
			n.unchanged(l.Addr().String(), route, secrets[call.Roles[len(call.Roles)-1]])
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

// unchanged asks again for what somebody has: nothing but its tag is sent, as is published.
func (n *node) unchanged(address, route, secret string) {
	n.t.Helper()
	_, path, _ := strings.Cut(route, " ")
	r := must(http.NewRequestWithContext(n.t.Context(), http.MethodGet, "http://"+address+filled(path), http.NoBody))(n.t)
	r.Header.Set("If-None-Match", "*")
	if status, h, text := n.answered(r, secret); status != http.StatusNotModified || text != "" || h.Get("ETag") == "" {
		n.t.Errorf("%s, once more: %d %s, ETag %q", route, status, text, h.Get("ETag"))
	}
}

// TestNumbersAreBoundAsIsPublished: each parameter that is a whole number takes its bounds, and
// nothing beyond them or beside them.
func TestNumbersAreBoundAsIsPublished(t *testing.T) {
	n := open(t)
	bound := 0
	for path, of := range published().Paths {
		for _, p := range of["get"].Parameters {
			if p.Schema.Type != "integer" {
				if p.Name == "limit" {
					t.Errorf("%s: limit is no number", path)
				}
				continue
			}
			refused := func(said string) bool {
				got := n.ask("GET", filled(path)+"?"+p.Name+"="+said, "")
				return got.status == http.StatusBadRequest && strings.Contains(got.body, `"field":"`+p.Name+`"`)
			}
			for said, bad := range map[string]bool{"many": true, "": true, "1.5": true, strconv.Itoa(*p.Schema.Minimum): false, strconv.Itoa(*p.Schema.Minimum - 1): true} {
				if refused(said) != bad {
					t.Errorf("%s: %s=%s is refused: %t, want %t", path, p.Name, said, !bad, bad)
				}
			}
			if p.Schema.Maximum != nil {
				bound++
				if refused(strconv.Itoa(*p.Schema.Maximum)) || !refused(strconv.Itoa(*p.Schema.Maximum+1)) {
					t.Errorf("%s: %s is not at most %d", path, p.Name, *p.Schema.Maximum)
				}
			}
		}
	}
	if bound < 6 {
		t.Errorf("%d numbers have an upper bound", bound)
	}
}

// TestWhatTakesACursorLinksToItsNextPage: what is published as going on behind a page says where.
func TestWhatTakesACursorLinksToItsNextPage(t *testing.T) {
	n := open(t)
	for range 2 {
		must(n.client.Publish(t.Context(), api.Request{Kind: "report", Set: []string{"summary=quiet"}}))(t)
	}
	asks := map[string]string{"/v1/search": "q=quiet", "/v1/evidence": "since=2015-11-01T00:00:00Z"}
	linked := 0
	for path, of := range published().Paths {
		if _, links := of["get"].Responses["200"].Headers["Link"]; !links {
			continue
		}
		linked++
		got := n.ask("GET", filled(path)+"?limit=1&"+asks[path], "")
		link := strings.TrimSuffix(strings.TrimPrefix(got.header.Get("Link"), "<"), `>; rel="next"`)
		if behind := n.ask("GET", link, ""); got.status != http.StatusOK || behind.status != http.StatusOK || behind.body == got.body {
			t.Errorf("%s: %d %s\nbehind it, at %q: %d %s", path, got.status, got.body, link, behind.status, behind.body)
		}
	}
	if linked != 4 {
		t.Errorf("%d answers link to what is behind them", linked)
	}
}

package protocol_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/protocol"
)

type jsonInner struct {
	Value *int                   `json:"value,omitempty"`
	By    protocol.InstitutionID `json:"by"`
}

type jsonOuter struct {
	Previous *string           `json:"previous"`
	Count    uint32            `json:"count"`
	Figures  []jsonInner       `json:"figures,omitempty"`
	Texts    map[string]string `json:"texts,omitempty"`
}

func TestJSONIsReadStrictly(t *testing.T) {
	tests := []struct {
		name, in string
		rule     error
		field    string
	}{
		{"everything in its place", `{"previous":null,"count":3,"figures":[{"value":0,"by":"mk.a.b"}]}`, nil, ""},
		{"a member is missing", `{"previous":null}`, protocol.ErrJSONMissing, "count"},
		{"an inner member is missing", `{"previous":null,"count":1,"figures":[{}]}`, protocol.ErrJSONMissing, "figures[0].by"},
		{"a member in another case is another member", `{"previous":null,"Count":1}`, protocol.ErrJSONMissing, "count"},
		{"a member stands twice", `{"previous":null,"count":1,"count":2}`, protocol.ErrJSONTwice, "count"},
		{"a member stands twice in another case", `{"previous":null,"count":1,"COUNT":2}`, protocol.ErrJSONTwice, "COUNT"},
		{"an unknown member stands twice, deep down", `{"previous":null,"count":1,"x":[{"a":1,"a":1}]}`, protocol.ErrJSONTwice, "x[0].a"},
		{"a negative count", `{"previous":null,"count":-1}`, protocol.ErrJSONValue, "count"},
		{"a fraction", `{"previous":null,"count":1.5}`, protocol.ErrJSONValue, "count"},
		{"N/A as a figure", `{"previous":null,"count":1,"figures":[{"value":"N/A","by":"mk.a.b"}]}`, protocol.ErrJSONValue, "figures[0].value"},
		{"null as a figure", `{"previous":null,"count":1,"figures":[{"value":null,"by":"mk.a.b"}]}`, protocol.ErrJSONValue, "figures[0].value"},
		{"a wrong institution", `{"previous":null,"count":1,"figures":[{"by":"Skopje"}]}`, protocol.ErrInstitution, "figures[0].by"},
		{"something behind", `{"previous":null,"count":1} x`, protocol.ErrJSONSyntax, ""},
		{"cut", `{"previous":null,"cou`, protocol.ErrJSONSyntax, ""},
		{"byte-order mark", "\ufeff{}", protocol.ErrJSONSyntax, ""},
		{"not UTF-8", "{\"previous\":\"\xff\",\"count\":1}", protocol.ErrJSONSyntax, ""},
		{"a list", `[]`, protocol.ErrJSONValue, ""},
		{"too deep", `{"x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`, protocol.ErrJSONDepth, "x" + strings.Repeat("[0]", 31)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got jsonOuter
			_, err := protocol.DecodeJSON([]byte(tt.in), &got)
			if !errors.Is(err, tt.rule) {
				t.Fatalf("DecodeJSON() = %v, want %v", err, tt.rule)
			}
			var v *protocol.Violation
			if errors.As(err, &v) && v.Field != tt.field {
				t.Errorf("field = %q, want %q", v.Field, tt.field)
			}
		})
	}
}

func TestUnknownMembersAreNamedAndIgnored(t *testing.T) {
	var got jsonOuter
	unknown, err := protocol.DecodeJSON([]byte(`{"previous":"a","new":{"count":7},"count":1,"figures":[{"by":"mk.a.b","x":0}],"texts":{"mk":"да"}}`), &got)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"new", "figures[0].x"}, unknown); diff != "" {
		t.Error(diff)
	}
	if got.Count != 1 || *got.Previous != "a" || got.Texts["mk"] != "да" {
		t.Errorf("decoded %+v", got)
	}
}

func TestKeysInDocumentsAreRefusedByTheirOwnRule(t *testing.T) {
	tests := []struct {
		name, key string
		rule      error
	}{
		{"the neutral point", "01" + strings.Repeat("00", 31), protocol.ErrKeySmallOrder},
		{"a second text of one point", "ef" + strings.Repeat("ff", 30) + "7f", protocol.ErrKeyEncoding},
		{"capitals", strings.Repeat("AB", 32), protocol.ErrKeyText},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got struct {
				Key protocol.Key `json:"key"`
			}
			_, err := protocol.DecodeJSON([]byte(`{"key":"`+tt.key+`"}`), &got)
			var v *protocol.Violation
			if !errors.Is(err, tt.rule) || !errors.As(err, &v) || v.Field != "key" {
				t.Errorf("DecodeJSON() = %v, want %v at key", err, tt.rule)
			}
		})
	}
}

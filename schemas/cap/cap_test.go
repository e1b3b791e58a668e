package cap_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/protocol/body"
	capxml "github.com/vardar-network/vardar/schemas/cap"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// sequences are those of the schema of CAP 1.2 (cap12.xsd): an element ends in ? if it may be
// absent, in * if there may be any number, in + if there is at least one.
var sequences = map[string]string{
	"alert":     "identifier sender sent status msgType source? scope restriction? addresses? code* note? references? incidents? info*",
	"info":      "language? category+ event responseType* urgency severity certainty audience? eventCode* effective? onset? expires? senderName? headline? description? instruction? web? contact? parameter* resource* area*",
	"resource":  "resourceDesc mimeType size? uri? derefUri? digest?",
	"area":      "areaDesc polygon* circle* geocode* altitude? ceiling?",
	"eventCode": "valueName value", "parameter": "valueName value", "geocode": "valueName value",
}

// node is an element that was read.
type node struct {
	name string
	text string
	in   []*node
}

func read(t *testing.T, data []byte) *node {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(data))
	root := &node{}
	open := []*node{root}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return root.in[0]
		}
		if err != nil {
			t.Fatal(err)
		}
		top := open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			if token.Name.Space != capxml.Namespace {
				t.Errorf("%s is of the namespace %q", token.Name.Local, token.Name.Space)
			}
			n := &node{name: token.Name.Local}
			top.in, open = append(top.in, n), append(open, n)
		case xml.CharData:
			top.text += string(token)
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
}

// follows reports what is wrong with the elements of one by the schema.
func (n *node) follows(t *testing.T) {
	t.Helper()
	sequence, known := sequences[n.name]
	if !known {
		if len(n.in) > 0 {
			t.Errorf("%s holds elements, and has none in the schema", n.name)
		}
		return
	}
	rest := n.in
	for _, want := range strings.Fields(sequence) {
		name, many := strings.TrimRight(want, "?*+"), 0
		for len(rest) > 0 && rest[0].name == name {
			rest, many = rest[1:], many+1
		}
		if many == 0 && !strings.HasSuffix(want, "?") && !strings.HasSuffix(want, "*") || many > 1 && !strings.HasSuffix(want, "*") && !strings.HasSuffix(want, "+") {
			t.Errorf("%s has %d of %s", n.name, many, want)
		}
	}
	if len(rest) > 0 {
		t.Errorf("%s stands in %s where the schema has none", rest[0].name, n.name)
	}
	for _, in := range n.in {
		in.follows(t)
	}
}

// says gives the texts by their paths.
func (n *node) says(out map[string][]string, path string) {
	for _, in := range n.in {
		at := strings.TrimPrefix(path+"."+in.name, ".")
		if len(in.in) == 0 {
			out[at] = append(out[at], in.text)
		}
		in.says(out, at)
	}
}

func said(out map[string][]string, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			said(out, strings.TrimPrefix(path+"."+name, "."), v[name])
		}
	case []any:
		for _, of := range v {
			said(out, path, of)
		}
	default:
		out[path] = append(out[path], fmt.Sprint(v))
	}
}

// examples gives the bodies of alerts that are published as examples, and one that says all that
// can be said.
func examples(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	files, err := filepath.Glob("../testdata/bodies/" + body.TypeAlert + "/valid-*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d examples: %v", len(files), err)
	}
	for _, f := range append(files, "testdata/full.json") {
		if out[filepath.Base(f)], err = os.ReadFile(f); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// TestEveryMemberOfAnAlertIsInTheMessageOrToldAsLost reads each message back, holds it to the
// schema's order, and compares it with the body member by member.
func TestEveryMemberOfAnAlertIsInTheMessageOrToldAsLost(t *testing.T) {
	for name, raw := range examples(t) {
		t.Run(name, func(t *testing.T) {
			b, err := body.Parse(body.TypeAlert, raw)
			if err != nil {
				t.Fatal(err)
			}
			data, err := capxml.Write(b.(*body.Alert))
			if err != nil {
				t.Fatal(err)
			}
			lost, err := capxml.Lost(raw)
			if err != nil {
				t.Fatal(err)
			}
			root := read(t, data)
			root.follows(t)
			got, want := map[string][]string{}, map[string][]string{}
			root.says(got, "")
			var all map[string]any
			d := json.NewDecoder(bytes.NewReader(raw))
			d.UseNumber()
			if err := d.Decode(&all); err != nil {
				t.Fatal(err)
			}
			delete(all, "salt")
			said(want, "", all)
			for _, path := range lost {
				if len(want[path]) == 0 || len(got[path]) > 0 {
					t.Errorf("%s is told as lost: the body says %q, the message %q", path, want[path], got[path])
				}
				delete(want, path)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the message (-body +message):\n%s", diff)
			}
		})
	}
}

func TestMessageOfCAP(t *testing.T) {
	raw := examples(t)["full.json"]
	b, err := body.Parse(body.TypeAlert, raw)
	if err != nil {
		t.Fatal(err)
	}
	got, err := capxml.Write(b.(*body.Alert))
	if err != nil {
		t.Fatal(err)
	}
	lost, err := capxml.Lost(raw)
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, []byte("---- lost\n"+strings.Join(lost, "\n")+"\n")...)
	const file = "testdata/full.golden"
	if *update {
		if err = os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("message (-want +got), rewritten by -update:\n%s", diff)
	}
}

// TestTextThatWouldChangeOnTheWayIsRefused: what XML can't hold would be another text than was signed.
func TestTextThatWouldChangeOnTheWayIsRefused(t *testing.T) {
	for _, text := range []string{"a\x00b", "a\ufffeb"} {
		a := body.Alert{Identifier: "x", Note: body.Text(text)}
		if _, err := capxml.Write(&a); !errors.Is(err, capxml.ErrCharacter) {
			t.Errorf("Write() of %q = %v, want %v", text, err, capxml.ErrCharacter)
		}
	}
	if _, err := capxml.Lost([]byte("no JSON")); err == nil {
		t.Error("what is no JSON has members")
	}
}

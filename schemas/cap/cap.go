// Package cap writes alerts as messages of the Common Alerting Protocol 1.2 (ITU-T X.1303 bis).
//
// The body of an alert is CAP field for field and under CAP's names, so that a message holds what
// was signed and nothing else; what a body says besides, as every body may, CAP has no element for.
package cap

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/protocol/body"
)

// Namespace is that of CAP 1.2.
const Namespace = "urn:oasis:names:tc:emergency:cap:1.2"

// ErrCharacter says that a text holds a character that XML 1.0 has no way to write.
var ErrCharacter = errors.New("a text holds a character that XML can't hold")

// Write gives an alert as an XML document: the elements in the order of the schema, which is that
// of the body's members. It returns [ErrCharacter] for a text that would change on the way.
func Write(a *body.Alert) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(xml.Header)
	out.WriteString(`<alert xmlns="` + Namespace + `">` + "\n")
	err := members(&out, reflect.ValueOf(a).Elem(), 1)
	out.WriteString("</alert>\n")
	return out.Bytes(), err
}

// Lost gives the members of the body of an alert that CAP has no element for.
func Lost(raw []byte) ([]string, error) {
	said, err := body.Members(raw)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	elements(known, "", reflect.TypeFor[body.Alert]())
	return slices.DeleteFunc(said, func(path string) bool { return known[path] }), nil
}

// each gives the members of a type that are elements of CAP, with the name of each, and whether it
// is left out when nothing is said.
func each(t reflect.Type, do func(i int, name string, optional bool) error) error {
	for i := range t.NumField() {
		if t.Field(i).Anonymous {
			continue // what every body may say
		}
		name, rest, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if err := do(i, name, rest != ""); err != nil {
			return err
		}
	}
	return nil
}

func elements(out map[string]bool, path string, t reflect.Type) {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		out[path] = true
		return
	}
	_ = each(t, func(i int, name string, _ bool) error {
		elements(out, strings.TrimPrefix(path+"."+name, "."), t.Field(i).Type)
		return nil
	})
}

func members(out *bytes.Buffer, v reflect.Value, depth int) error {
	return each(v.Type(), func(i int, name string, optional bool) error {
		if optional && v.Field(i).IsZero() {
			return nil
		}
		return element(out, name, v.Field(i), depth)
	})
}

func element(out *bytes.Buffer, name string, v reflect.Value, depth int) error {
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			if err := element(out, name, v.Index(i), depth); err != nil {
				return err
			}
		}
		return nil
	case reflect.Pointer:
		return element(out, name, v.Elem(), depth)
	case reflect.Struct:
		line(out, depth, "<"+name+">\n")
		err := members(out, v, depth+1)
		line(out, depth, "</"+name+">\n")
		return err
	default:
	}
	text, err := textOf(v)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	line(out, depth, "<"+name+">")
	err = xml.EscapeText(out, []byte(text))
	out.WriteString("</" + name + ">\n")
	return err
}

func line(out *bytes.Buffer, depth int, s string) {
	out.WriteString(strings.Repeat("  ", depth) + s)
}

func textOf(v reflect.Value) (string, error) {
	switch {
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10), nil
	case v.CanFloat():
		return strconv.FormatFloat(v.Float(), 'f', -1, 64), nil
	}
	if strings.ContainsFunc(v.String(), unsayable) {
		return "", ErrCharacter
	}
	return v.String(), nil
}

// unsayable reports whether XML 1.0 has no way to write a character (§2.2).
func unsayable(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == '\ufffe' || r == '\uffff'
}

package edxl

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/vardar-network/vardar/protocol"
)

// Namespaces of what is written.
const (
	NamespaceDE     = "urn:oasis:names:tc:emergency:EDXL:DE:1.0"
	NamespaceRM     = "urn:oasis:names:tc:emergency:EDXL:RM:1.0"     // what all messages have
	NamespaceRMsg   = "urn:oasis:names:tc:emergency:EDXL:RM:1.0:msg" // what each has of its own
	NamespaceSitRep = "urn:oasis:names:tc:emergency:EDXL:SitRep:1.0"
	namespaceCT     = "urn:oasis:names:tc:emergency:edxl:ct:1.0"
	namespacePerson = "urn:oasis:names:tc:emergency:edxl:ciq:1.0:xnl" // names, as EDXL-CT 1.0 has them
	namespaceParty  = "urn:oasis:names:tc:ciq:xpil:3"
	namespaceNames  = "urn:oasis:names:tc:ciq:xnl:3"
	namespaceGML    = "http://www.opengis.net/gml"
	namespaceXSI    = "http://www.w3.org/2001/XMLSchema-instance"
)

// element is one on its way into a document: it has a text, or elements.
type element struct {
	name string // with its prefix
	attr [][2]string
	text string
	in   []*element
}

// tag makes an element of others; those that are nil are left out.
func tag(name string, in ...*element) *element {
	e := &element{name: name}
	e.add(in...)
	return e
}

// leaf makes an element of a text.
func leaf(name, text string) *element { return &element{name: name, text: text} }

// some makes an element of a text, unless that is empty.
func some(name, text string) *element {
	if text == "" {
		return nil
	}
	return leaf(name, text)
}

func (e *element) add(in ...*element) {
	for _, i := range in {
		if i != nil {
			e.in = append(e.in, i)
		}
	}
}

func (e *element) declare(prefix, namespace string) {
	e.attr = append(e.attr, [2]string{"xmlns:" + prefix, namespace})
}

// valueList makes a word with the list that it is of.
func valueList(name, urnName, valueName, urn string, values ...string) *element {
	e := tag(name, leaf(urnName, urn))
	for _, v := range values {
		e.add(leaf(valueName, v))
	}
	return e
}

func (e *element) write(out *bytes.Buffer, depth int) error {
	indent := strings.Repeat("  ", depth)
	out.WriteString(indent + "<" + e.name)
	for _, a := range e.attr {
		out.WriteString(" " + a[0] + `="`)
		if err := escape(out, a[1]); err != nil {
			return fmt.Errorf("%s: %w", a[0], err)
		}
		out.WriteString(`"`)
	}
	out.WriteString(">")
	if e.in == nil {
		if err := escape(out, e.text); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
		out.WriteString("</" + e.name + ">\n")
		return nil
	}
	out.WriteString("\n")
	for _, in := range e.in {
		if err := in.write(out, depth+1); err != nil {
			return err
		}
	}
	out.WriteString(indent + "</" + e.name + ">\n")
	return nil
}

// replaced is what encoding/xml writes for a character that XML has no way to write.
const replaced = "\ufffd"

func escape(out *bytes.Buffer, text string) error {
	from := out.Len()
	if err := xml.EscapeText(out, []byte(text)); err != nil {
		return err
	}
	if bytes.Contains(out.Bytes()[from:], []byte(replaced)) && !strings.Contains(text, replaced) {
		return ErrCharacter
	}
	return nil
}

// stamp writes a moment with a numeric offset: EDXL-RM 1.0 and EDXL-DE 1.0 forbid Z.
func stamp(i protocol.Instant) string { return i.Time().Format("2006-01-02T15:04:05.999-07:00") }

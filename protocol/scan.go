package protocol

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// scanner walks over JSON that [json.Valid] has already accepted, so that it may take
// every byte for what it must be. Nothing is copied but strings with escapes.
type scanner struct {
	data []byte
	at   int
}

// next gives the first byte of the next token, without reading it; 0 at the end.
func (s *scanner) next() byte {
	for s.at < len(s.data) {
		switch c := s.data[s.at]; c {
		case ' ', '\t', '\r', '\n', ',', ':':
			s.at++
		default:
			return c
		}
	}
	return 0
}

// delimiter reads the one byte of a brace or bracket if it is next.
func (s *scanner) delimiter(c byte) bool {
	if s.next() != c {
		return false
	}
	s.at++
	return true
}

// text reads a string; it is asked only when a quote is next.
func (s *scanner) text() string { return string(s.bytes()) }

// bytes reads a string; what it gives is part of the document, as a rule.
func (s *scanner) bytes() []byte {
	from := s.at + 1
	end := bytes.IndexByte(s.data[from:], '"')
	if end >= 0 && bytes.IndexByte(s.data[from:from+end], '\\') < 0 {
		s.at = from + end + 1
		return s.data[from : from+end : from+end]
	}
	for s.at = from; s.at < len(s.data) && s.data[s.at] != '"'; s.at++ {
		if s.data[s.at] == '\\' {
			s.at++
		}
	}
	s.at = min(s.at+1, len(s.data))
	var out string
	_ = json.Unmarshal(s.data[from-1:s.at], &out) // well-formed
	return []byte(out)
}

// plain reads a number, true, false or null.
func (s *scanner) plain() string {
	from := s.at
	for s.at < len(s.data) && !strings.ContainsRune(",:]} \t\r\n", rune(s.data[s.at])) {
		s.at++
	}
	return string(s.data[from:s.at])
}

// path is where in a document a decoder stands. It is written out only when somebody
// must be told: a long name above a long list would otherwise be copied for each of its
// elements.
type path []step

type step struct {
	name    string
	element int // of a list; -1 for a member
}

// longestName is what is shown of a member's name in a path, in bytes.
const longestName = 64

func (p path) String() string {
	var b strings.Builder
	for i, s := range p {
		switch {
		case s.element >= 0:
			b.WriteString("[" + strconv.Itoa(s.element) + "]")
			continue
		case i > 0:
			b.WriteByte('.')
		}
		if len(s.name) > longestName {
			b.WriteString(strings.ToValidUTF8(s.name[:longestName], "") + "…")
		} else {
			b.WriteString(s.name)
		}
	}
	return b.String()
}

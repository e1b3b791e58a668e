package protocol

import (
	"bytes"
	"iter"
	"maps"
	"slices"
	"strings"
)

// MaxForeignFields bounds how many fields of a message are looked at; a record has
// fifteen, and HTTP adds some dozen of its own.
const MaxForeignFields = 128

// natsVersion is the line before a block in a NATS message.
const natsVersion = "NATS/1.0\r\n"

// ParseBlock reads a block as every node writes it: the fifteen fields, lower case, in
// their order, nothing else. The body is not there: its state is [BodyMissing].
func ParseBlock(block []byte) (Record, error) {
	return parseFields(blockLines(block, true), true)
}

// ParseNATS reads the header of a NATS message by field name, in any order and case;
// fields that are none of a record's are ignored (design.md §2).
func ParseNATS(header []byte) (Record, error) {
	block, ok := bytes.CutPrefix(header, []byte(natsVersion))
	if !ok {
		return Record{}, &Violation{Rule: ErrBlockSyntax, Detail: "no line NATS/1.0"}
	}
	return parseFields(blockLines(block, false), false)
}

// ParseHeader reads the fields of an HTTP message or of a NATS client's header map.
func ParseHeader(header map[string][]string) (Record, error) {
	return parseFields(func(yield func([2]string, error) bool) {
		for _, name := range slices.Sorted(maps.Keys(header)) {
			for _, value := range header[name] {
				if !yield([2]string{name, value}, nil) {
					return
				}
			}
		}
	}, false)
}

// AppendNATS appends the header of a NATS message.
func (r *Record) AppendNATS(b []byte) []byte { return r.AppendBlock(append(b, natsVersion...)) }

// WithBody gives the record with its body, once that has been held against it.
func (r *Record) WithBody(body []byte) (Record, error) {
	if err := r.CheckBody(body); err != nil {
		return Record{}, err
	}
	out := *r
	out.Body, out.BodyState = body, BodyHeld
	return out, nil
}

// blockLines yields the name and value of each line. Strict: exactly one blank, as
// nodes write; otherwise blanks around the value are HTTP's and NATS's own freedom.
func blockLines(block []byte, strict bool) iter.Seq2[[2]string, error] {
	return func(yield func([2]string, error) bool) {
		if len(block) > MaxBlockBytes {
			yield([2]string{}, &Violation{Rule: ErrBlockTooLong})
			return
		}
		rest := string(block)
		for {
			line, after, ok := strings.Cut(rest, "\r\n")
			if !ok || (line == "" && after != "") {
				yield([2]string{}, broken(ErrBlockSyntax, "", line))
				return
			}
			if line == "" {
				return
			}
			rest = after
			name, value, ok := strings.Cut(line, ":")
			if strict && ok {
				value, ok = strings.CutPrefix(value, " ")
			}
			if !ok || !isFieldName(name) || !printable(value) {
				yield([2]string{}, broken(ErrBlockSyntax, "", line))
				return
			}
			if !yield([2]string{name, value}, nil) {
				return
			}
		}
	}
}

// isFieldName matches a token of RFC 9110 §5.6.2.
func isFieldName(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isAlphanumeric(c) && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}

func printable(s string) bool {
	for i := range len(s) {
		if (s[i] < 0x20 || s[i] > 0x7e) && s[i] != '\t' {
			return false
		}
	}
	return true
}

// fieldIndex gives the number of one of the fifteen fields, in any case; -1 for others.
func fieldIndex(fields *[15]string, name string) int {
	for i := range fields {
		if sameField(name, fields[i]) {
			return i
		}
	}
	return -1
}

// sameField compares ASCII letters alone: [strings.EqualFold] would take "ce-ſource" for
// one of ours.
func sameField(name, field string) bool {
	if len(name) != len(field) {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != field[i] {
			return false
		}
	}
	return true
}

func allFields() [15]string {
	return [15]string{
		"ce-specversion", "ce-id", "ce-source", "ce-type", "ce-time", "content-type", "ce-topic",
		"ce-epoch", "ce-sequence", "ce-previous", "ce-handling", "ce-exercise", "content-digest",
		fieldSignatureInput, fieldSignature,
	}
}

func fieldName(i int) string { return allFields()[i] }

func parseFields(fields iter.Seq2[[2]string, error], strict bool) (Record, error) {
	ours := allFields()
	var values [15]string
	var seen [15]bool
	var disorder error
	count := 0
	for field, err := range fields {
		if err != nil {
			return Record{}, err
		}
		name, value := field[0], field[1]
		i := fieldIndex(&ours, name)
		if strict && disorder == nil && (i != count || name != ours[i]) {
			disorder = broken(ErrFieldOrder, name, value)
		}
		switch {
		case i < 0 && len(name) >= 3 && sameField(name[:3], "ce-"):
			return Record{}, broken(ErrFieldUnknown, name, value)
		case i >= 0 && seen[i]:
			return Record{}, broken(ErrFieldTwice, fieldName(i), value)
		case i >= 0:
			values[i], seen[i] = value, true
		}
		if count++; count > MaxForeignFields {
			return Record{}, &Violation{Rule: ErrFieldCount}
		}
	}
	for i, ok := range seen {
		if !ok {
			return Record{}, &Violation{Field: fieldName(i), Rule: ErrFieldMissing}
		}
	}
	if disorder != nil {
		return Record{}, disorder
	}
	if !strict {
		for i := range values {
			values[i] = strings.Trim(values[i], " \t")
		}
	}
	return fromValues(&values)
}

// fromValues judges the fifteen values.
func fromValues(v *[15]string) (Record, error) {
	r := Record{BodyState: BodyMissing}
	for i, value := range v[:13] {
		if !isValue(value) {
			return Record{}, broken(ErrValueBytes, fieldName(i), value)
		}
	}
	for i, value := range v {
		if rule := r.setField(i, value); rule != nil {
			return Record{}, broken(rule, fieldName(i), value)
		}
	}
	if r.Position.String() != v[1] {
		return Record{}, broken(ErrIDMismatch, "ce-id", v[1])
	}
	if topic, _ := TypeTopic(r.Type); topic != r.Topic {
		return Record{}, broken(ErrTypeTopic, "ce-type", v[3])
	}
	return r, nil
}

// isValue matches 1 to 200 bytes of 0x21-0x7E without quote, per cent and comma.
func isValue(s string) bool {
	if s == "" || len(s) > MaxValueBytes {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c < 0x21 || c > 0x7e || c == '"' || c == '%' || c == ',' {
			return false
		}
	}
	return true
}

// setField judges one value and returns the rule it breaks.
func (r *Record) setField(i int, s string) error {
	var err error
	var ok bool
	switch i {
	case 0:
		return ruleUnless(s == "1.0", ErrSpecVersion)
	case 1:
		_, err = ParsePosition(s)
		return ruleUnless(err == nil, ErrID)
	case 2:
		source, slash := strings.CutPrefix(s, "/")
		r.Institution, err = ParseInstitution(strings.Clone(source))
		return ruleUnless(slash && err == nil, ErrSource)
	case 3:
		r.Type = strings.Clone(s) // or it would hold on to the whole block
		_, err = TypeTopic(s)
		return ruleUnless(err == nil, ErrType)
	case 4:
		r.Time, err = ParseInstant(s)
		return ruleUnless(err == nil, ErrTime)
	case 5:
		r.Sealed = s == ContentAge
		return ruleUnless(r.Sealed || s == ContentJSON, ErrContentType)
	case 6:
		r.Topic, err = ParseTopic(s)
		return ruleUnless(err == nil, ErrTopic)
	case 7:
		r.Epoch, ok = parseNumber(s)
		return ruleUnless(ok, ErrEpoch)
	case 8:
		r.Sequence, ok = parseNumber(s)
		return ruleUnless(ok, ErrSequence)
	case 9:
		return ruleUnless(parseDigestField(&r.Previous, s), ErrPrevious)
	case 10:
		r.Handling, err = ParseHandling(s)
		return ruleUnless(err == nil, ErrHandling)
	case 11:
		r.Exercise = s == "1"
		return ruleUnless(r.Exercise || s == "0", ErrExercise)
	case 12:
		return ruleUnless(parseDigestField(&r.ContentDigest, s), ErrContentDigest)
	case 13:
		return r.setInput(s)
	}
	return ruleUnless(parseSignatureField(&r.Signature, s), ErrSignatureField)
}

func ruleUnless(ok bool, rule error) error {
	if ok {
		return nil
	}
	return rule
}

func (r *Record) setInput(s string) error {
	rest, ok := strings.CutPrefix(s, signatureLabel+covered)
	key, ok2 := strings.CutSuffix(rest, parameters)
	if !ok || !ok2 || !decodeHex(r.Key[:], key) {
		return ErrSignatureInput
	}
	return keyRule(r.Key)
}

func parseDigestField(d *Digest, s string) bool {
	s, ok := strings.CutPrefix(s, "sha-256=:")
	s, ok2 := strings.CutSuffix(s, ":")
	return ok && ok2 && decodeBase64(d[:], s)
}

func parseSignatureField(sig *Signature, s string) bool {
	s, ok := strings.CutPrefix(s, signatureLabel+":")
	s, ok2 := strings.CutSuffix(s, ":")
	return ok && ok2 && decodeBase64(sig[:], s)
}

// AppendHTTP appends the record as GET /v1/records answers it (wire.md §2): an HTTP
// response that any RFC 9421 library reads.
func (r *Record) AppendHTTP(b []byte) []byte {
	b = append(b, "HTTP/1.1 200 OK\r\n"...)
	if r.BodyState != BodyHeld {
		b = append(append(append(b, "vardar-body: "...), r.BodyState.String()...), "\r\n"...)
	}
	return append(r.AppendBlock(b), r.Body...)
}

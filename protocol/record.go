package protocol

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
)

// The bounds of one record.
const (
	// MaxBodyBytes bounds a body: a quarter of the NATS default payload limit (1 MiB),
	// which leaves room for the block and a frame's wrapping.
	MaxBodyBytes = 256 << 10
	// MaxBlockBytes bounds a header block (wire.md §1).
	MaxBlockBytes = 4096
	// MaxValueBytes bounds one field's value (design.md §2).
	MaxValueBytes = 200
	// MaxKind is the longest kind in a type.
	MaxKind = 40
)

// BodyState says what is known of a record's body. On the wire it is bits 0-1 of an
// entry's flags. A record without its body is complete for the chain.
type BodyState uint8

// The four states of a body.
const (
	BodyHeld     BodyState = iota // here
	BodyWithheld                  // the link may not carry it
	BodyErased                    // taken back by its author; it is nowhere
	BodyMissing                   // to be asked for
)

// String gives the word that HTTP's Vardar-Body field uses.
func (s BodyState) String() string {
	return [...]string{"held", "withheld", "erased", "missing"}[s&3]
}

// Record is one signed statement by one institution: header values, signature, body.
// It is immutable once signed. The block it came in is not part of it: every node
// writes the same block from these values. As a text (MarshalText) a record is its name.
type Record struct {
	Name
	Type          string // vardar.<topic>.<kind>.v<n>
	Time          Instant
	Sealed        bool // content-type application/vnd.age
	Previous      Digest
	Handling      Handling
	Exercise      bool
	ContentDigest Digest
	Key           Key // of the epoch's opener
	Signature     Signature
	BodyState     BodyState
	Body          []byte // only when BodyState is BodyHeld
}

// The content types of a body.
const (
	ContentJSON = "application/json"
	ContentAge  = "application/vnd.age"
)

// ContentType gives the field content-type.
func (r *Record) ContentType() string {
	if r.Sealed {
		return ContentAge
	}
	return ContentJSON
}

// Kind is the type without "vardar.<topic>." : report.v1.
func (r *Record) Kind() string {
	_, rest, _ := strings.Cut(r.Type, ".")
	_, kind, _ := strings.Cut(rest, ".")
	return kind
}

const (
	fieldSignatureInput = "signature-input"
	fieldSignature      = "signature"
	signatureLabel      = "vardar="
	covered             = `("ce-specversion" "ce-id" "ce-source" "ce-type" "ce-time" "content-type" "ce-topic" ` +
		`"ce-epoch" "ce-sequence" "ce-previous" "ce-handling" "ce-exercise" "content-digest");keyid="`
	parameters = `";alg="ed25519";tag="vardar-record-v1"`
)

// appendValue writes the value of the field with the number i of [allFields].
func (r *Record) appendValue(b []byte, i int) []byte {
	switch i {
	case 0:
		return append(b, "1.0"...)
	case 1:
		return r.append(b)
	case 2:
		return append(append(b, '/'), r.Institution...)
	case 3:
		return append(b, r.Type...)
	case 4:
		return r.Time.append(b)
	case 5:
		return append(b, r.ContentType()...)
	case 6:
		return append(b, r.Topic.String()...)
	case 7:
		return strconv.AppendUint(b, uint64(r.Epoch), 10)
	case 8:
		return strconv.AppendUint(b, uint64(r.Sequence), 10)
	case 9:
		return appendDigestField(b, r.Previous)
	case 10:
		return append(b, r.Handling.String()...)
	case 11:
		return appendBit(b, r.Exercise)
	case 12:
		return appendDigestField(b, r.ContentDigest)
	case 13:
		return r.appendInput(append(b, signatureLabel...))
	}
	b = append(b, signatureLabel+":"...)
	b = base64.StdEncoding.AppendEncode(b, r.Signature[:])
	return append(b, ':')
}

func appendBit(b []byte, bit bool) []byte {
	if bit {
		return append(b, '1')
	}
	return append(b, '0')
}

func appendDigestField(b []byte, d Digest) []byte {
	b = append(b, "sha-256=:"...)
	b = base64.StdEncoding.AppendEncode(b, d[:])
	return append(b, ':')
}

func (r *Record) appendInput(b []byte) []byte {
	b = append(b, covered...)
	b = hex.AppendEncode(b, r.Key[:])
	return append(b, parameters...)
}

// AppendBase appends the signature base of RFC 9421 §2.5: a line for each signed field,
// the "@signature-params" line last, no LF at the end.
func (r *Record) AppendBase(b []byte) []byte {
	b = append(b, "\"ce-specversion\": 1.0\n\"ce-id\": "...)
	b = r.append(b)
	b = append(append(b, "\n\"ce-source\": /"...), r.Institution...)
	b = append(append(b, "\n\"ce-type\": "...), r.Type...)
	b = r.Time.append(append(b, "\n\"ce-time\": "...))
	b = append(append(b, "\n\"content-type\": "...), r.ContentType()...)
	b = append(append(b, "\n\"ce-topic\": "...), r.Topic.String()...)
	b = strconv.AppendUint(append(b, "\n\"ce-epoch\": "...), uint64(r.Epoch), 10)
	b = strconv.AppendUint(append(b, "\n\"ce-sequence\": "...), uint64(r.Sequence), 10)
	b = appendDigestField(append(b, "\n\"ce-previous\": "...), r.Previous)
	b = append(append(b, "\n\"ce-handling\": "...), r.Handling.String()...)
	b = appendBit(append(b, "\n\"ce-exercise\": "...), r.Exercise)
	b = appendDigestField(append(b, "\n\"content-digest\": "...), r.ContentDigest)
	return r.appendInput(append(b, "\n\"@signature-params\": "...))
}

// AppendBlock appends the header block of wire.md §1, the empty line included.
func (r *Record) AppendBlock(b []byte) []byte {
	for i, name := range allFields() {
		b = append(append(b, name...), ": "...)
		b = append(r.appendValue(b, i), "\r\n"...)
	}
	return append(b, "\r\n"...)
}

// Block gives the header block; with the line NATS/1.0 CR LF before it, it is the
// header of a NATS message.
func (r *Record) Block() []byte { return r.AppendBlock(make([]byte, 0, 900)) }

// Fields gives the fifteen fields in their order, for HTTP responses and for NATS
// messages.
func (r *Record) Fields() [15][2]string {
	var out [15][2]string
	for i, name := range allFields() {
		out[i] = [2]string{name, string(r.appendValue(nil, i))}
	}
	return out
}

// Digest is SHA-256 of the signature base and the 64 signature bytes: what ce-previous,
// references and have rows mean by "this record".
func (r *Record) Digest() Digest {
	var buf [1024]byte
	return r.digest(buf[:0])
}

func (r *Record) digest(scratch []byte) Digest {
	b := r.AppendBase(scratch)
	return sha256.Sum256(append(b, r.Signature[:]...))
}

// Verify checks this record's own signature, and nothing else; [ErrNotSigned]. A record
// whose signature fails may still be authentic by a later one of its chain (design.md
// §2, "What is authentic"): that judgement is [Run.Verify]'s.
func (r *Record) Verify() error {
	var buf [1024]byte
	if !r.Key.Verify(r.AppendBase(buf[:0]), r.Signature) {
		return &Violation{Field: r.String(), Rule: ErrNotSigned}
	}
	return nil
}

// Sign is for tests and tools that hold a key in memory: it sets Key and Signature. A
// node signs AppendBase through its safe.
func (r *Record) Sign(private ed25519.PrivateKey) {
	r.Key = KeyOf(private)
	r.Signature = Signature(ed25519.Sign(private, r.AppendBase(nil)))
}

// SetBody sets body, state and content digest of a record that is being written.
func (r *Record) SetBody(body []byte) {
	r.Body, r.BodyState, r.ContentDigest = body, BodyHeld, DigestOf(body)
}

// WithoutBody gives the record as it stands when its body may not, or can't, be here.
func (r *Record) WithoutBody(state BodyState) Record {
	out := *r
	out.Body, out.BodyState = nil, state
	return out
}

// CheckBody holds a body against the record: its length ([ErrBodyTooLong]) and its
// digest ([ErrBodyDigest]). Whether it says something is not asked here.
func (r *Record) CheckBody(body []byte) error {
	if len(body) > MaxBodyBytes {
		return broken(ErrBodyTooLong, r.String(), strconv.Itoa(len(body))+" bytes")
	}
	if DigestOf(body) != r.ContentDigest {
		return &Violation{Field: r.String(), Rule: ErrBodyDigest}
	}
	return nil
}

// Check holds the values of a record against the grammar, as a decoder would: for
// records that were put together in memory. It does not verify.
func (r *Record) Check() error {
	if _, err := ParseInstitution(string(r.Institution)); err != nil {
		return broken(ErrSource, "ce-source", string(r.Institution))
	}
	if !r.Topic.Valid() {
		return broken(ErrTopic, "ce-topic", r.Topic.String())
	}
	if r.Epoch < 1 || r.Epoch > MaxNumber {
		return broken(ErrEpoch, "ce-epoch", strconv.FormatUint(uint64(r.Epoch), 10))
	}
	if r.Sequence < 1 || r.Sequence > MaxNumber {
		return broken(ErrSequence, "ce-sequence", strconv.FormatUint(uint64(r.Sequence), 10))
	}
	if topic, err := TypeTopic(r.Type); err != nil {
		return err
	} else if topic != r.Topic {
		return broken(ErrTypeTopic, "ce-type", r.Type)
	}
	if !r.Time.Valid() {
		return broken(ErrTime, "ce-time", strconv.FormatInt(int64(r.Time), 10)+" ms")
	}
	if !r.Handling.Valid() {
		return broken(ErrHandling, "ce-handling", r.Handling.String())
	}
	if err := CheckKey(r.Key); err != nil {
		return located(err, "keyid")
	}
	if r.BodyState == BodyHeld {
		return r.CheckBody(r.Body)
	}
	return nil
}

// TypeTopic checks a type's syntax and gives its topic; [ErrType], [ErrTopic]. Kinds are
// open: a type is never checked against a list.
func TypeTopic(s string) (Topic, error) {
	rest, ok := strings.CutPrefix(s, "vardar.")
	topic, kind, ok2 := strings.Cut(rest, ".")
	if !ok || !ok2 || !isKind(kind) {
		return 0, broken(ErrType, "ce-type", s)
	}
	t, err := ParseTopic(topic)
	if err != nil {
		return 0, broken(ErrType, "ce-type", s)
	}
	return t, nil
}

// isKind matches [a-z0-9_]{1,40}\.v[1-9][0-9]{0,2}.
func isKind[T string | []byte](s T) bool {
	dot := 0
	for dot < len(s) && s[dot] != '.' {
		if c := s[dot]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
		dot++
	}
	version := dot + len(".v")
	if dot == 0 || dot > MaxKind || len(s) <= version || len(s) > version+3 || s[dot+1] != 'v' || s[version] == '0' {
		return false
	}
	for i := version; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

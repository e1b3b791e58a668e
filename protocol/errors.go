package protocol

import (
	"errors"
	"fmt"
)

// The rules of a record's header block (wire.md §1). A decoder that refuses bytes
// returns a [*Violation] that wraps exactly one of these.
var (
	ErrBlockSyntax    = errors.New("header block is not lines of `name: value` ended by CR LF")
	ErrBlockTooLong   = errors.New("header block is longer than 4,096 bytes")
	ErrFieldMissing   = errors.New("a signed field is missing")
	ErrFieldOrder     = errors.New("a block as nodes write it has the fifteen fields alone, in lower case, in the signature's order")
	ErrFieldCount     = errors.New("a message has more than 128 fields")
	ErrFieldTwice     = errors.New("a field stands twice, in this or another case")
	ErrFieldUnknown   = errors.New("a ce- field that no version 1 record has")
	ErrValueBytes     = errors.New("a value is not 1 to 200 bytes of 0x21-0x7E without quote, per cent and comma")
	ErrSpecVersion    = errors.New("ce-specversion is not 1.0")
	ErrID             = errors.New("ce-id is not topic.epoch.sequence")
	ErrSource         = errors.New("ce-source is not a slash and an institution ID")
	ErrType           = errors.New("ce-type is not vardar.<topic>.<kind>.v<number>")
	ErrTypeTopic      = errors.New("the topic in ce-type is not ce-topic")
	ErrTime           = errors.New("ce-time is not a real instant written YYYY-MM-DDThh:mm:ss.mmmZ")
	ErrContentType    = errors.New("content-type is neither application/json nor application/vnd.age")
	ErrTopic          = errors.New("not one of the seven topics")
	ErrEpoch          = errors.New("epoch is not a number from 1 to 2147483647 without leading zero")
	ErrSequence       = errors.New("sequence is not a number from 1 to 2147483647 without leading zero")
	ErrIDMismatch     = errors.New("ce-id differs from ce-topic, ce-epoch and ce-sequence")
	ErrPrevious       = errors.New("ce-previous is not sha-256 and, between =: and :, the canonical base64 of 32 bytes")
	ErrHandling       = errors.New("not one of TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT, TLP:RED")
	ErrExercise       = errors.New("ce-exercise is neither 0 nor 1")
	ErrContentDigest  = errors.New("content-digest is not sha-256 and, between =: and :, the canonical base64 of 32 bytes")
	ErrSignatureInput = errors.New("signature-input is not, to the byte, the one of a version 1 record")
	ErrSignatureField = errors.New("signature is not vardar and, between =: and :, the canonical base64 of 64 bytes")
	ErrSignatureText  = errors.New("signature is not the canonical base64 of 64 bytes")
	ErrBodyTooLong    = errors.New("body is longer than 262,144 bytes")
	ErrBodyDigest     = errors.New("body does not have the content digest its header names")
	ErrNotSigned      = errors.New("signature was not made by the named key over this record")
	ErrInstitution    = errors.New("institution ID is not country.region.name of lower-case tokens")
	ErrName           = errors.New("record name is not institution/topic.epoch.sequence")
	ErrDigestText     = errors.New("digest is not sha-256: and 64 lower-case hex digits")
	ErrKeyText        = errors.New("key is not 64 lower-case hex digits")
	ErrKeySmallOrder  = errors.New("public key is one of the small-order points: everybody can sign for it")
	ErrKeyEncoding    = errors.New("public key is not written in the one canonical way")
	ErrProof          = errors.New("proof of possession was not made by the key it names")
)

// The rules of runs and frames (wire.md §4).
var (
	ErrFrameMagic    = errors.New("frame does not begin with vf and a known form")
	ErrFrameTooLong  = errors.New("frame is longer than its bound")
	ErrFrameTrailing = errors.New("bytes stand behind the last run of the frame")
	ErrFrameCut      = errors.New("frame ends in the middle of a run")
	ErrFrameEmpty    = errors.New("frame holds no run")
	ErrFramePacked   = errors.New("compressed frame can't be opened")
	ErrRunCount      = errors.New("run does not hold 1 to 256 records")
	ErrRunSequence   = errors.New("run goes past the last possible sequence")
	ErrRunTooLong    = errors.New("run is longer than 4 MiB")
	ErrRunMixed      = errors.New("records of a run are not consecutive records of one epoch and key")
	ErrEntryBits     = errors.New("entry has a bit set that must be zero")
	ErrEntryTime     = errors.New("entry's time is after the year 9999")
)

// The rules of the documents beside records (wire.md §3, §5-§9).
var (
	ErrBeacon          = errors.New("beacon is not written as wire.md §8 says")
	ErrBeaconTooLong   = errors.New("beacon is longer than 4 KiB")
	ErrBeaconOrder     = errors.New("beacon's heads are not sorted by topic and epoch, each once")
	ErrBeaconEmpty     = errors.New("beacon lists no head, so no feed can vouch for its key")
	ErrBeaconSignature = errors.New("beacon was not signed by the node key it names")
	ErrInvitation      = errors.New("this invitation is cut or mistyped")
	ErrAddress         = errors.New("address is not host:port")
	ErrInvitationLong  = errors.New("invitation is longer than 1,024 bytes")
	ErrCharter         = errors.New("charter document is not valid")
	ErrPrefix          = errors.New("registrar's prefix is not like mk. or mk.southeast., or is given twice")
	ErrCharterVersion  = errors.New("charter was made for a newer vardar")
	ErrCharterSigned   = errors.New("charter does not carry the signatures of its threshold of stewards")
	ErrCharterKeys     = errors.New("charter names an institution twice, or two keys for one, or one key for two")
	ErrThreshold       = errors.New("threshold is not more than half of the stewards")
	ErrPolicy          = errors.New("link policy is not valid")
	ErrPolicyPattern   = errors.New("link policy names groups that are not topic and region, or * in their place")
	ErrPolicySigned    = errors.New("link policy is not signed by both link keys")
	ErrNonce           = errors.New("nonce is not 11 to 64 characters of A-Z a-z 0-9 _ -")
	ErrControlVersion  = errors.New("control message is not of version 1")
	ErrControlBounds   = errors.New("control message asks for nothing, for too much, or for what can't be")
	ErrControlTooLong  = errors.New("control message is longer than 1 MiB")
	ErrSealedPadding   = errors.New("unsealed text is not padded with blanks to a power of two from 1,024 to 131,072")
	ErrSealedSource    = errors.New("what was sealed names another source or id than its header")
	ErrRecipients      = errors.New("a record is sealed to 1 to 100 institutions, each once, its author among them")
)

// The rules of JSON that is read strictly ([DecodeJSON]).
var (
	ErrJSONSyntax  = errors.New("not well-formed JSON")
	ErrJSONTwice   = errors.New("a member stands twice, in this or another case")
	ErrJSONMissing = errors.New("a member is missing")
	ErrJSONValue   = errors.New("a member's value does not fit")
	ErrJSONDepth   = errors.New("JSON is nested deeper than 32 levels")
	ErrSalt        = errors.New("the first member is not salt, the base64 of 16 bytes")
)

// Violation says which rule foreign bytes broke, and where.
type Violation struct {
	Field  string // header field, or path of a JSON member such as figures[2].value
	Detail string // what stood there, shortened, and the mend where there is one
	Rule   error  // one of the Err... of this package
}

// Error names the field, what was wrong, and what stood there.
func (v *Violation) Error() string {
	switch {
	case v.Field == "" && v.Detail == "":
		return v.Rule.Error()
	case v.Detail == "":
		return fmt.Sprintf("%s: %v", v.Field, v.Rule)
	case v.Field == "":
		return fmt.Sprintf("%v: %s", v.Rule, v.Detail)
	}
	return fmt.Sprintf("%s: %v: %s", v.Field, v.Rule, v.Detail)
}

// Unwrap gives the rule, for errors.Is.
func (v *Violation) Unwrap() error { return v.Rule }

// broken makes a Violation; detail is quoted and cut to a length that fits a line.
func broken(rule error, field, detail string) error {
	return &Violation{Field: field, Rule: rule, Detail: quoted(detail)}
}

func quoted(s string) string {
	const most = 80
	if s == "" {
		return ""
	}
	if len(s) > most {
		return fmt.Sprintf("%q…", s[:most])
	}
	return fmt.Sprintf("%q", s)
}

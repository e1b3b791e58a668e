package protocol

import (
	"errors"
	"fmt"
)

// The rules of a record's header block (wire.md §1). A decoder that refuses bytes
// returns a [*Violation] that wraps exactly one of these.
var (
	ErrBlockSyntax    = newRule("block_syntax", "header block is not lines of `name: value` ended by CR LF")
	ErrBlockTooLong   = newRule("block_too_long", "header block is longer than 4,096 bytes")
	ErrFieldMissing   = newRule("field_missing", "a signed field is missing")
	ErrFieldOrder     = newRule("field_order", "a block as nodes write it has the fifteen fields alone, in lower case, in the signature's order")
	ErrFieldCount     = newRule("field_count", "a message has more than 128 fields")
	ErrFieldTwice     = newRule("field_twice", "a field stands twice, in this or another case")
	ErrFieldUnknown   = newRule("field_unknown", "a ce- field that no version 1 record has")
	ErrValueBytes     = newRule("value_bytes", "a value is not 1 to 200 bytes of 0x21-0x7E without quote, per cent and comma")
	ErrSpecVersion    = newRule("spec_version", "ce-specversion is not 1.0")
	ErrID             = newRule("id", "ce-id is not topic.epoch.sequence")
	ErrSource         = newRule("source", "ce-source is not a slash and an institution ID")
	ErrType           = newRule("type", "ce-type is not vardar.<topic>.<kind>.v<number>")
	ErrTypeTopic      = newRule("type_topic", "the topic in ce-type is not ce-topic")
	ErrTime           = newRule("time", "ce-time is not a real instant written YYYY-MM-DDThh:mm:ss.mmmZ")
	ErrContentType    = newRule("content_type", "content-type is neither application/json nor application/vnd.age")
	ErrTopic          = newRule("topic", "not one of trust, alert, situation, resource, policy, funding, knowledge")
	ErrEpoch          = newRule("epoch", "epoch is not a number from 1 to 2147483647 without leading zero")
	ErrSequence       = newRule("sequence", "sequence is not a number from 1 to 2147483647 without leading zero")
	ErrIDMismatch     = newRule("id_mismatch", "ce-id differs from ce-topic, ce-epoch and ce-sequence")
	ErrPrevious       = newRule("previous", "ce-previous is not sha-256 and, between =: and :, the canonical base64 of 32 bytes")
	ErrHandling       = newRule("handling", "not one of TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT, TLP:RED")
	ErrExercise       = newRule("exercise", "ce-exercise is neither 0 nor 1")
	ErrContentDigest  = newRule("content_digest", "content-digest is not sha-256 and, between =: and :, the canonical base64 of 32 bytes")
	ErrSignatureInput = newRule("signature_input", "signature-input is not, to the byte, the one of a version 1 record")
	ErrSignatureField = newRule("signature_field", "signature is not vardar and, between =: and :, the canonical base64 of 64 bytes")
	ErrSignatureText  = newRule("signature_text", "signature is not the canonical base64 of 64 bytes")
	ErrBodyTooLong    = newRule("body_too_long", "body is longer than 262,144 bytes")
	ErrBodyDigest     = newRule("body_digest", "body does not have the content digest its header names")
	ErrNotSigned      = newRule("not_signed", "signature was not made by the named key over this record")
	ErrInstitution    = newRule("institution", "institution ID is not country.region.name of lower-case tokens")
	ErrName           = newRule("name", "record name is not institution/topic.epoch.sequence")
	ErrDigestText     = newRule("digest_text", "digest is not sha-256: and 64 lower-case hex digits")
	ErrKeyText        = newRule("key_text", "key is not 64 lower-case hex digits")
	ErrKeySmallOrder  = newRule("key_small_order", "public key is one of the small-order points: everybody can sign for it")
	ErrKeyEncoding    = newRule("key_encoding", "public key is not written in the one canonical way")
	ErrProof          = newRule("proof", "proof of possession was not made by the key it names")
)

// The rules of runs and frames (wire.md §4).
var (
	ErrFrameMagic    = newRule("frame_magic", "frame does not begin with vf and a known form")
	ErrFrameTooLong  = newRule("frame_too_long", "frame is longer than its bound")
	ErrFrameTrailing = newRule("frame_trailing", "bytes stand behind the last run of the frame")
	ErrFrameCut      = newRule("frame_cut", "frame ends in the middle of a run")
	ErrFrameEmpty    = newRule("frame_empty", "frame holds no run")
	ErrFramePacked   = newRule("frame_packed", "compressed frame can't be opened")
	ErrRunCount      = newRule("run_count", "run does not hold 1 to 256 records")
	ErrRunSequence   = newRule("run_sequence", "run goes past the last possible sequence")
	ErrRunTooLong    = newRule("run_too_long", "run is longer than 4 MiB")
	ErrRunMixed      = newRule("run_mixed", "records of a run are not consecutive records of one epoch and key")
	ErrEntryBits     = newRule("entry_bits", "entry has a bit set that must be zero")
	ErrEntryTime     = newRule("entry_time", "entry's time is after the year 9999")
)

// The rules of the documents beside records (wire.md §3, §5-§9).
var (
	ErrBeacon          = newRule("beacon", "beacon is not written as wire.md §8 says")
	ErrBeaconTooLong   = newRule("beacon_too_long", "beacon is longer than 4 KiB")
	ErrBeaconOrder     = newRule("beacon_order", "beacon's heads are not sorted by topic and epoch, each once")
	ErrBeaconEmpty     = newRule("beacon_empty", "beacon lists no head, so no feed can vouch for its key")
	ErrBeaconSignature = newRule("beacon_signature", "beacon was not signed by the node key it names")
	ErrBundle          = newRule("bundle", "not a bundle: it begins with other lines than vardar-bundle-v1, from, to, made, or a section in it is none")
	ErrInvitation      = newRule("invitation", "this invitation is cut or mistyped")
	ErrAddress         = newRule("address", "address is not host:port")
	ErrDate            = newRule("date", "not a real moment written YYYY-MM-DDThh:mm:ssZ")
	ErrInvitationLong  = newRule("invitation_long", "invitation is longer than 1,024 bytes")
	ErrCharter         = newRule("charter", "charter document is not valid")
	ErrPrefix          = newRule("prefix", "registrar's prefix is not like mk. or mk.southeast., or is given twice")
	ErrCharterVersion  = newRule("charter_version", "charter was made for a newer vardar")
	ErrCharterSigned   = newRule("charter_signed", "charter does not carry the signatures of its threshold of stewards")
	ErrCharterKeys     = newRule("charter_keys", "charter names an institution twice, or two keys for one, or one key for two")
	ErrCharterAfter    = newRule("charter_after", "charter is not the version that follows, or names another one before it")
	ErrCharterBefore   = newRule("charter_before", "charter does not carry the signatures of the threshold of stewards before it")
	ErrCharterEpoch    = newRule("charter_epoch", "charter gives an epoch another key than before, or does not go on with the next")
	ErrCharterEnded    = newRule("charter_ended", "charter takes a prefix from a registrar and does not say what counts of its word, or the other way round")
	ErrCharterRivals   = newRule("charter_rivals", "charter does not end the rivalry of the two it names")
	ErrThreshold       = newRule("threshold", "threshold is not more than half of the stewards")
	ErrPolicy          = newRule("policy", "link policy is not valid")
	ErrPolicyPattern   = newRule("policy_pattern", "link policy names groups that are not topic and region, or * in their place")
	ErrPolicySigned    = newRule("policy_signed", "link policy is not signed by both link keys")
	ErrNonce           = newRule("nonce", "nonce is not 11 to 64 characters of A-Z a-z 0-9 _ -")
	ErrControlVersion  = newRule("control_version", "control message is not of version 1")
	ErrControlBounds   = newRule("control_bounds", "control message asks for nothing, for too much, or for what can't be")
	ErrHaveProof       = newRule("have_proof", "rows are not those that the digest of their group was made of")
	ErrControlTooLong  = newRule("control_too_long", "control message is longer than 1 MiB")
	ErrSealedPadding   = newRule("sealed_padding", "unsealed text is not padded with blanks to a power of two from 1,024 to 131,072")
	ErrSealedSource    = newRule("sealed_source", "what was sealed names another source or id than its header")
	ErrRecipients      = newRule("recipients", "a record is sealed to 1 to 100 institutions, each once, its author among them")
)

// The rules of JSON that is read strictly ([DecodeJSON]).
var (
	ErrJSONSyntax  = newRule("json_syntax", "not well-formed JSON")
	ErrJSONTwice   = newRule("json_twice", "a member stands twice, in this or another case")
	ErrJSONMissing = newRule("json_missing", "it is missing")
	ErrJSONValue   = newRule("json_value", "a member's value does not fit")
	ErrJSONDepth   = newRule("json_depth", "JSON is nested deeper than 32 levels")
	ErrSalt        = newRule("salt", "the first member is not salt, the base64 of 16 bytes")
)

// rule is a sentinel with a name that never changes.
type rule struct{ name, text string }

func (r *rule) Error() string { return r.text }

func newRule(name, text string) error { return &rule{name, text} }

// RuleName gives the stable name of the rule that err wraps, such as field_twice: what
// the conformance vectors say, and what counters can be kept by. It is empty for an error
// that is none of this package's.
func RuleName(err error) string {
	var r *rule
	if !errors.As(err, &r) {
		return ""
	}
	return r.name
}

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

// typed quotes what was read also where it is empty: what is wanted instead stands behind it.
func typed(s string) string {
	if s == "" {
		return `""`
	}
	return quoted(s)
}

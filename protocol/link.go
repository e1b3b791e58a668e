package protocol

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// The first line of every signed text that is no record, so that no signature serves
// twice.
const (
	lineLink    = "vardar-link-v1\n"
	lineJoin    = "vardar-join-v1\n"
	lineKey     = "vardar-key-v1\n"
	lineClaim   = "vardar-claim-v1\n"
	linePolicy  = "vardar-policy-v1\n"
	lineCharter = "vardar-charter-v1\n"
	lineHave    = "vardar-have-v1\n"
	lineHaves   = "vardar-haves-v1\n"
)

// KeyUse says what a key is for; no key has two uses (design.md §5).
type KeyUse string

// The four uses. An age key has no proof of possession: it signs nothing.
const (
	UseIdentity KeyUse = "identity"
	UseNode     KeyUse = "node"
	UseLink     KeyUse = "link"
	UseAge      KeyUse = "age"
)

// Signs reports whether keys of this use sign, and so come with a proof of possession.
func (u KeyUse) Signs() bool { return u == UseIdentity || u == UseNode || u == UseLink }

// KeyProofText is what a new key signs to prove that its owner holds it.
func KeyProofText(institution InstitutionID, use KeyUse, key Key) []byte {
	return []byte(lineKey + string(institution) + "\n" + string(use) + "\n" + key.String())
}

// CheckKeyProof returns [ErrProof] unless use is one of the three that sign and key signed
// its own [KeyProofText], and what [CheckKey] says of the key.
func CheckKeyProof(institution InstitutionID, use KeyUse, key Key, proof Signature) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	if !use.Signs() || !key.Verify(KeyProofText(institution, use, key), proof) {
		return &Violation{Field: "proof", Rule: ErrProof}
	}
	return nil
}

// ClaimText is what the claim key of an invitation signs to name the identity key of
// the institution that took it (wire.md §8).
func ClaimText(institution InstitutionID, identity Key) []byte {
	return []byte(lineClaim + string(institution) + "\n" + identity.String())
}

// LinkText is what a dialler's link key signs. The listener is the one whose key the
// TLS handshake proved, so a nonce passed on from another server is of no use; the fixed
// first line keeps a server from having a record signed as its nonce. It returns
// [ErrNonce] for a nonce that could hold anything but one.
func LinkText(dialler, listener InstitutionID, nonce string) ([]byte, error) {
	return handshake(lineLink, dialler, listener, nonce)
}

// JoinText is what a guest signs with the claim key of its invitation.
func JoinText(institution, listener InstitutionID, nonce string) ([]byte, error) {
	return handshake(lineJoin, institution, listener, nonce)
}

func handshake(line string, dialler, listener InstitutionID, nonce string) ([]byte, error) {
	if len(nonce) < 11 || len(nonce) > 64 || !isBase64URL(nonce) {
		return nil, broken(ErrNonce, "nonce", nonce)
	}
	return []byte(line + string(dialler) + "\n" + string(listener) + "\n" + nonce), nil
}

func isBase64URL(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isAlphanumeric(c) && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

func isAlphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// LinkToken is the token of a link in NATS subjects: 20 hex digits.
type LinkToken string

// TokenOf gives the token of the link that dialler opens to listener.
func TokenOf(dialler, listener InstitutionID) LinkToken {
	sum := sha256.Sum256([]byte(lineLink + string(dialler) + "\n" + string(listener)))
	return LinkToken(hex.EncodeToString(sum[:10]))
}

// Valid reports whether the token is 20 lower-case hex digits.
func (l LinkToken) Valid() bool {
	var b [10]byte
	return decodeHex(b[:], string(l))
}

// Operation is what one side of a link asks of the other: the X of link.L.ask.X.
type Operation string

// The operations of a link (wire.md §5, §6).
const (
	OpHello   Operation = "hello"
	OpOwn     Operation = "own"
	OpHave    Operation = "have"
	OpRows    Operation = "rows"
	OpBisect  Operation = "bisect"
	OpRange   Operation = "range"
	OpBodies  Operation = "bodies"
	OpFile    Operation = "file"
	OpCharter Operation = "charter"
	OpPolicy  Operation = "policy"
	OpBeacon  Operation = "beacon"
	OpPush    Operation = "push" // frames from the dialler
	OpTail    Operation = "tail" // frames to the dialler
	OpJoin    Operation = "join" // of a guest
)

// The subjects of a link. The dialler asks on Ask and is answered below Inbox; the
// listener asks on Serve and is answered below Reply.

// Ask gives link.L.ask.X.
func (l LinkToken) Ask(x Operation) string { return "link." + string(l) + ".ask." + string(x) }

// Serve gives link.L.serve.X.
func (l LinkToken) Serve(x Operation) string { return "link." + string(l) + ".serve." + string(x) }

// Inbox gives link.L.inbox.Y.
func (l LinkToken) Inbox(y string) string { return "link." + string(l) + ".inbox." + y }

// Reply gives link.L.reply.Y.
func (l LinkToken) Reply(y string) string { return "link." + string(l) + ".reply." + y }

// In gives in.L, the subject under which frames of this link wait in the stream IN.
func (l LinkToken) In() string { return "in." + string(l) }

// AnswersTo reports whether an answer to a question of the dialler may be sent to
// reply: it lies in that link's own inbox and is one plain token. Reply subjects are not
// permission-checked by nats-server, so this is what keeps a peer from having our node
// publish wherever it likes.
func (l LinkToken) AnswersTo(reply string) bool { return isReply(reply, l.Inbox("")) }

// AnsweredBy is AnswersTo for questions of the listener.
func (l LinkToken) AnsweredBy(reply string) bool { return isReply(reply, l.Reply("")) }

func isReply(subject, prefix string) bool {
	token, ok := strings.CutPrefix(subject, prefix)
	if !ok || token == "" || len(token) > 40 {
		return false
	}
	for i := range len(token) {
		if !isAlphanumeric(token[i]) {
			return false
		}
	}
	return true
}

// LogSubjects are the subjects in the stream LOG of all records marked up to most, which whoever
// may read no more may subscribe to.
func LogSubjects(most Handling) []string {
	var out []string
	for h := Clear; h <= most; h++ {
		out = append(out, "vardar.v1.*.*.*.*."+h.token())
	}
	return out
}

// LogSubject is the subject of a record in the stream LOG, derived from its signed
// fields: vardar.v1.<country>.<region>.<name>.<topic>.<handling>.
func LogSubject(r *Record) string {
	return "vardar.v1." + string(r.Institution) + "." + r.Topic.String() + "." + r.Handling.token()
}

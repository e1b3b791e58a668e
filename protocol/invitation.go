package protocol

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"
	"unicode"
)

const (
	invitationPrefix = "vardar1."
	// MaxInvitationBytes bounds the one line of an invitation.
	MaxInvitationBytes = 1024
)

// Invitation is the one line of text with which an institution joins (wire.md §8). It
// holds the claim secret: whoever has the line can take the seat it was made for, once.
type Invitation struct {
	Network     string        // the network's name
	Charter     Digest        // of the charter document
	Registrar   InstitutionID // who wrote the admission
	Institution InstitutionID // whom it admits
	Addresses   []string      // host:port of the listener
	ListenerKey Key           // its link key
	Listener    InstitutionID
	Claim       ed25519.PrivateKey
	Expires     time.Time  // whole seconds, UTC
	Neighbour   *Neighbour // a second node to link with, or to join at; nil: none
	Settled     Digest     // of the later version of the charter that the inviter takes as given; zero: none
}

// Neighbour is a member near a newcomer that listens somewhere: a link with it too keeps
// the newcomer from hanging on one node, and it lets the newcomer in while the listener is
// out of reach.
type Neighbour struct {
	Institution InstitutionID `json:"institution"`
	Address     string        `json:"address"` // host:port
	Key         Key           `json:"key"`     // its link key
}

// AtNeighbour gives the same invitation with the neighbour for its listener; false if it
// names none but the listener.
func (v Invitation) AtNeighbour() (Invitation, bool) {
	n := v.Neighbour
	if n == nil || n.Institution == v.Listener {
		return v, false
	}
	v.Neighbour = &Neighbour{v.Listener, v.Addresses[0], v.ListenerKey}
	v.Listener, v.Addresses, v.ListenerKey = n.Institution, []string{n.Address}, n.Key
	return v, true
}

// invitationJSON is the form of the line; one letter a member keeps it short.
type invitationJSON struct {
	N string        `json:"n"`
	C string        `json:"c"`
	R InstitutionID `json:"r"`
	I InstitutionID `json:"i"`
	A []string      `json:"a"`
	K Key           `json:"k"`
	L InstitutionID `json:"l"`
	S string        `json:"s"`
	E string        `json:"e"`
	B *Neighbour    `json:"b,omitempty"`
	V string        `json:"v,omitempty"`
}

// String names whom it admits, without the secret, so that no log can hold it.
func (v Invitation) String() string { return "invitation of " + string(v.Institution) }

// LogValue is String, for the same reason.
func (v Invitation) LogValue() slog.Value { return slog.StringValue(v.String()) }

// Line gives the line, its secret included: it is for the one it is meant for alone.
func (v Invitation) Line() string {
	settled := ""
	if !v.Settled.IsZero() {
		settled = v.Settled.Hex()
	}
	text, _ := json.Marshal(invitationJSON{ //nolint:errchkjson // strings and lists of strings alone
		v.Network, v.Charter.Hex(), v.Registrar, v.Institution, v.Addresses, v.ListenerKey, v.Listener,
		hex.EncodeToString(v.Claim.Seed()), formatDate(v.Expires), v.Neighbour, settled,
	})
	line := invitationPrefix + base64.RawURLEncoding.EncodeToString(text)
	return line + "." + invitationCheck(line)
}

func invitationCheck(line string) string {
	sum := sha256.Sum256([]byte(line))
	return hex.EncodeToString(sum[:4])
}

// ParseInvitation reads the line; blanks and line breaks around it are forgiven. It
// returns [ErrInvitation] for a wrong check, and names the member otherwise.
func ParseInvitation(line string) (Invitation, error) {
	line = strings.TrimSpace(line)
	if len(line) > MaxInvitationBytes {
		return Invitation{}, &Violation{Rule: ErrInvitationLong}
	}
	dot := strings.LastIndexByte(line, '.')
	if !strings.HasPrefix(line, invitationPrefix) || dot < len(invitationPrefix) || line[dot+1:] != invitationCheck(line[:dot]) {
		return Invitation{}, &Violation{Rule: ErrInvitation}
	}
	text, ok := decodeDocument(base64.RawURLEncoding, line[len(invitationPrefix):dot])
	if !ok {
		return Invitation{}, &Violation{Rule: ErrInvitation}
	}
	var j invitationJSON
	if _, err := DecodeJSON(text, &j); err != nil {
		return Invitation{}, err
	}
	return j.read()
}

func (j *invitationJSON) read() (Invitation, error) {
	v := Invitation{Network: j.N, Registrar: j.R, Institution: j.I, Addresses: j.A, ListenerKey: j.K, Listener: j.L, Neighbour: j.B}
	if !isTitle(v.Network) {
		return Invitation{}, misfit("n", "want the network's name, %s", titleRule)
	}
	var seed [ed25519.SeedSize]byte
	if !decodeHex(v.Charter[:], j.C) {
		return Invitation{}, broken(ErrDigestText, "c", j.C)
	}
	if j.V != "" && !decodeHex(v.Settled[:], j.V) {
		return Invitation{}, broken(ErrDigestText, "v", j.V)
	}
	if !decodeHex(seed[:], j.S) {
		return Invitation{}, &Violation{Field: "s", Rule: ErrKeyText}
	}
	v.Claim = ed25519.NewKeyFromSeed(seed[:])
	var err error
	if v.Expires, err = parseDate(j.E); err != nil {
		return Invitation{}, located(err, "e")
	}
	if len(v.Addresses) == 0 {
		return Invitation{}, misfit("a", "no address to join at")
	}
	for _, a := range v.Addresses {
		if !validAddress(a) {
			return Invitation{}, broken(ErrAddress, "a", a)
		}
	}
	if n := v.Neighbour; n != nil && !validAddress(n.Address) {
		return Invitation{}, broken(ErrAddress, "b.address", n.Address)
	}
	return v, nil
}

func validAddress(a string) bool {
	host, port, err := net.SplitHostPort(a)
	if err != nil || host == "" {
		return false
	}
	for i := range len(host) {
		if c := host[i]; !isAlphanumeric(c) && !strings.ContainsRune("-._:%", rune(c)) {
			return false
		}
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}

// maxTitle bounds the name of a network, in bytes: it stands in one line of a terminal.
const maxTitle = 100

const titleRule = "1 to 100 bytes of text without line breaks and control characters"

// isTitle keeps what strangers write from steering a terminal.
func isTitle(s string) bool {
	if s == "" || len(s) > maxTitle || strings.TrimSpace(s) != s {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

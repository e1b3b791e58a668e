package body

import (
	"strconv"
	"strings"
	"time"
)

// The scopes and message types that rules of CAP 1.2 look at.
const (
	ScopePublic     CAPScope   = "Public"
	ScopeRestricted CAPScope   = "Restricted"
	ScopePrivate    CAPScope   = "Private"
	MsgAlert        CAPMsgType = "Alert"
	MsgUpdate       CAPMsgType = "Update"
	MsgCancel       CAPMsgType = "Cancel"
	MsgAck          CAPMsgType = "Ack"
	MsgError        CAPMsgType = "Error"
	StatusActual    CAPStatus  = "Actual"
	StatusExercise  CAPStatus  = "Exercise"
)

// CAPStatus is how an alert is to be handled.
type CAPStatus string

// Words gives the vocabulary.
func (CAPStatus) Words() []string { return []string{"Actual", "Exercise", "System", "Test", "Draft"} }

// UnmarshalText reads one of the words; [ErrVocabulary].
func (s *CAPStatus) UnmarshalText(b []byte) error { return readWord(s, b, s.Words()) }

// CAPMsgType is the nature of an alert message.
type CAPMsgType string

// Words gives the vocabulary.
func (CAPMsgType) Words() []string { return []string{"Alert", "Update", "Cancel", "Ack", "Error"} }

// UnmarshalText reads one of the words; [ErrVocabulary].
func (m *CAPMsgType) UnmarshalText(b []byte) error { return readWord(m, b, m.Words()) }

// CAPScope is how far an alert is meant to go.
type CAPScope string

// Words gives the vocabulary.
func (CAPScope) Words() []string { return []string{"Public", "Restricted", "Private"} }

// UnmarshalText reads one of the words; [ErrVocabulary].
func (s *CAPScope) UnmarshalText(b []byte) error { return readWord(s, b, s.Words()) }

// CAPCategory is the category of the event.
type CAPCategory string

// Words gives the vocabulary.
func (CAPCategory) Words() []string {
	return []string{
		"Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other",
	}
}

// UnmarshalText reads one of the words; [ErrVocabulary].
func (c *CAPCategory) UnmarshalText(b []byte) error { return readWord(c, b, c.Words()) }

// CAPResponseType is what its readers are to do.
type CAPResponseType string

// Words gives the vocabulary.
func (CAPResponseType) Words() []string {
	return []string{"Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"}
}

// UnmarshalText reads one of the words; [ErrVocabulary].
func (r *CAPResponseType) UnmarshalText(b []byte) error { return readWord(r, b, r.Words()) }

// CAPUrgency is how soon to act.
type CAPUrgency string

// Words gives the vocabulary.
func (CAPUrgency) Words() []string {
	return []string{"Immediate", "Expected", "Future", "Past", "Unknown"}
}

// UnmarshalText reads one of the words; [ErrVocabulary].
func (u *CAPUrgency) UnmarshalText(b []byte) error { return readWord(u, b, u.Words()) }

// CAPCertainty is how sure it is.
type CAPCertainty string

// Words gives the vocabulary.
func (CAPCertainty) Words() []string {
	return []string{"Observed", "Likely", "Possible", "Unlikely", "Unknown"}
}

// UnmarshalText reads one of the words; [ErrVocabulary].
func (c *CAPCertainty) UnmarshalText(b []byte) error { return readWord(c, b, c.Words()) }

// CAPName is an identifier or a sender: no blanks, commas, & or <.
type CAPName string

// Pattern is the regular expression of a name.
func (CAPName) Pattern() string { return capNamePattern }

// MaxBytes is the bound that [Parse] holds it to, so that a form can show it.
func (CAPName) MaxBytes() int { return MaxLabel }

// UnmarshalText reads it; [ErrPattern].
func (n *CAPName) UnmarshalText(b []byte) error {
	if len(b) > MaxLabel {
		return refuse(ErrTextTooLong, "", "%d bytes, at most %d", len(b), MaxLabel)
	}
	return readPattern(n, b, capNameExpr, "want 1 to 200 characters without blanks, commas, & and <")
}

// CAPText is the value of a parameter or code: as [Text], but it may be empty, as real
// alerts have it.
type CAPText string

// MaxBytes is the bound that [Parse] holds it to.
func (CAPText) MaxBytes() int { return MaxText }

// MayBeEmpty says that an empty text is a value here.
func (CAPText) MayBeEmpty() bool { return true }

// UnmarshalText reads it; [ErrText], [ErrTextTooLong].
func (t *CAPText) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*t = ""
		return nil
	}
	return readText(t, b, MaxText, "\n\t")
}

// CAPTime is a moment as CAP 1.2 writes it: an offset, never Z; UTC is -00:00.
type CAPTime string

// CAPTimeOf writes t with its own offset, cut to seconds; UTC as -00:00.
func CAPTimeOf(t time.Time) CAPTime {
	s := t.Format("2006-01-02T15:04:05-07:00")
	return CAPTime(strings.Replace(s, "+00:00", "-00:00", 1))
}

// Pattern is the regular expression of a moment.
func (CAPTime) Pattern() string { return capTimePattern }

// Time gives the moment in UTC; the zero time if it was not given.
func (t CAPTime) Time() time.Time {
	parsed, err := time.Parse(time.RFC3339, string(t))
	if err != nil {
		return time.Time{}
	}
	return parsed.UTC()
}

// UnmarshalText reads it; [ErrTime].
func (t *CAPTime) UnmarshalText(b []byte) error {
	if _, err := time.Parse(time.RFC3339, string(b)); err != nil || !capTimeExpr.Match(b) {
		return refuse(ErrTime, "", "%s: want a moment with offset such as 2016-03-17T10:00:00+01:00; UTC is -00:00, not Z", shown(string(b)))
	}
	*t = CAPTime(b)
	return nil
}

// SHA1 is the digest CAP gives of a resource: 40 hex digits.
type SHA1 string

// Pattern is the regular expression of a digest.
func (SHA1) Pattern() string { return sha1Pattern }

// UnmarshalText reads it; [ErrPattern].
func (s *SHA1) UnmarshalText(b []byte) error {
	return readPattern(s, b, sha1Expr, "want the SHA-1 in 40 hex digits")
}

// CAPReferences names earlier messages: blank-separated triples sender,identifier,sent.
type CAPReferences string

// CAPReference is one of them.
type CAPReference struct {
	Sender, Identifier CAPName
	Sent               CAPTime
}

// Pattern is the regular expression of the triples.
func (CAPReferences) Pattern() string { return capReferencesPattern }

// UnmarshalText reads it; [ErrPattern].
func (r *CAPReferences) UnmarshalText(b []byte) error {
	return readPattern(r, b, capReferencesExpr, "want sender,identifier,sent, several parted by blanks")
}

// Split gives the triples.
func (r CAPReferences) Split() []CAPReference {
	var out []CAPReference
	for _, triple := range strings.FieldsFunc(string(r), func(c rune) bool { return strings.ContainsRune("\t\n\r ", c) }) {
		part := strings.SplitN(triple, ",", 3)
		if len(part) == 3 {
			out = append(out, CAPReference{CAPName(part[0]), CAPName(part[1]), CAPTime(part[2])})
		}
	}
	return out
}

// CAPPolygon is blank-separated lat,lon pairs, WGS 84 degrees: at least four, the first
// and the last the same.
type CAPPolygon string

// Pattern is the regular expression of the pairs; that it closes is checked in Go.
func (CAPPolygon) Pattern() string { return capPolygonPattern }

// UnmarshalText reads it; [ErrCAP].
func (p *CAPPolygon) UnmarshalText(b []byte) error {
	pairs := strings.Fields(string(b))
	if len(pairs) < 4 || pairs[0] != pairs[len(pairs)-1] || !capPolygonExpr.Match(b) {
		return refuse(ErrCAP, "", "want at least four lat,lon pairs parted by blanks, the last the same as the first")
	}
	for _, pair := range pairs {
		if !isPoint(pair) {
			return refuse(ErrCAP, "", "%s is no point on earth", shown(pair))
		}
	}
	*p = CAPPolygon(b)
	return nil
}

// CAPCircle is lat,lon and a radius in kilometres.
type CAPCircle string

// Pattern is the regular expression of a circle.
func (CAPCircle) Pattern() string { return capCirclePattern }

// UnmarshalText reads it; [ErrCAP].
func (c *CAPCircle) UnmarshalText(b []byte) error {
	point, _, _ := strings.Cut(string(b), " ")
	if !capCircleExpr.Match(b) || !isPoint(point) {
		return refuse(ErrCAP, "", "%s: want lat,lon and a radius in km, such as 41.14,22.50 5", shown(string(b)))
	}
	*c = CAPCircle(b)
	return nil
}

// isPoint reports whether lat,lon lie on the globe.
func isPoint(pair string) bool {
	lat, lon, _ := strings.Cut(pair, ",")
	a, errLat := strconv.ParseFloat(lat, 64)
	o, errLon := strconv.ParseFloat(lon, 64)
	return errLat == nil && errLon == nil && a >= -90 && a <= 90 && o >= -180 && o <= 180
}

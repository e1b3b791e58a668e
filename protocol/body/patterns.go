package body

import "regexp"

// The expressions that texts are held against, compiled once and never changed, as
// templates are: compiling one anew for each field cost 16 µs to 1.4 ms (2026-11-23),
// which let a body of 256 KiB take seconds. Each must match a whole text. The published
// schemas print them, so they keep to what RE2 and ECMA 262 read alike: \s is ASCII to one
// and Unicode to the other, and is written out.
var (
	uriExpr            = regexp.MustCompile(`^(?:` + uriPattern + `)$`)
	languageExpr       = regexp.MustCompile(`^(?:` + languagePattern + `)$`)
	currencyExpr       = regexp.MustCompile(`^(?:` + currencyPattern + `)$`)
	rateExpr           = regexp.MustCompile(`^(?:` + ratePattern + `)$`)
	decimalExpr        = regexp.MustCompile(`^(?:` + decimalPattern + `)$`)
	relationExpr       = regexp.MustCompile(`^(?:` + relationPattern + `)$`)
	territoryExpr      = regexp.MustCompile(`^(?:` + Territory("").Pattern() + `)$`)
	tokenExpr          = regexp.MustCompile(`^(?:` + tokenPattern + `)$`)
	fieldNameExpr      = regexp.MustCompile(`^(?:` + fieldNamePattern + `)$`)
	ageGroupExpr       = regexp.MustCompile(`^(?:` + ageGroupPattern + `)$`)
	ownWordExpr        = regexp.MustCompile(`^(?:` + OwnWordPattern + `)$`)
	phoneExpr          = regexp.MustCompile(`^(?:` + phonePattern + `)$`)
	emailExpr          = regexp.MustCompile(`^(?:` + emailPattern + `)$`)
	keyExpr            = regexp.MustCompile(`^(?:` + keyPattern + `)$`)
	recipientExpr      = regexp.MustCompile(`^(?:` + recipientPattern + `)$`)
	capNameExpr        = regexp.MustCompile(`^(?:` + capNamePattern + `)$`)
	capTimeExpr        = regexp.MustCompile(`^(?:` + capTimePattern + `)$`)
	capReferencesExpr  = regexp.MustCompile(`^(?:` + capReferencesPattern + `)$`)
	capPolygonExpr     = regexp.MustCompile(`^(?:` + capPolygonPattern + `)$`)
	capCircleExpr      = regexp.MustCompile(`^(?:` + capCirclePattern + `)$`)
	objectiveExpr      = regexp.MustCompile(`^(?:` + objectivePattern + `)$`)
	sha1Expr           = regexp.MustCompile(`^(?:` + sha1Pattern + `)$`)
	isoCountryExpr     = regexp.MustCompile(`^(?:` + isoCountryPattern + `)$`)
	isoSubdivisionExpr = regexp.MustCompile(`^(?:` + isoSubdivisionPattern + `)$`)
	nutsExpr           = regexp.MustCompile(`^(?:` + nutsPattern + `)$`)
	lauExpr            = regexp.MustCompile(`^(?:` + lauPattern + `)$`)
	pCodeExpr          = regexp.MustCompile(`^(?:` + pCodePattern + `)$`)
	unLocodeExpr       = regexp.MustCompile(`^(?:` + unLocodePattern + `)$`)
	fileNameExpr       = regexp.MustCompile(`^(?:` + fileNamePattern + `)$`)
	mediaTypeExpr      = regexp.MustCompile(`^(?:` + mediaTypePattern + `)$`)
	webAddressExpr     = regexp.MustCompile(`^(?:` + webAddressPattern + `)$`)
	sharedExpr         = regexp.MustCompile(`^(?:` + sharedPattern + `)$`)
)

// blankOrControl is the inside of a class: ASCII blanks and the control characters, so that
// no name or address can steer a terminal, and the no-break space.
const blankOrControl = `\x00-\x20\x7f-\xa0`

// Texts of every kind.
const (
	uriPattern       = `[^` + blankOrControl + `<>"]+`
	languagePattern  = `[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}`
	currencyPattern  = `[A-Z]{3}`
	decimalPattern   = `(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,4})?`
	ratePattern      = `(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,8})?`
	relationPattern  = `[a-z][a-z_]{0,39}`
	tokenPattern     = `[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?` // no double hyphen: checked beside
	fieldNamePattern = `[a-z][a-z0-9_]*(?:[.-][a-z0-9_]+)*`
	ageGroupPattern  = `infants|children|adolescents|adults|elderly|[0-9]{1,3}-[0-9]{1,3}|[0-9]{1,3}\+`
	phonePattern     = `\+[0-9](?:[0-9 /-]{2,28})[0-9]`
	emailPattern     = `[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9.-]+` // what mail servers accept in practice

	objectivePattern    = `[A-Za-z0-9](?:[A-Za-z0-9.-]{0,18}[A-Za-z0-9])?`
	objectiveRefPattern = `(?:[a-z]{2}|int)\.` + tokenPattern + `\.` + tokenPattern + `/policy\.[1-9][0-9]{0,9}\.[1-9][0-9]{0,9}#` + objectivePattern

	// OwnWordPattern is the regular expression of a word of one's own in an open list.
	OwnWordPattern = `x-[a-z0-9](?:[a-z0-9_-]{0,37}[a-z0-9])?`
)

// Files. No name holds what a path or a command is made of, a control character, or a letter
// that turns the order of those behind it, so that exe.pdf is no fdp.exe.
const (
	fileNameLetter    = `[^\x00-\x1f\x7f-\x9f/\\:*?"<>|` + "\u202a-\u202e\u2066-\u2069" + `]`
	fileNamePattern   = `[^\x00-\x20\x7f-\xa0./\\:*?"<>|` + "\u202a-\u202e\u2066-\u2069" + `]` + fileNameLetter + `*`
	mediaTypePattern  = `[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,80}`
	webAddressPattern = `https?://` + uriPattern
)

// Moments.
const (
	timePattern    = `[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,3})?(?:Z|[+-][0-9]{2}:[0-9]{2})`
	capTimePattern = `[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+-][0-9]{2}:[0-9]{2}` // of CAP's schema, without its slip of a comma as a sign
)

// Keys. A recipient of age is X25519 or of the post-quantum hybrid, in bech32, whose
// checksum is for the one who seals.
const (
	recipientPattern = `age1(?:[02-9ac-hj-np-z]{58}|pq1[02-9ac-hj-np-z]+)`
	keyPattern       = `[0-9a-f]{64}|` + recipientPattern
)

// CAP 1.2.
const (
	capNamePattern       = `[^` + blankOrControl + `,&<]+`
	capTriplePattern     = capNamePattern + `,` + capNamePattern + `,` + capTimePattern
	capReferencesPattern = capTriplePattern + `(?:[\t\n\r ]+` + capTriplePattern + `)*`
	capNumberPattern     = `[+-]?[0-9]{1,5}(?:\.[0-9]{1,15})?`
	capPairPattern       = capNumberPattern + `,` + capNumberPattern
	capPolygonPattern    = capPairPattern + `(?: +` + capPairPattern + `){3,}`
	capCirclePattern     = capPairPattern + ` [0-9]{1,5}(?:\.[0-9]{1,15})?`
	sha1Pattern          = `[0-9A-Fa-f]{40}`
)

// Codes of places (standards.md §12): their shape only; whether a code exists is the
// atlas's to know.
const (
	isoCountryPattern     = `[A-Z]{2}`
	isoSubdivisionPattern = `[A-Z]{2}-[A-Z0-9]{1,3}`
	nutsPattern           = `[A-Z]{2}[0-9A-Z]{0,3}`
	lauPattern            = `[A-Z]{2}_[0-9A-Za-z.-]{1,20}`
	pCodePattern          = `[A-Z]{2,3}[0-9]{2,12}`
	unLocodePattern       = `[A-Z]{2}[A-Z2-9]{3}`
	sharedPattern         = `[a-z0-9]+(?:-[a-z0-9]+)*(?::[a-z0-9]+(?:-[a-z0-9]+)*)*`
)

// readPattern reads a text that matches the whole expression.
func readPattern[T ~string](dst *T, b []byte, expr *regexp.Regexp, mend string) error {
	if !expr.Match(b) {
		return refuse(ErrPattern, "", "%s: %s", shown(string(b)), mend)
	}
	*dst = T(b)
	return nil
}

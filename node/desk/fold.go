package desk

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold makes alike what people write differently and mean the same by: capitals and small
// letters, with accents and without, and the two alphabets of Serbian, Macedonian and
// Bulgarian: Гевгелија, GEVGELIJA; Đorđe, Djordje, Ђорђе.
func fold(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	var b strings.Builder
	for _, r := range norm.NFKC.String(s) {
		r = unicode.ToLower(r)
		switch latin, other := otherLetter(r); {
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		case other:
			b.WriteString(latin)
		default:
			for _, part := range norm.NFKD.String(string(r)) {
				if !unicode.Is(unicode.Mn, part) {
					b.WriteRune(part)
				}
			}
		}
	}
	return b.String()
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

// otherLetters are small letters that are written with others elsewhere, where taking an
// accent away does not do that.
const otherLetters = " а=a б=b в=v г=g д=d ѓ=gj ђ=dj е=e ж=z з=z ѕ=dz и=i й=j ј=j к=k л=l љ=lj м=m н=n њ=nj о=o п=p р=r с=s " +
	"т=t ћ=c ќ=kj у=u ф=f х=h ц=c ч=c џ=dz ш=s щ=st ъ=a ы=i ь=j ю=ju я=ja đ=dj ǵ=gj ḱ=kj ı=i ß=ss ø=o ł=l ς=σ "

// otherLetter writes a small letter by the others, if it is one of them.
func otherLetter(r rune) (string, bool) {
	_, found, ok := strings.Cut(otherLetters, " "+string(r)+"=")
	latin, _, _ := strings.Cut(found, " ")
	return latin, ok
}

// wordsOf gives the parts of a text that somebody may look for, folded.
func wordsOf(text string) []string {
	return strings.FieldsFunc(fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// begin reports whether each of some words begins one of a text's.
func begin(wanted []string, text string) bool {
	there := wordsOf(text)
	for _, w := range wanted {
		found := false
		for _, t := range there {
			if found = strings.HasPrefix(t, w); found {
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

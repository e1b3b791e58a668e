package lang

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// latinKept is what stays as it is: what a program puts in, the names of formats and of
// Vardar, what a person types as it stands, and words with digits, which are codes.
var latinKept = regexp.MustCompile(`\{\{[^}]*\}\}|'[^']*'|"[^"]*"|\{[0-9]\}|--[a-z-]+|\b\w+(?:[_=/@]|[.:]\w)[\w.:/=+-]*|\bTLP\b|\bvardar (?:member|backup|link|run|join|list|show|duty|doctor|status|staff|publish|config|webhook|init|export|import)(?: (?:show|list|key|rotate|invite|charter|draft|accept|create|check|test|close|add|remove|sheet))*|\b(?:CSV|XLSX|HXL|CAP|EDXL|PDF|USB|QR|JSON|API|URL|HTTPS?|TLS|SMTP|OIDC|SMS|NUTS|nuts|Vardar|vardar|doctor|duty)\b|\b[\w.:-]*[0-9][\w.:-]*|\bx:[a-z:-]+|\bMK-`)

// cyrillic writes Serbian in its other script: letter by letter, but for three letters that
// Latin writes with two.
type cyrillic struct{ pairs, letters *strings.Replacer }

func newCyrillic() cyrillic {
	const latin, other = "abvgdđežzijklmnoprstćufhcčš", "абвгдђежзијклмнопрстћуфхцчш"
	var letters []string
	to := []rune(other)
	for i, r := range []rune(latin) {
		letters = append(letters, string(r), string(to[i]), string(unicode.ToUpper(r)), string(unicode.ToUpper(to[i])))
	}
	return cyrillic{
		strings.NewReplacer("lj", "љ", "nj", "њ", "dž", "џ", "Lj", "Љ", "Nj", "Њ", "Dž", "Џ", "LJ", "Љ", "NJ", "Њ", "DŽ", "Џ"),
		strings.NewReplacer(letters...),
	}
}

func (c cyrillic) write(latin string) string {
	var out strings.Builder
	for latin != "" {
		at := latinKept.FindStringIndex(latin)
		if at == nil {
			at = []int{len(latin), len(latin)}
		}
		out.WriteString(c.letters.Replace(c.pairs.Replace(latin[:at[0]])))
		out.WriteString(latin[at[0]:at[1]])
		latin = latin[at[1]:]
	}
	return out.String()
}

// messages writes a catalogue so.
func (c cyrillic) messages(latin []*i18n.Message) []*i18n.Message {
	out := make([]*i18n.Message, len(latin))
	for i, m := range latin {
		other := *m
		if m.ID != keyState && m.ID != keyForm {
			other.One, other.Few, other.Other = c.write(m.One), c.write(m.Few), c.write(m.Other)
		}
		out[i] = &other
	}
	return out
}

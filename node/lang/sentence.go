package lang

import (
	"cmp"
	"embed"
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/language"
)

//go:embed sentences/*.json
var sentenceFiles embed.FS

// sentences says in one language what other rooms say in English: why something was refused,
// how it is mended, what a check found. Those rooms know nothing of languages, so a sentence
// is known by its own words: {1}, {2} … stand for what was put in.
type sentences struct {
	whole    map[string]string // those into which nothing is put
	patterns []pattern         // the others, the most particular first
}

// pattern is a sentence with gaps: a gap between any two of its parts.
type pattern struct {
	parts []string
	said  wording
}

// wording is how a language says a sentence: by itself, or by plural form, of which the number in the gap that
// keyCount names chooses.
type wording map[string]string

const (
	keyCount = "of"    // of a wording by plural form: {1}
	keyOther = "other" // the plural form of what has none of its own, and of a sentence without forms

	keyForm = "format.plural" // the message that names the plural form of a number
)

// UnmarshalJSON reads a text, or texts by plural form.
func (w *wording) UnmarshalJSON(b []byte) error {
	var said string
	if json.Unmarshal(b, &said) == nil {
		*w = wording{keyOther: said}
		return nil
	}
	return json.Unmarshal(b, (*map[string]string)(w))
}

// by gives the text for a number.
func (w wording) by(s *Speaker, number int) string {
	return cmp.Or(w[s.Say(keyForm, number)], w[keyOther])
}

// sentencesOf gives what reads those of a file, each as write writes it, when the first of them
// is to be said: no reader of a language, no work. One that there is no file of has none, and
// one that can't be read neither, which a test of the files does not let pass. Those in English are what the
// files of all others translate.
func sentencesOf(file language.Tag, write func(string) string) func() *sentences {
	return sync.OnceValue(func() *sentences {
		of := file
		if file == language.English {
			of = language.SerbianLatin
		}
		var all map[string]wording
		text, err := sentenceFiles.ReadFile(path.Join("sentences", of.String()+".json"))
		if err != nil || json.Unmarshal(text, &all) != nil {
			return nil
		}
		if of != file {
			for english := range all {
				all[english] = wording{keyOther: english}
			}
		}
		return newSentences(all, write)
	})
}

func newSentences(all map[string]wording, write func(string) string) *sentences {
	s := &sentences{whole: map[string]string{}}
	for english, said := range all {
		for form, text := range said {
			said[form] = write(text)
		}
		if !strings.Contains(english, "{1}") {
			s.whole[english] = said[keyOther]
			continue
		}
		p := pattern{said: said}
		for n := 1; ; n++ {
			before, after, more := strings.Cut(english, gap(n))
			p.parts = append(p.parts, before)
			if english = after; !more {
				break
			}
		}
		s.patterns = append(s.patterns, p)
	}
	slices.SortFunc(s.patterns, func(a, b pattern) int {
		return cmp.Or(cmp.Compare(b.letters(), a.letters()), slices.Compare(a.parts, b.parts))
	})
	return s
}

func gap(n int) string { return "{" + strconv.Itoa(n) + "}" }

func (p *pattern) letters() (n int) {
	for _, part := range p.parts {
		n += len(part)
	}
	return n
}

// match gives what stands in the gaps of a text.
func (p *pattern) match(text string) (put []string, ok bool) {
	last := len(p.parts) - 1
	text, ok = strings.CutPrefix(text, p.parts[0])
	if !ok {
		return nil, false
	}
	for _, part := range p.parts[1:last] {
		before, after, found := strings.Cut(text, part)
		if !found || before == "" {
			return nil, false
		}
		put, text = append(put, before), after
	}
	text, ok = strings.CutSuffix(text, p.parts[last])
	return append(put, text), ok && text != ""
}

// asItIs reports whether what was put into a gap is somebody's own words, or a year: no number that is counted.
func (p *pattern) asItIs(gap int) bool {
	return strings.HasSuffix(p.parts[gap], "“") || strings.HasSuffix(p.parts[gap], "year ")
}

// count gives the number that chooses the form of a sentence, 0 of a fraction and of a sentence without forms; false where
// none stands in its gap.
func (p *pattern) count(gaps []string) (number int, ok bool) {
	for n, text := range gaps {
		if gap(n+1) == p.said[keyCount] {
			text = strings.ReplaceAll(strings.TrimPrefix(text, "<"), ",", "")
			if number, err := strconv.Atoi(text); err == nil {
				return number, true
			}
			_, err := strconv.ParseFloat(text, 64)
			return 0, err == nil
		}
	}
	return 0, true
}

// fits gives what stands in the gaps of a text, and the number that chooses the form: not ok of somebody's own words that
// end like a count, "Winter places".
func (p *pattern) fits(text string) (gaps []string, number int, ok bool) {
	if gaps, ok = p.match(text); ok {
		number, ok = p.count(gaps)
	}
	return gaps, number, ok
}

// say says a text, and what was put into it where that is a sentence itself, or as its speaker puts it; what the text is
// about may stand before it, and stays as it is. ok is false of one that is not known.
func (s *sentences) say(english string, by *Speaker) (said string, ok bool) {
	if said, ok = s.whole[english]; ok {
		return said, true
	}
	lead := about.FindString(english) // "EURO": want an ISO 4217 code such as EUR or MKD
	if said, ok = s.whole[english[len(lead):]]; ok {
		return lead + said, true
	}
	if typed.MatchString(english) {
		return english, true
	}
	if said, ok = s.list(english); ok {
		return said, true
	}
	for i := range s.patterns {
		p := &s.patterns[i]
		before := ""
		gaps, number, fits := p.fits(english)
		if !fits && lead != "" {
			before = lead
			gaps, number, fits = p.fits(english[len(lead):])
		}
		if !fits {
			continue
		}
		var pairs []string
		for n, text := range gaps {
			if !p.asItIs(n) {
				inner, known := s.say(text, by)
				if text = inner; !known {
					text = by.put(text)
				}
			}
			pairs = append(pairs, gap(n+1), text)
		}
		return before + strings.NewReplacer(pairs...).Replace(p.said.by(by, number)), true
	}
	return english, false
}

// list says words with commas between them, each by itself: women and girls, 5-17, refugees. What has no letter in it is the
// same in each language.
func (s *sentences) list(english string) (said string, ok bool) {
	words := strings.Split(english, ", ")
	for i, word := range words {
		known, found := s.whole[word]
		if !found && strings.ContainsFunc(word, unicode.IsLetter) {
			return "", false
		}
		words[i] = cmp.Or(known, word)
		ok = ok || found
	}
	return strings.Join(words, ", "), ok
}

// about is what a sentence is about, where it stands before it: what was typed, in quotes, or a name.
var about = regexp.MustCompile(`^(?:"(?:[^"\\]|\\.)*"…?|[^\s"]+): `)

// typed is what somebody typed and nothing besides, which is in no language.
var typed = regexp.MustCompile(`^"(?:[^"\\]|\\.)*"…?$`)

// Sentence says what another room said in English, the numbers and moments in it as the language
// writes them; a sentence that is not known in the language stays as it is, and known tells of it.
func (s *Speaker) Sentence(english string) (said string, known bool) {
	if english == "" {
		return english, true
	}
	if all := s.sentences(); all != nil {
		said, known = all.say(english, s)
		return said, known || s.Tag == language.English.String()
	}
	return english, false
}

package lang_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/vardar-network/vardar/node/lang"
	"github.com/vardar-network/vardar/protocol/body"
)

// speaking are the files whose sentences come onto pages.
var speaking = []string{
	"../../protocol/*.go", "../../protocol/body/*.go", "../../schemas/sheet/*.go",
	"../board/correction.go", "../board/endorsement.go", "../board/erasure.go", "../board/flow.go", "../board/phase.go", "../board/rank.go", "../board/regionalrank.go", "../board/route.go", "../desk/*.go", "../doctor.go", "../link/cut.go", "../duty/*.go", "../oidc/provider.go", "../site/*.go", "../staff/*.go", "../web/*.go",
}

var (
	verb    = regexp.MustCompile(`%[-+# 0]*(\[\d+\])?[\d.*]*[a-zA-Z]`)
	wordIn  = regexp.MustCompile(`[a-z]{2,}`)
	command = regexp.MustCompile(`^(vardar |[A-Z]+ /|<|attachment; |text/|\(|default-src|event: |public, | а=a)|^"ce-|^\n"ce-`)
)

// english gathers what the rooms say, as the catalogues of sentences name it: every text of
// two words or more that is no command, no route and not for the log.
func english(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, glob := range speaking {
		files, err := filepath.Glob(glob)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %q %v", glob, files, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") || file == "../staff/table.go" { // the table is for who builds on it
				continue
			}
			set := token.NewFileSet()
			tree, err := parser.ParseFile(set, file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(tree, func(n ast.Node) bool { return gather(set, found, n) })
		}
	}
	for text, where := range refusals(t) {
		take(found, text, where)
	}
	for _, kind := range body.Types() { // as the desk names one: a report
		name := strings.ReplaceAll(body.ShortName(kind), "_", " ")
		if name == "needs" {
			name = "needs assessment"
		}
		article := "a "
		if strings.ContainsRune("aeiou", rune(name[0])) {
			article = "an "
		}
		found[article+name] = "kinds"
	}
	for _, indicator := range body.Arrivals.Words() { // as the desk names one in a sentence: capacity free
		found[strings.ReplaceAll(indicator, "_", " ")] = "indicators"
	}
	for _, part := range append([]string{"infants", "children", "adolescents", "adults", "elderly"}, body.Group("").Words()...) { // host community
		found[strings.ReplaceAll(part, "_", " ")] = "parts of a figure"
	}
	return found
}

// gather takes in the text that an expression is, and tells whether to look inside it.
func gather(set *token.FileSet, found map[string]string, n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ImportSpec, *ast.Field:
		return false
	case *ast.CallExpr:
		switch name := called(n); {
		case name == "Count" && len(n.Args) == 3:
			for _, arg := range n.Args[1:] {
				if text, ok := textOf(arg); ok {
					found["{1} "+text] = set.Position(n.Pos()).String()
				}
			}
			return false
		case name == "Errorf", strings.HasSuffix(name, "Context"), name == "panic":
			return false
		}
	}
	e, ok := n.(ast.Expr)
	if !ok {
		return true
	}
	text, ok := textOf(e)
	if !ok {
		return true
	}
	take(found, text, set.Position(e.Pos()).String())
	if c, ok := e.(*ast.CallExpr); ok { // what is put in may be counted
		for _, arg := range c.Args[1:] {
			ast.Inspect(arg, func(n ast.Node) bool { return gather(set, found, n) })
		}
	}
	return false
}

// take takes in a text as the catalogues name it, if it is a sentence.
func take(found map[string]string, text, where string) {
	const percent = "\x00"
	text = strings.ReplaceAll(verb.ReplaceAllString(strings.ReplaceAll(text, "%%", percent), "{}"), percent, "%")
	words := wordIn.FindAllString(strings.ReplaceAll(text, "{}", " "), -1)
	if !strings.Contains(strings.TrimSpace(text), " ") || len(words) < 2 || command.MatchString(text) {
		return
	}
	for n := 1; strings.Contains(text, "{}"); n++ {
		text = strings.Replace(text, "{}", "{"+strconv.Itoa(n)+"}", 1)
	}
	found[text] = where
}

// textOf gives a text with {} for what is put in; not ok of an expression that is none.
func textOf(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			s, err := strconv.Unquote(e.Value)
			return s, err == nil
		}
	case *ast.BinaryExpr:
		a, left := textOf(e.X)
		b, right := textOf(e.Y)
		return a + b, e.Op == token.ADD && (left || right)
	case *ast.CallExpr:
		if called(e) == "Sprintf" {
			return textOf(e.Args[0])
		}
	case *ast.ParenExpr:
		return textOf(e.X)
	}
	return "{}", false
}

func called(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// TestEverySentenceIsTranslated: what the rooms say in English is in the catalogue of every
// language, with what is put in and what is typed as it stands, and nothing else is.
func TestEverySentenceIsTranslated(t *testing.T) {
	said := english(t)
	if len(said) < 500 {
		t.Fatalf("%d sentences were found", len(said))
	}
	typed := regexp.MustCompile(`\{\d\}|'(?:vardar|member) [^']+'|--[a-z-]+[a-z]`)
	for tag, script := range offered(t) {
		have := wordings(t, tag)
		for english, where := range said {
			if len(have[english]) == 0 {
				t.Errorf("%s lacks %q (%s)", tag, english, where)
				continue
			}
			for form, other := range have[english] {
				want, got := typed.FindAllString(english, -1), typed.FindAllString(other, -1)
				slices.Sort(want)
				slices.Sort(got)
				switch {
				case form == "of" && !slices.Contains(want, other):
					t.Errorf("%s: %q has no %s to choose its form by", tag, english, other)
				case form == "of":
				case !slices.Equal(want, got):
					t.Errorf("%s: %q holds %q, want %q as in %q", tag, other, got, want, english)
				case !strings.ContainsFunc(typed.ReplaceAllString(other, ""), func(r rune) bool { return unicode.Is(script, r) }) || other == english:
					t.Errorf("%s: %q is not translated: %q", tag, english, other)
				}
			}
		}
		for english := range have {
			if _, there := said[english]; !there {
				t.Errorf("%s: nobody says %q any more", tag, english)
			}
		}
	}
}

// wordings reads how a language says the sentences: each by plural form, one without forms as other.
func wordings(t *testing.T, tag string) map[string]map[string]string {
	t.Helper()
	text, err := os.ReadFile("sentences/" + tag + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]any
	if err := json.Unmarshal(text, &raw); err != nil {
		t.Fatalf("%s: %v", tag, err)
	}
	out := map[string]map[string]string{}
	for english, value := range raw {
		switch v := value.(type) {
		case string:
			out[english] = map[string]string{"other": v}
		case map[string]any:
			out[english] = map[string]string{}
			for form, text := range v {
				out[english][form] = text.(string)
			}
		}
	}
	return out
}

// TestSentenceIsKnownByItsWords: also with a sentence put into it, and in both scripts.
func TestSentenceIsKnownByItsWords(t *testing.T) {
	c, err := lang.New()
	if err != nil {
		t.Fatal(err)
	}
	for tag, want := range map[string]string{
		"en": "nothing is written: give at least one figure, or a summary",
		"fr": "nothing is written: give at least one figure, or a summary",
	} {
		if said, known := c.Speaker(tag).Sentence("nothing is written: give at least one figure, or a summary"); said != want || !known {
			t.Errorf("%s: %q %v", tag, said, known)
		}
	}
	for _, tag := range []string{"mk", "sq", "sr-Latn", "sr-Cyrl", "el"} {
		s := c.Speaker(tag)
		for _, english := range []string{"this field is empty", `"sixty": want a whole number from 0 to 4294967295; if it is not known, leave the figure out, and say why in na`} {
			if said, known := s.Sentence(english); !known || said == english || strings.Contains(said, "{1}") {
				t.Errorf("%s: %q %v", tag, said, known)
			}
		}
		for _, typed := range []string{`"sha-256:-5"`, `""`, `"say \"what\""`, `"cut off"…`} {
			if said, known := s.Sentence(typed); !known || said != typed {
				t.Errorf("%s: what was typed is %q %v", tag, said, known)
			}
		}
		outer, _ := s.Sentence("nothing is written: this field is empty")
		inner, _ := s.Sentence("this field is empty")
		if !strings.HasSuffix(outer, inner) {
			t.Errorf("%s: %q does not hold %q", tag, outer, inner)
		}
		for list, was := range map[string]string{"women and girls, 5-17, refugees": "refugees", "60+, another sex": "another sex"} {
			line := "arrivals (" + list + ") at Gevgelija: mk.national.crisis-centre says 12, mk.southeast.gevgelija says 9"
			if said, known := s.Sentence(line); !known || strings.Contains(said, was) || !strings.Contains(said, list[strings.IndexAny(list, "56"):][:3]) {
				t.Errorf("%s: %q %v", tag, said, known)
			}
		}
		if said, known := s.Sentence("nobody ever said this"); known || said != "nobody ever said this" {
			t.Errorf("%s: %q %v", tag, said, known)
		}
	}
}

// TestSentenceWritesItsNumbersAndMomentsAsTheLanguageDoes: in English too; names, codes and what was typed stay as
// they are.
func TestSentenceWritesItsNumbersAndMomentsAsTheLanguageDoes(t *testing.T) {
	c, err := lang.New()
	if err != nil {
		t.Fatal(err)
	}
	local := time.Date(2036, 11, 10, 9, 30, 0, 0, time.UTC).Local()
	for tag, says := range map[string][]string{
		"en":      {"200,000.01", "12,345", local.Format("2006-01-02 15:04 MST")},
		"mk":      {"200.000,01", "12.345", local.Format("2.1.2006 15:04 MST")},
		"sr-Latn": {"200.000,01", "12.345", local.Format("2. 1. 2006. 15:04 MST")},
	} {
		s := c.Speaker(tag)
		for english, want := range map[string][]string{
			"with this 200000.01 EUR are received in all, and the donor is known here to have paid 12345": says[:2],
			"this consultation is open until 2036-11-10T09:30:00.000Z: answers may still come":            says[2:],
			"nothing is written: it would be 12345 times as much":                                         {"12345"},
			"mk.southeast.gevgelija/funding.1.12345 has no line 12345":                                    {"funding.1.12345", says[1]},
			`"12345" is no period`:          {`"12345"`},
			"Learnt in the exercise “2016”": {"2016"}, "the year 2017 is outside the period of the plan, 2016-01-01T00:00:00Z to 2017-01-01T00:00:00Z": {"2017"},
			"Capacity of no. 0123 at Gevgelija: mk.national.crisis-centre says 12345, mk.southeast.gevgelija says 0123": {says[1], "0123"},
		} {
			said, _ := s.Sentence(english)
			for _, w := range want {
				if !strings.Contains(said, w) {
					t.Errorf("%s: %q says %q, want %s", tag, english, said, w)
				}
			}
		}
	}
}

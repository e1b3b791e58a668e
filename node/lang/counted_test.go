package lang_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/language"

	"github.com/vardar-network/vardar/node/lang"
)

// counting gives, of what the rooms say in English, the gaps in which a whole number stands: %d, and what Count counts.
func counting(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	put := regexp.MustCompile(verb.String() + `|\{\}`)
	for _, glob := range speaking {
		files, err := filepath.Glob(glob)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %q %v", glob, files, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(tree, func(n ast.Node) bool {
				e, is := n.(ast.Expr)
				if !is {
					return true
				}
				if c, ok := e.(*ast.CallExpr); ok && called(c) == "Count" && len(c.Args) == 3 {
					for _, arg := range c.Args[1:] {
						if text, ok := textOf(arg); ok {
							found["{1} "+text] = []string{"{1}"}
						}
					}
				}
				text, ok := textOf(e)
				if !ok {
					return true
				}
				at, gaps := 0, []string(nil)
				text = put.ReplaceAllStringFunc(strings.ReplaceAll(text, "%%", "\x00"), func(v string) string {
					at++
					gap := fmt.Sprintf("{%d}", at)
					if strings.HasSuffix(v, "d") {
						gaps = append(gaps, gap)
					}
					return gap
				})
				if gaps != nil {
					found[strings.ReplaceAll(text, "\x00", "%")] = gaps
				}
				return true
			})
		}
	}
	return found
}

var (
	// ordinal names what a number is one of: it counts nothing.
	ordinal = regexp.MustCompile(`(?:line|row|version|versions|epoch|year|place|waking|policy|number|no\.) $`)
	// uncounted are words behind a number that are not what it counts, or that are the same for any.
	uncounted = []string{"nije", "повеќе", "više", "περισσότερα", "ακόμη", "недостигаат", "nedostaje", "mungojnë", "понудени", "ponuđenih", "deri", "byte", "bajt"}
	// bounds are sentences whose number is one of the program's own, for which they were written.
	bounds = []string{
		"a cell holds {1} characters, and this is longer: it is left empty", "delete it, or split the file: one holds at most {1} rows",
		"it is longer than {1} bytes", "the file has more than {1} columns, or too many lines",
		"unpacked, the workbook is larger than {1} MiB, or has more than {2} parts", "what leads to the record behind place {1} is more than {2} files",
		"version {1} of the charter has bodies let go sooner than before, for good: {2}; this node begins once it has followed that on {3} days",
	}
)

// TestWhatIsCountedHasPluralForms: a sentence that puts a number before what it counts has each plural form of its language,
// and no sentence has another.
func TestWhatIsCountedHasPluralForms(t *testing.T) {
	numbers, counted := counting(t), 0
	for tag := range offered(t) {
		want := formsOf(language.MustParse(tag))
		for english, said := range wordings(t, tag) {
			of := said["of"]
			for _, gap := range numbers[english] {
				before, _, _ := strings.Cut(english, gap)
				word := regexp.MustCompile(regexp.QuoteMeta(gap) + ` (\pL{4,})`).FindStringSubmatch(said["other"])
				if word != nil && of != gap && !ordinal.MatchString(before) && !slices.Contains(uncounted, word[1]) && !slices.Contains(bounds, english) {
					t.Errorf("%s: %q counts %s without plural forms: %q", tag, english, gap, said["other"])
				}
			}
			if of == "" {
				continue
			}
			counted++
			delete(said, "of")
			if have := slices.Sorted(maps.Keys(said)); !slices.Equal(have, want) {
				t.Errorf("%s: %q has the forms %q, want %q", tag, english, have, want)
			}
		}
	}
	if counted < 100 {
		t.Errorf("%d sentences have plural forms", counted)
	}
}

// TestSentenceCountsAsItsLanguageDoes: the Macedonian 11 and 111 are not the 1 that they end in, and its 21 is; a stretch of
// time and a day are said in the language.
func TestSentenceCountsAsItsLanguageDoes(t *testing.T) {
	c, err := lang.New()
	if err != nil {
		t.Fatal(err)
	}
	for tag, want := range map[string][]string{
		"en":      {"Arrivals at Gevgelija had changed 1 day before.", "Arrivals at Gevgelija had changed 3 days before.", "Arrivals at Gevgelija had changed 21 days before.", "Arrivals at Gevgelija had changed 111 days before.", "900 persons in 6 h", "2015-11-10"},
		"mk":      {"1 ден порано", "3 дена порано", "21 ден порано", "111 дена порано", "900 лица за 6 ч.", "10.11.2015"},
		"sr-Latn": {"1 dan ranije", "3 dana ranije", "21 dan ranije", "111 dana ranije", "900 lica za 6 č", "10. 11. 2015."},
		"sr-Cyrl": {"1 дан раније", "3 дана раније", "21 дан раније", "111 дана раније", "900 лица за 6 ч", "10. 11. 2015."},
		"el":      {"1 ημέρα νωρίτερα", "3 ημέρες νωρίτερα", "21 ημέρες νωρίτερα", "111 ημέρες νωρίτερα", "900 άτομα σε 6 ώρες", "10/11/2015"},
		"sq":      {"1 ditë më parë", "3 ditë më parë", "21 ditë më parë", "111 ditë më parë", "900 persona në 6 orë", "10.11.2015"},
	} {
		for i, english := range []string{
			"Arrivals at Gevgelija had changed 1 day before.", "Arrivals at Gevgelija had changed 3 days before.", "Arrivals at Gevgelija had changed 21 days before.",
			"Arrivals at Gevgelija had changed 111 days before.", "900 persons in 6 h", "at.national.interior, who was the last administrator of at.national.interior to log in, has not been here for 2015-11-10: the account stays open, since nobody else could open it again",
		} {
			if said, known := c.Speaker(tag).Sentence(english); !strings.Contains(said, want[i]) || !known {
				t.Errorf("%s: %q says %q, want %s", tag, english, said, want[i])
			}
		}
	}
}

// TestWordsOfSomebodyThatEndLikeACountStay as they were written, wherever they are put.
func TestWordsOfSomebodyThatEndLikeACountStay(t *testing.T) {
	c, err := lang.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, own := range []string{"Winter places", "Lost days", "All acts"} {
		if said, known := c.Speaker("mk").Sentence(own); said != own || known {
			t.Errorf("%q says %q (%v)", own, said, known)
		}
	}
	if said, known := c.Speaker("mk").Sentence("2.5 days"); said != "2,5 дена" || !known {
		t.Errorf("2.5 days says %q (%v)", said, known)
	}
}

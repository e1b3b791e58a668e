package lang_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
	"testing/fstest"
	"unicode"

	"golang.org/x/text/language"

	"github.com/vardar-network/vardar/node/lang"
)

// letters are those of each language but English that pages are, or are to be, read in.
func letters() map[string]*unicode.RangeTable {
	return map[string]*unicode.RangeTable{
		"mk": unicode.Cyrillic, "sq": unicode.Latin, "sr-Latn": unicode.Latin, "el": unicode.Greek,
		"bs": unicode.Latin, "hr": unicode.Latin, "sr-Latn-ME": unicode.Latin, "bg": unicode.Cyrillic,
		"tr": unicode.Latin, "ro": unicode.Latin, "sl": unicode.Latin, "de": unicode.Latin,
	}
}

// offered gives those of the languages whose catalogues are offered.
func offered(t *testing.T) map[string]*unicode.RangeTable {
	t.Helper()
	out := map[string]*unicode.RangeTable{}
	for _, tag := range inState(t, false) {
		if out[tag] = letters()[tag]; out[tag] == nil {
			t.Errorf("nobody says in which letters %s is written", tag)
		}
	}
	return out
}

// inState gives the languages but English whose catalogues are begun, or are offered.
func inState(t *testing.T, begun bool) (tags []string) {
	t.Helper()
	for tag, messages := range catalogues(t) {
		if tag != "en" && (messages["catalogue.state"][""] == "begun") == begun {
			tags = append(tags, tag)
		}
	}
	slices.Sort(tags)
	return tags
}

// filledIn gives the files with all that are begun filled in: each message as English says it, in each plural form
// of the language, of which one message names itself.
func filledIn(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	all := catalogues(t)
	for tag, messages := range all {
		text, err := os.ReadFile("catalogues/" + tag + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if messages["catalogue.state"][""] == "begun" {
			whole := map[string]any{}
			for key, source := range all["en"] {
				if whole[key] = source[""]; source[""] == "" {
					forms := map[string]string{}
					for _, form := range formsOf(language.MustParse(tag)) {
						forms[form] = source["other"]
						if key == "overview.new" {
							forms[form] = "{{.N}} " + form
						}
					}
					whole[key] = forms
				}
			}
			whole["catalogue.name"], whole["catalogue.state"] = messages["catalogue.name"][""], "read"
			if text, err = json.Marshal(whole); err != nil {
				t.Fatal(err)
			}
		}
		files["catalogues/"+tag+".json"] = &fstest.MapFile{Data: text}
	}
	return files
}

// TestLanguageThatIsBegunNeedsItsWordsAlone: filled in, each is offered under its own name, chooses between all its plural
// forms as Unicode's table does and writes numbers as it should; and takes no reader from the others.
func TestLanguageThatIsBegunNeedsItsWordsAlone(t *testing.T) {
	begun := inState(t, true)
	c, err := lang.Read(filledIn(t))
	if err != nil {
		t.Fatal(err)
	}
	numbers := map[string]string{"bg": "12\u00a0116", "bs": "12.116", "de": "12.116", "hr": "12.116", "ro": "12.116", "sl": "12.116", "sr-Latn-ME": "12.116", "tr": "12.116"}
	for _, tag := range begun {
		s := c.Speaker(tag)
		if s.Tag != tag || s.Name == "" || s.Draft {
			t.Errorf("%s is not offered: %+v", tag, s.Language)
			continue
		}
		if said := s.Number(12116); said != numbers[tag] {
			t.Errorf("%s: 12116 is said %q, want %q", tag, said, numbers[tag])
		}
		for n := range 1000 {
			want := s.Number(int64(n)) + " " + formOf(language.MustParse(tag), n)
			if said := s.Say("overview.new", n); said != want {
				t.Fatalf("%s: %d is said %q, want %q", tag, n, said, want)
			}
		}
	}
	tags := map[string]bool{}
	for _, l := range c.Languages() {
		if tags[l.Tag] {
			t.Errorf("%s is offered twice", l.Tag)
		}
		tags[l.Tag] = true
	}
	for asked, want := range map[string]string{"sr": "sr-Cyrl", "sr-RS": "sr-Cyrl", "sr-Latn-RS": "sr-Latn", "sr-Latn-ME": "sr-Latn-ME", "sr-ME": "sr-Latn-ME", "hr-HR": "hr", "bs-BA": "bs", "de-AT": "de", "mk-MK": "mk", "en-GB": "en", "fr": "en"} {
		if s := c.Speaker(asked); s.Tag != want {
			t.Errorf("Speaker(%q) speaks %s, want %s", asked, s.Tag, want)
		}
	}
}

package lang_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"github.com/vardar-network/vardar/node/lang"
)

// catalogues reads the files: messages by key, each a text or texts by plural form.
func catalogues(t *testing.T) map[string]map[string]map[string]string {
	t.Helper()
	out := map[string]map[string]map[string]string{}
	files, err := filepath.Glob("catalogues/*.json")
	if err != nil || len(files) < 5 {
		t.Fatalf("catalogues: %q %v", files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var raw map[string]any
		if err := json.Unmarshal(text, &raw); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		messages := map[string]map[string]string{}
		for key, value := range raw {
			forms := map[string]string{}
			switch v := value.(type) {
			case string:
				forms[""] = v
			case map[string]any:
				for form, text := range v {
					forms[form] = text.(string)
				}
			}
			messages[key] = forms
		}
		out[strings.TrimSuffix(filepath.Base(file), ".json")] = messages
	}
	return out
}

// formsOf gives the plural forms that a language has for whole numbers, by another table than
// that of the catalogues (Unicode CLDR, in x/text).
func formsOf(tag language.Tag) []string {
	var out []string
	for n := range 1000 {
		if name := formOf(tag, n); !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// formOf gives that of one number.
func formOf(tag language.Tag, n int) string {
	names := map[plural.Form]string{plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many", plural.Other: "other"}
	return names[plural.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0)]
}

// TestEveryLanguageHasEveryMessage: those that pages are offered in, with each plural form of
// theirs and the same things put in. One that is only begun has no message too many.
func TestEveryLanguageHasEveryMessage(t *testing.T) {
	all := catalogues(t)
	put := regexp.MustCompile(`\{\{[^}]*\}\}`)
	offered := 0
	for name, messages := range all {
		tag := language.MustParse(name)
		state := messages["catalogue.state"][""]
		if !slices.Contains([]string{"begun", "draft", "read"}, state) || messages["catalogue.name"][""] == "" {
			t.Errorf("%s: its state is %q, its name %q", name, state, messages["catalogue.name"][""])
		}
		if state != "begun" {
			offered++
		}
		for key, source := range all["en"] {
			forms, there := messages[key]
			if !there {
				if state != "begun" {
					t.Errorf("%s lacks %s", name, key)
				}
				continue
			}
			want := []string{""}
			if _, one := source[""]; !one {
				want = formsOf(tag)
			}
			var have []string
			for form, text := range forms {
				have = append(have, form)
				if strings.TrimSpace(text) != text || text == "" {
					t.Errorf("%s: %s is %q", name, key, text)
				}
				from := source[form]
				if form != "" && form != "one" {
					from = source["other"]
				}
				// A number may be left out where the form says it: a thing is due.
				for _, p := range put.FindAllString(from, -1) {
					if !strings.Contains(text, p) && (p != "{{.N}}" || form != "one") {
						t.Errorf("%s: %s lacks %s: %q", name, key, p, text)
					}
				}
				for _, p := range put.FindAllString(text, -1) {
					if !strings.Contains(source["other"]+source[""], p) {
						t.Errorf("%s: %s has %s, which nobody puts in", name, key, p)
					}
				}
			}
			if slices.Sort(have); !slices.Equal(have, want) {
				t.Errorf("%s: %s has the forms %q, want %q", name, key, have, want)
			}
		}
		for key := range messages {
			if _, there := all["en"][key]; !there {
				t.Errorf("%s: %s is no message", name, key)
			}
		}
	}
	c, err := lang.New()
	if err != nil {
		t.Fatal(err)
	}
	if l := c.Languages(); len(l) != offered+1 || offered < 5 || l[0].Tag != "en" || l[0].Draft { // Serbian twice
		t.Errorf("Languages() = %v of %d", l, offered)
	}
}

// TestEveryLanguageIsInItsOwnLetters: what is left untranslated shows by its letters.
func TestEveryLanguageIsInItsOwnLetters(t *testing.T) {
	c, err := lang.New()
	if err != nil {
		t.Fatal(err)
	}
	foreign := regexp.MustCompile(`\{\{[^}]*\}\}|\b(?:CSV|XLSX|HXL|CAP|EDXL|PDF|USB|QR|JSON|API|URL|HTTPS?|TLS|SMTP|OIDC|SMS|NUTS|nuts|Vardar|vardar|doctor|duty|ms|m²|Natural Earth)\b|m²|\b[\w.:-]*[0-9][\w.:-]*|x:[a-z:-]+|MK-`)
	scripts := offered(t)
	scripts["sr-Cyrl"] = unicode.Cyrillic
	for tag, script := range scripts {
		s := c.Speaker(tag)
		if s.Tag != tag {
			t.Errorf("%s is not spoken, %s is", tag, s.Tag)
			continue
		}
		for key, source := range catalogues(t)["en"] {
			if strings.HasPrefix(key, "catalogue.") || strings.HasPrefix(key, "format.") {
				continue
			}
			all := []string{s.Say(key, 1, "{{.A}}", "{{.B}}", "{{.C}}"), s.Say(key, 2, "{{.A}}", "{{.B}}", "{{.C}}"), s.Say(key, 5, "{{.A}}", "{{.B}}", "{{.C}}")}
			if _, one := source[""]; one {
				all = []string{s.Say(key, "{{.A}}", "{{.B}}", "{{.C}}")}
			}
			for _, said := range all {
				for _, r := range foreign.ReplaceAllString(said, "") {
					if unicode.IsLetter(r) && !unicode.Is(script, r) {
						t.Errorf("%s: %s has %q in %q", tag, key, r, said)
						break
					}
				}
			}
		}
	}
}

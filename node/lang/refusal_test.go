package lang_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/lang"
)

// refusals gathers what those rooms say with fmt.Errorf whose errors pages show as they are, a sentinel in its own words, and
// without what it is about, which stands before it. What wraps the error of another room alone is for the log.
func refusals(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, glob := range []string{"../staff/*.go", "../duty/*.go"} {
		files, err := filepath.Glob(glob)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %q %v", glob, files, err)
		}
		set, sentinels := token.NewFileSet(), map[string]string{}
		var said []*ast.CallExpr
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			tree, err := parser.ParseFile(set, file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(tree, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.ValueSpec:
					for i, value := range n.Values {
						if c, ok := value.(*ast.CallExpr); ok && (called(c) == "New" || called(c) == "Errorf") {
							sentinels[n.Names[i].Name], _ = textOf(c.Args[0])
						}
					}
				case *ast.CallExpr:
					if called(n) == "Errorf" {
						said = append(said, n)
					}
				}
				return true
			})
		}
		for _, c := range said {
			if text, ok := refusal(c, sentinels); ok {
				found[text] = set.Position(c.Pos()).String()
			}
		}
	}
	return found
}

// refusal gives what fmt.Errorf says; not ok of what wraps the error of another room alone.
func refusal(c *ast.CallExpr, sentinels map[string]string) (text string, ok bool) {
	format, _ := textOf(c.Args[0])
	wraps, n := false, 0
	text = verb.ReplaceAllStringFunc(format, func(v string) string {
		n++
		if v != "%w" {
			return v
		}
		wraps = true
		name, _ := c.Args[n].(*ast.Ident)
		if name == nil || sentinels[name.Name] == "" {
			return "{}"
		}
		ok = true
		return sentinels[name.Name]
	})
	if about := verb.FindString(text); about != "" {
		text = strings.TrimPrefix(text, about+": ")
	}
	return text, ok || !wraps
}

// TestWhatASentenceIsAboutMayStandBeforeIt: what was typed, in quotes and cut or not, or a name; it stays as it is. That
// of a sentence which nobody knows makes it none that is known.
func TestWhatASentenceIsAboutMayStandBeforeIt(t *testing.T) {
	c, err := lang.New()
	if err != nil {
		t.Fatal(err)
	}
	sentences := []string{
		"want an ISO 4217 code such as EUR or MKD", "want a number such as 2 or 2.3", "want the name of a file, such as plan.pdf",
		"this account is locked: on leave", "this address can't be called: ftp:// is no way to call a webhook: want https://",
	}
	fill := strings.NewReplacer("{1}", "12", "{2}", "13", "{3}", "14")
	refused := map[string]string{}
	for text, where := range refusals(t) {
		take(refused, text, where)
	}
	for text := range english(t) {
		if strings.HasPrefix(text, "want ") || refused[text] != "" {
			sentences = append(sentences, fill.Replace(text))
		}
	}
	for tag := range offered(t) {
		s := c.Speaker(tag)
		for _, english := range sentences {
			alone, known := s.Sentence(english)
			if !known || alone == english {
				t.Errorf("%s: %q is not known", tag, english)
			}
			for _, about := range []string{`"EURO: \"x\" "`, `"EURO"…`, "duty.night"} {
				if said, known := s.Sentence(about + ": " + english); !known || said != about+": "+alone {
					t.Errorf("%s: %s: %s is said %q, want %q behind it", tag, about, english, said, alone)
				}
			}
		}
		if said, known := s.Sentence(`"EURO": nobody ever said this`); known || said != `"EURO": nobody ever said this` {
			t.Errorf("%s: %q %v", tag, said, known)
		}
	}
}

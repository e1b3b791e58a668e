package protocol_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/protocol"
)

// sentinels reads errors.go: the names of the sentinels and of their rules.
func sentinels(t *testing.T) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Err") {
			return true
		}
		name, err := strconv.Unquote(spec.Values[0].(*ast.CallExpr).Args[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		out[spec.Names[0].Name] = name
		return true
	})
	return out
}

// TestEveryRuleIsBrokenSomewhere fails for a sentinel that no vector and no test of this
// package reaches. The vectors are checked by package schemas.
func TestEveryRuleIsBrokenSomewhere(t *testing.T) {
	var seen strings.Builder
	vectors, _ := filepath.Glob("../schemas/testdata/vectors/*.json")
	tests, _ := filepath.Glob("*_test.go")
	if len(vectors) == 0 || len(tests) == 0 {
		t.Fatal("found no vectors, or no tests")
	}
	for _, path := range append(vectors, tests...) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		seen.Write(text)
	}
	names := map[string]string{}
	for sentinel, rule := range sentinels(t) {
		if other := names[rule]; other != "" {
			t.Errorf("%s and %s have one name, %s", sentinel, other, rule)
		}
		names[rule] = sentinel
		inVector := strings.Contains(seen.String(), `"rule": "`+rule+`"`)
		inTest := regexp.MustCompile(`protocol\.` + sentinel + `\b`).MatchString(seen.String())
		if !inVector && !inTest {
			t.Errorf("no vector and no test breaks %s (%s)", sentinel, rule)
		}
	}
	if len(names) < 60 {
		t.Errorf("found %d sentinels in errors.go", len(names))
	}
}

func TestRuleNamesAreThoseOfTheSentinels(t *testing.T) {
	_, err := protocol.ParseInstitution("Skopje")
	if got := protocol.RuleName(err); got != "institution" {
		t.Errorf("RuleName = %q, want institution", got)
	}
	if got := protocol.RuleName(errors.New("disk full")); got != "" {
		t.Errorf("RuleName of a foreign error = %q, want none", got)
	}
	if got := protocol.RuleName(nil); got != "" {
		t.Errorf("RuleName(nil) = %q, want none", got)
	}
}

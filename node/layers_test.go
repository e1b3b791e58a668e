package node_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const module = "github.com/vardar-network/vardar"

// layers is the floor plan: every room, and the rooms it may import. A room is
// listed in the change that builds it, and a row names only rooms that are listed.
var layers = map[string]string{
	"protocol":        "",
	"protocol/body":   "protocol",
	"schemas":         "protocol protocol/body",
	"schemas/sheet":   "protocol protocol/body",
	"schemas/cap":     "protocol protocol/body",
	"schemas/edxl":    "protocol protocol/body",
	"node/store":      "protocol",
	"node/keys":       "protocol",
	"node/backup":     "protocol node/store",
	"node/bus":        "protocol",
	"node/atlas":      "protocol protocol/body",
	"node/trust":      "protocol protocol/body",
	"node/board":      "protocol protocol/body node/atlas",
	"node/audit":      "protocol",
	"node/staff":      "protocol node/duty",
	"node/settings":   "",
	"node/site":       "protocol protocol/body",
	"node/oidc":       "node/settings",
	"node/duty":       "protocol protocol/body node/board node/audit node/lang node/settings",
	"node/intake":     "protocol protocol/body node/store node/trust node/board",
	"node/link":       "protocol node/intake node/store node/trust node/bus",
	"node/desk":       "protocol protocol/body schemas schemas/sheet schemas/cap schemas/edxl node/backup node/atlas node/intake node/link node/trust node/board node/audit node/staff node/duty node/site",
	"node/lang":       "",
	"node/web":        "protocol protocol/body node/atlas node/lang node/desk node/oidc",
	"node/api":        "protocol protocol/body node/backup node/staff node/desk",
	"node":            "protocol protocol/body node/store node/keys node/backup node/bus node/atlas node/trust node/board node/audit node/staff node/settings node/oidc node/duty node/site node/intake node/link node/desk node/api node/web",
	"node/federation": "protocol protocol/body node",
	"node/bench":      "protocol protocol/body node node/federation",
	"cmd/vardar":      "protocol protocol/body schemas node node/api node/federation node/bench node/lang",
}

// pure rooms import the standard library and the rooms of their row, no more.
var pure = []string{"protocol", "protocol/body"}

// wall is one import that only some rooms may have.
type wall struct {
	pkg   string // this package and all below it
	rooms string
	tests bool // true: tests are free to import it in any room
}

// walls guard what is foreign. They name rooms that are still to be built too: a
// wall stands before there is something behind it.
var walls = []wall{
	{"C", "", false}, // a node is one static file for every platform
	{"go.etcd.io/bbolt", "node/store", true},
	{"github.com/nats-io", "node/bus node/link node/federation node/bench", false},
	{"github.com/nats-io/nats-server", "node/bus node/federation node/bench", false},
	{"github.com/nats-io/nats.go/jetstream", jetStream, false},
	{"github.com/spf13/cobra", "cmd/vardar", false},
	{"html/template", "node/web", false},
	{"net/http", "node node/web node/api node/duty node/oidc", true}, // conformance tests serve records over HTTP
}

// jetStream is who may speak to JetStream, by its package or by nats.Conn.JetStream.
const jetStream = "node/bus node/federation node/bench"

// source is what the test wants to know of one Go file.
type source struct {
	file, room string
	test       bool     // ends in _test.go
	signed     bool     // has a package comment
	imports    []string // import paths
	streams    bool     // calls a method named JetStream
}

func TestArrowsPointDown(t *testing.T) {
	found, err := breaches(os.DirFS(".."), layers)
	if err != nil {
		t.Fatal(err)
	}
	for _, breach := range found {
		t.Error(breach)
	}
}

func TestBreachOfTheFloorPlanIsFound(t *testing.T) {
	plan := map[string]string{"protocol": "", "node/store": "protocol", "node/link": "protocol node/store", "node/web": ""}
	tests := []struct {
		name, file, text string
		want             string // "" for no breach
	}{
		{"arrow down", "node/store/a.go", `import "` + module + `/protocol"`, ""},
		{"arrow up", "node/store/a.go", `import "` + module + `/node/link"`, "node/store/a.go: node/store must not import node/link"},
		{"a test looks up", "node/store/a_test.go", `import "` + module + `/node/link"`, ""},
		{"arrow behind a build tag", "node/store/a_windows.go", `import "` + module + `/node/link"`, "node/store/a_windows.go: node/store must not import node/link"},
		{"the module's root", "node/store/a.go", `import "` + module + `"`, "node/store/a.go: node/store must not import the module's root"},
		{"room without a row", "node/attic/a.go", ``, "node/attic/a.go: node/attic is not on the floor plan; give it a row in layers"},
		{"folder outside the plan", "internal/a.go", ``, "internal/a.go: internal is not on the floor plan; give it a row in layers"},
		{"code at the root", "a.go", ``, "a.go: . is not on the floor plan; give it a row in layers"},
		{"testdata is not code", "node/store/testdata/a.go", ``, ""},
		{"protocol takes the standard library", "protocol/a.go", `import "crypto/ed25519"`, ""},
		{"protocol takes no module", "protocol/a.go", `import "golang.org/x/crypto/hkdf"`, "protocol/a.go: protocol must not import golang.org/x/crypto/hkdf: the standard library only"},
		{"a protocol test takes a module", "protocol/a_test.go", `import "github.com/google/go-cmp/cmp"`, ""},
		{"bbolt in store", "node/store/a.go", `import "go.etcd.io/bbolt"`, ""},
		{"bbolt elsewhere", "node/link/a.go", `import "go.etcd.io/bbolt"`, "node/link/a.go: go.etcd.io/bbolt belongs to node/store"},
		{"bbolt below its path", "node/link/a.go", `import "go.etcd.io/bbolt/errors"`, "node/link/a.go: go.etcd.io/bbolt belongs to node/store"},
		{"bbolt in a test elsewhere", "node/link/a_test.go", `import "go.etcd.io/bbolt"`, ""},
		{"NATS in link", "node/link/a.go", `import "github.com/nats-io/nats.go"`, ""},
		{"NATS elsewhere", "node/web/a.go", `import "github.com/nats-io/nats.go"`, "node/web/a.go: github.com/nats-io belongs to node/bus node/link node/federation node/bench"},
		{"NATS in a test elsewhere", "node/web/a_test.go", `import "github.com/nats-io/nats.go"`, "node/web/a_test.go: github.com/nats-io belongs to node/bus node/link node/federation node/bench"},
		{"a NATS server in link", "node/link/a.go", `import "github.com/nats-io/nats-server/v2/server"`, "node/link/a.go: github.com/nats-io/nats-server belongs to node/bus node/federation node/bench"},
		{"JetStream in link", "node/link/a.go", `import "github.com/nats-io/nats.go/jetstream"`, "node/link/a.go: github.com/nats-io/nats.go/jetstream belongs to node/bus node/federation node/bench"},
		{"JetStream in link the old way", "node/link/a.go", `import "github.com/nats-io/nats.go"; func f(c *nats.Conn) { c.JetStream() }`, "node/link/a.go: JetStream belongs to node/bus node/federation node/bench"},
		{"cobra outside the command", "node/link/a.go", `import "github.com/spf13/cobra"`, "node/link/a.go: github.com/spf13/cobra belongs to cmd/vardar"},
		{"pages in web", "node/web/a.go", `import ("html/template"; "net/http")`, ""},
		{"pages elsewhere", "node/link/a.go", `import "html/template"`, "node/link/a.go: html/template belongs to node/web"},
		{"HTTP elsewhere", "node/link/a.go", `import "net/http"`, "node/link/a.go: net/http belongs to node node/web node/api node/duty node/oidc"},
		{"HTTP below its path", "node/link/a.go", `import _ "net/http/pprof"`, "node/link/a.go: net/http belongs to node node/web node/api node/duty node/oidc"},
		{"HTTP in a test", "protocol/a_test.go", `import "net/http"`, ""},
		{"cgo", "node/link/a.go", `import "C"`, "node/link/a.go: C belongs to nobody"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree := fstest.MapFS{}
			for room := range plan {
				tree[room+"/doc.go"] = &fstest.MapFile{Data: []byte("// Package x is a room.\npackage x\n")}
			}
			tree[tt.file] = &fstest.MapFile{Data: []byte("// Package x is a room.\npackage x\n" + tt.text + "\n")}
			got, err := breaches(tree, plan)
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.Fields(tt.want); len(want) == 0 && len(got) > 0 || len(want) > 0 && !slices.Equal(got, []string{tt.want}) {
				t.Errorf("breaches() = %q, want %q alone", got, tt.want)
			}
		})
	}
}

func TestRowOfTheFloorPlanIsTrue(t *testing.T) {
	tree := fstest.MapFS{"protocol/a.go": &fstest.MapFile{Data: []byte("package protocol\n")}}
	got, err := breaches(tree, map[string]string{"protocol": "", "node/store": "protocol node/attic"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"layers lists node/store, which holds no Go file",
		"layers lets node/store import node/attic, which has no row",
		"protocol has no package comment",
	}
	if !slices.Equal(got, want) {
		t.Errorf("breaches() = %q, want %q", got, want)
	}
}

// breaches walks tree, the root of the module, and says what breaks the plan. It
// parses the files itself: a test that asks `go list` is cached by go test, which
// knows only what a test opens, and then misses a planted violation.
func breaches(tree fs.FS, plan map[string]string) ([]string, error) {
	files, err := sources(tree)
	if err != nil {
		return nil, err
	}
	var found []string
	built, signed := map[string]bool{}, map[string]bool{}
	for _, f := range files {
		if !f.test {
			built[f.room] = true
			signed[f.room] = signed[f.room] || f.signed
			found = append(found, arrows(f, plan)...)
		}
		found = append(found, crossings(f)...)
	}
	for _, room := range slices.Sorted(maps.Keys(plan)) {
		if !built[room] {
			found = append(found, fmt.Sprintf("layers lists %s, which holds no Go file", room))
		}
		for below := range strings.FieldsSeq(plan[room]) {
			if _, ok := plan[below]; !ok {
				found = append(found, fmt.Sprintf("layers lets %s import %s, which has no row", room, below))
			}
		}
	}
	for _, room := range slices.Sorted(maps.Keys(built)) {
		if !signed[room] {
			found = append(found, room+" has no package comment")
		}
	}
	return found, nil
}

// arrows says which imports of one file its room's row does not allow.
func arrows(f source, plan map[string]string) []string {
	row, ok := plan[f.room]
	if !ok {
		return []string{fmt.Sprintf("%s: %s is not on the floor plan; give it a row in layers", f.file, f.room)}
	}
	var found []string
	for _, imp := range f.imports {
		dep, ours := strings.CutPrefix(imp, module+"/")
		switch {
		case imp == module:
			found = append(found, fmt.Sprintf("%s: %s must not import the module's root", f.file, f.room))
		case ours && !has(row, dep):
			found = append(found, fmt.Sprintf("%s: %s must not import %s", f.file, f.room, dep))
		case !ours && strings.Contains(strings.Split(imp, "/")[0], ".") && slices.Contains(pure, f.room):
			found = append(found, fmt.Sprintf("%s: %s must not import %s: the standard library only", f.file, f.room, imp))
		}
	}
	return found
}

// crossings says which walls one file goes through.
func crossings(f source) []string {
	var found []string
	for _, w := range walls {
		behind := func(imp string) bool { return imp == w.pkg || strings.HasPrefix(imp, w.pkg+"/") }
		if slices.ContainsFunc(f.imports, behind) && !has(w.rooms, f.room) && (!f.test || !w.tests) {
			found = append(found, fmt.Sprintf("%s: %s belongs to %s", f.file, w.pkg, cmp.Or(w.rooms, "nobody")))
		}
	}
	if f.streams && slices.Contains(f.imports, "github.com/nats-io/nats.go") && !has(jetStream, f.room) {
		found = append(found, fmt.Sprintf("%s: JetStream belongs to %s", f.file, jetStream))
	}
	return found
}

func has(rooms, room string) bool { return slices.Contains(strings.Fields(rooms), room) }

// sources parses every Go file that the go command would build on some platform.
func sources(tree fs.FS) ([]source, error) {
	var files []source
	err := fs.WalkDir(tree, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() {
			if name == "testdata" || len(name) > 1 && strings.ContainsAny(name[:1], "._") {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(file) != ".go" {
			return nil
		}
		f, err := read(tree, file)
		if err != nil {
			return err
		}
		files = append(files, f)
		return nil
	})
	return files, err
}

// read parses one file.
func read(tree fs.FS, file string) (source, error) {
	text, err := fs.ReadFile(tree, file)
	if err != nil {
		return source{}, err
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return source{}, err
	}
	f := source{file: file, room: path.Dir(file), test: strings.HasSuffix(file, "_test.go"), signed: parsed.Doc != nil}
	for _, spec := range parsed.Imports {
		imp, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return source{}, fmt.Errorf("%s: %w", file, err)
		}
		f.imports = append(f.imports, imp)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if method, ok := call.Fun.(*ast.SelectorExpr); ok && method.Sel.Name == "JetStream" {
				f.streams = true
			}
		}
		return true
	})
	return f, nil
}

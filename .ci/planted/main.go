// Command planted says which planted bugs no longer apply, no longer compile, or name a test that
// is gone, without running any of them:
//
//	go run ./.ci/planted
//
// It lays each patch over copies of the files it changes, and checks the types of their packages, of
// the product alone. Whether a bug is noticed is .ci/mutants/run's to say.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
)

func main() {
	bad, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "planted:", err)
		os.Exit(1)
	}
	for _, complaint := range bad {
		fmt.Println(complaint)
	}
	if len(bad) > 0 {
		os.Exit(1)
	}
}

// room is a package as go list knows it.
type room struct {
	Dir, ImportPath, Export            string
	GoFiles, TestGoFiles, XTestGoFiles []string

	rel string // Dir as patches name it, from the root of the tree
}

// run checks all patches, two at a time, and gives what is wrong in the order of the patches.
func run() ([]string, error) {
	patches, err := filepath.Glob(".ci/mutants/*.patch")
	if err != nil || len(patches) == 0 {
		return nil, errors.Join(err, errors.New("no patch in .ci/mutants: call it from the root of the tree"))
	}
	rooms, err := list()
	if err != nil {
		return nil, err
	}
	said := make([]error, len(patches))
	next := make(chan int)
	var workers sync.WaitGroup
	for range 2 {
		c := newChecker(rooms)
		workers.Go(func() {
			for i := range next {
				said[i] = c.check(patches[i])
			}
		})
	}
	for i := range patches {
		next <- i
	}
	close(next)
	workers.Wait()
	var bad []string
	for i, err := range said {
		if err != nil {
			bad = append(bad, fmt.Sprintf("%s: %v", patches[i], err))
		}
	}
	return bad, nil
}

// list gives all packages by import path, each with the file of its exported types.
func list() (map[string]*room, error) {
	out, err := exec.Command("go", "list", "-export", "-deps", "-json=Dir,ImportPath,Export,GoFiles,TestGoFiles,XTestGoFiles", "./...").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	root, err := filepath.Abs(".")
	if err != nil {
		return nil, err
	}
	rooms := map[string]*room{}
	for from := json.NewDecoder(bytes.NewReader(out)); ; {
		r := new(room)
		if err := from.Decode(r); errors.Is(err, io.EOF) {
			return rooms, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		if rel, err := filepath.Rel(root, r.Dir); err == nil {
			r.rel = filepath.ToSlash(rel)
		}
		rooms[r.ImportPath] = r
	}
}

// checker checks patches one by one; files that no patch changes it parses once.
type checker struct {
	byDir  map[string]*room // by room.rel
	fset   *token.FileSet
	imp    types.Importer
	parsed map[string]*ast.File
}

func newChecker(rooms map[string]*room) *checker {
	c := &checker{byDir: map[string]*room{}, fset: token.NewFileSet(), parsed: map[string]*ast.File{}}
	for _, r := range rooms {
		c.byDir[r.rel] = r
	}
	c.imp = importer.ForCompiler(c.fset, "gc", func(name string) (io.ReadCloser, error) {
		if r := rooms[name]; r != nil && r.Export != "" {
			return os.Open(r.Export)
		}
		return nil, fmt.Errorf("package %s: nothing imports it yet", name)
	})
	return c
}

var (
	changes = regexp.MustCompile(`(?m)^\+\+\+ b/(\S+)`)
	noticed = regexp.MustCompile(`(?m)^# test: *(\./\S+).* -run '?([^'\s]+)`)
)

// check says what is wrong with a patch.
func (c *checker) check(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	test := noticed.FindSubmatch(text)
	if test == nil {
		return errors.New(`has no line "# test: PACKAGE -run TESTS"`)
	}
	if err := c.tested(path.Clean(string(test[1])), string(test[2])); err != nil {
		return err
	}
	tree, err := os.MkdirTemp("", "planted")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tree)
	touched := map[*room]bool{}
	for _, file := range changes.FindAllSubmatch(text, -1) {
		if err := copyInto(tree, string(file[1])); err != nil {
			return err
		}
		if r := c.byDir[path.Dir(string(file[1]))]; r != nil {
			touched[r] = true
		}
	}
	patch := exec.Command("patch", "-p1", "--batch", "--forward", "--no-backup-if-mismatch", "-d", tree)
	patch.Stdin = bytes.NewReader(text)
	if said, err := patch.CombinedOutput(); err != nil {
		return fmt.Errorf("no longer applies: make it anew: %s", bytes.TrimSpace(said))
	}
	for r := range touched {
		if err := c.compiles(r, tree); err != nil {
			return fmt.Errorf("no longer compiles: make it anew: %w", err)
		}
	}
	return nil
}

// tested says whether a package has a test of what a patch names, the first of several, subtests left out.
func (c *checker) tested(dir, pattern string) error {
	r := c.byDir[dir]
	if r == nil {
		return fmt.Errorf("its package %s is gone", dir)
	}
	top, _, _ := strings.Cut(pattern, "/")
	wanted, err := regexp.Compile(top)
	if err != nil {
		return fmt.Errorf("-run %s: %w", pattern, err)
	}
	for _, file := range append(r.TestGoFiles[:len(r.TestGoFiles):len(r.TestGoFiles)], r.XTestGoFiles...) {
		syntax, err := c.parse(filepath.Join(r.Dir, file), nil)
		if err != nil {
			return err
		}
		for _, decl := range syntax.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && wanted.MatchString(f.Name.Name) {
				return nil
			}
		}
	}
	return fmt.Errorf("no test of %s is called %s any more", dir, top)
}

// compiles checks the types of a package, with its files in tree in place of its own.
func (c *checker) compiles(r *room, tree string) error {
	var files []*ast.File
	for _, name := range r.GoFiles {
		changed, err := os.ReadFile(filepath.Join(tree, r.rel, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		syntax, err := c.parse(filepath.Join(r.Dir, name), changed)
		if err != nil {
			return err
		}
		files = append(files, syntax)
	}
	_, err := (&types.Config{Importer: c.imp}).Check(r.ImportPath, c.fset, files, nil)
	return err
}

// parse reads a file, or what a patch has made of it.
func (c *checker) parse(file string, changed []byte) (*ast.File, error) {
	if changed != nil {
		return parser.ParseFile(c.fset, file, changed, parser.SkipObjectResolution)
	}
	if syntax := c.parsed[file]; syntax != nil {
		return syntax, nil
	}
	syntax, err := parser.ParseFile(c.fset, file, nil, parser.SkipObjectResolution)
	c.parsed[file] = syntax
	return syntax, err
}

// copyInto copies a file of the tree, if it is there: a patch may add one.
func copyInto(tree, file string) error {
	data, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	to := filepath.Join(tree, file)
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o600)
}

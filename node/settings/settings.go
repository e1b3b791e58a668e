// Package settings reads the files of settings that a node has beside its own, such as who is
// woken and where accounts log in: strictly, so that what is misspelled is told and not passed
// over.
package settings

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
)

// Fault is what is wrong with a file. Word is what nobody knows, of Known.
type Fault struct {
	At    string // the line, or which setting
	Said  string
	Word  string
	Known []string
}

// Error says it in a line.
func (f *Fault) Error() string { return f.At + ": " + f.Said }

// Unmarshal reads YAML into a struct; an unknown setting and what can't be read are a [*Fault].
func Unmarshal[T any](text []byte, into *T) error {
	if err := yaml.UnmarshalWithOptions(text, into, yaml.Strict()); err != nil {
		return misread(err, reflect.TypeFor[T]())
	}
	return nil
}

// misread says where a file can't be read, and which setting nobody knows.
func misread(err error, of reflect.Type) error {
	var unknown *yaml.UnknownFieldError
	if errors.As(err, &unknown) {
		token := unknown.GetToken()
		return &Fault{At: fmt.Sprintf("line %d", token.Position.Line), Said: "no setting is called " + token.Value, Word: token.Value, Known: names(of)}
	}
	var wrong yaml.Error
	if errors.As(err, &wrong) && wrong.GetToken() != nil {
		return &Fault{At: fmt.Sprintf("line %d", wrong.GetToken().Position.Line), Said: wrong.GetMessage()}
	}
	return &Fault{At: "the file", Said: strings.SplitN(err.Error(), "\n", 2)[0]}
}

// names gives the names of all settings, those inside others too.
func names(t reflect.Type) []string {
	var out []string
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("yaml")
		if name == "" {
			continue
		}
		out = append(out, name)
		inner := f.Type
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice || inner.Kind() == reflect.Map {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct {
			out = append(out, names(inner)...)
		}
	}
	return out
}

// credentials is where systemd puts what LoadCredential names (systemd.exec(5)).
const credentials = "CREDENTIALS_DIRECTORY"

// Secret reads a secret: from a file that its owner alone can read, by its full path, or a
// credential of systemd's, by its name.
func Secret(name string) (string, error) {
	path := name
	if !filepath.IsAbs(name) {
		dir := os.Getenv(credentials)
		if dir == "" || filepath.Base(name) != name {
			return "", fmt.Errorf("%s is no full path, and systemd gives no credential of that name", name)
		}
		path = filepath.Join(dir, name)
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if path == name && os.PathSeparator == '/' && info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("others can read it: chmod 600 %s", path)
	}
	text, err := os.ReadFile(path)
	return strings.TrimSpace(string(text)), err
}

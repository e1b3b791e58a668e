package main

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
)

func newConfigSet(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "set NAME [VALUE...]", Short: "Change one setting in the file", Args: wants("NAME", "[VALUE...]"),
		Long: "Changes one setting in the file that --config names, or vardar.yaml in the node's folder, and leaves the rest as it\n" +
			"stands, comments too. A setting without a value is taken out. What 'config check' would find is refused, and\n" +
			"nothing is changed. A running node hears of it at its next start.",
		Example:   "  vardar config set listen 0.0.0.0:4222\n  vardar config set links mk.national.crisis-centre=node.example.org:4222 rs.national.centre=node.example.net:4222\n  vardar config set http",
		ValidArgs: settingNames(),
		RunE:      func(_ *cobra.Command, args []string) error { return a.runConfigSet(args[0], args[1:]) },
	}
}

func (a *app) runConfigSet(name string, values []string) error {
	if at, value, both := strings.Cut(name, "="); both && slices.Contains(settingNames(), at) {
		return &api.Problem{Kind: api.Usage, Field: at, Detail: name + " is one word", Mend: "the value stands behind the name", Next: "vardar config set " + at + " " + value}
	}
	if !slices.Contains(settingNames(), name) {
		return &api.Problem{Kind: api.Usage, Field: name, Detail: "no setting is called " + name, Mend: settingWanted(name), Next: "vardar config example"}
	}
	path, err := a.configPath()
	if err != nil {
		return err
	}
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &api.Problem{Kind: api.NotPermitted, Detail: err.Error(), Mend: "change it as the account that may", Err: err}
	}
	before, err := parseConfig(path, text)
	if err != nil {
		return err
	}
	changed, err := withSetting(text, name, values)
	if err == nil {
		err = held(path, name, before, changed, values)
	}
	if err != nil {
		return err
	}
	if err := replaceFile(path, changed); err != nil {
		return &api.Problem{Kind: api.NotPermitted, Detail: err.Error(), Mend: "change it as the account that may", Err: err}
	}
	if len(values) == 0 {
		line(a.out, "%s: %s is not set any more; a running node goes on with it until its next start", path, name)
		return nil
	}
	line(a.out, "%s: %s is %s; a running node hears of it at its next start", path, name, strings.Join(values, ", "))
	return nil
}

// configPath is the file that the settings come from, whether it is there yet or not.
func (a *app) configPath() (string, error) {
	path := cmp.Or(a.shared.config, os.Getenv("VARDAR_CONFIG"))
	if path == "" {
		s, err := a.settle(nil)
		if err != nil {
			return "", err
		}
		path = filepath.Join(s.one(setDir), "vardar.yaml")
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return path, nil
}

// held sees to it that the changed file says what was wanted, and of everything else what it
// said before.
func held(path, name string, before settings, text []byte, values []string) error {
	if !lists(name) && len(values) > 1 {
		return badConfig(path, name, "it has one value alone", "give one")
	}
	for _, v := range values {
		if wrong := wrongIn(name, v); wrong != "" {
			return badConfig(path, name, v+": "+wrong, "nothing was changed")
		}
	}
	want := maps.Clone(before)
	delete(want, name)
	if len(values) > 0 {
		want[name] = values
	}
	after, err := parseConfig(path, text)
	if err != nil || !maps.EqualFunc(want, after, slices.Equal) {
		return badConfig(path, name, "this file is written in a way that can't be changed line by line", "change it with an editor, and look at it with 'config check'")
	}
	return nil
}

// withSetting changes the lines of one setting: in the place of the old ones, else behind the
// line that shows it commented out, else at the end. A comment beside it stays.
func withSetting(text []byte, name string, values []string) ([]byte, error) {
	rows := strings.SplitAfter(string(text), "\n")
	begins := regexp.MustCompile(`^` + name + `[ \t]*:`)
	at := slices.IndexFunc(rows, begins.MatchString)
	end := at + 1
	for at >= 0 && end < len(rows) && regexp.MustCompile(`^([ \t]+[^ \t\r\n#]|- )`).MatchString(rows[end]) {
		end++ // what belongs to it stands further in, or is the next of a list
	}
	var beside string
	switch {
	case at >= 0:
		beside = regexp.MustCompile(`[ \t]+#[^"'\r\n]*$`).FindString(strings.TrimRight(rows[at], "\r\n"))
	default:
		shown := regexp.MustCompile(`^#[ \t]*` + name + `[ \t]*:`)
		if at = slices.IndexFunc(rows, shown.MatchString) + 1; at == 0 {
			at = len(rows)
			if last := &rows[at-1]; *last == "" {
				at--
			} else {
				*last += "\n"
			}
		}
		end = at
	}
	var lines []string
	if len(values) > 0 {
		written, err := writtenSetting(name, values)
		if err != nil {
			return nil, err
		}
		lines = []string{written + beside + "\n"}
	}
	return []byte(strings.Join(slices.Concat(rows[:at], lines, rows[end:]), "")), nil
}

// writtenSetting gives a setting in one line.
func writtenSetting(name string, values []string) (string, error) {
	var value any = values[0]
	if lists(name) {
		value = values
	}
	text, err := yaml.MarshalWithOptions(value, yaml.Flow(true))
	return name + ": " + string(bytes.TrimSpace(text)), err
}

// replaceFile puts a whole file in the place of another, of the same owner and mode: after a
// crash there is the old one or the new one.
func replaceFile(path string, text []byte) (err error) {
	part, err := os.CreateTemp(filepath.Dir(path), ".vardar-*.yaml")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(part.Name())
		}
	}()
	_, err = part.Write(text)
	if info, there := os.Stat(path); there == nil {
		err = errors.Join(err, part.Chmod(info.Mode().Perm()), ownedAs(part, info))
	} else {
		err = errors.Join(err, part.Chmod(0o644))
	}
	if err = errors.Join(err, part.Sync(), part.Close()); err != nil {
		return err
	}
	return os.Rename(part.Name(), path)
}

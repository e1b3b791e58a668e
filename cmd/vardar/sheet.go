package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
)

// keep is how the keys that a command makes are kept: where the recovery sheet goes, and
// whether a token seals the identity key.
type keep struct {
	sheet, token string
}

func (k *keep) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&k.sheet, "recovery-sheet", "", "write the recovery sheet to a new `FILE`, to be printed and deleted, instead of showing it")
	cmd.Flags().StringVar(&k.token, "token", "", "identity `FILE` of an age plugin, such as age-plugin-yubikey prints: that token seals the identity key")
}

// check refuses a file for the sheet that would not be written, or not be apart from what
// it opens.
func (k *keep) check(cmd *cobra.Command, dir, carrier string) error {
	if k.sheet == "" {
		return nil
	}
	for _, folder := range []string{dir, nonZero(carrier, dir)} {
		if lies(k.sheet, folder) {
			return &api.Problem{
				Kind: api.Usage, Field: "recovery-sheet", Detail: fmt.Sprintf("%s lies in %s, among what it opens", k.sheet, folder),
				Mend: "name a file elsewhere, on another disk if there is one", Next: cmd.CommandPath() + " --help",
			}
		}
	}
	if _, err := os.Lstat(k.sheet); !errors.Is(err, fs.ErrNotExist) {
		return sheetThere(cmd, k.sheet, err)
	}
	return nil
}

func sheetThere(cmd *cobra.Command, file string, err error) error {
	detail := file + " is there already, and may be the only copy of another sheet"
	if err != nil {
		detail = err.Error()
	}
	return &api.Problem{
		Kind: api.Refused, Field: "recovery-sheet", Detail: detail,
		Mend: "name another file; one that a cut-off attempt left opens nothing", Next: cmd.CommandPath() + " --help", Err: err,
	}
}

// lies reports whether a file is, or would be, below a folder, links followed as far as
// the path exists.
func lies(file, folder string) bool {
	rel, err := filepath.Rel(real(folder), real(file))
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

func real(path string) string {
	path, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if found, err := filepath.EvalSymlinks(path); err == nil {
		return found
	}
	if parent := filepath.Dir(path); parent != path {
		return filepath.Join(real(parent), filepath.Base(path))
	}
	return path
}

// show is what a node gives the recovery sheet to: the file, or whoever reads along. It
// goes to where notes go, since what is printed may be for a program.
func (a *app) show(cmd *cobra.Command, k *keep) func(text string) error {
	return func(text string) error {
		if k.sheet == "" {
			_, err := fmt.Fprintf(a.err, "\n%s\n", text)
			return err
		}
		f, err := os.OpenFile(k.sheet, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return sheetThere(cmd, k.sheet, err)
		}
		_, err = f.WriteString(text)
		if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
			a.note("The recovery sheet is in %s: print it, keep it in a safe, and delete the file.", k.sheet)
		}
		return err
	}
}

// prompt answers a token at a terminal.
func (a *app) prompt() func(message string, secret bool) (string, error) {
	if !a.terminal {
		return nil
	}
	return func(message string, secret bool) (string, error) {
		if secret {
			word, err := a.unseen(message + " ")
			return string(word), err
		}
		_, _ = fmt.Fprint(a.err, message+" ")
		answer, err := bufio.NewReader(a.in).ReadString('\n')
		return strings.TrimSpace(answer), err
	}
}

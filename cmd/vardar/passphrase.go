package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
)

// passphrase is where the passphrase of the keys comes from; never the command line, which
// everybody on the machine can read.
type passphrase struct {
	file, env string
}

func (p *passphrase) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&p.file, "passphrase-file", "", "the first line of this owner-only `FILE` is the passphrase of the keys")
	cmd.Flags().StringVar(&p.env, "passphrase-env", "", "the passphrase is in the environment `VARIABLE` of this name")
}

// source gives how to get the passphrase; nil if none was named.
func (p *passphrase) source(s settings) func() ([]byte, error) {
	switch {
	case p.env != "":
		return func() ([]byte, error) {
			v, ok := os.LookupEnv(p.env)
			if !ok {
				return nil, &api.Problem{Kind: api.Usage, Detail: "there is no environment variable " + p.env, Next: "vardar run --help"}
			}
			return []byte(v), nil
		}
	case s.one(setPassphraseFile) != "":
		return node.PassphraseFromFile(s.one(setPassphraseFile))
	}
	return nil
}

// passphraseFileThere refuses a file that is not there, also where the keys would not have
// asked for it: whoever named it believes that they do.
func passphraseFileThere(file string) error {
	if file == "" {
		return nil
	}
	_, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return &api.Problem{Kind: api.NotFound, Field: "passphrase-file", Detail: file + " is not there", Mend: "name the file whose first line is the passphrase", Next: "vardar run --help", Err: err}
	}
	return nil
}

// unused refuses a passphrase for keys that an owner-only file opens.
func (p *passphrase) unused(s settings) error {
	if p.source(s) == nil || !node.OpensByFile(s.one(setDir)) {
		return nil
	}
	return &api.Problem{
		Kind: api.Usage, Field: "passphrase", Detail: "no passphrase seals the keys in " + s.one(setDir) + ": the file keys/unlock beside them opens them",
		Mend: "leave it out, or set one with the recovery sheet: vardar member key recover", Next: "vardar --dir " + s.one(setDir) + " run",
	}
}

// toOpen is source for keys that are there already: it is asked for only if they want one.
func (a *app) toOpen(p *passphrase, s settings) func() ([]byte, error) {
	if source := p.source(s); source != nil {
		return source
	}
	if a.terminal {
		return a.typed
	}
	return node.WithoutPassphrase
}

// typed reads a passphrase that is typed unseen.
func (a *app) typed() ([]byte, error) { return a.unseen("passphrase: ") }

func (a *app) unseen(prompt string) ([]byte, error) {
	file, ok := a.in.(*os.File)
	if !ok {
		return node.WithoutPassphrase()
	}
	_, _ = fmt.Fprint(a.err, prompt)
	word, err := term.ReadPassword(int(file.Fd()))
	_, _ = fmt.Fprintln(a.err)
	if err != nil {
		return node.WithoutPassphrase()
	}
	return bytes.TrimRight(word, "\r\n"), nil
}

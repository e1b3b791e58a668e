package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/lang"
	"github.com/vardar-network/vardar/protocol"
)

// maxInput bounds what is read of a file or of stdin for one record: well beyond what a
// node takes, so that it is the node that says by how much it is too long.
const maxInput = 4 << 20

// readInput reads a file; the dash is in.
func readInput(file string, in io.Reader) ([]byte, error) {
	r := in
	if file != "-" || in == nil {
		f, err := openInput(file)
		if err != nil {
			return nil, err
		}
		defer f.Close() //nolint:errcheck // only read
		r = f
	}
	data, err := io.ReadAll(io.LimitReader(r, maxInput+1))
	if err == nil && len(data) > maxInput {
		err = &api.Problem{Kind: api.Usage, Detail: fmt.Sprintf("%s is longer than %d bytes", file, maxInput), Next: "vardar publish --help"}
	}
	return data, err
}

// openInput opens a file that a person named. What is a folder, is not there or may not be
// read is a problem that says so.
func openInput(file string) (*os.File, error) {
	look := "ls " + filepath.Dir(file)
	f, err := os.Open(file)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, &api.Problem{Kind: api.NotPermitted, Detail: err.Error(), Mend: "read it as the account that may, or let this one", Next: "ls -l " + file, Err: err}
	case err != nil:
		return nil, &api.Problem{Kind: api.NotFound, Detail: err.Error(), Mend: "name a file that is there", Next: look, Err: err}
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, errors.Join(&api.Problem{Kind: api.Usage, Detail: file + " is a folder", Mend: "name a file in it", Next: "ls " + file}, f.Close())
	}
	return f, nil
}

// instant reads a moment as a person writes it ([lang.Moment]); 0 for none.
func (a *app) instant(cmd *cobra.Command, flag, s string) (protocol.Instant, error) {
	if s == "" {
		return 0, nil
	}
	if t, ok := lang.Moment(s, a.now()); ok {
		return protocol.InstantOf(t), nil
	}
	return 0, usage(cmd, fmt.Sprintf("--%s %s is no moment: want 2006-01-02, 2006-01-02T15:04, 2006-01-02T15:04:05Z, or how long ago: 24h, 7d", flag, s))
}

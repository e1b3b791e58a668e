package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

type bundleOptions struct {
	to  string
	all bool
}

func newExportBundle(a *app) *cobra.Command {
	var o bundleOptions
	cmd := &cobra.Command{
		Use: "bundle PEER --to FILE", Short: "Write what a peer lacks into a file, to be carried there", Args: wants("PEER"),
		Long: "Writes a file that takes the place of the line to a peer while there is none: the records that it is not known\n" +
			"to have, as far as the policy of the link carries them. It is sealed to the peer, so that a stick that is lost\n" +
			"tells nobody anything. There, 'vardar import FILE' takes it in.",
		Example: "  vardar export bundle mk.national.crisis-centre --to /media/stick/for-crisis-centre.vardar\n" +
			"  vardar export bundle mk.national.crisis-centre --all --to everything.vardar",
		RunE: func(cmd *cobra.Command, args []string) error { return a.runExportBundle(cmd, &o, args[0]) },
	}
	f := cmd.Flags()
	f.StringVar(&o.to, "to", "", "the `FILE` to write; it must be new")
	f.BoolVar(&o.all, "all", false, "everything that the policy carries, whatever the peer is known to have")
	_ = cmd.MarkFlagFilename("to")
	a.prints(cmd, asJSON)
	return cmd
}

// carried is what was written.
type carried struct {
	File string `json:"file"`
	To   string `json:"to"`

	Records int `json:"records"`
	Bodies  int `json:"bodies"`
}

func (a *app) runExportBundle(cmd *cobra.Command, o *bundleOptions, to string) error {
	if o.to == "" {
		return usage(cmd, "--to is missing: name a new file")
	}
	peer, err := institution(cmd, to)
	if err != nil {
		return err
	}
	return a.ask(func(c *api.Client) error {
		var b api.Bundled
		err := newFile(o.to, func(w io.Writer) (err error) {
			b, err = c.WriteBundle(cmd.Context(), peer, api.BundleRequest{All: o.all}, w)
			return err
		})
		if err != nil {
			return err
		}
		out := carried{File: o.to, To: string(peer), Records: b.Records, Bodies: b.Bodies}
		if a.output == asJSON {
			return a.writeJSON(out)
		}
		line(a.out, "%s: for %s; records: %d, with their bodies: %d", out.File, out.To, out.Records, out.Bodies)
		a.note("It is written to the end and can be carried. There:  vardar import %s", filepath.Base(o.to))
		return nil
	})
}

// newFile writes a file that is there whole, on the disk, or not at all, and never in the
// place of another.
func newFile(path string, fill func(io.Writer) error) (err error) {
	if _, err = os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return &api.Problem{Kind: api.Refused, Field: "to", Detail: path + " is there already", Mend: "name a new file, so that nothing is overwritten", Next: "vardar export --help", Err: err}
	}
	part, err := os.CreateTemp(filepath.Dir(path), ".vardar-*.part")
	if err != nil {
		var why *fs.PathError // of a file that nobody has named
		if errors.As(err, &why) {
			err = &fs.PathError{Op: "write to", Path: filepath.Dir(path), Err: why.Err}
		}
		return &api.Problem{Kind: api.Failed, Field: "to", Detail: err.Error(), Mend: "name a folder that is there and can be written to", Next: "vardar export --help", Err: err}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(part.Name()))
		}
	}()
	if err = fill(part); err != nil {
		return errors.Join(err, part.Close())
	}
	if err = errors.Join(part.Sync(), part.Close()); err != nil {
		return &api.Problem{Kind: api.Failed, Field: "to", Detail: err.Error(), Mend: "make room, or take another stick; nothing of it stays", Next: "vardar export --help", Err: err}
	}
	return os.Rename(part.Name(), path)
}

// beginsAsBundle reports whether a file is a bundle; the standard input is none.
func beginsAsBundle(file string) (bool, error) {
	if file == "-" {
		return false, nil
	}
	f, err := openInput(file)
	if err != nil {
		return false, err
	}
	defer f.Close() //nolint:errcheck // only read
	start := make([]byte, protocol.MaxBundleHeadBytes)
	n, err := io.ReadFull(f, start)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, err
	}
	return protocol.IsBundle(start[:n]), nil
}

// takeBundle has the node take in a bundle.
func (a *app) takeBundle(cmd *cobra.Command, o *importOptions, file string) error {
	if o.as != "" || o.dryRun {
		return usage(cmd, "a bundle is taken in as its authors signed it: leave out --as and --dry-run")
	}
	return a.ask(func(c *api.Client) error {
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		u, err := c.ReadBundle(cmd.Context(), io.NopCloser(f))
		if err = errors.Join(err, f.Close()); err != nil {
			return err
		}
		if a.output == asJSON {
			return a.writeJSON(u)
		}
		for _, said := range u.Said {
			line(a.out, "%s", said)
		}
		return nil
	})
}

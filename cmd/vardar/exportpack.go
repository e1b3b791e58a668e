package main

import (
	"archive/zip"
	"errors"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

// zipEnding is how the name of a pack in one file ends.
const zipEnding = ".zip"

// exportedPack is what was written.
type exportedPack struct {
	To      string          `json:"to"`
	Records int             `json:"records"`
	Files   int             `json:"files"`
	Digest  protocol.Digest `json:"digest"` // of its list
	Lacks   []string        `json:"lacks"`
}

func (a *app) runExportPack(cmd *cobra.Command, o *exportOptions) error {
	if o.to == "" {
		return usage(cmd, "--to is missing: name a new file that ends in .zip, or a new folder")
	}
	q := api.PackRequest{Incident: o.incident, Institution: o.by, Language: o.lang}
	var err error
	if q.Since, err = a.instant(cmd, "since", o.since); err != nil {
		return err
	}
	if q.Until, err = a.instant(cmd, "until", o.until); err != nil {
		return err
	}
	return a.ask(func(c *api.Client) error {
		p, err := c.Pack(cmd.Context(), q)
		if err != nil {
			return err
		}
		if err = keepPack(o.to, p.Packed); err != nil {
			var known *api.Problem
			if errors.As(err, &known) {
				return err
			}
			return &api.Problem{Kind: api.Failed, Detail: err.Error(), Mend: "make room, or name another place; what was begun can be deleted", Next: "vardar export evidence --help", Err: err}
		}
		out := exportedPack{To: o.to, Records: len(p.Records), Files: len(p.Packed), Digest: p.Digest, Lacks: p.Lacks}
		if a.output == asJSON {
			return a.writeJSON(out)
		}
		line(a.out, "%s: %s in %s", out.To, api.Count(out.Records, "record", "records"), api.Count(out.Files, "file", "files"))
		line(a.out, "digest of its list: %s", out.Digest)
		for _, said := range out.Lacks {
			line(a.out, "it lacks: %s", said)
		}
		a.note("Pass the digest on by another way: who has it knows whether anything was changed. Check it, without a node:  vardar verify %s", o.to)
		return nil
	})
}

// keepPack writes the files of a pack into one, or into a new folder.
func keepPack(to string, files []api.EvidenceFile) error {
	if !strings.EqualFold(filepath.Ext(to), zipEnding) {
		if err := emptyFolder(to); err != nil {
			return err
		}
		return writeFiles(to, files)
	}
	return newFile(to, func(w io.Writer) error {
		archive := zip.NewWriter(w)
		for _, f := range files {
			part, err := archive.Create(f.Name)
			if err != nil {
				return err
			}
			if _, err = part.Write(f.Data); err != nil {
				return err
			}
		}
		return archive.Close()
	})
}

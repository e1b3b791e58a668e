package main

import (
	"errors"
	"fmt"
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
	Further []exportedPack  `json:"further,omitempty"` // the other parts, if one did not hold all
}

func (a *app) runExportPack(cmd *cobra.Command, o *exportOptions) error {
	if o.to == "" {
		return usage(cmd, "--to is missing: name a new file that ends in .zip, or a new folder")
	}
	q := api.PackRequest{Incident: o.incident, Institution: o.by, Language: o.lang, Most: o.limit}
	var err error
	if q.Since, err = a.instant(cmd, "since", o.since); err != nil {
		return err
	}
	if q.Until, err = a.instant(cmd, "until", o.until); err != nil {
		return err
	}
	return a.ask(func(c *api.Client) error {
		var parts []exportedPack
		for {
			to := partName(o.to, len(parts)+1)
			p, err := c.Pack(cmd.Context(), q)
			if err != nil {
				return err
			}
			if err = keepPack(to, p.Packed); err != nil {
				var known *api.Problem
				if errors.As(err, &known) {
					return err
				}
				return &api.Problem{Kind: api.Failed, Detail: err.Error(), Mend: "make room, or name another place; what was begun can be deleted", Next: "vardar export evidence --help", Err: err}
			}
			parts = append(parts, exportedPack{To: to, Records: len(p.Records), Files: len(p.Packed), Digest: p.Digest, Lacks: p.Lacks})
			if q.After = p.Next; q.After == 0 {
				return a.tellExported(parts)
			}
		}
	})
}

// partName gives where a part is written: the first where it was said, the others beside it.
func partName(to string, n int) string {
	if n == 1 {
		return to
	}
	ending := filepath.Ext(to)
	if !strings.EqualFold(ending, zipEnding) {
		ending = ""
	}
	return fmt.Sprintf("%s-%d%s", strings.TrimRight(strings.TrimSuffix(to, ending), string(filepath.Separator)), n, ending)
}

// tellExported says what was written.
func (a *app) tellExported(parts []exportedPack) error {
	if a.output == asJSON {
		parts[0].Further = parts[1:]
		return a.writeJSON(parts[0])
	}
	var all []string
	for i := range parts {
		p := &parts[i]
		all = append(all, p.To)
		line(a.out, "%s: %s in %s", p.To, api.Count(p.Records, "record", "records"), api.Count(p.Files, "file", "files"))
		line(a.out, "digest of its list: %s", p.Digest)
		for _, said := range p.Lacks {
			line(a.out, "it lacks: %s", said)
		}
	}
	a.note("Pass each digest on by another way: who has it knows whether anything was changed. Check it, without a node:  vardar verify %s", strings.Join(all, " "))
	return nil
}

// keepPack writes the files of a pack into one, or into a new folder.
func keepPack(to string, files []api.EvidenceFile) error {
	if !strings.EqualFold(filepath.Ext(to), zipEnding) {
		if err := emptyFolder(to); err != nil {
			return err
		}
		return writeFiles(to, files)
	}
	return newFile(to, func(w io.Writer) error { return api.Zip(w, files) })
}

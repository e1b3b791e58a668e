package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

type verifyOptions struct{ key, charter string }

func newVerify(a *app) *cobra.Command {
	var o verifyOptions
	cmd := &cobra.Command{
		Use: "verify RECORD|FILE|FOLDER...", Short: "Check signatures, chains and digests, with or without a node",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(cmd, "RECORD|FILE|FOLDER is missing: want "+cmd.UseLine())
			}
			return nil
		},
		Long: "Checks what lies in files: what 'vardar export evidence' wrote, records as HTTP or NATS messages or as 'vardar show --http' writes them, frames,\n" +
			"what 'vardar show --output json' exported, charters, beacons, invitations, and the trust feed of a carrier.\n" +
			"A pack of evidence (a .zip, or what was unpacked from it) is held against its list: what was changed, taken\n" +
			"out or put in since is named, each record is said to be whose, and what the pack does not prove. Several\n" +
			"parts of one are checked together: name them all, or their folder.\n" +
			"A folder is read whole; that of a node which does not run is checked record by record, its file first.\n" +
			"A record's name is asked of the running node.\n\n" +
			"Without a node, and without the charter and the trust records of 'vardar export evidence', nobody says\n" +
			"whose a key is: compare it with the member's, or give it with --key. A charter is as good as where it came\n" +
			"from: compare its digest with the one that your institution knows.\n" +
			"One line a record. Exit code 8 if something does not hold, 7 if something can't be read.",
		Example: "  vardar verify record.http\n  vardar verify evidence.zip\n  vardar verify export/ --key 8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c\n" +
			"  vardar verify /var/lib/vardar\n  vardar verify mk.southeast.gevgelija/situation.1.42",
		RunE: func(cmd *cobra.Command, args []string) error { return a.runVerify(cmd, &o, args) },
	}
	cmd.Flags().StringVar(&o.key, "key", "", "the `KEY` that must have signed every record: 64 hex digits")
	cmd.Flags().StringVar(&o.charter, "charter", "", "the `DIGEST` of the version of the charter that your institution follows: what rivals it, or one before it, is set aside")
	a.prints(cmd, asJSON, asCSV)
	return cmd
}

// finding is what was found of one record or document.
type finding struct {
	File      string                 `json:"file"`
	What      string                 `json:"what"` // record, charter, beacon, invitation, file
	Name      string                 `json:"name,omitempty"`
	Type      string                 `json:"type,omitempty"`
	Key       protocol.Key           `json:"key,omitzero"`
	Digest    protocol.Digest        `json:"digest,omitzero"`
	Author    protocol.InstitutionID `json:"institution,omitempty"`
	Witnessed []string               `json:"witnessed,omitempty"` // by whose witness record it is dated, and when
	Holds     bool                   `json:"holds"`
	Damaged   bool                   `json:"damaged,omitempty"` // it can't be read at all
	Said      string                 `json:"said"`
}

// verified is the whole of what was found.
type verified struct {
	OK       bool       `json:"ok"`
	Records  int        `json:"records"`
	Findings []finding  `json:"findings"`
	Packs    []packSaid `json:"packs,omitempty"`
}

func (a *app) runVerify(cmd *cobra.Command, o *verifyOptions, args []string) error {
	j := &judge{now: a.now(), epochs: map[protocol.EpochID][]*evidence{}}
	if o.key != "" {
		key, err := protocol.ParseKey(o.key)
		if err != nil {
			return usage(cmd, "--key: "+err.Error())
		}
		j.key = key
	}
	if o.charter != "" {
		follows, err := protocol.ParseDigest(o.charter)
		if err != nil {
			return usage(cmd, "--charter "+o.charter+": want a digest, sha-256: and 64 hex digits")
		}
		j.follows = follows
	}
	for _, arg := range args {
		if err := a.gather(cmd, j, arg); err != nil {
			return err
		}
	}
	v, err := j.verdict()
	if err != nil {
		return &api.Problem{
			Kind: api.NotFound, Detail: fmt.Sprintf("--charter %s: %v", o.charter, err), Mend: "give the digest that 'vardar member charter show' prints, of the version in force",
			Next: cmd.CommandPath() + " --help", Err: err,
		}
	}
	t := tabled(v.Findings, []string{"what", "holds", "name", "key", "said", "file"}, func(f *finding) []string {
		holds := "holds"
		if !f.Holds {
			holds = "DOES NOT HOLD"
		}
		return []string{f.What, holds, f.Name, nonZeroKey(f.Key), f.Said, f.File}
	})
	v.Packs = j.said(&v)
	if err := a.write(v, t); err != nil {
		return err
	}
	if a.output == text {
		a.tellPacks(v.Packs)
	}
	if v.OK {
		return nil
	}
	p := &api.Problem{Kind: api.CheckFound, Mend: "don't rely on what does not hold; ask its author or another node for it", Next: "vardar verify --help"}
	bad := 0
	for i := range v.Findings {
		if f := &v.Findings[i]; !f.Holds {
			bad++
			if f.Damaged {
				p.Kind = api.Damaged
			}
		}
	}
	p.Detail = fmt.Sprintf("%d of %d do not hold", bad, len(v.Findings))
	return p
}

func nonZeroKey(k protocol.Key) string {
	if k.IsZero() {
		return ""
	}
	return k.String()
}

// gather takes in what an argument names.
func (a *app) gather(cmd *cobra.Command, j *judge, arg string) error {
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir() && node.IsFolder(arg):
		return a.gatherArchive(cmd.Context(), j, arg)
	case err == nil && info.IsDir() && isPack(arg):
		return gatherPackFolder(j, arg)
	case err == nil && info.IsDir():
		return gatherFolder(j, arg)
	case err == nil && isZip(arg):
		return gatherZip(j, arg)
	case err == nil:
		return gatherFile(j, arg)
	}
	if _, named := protocol.ParseName(arg); named == nil {
		return a.gatherNamed(cmd, j, arg)
	}
	if _, position := protocol.ParsePosition(arg); position == nil {
		return a.gatherNamed(cmd, j, arg)
	}
	return &api.Problem{Kind: api.NotFound, Detail: err.Error(), Mend: "want a file, a folder, or a record's name", Next: "vardar verify --help", Err: err}
}

func gatherFolder(j *judge, dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path != dir && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir() && isPack(path):
			if err = gatherPackFolder(j, path); err == nil {
				err = fs.SkipDir
			}
			return err
		case !d.Type().IsRegular():
			return nil
		}
		if isZip(path) {
			return gatherZip(j, path)
		}
		return gatherFile(j, path)
	})
}

func gatherFile(j *judge, path string) error {
	if filepath.Base(path) == storeFile {
		return &api.Problem{Kind: api.Usage, Detail: path + " is the store of a node", Mend: "name its folder", Next: "vardar verify " + filepath.Dir(path)}
	}
	f, err := openInput(path)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read
	data, err := io.ReadAll(f)
	if err != nil {
		return &api.Problem{Kind: api.Failed, Detail: err.Error(), Mend: "read it from a copy, or from another stick", Err: err}
	}
	j.read(path, data)
	return nil
}

// storeFile is the store's name in a node's folder (wire.md §10).
const storeFile = "store.bbolt"

// gatherArchive reads the store of a node that does not run.
func (a *app) gatherArchive(ctx context.Context, j *judge, dir string) error {
	read := 0
	for r, err := range node.Archive(ctx, dir, a.now, checkStore) {
		p := node.Problem(err, dir)
		switch {
		case err == nil:
			j.add(&evidence{file: dir, record: r.Record, asked: true, opener: !r.Opener.IsZero(), counts: r.Counts, gone: r.LetGo})
			read++
		case read == 0 && (p.Kind != api.Damaged || j.empty()) && r.Institution == "":
			return p
		default:
			j.found = append(j.found, finding{File: dir, What: "record", Name: name(r.Name), Damaged: true, Said: err.Error()})
		}
		if errors.Is(err, context.Canceled) {
			return err
		}
	}
	return nil
}

// gatherNamed asks the running node for a record and for its opener.
func (a *app) gatherNamed(cmd *cobra.Command, j *judge, ref string) error {
	return a.ask(func(c *api.Client) error {
		s, err := recordOf(cmd, c, ref)
		if err != nil {
			return err
		}
		r, err := c.Record(cmd.Context(), s.Name, protocol.Digest{})
		if err != nil {
			return err
		}
		p := s.Proof
		j.add(&evidence{file: "node", record: r, asked: true, opener: p.Charter || !p.Opener.IsZero(), counts: p.Counts, relayed: !p.Signed, gone: goneBy(s)})
		return nil
	})
}

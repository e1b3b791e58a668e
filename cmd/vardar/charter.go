package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

func newMemberCharter(a *app) *cobra.Command {
	cmd := a.group("charter", "The network's founding document: show it, draft the next version, sign and publish it",
		"A charter is made by its stewards, k of n of them, more than half. Its next version is drafted on one machine,\n"+
			"goes as a file from steward to steward, each of whom signs it, and is published by any member. It is in force\n"+
			"when the thresholds of the version before and of its own have signed it.")
	cmd.Example = "  vardar member charter draft next.json --threshold 2 --steward rs.json --steward hr.json\n" +
		"  vardar member charter sign next.json\n  vardar member charter publish next.json"
	cmd.AddCommand(newCharterShow(a), newCharterDraft(a), newCharterSign(a), newCharterPublish(a), newCharterAccept(a))
	return cmd
}

type charterOptions struct{ signed, document bool }

func newCharterShow(a *app) *cobra.Command {
	var o charterOptions
	cmd := &cobra.Command{
		Use: "show [FILE]", Short: "Show the charter in force, or a version in a file and who has signed it", Args: wants("[FILE]"),
		Example: "  vardar member charter show\n  vardar member charter show next.json\n" +
			"  vardar member charter show --signed > charter.json\n  vardar member charter show --document > edit.json",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return a.runCharterFile(cmd, &o, args[0])
			}
			return a.runCharter(cmd, &o)
		},
	}
	cmd.Flags().BoolVar(&o.signed, "signed", false, "write document and signatures as they travel, to the byte")
	cmd.Flags().BoolVar(&o.document, "document", false, "write the document alone, to be edited by hand")
	a.prints(cmd, asJSON)
	return cmd
}

func (a *app) runCharter(cmd *cobra.Command, o *charterOptions) error {
	return a.ask(func(c *api.Client) error {
		charter, err := c.Charter(cmd.Context())
		switch {
		case err != nil:
			return err
		case o.signed:
			return json.NewEncoder(a.out).Encode(charter.Signed)
		case o.document:
			_, err = fmt.Fprintf(a.out, "%s\n", charter.Signed.Document)
			return err
		case a.output == asJSON:
			return a.writeJSON(charter)
		}
		return a.writeCharter(&charter)
	})
}

func (a *app) writeCharter(charter *api.Charter) error {
	parsed, err := protocol.ParseCharter(charter.Signed.Document)
	if err != nil {
		return err
	}
	line(a.out, "%s, charter %d: %s", charter.Network, charter.Version, charter.Digest)
	t := table{}
	t.add("signed by", joined(charter.Stewards))
	for _, s := range parsed.Stewards {
		t.add("steward", string(s.Institution), fmt.Sprintf("%d of %d sign", parsed.Threshold, len(parsed.Stewards)))
	}
	for _, r := range parsed.Registrars {
		t.add("registrar", string(r.Institution), strings.Join(r.Prefixes, ", "))
	}
	t.add("members", fmt.Sprint(charter.Members))
	t.add("until", charter.Expires)
	for _, n := range charter.Newer {
		t.add("needs a newer vardar", n)
	}
	if err := a.write(nil, t); err != nil {
		return err
	}
	for i := range charter.Versions {
		a.writeVersion(&charter.Versions[i])
	}
	if charter.Rivalry != "" {
		line(a.out, "%s", charter.Rivalry)
		if len(charter.Closers) == 0 {
			line(a.out, "every steward signed both, so nobody can end it: each institution takes the one that its registrar names")
			a.note("next, when you have asked by telephone: vardar member charter accept DIGEST")
			return nil
		}
		line(a.out, "more than half of these end it, by signing the version that goes on from one of them: %s", joined(charter.Closers))
		a.note("next: vardar member charter draft next.json --on DIGEST")
	}
	return nil
}

// writeVersion says what another version is and would change.
func (a *app) writeVersion(v *api.CharterVersion) {
	if v.State == "in force" || v.State == "earlier" {
		return
	}
	said := fmt.Sprintf("version %d, %s: %s; signed by %s", v.Version, v.State, v.Digest, joined(v.Signed))
	if v.Why != "" {
		said += ": " + v.Why
	}
	line(a.out, "%s", said)
	for _, c := range v.Changes {
		line(a.out, "  %s", c)
	}
}

func (a *app) runCharterFile(cmd *cobra.Command, o *charterOptions, file string) error {
	paper, err := a.readPaper(cmd, file)
	if err != nil {
		return err
	}
	switch {
	case o.signed:
		return json.NewEncoder(a.out).Encode(paper.SignedCharter)
	case o.document:
		_, err = fmt.Fprintf(a.out, "%s\n", paper.Document)
		return err
	}
	reading, err := paper.Read()
	if err != nil {
		return err
	}
	return a.writeReading(&reading)
}

// writeReading says what a version changes and who has signed it.
func (a *app) writeReading(r *api.CharterReading) error {
	if a.output == asJSON {
		return a.writeJSON(r)
	}
	line(a.out, "%s, charter %d: %s", r.Network, r.Version, r.Digest)
	for _, c := range r.Changes {
		line(a.out, "  %s", c)
	}
	if len(r.Changes) == 0 {
		line(a.out, "  it changes nothing")
	}
	for i := range r.Quorums {
		line(a.out, "%s", r.Quorums[i].String())
	}
	return nil
}

// readPaper reads a version on its way between stewards.
func (a *app) readPaper(cmd *cobra.Command, file string) (api.CharterPaper, error) {
	var paper api.CharterPaper
	data, err := readInput(file, a.in)
	if err != nil {
		return paper, err
	}
	if err := json.Unmarshal(data, &paper); err != nil {
		return paper, &api.Problem{
			Kind: api.Usage, Detail: fmt.Sprintf("%s holds no charter: %v", file, err),
			Mend: "want a file that 'vardar member charter draft' wrote", Next: cmd.CommandPath() + " --help", Err: err,
		}
	}
	return paper, nil
}

// writePaper puts a paper in a file's place, whole or not at all.
func writePaper(file string, paper *api.CharterPaper) error {
	data, err := json.Marshal(paper)
	if err != nil {
		return err
	}
	return replaceFile(file, append(data, '\n'))
}

type signOptions struct {
	as, identity string
	copies       []string
	yes          bool
	passphrase
}

func newCharterSign(a *app) *cobra.Command {
	var o signOptions
	cmd := &cobra.Command{
		Use: "sign FILE", Short: "Sign a version as a steward, with no node running", Args: wants("FILE"),
		Long: "Says what the version changes and who has signed it, and adds this steward's signature to the file. It\n" +
			"needs the folder of the keys and the identity key, which may lie on a stick, and no node: so it can be\n" +
			"done on a machine that has no line. Where stewards have signed copies, --take brings their signatures\n" +
			"together.",
		Example: "  vardar member charter sign next.json\n  vardar member charter sign next.json --identity /media/stick --yes\n" +
			"  vardar member charter sign next.json --take from-serbia.json --take from-croatia.json",
		RunE: func(cmd *cobra.Command, args []string) error { return a.runCharterSign(cmd, &o, args[0]) },
	}
	f := cmd.Flags()
	f.StringVar(&o.as, "as", "", "`INSTITUTION` that signs, if the folder holds the keys of several stewards")
	f.StringVar(&o.identity, "identity", "", "`FOLDER` of the identity key, such as a stick (default identity in the node's folder)")
	f.StringArrayVar(&o.copies, "take", nil, "take the signatures of this copy `FILE` too; may be repeated")
	f.BoolVar(&o.yes, "yes", false, "sign without asking")
	o.flags(cmd)
	a.prints(cmd, asJSON)
	return cmd
}

func (a *app) runCharterSign(cmd *cobra.Command, o *signOptions, file string) error {
	as, err := chosen(cmd, o.as)
	if err != nil {
		return err
	}
	paper, err := a.readPaper(cmd, file)
	if err != nil {
		return err
	}
	taken, err := a.takeCopies(cmd, o.copies, &paper)
	if err != nil {
		return err
	}
	if err = a.sign(cmd, o, as, &paper, taken > 0); err != nil {
		return err
	}
	if err = writePaper(file, &paper); err != nil {
		return err
	}
	reading, err := paper.Read()
	if err != nil {
		return err
	}
	return a.signed(&reading, file)
}

// takeCopies brings the signatures of copies together, and says how many were new.
func (a *app) takeCopies(cmd *cobra.Command, copies []string, paper *api.CharterPaper) (int, error) {
	taken := 0
	for _, c := range copies {
		other, err := a.readPaper(cmd, c)
		if err != nil {
			return taken, err
		}
		n, err := paper.Take(&other)
		if err != nil {
			return taken, err
		}
		taken += n
	}
	return taken, nil
}

// sign adds the own signature. One whose folder has signed before may bring copies
// together all the same.
func (a *app) sign(cmd *cobra.Command, o *signOptions, as protocol.InstitutionID, paper *api.CharterPaper, taken bool) error {
	reading, err := paper.Read()
	if err != nil {
		return err
	}
	s, err := a.settle(settings{setPassphraseFile: {o.file}, setIdentity: {o.identity}})
	if err != nil {
		return err
	}
	if a.output != asJSON && !a.quiet {
		if err = a.writeReading(&reading); err != nil {
			return err
		}
	}
	if err = a.agree(o.yes, fmt.Sprintf("Sign version %d of the charter of %s?", reading.Version, reading.Network), cmd.CommandPath()+" FILE --yes"); err != nil {
		return err
	}
	no := node.Options{Dir: s.one(setDir), Identity: s.one(setIdentity), Passphrase: a.toOpen(&o.passphrase, s), WorkFactor: a.work, Clock: a.now}
	id, err := node.SignCharter(cmd.Context(), no, as, paper)
	if taken && node.SignedTwice(err) {
		a.note("%s had signed already; the signatures of the copies are added.", id)
		return nil
	}
	return err
}

// signed says what is to be done next with a file.
func (a *app) signed(reading *api.CharterReading, file string) error {
	if a.output == asJSON {
		return a.writeJSON(reading)
	}
	for i := range reading.Quorums {
		line(a.out, "%s", reading.Quorums[i].String())
	}
	switch {
	case !reading.Whole:
		a.note("next: send %s to those who are missing: vardar member charter sign %s", file, file)
	case reading.Version == 1:
		a.note("next, on each steward's and registrar's machine: vardar init INSTITUTION --charter %s --level LEVEL", file)
	default:
		a.note("next: vardar member charter publish %s", file)
	}
	return nil
}

type publishCharterOptions struct {
	as  string
	yes bool
}

func newCharterPublish(a *app) *cobra.Command {
	var o publishCharterOptions
	cmd := &cobra.Command{
		Use: "publish FILE", Short: "Publish a version that enough stewards have signed", Args: wants("FILE"),
		Long: "Publishes the version in a trust record. From then on it is in force here, and on every other node when the\n" +
			"record comes there. It can't be taken back: only the next version changes it.",
		Example: "  vardar member charter publish next.json\n  vardar member charter publish next.json --as mk.national.crisis-centre --yes",
		RunE:    func(cmd *cobra.Command, args []string) error { return a.runCharterPublish(cmd, &o, args[0]) },
	}
	cmd.Flags().StringVar(&o.as, "as", "", "`INSTITUTION` that publishes it, if the node writes for several")
	cmd.Flags().BoolVar(&o.yes, "yes", false, "publish without asking")
	a.prints(cmd, asJSON)
	return cmd
}

func (a *app) runCharterPublish(cmd *cobra.Command, o *publishCharterOptions, file string) error {
	as, err := chosen(cmd, o.as)
	if err != nil {
		return err
	}
	paper, err := a.readPaper(cmd, file)
	if err != nil {
		return err
	}
	reading, err := paper.Read()
	if err != nil {
		return err
	}
	if a.output != asJSON && !a.quiet {
		if err := a.writeReading(&reading); err != nil {
			return err
		}
	}
	if err := a.agree(o.yes, fmt.Sprintf("Publish version %d of the charter of %s?", reading.Version, reading.Network), cmd.CommandPath()+" "+file+" --yes"); err != nil {
		return err
	}
	return a.ask(func(c *api.Client) error {
		p, err := c.PublishCharter(cmd.Context(), api.PublishCharterRequest{As: as, Paper: paper})
		if err != nil {
			return err
		}
		return (&said{}).result(a, &p)
	})
}

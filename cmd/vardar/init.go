package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// charterFile is where init leaves the signed charter, which is public, for the others
// whom it names.
const charterFile = "charter.json"

// charterYears is how long a charter stands unless told: stewards who have not met for
// that long have something to talk about.
const charterYears = 2

type initOptions struct {
	network    string
	registrars []string // PREFIX, or PREFIX=FILE with somebody else's founder line
	expires    string
	keysOnly   bool
	charter    string
	opening
	passphrase
	keep
}

// opening is how an institution introduces itself.
type opening struct {
	level    string
	names    []string
	identity string
}

func (o *opening) flags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&o.names, "name", nil, "what people call it, or `LANGUAGE=NAME` for another language than English; may be repeated")
	cmd.Flags().StringVar(&o.identity, "identity", "", "`FOLDER` for the identity key, such as a stick (default identity in the node's folder)")
}

func levelFlag(cmd *cobra.Command, level *string) {
	cmd.Flags().StringVar(level, "level", "", "`LEVEL` of the institution: "+strings.Join(body.Municipality.Words(), ", "))
	complete(cmd, "level", body.Municipality.Words())
}

// of gives the opening of an institution.
func (o *opening) of(cmd *cobra.Command, id protocol.InstitutionID) (node.Opening, error) {
	who := node.Opening{Institution: id}
	var err error
	if who.Level, err = parseLevel(cmd, o.level); err != nil {
		return who, err
	}
	for _, n := range o.names {
		lang, name, ok := strings.Cut(n, "=")
		if !ok {
			lang, name = "en", n
		}
		if who.Names == nil {
			who.Names = body.Names{}
		}
		who.Names[body.Language(lang)] = body.Label(name)
	}
	return who, nil
}

func parseLevel(cmd *cobra.Command, s string) (body.Level, error) {
	if s == "" {
		return 0, nil
	}
	var l body.Level
	if err := l.UnmarshalText([]byte(s)); err != nil {
		return 0, usage(cmd, fmt.Sprintf("no level is called %q: %s", s, api.OneOf(s, body.Municipality.Words())))
	}
	return l, nil
}

func institution(cmd *cobra.Command, s string) (protocol.InstitutionID, error) {
	id, err := protocol.ParseInstitution(s)
	if err != nil {
		return "", usage(cmd, err.Error())
	}
	return id, nil
}

// institutionsOf reads the IDs that an option names.
func institutionsOf(cmd *cobra.Command, named []string) (out []protocol.InstitutionID, err error) {
	for _, s := range named {
		id, err := institution(cmd, s)
		if err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, nil
}

// chosen reads the ID that an option names; none is no error.
func chosen(cmd *cobra.Command, s string) (protocol.InstitutionID, error) {
	if s == "" {
		return "", nil
	}
	return institution(cmd, s)
}

func newInit(a *app) *cobra.Command {
	var o initOptions
	cmd := &cobra.Command{
		Use: "init INSTITUTION", Short: "Found a network, or make the keys of an institution", Args: wants("INSTITUTION"),
		Long: "Makes the node of an institution that founds a network: its keys, a charter that it signs, and its\n" +
			"first records. Everybody else joins with an invitation.\n\n" +
			"Unless a passphrase is given, or systemd hands over the credential vardar-unlock, the keys are opened by\n" +
			"an owner-only file in the folder. A recovery sheet is shown once: it opens them when the passphrase or the\n" +
			"machine is lost. Print it, and keep it in a safe.",
		Example: "  vardar init mk.national.crisis-centre --network example --registrar mk. --level ministry\n" +
			"  vardar init rs.national.centre --keys-only > rs.json\n" +
			"  vardar init mk.national.crisis-centre --network example --registrar mk. --registrar rs.=rs.json --level ministry\n" +
			"  vardar init rs.national.centre --charter charter.json --level ministry",
		RunE: func(cmd *cobra.Command, args []string) error { return a.runInit(cmd, &o, args[0]) },
	}
	f := cmd.Flags()
	f.StringVar(&o.network, "network", "", "`NAME` of the network to found")
	f.StringArrayVar(&o.registrars, "registrar", nil, "`PREFIX` under which this institution admits others, such as mk.; PREFIX=FILE names another one by what its --keys-only printed; may be repeated")
	f.StringVar(&o.expires, "expires", "", fmt.Sprintf("`DATE` after which the charter admits nobody (default in %d years)", charterYears))
	f.BoolVar(&o.keysOnly, "keys-only", false, "make the keys and print one line for who writes the charter or admits by key")
	f.StringVar(&o.charter, "charter", "", "signed charter in this `FILE` that names the institution; the keys are there already")
	levelFlag(cmd, &o.level)
	o.opening.flags(cmd)
	o.passphrase.flags(cmd)
	o.keep.flags(cmd)
	a.prints(cmd, asJSON)
	return cmd
}

// initiated is what init tells.
type initiated struct {
	Institution protocol.InstitutionID `json:"institution"`
	Network     string                 `json:"network"`
	Charter     protocol.Digest        `json:"charter"`
	Dir         string                 `json:"dir"`
	File        string                 `json:"charter_file"`
	Account     string                 `json:"account"` // the first one, for the pages
	Word        string                 `json:"word"`    // with which its password is chosen, shown once
}

func (a *app) runInit(cmd *cobra.Command, o *initOptions, arg string) error {
	id, err := institution(cmd, arg)
	if err != nil {
		return err
	}
	s, err := a.settle(settings{setPassphraseFile: {o.file}, setIdentity: {o.identity}})
	if err != nil {
		return err
	}
	no := node.Options{
		Dir: s.one(setDir), Identity: s.one(setIdentity), Passphrase: o.source(s), WorkFactor: a.work, Clock: a.now, CheckStore: checkStore,
		Sheet: a.show(cmd, &o.keep), Token: o.token, Prompt: a.prompt(),
	}
	if err = o.check(cmd, no.Dir, no.Identity); err != nil {
		return err
	}
	who, err := o.of(cmd, id)
	if err != nil {
		return err
	}
	switch {
	case o.keysOnly && (o.network != "" || o.charter != ""), o.network != "" && o.charter != "":
		return usage(cmd, "--network, --charter and --keys-only are three ways: choose one")
	case o.keysOnly:
		return a.initKeys(no, id, a.toOpen(&o.passphrase, s))
	case o.charter != "":
		return a.initNamed(cmd.Context(), no, o.charter, who)
	}
	return a.initNetwork(cmd, o, founding{no, a.toOpen(&o.passphrase, s)}, who)
}

// initKeys makes keys and nothing else; in the folder of a node, those of one more
// institution that it is to write for.
func (a *app) initKeys(no node.Options, id protocol.InstitutionID, open func() ([]byte, error)) error {
	founder, err := node.MakeKeys(no, id)
	if errors.Is(err, node.ErrKeysExist) {
		no.Passphrase = open
		again, known, unread := node.FounderIn(no, id)
		switch {
		case unread != nil:
			return unread
		case known:
			founder, err = again, nil
		case node.IsFolder(no.Dir):
			if founder, err = node.HostKeys(no, id); err == nil {
				a.note("This node will write for %s too, once its registrar has admitted it and the node was started anew.", id)
			}
		}
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(a.out).Encode(founder)
}

// initNetwork founds a network with one steward.
func (a *app) initNetwork(cmd *cobra.Command, o *initOptions, f founding, who node.Opening) error {
	switch {
	case o.network == "":
		return usage(cmd, "--network is missing: name the network that this institution founds")
	case who.Level == 0:
		return usage(cmd, "--level is missing: want one of "+strings.Join(body.Municipality.Words(), ", "))
	}
	draft := node.CharterChange{Network: o.network, Grant: map[string]protocol.InstitutionID{}, Expires: a.now().AddDate(charterYears, 0, 0).Truncate(24 * time.Hour)}
	if o.expires != "" {
		day, err := dayToCome(cmd, o.expires, a.now())
		if err != nil {
			return err
		}
		draft.Expires = day
	}
	if err := o.name(cmd, &draft, who.Institution); err != nil {
		return err
	}
	charter, err := a.charterOf(cmd.Context(), f, draft, who.Institution)
	if err != nil {
		return err
	}
	if err := a.found(cmd.Context(), f.opened(), charter, o.network, who); err != nil {
		return err
	}
	return os.Remove(f.mark())
}

// name puts the registrars into a draft.
func (o *initOptions) name(cmd *cobra.Command, draft *node.CharterChange, self protocol.InstitutionID) error {
	if len(o.registrars) == 0 {
		return usage(cmd, "--registrar is missing: say under which prefix this institution admits others, such as "+self.Country()+".")
	}
	for _, r := range o.registrars {
		prefix, file, other := strings.Cut(r, "=")
		if !protocol.ValidPrefix(prefix) {
			return usage(cmd, fmt.Sprintf("--registrar %s: want a prefix such as mk. or mk.southeast.", prefix))
		}
		if !other {
			draft.Grant[prefix] = self
			continue
		}
		founder, err := readFounder(cmd, file, nil)
		if err != nil {
			return err
		}
		draft.Registrars = append(draft.Registrars, founder)
		draft.Grant[prefix] = founder.Institution
	}
	return nil
}

// readFounder reads what --keys-only printed; the dash is in.
func readFounder(cmd *cobra.Command, file string, in interface{ Read([]byte) (int, error) }) (node.Founder, error) {
	data, err := readInput(file, in)
	if err != nil {
		return node.Founder{}, err
	}
	var f node.Founder
	if _, err := protocol.DecodeJSON(data, &f); err != nil {
		return f, usage(cmd, fmt.Sprintf("%s: %v: want the line that 'vardar init INSTITUTION --keys-only' printed", file, err))
	}
	if err := protocol.CheckKeyProof(f.Institution, protocol.UseIdentity, f.Key, f.Proof); err != nil {
		return f, &api.Problem{Kind: api.Refused, Field: "proof", Detail: file + ": " + err.Error(), Mend: "have the line printed and sent again", Next: cmd.CommandPath() + " --help", Err: err}
	}
	return f, nil
}

// initNamed makes the node of an institution that a signed charter names.
func (a *app) initNamed(ctx context.Context, no node.Options, file string, who node.Opening) error {
	data, err := readInput(file, nil)
	if err != nil {
		return err
	}
	var charter protocol.SignedCharter
	if err = json.Unmarshal(data, &charter); err != nil {
		return &api.Problem{Kind: api.Usage, Detail: file + " is no signed charter: " + err.Error(), Mend: "want the file " + charterFile + " that init made", Next: "vardar init --help", Err: err}
	}
	c, err := charter.Verify()
	if err != nil {
		return &api.Problem{Kind: api.Damaged, Detail: file + ": " + err.Error(), Mend: "have it sent again", Next: "vardar verify " + file, Err: err}
	}
	return a.found(ctx, no, charter, c.Network, who)
}

func (a *app) found(ctx context.Context, no node.Options, charter protocol.SignedCharter, network string, who node.Opening) error {
	if err := node.Found(ctx, no, charter, who); err != nil {
		return err
	}
	account, word, err := node.FirstAccount(ctx, no, who.Institution)
	if err != nil {
		return err
	}
	out := initiated{who.Institution, network, charter.Digest(), no.Dir, filepath.Join(no.Dir, charterFile), account.Name, word}
	if err := writeCharter(out.File, charter); err != nil {
		return err
	}
	if a.output == asJSON {
		return a.writeJSON(out)
	}
	line(a.out, "%s is in the network %s, whose charter is %s", out.Institution, out.Network, out.Charter)
	if word != "" {
		line(a.out, "the account %s chooses its password with the one-time word %s, shown once", account.Name, word)
	}
	a.note("Keep a copy of the identity key in %s away from this machine.", nonZero(no.Identity, filepath.Join(no.Dir, "identity")))
	a.note("next: vardar --dir %s run --listen 127.0.0.1:4222", no.Dir)
	return nil
}

func nonZero(s, standard string) string {
	if s != "" {
		return s
	}
	return standard
}

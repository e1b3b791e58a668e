package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

type draftOptions struct {
	network    string
	document   string
	on         string
	stewards   []string
	noStewards []string
	registrars []string
	revoke     []string
	threshold  int
	membersMay []string
	handling   []string
	retention  []string
	groups     []string
	records    int
	mib        int
	expires    string
}

func newCharterDraft(a *app) *cobra.Command {
	var o draftOptions
	cmd := &cobra.Command{
		Use: "draft FILE", Short: "Write the next version of the charter, for its stewards to sign", Args: wants("FILE"),
		Long: "Writes a new file with the version after the one in force, changed as the flags say, and says in words what\n" +
			"changes. With --network it writes the first version of a new network, and needs no node. Nothing is signed\n" +
			"or published by it.\n\n" +
			"A FOUNDER is a file with the line that 'vardar init INSTITUTION --keys-only' printed on the machine of the\n" +
			"institution; it says the same again where the keys are made already.\n\n" +
			"Where two versions of one number stop each other, --on says which of them to go on from.\n\n" +
			"After the days that --retention says every node lets the bodies of a kind go, for good, once a day: headers, chains\n" +
			"and digests stay. The days begin with the time that its author gave a record. Corrections, notes and what is\n" +
			"sealed (vardar.TOPIC.sealed.v1) are kinds of their own, to be named like all others; trust records and erasures\n" +
			"are kept for ever. Fewer days than before hold on a node once it has followed the version for thirty days, and\n" +
			"'status' says so until then; more days hold at once.\n\n" +
			"A quota is held by the author's own node, day by day from midnight UTC: beyond it nothing is published but alerts,\n" +
			"trust records and erasures, and what is said with 'publish --over-quota'; no other node makes a member wait by\n" +
			"it. 0 bounds nothing. Groups say whom a record is for (\"to\": [\"group:NAME\"]);\n" +
			"none chooses what goes over a link.\n\n" +
			"To change more than flags can, edit the document by hand: 'vardar member charter show --document > edit.json',\n" +
			"then --document edit.json.",
		Example: "  vardar member charter draft charter.json --network example --steward mk.json --steward rs.json --steward hr.json --threshold 2 --registrar mk.=mk.json --registrar rs.=rs.json\n" +
			"  vardar member charter draft next.json --registrar mk.southeast.=registry.json\n" +
			"  vardar member charter draft next.json --remove-steward hr.national.centre --threshold 2 --expires 2030-01-01\n" +
			"  vardar member charter draft next.json --members-may municipality=vardar.situation.*,vardar.resource.* --handling vardar.situation.report.v1=TLP:GREEN",
		RunE: func(cmd *cobra.Command, args []string) error { return a.runCharterDraft(cmd, &o, args[0]) },
	}
	f := cmd.Flags()
	f.StringVar(&o.network, "network", "", "`NAME` of a new network, whose first version this is")
	f.StringVar(&o.document, "document", "", "begin with this `FILE`, a document edited by hand")
	f.StringVar(&o.on, "on", "", "end a rivalry: `DIGEST` of the version to go on from, of the two that 'vardar member charter show' prints")
	f.StringArrayVar(&o.stewards, "steward", nil, "add this steward, by its `FOUNDER` file, or have it sign with another key; may be repeated")
	f.StringArrayVar(&o.noStewards, "remove-steward", nil, "`INSTITUTION` that is a steward no more; may be repeated")
	f.IntVar(&o.threshold, "threshold", 0, "how `MANY` stewards make a version, more than half (default in a first version: the least that is)")
	f.StringArrayVar(&o.registrars, "registrar", nil, "`PREFIX=FOUNDER` file, or PREFIX=INSTITUTION that the charter names, which admits under the prefix; may be repeated")
	f.StringArrayVar(&o.revoke, "revoke", nil, "take this `PREFIX` from whoever admits under it; may be repeated")
	f.StringArrayVar(&o.membersMay, "members-may", nil, "`LEVEL=TYPES` that members of this level may say, or LEVEL= for what the kinds say themselves; may be repeated")
	f.StringArrayVar(&o.handling, "handling", nil, "`TYPE=MARK` that a kind has unless told otherwise, or TYPE= for the kind's own; may be repeated")
	f.StringArrayVar(&o.retention, "retention", nil, "`TYPE=DAYS` after which bodies of a kind are let go, or TYPE=0 for never; may be repeated")
	f.StringArrayVar(&o.groups, "group", nil, "`NAME=PREFIXES` or institutions of a group, or NAME= for none; may be repeated")
	f.IntVar(&o.records, "records-a-day", 0, "how `MANY` records a member may write a day, as its own node holds it to")
	f.IntVar(&o.mib, "mib-a-day", 0, "the same in `MIB`")
	f.StringVar(&o.expires, "expires", "", fmt.Sprintf("`DATE` after which nobody is admitted (default in a first version: in %d years)", charterYears))
	a.prints(cmd, asJSON)
	return cmd
}

func (a *app) runCharterDraft(cmd *cobra.Command, o *draftOptions, file string) error {
	ch, err := o.change(cmd, a.now())
	if err != nil {
		return err
	}
	if _, missing := os.Lstat(file); !errors.Is(missing, os.ErrNotExist) {
		return &api.Problem{Kind: api.Refused, Detail: file + " is there already", Mend: "name a new file", Next: cmd.CommandPath() + " --help"}
	}
	var paper api.CharterPaper
	if o.network != "" {
		if o.document != "" {
			return usage(cmd, "--network begins a new charter, --document changes one that is there: choose one")
		}
		if ch.Expires.IsZero() {
			ch.Expires = a.now().AddDate(charterYears, 0, 0).Truncate(24 * time.Hour)
		}
		paper, err = node.FirstCharter(ch)
	} else {
		paper, err = a.nextCharter(cmd, o, ch)
	}
	if err != nil {
		return err
	}
	reading, err := paper.Read()
	if err != nil {
		return err
	}
	if err := writePaper(file, &paper); err != nil {
		return err
	}
	if err := a.writeReading(&reading); err != nil || a.output == asJSON {
		return err
	}
	a.note("next, as each steward: vardar member charter sign %s", file)
	return nil
}

func (a *app) nextCharter(cmd *cobra.Command, o *draftOptions, ch api.CharterChange) (paper api.CharterPaper, err error) {
	r := api.DraftCharterRequest{CharterChange: ch}
	if o.document != "" {
		text, unread := readInput(o.document, a.in)
		if unread != nil {
			return paper, unread
		}
		if !json.Valid(text) {
			return paper, usage(cmd, o.document+" is not JSON: want what 'vardar member charter show --document' prints, edited")
		}
		r.Document = text
	}
	if o.on != "" {
		if r.On, err = protocol.ParseDigest(o.on); err != nil {
			return paper, usage(cmd, fmt.Sprintf("--on %s: want a digest, sha-256: and 64 hex digits", o.on))
		}
	}
	err = a.ask(func(c *api.Client) error {
		drafted, failed := c.DraftCharter(cmd.Context(), r)
		paper = drafted.Paper
		return failed
	})
	return paper, err
}

// change reads the flags.
func (o *draftOptions) change(cmd *cobra.Command, now time.Time) (ch api.CharterChange, err error) {
	ch = api.CharterChange{Network: o.network, Threshold: o.threshold, Revoke: o.revoke, RecordsADay: o.records, MiBADay: o.mib, Grant: map[string]protocol.InstitutionID{}}
	for _, file := range o.stewards {
		f, unread := readFounder(cmd, file, nil)
		if unread != nil {
			return ch, unread
		}
		ch.Stewards = append(ch.Stewards, f)
	}
	for _, s := range o.noStewards {
		id, wrong := institution(cmd, s)
		if wrong != nil {
			return ch, wrong
		}
		ch.NoStewards = append(ch.NoStewards, id)
	}
	if err = o.offices(cmd, &ch); err != nil {
		return ch, err
	}
	if ch.MembersMay, err = named(cmd, "members-may", o.membersMay); err != nil {
		return ch, err
	}
	if ch.Groups, err = named(cmd, "group", o.groups); err != nil {
		return ch, err
	}
	if err = o.kinds(cmd, &ch); err != nil {
		return ch, err
	}
	if o.expires != "" {
		if ch.Expires, err = dayToCome(cmd, o.expires, now); err != nil {
			return ch, err
		}
	}
	return ch, nil
}

// offices reads who is to admit under which prefix.
func (o *draftOptions) offices(cmd *cobra.Command, ch *api.CharterChange) error {
	for _, p := range o.revoke {
		if !protocol.ValidPrefix(p) {
			return usage(cmd, fmt.Sprintf("--revoke %s: want a prefix such as mk. or mk.southeast.", p))
		}
	}
	for _, r := range o.registrars {
		prefix, who, ok := strings.Cut(r, "=")
		if !ok || !protocol.ValidPrefix(prefix) {
			return usage(cmd, fmt.Sprintf("--registrar %s: want PREFIX=FOUNDER, such as mk.southeast.=registry.json", r))
		}
		if id, err := protocol.ParseInstitution(who); err == nil {
			if _, missing := os.Stat(who); missing != nil {
				ch.Grant[prefix] = id
				continue
			}
		}
		f, err := readFounder(cmd, who, nil)
		if err != nil {
			return err
		}
		ch.Registrars = append(ch.Registrars, f)
		ch.Grant[prefix] = f.Institution
	}
	return nil
}

// kinds reads marks and retention by type.
func (o *draftOptions) kinds(cmd *cobra.Command, ch *api.CharterChange) error {
	ch.Handling, ch.RetentionDays = map[string]string{}, map[string]int{}
	for _, h := range o.handling {
		kind, mark, ok := strings.Cut(h, "=")
		if !ok {
			return usage(cmd, fmt.Sprintf("--handling %s: want TYPE=MARK, such as vardar.situation.report.v1=TLP:GREEN", h))
		}
		ch.Handling[kind] = mark
	}
	for _, r := range o.retention {
		kind, days, ok := strings.Cut(r, "=")
		n, err := strconv.Atoi(days)
		if !ok || err != nil || n < 0 {
			return usage(cmd, fmt.Sprintf("--retention %s: want TYPE=DAYS, such as vardar.situation.report.v1=3650", r))
		}
		ch.RetentionDays[kind] = n
	}
	return nil
}

// named reads NAME=A,B.
func named(cmd *cobra.Command, flag string, values []string) (map[string][]string, error) {
	out := map[string][]string{}
	for _, v := range values {
		name, list, ok := strings.Cut(v, "=")
		if !ok || name == "" {
			return nil, usage(cmd, fmt.Sprintf("--%s %s: want NAME=A,B, or NAME= for none", flag, v))
		}
		out[name] = []string{}
		if list != "" {
			out[name] = strings.Split(list, ",")
		}
	}
	return out, nil
}

// dayToCome reads a date that is not over.
func dayToCome(cmd *cobra.Command, s string, now time.Time) (time.Time, error) {
	day, err := time.Parse(time.DateOnly, s)
	if err != nil || !day.After(now) {
		return day, usage(cmd, fmt.Sprintf("--expires %s is no day to come: want YYYY-MM-DD", s))
	}
	return day, nil
}

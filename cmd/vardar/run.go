package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/lang"
	"github.com/vardar-network/vardar/protocol"
)

type runOptions struct {
	institution, listen, http, programs, pages, log, identity, backupTo string
	pagesCert, pagesKey, lang                                           string
	advertise, links, proxies, second, factor                           []string
	resume                                                              bool
	duty, oidc                                                          string
	passphrase
}

func newRun(a *app) *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use: "run", Short: "Run the node until it is told to stop", Args: wants(),
		Long: "Runs the node of a folder: keeps its links, takes in what comes, answers the other commands.\n\n" +
			"Settings come from the command line, else from VARDAR_LISTEN and the like, else from the file\n" +
			"vardar.yaml in the node's folder, which may say " + strings.Join(settingNames(), ", ") + ":\n\n" +
			"  institution: mk.southeast.gevgelija\n  dir: /var/lib/vardar\n  listen: 0.0.0.0:4222\n  links: [mk.national.crisis-centre=node.example.org:4222]",
		Example: "  vardar run --listen 0.0.0.0:4222 --advertise node.example.org:4222\n  vardar --config /etc/vardar.yaml run",
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.runRun(cmd, &o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.institution, "institution", "", "refuse to start unless the folder is the node of this `INSTITUTION`")
	f.StringVar(&o.listen, "listen", "", "`HOST:PORT` on which other nodes may call; without it this node only calls others")
	f.StringArrayVar(&o.advertise, "advertise", nil, "`HOST:PORT` that invitations name (default what --listen became); may be repeated")
	f.StringVar(&o.http, "http", "", "`HOST:PORT` of this machine on which the API can be read besides its socket")
	f.StringVar(&o.programs, "programs", "", "`HOST:PORT` of this machine on which your own programs hear of records over NATS, with a token; see vardar staff token --help")
	f.StringVar(&o.pages, "pages", "", "`HOST:PORT` of this machine on which people open the pages, and programs ask the API; accounts: vardar staff --help")
	f.StringVar(&o.pagesCert, "pages-cert", "", "`FILE` of the pages' certificate, for other machines to reach them; self: the node makes one")
	f.StringVar(&o.pagesKey, "pages-key", "", "`FILE` of its key")
	f.StringArrayVar(&o.proxies, "pages-proxy", nil, "`ADDRESS` of your own proxy before the pages, such as 127.0.0.1 or 10.0.0.0/24, which says in X-Forwarded-For who asks; may be repeated")
	f.StringVar(&o.lang, "lang", "", "language of the pages, as a `TAG` such as mk, for browsers that ask for none that they have (default en)")
	f.StringArrayVar(&o.links, "link", nil, "`INSTITUTION=HOST:PORT` of a node to call, and /KEY behind it, its link key, if its trust feed is not here yet; may be repeated")
	f.StringVar(&o.log, "log", "", "what is logged to the error output: `LEVEL` debug, info, warn or error (default info)")
	f.StringVar(&o.identity, "identity", "", "`FOLDER` of the identity key (default identity in the node's folder)")
	f.BoolVar(&o.resume, "resume", false, "open the next epoch of each own feed in which this node can't go on: its archive is older than its mark, the mark is lost, or the feed is forked")
	f.StringVar(&o.backupTo, "backup-to", "", "`FOLDER` in which a backup is made each day")
	f.StringArrayVar(&o.second, "second-person", nil, "`KIND` of record that waits until somebody else approves it on the pages, such as alert; may be repeated")
	f.StringArrayVar(&o.factor, "second-factor", nil, "`ROLE` whose accounts must have a second factor, or none (default admin and approver where other machines reach the pages); may be repeated")
	f.StringVar(&o.duty, "duty", "", "`FILE` that says who is woken by what; see vardar duty example")
	f.StringVar(&o.oidc, "oidc", "", "`FILE` that says where accounts log in besides their password; see vardar staff oidc")
	complete(cmd, "second-person", api.SecondKinds())
	complete(cmd, "second-factor", factorRoles())
	complete(cmd, "log", []string{"debug", "info", "warn", "error"})
	o.flags(cmd)
	return cmd
}

func (a *app) runRun(cmd *cobra.Command, o *runOptions) error {
	s, err := a.settle(settings{
		setInstitution: {o.institution}, setListen: {o.listen}, setAdvertise: o.advertise, setHTTP: {o.http}, setPrograms: {o.programs}, setPages: {o.pages}, setPagesCert: {o.pagesCert}, setPagesKey: {o.pagesKey}, setLang: {o.lang}, setPagesProxies: o.proxies, setLinks: o.links,
		setLog: {o.log}, setIdentity: {o.identity}, setPassphraseFile: {o.file}, setBackupTo: {o.backupTo}, setSecond: o.second, setFactor: o.factor,
		setDuty: {o.duty}, setOIDC: {o.oidc},
	})
	if err != nil {
		return err
	}
	if err = o.unused(s); err != nil {
		return err
	}
	calls, err := callsOf(cmd, s[setLinks])
	if err != nil {
		return err
	}
	var level slog.Level
	if err = level.UnmarshalText([]byte(nonZero(s.one(setLog), "info"))); err != nil {
		return usage(cmd, fmt.Sprintf("log %s: want debug, info, warn or error", s.one(setLog)))
	}
	if tags, ok := spoken(s.one(setLang)); !ok {
		return usage(cmd, fmt.Sprintf("the pages don't speak %s: want one of %s", s.one(setLang), strings.Join(tags, ", ")))
	}
	no := node.Options{
		Dir: s.one(setDir), Identity: s.one(setIdentity), Passphrase: a.toOpen(&o.passphrase, s), WorkFactor: a.work, Listen: s.one(setListen),
		Advertise: s[setAdvertise], HTTP: s.one(setHTTP), Programs: s.one(setPrograms), Pages: s.one(setPages), PagesCert: s.one(setPagesCert), PagesKey: s.one(setPagesKey), Language: s.one(setLang), Socket: s.one(setSocket), BackupTo: s.one(setBackupTo), Second: s[setSecond], Resume: o.resume, CheckStore: checkStore, Clock: a.now,
		Version: thisBuild().Version, Logger: slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: level})),
	}
	no.Duty, no.OIDC = s.one(setDuty), s.one(setOIDC)
	if no.PagesProxies, err = proxiesOf(cmd, s[setPagesProxies]); err != nil {
		return err
	}
	if no.Factor, err = factorsOf(cmd, s[setFactor]); err != nil {
		return err
	}
	if id := s.one(setInstitution); id != "" {
		if no.Institution, err = institution(cmd, id); err != nil {
			return err
		}
	}
	n, err := node.Open(cmd.Context(), no)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(cmd.Context())
	g.Go(func() error { return n.Run(ctx) })
	g.Go(func() error { return a.greet(ctx, n, calls) })
	g.Go(func() error { return n.IntroduceHosted(ctx) })
	err = g.Wait()
	if closed := n.Close(); err == nil {
		err = closed
	}
	return err
}

// spoken gives the languages that pages can be read in, and whether tag is one of them, or
// none at all.
func spoken(tag string) ([]string, bool) {
	catalogue, err := lang.New()
	if err != nil {
		return nil, false
	}
	var tags []string
	for _, l := range catalogue.Languages() {
		tags = append(tags, l.Tag)
	}
	return tags, tag == "" || slices.Contains(tags, tag)
}

// greet says that the node runs, once it does, and sees to the links of the settings.
func (a *app) greet(ctx context.Context, n *node.Node, calls []api.AddLinkRequest) error {
	select {
	case <-n.Ready():
	case <-ctx.Done():
		return nil
	}
	for _, call := range calls {
		if err := n.Call(ctx, call); err != nil {
			a.note("link to %s: %v", call.Peer, err)
		}
	}
	said := "calls others and can't be called"
	if n.Addr() != "" {
		said = "can be called at " + n.Addr()
	}
	if n.HTTPAddr() != "" {
		said += "; API to read at http://" + n.HTTPAddr()
	}
	if n.ProgramsAddr() != "" {
		said += "; programs hear at nats://" + n.ProgramsAddr()
	}
	if n.PagesAddr() != "" {
		said += "; pages at " + n.PagesURL()
		if f := n.PagesFingerprint(); f != "" {
			said += ", SHA-256 fingerprint " + f
		}
	}
	line(a.out, "%s runs and %s", joined(n.Institutions()), said)
	return nil
}

// proxiesOf reads the addresses of the operator's proxies.
func proxiesOf(cmd *cobra.Command, said []string) (out []netip.Prefix, err error) {
	for _, s := range said {
		of, err := api.ParseProxy(s)
		if err != nil {
			return nil, usage(cmd, fmt.Sprintf("pages-proxy %s: want an address or a network, such as 127.0.0.1 or 10.0.0.0/24", s))
		}
		out = append(out, of)
	}
	return out, nil
}

// callsOf reads INSTITUTION=HOST:PORT, and /KEY behind it, the peer's link key, until its
// trust feed is here.
func callsOf(cmd *cobra.Command, links []string) ([]api.AddLinkRequest, error) {
	var out []api.AddLinkRequest
	for _, l := range links {
		peer, address, ok := strings.Cut(l, "=")
		id, err := protocol.ParseInstitution(peer)
		call := api.AddLinkRequest{Peer: id}
		var key string
		var keyed bool
		if call.Address, key, keyed = strings.Cut(address, "/"); err == nil && keyed {
			call.Key, err = protocol.ParseKey(key)
		}
		if !ok || err != nil || call.Address == "" {
			return nil, usage(cmd, fmt.Sprintf("link %s: want INSTITUTION=HOST:PORT, such as mk.national.crisis-centre=node.example.org:4222, or that and /KEY", l))
		}
		out = append(out, call)
	}
	return out, nil
}

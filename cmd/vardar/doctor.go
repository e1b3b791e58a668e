package main

import (
	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
)

type doctorOptions struct {
	identity string
	passphrase
}

func newDoctor(a *app) *cobra.Command {
	var o doctorOptions
	cmd := &cobra.Command{
		Use: "doctor", Short: "Look at everything that can be wrong, and say how to mend it", Args: wants(),
		Long: "Looks at the keys and their carrier, backups and their checks, archive, disk and mark, and of a running node\n" +
			"at lines, clocks and feeds, and says of each what is found, why it matters, and how it is mended. Of one that does not run it reads the whole archive. Exit code 8 if anything\n" +
			"was found; 'vardar status' tells the same findings in short, and its exit code minds only what is grave.",
		Example: "  vardar doctor\n  vardar doctor --output json",
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.runDoctor(cmd, &o) },
	}
	cmd.Flags().StringVar(&o.identity, "identity", "", "`FOLDER` of the identity key, if the node that does not run is given one")
	o.flags(cmd)
	a.prints(cmd, asJSON)
	return cmd
}

func (a *app) runDoctor(cmd *cobra.Command, o *doctorOptions) error {
	s, err := a.settle(settings{setPassphraseFile: {o.file}, setIdentity: {o.identity}})
	if err != nil {
		return err
	}
	var g api.Diagnosis
	err = a.ask(func(c *api.Client) (err error) {
		g, err = c.Doctor(cmd.Context())
		return err
	})
	if err != nil && node.Problem(err, a.dir).Kind == api.NoLine {
		g, err = node.Doctor(cmd.Context(), a.offline(s, &o.passphrase))
	}
	if err != nil {
		return err
	}
	if a.output == asJSON {
		err = a.writeJSON(g)
	} else {
		t := table{}
		for _, c := range g.Checks {
			word := "well"
			if !c.OK {
				word = "MEND"
			}
			t.add(word, c.Name, c.Said, c.Mend)
			if c.Why != "" {
				t.add("", "", "why: "+c.Why)
			}
		}
		err = a.write(nil, t)
	}
	if err == nil && !g.OK {
		err = &api.Problem{Kind: api.CheckFound, Detail: g.Said, Mend: g.Mend, Next: "vardar status"}
	}
	return err
}

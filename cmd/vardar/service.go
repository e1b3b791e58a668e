package main

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
)

func newService(a *app) *cobra.Command {
	cmd := a.group("service", "Have Windows keep the node running",
		"On Windows the node runs as a service, from the start of the machine on. On other systems systemd or launchd does that.")
	cmd.AddCommand(
		&cobra.Command{
			Use: "install", Short: "Make the service, to start with the machine", Args: wants(),
			Long: "Makes a service that runs the node of a folder, under an account of its own (NT SERVICE\\vardar), from the next start of\n" +
				"the machine on, and again when it fails. What it logs goes to the event log. It starts nothing now.",
			Example: "  vardar --dir C:\\ProgramData\\vardar service install",
			RunE: func(_ *cobra.Command, _ []string) error {
				s, err := a.settle(nil)
				if err != nil {
					return err
				}
				args, err := a.serviceArgs(s)
				if err != nil {
					return err
				}
				return a.installService(s.one(setDir), args)
			},
		},
		&cobra.Command{
			Use: "remove", Short: "Stop the service and take it away", Args: wants(),
			Long:    "Stops the service and takes it away. The node's folder stays.",
			Example: "  vardar service remove",
			RunE:    func(_ *cobra.Command, _ []string) error { return a.removeService() },
		},
	)
	return cmd
}

// serviceArgs are the arguments with which the service runs the node: it is started from
// another folder, so that each path is a whole one.
func (a *app) serviceArgs(s settings) ([]string, error) {
	dir, err := filepath.Abs(s.one(setDir))
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, &api.Problem{Kind: api.NotFound, Field: setDir, Detail: "there is no folder " + dir, Mend: "make the node first", Next: "vardar init --help"}
	}
	args := []string{"--dir", dir}
	if a.shared.config != "" {
		config, err := filepath.Abs(a.shared.config)
		if err != nil {
			return nil, err
		}
		args = append(args, "--config", config)
	}
	return append(args, "run"), nil
}

package main

import (
	_ "embed" // the example
	"fmt"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

//go:embed example.yaml
var exampleConfig string

func newConfig(a *app) *cobra.Command {
	cmd := a.group("config", "The settings of a node",
		"Settings come from the command line, else from VARDAR_LISTEN and the like, else from the file vardar.yaml in the\n"+
			"node's folder, or the one that --config names.")
	cmd.AddCommand(newConfigPrint(a), newConfigCheck(a), newConfigSet(a), newConfigExample(a))
	return cmd
}

// setting is one as it is in force.
type setting struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
	Origin string   `json:"origin"`
}

// inForce gives the settings that 'run' would use, those nobody gave by their defaults.
func (a *app) inForce() ([]setting, error) {
	s, err := a.settle(nil)
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]string{setLog: "info", setSocket: s.socket()} {
		if len(s[name]) == 0 {
			s[name], a.origins[name] = []string{value}, byDefault
		}
	}
	var out []setting
	for _, name := range settingNames() {
		if len(s[name]) > 0 {
			out = append(out, setting{name, s[name], a.origins[name]})
		}
	}
	return out, nil
}

func newConfigPrint(a *app) *cobra.Command {
	var origin bool
	cmd := &cobra.Command{
		Use: "print", Short: "Print the settings in force", Args: wants(),
		Long:    "Prints the settings that 'run' would use, as a file that says the same; with --origin where each comes from.",
		Example: "  vardar config print --origin\n  vardar --config /etc/vardar/vardar.yaml config print",
		RunE: func(_ *cobra.Command, _ []string) error {
			all, err := a.inForce()
			if err != nil {
				return err
			}
			if a.output == asJSON {
				return a.writeJSON(all)
			}
			for _, s := range all {
				var value any = s.Values[0]
				if lists(s.Name) {
					value = s.Values
				}
				text, err := yaml.MarshalWithOptions(map[string]any{s.Name: value}, yaml.Flow(false), yaml.IndentSequence(true))
				if err != nil {
					return err
				}
				if origin {
					line(a.out, "# from %s", s.Origin)
				}
				if _, err := a.out.Write(text); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&origin, "origin", false, "say where each comes from")
	a.prints(cmd, asJSON)
	return cmd
}

func newConfigCheck(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "check", Short: "Look at the settings before a node is started with them", Args: wants(),
		Long:    "Reads the settings that 'run' would use and looks at each: whether an address is one, whether a folder is there.\nNothing is started. It ends with exit code 8 if something is found.",
		Example: "  vardar config check\n  vardar --config new.yaml config check",
		RunE: func(_ *cobra.Command, _ []string) error {
			all, err := a.inForce()
			if err != nil {
				return err
			}
			var found []string
			for _, s := range all {
				for _, v := range s.Values {
					if wrong := wrongIn(s.Name, v); wrong != "" {
						found = append(found, s.Name)
						line(a.out, "%s: %s: %s (from %s)", s.Name, v, wrong, s.Origin)
					}
				}
			}
			if len(found) > 0 {
				return &api.Problem{Kind: api.CheckFound, Detail: api.Count(len(found), "setting", "settings") + " of these can't be used", Mend: "mend what is said above", Next: "vardar config print --origin"}
			}
			line(a.out, "%s, and all can be used", api.Count(len(all), "setting", "settings"))
			return nil
		},
	}
}

// wrongIn says what is wrong with the value of a setting; nothing if it can be used.
func wrongIn(name, value string) string {
	switch name {
	case setInstitution:
		if _, err := protocol.ParseInstitution(value); err != nil {
			return "want country.region.name, such as mk.southeast.gevgelija"
		}
	case setListen, setAdvertise, setHTTP, setPrograms, setPages:
		if _, port, err := net.SplitHostPort(value); err != nil || port == "" {
			return "want HOST:PORT"
		}
	case setLinks:
		id, address, ok := strings.Cut(value, "=")
		if _, err := protocol.ParseInstitution(id); !ok || err != nil || address == "" {
			return "want INSTITUTION=HOST:PORT"
		}
	case setLog:
		if !strings.Contains(" debug info warn error ", " "+strings.ToLower(value)+" ") {
			return "want debug, info, warn or error"
		}
	case setPagesProxies:
		if _, err := api.ParseProxy(value); err != nil {
			return "want an address or a network, such as 127.0.0.1 or 10.0.0.0/24"
		}
	case setLang:
		if tags, ok := spoken(value); !ok {
			return "want one of " + strings.Join(tags, ", ")
		}
	case setPagesCert, setPagesKey:
		if info, err := os.Stat(value); value != node.SelfMade && (err != nil || info.IsDir()) {
			return "there is no such file"
		}
	case setDuty:
		if err := node.ReadDuty(value); err != nil {
			return node.SettingsTrouble(err)
		}
	case setOIDC:
		if err := node.ReadOIDC(value); err != nil {
			return node.SettingsTrouble(err)
		}
	case setDir, setBackupTo:
		if info, err := os.Stat(value); err != nil || !info.IsDir() {
			return "there is no such folder"
		}
	case setSecond:
		if !slices.Contains(api.SecondKinds(), value) {
			return "no such kind: want one of " + strings.Join(api.SecondKinds(), ", ")
		}
	case setFactor:
		if !slices.Contains(factorRoles(), value) {
			return "want one of " + strings.Join(factorRoles(), ", ")
		}
	case setPassphraseFile:
		info, err := os.Stat(value)
		switch {
		case err != nil || info.IsDir():
			return "there is no such file"
		case info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/':
			return fmt.Sprintf("others can read it: chmod 600 %s", value)
		}
	}
	return ""
}

// factorRoles are what --second-factor may say.
func factorRoles() []string {
	out := []string{node.NoFactor}
	for _, r := range api.Roles() {
		out = append(out, string(r))
	}
	return out
}

// factorsOf looks at what --second-factor says.
func factorsOf(cmd *cobra.Command, said []string) ([]string, error) {
	for _, role := range said {
		if wrong := wrongIn(setFactor, role); wrong != "" {
			return nil, usage(cmd, fmt.Sprintf("second-factor %s: %s", role, wrong))
		}
	}
	return said, nil
}

func newConfigExample(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "example", Short: "Print a file of settings with comments", Args: wants(),
		Long:    "Prints a file of settings that shows each, with what it is for.",
		Example: "  vardar config example > vardar.yaml",
		RunE: func(_ *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(a.out, exampleConfig)
			return err
		},
	}
}

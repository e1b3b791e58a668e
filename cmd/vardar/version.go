package main

import (
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// build is what this program is.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Wire     string `json:"wire"` // of the records it reads and writes
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func thisBuild() build {
	b := build{Version: "unreleased", Wire: "v1", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		b.Version = v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			b.Revision = s.Value
		}
	}
	return b
}

func newVersion(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use: "version", Short: "Say which vardar this is", Args: wants(),
		Example: "  vardar version\n  vardar version --output json",
		RunE: func(*cobra.Command, []string) error {
			b := thisBuild()
			words := strings.Join(strings.Fields(strings.Join([]string{"vardar", b.Version, b.Revision, "wire", b.Wire, b.Go, b.Platform}, " ")), " ")
			return a.write(b, table{rows: [][]string{{words}}})
		},
	}
	a.prints(cmd, asJSON)
	return cmd
}

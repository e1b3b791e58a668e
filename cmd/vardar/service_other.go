//go:build !windows

package main

import (
	"runtime"

	"github.com/vardar-network/vardar/node/api"
)

// asService reports that nobody starts services in the manner of Windows here.
func asService(world, []string) (code int, is bool) { return 0, false }

// openServices says what keeps a node running here instead.
func openServices() (serviceManager, error) {
	mend := "copy deploy/systemd/vardar.service to /etc/systemd/system, then: systemctl enable --now vardar"
	if runtime.GOOS == "darwin" {
		mend = "have launchd run 'vardar run'"
	}
	return nil, &api.Problem{Kind: api.Refused, Detail: "services in the manner of Windows are there alone", Mend: mend, Next: "vardar run --help"}
}

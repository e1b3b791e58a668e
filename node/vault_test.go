package node

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/vardar-network/vardar/node/staff"
)

// TestSecondFactorIsAskedWhereOtherMachinesReachThePages, of who keeps the node and who lets
// records go, unless the settings say otherwise.
func TestSecondFactorIsAskedWhereOtherMachinesReachThePages(t *testing.T) {
	usual := []staff.Role{staff.Admin, staff.Approver}
	proxy := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")}
	for _, tt := range []struct {
		name string
		o    Options
		want []staff.Role
	}{
		{"no pages", Options{}, nil},
		{"this machine", Options{Pages: "127.0.0.1:8080"}, nil},
		{"this machine by its name", Options{Pages: "localhost:8080"}, nil},
		{"this machine, IPv6", Options{Pages: "[::1]:8080"}, nil},
		{"every address", Options{Pages: "0.0.0.0:443"}, usual},
		{"every address, shortly", Options{Pages: ":443"}, usual},
		{"a name", Options{Pages: "vardar.example.org:443"}, usual},
		{"a proxy before this machine", Options{Pages: "127.0.0.1:8080", PagesProxies: proxy}, usual},
		{"none", Options{Pages: ":443", Factor: []string{NoFactor}}, nil},
		{"others", Options{Pages: "127.0.0.1:8080", Factor: []string{"officer"}}, []staff.Role{staff.Officer}},
	} {
		if got := tt.o.factors(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

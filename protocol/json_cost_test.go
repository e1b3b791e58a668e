package protocol_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/protocol"
)

// TestHostileJSONCostsNoMoreThanItsLength reads documents of 1 MiB that made earlier
// readers copy a path, or a name, again and again.
func TestHostileJSONCostsNoMoreThanItsLength(t *testing.T) {
	long := strings.Repeat("n", 500_000)
	for name, text := range map[string]string{
		"a long list below a long name":    `{"previous":null,"count":1,"` + long + `":[` + strings.Repeat("0,", 250_000) + `0]}`,
		"a long list in a map, long key":   `{"previous":null,"count":1,"figures":[],"texts":{"` + long + `":"x"}}`,
		"many unknown members":             `{"previous":null,"count":1,"x":{` + manyMembers(60_000) + `}}`,
		"many unknown members of ours":     `{"previous":null,"count":1,` + manyMembers(60_000) + `}`,
		"lists in lists, wide and 30 deep": `{"previous":null,"count":1,"x":` + strings.Repeat("[", 30) + strings.Repeat("0,", 400_000) + "0" + strings.Repeat("]", 30) + `}`,
		"blanks":                           `{"previous":` + strings.Repeat(" ", 1_000_000) + `null,"count":1}`,
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			var v jsonOuter
			unknown, err := protocol.DecodeJSON([]byte(text), &v)
			runtime.ReadMemStats(&after)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(unknown); n > protocol.MaxUnknownNamed {
				t.Errorf("%d unknown members were named", n)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
				t.Errorf("reading %d bytes allocated %d", len(text), used)
			}
		})
	}
}

func manyMembers(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"m`)
		for j := i; j > 0; j /= 26 {
			b.WriteByte(byte('a' + j%26))
		}
		b.WriteString(`_":0`)
	}
	return b.String()
}

package keys_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/protocol"
)

// An institution makes its keys and signs a report with its node key.
func Example() {
	dir, err := os.MkdirTemp("", "vardar")
	if err != nil {
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	passphrase := func() ([]byte, error) { return []byte("six words that nobody else knows"), nil }
	safe, err := keys.Create(keys.Options{Dir: filepath.Join(dir, "node"), Passphrase: passphrase, WorkFactor: 8}, "mk.southeast.gevgelija")
	if err != nil {
		fmt.Println(err)
		return
	}
	report := protocol.Record{
		Name:     protocol.Name{Institution: "mk.southeast.gevgelija", Position: protocol.Position{Topic: protocol.Situation, Epoch: 1, Sequence: 1}},
		Type:     "vardar.situation.report.v1",
		Time:     protocol.InstantOf(time.Date(2016, 3, 17, 9, 0, 0, 0, time.UTC)),
		Previous: protocol.DigestOf([]byte("opener")),
		Handling: protocol.Green,
	}
	report.SetBody([]byte(`{"salt":"AAECAwQFBgcICQoLDA0ODw==","summary":"quiet"}`))
	err = safe.SignRecord(context.Background(), &report)
	node, _ := safe.Public("mk.southeast.gevgelija", protocol.UseNode)
	fmt.Println(report.Name, err, report.Verify(), report.Key == node)
	fmt.Println(safe)
	// Output:
	// mk.southeast.gevgelija/situation.1.1 <nil> <nil> true
	// [sealed]
}

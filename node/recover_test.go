package node_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/protocol"
)

// TestLostMarkGoesOnInTheNextEpochs: a mark that is missing or damaged says nothing of what
// peers have seen. The node reads, and writes again once a person has it resume, where
// nothing was ever written (epochs.md 20).
func TestLostMarkGoesOnInTheNextEpochs(t *testing.T) {
	for _, c := range []struct {
		name string
		lose func(path string) error
	}{
		{"missing", os.Remove},
		{"damaged", func(path string) error {
			return os.WriteFile(path, []byte("mk.southeast.gevgelija/situation 1 x\n"), 0o600)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPair(t)
			said := publish(t, p.town, town, note("before"))
			eventually(t, "the capital holds it", func() bool { return p.capital.Holds(said) })
			p.stopTown()
			if err := c.lose(filepath.Join(p.townAt.Dir, "keys", "mark")); err != nil {
				t.Fatal(err)
			}
			n, stop := start(t, p.townAt)
			if err := n.Intake().Writable(); !errors.Is(err, intake.ErrReadOnly) || !strings.Contains(err.Error(), "vardar run --resume") {
				t.Errorf("without a mark it is %v, want read only and the way out", err)
			}
			stop()

			// Without the carrier no epoch can be opened, and nothing is written still.
			o := p.townAt
			o.Resume, o.Identity = true, filepath.Join(t.TempDir(), "stick")
			if _, err := node.Open(t.Context(), o); !errors.Is(err, keys.ErrNoCarrier) {
				t.Errorf("resumed without the carrier: %v", err)
			}
			o.Identity = ""
			for range 2 { // the second time there is nothing to do
				n, stop = start(t, o)
				got := publish(t, n, town, note("after"))
				if got.Epoch != said.Epoch+1 {
					t.Errorf("wrote %s after the mark was lost", got)
				}
				eventually(t, "the capital holds it, and all of the epoch before counts", func() bool {
					last, ok := p.capital.Trust().Last(said.EpochID())
					return p.capital.Holds(got) && ok && last.Sequence == said.Sequence
				})
				stop()
			}
			g, err := node.Doctor(t.Context(), p.townAt)
			if err != nil {
				t.Fatal(err)
			}
			for _, check := range g.Checks {
				if check.Name == "mark" && !check.OK {
					t.Errorf("the doctor says of the mark that was made anew: %s", check.Said)
				}
			}
		})
	}
}

// TestHalfRenewedMarkDoesNotWrite: a resumption that was cut off between the new mark and
// the next epochs leaves a node that does not write.
func TestHalfRenewedMarkDoesNotWrite(t *testing.T) {
	p := newPair(t)
	said := publish(t, p.town, town, note("before"))
	p.stopTown()
	safe, err := keys.Open(keys.Options{Dir: p.townAt.Dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := safe.RenewMark([]protocol.EpochID{said.EpochID()}); err != nil {
		t.Fatal(err)
	}
	n, stop := start(t, p.townAt)
	if err := n.Intake().Writable(); !errors.Is(err, intake.ErrMark) || !strings.Contains(err.Error(), "vardar run --resume") {
		t.Errorf("a half renewed mark lets it write: %v", err)
	}
	stop()
	o := p.townAt
	o.Resume = true
	n, _ = start(t, o)
	if got := publish(t, n, town, note("after")); got != first(2) {
		t.Errorf("wrote %s", got)
	}
}

// TestReturnToAStrangeNetworkIsRefused: the carrier proves which network is the right one,
// whatever a peer says, and the folder is as it was.
func TestReturnToAStrangeNetworkIsRefused(t *testing.T) {
	p, stranger := newPair(t), newPair(t)
	p.stopTown()
	o := options(t, "anew")
	q := node.ReturnRequest{Carrier: filepath.Join(p.townAt.Dir, "identity"), Sheet: p.sheet, Peer: capital}
	var told *desk.Problem
	at := func(of *pair) error {
		key, _ := of.capital.Trust().LinkKey(capital)
		q.Address, q.Key = of.capital.Addr(), key
		_, err := node.Return(t.Context(), o, q)
		if !errors.As(err, &told) && err != nil {
			t.Fatal(err)
		}
		return err
	}
	if err := at(p); err == nil || !strings.Contains(told.Mend, "vardar link propose "+string(town)+" --key ") {
		t.Fatalf("a peer that knows nothing of the new key: %v", err)
	}
	r, err := keys.Open(keys.Options{Dir: o.Dir})
	if err != nil {
		t.Fatal(err)
	}
	stranger.meet(t, r.LinkKeys()[0])
	if err := at(stranger); err == nil || told.Kind != desk.Refused || node.IsFolder(o.Dir) {
		t.Fatalf("the network of a stranger was believed: %v", err)
	}
	p.meet(t, r.LinkKeys()[0])
	if err := at(p); err != nil {
		t.Fatal(err)
	}
	n, _ := start(t, o)
	back := publish(t, n, town, note("we are back"))
	if back != first(2) {
		t.Errorf("wrote %s", back)
	}
	eventually(t, "the capital holds it", func() bool { return p.capital.Holds(back) })
}

// sayBothAgain closes the fork before two records of the town, and says both again: the
// machine that was rolled back wrote both (epochs.md 9, 11, 15).
func (p *pair) sayBothAgain(t *testing.T, n *node.Node, at protocol.Name) {
	t.Helper()
	eventually(t, "both nodes hold both branches", func() bool {
		return len(n.Store().Branches(at.EpochID())) == 2 && len(p.capital.Store().Branches(at.EpochID())) == 2
	})
	before := at
	before.Sequence--
	ctx := t.Context()
	if _, err := n.Desk().RotateKey(ctx, desk.RotateRequest{Use: protocol.UseNode, Stolen: true, Last: []string{before.String()}}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the fork is closed on both nodes", func() bool { return len(status(t, n).Forks)+len(status(t, p.capital).Forks) == 0 })
	said := func(digest string) (desk.Published, error) {
		return n.Desk().Correct(ctx, desk.CorrectRequest{Record: at.String(), Reissue: true, Digest: digest})
	}
	var which *desk.Problem
	if _, err := said(""); !errors.As(err, &which) || !strings.Contains(which.Next, "--digest ") {
		t.Fatalf("one of two was said again unasked: %v", err)
	}
	_, digest, _ := strings.Cut(which.Next, "--digest ")
	if _, err := said(digest); err != nil {
		t.Fatal(err)
	}
	last, err := said("") // the other one is left
	if err != nil {
		t.Fatal(err)
	}
	if _, err := said(""); err == nil {
		t.Error("a record was said again twice")
	}
	eventually(t, "the capital has both, and the old ones lead there", func() bool {
		led := 0
		for _, k := range p.capital.Picture(time.Now()).Kept {
			if k.Record == at && strings.HasPrefix(k.Reason, "reissued as ") {
				led++
			}
		}
		return p.capital.Holds(last.Record) && led == 2
	})
}

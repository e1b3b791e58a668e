package desk

import (
	"context"
	"fmt"
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// Check is one thing that was looked at.
type Check struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	Said string `json:"said"`
	Mend string `json:"mend,omitempty"`
}

// LinkTest is what a look at a link found.
type LinkTest struct {
	Peer   protocol.InstitutionID `json:"peer"`
	OK     bool                   `json:"ok"`
	Checks []Check                `json:"checks"`
}

// MaxSkew is how far the clocks of two nodes may lie apart: what a beacon may lie ahead
// (wire.md §8). Beyond it the other's beacons are dropped.
const MaxSkew = 5 * time.Minute

// silence is how long a line that is up may say nothing: three heartbeats of the link.
const silence = 30 * time.Second

// TestLink looks at everything that a link needs, in the order in which it is to be
// mended. That something is found is told in OK, and is no error.
func (d *Desk) TestLink(ctx context.Context, peer protocol.InstitutionID) (LinkTest, error) {
	l, err := d.LinkShow(ctx, peer)
	if err != nil {
		return LinkTest{}, err
	}
	s := l.State
	t := LinkTest{Peer: s.Peer, OK: true}
	look := func(name string, ok bool, said, mend string) {
		c := Check{Name: name, OK: ok, Said: said}
		if !ok {
			c.Mend, t.OK = mend, false
		}
		t.Checks = append(t.Checks, c)
	}
	_, keyed := d.o.Trust.LinkKey(s.Peer)
	look("key", keyed, word(keyed, "its link key is held", "no link key of it is held"), "it has not joined yet, or its trust feed has not come")
	look("address", s.Dials || s.Up, word(s.Dials, fmt.Sprintf("this side dials %v", s.Addresses), "the other side dials"), "start the node there, or add its address here")
	why := s.Error
	if why == "" {
		why = "nobody has answered yet"
	}
	look("line", s.Up, word(s.Up, "up since "+s.Since.UTC().Format(time.RFC3339), why), "see that the other node runs and that its port can be reached from here")
	if s.Up {
		quiet := d.o.Clock().Sub(s.Heard)
		look("heard", quiet < silence, fmt.Sprintf("last heard %s ago", quiet.Round(time.Second)), "the line is up and says nothing: it will be dialled anew")
		skew := time.Duration(s.SkewMS) * time.Millisecond
		look("clock", skew.Abs() < MaxSkew, fmt.Sprintf("its clock is %s ahead of ours", skew), "one of the two clocks is wrong: set it by NTP")
	}
	look("policy", l.InForce != nil, l.Says[0], "propose one, and have the other side approve it")
	look("waiting", s.Up || s.Waiting == 0, Count(s.Waiting, "record waits for it", "records wait for it"), "they go when the line is up")
	return t, nil
}

func word(ok bool, yes, no string) string {
	if ok {
		return yes
	}
	return no
}

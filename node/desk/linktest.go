package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/protocol"
)

// Check is one thing that was looked at.
type Check struct {
	Name  string `json:"name"`
	OK    bool   `json:"ok"`
	Said  string `json:"said"`
	Why   string `json:"why,omitempty"` // it is looked at, by the doctor
	Mend  string `json:"mend,omitempty"`
	Grave bool   `json:"grave,omitempty"` // not OK, and the node does not do its work
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

// testPatience is how long a test waits for a line and an answer: a TLS handshake with
// nobody behind the port takes ten seconds to give up.
const testPatience = 15 * time.Second

// TestLink asks the peer a question, dialling it if there is no line, and looks at
// everything that a link needs, in the order in which it is to be mended. That something
// is found is told in OK, and is no error.
func (d *Desk) TestLink(ctx context.Context, peer protocol.InstitutionID) (LinkTest, error) {
	l, err := d.LinkShow(ctx, peer)
	if err != nil {
		return LinkTest{}, err
	}
	asking, cancel := context.WithTimeout(ctx, testPatience)
	defer cancel()
	trip, silent := d.o.Links.Test(asking, l.State.Peer)
	if err = ctx.Err(); err != nil {
		return LinkTest{}, err
	}
	if l, err = d.LinkShow(ctx, peer); err != nil {
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
	why := "nobody has answered yet"
	if silent != nil {
		why = silent.Error()
	}
	look("line", s.Up, word(s.Up, "up since "+s.Since.UTC().Format(time.RFC3339), why), mendLine(silent))
	if s.Up {
		look("answer", silent == nil, word(silent == nil, fmt.Sprintf("answered in %s", trip.Round(100*time.Microsecond)), why), "the line is up and says nothing: it is dialled anew when that has lasted a minute")
		skew := time.Duration(s.SkewMS) * time.Millisecond
		look("clock", skew.Abs() < MaxSkew, fmt.Sprintf("its clock is %s ahead of ours", skew), "one of the two clocks is wrong: set it by NTP")
	}
	look("policy", l.InForce != nil, l.Says[0], "propose one, and have the other side approve it")
	look("waiting", s.Up || s.Waiting == 0, Count(s.Waiting, "record waits for it", "records wait for it"), "they go when the line is up")
	return t, nil
}

// mendLine says what helps a line that does not come up.
func mendLine(why error) string {
	switch {
	case errors.Is(why, link.ErrPaused):
		return "resume it where it was paused"
	case errors.Is(why, link.ErrOut):
		return "ask its registrar: nothing is exchanged with it until it is admitted again"
	}
	return "see that the other node runs and that its port can be reached from here"
}

func word(ok bool, yes, no string) string {
	if ok {
		return yes
	}
	return no
}

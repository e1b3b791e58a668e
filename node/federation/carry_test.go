package federation_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/protocol"
)

// reports has an institution report, under a mark.
func reports(t *testing.T, n *node.Node, mark protocol.Handling, period string) protocol.Name {
	t.Helper()
	out, err := n.Desk().Publish(t.Context(), desk.Request{Kind: "report", Handling: mark, Set: []string{"place=MK-405", "period=" + period, "figures.arrivals=960", "summary=quiet"}, Knowing: true})
	if err != nil {
		t.Fatal(err)
	}
	return out.Record
}

// cutOff cuts all lines of an institution.
func cutOff(n *federation.Network, id protocol.InstitutionID) {
	for _, l := range n.Lines() {
		if slices.Contains(l[:], id) {
			n.Line(l[0], l[1]).Cut()
		}
	}
}

// bundled writes a bundle.
func bundled(t *testing.T, n *node.Node, to protocol.InstitutionID, all bool) ([]byte, desk.Bundled) {
	t.Helper()
	var file bytes.Buffer
	b, err := n.Desk().WriteBundle(t.Context(), to, desk.BundleRequest{All: all}, &file)
	if err != nil {
		t.Fatal(err)
	}
	return file.Bytes(), b
}

// bodyOf gives the state of a record's body at a node; of a record that it does not hold none of
// the four, of which the first is "held".
func bodyOf(t *testing.T, n *node.Node, name protocol.Name) protocol.BodyState {
	t.Helper()
	r, err := n.Desk().Record(t.Context(), name, protocol.Digest{})
	if err != nil {
		return noRecord
	}
	return r.BodyState
}

const noRecord protocol.BodyState = 0xff

// TestBundleTakesThePlaceOfTheLine while that is cut: both ways, what the policy withholds
// withheld, once however often it is read, and sealed to whom it is for.
func TestBundleTakesThePlaceOfTheLine(t *testing.T) {
	t.Parallel()
	n, _ := startIn(t, three())
	if err := n.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	cutOff(n, town)
	here, there := n.Node(town), n.Node(capital)
	said := reports(t, here, protocol.Green, "2015-11-02")
	reports(t, here, protocol.Amber, "2015-11-03")
	limited := reports(t, n.Node(neighbour), protocol.Amber, "2015-11-02")
	if err := federation.Wait(t.Context(), there, func() bool { return bodyOf(t, there, limited) == protocol.BodyHeld }); err != nil {
		t.Fatal(err)
	}
	answered := reports(t, there, protocol.Green, "2015-11-02")

	file, wrote := bundled(t, here, capital, false)
	if wrote.Records < 2 || wrote.Bodies < 2 || bytes.Contains(file, []byte("quiet")) {
		t.Fatalf("bundle of %d bytes: %+v; want the two new records, nothing in plain", len(file), wrote)
	}
	read, err := there.Desk().ReadBundle(t.Context(), bytes.NewReader(file))
	// What the capital's word had not come of when the line was cut is carried too, and known there.
	if err != nil || read.New < 2 || read.New+read.Known != wrote.Records || read.Waiting+read.Refused != 0 || !read.Whole {
		t.Fatalf("read %+v of %+v, %v", read, wrote, err)
	}
	if s := bodyOf(t, there, said); s != protocol.BodyHeld {
		t.Errorf("what was said is there as %v", s)
	}
	if read, err = there.Desk().ReadBundle(t.Context(), bytes.NewReader(file)); err != nil || read.New != 0 || read.Known != wrote.Records {
		t.Errorf("read a second time: %+v, %v; want nothing new", read, err)
	}
	if all, more := bundled(t, here, capital, true); more.Records <= wrote.Records || len(all) <= len(file) {
		t.Errorf("a bundle of everything holds %+v", more)
	}

	back, _ := bundled(t, there, town, false)
	if _, err = here.Desk().ReadBundle(t.Context(), bytes.NewReader(back)); err != nil || bodyOf(t, here, answered) != protocol.BodyHeld {
		t.Errorf("the way back: %v", err)
	}
	if s := bodyOf(t, here, limited); s != protocol.BodyWithheld {
		t.Errorf("what the policy does not let be passed on came back as %v, want its header alone", s)
	}
	var p *desk.Problem // the line of the neighbour is up: what it holds changes by itself
	if u, err := n.Node(neighbour).Desk().ReadBundle(t.Context(), bytes.NewReader(file)); !errors.As(err, &p) || !strings.Contains(p.Detail, "for "+string(capital)) || u.New+u.Known != 0 {
		t.Errorf("read at another node: %+v, %v", u, err)
	}
}

// refused reads a bundle that can't be read, and sees to it that nothing of it stays.
func refused(t *testing.T, n *node.Node, file []byte, why string) {
	t.Helper()
	before := n.Have()
	_, err := n.Desk().ReadBundle(t.Context(), bytes.NewReader(file))
	var p *desk.Problem
	if !errors.As(err, &p) || !strings.Contains(p.Error(), why) || p.Mend == "" {
		t.Errorf("%v: want a problem with a mend that says %q", err, why)
	}
	if !maps.Equal(before, n.Have()) {
		t.Error("something of it stays")
	}
}

// TestBundleThatIsAlteredIsNotBelieved, nor one that is cut off: what is whole before that
// is kept.
func TestBundleThatIsAlteredIsNotBelieved(t *testing.T) {
	t.Parallel()
	n, _ := startIn(t, three())
	if err := n.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	cutOff(n, town)
	here, there := n.Node(town), n.Node(capital)
	said := reports(t, here, protocol.Green, "2015-11-02")
	file, _ := bundled(t, here, capital, false)
	sealed := bytes.Index(file, []byte("\n\n")) + 2 // the lines before it are for people
	for at := sealed; at < len(file); at += 1 + len(file)/40 {
		altered := bytes.Clone(file)
		altered[at] ^= 1
		if _, err := there.Desk().ReadBundle(t.Context(), bytes.NewReader(altered)); err == nil {
			t.Errorf("altered at byte %d, and read", at)
		}
	}
	for length := 0; length < len(file); length += 7 {
		if _, err := there.Desk().ReadBundle(t.Context(), bytes.NewReader(file[:length])); err == nil {
			t.Errorf("cut off behind %d bytes, and read", length)
		}
	}
	if _, err := there.Desk().ReadBundle(t.Context(), bytes.NewReader(file)); err != nil || bodyOf(t, there, said) != protocol.BodyHeld {
		t.Errorf("the whole one afterwards: %v", err)
	}
	refused(t, there, []byte("place,period\nMK-405,2015-11-02\n"), "this is no bundle")
}

// TestBundleIsHeldToThePolicy of a link: none without one, or while it is paused.
func TestBundleIsHeldToThePolicy(t *testing.T) {
	t.Parallel()
	n, _ := startIn(t, three())
	if err := n.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	here := n.Node(town)
	var p *desk.Problem
	if _, err := here.Desk().WriteBundle(t.Context(), "hr.national.nobody", desk.BundleRequest{}, new(bytes.Buffer)); !errors.As(err, &p) || !strings.Contains(p.Detail, "no link") {
		t.Errorf("a bundle for who has no link: %v", err)
	}
	file, _ := bundled(t, here, capital, true)
	if err := n.Node(capital).Links().Pause(t.Context(), town); err != nil {
		t.Fatal(err)
	}
	refused(t, n.Node(capital), file, "paused here")
}

// wraps makes a bundle of whatever somebody who holds a member's keys likes.
func (v *villain) wraps(to protocol.InstitutionID, frames ...[]byte) []byte {
	v.t.Helper()
	m, ok := v.n.Node(capital).Trust().Member(to)
	if !ok {
		v.t.Fatalf("%s is no member", to)
	}
	var file bytes.Buffer
	file.Write(protocol.BundleHead{From: v.id, To: to, Made: protocol.InstantOf(time.Now())}.Text())
	sealed, err := v.safe.Seal(&file, m.AgeRecipient)
	if err != nil {
		v.t.Fatal(err)
	}
	packed, err := zstd.NewWriter(sealed)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, f := range frames {
		if _, err := packed.Write(protocol.AppendSection(nil, protocol.SectionFrame, f)); err != nil {
			v.t.Fatal(err)
		}
	}
	if _, err := packed.Write(protocol.AppendSection(nil, protocol.SectionEnd, nil)); err != nil {
		v.t.Fatal(err)
	}
	if err := errors.Join(packed.Close(), sealed.Close()); err != nil {
		v.t.Fatal(err)
	}
	return file.Bytes()
}

// TestBundleSaysWhatItCouldNotTake: what nobody signed, and what hangs behind a gap. A
// section that is none ends the reading.
func TestBundleSaysWhatItCouldNotTake(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	if err := n.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	author := turn(t, n, dir)
	records := author.writes(salted("first", 0), salted("second", 0))
	altered := frameOf(t, records[0])
	altered[len(altered)-3] ^= 1
	there := n.Node(capital)
	read, err := there.Desk().ReadBundle(t.Context(), bytes.NewReader(author.wraps(capital, altered, frameOf(t, records[1]))))
	if err != nil || read.New != 0 || read.Refused != 1 || read.Waiting != 1 || len(read.Said) != 3 {
		t.Errorf("%+v, %v; want one refused, one waiting, and it said", read, err)
	}
	if read, err = there.Desk().ReadBundle(t.Context(), bytes.NewReader(author.wraps(capital, frameOf(t, records[0])))); err != nil || read.New != 1 {
		t.Errorf("what closes the gap: %+v, %v", read, err)
	}
	if err = federation.Wait(t.Context(), there, func() bool { return bodyOf(t, there, records[1].Name) == protocol.BodyHeld }); err != nil {
		t.Errorf("what waited behind it: %v", err)
	}
	_, err = there.Desk().ReadBundle(t.Context(), bytes.NewReader(author.wraps(capital, []byte("no frame"))))
	var p *desk.Problem
	if !errors.As(err, &p) || p.Kind != desk.Refused {
		t.Errorf("a section that is none: %v", err)
	}
}

// ended cancels a context at the first byte behind the head.
type ended struct {
	bytes.Buffer

	cancel func()
}

func (e *ended) Write(p []byte) (int, error) {
	if e.Len() > 0 {
		e.cancel()
	}
	return e.Buffer.Write(p)
}

// TestBundleThatWasNotWrittenToItsEndIsNone: who reads it is not told that it is whole.
func TestBundleThatWasNotWrittenToItsEndIsNone(t *testing.T) {
	t.Parallel()
	n, _ := startIn(t, three())
	if err := n.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	half := &ended{cancel: cancel}
	if _, err := n.Node(town).Desk().WriteBundle(ctx, capital, desk.BundleRequest{All: true}, half); err == nil {
		t.Fatal("written to its end")
	}
	if u, err := n.Node(capital).Desk().ReadBundle(t.Context(), bytes.NewReader(half.Bytes())); err == nil || u.Whole {
		t.Errorf("%d bytes of it are read as a whole bundle", half.Len())
	}
}

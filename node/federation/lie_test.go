package federation_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// lie does one hostile act of a node against one of its neighbours, over its own line.
func (w *world) lie(s step, n *node.Node) error {
	id := n.Institutions()[0]
	peers := slices.DeleteFunc(w.peers(id), func(p protocol.InstitutionID) bool { return w.node(p) == nil })
	if len(peers) == 0 {
		return nil
	}
	peer := peers[s.n%len(peers)]
	if s.act == lieLast {
		return w.lieLast(n, id, s.n%2 == 0)
	}
	next := w.draft(id, peer)
	switch s.act { //nolint:exhaustive // the others are no lies
	case lieForged:
		r := next(1)[0]
		r.Signature[7] ^= 1
		w.push(n, peer, r)
	case lieChunk:
		records := next(3)
		records[2].Signature[7] ^= 1
		if w.push(n, peer, records...) == protocol.Dropped {
			w.saw.see(sawChunkDropped)
		}
	case lieCovered:
		w.push(n, peer, w.covered(id, next(3))...)
	case lieRival:
		mine, theirs := next(1), next(1)
		w.push(n, peer, mine...)
		w.push(n, peer, theirs...)
	case lieBehindGap:
		return w.behindGap(n, id, peer, w.covered(id, next(3)))
	case lieWithheld:
		return w.withheld(n, id, peer, next(1)[0], s.n%2 == 0)
	case forkRegistrar:
		return w.forkRegistrar(n)
	case flood:
		for k := range 200 {
			junk := make([]byte, w.rng.IntN(2000))
			for i := range junk {
				junk[i] = byte(w.rng.Uint32())
			}
			if k%2 == 0 {
				junk = append([]byte("vf\x01"), junk...)
			}
			_, _ = n.Push(w.soon(), peer, junk)
		}
		return w.publish(n, id, 40)
	}
	return nil
}

// soon bounds what a cut or slow line may never answer.
func (w *world) soon() context.Context {
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute/12)
	w.t.Cleanup(cancel)
	return ctx
}

// push has a node send records as they are, and keeps the answer.
func (w *world) push(n *node.Node, peer protocol.InstitutionID, records ...protocol.Record) protocol.Outcome {
	run, err := protocol.NewRun(records)
	if err != nil {
		w.t.Fatal(err)
	}
	x := pushed{record: records[0].Name}
	held, unread := w.node(peer).Store().At(x.record)
	for i := range held {
		x.rival = x.rival || unread == nil && held[i].Digest != records[0].Digest()
	}
	a, err := n.Push(w.soon(), peer, protocol.AppendFrame(nil, []protocol.Run{run}))
	if err != nil || len(a.Runs) != 1 {
		return ""
	}
	x.outcome = a.Runs[0].Outcome
	w.e.pushes = append(w.e.pushes, x)
	return x.outcome
}

func (w *world) safe(id protocol.InstitutionID) *keys.Safe {
	safe, err := keys.Open(keys.Options{Dir: filepath.Join(w.dir, string(id))})
	if err != nil {
		w.t.Fatal(err)
	}
	return safe
}

// draft gives what makes the next records of a node's policy feed, as a peer holds it:
// nothing but lies stands there.
func (w *world) draft(id, peer protocol.InstitutionID) func(many int) []protocol.Record {
	f := protocol.Feed{Institution: id, Topic: protocol.Policy}
	at := w.node(peer)
	return func(many int) []protocol.Record {
		opener, _ := at.Trust().Current(f)
		name := protocol.Name{Institution: id, Position: protocol.Position{Topic: f.Topic, Epoch: max(opener.Epoch, 1), Sequence: 1}}
		previous := opener.Digest
		if b := at.Store().Branches(name.EpochID()); len(b) > 0 {
			name.Sequence, previous = b[0].Head+1, b[0].Digest
		}
		safe := w.safe(id)
		var out []protocol.Record
		for range many {
			w.texts++
			r := protocol.Record{Name: name, Type: body.TypeNote(f.Topic), Time: protocol.InstantOf(time.Now()), Handling: protocol.Green, Previous: previous}
			raw, err := body.Marshal(&body.Note{Topic: f.Topic, Text: "a lie"}, [16]byte{byte(w.texts), byte(w.texts >> 8)})
			if err != nil {
				w.t.Fatal(err)
			}
			r.SetBody(raw)
			if err = safe.SignRecord(w.t.Context(), &r); err != nil {
				w.t.Fatal(err)
			}
			out = append(out, r)
			name.Sequence, previous = name.Sequence+1, r.Digest()
		}
		return out
	}
}

// covered spoils the signature of the record before the last, which proves it.
func (w *world) covered(id protocol.InstitutionID, records []protocol.Record) []protocol.Record {
	last := len(records) - 1
	records[last-1].Signature[7] ^= 1
	records[last].Previous = records[last-1].Digest()
	if err := w.safe(id).SignRecord(w.t.Context(), &records[last]); err != nil {
		w.t.Fatal(err)
	}
	return records
}

// behindGap gives a peer's neighbour the last of three records alone, and then the peer all of
// them: what closes the gap ends in a bad signature, which the last proves. In the other order
// the neighbour would mostly have the three before.
func (w *world) behindGap(n *node.Node, id, peer protocol.InstitutionID, records []protocol.Record) error {
	relay := w.node(peer)
	for _, other := range w.peers(peer) {
		if w.node(other) == nil || other == id || w.push(relay, other, records[len(records)-1]) != protocol.Parked {
			continue
		}
		if w.push(n, peer, records...) == protocol.Accepted {
			w.saw.see(sawGapEndsBadly)
		}
		break
	}
	return nil
}

// withheld has a peer hear by a beacon of a record that comes later, or never.
func (w *world) withheld(n *node.Node, id, peer protocol.InstitutionID, r protocol.Record, never bool) error {
	beacon := protocol.Beacon{Institution: id, Time: protocol.InstantOf(time.Now().Add(time.Second)), Heads: []protocol.Head{
		{Topic: r.Topic, Epoch: r.Epoch, Sequence: r.Sequence, Digest: r.Digest()},
	}}
	if err := w.safe(id).SignBeacon(w.t.Context(), &beacon); err != nil {
		return err
	}
	at := w.node(peer)
	taken, err := at.Intake().TakeBeacons(w.within(), id, []string{string(beacon.Wire())})
	if err != nil {
		return err
	}
	if len(taken) == 1 && len(taken[0].Missing) > 0 {
		w.saw.see(sawWithheldTail)
	}
	if !never {
		w.push(n, peer, r)
	}
	return nil
}

// lieLast has an author close an epoch by a word that no record fits, or that is too
// short, and then by the right one.
func (w *world) lieLast(n *node.Node, id protocol.InstitutionID, nobody bool) error {
	f := protocol.Feed{Institution: id, Topic: protocol.Funding}
	if o, ok := n.Trust().Current(f); !ok || o.Epoch != 1 {
		return nil
	}
	one, err := w.say(n, id, f.Topic, protocol.Green)
	if err != nil {
		return err
	}
	two, err := w.say(n, id, f.Topic, protocol.Green)
	if err != nil {
		return err
	}
	seed := protocol.DigestOf([]byte(id), []byte{byte(w.texts)})
	key := ed25519.NewKeyFromSeed(seed[:])
	wrong := &body.Last{Sequence: one.Sequence, Digest: one.Digest}
	if nobody {
		wrong = &body.Last{Sequence: 99, Digest: seed}
	}
	if _, err = n.Say(w.within(), id, opensBy(id, f.Topic, key, wrong), protocol.Green); err != nil {
		return err
	}
	standing := func() node.Standing { s, _ := n.Board().Standing(two.Digest); return s }
	if !nobody {
		if err = federation.Wait(w.within(), n, func() bool { return standing() == node.Void }); err != nil {
			return errors.Join(errors.New("a record behind the last is not void"), err)
		}
	}
	if _, err = n.Say(w.within(), id, opensBy(id, f.Topic, key, &body.Last{Sequence: two.Sequence, Digest: two.Digest}), protocol.Green); err != nil {
		return err
	}
	if err = federation.Wait(w.within(), n, func() bool { return standing() != node.Void }); err != nil {
		return errors.Join(errors.New("a record that was void does not count again"), err)
	}
	if nobody {
		w.saw.see(sawSecondStatement)
	} else {
		w.saw.see(sawCountsAgain)
	}
	return nil
}

// forkRegistrar has a thief of the capital's identity key fork its trust feed twice, and
// the capital write on. No schedule closes that: it takes another charter.
func (w *world) forkRegistrar(n *node.Node) error {
	at := w.node(capital)
	if at == nil || n == at || !slices.Contains(w.peers(n.Institutions()[0]), capital) || len(w.out) > 0 {
		return nil
	}
	e := protocol.EpochID{Feed: protocol.Feed{Institution: capital, Topic: protocol.Trust}, Epoch: 1}
	// The thief goes on with a copy of the carrier.
	w.texts++
	theft := filepath.Join(w.dir, fmt.Sprintf("theft-%d", w.texts))
	for _, part := range []string{"keys", "identity"} {
		to := filepath.Join(theft, part)
		if err := errors.Join(os.CopyFS(to, os.DirFS(filepath.Join(w.dir, string(capital), part))), lockDown(to)); err != nil {
			return err
		}
	}
	safe, err := keys.Open(keys.Options{Dir: theft})
	if err != nil {
		return err
	}
	head := at.Store().Branches(e)[0]
	for range 2 {
		var rivals [2]protocol.Record
		for k := range rivals {
			w.texts++
			r := protocol.Record{Name: protocol.Name{Institution: capital, Position: protocol.Position{Topic: e.Topic, Epoch: 1, Sequence: head.Head + 1}}}
			r.Type, r.Time, r.Handling, r.Previous = "vardar.trust.profile.v1", protocol.InstantOf(time.Now()), protocol.Green, head.Digest
			raw, unwritten := body.Marshal(&body.Profile{Names: body.Names{"en": "The thief"}, Level: body.Ministry}, [16]byte{byte(w.texts), byte(k)})
			if unwritten != nil {
				return unwritten
			}
			r.SetBody(raw)
			if err = safe.SignRecord(w.within(), &r); err != nil {
				return err
			}
			rivals[k] = r
		}
		w.push(n, capital, rivals[0])
		w.push(n, capital, rivals[1])
		if err = safe.AppendTrust(rivals[0]); err != nil {
			return err
		}
		head.Head, head.Digest = rivals[0].Sequence, rivals[0].Digest()
	}
	_, err = at.Say(w.within(), capital, &body.Profile{Names: body.Names{"en": "The capital"}, Level: body.Ministry}, protocol.Green)
	return err
}

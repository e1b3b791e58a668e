package federation_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
)

// copied copies a node's folder while it stands still, and has it go on.
func (w *world) copied(id protocol.InstitutionID) (string, error) {
	w.texts++
	to := filepath.Join(w.dir, fmt.Sprintf("copy-%d", w.texts))
	if err := w.stop(id); err != nil {
		return "", err
	}
	return to, errors.Join(
		os.CopyFS(to, os.DirFS(filepath.Join(w.dir, string(id)))), os.Chmod(to, 0o700),
		lockDown(filepath.Join(to, "keys")), lockDown(filepath.Join(to, "identity")), w.net.Restart(w.within(), id),
	)
}

// clone runs a copy of a node beside it; neither writes.
func (w *world) clone(id protocol.InstitutionID) error {
	to, err := w.copied(id)
	if err != nil {
		return err
	}
	o := w.net.OptionsOf(id)
	o.Dir = to
	clone, err := node.Open(w.within(), o)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(w.within())
	done := make(chan error, 1)
	go func() { done <- clone.Run(ctx) }()
	soon, stop := context.WithTimeout(w.within(), time.Minute/6)
	_ = federation.Wait(soon, clone, func() bool {
		return len(clone.Intake().Copies()) > 0 || len(w.net.Node(id).Intake().Copies()) > 0
	}) // where every line is cut, nobody can know
	stop()
	w.saw.of(w.net.Node(id))
	w.saw.of(clone)
	cancel()
	w.misses(id)
	return errors.Join(<-done, clone.Close())
}

// fork has a node and a copy of it write at one position, each without the other.
func (w *world) fork(n *node.Node, id protocol.InstitutionID) error {
	if _, done := w.forked[id]; done {
		return nil
	}
	// One more stands before it, so that a wrong word can name that.
	_, early := w.say(n, id, protocol.Situation, protocol.Green)
	before, err := w.say(n, id, protocol.Situation, protocol.Green)
	if err = errors.Join(early, err); err != nil {
		if errors.Is(err, intake.ErrForked) {
			return nil // by an earlier copy, of which it was put back since
		}
		return err
	}
	to, err := w.copied(id)
	if err != nil {
		return err
	}
	back := w.isolated(id)
	_, err = w.say(w.net.Node(id), id, protocol.Situation, protocol.Green)
	if err = errors.Join(err, w.stop(id)); err != nil {
		back()
		return err
	}
	back()
	o := w.net.OptionsOf(id)
	o.Dir = to
	if err = w.net.RunAs(w.within(), id, o); err != nil {
		return err
	}
	copied := w.net.Node(id)
	there, err := w.say(copied, id, protocol.Situation, protocol.Green)
	if err != nil {
		return err
	}
	soon, stop := context.WithTimeout(w.within(), time.Minute/6)
	_ = federation.Wait(soon, copied, func() bool { have, _ := copied.Links().Holders(there.Name); return len(have) > 0 })
	stop()
	if err = errors.Join(w.stop(id), w.destroyed("")); err != nil {
		return err
	}
	w.forked[id] = before
	if err = w.up(id); err == nil {
		w.misses(id)
	}
	return err
}

// mend opens the next epochs of a node whose feed is forked, and says what counts.
func (w *world) mend(n *node.Node, id protocol.InstitutionID, wrongly bool) error {
	before, ok := w.forked[id]
	if !ok {
		return nil
	}
	soon, stop := context.WithTimeout(w.within(), time.Minute/4)
	defer stop()
	stopped := func() bool { return len(n.Intake().Stopped()) > 0 }
	if federation.Wait(soon, n, stopped) != nil {
		return nil // it has not heard of its copy yet
	}
	delete(w.forked, id)
	last := before
	if wrongly && before.Sequence > 1 {
		r, err := n.Record(before.Name)
		if err != nil {
			return err
		}
		last.Sequence, last.Digest = before.Sequence-1, r.Previous
	}
	if _, err := n.Desk().RotateKey(w.within(), node.RotateRequest{As: id, Use: protocol.UseNode, Last: []string{last.String()}}); err != nil {
		return err
	}
	if last == before {
		return nil
	}
	if standing, _ := n.Board().Standing(before.Digest); standing != node.Void {
		return fmt.Errorf("%s is shown as %s behind the last that was stated", before.Name, standing)
	}
	_, err := n.Desk().RotateKey(w.within(), node.RotateRequest{As: id, Use: protocol.UseNode, Last: []string{before.String()}})
	if err != nil {
		return err
	}
	if err = federation.Wait(w.within(), n, func() bool { s, _ := n.Board().Standing(before.Digest); return s != node.Void }); err == nil {
		w.saw.see(sawWrongRepair)
	}
	return err
}

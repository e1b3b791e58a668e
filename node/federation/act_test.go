package federation_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// do does one step. What can't be done now, since a node is down or out, is left out, so
// that any part of a schedule is a schedule. An error is what may not happen.
func (w *world) do(s step) error {
	id := w.ids[s.who]
	n := w.node(id)
	switch s.act { //nolint:exhaustive // the others are done elsewhere
	case cutLine, healLine, slowLine, holdLine:
		return w.line(s, id)
	case inviteGuest, joinGuest, stealSeat, takeBack:
		return w.newcomer(s)
	case restart:
		if w.out[id] {
			return nil
		}
		return w.up(id)
	}
	if n == nil || w.out[id] {
		return nil
	}
	if town := id != capital && id != hub; !town && s.act > restart && s.act < lieForged {
		return nil
	}
	switch s.act { //nolint:exhaustive // the others are done elsewhere
	case publish:
		return w.publish(n, id, s.n)
	case kill:
		return w.kill(n, id)
	case backUp:
		return w.backUp(n, id)
	case putBack:
		return w.putBack(id)
	case oldStore:
		return w.oldStore(n, id)
	case cloneNode:
		return w.clone(id)
	case forkFeed:
		return w.fork(n, id)
	case mendFork, mendWrong:
		return w.mend(n, id, s.act == mendWrong)
	case rotateKey:
		use := [...]protocol.KeyUse{protocol.UseNode, protocol.UseLink, protocol.UseAge}[s.n%3]
		_, err := n.Desk().RotateKey(w.within(), node.RotateRequest{As: id, Use: use})
		return err
	case closeMember:
		return w.closes(n, id)
	case askHelp:
		return w.askHelp(s.who)
	case dealOn:
		return w.dealOn(s.who, s.n)
	case skewClock:
		w.skew[id].Store(int64(time.Duration(s.n-4) * 7 * time.Hour))
		return nil
	case fillDisk:
		return w.fillDisk(n, id)
	case amendCharter:
		return w.nextCharter(n, s.n)
	}
	w.liars[id] = true
	return w.lie(s, n)
}

func (w *world) line(s step, id protocol.InstitutionID) error {
	lines := w.lines(id)
	l := lines[s.n%len(lines)]
	switch s.act { //nolint:exhaustive // the others are done elsewhere
	case cutLine:
		l.Cut()
		w.cut[l] = true
	case healLine:
		l.Throttle(0)
		l.Heal()
		delete(w.cut, l)
	case slowLine:
		l.Throttle(20_000)
	case holdLine:
		l.Hold()
	}
	return nil
}

// publish says some records; an own fork may stop it, and says so.
func (w *world) publish(n *node.Node, id protocol.InstitutionID, many int) error {
	handling := protocol.Green
	if many%4 == 3 {
		handling = protocol.Red
	}
	topic := [...]protocol.Topic{protocol.Situation, protocol.Resource, protocol.Alert}[many%3]
	for range 1 + many {
		if _, err := w.say(n, id, topic, handling); err != nil && !errors.Is(err, intake.ErrForked) {
			return err
		}
	}
	return nil
}

// stop ends a node, and keeps what it counted.
func (w *world) stop(id protocol.InstitutionID) error {
	if n := w.net.Node(id); n != nil {
		w.saw.of(n)
	}
	return w.net.Stop(id)
}

// isolated cuts all lines of a node, and gives what heals those that were not cut before.
func (w *world) isolated(id protocol.InstitutionID) (back func()) {
	lines := w.lines(id)
	for _, l := range lines {
		l.Cut()
	}
	return func() {
		for _, l := range lines {
			if !w.cut[l] {
				l.Heal()
			}
		}
	}
}

// kill leaves a node's folder as a kill between two commits does: no index, no cursor was
// written at the end, and whoever was connected is cut off in that moment.
func (w *world) kill(n *node.Node, id protocol.InstitutionID) error {
	x := crash{who: id, held: map[protocol.Digest]bool{}}
	for _, p := range w.e.promised {
		known := p.Institution == id && !p.lost && len(w.forked) == 0
		for _, peer := range w.peers(id) {
			if other := w.net.Node(peer); other != nil && !known && !p.lost {
				// What a peer says of a name is of the record that it holds there itself: of the two
				// that a fork left, which nobody calls one any more, that can be the other.
				r, err := other.Record(p.Name)
				have, _ := other.Links().Holders(p.Name)
				known = err == nil && r.Digest() == p.Digest && slices.Contains(have, id) && len(w.forked) == 0
			}
		}
		if known && !w.missed[id][p.Digest] {
			x.before = append(x.before, p.Digest)
		}
	}
	back := w.isolated(id)
	defer back()
	folder := filepath.Join(w.dir, string(id))
	mark, err := os.ReadFile(filepath.Join(folder, "keys", "mark"))
	if err != nil {
		return err
	}
	killed := filepath.Join(w.dir, "killed.bbolt")
	if err = copyStore(w.within(), n, killed); err != nil {
		return err
	}
	if err = w.stop(id); err != nil {
		return err
	}
	held, _, _, err := readStore(killed)
	if err != nil {
		return err
	}
	for i := range held {
		x.held[held[i].digest] = true
	}
	w.e.crashes = append(w.e.crashes, x)
	return errors.Join(
		os.Rename(killed, filepath.Join(folder, store.FileName)),
		os.WriteFile(filepath.Join(folder, "keys", "mark"), mark, 0o600),
	)
}

func (w *world) backUp(n *node.Node, id protocol.InstitutionID) error {
	to := filepath.Join(w.dir, "backups", string(id))
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	made, err := n.Desk().Backup(w.within(), node.BackupRequest{To: to})
	if err != nil {
		return err
	}
	w.backup[id] = made.File
	m, _ := n.Trust().Member(id)
	w.keys[id] = append(w.keys[id], m.NodeKey)
	return nil
}

// putBack destroys a node's machine and puts the last backup on another, while no line is
// up: it must be able to write at once, with another key.
func (w *world) putBack(id protocol.InstitutionID) error {
	if w.backup[id] == "" {
		return nil
	}
	delete(w.forked, id)
	back := w.isolated(id)
	if err := errors.Join(w.stop(id), w.destroyed(id)); err != nil {
		return err
	}
	folder := filepath.Join(w.dir, string(id))
	w.texts++
	lost := filepath.Join(w.dir, fmt.Sprintf("lost-%d", w.texts))
	if err := os.Rename(folder, lost); err != nil {
		return err
	}
	o := w.net.OptionsOf(id)
	o.CheckStore = func(_ context.Context, path string) error { return node.CheckStoreFile(path) }
	made, err := node.Restore(w.within(), o, w.backup[id], filepath.Join(lost, "identity"), w.sheets[id])
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if err = w.up(id); err != nil {
		return err
	}
	w.misses(id)
	n := w.net.Node(id)
	said, err := w.say(n, id, protocol.Situation, protocol.Green)
	w.e.alone = append(w.e.alone, attempt{id, said, err})
	if err == nil {
		w.saw.see(sawRestoreAlone)
		r, unread := n.Record(said.Name)
		if unread != nil {
			return unread
		}
		w.e.restored = append(w.e.restored, restored{id, r.Key, slices.Clone(w.keys[id])})
	}
	back()
	return w.phone(id, made.LinkKey)
}

// phone tells the neighbours of a node its new link key.
func (w *world) phone(id protocol.InstitutionID, key protocol.Key) error {
	for _, peer := range w.peers(id) {
		other := w.node(peer)
		if other == nil {
			if w.owed[peer] == nil {
				w.owed[peer] = map[protocol.InstitutionID]protocol.Key{}
			}
			w.owed[peer][id] = key
			continue
		}
		if _, err := other.Desk().AddLink(w.within(), node.AddLinkRequest{Peer: id, Key: key}); err != nil {
			return err
		}
	}
	return nil
}

// oldStore puts an earlier file of the store under the keys of today: the node reads and
// writes nothing, says so, and writes again with the file that belongs there.
func (w *world) oldStore(n *node.Node, id protocol.InstitutionID) error {
	folder := filepath.Join(w.dir, string(id))
	at, early, today := filepath.Join(folder, store.FileName), filepath.Join(w.dir, "early.bbolt"), filepath.Join(w.dir, "today.bbolt")
	if err := copyStore(w.within(), n, early); err != nil {
		return err
	}
	// A topic of its own, which nothing else stops.
	if _, err := w.say(n, id, protocol.Knowledge, protocol.Green); err != nil {
		return err
	}
	back := w.isolated(id)
	defer back()
	if err := errors.Join(w.stop(id), os.Rename(at, today), os.Rename(early, at), w.net.Restart(w.within(), id)); err != nil {
		return err
	}
	n = w.net.Node(id)
	said, err := w.say(n, id, protocol.Knowledge, protocol.Green)
	w.e.older = append(w.e.older, attempt{id, said, err})
	x := trouble{who: id, what: "an older store", reads: n.Records() > 0}
	if err != nil {
		x.message = err.Error()
	}
	if err = errors.Join(w.stop(id), os.Rename(today, at), w.net.Restart(w.within(), id)); err != nil {
		return err
	}
	_, err = w.say(w.net.Node(id), id, protocol.Knowledge, protocol.Green)
	x.goesOn = err == nil
	w.e.troubles = append(w.e.troubles, x)
	return nil
}

func (w *world) fillDisk(n *node.Node, id protocol.InstitutionID) error {
	w.full[id].Store(true)
	_, err := w.say(n, id, protocol.Knowledge, protocol.Green)
	x := trouble{who: id, what: "a full disk"}
	if errors.Is(err, store.ErrDiskFull) {
		x.message = err.Error()
	}
	_, unread := n.Status(w.within())
	x.reads = unread == nil && n.Records() > 0
	w.full[id].Store(false)
	_, err = w.say(n, id, protocol.Knowledge, protocol.Green)
	if x.goesOn = err == nil; x.goesOn && x.message != "" {
		w.saw.see(sawFullDisk)
	}
	w.e.troubles = append(w.e.troubles, x)
	return nil
}

// closes puts a member out, which goes on writing until it hears of it.
func (w *world) closes(n *node.Node, id protocol.InstitutionID) error {
	registrar := w.node(capital)
	if registrar == nil || len(w.out) > 0 {
		return nil
	}
	back := w.isolated(id)
	defer back()
	if _, err := registrar.Desk().Close(w.within(), node.CloseRequest{Institution: id, Reason: "merged"}); err != nil {
		return err
	}
	w.out[id] = true
	_, err := w.say(n, id, protocol.Alert, protocol.Green)
	if errors.Is(err, intake.ErrForked) {
		return nil
	}
	return err
}

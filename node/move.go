package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/protocol"
)

// passportFile lies beside a carrier that is handed over: what a new node must know of the
// network to go on without asking anybody, all of it public inside the network.
const passportFile = "network.json"

// passport is the founding charter, and the trust records held, in the order in which they
// were accepted, each as a frame.
type passport struct {
	Charter protocol.SignedCharter `json:"charter"`
	Trust   [][]byte               `json:"trust"`
}

// RecoverKeys opens the keys in a folder with the recovery sheet and seals them anew; see
// keys.Recover. It returns whose they are, and [ErrNoNode] for a folder without keys: see
// [Restore] and [Return].
func RecoverKeys(o Options, sheet string) ([]protocol.InstitutionID, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	secret, err := keys.ParseSheet(sheet)
	if err != nil {
		return nil, err
	}
	if _, err = os.Stat(filepath.Join(o.Dir, "keys")); errors.Is(err, fs.ErrNotExist) {
		return nil, &desk.Problem{
			Kind: desk.NotFound, Detail: "there are no keys in " + o.Dir, Err: ErrNoNode,
			Mend: "name the node's folder with --dir; if the machine is lost: 'vardar backup restore' with a backup, --carrier without one", Next: "vardar member key recover --help",
		}
	}
	safe, err := keys.Recover(o.keys(), secret, "")
	if err != nil {
		return nil, err
	}
	return safe.Institutions(), nil
}

// RenewSheet makes a new recovery sheet in place of one that is lost or was read by others,
// and gives it to Options.Sheet; see keys.Safe.RenewSheet. The node must not run.
func RenewSheet(ctx context.Context, o Options) (err error) {
	if o, err = o.withDefaults(); err != nil {
		return err
	}
	r := &rooms{}
	if r.safe, err = keys.Open(o.keys()); err != nil {
		return err
	}
	if IsFolder(o.Dir) {
		if err = r.openStore(ctx, o); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, r.store.Close()) }()
	}
	return r.safe.RenewSheet()
}

// MoveOut hands a hosted institution over: its carrier goes to a folder, sealed by a
// passphrase, with what a new node must know of the network; its keys leave this node. The
// node must not run. It returns store.ErrLocked, and what keys.Safe.Release does.
func MoveOut(ctx context.Context, o Options, id protocol.InstitutionID, folder string, word func() ([]byte, error)) (err error) {
	if o, err = o.withDefaults(); err != nil {
		return err
	}
	r := &rooms{}
	if r.safe, err = keys.Open(o.keys()); err != nil {
		return err
	}
	if err = r.openStore(ctx, o); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.store.Close()) }()
	if err = r.openTrust(ctx, o); err != nil {
		return err
	}
	p := passport{Charter: r.trust.SignedCharter()}
	for s, err := range r.store.All(ctx) {
		if err != nil {
			return err
		}
		if s.Topic != protocol.Trust {
			continue
		}
		run, err := protocol.NewRun([]protocol.Record{s.Record})
		if err != nil {
			return err
		}
		p.Trust = append(p.Trust, protocol.AppendFrame(nil, []protocol.Run{run}))
	}
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, passportFile), data, 0o600); err != nil {
		return err
	}
	return r.safe.Release(id, folder, word)
}

// Carried is the carrier of an institution that moves: what MoveOut wrote, or that of a
// node of its own, which then must not run again.
type Carried struct {
	Folder     string
	Passphrase func() ([]byte, error) // given to MoveOut, or of that node's keys
	Sheet      string                 // its recovery sheet; used if it is there
}

// MoveIn takes an institution up: on a node that is there, or, from what MoveOut wrote, in
// a folder without one, where it makes it. Every feed of the institution begins its next
// epoch. It returns the link key that peers don't know yet; zero on a node that is there.
func MoveIn(ctx context.Context, o Options, id protocol.InstitutionID, c Carried) (key protocol.Key, err error) {
	if o, err = o.withDefaults(); err != nil {
		return key, err
	}
	from := keys.Source{Folder: c.Folder, Passphrase: c.Passphrase}
	if c.Sheet != "" {
		if from.Sheet, err = keys.ParseSheet(c.Sheet); err != nil {
			return key, err
		}
	}
	if IsFolder(o.Dir) {
		return key, o.moveInBeside(ctx, id, from)
	}
	data, err := os.ReadFile(filepath.Join(c.Folder, passportFile))
	if err != nil {
		return key, &desk.Problem{
			Kind: desk.NotFound, Detail: c.Folder + " is no folder that 'vardar member move out' wrote: " + err.Error(),
			Mend: "name the folder as it was written, network.json in it too", Next: "vardar member move in --help", Err: err,
		}
	}
	var p passport
	if err = json.Unmarshal(data, &p); err != nil {
		return key, fmt.Errorf("%s: %w", passportFile, err)
	}
	safe, err := keys.Open(o.keys())
	if errors.Is(err, keys.ErrNoKeys) {
		safe, err = keys.Adopt(o.keys(), from, id)
	}
	if err != nil {
		return key, err
	}
	r, o, err := prepare(ctx, o, p.Charter)
	if err != nil {
		return key, err
	}
	defer func() { err = errors.Join(err, r.store.Close()) }()
	for _, frame := range p.Trust {
		// One that does not hold is no loss: peers have it too.
		r.intake.Take(ctx, intake.Arrived{Peer: id, Frame: frame})
	}
	_, err = r.resume(ctx, o)
	return safe.LinkKeys()[0], err
}

// moveInBeside takes an institution up on a node that writes for another one already.
func (o Options) moveInBeside(ctx context.Context, id protocol.InstitutionID, from keys.Source) (err error) {
	r := &rooms{}
	if r.safe, err = keys.Open(o.keys()); err != nil {
		return err
	}
	if err = r.openStore(ctx, o); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.store.Close()) }()
	if err = r.safe.Adopt(from, id); err != nil && !errors.Is(err, keys.ErrExists) {
		return err
	}
	if err = r.openTrust(ctx, o); err != nil {
		return err
	}
	if err = r.openIntake(ctx, o, intake.Options{Inbox: offline{}, Log: offline{}, Line: offline{}}); err != nil {
		return err
	}
	_, err = r.resume(ctx, o)
	return err
}

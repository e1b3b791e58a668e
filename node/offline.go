package node

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/vardar-network/vardar/node/audit"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// CheckStoreFile looks at a store's file that no process has open for writing; see
// store.CheckFile. Run it in a child process.
func CheckStoreFile(path string) error { return store.CheckFile(path) }

// IsFolder reports whether a folder holds a node's store.
func IsFolder(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, store.FileName))
	return err == nil && info.Mode().IsRegular()
}

// ParseFrame reads a frame, compressed or not.
func ParseFrame(frame []byte) ([]protocol.Run, error) {
	packer, err := link.NewPacker(protocol.MaxRunBytes)
	if err != nil {
		return nil, err
	}
	return protocol.ParseFrame(frame, packer)
}

// Archived is one record of a stopped node's store, with the key that its epoch's opener
// names.
type Archived struct {
	protocol.Record
	Opener protocol.Key // zero: no opener of this key is held
	Counts bool         // and the opener counts
	LetGo  string       // by which version of the charter its body was let go, if no erasure took it
}

// Archive reads the store of a node that does not run, in order of acceptance, each
// record held against its digest. check looks at the file first (see
// [Options.CheckStore]). A damaged record is given as an error, and the rest follows.
func Archive(ctx context.Context, dir string, clock func() time.Time, check func(ctx context.Context, path string) error) iter.Seq2[Archived, error] {
	return func(yield func(Archived, error) bool) {
		s, err := store.Open(ctx, store.Options{Dir: dir, Clock: clock, Logger: slog.New(slog.DiscardHandler), Check: check})
		if err != nil {
			yield(Archived{}, err)
			return
		}
		defer func() { _ = s.Close() }()
		r := rooms{store: s}
		if err := r.openTrust(ctx, Options{Logger: slog.New(slog.DiscardHandler)}); err != nil {
			yield(Archived{}, err)
			return
		}
		if err := r.foldTrust(ctx); err != nil {
			yield(Archived{}, err)
			return
		}
		now := protocol.InstantOf(clock())
		for stored, err := range s.All(ctx) {
			a := Archived{Record: stored.Record}
			if err == nil || bodyless(err) == nil {
				a.Opener, a.Counts = openerOf(r.trust, &stored.Record)
				if why, over := r.trust.WhyLetGo(a.Type, min(a.Time, stored.Accepted), now); over && a.BodyState == protocol.BodyErased {
					a.LetGo = why.String()
				}
			}
			if !yield(a, err) {
				return
			}
		}
	}
}

// foldTrust tells the registry of all trust records held. What can't be read is told when
// it is read again.
func (r *rooms) foldTrust(ctx context.Context) error {
	if err := intake.SettledIn(r.store, r.trust); err != nil {
		return err
	}
	return intake.FoldTrust(ctx, r.store, r.trust, slog.New(slog.DiscardHandler))
}

// openerOf gives the key of the opener that a record's epoch hangs on; zero if none with
// its key is held. One that an
// invitation opened has the key of its claim.
func openerOf(g *trust.Registry, r *protocol.Record) (protocol.Key, bool) {
	for _, o := range g.Openers(r.EpochID()) {
		if o.Key == r.Key {
			return o.Key, o.Counts
		}
	}
	return protocol.Key{}, false
}

// Known is who is who as a pile of files has it: charters and trust records, without a
// node. What it says is as good as the charter: compare its digest with what is known of
// the network.
type Known struct{ networks []*trust.Registry }

// Know folds charters, later versions too, and records, in any order. A charter that is
// not valid, and records that none of them opens, have no effect. Signatures of records are
// the caller's to check: who writes a forged one in, believes it. Rivals of the version
// that the reader follows, and of those before it, are set aside; it returns
// [ErrNoVersion] if that is not among what it was given. Zero: any.
func Know(charters []protocol.SignedCharter, records []protocol.Record, follows protocol.Digest) (*Known, error) {
	k, settled := &Known{}, false
	for _, c := range charters {
		g, err := trust.New(c)
		if err != nil {
			continue
		}
		for _, later := range charters {
			_, _ = g.AddCharter(later) // another network's changes nothing
		}
		for _, r := range records {
			g.Add(r)
		}
		if !follows.IsZero() {
			_, err := g.Settle(follows)
			settled = settled || err == nil
		}
		k.networks = append(k.networks, g)
	}
	if !follows.IsZero() && !settled {
		return k, ErrNoVersion
	}
	return k, nil
}

// ErrNoVersion says that the version of the charter which the reader follows is not there.
var ErrNoVersion = errors.New("that version of the charter is not among the files, or does not follow from the first")

// Opener reports whether an opener of a record's epoch that names its key is among the
// files, and whether it counts.
func (k *Known) Opener(r *protocol.Record) (held, counts bool) {
	for _, g := range k.networks {
		key, c := openerOf(g, r)
		held, counts = held || !key.IsZero(), counts || c
	}
	return held, counts
}

// OpenedBy names the record that gave a record's key its epoch, and counts; the zero name is the
// charter. False where none is among the files.
func (k *Known) OpenedBy(r *protocol.Record) (protocol.Name, bool) {
	for _, g := range k.networks {
		for _, o := range g.Openers(r.EpochID()) {
			if o.Key == r.Key && o.Counts {
				return o.By, true
			}
		}
	}
	return protocol.Name{}, false
}

// CheckActs checks an extract of the log of acts; see [audit.Holds].
func CheckActs(acts []desk.AuditRow) error { return audit.Holds(acts) }

// Last gives what the author of an epoch, or who closed it, says of it last: up to where
// it counts. False while nobody did, or where it is not known.
func (k *Known) Last(e protocol.EpochID) (trust.Last, bool) {
	for _, g := range k.networks {
		if last, ok := g.Last(e); ok && !last.Unknown {
			return last, true
		}
	}
	return trust.Last{}, false
}

// WhyLetGo says of a body that no erasure took by which version of the charter it was let
// go, at an instant or before; empty for one that none of the charters would let go.
func (k *Known) WhyLetGo(r *protocol.Record, at protocol.Instant) string {
	for _, g := range k.networks {
		if why, ok := g.WhyLetGo(r.Type, r.Time, at); ok {
			return why.String()
		}
	}
	return ""
}

// Witnesses reports whether an institution's witness records are worth something: those
// of registrars and regional bodies are, and stay so when they are that no longer.
func (k *Known) Witnesses(id protocol.InstitutionID) bool {
	for _, g := range k.networks {
		if m, ok := g.Member(id); ok && (m.Level == body.RegionalBody || desk.IsWitness(g, &m)) {
			return true
		}
		for _, v := range g.Charters() {
			was := v.Standing == trust.InForce || v.Standing == trust.Earlier
			if was && slices.ContainsFunc(v.Charter.Registrars, func(r protocol.Registrar) bool { return r.Institution == id }) {
				return true
			}
		}
	}
	return false
}

package node

import (
	"context"
	"errors"
	"time"

	"github.com/vardar-network/vardar/node/backup"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// backUp makes a backup of the archive, whether the node runs or not.
func (r *rooms) backUp(ctx context.Context, o Options, q desk.BackupRequest) (backup.Made, error) {
	var to []string
	if sheet := r.safe.RecoveryRecipient(); sheet != "" { // a node of an older vardar has none
		to = append(to, sheet)
	}
	made, err := backup.Create(ctx, r.store, backup.Options{
		To: q.To, Hosted: r.safe.Institutions(), Recipients: append(to, q.Recipients...), Time: protocol.InstantOf(o.Clock()),
		Charters: []protocol.Digest{r.trust.CharterDigest()}, Keep: q.Keep(),
	})
	if made.File != "" {
		err = errors.Join(err, backup.RememberMade(o.Dir, &made.Entry))
	}
	return made, err
}

// Backup makes a backup of a node that does not run. It returns store.ErrLocked if it
// does, and what backup.Create returns.
func Backup(ctx context.Context, o Options, q desk.BackupRequest) (made backup.Made, err error) {
	if o, err = o.withDefaults(); err != nil {
		return made, err
	}
	r := &rooms{}
	if r.safe, err = keys.Open(o.keys()); err != nil {
		return made, err
	}
	if err = r.openStore(ctx, o); err != nil {
		return made, err
	}
	defer func() { err = errors.Join(err, r.store.Close()) }()
	if err = r.openTrust(ctx, o); err != nil {
		return made, err
	}
	return r.backUp(ctx, o, q)
}

// Backups lists the backups in a folder; of this node's institution alone if one is named.
func Backups(dir string, id protocol.InstitutionID) ([]backup.Entry, error) {
	return backup.List(dir, id)
}

// LastBackups is what the node of a folder remembers of its backups.
func LastBackups(dir string) (backup.Memory, error) { return backup.Recall(dir) }

// CheckBackup opens a backup with the recovery sheet and looks at all of it; see
// backup.Check. It needs no node: of Options it takes CheckStore, Clock and Logger. If Dir
// is a node's folder, that remembers the check.
func CheckBackup(ctx context.Context, o Options, file, sheet string) (backup.Report, error) {
	o, err := o.withDefaults()
	if err != nil {
		return backup.Report{}, err
	}
	r, err := backup.Check(ctx, file, o.backupCheck(sheet))
	if err == nil && IsFolder(o.Dir) {
		err = backup.RememberCheck(o.Dir, r.Checked)
	}
	return r, err
}

func (o Options) backupCheck(sheet string) backup.CheckOptions {
	return backup.CheckOptions{
		Identity: sheet, Clock: o.Clock, Child: o.CheckStore,
		Judge: func(ctx context.Context, s *store.Store) (int, error) { return verifyAll(ctx, o, s) },
	}
}

// verifyAll counts the records of an archive that hold, from their epochs' openers on,
// and gives the first thing that does not.
func verifyAll(ctx context.Context, o Options, s *store.Store) (verified int, first error) {
	r := &rooms{store: s}
	if err := r.openTrust(ctx, o); err != nil {
		return 0, err
	}
	if err := r.openReader(ctx, o); err != nil {
		return 0, err
	}
	for _, f := range s.Feeds() {
		for _, epoch := range s.Epochs(f) {
			n, err := r.verifyEpoch(ctx, protocol.EpochID{Feed: f, Epoch: epoch})
			if verified += n; err != nil && first == nil {
				first = err
			}
		}
	}
	return verified, first
}

// backupsEvery is how often a node with Options.BackupTo backs itself up, and backupsLook
// how often it looks whether it is time: the machine may have slept.
const (
	backupsEvery = 24 * time.Hour
	backupsLook  = 10 * time.Minute
)

// keepBackups makes a backup each day until ctx ends. One that fails is logged, shown by
// status, and tried again.
func (n *Node) keepBackups(ctx context.Context) error {
	if n.o.BackupTo == "" {
		return nil
	}
	for {
		m, err := backup.Recall(n.o.Dir)
		if err != nil || n.o.Clock().Sub(m.Made.Time()) >= backupsEvery {
			if _, err := n.desk.Backup(ctx, desk.BackupRequest{To: n.o.BackupTo}); err != nil && ctx.Err() == nil {
				n.o.Logger.ErrorContext(ctx, "backup not made", "to", n.o.BackupTo, "err", err)
			}
		}
		again := time.NewTimer(backupsLook)
		select {
		case <-again.C:
		case <-ctx.Done():
			again.Stop()
			return nil
		}
	}
}

// Restored is a node that was put back.
type Restored struct {
	Institution protocol.InstitutionID   `json:"institution"`
	Hosted      []protocol.InstitutionID `json:"hosted"`
	Network     string                   `json:"network"`
	Time        protocol.Instant         `json:"time"` // of the backup
	Records     int                      `json:"records"`
	LinkKey     protocol.Key             `json:"link_key"` // fresh: one peer has to be told it
	Opened      []protocol.EpochID       `json:"opened"`
}

// Restore puts a backup into the empty folder Options.Dir and makes a node of it: the
// archive, checked as CheckBackup does; the institutions' identity keys and trust feeds
// from their carrier, opened by the recovery sheet; fresh keys for the rest, sealed as
// Options say. It needs nobody else: it opens new epochs for all own feeds, so that
// nothing is written where the lost node may have written.
//
// It is done whole or not at all. Made again after a failure it may open one more epoch,
// since the carrier remembers. It returns what backup.Restore and keys.Adopt do.
func Restore(ctx context.Context, o Options, file, carrier, sheet string) (out Restored, err error) {
	if o, err = o.withDefaults(); err != nil {
		return out, err
	}
	report, err := backup.Restore(ctx, file, o.Dir, o.backupCheck(sheet), func(dir string, h backup.Header) error {
		work := o
		work.Dir = dir
		out = Restored{Institution: h.Institution, Hosted: h.Hosted, Time: h.Time}
		return work.reopen(ctx, &out, carrier, sheet)
	})
	out.Records = report.Records
	return out, err
}

// reopen makes a node of a restored archive, in the folder where it is being restored.
func (o Options) reopen(ctx context.Context, out *Restored, carrier, sheet string) (err error) {
	secret, err := keys.ParseSheet(sheet)
	if err != nil {
		return err
	}
	from := keys.Source{Folder: carrier, Sheet: secret}
	r := &rooms{}
	if r.safe, err = keys.Adopt(o.keys(), from, out.Institution); err != nil {
		return err
	}
	for _, id := range out.Hosted {
		if id == out.Institution {
			continue
		}
		if err = r.safe.Adopt(from, id); err != nil {
			return err
		}
	}
	if err = r.openStore(ctx, o); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.store.Close()) }()
	if err = r.openTrust(ctx, o); err != nil {
		return err
	}
	if err = r.openIntake(ctx, o, intake.Options{Inbox: offline{}, Log: offline{}, Line: offline{}}); err != nil {
		return err
	}
	r.beginAnew(ctx, o)
	out.Network, out.LinkKey = r.trust.Charter().Network, r.safe.LinkKeys()[0]
	out.Opened, err = r.resume(ctx, o)
	return err
}

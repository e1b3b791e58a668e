package desk

import (
	"context"
	"errors"
	"time"

	"github.com/vardar-network/vardar/node/backup"
)

// BackupRequest asks for a backup of this node.
type BackupRequest struct {
	To         string   `json:"to"`                   // a folder of the node's machine, whole path
	Recipients []string `json:"recipients,omitempty"` // age1…, besides the recovery sheet's
	KeepDays   int      `json:"keep_days,omitempty"`  // 1 to 35; 0: 35
}

// Keep gives how long backups are kept.
func (r BackupRequest) Keep() time.Duration { return time.Duration(r.KeepDays) * 24 * time.Hour }

// Backup makes a backup while the node goes on; see [backup.Create].
func (d *Desk) Backup(ctx context.Context, r BackupRequest) (_ backup.Made, err error) {
	defer func() { d.note(ctx, act{"backup", "", r.To, false}, err) }()
	d.backup.Lock()
	defer d.backup.Unlock()
	made, err := d.o.Backup(ctx, r)
	if err != nil {
		if p := BackupProblem(err); p != nil {
			return made, p
		}
		return made, failure(err)
	}
	d.log.InfoContext(ctx, "backup made", "file", made.File, "expired", len(made.Expired))
	return made, nil
}

// BackupProblem says to a person what was wrong with a backup, its making, check or
// restoring; nil for what has nothing to do with backups.
func BackupProblem(err error) *Problem {
	if err == nil {
		return nil
	}
	p := &Problem{Detail: err.Error(), Next: "vardar backup --help", Err: err}
	switch {
	case errors.Is(err, backup.ErrNoRecipient):
		p.Kind, p.Mend, p.Next = Refused, "make a recovery sheet, or name a recipient", "vardar member key sheet --help"
	case errors.Is(err, backup.ErrKeep):
		p.Kind, p.Field, p.Mend = Refused, "keep_days", "erased bodies must be gone by then: name 1d to 35d"
	case errors.Is(err, backup.ErrNoRoom), errors.Is(err, backup.ErrNotEmpty):
		p.Kind = Refused
	case errors.Is(err, backup.ErrIdentity):
		p.Kind, p.Mend = NotPermitted, "take the sheet that was the newest when this backup was made: it is sealed to one, and 'vardar member key sheet' makes another"
	case errors.Is(err, backup.ErrNoBackup):
		p.Kind, p.Mend, p.Next = Usage, "name a file that 'vardar backup create' made", "vardar backup list"
	case errors.Is(err, backup.ErrNewer):
		p.Kind, p.Mend, p.Next = Damaged, "take the version that made it", "vardar version"
	case errors.Is(err, backup.ErrDamaged):
		p.Kind, p.Mend, p.Next = Damaged, "take another backup", "vardar backup list"
	case errors.Is(err, backup.ErrAbsent):
		p.Kind, p.Mend, p.Next = NotFound, "put the disk or stick in, or name another place", "vardar backup list"
	default:
		return nil
	}
	return p
}

package backup

import "errors"

// What callers branch on. The message around each names the file and the mend.
var (
	// ErrNoRecipient: no recovery recipient was given, so nobody could open the backup.
	ErrNoRecipient = errors.New("there is nobody to seal the backup to")
	// ErrNoRoom: the disk has too little room for what was to be written; nothing was.
	ErrNoRoom = errors.New("too little room on the disk")
	// ErrIdentity: the secret given is not an age identity, or not one this backup was
	// sealed to: take the recovery sheet of the node that made it.
	ErrIdentity = errors.New("the recovery secret does not open this backup")
	// ErrNoBackup: the file is no backup.
	ErrNoBackup = errors.New("not a backup")
	// ErrNewer: a newer vardar made the backup; use that one.
	ErrNewer = errors.New("made by a newer vardar")
	// ErrDamaged: the file is not as it was written: take another backup.
	ErrDamaged = errors.New("the backup is damaged")
	// ErrAbsent: the folder, or the backup, is not there.
	ErrAbsent = errors.New("not there")
	// ErrNotEmpty: a backup is put back into an empty folder alone.
	ErrNotEmpty = errors.New("the folder is not empty")
	// ErrKeep: backups are kept for at most [MaxKeep].
	ErrKeep = errors.New("backups are kept for at most 35 days")
)

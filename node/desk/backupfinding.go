package desk

import (
	"fmt"
	"time"
)

const (
	// oldBackup is when a backup is found too old: a week can be typed again, and a day
	// off is not reported.
	oldBackup = 7 * 24 * time.Hour
	// oldCheck is when the last check is: a quarter of a year, as long as a person keeps
	// to something.
	oldCheck = 92 * 24 * time.Hour
)

// The commands that mend what is found of backups.
const (
	backupCreate = "vardar backup create --to FOLDER"
	backupCheck  = "vardar backup check"
)

// BackupFindings are what is wrong with the age of the last backup and of the last check. The
// node does its work without them: none is grave.
func BackupFindings(h *BackupHealth, now time.Time) []Finding {
	var out []Finding
	daily := "make one, or one each day with --backup-to: " + backupCreate
	switch {
	case h.Error != "":
		out = append(out, Finding{"backup", h.Error, "make a backup: " + backupCreate, false})
	case h.Made == 0:
		out = append(out, Finding{"backup", "there was never a backup", daily, false})
	case now.Sub(h.Made.Time()) >= oldBackup:
		out = append(out, Finding{"backup", backupFine(h, now), daily, false})
	}
	const open = "see that one opens, with the recovery sheet: " + backupCheck
	switch c := h.Checked; {
	case c == nil:
		out = append(out, Finding{"backup check", "no backup was ever opened", open, false})
	case !c.OK:
		out = append(out, Finding{"backup check", "the last backup that was checked does not hold: " + c.Found, "make another one and check that: " + backupCreate, false})
	case now.Sub(c.Time.Time()) >= oldCheck:
		out = append(out, Finding{"backup check", backupCheckFine(h, now), open, false})
	}
	return out
}

// BackupChecks are those for a doctor.
func BackupChecks(h *BackupHealth, now time.Time) []Check {
	return areaChecks(backupAreas(h, now), BackupFindings(h, now))
}

// backupAreas says of each area that it is fine.
func backupAreas(h *BackupHealth, now time.Time) []area {
	return []area{
		{"backup", "a disk that breaks takes with it what is nowhere else", backupFine(h, now)},
		{"backup check", "whether a backup opens is known only once it was opened", backupCheckFine(h, now)},
	}
}

func backupFine(h *BackupHealth, now time.Time) string {
	return fmt.Sprintf("the last backup is %s old, in %s", Age(now.Sub(h.Made.Time())), h.To)
}

func backupCheckFine(h *BackupHealth, now time.Time) string {
	if h.Checked == nil {
		return ""
	}
	return fmt.Sprintf("the last check was %s ago, and all held", Age(now.Sub(h.Checked.Time.Time())))
}

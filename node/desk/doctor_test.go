package desk_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/backup"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// TestBackupsAreAWarningAndNoFailure: a node without a backup does its work, and wants one.
func TestBackupsAreAWarningAndNoFailure(t *testing.T) {
	now := time.Date(2015, 11, 9, 9, 0, 0, 0, time.UTC)
	ago := func(days int) protocol.Instant { return protocol.InstantOf(now.AddDate(0, 0, -days)) }
	held := &backup.Checked{Time: ago(1), OK: true}
	for _, tt := range []struct {
		name string
		h    desk.BackupHealth
		want string
	}{
		{"made and checked", desk.BackupHealth{Memory: backup.Memory{To: "/stick", Made: ago(1), Checked: held}}, ""},
		{"six days old", desk.BackupHealth{Memory: backup.Memory{To: "/stick", Made: ago(6), Checked: held}}, ""},
		{"a week old", desk.BackupHealth{Memory: backup.Memory{To: "/stick", Made: ago(7), Checked: held}}, "the last backup is 7 d old, in /stick"},
		{"never made", desk.BackupHealth{}, "there was never a backup; no backup was ever opened"},
		{"never opened", desk.BackupHealth{Memory: backup.Memory{To: "/stick", Made: ago(1)}}, "no backup was ever opened"},
		{"opened long ago", desk.BackupHealth{Memory: backup.Memory{To: "/stick", Made: ago(1), Checked: &backup.Checked{Time: ago(92), OK: true}}}, "the last check was 92 d ago, and all held"},
		{"it does not hold", desk.BackupHealth{Memory: backup.Memory{To: "/stick", Made: ago(1), Checked: &backup.Checked{Time: ago(1), Found: "a record is altered"}}}, "the last backup that was checked does not hold: a record is altered"},
		{"what is remembered can't be read", desk.BackupHealth{Error: "backups.json: what is this"}, "backups.json: what is this; no backup was ever opened"},
	} {
		var said []string
		for _, f := range desk.BackupFindings(&tt.h, now) {
			if said = append(said, f.Said); f.Grave || f.Mend == "" {
				t.Errorf("%s: %+v", tt.name, f)
			}
		}
		if got := strings.Join(said, "; "); got != tt.want {
			t.Errorf("%s: found %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestStatusAndDoctorAgree on what is the matter, what the doctor alone looks at too; the
// gravest is the sentence of both.
func TestStatusAndDoctorAgree(t *testing.T) {
	w := solo(t)
	looked, carrier := 0, desk.Check{Name: "carrier", OK: true, Said: "the identity key can be reached"}
	w.options.Examine = func(context.Context) []desk.Check {
		looked++
		return []desk.Check{carrier}
	}
	w.desk = must(desk.New(w.options))(t)
	agree := func(well bool, said, mend string) {
		t.Helper()
		s, g := must(w.desk.Status(t.Context()))(t), must(w.desk.Doctor(t.Context()))(t)
		if s.Verdict.OK != well || s.Verdict.Said != said || s.Verdict.Mend != mend {
			t.Errorf("status = %+v, want %q", s.Verdict, said)
		}
		failed := 0
		for _, c := range g.Checks {
			if !c.OK {
				failed++
			}
		}
		if failed != len(s.Verdict.Findings) || g.OK != (failed == 0) || g.Mend != mend || failed > 0 && !strings.HasSuffix(g.Said, said) {
			t.Errorf("the doctor says %q, mend %q, and found %d; status %q and %d", g.Said, g.Mend, failed, said, len(s.Verdict.Findings))
		}
		e := must(w.desk.Examined(t.Context()))(t)
		if e.Verdict.Said != said || e.Verdict.OK != well || len(e.Checks) != len(g.Checks) {
			t.Errorf("on the page: %+v", e.Verdict)
		}
	}
	agree(true, "All is well: no links yet.", "")
	w.health.Backup = desk.BackupHealth{}
	agree(true, "there was never a backup", "make one, or one each day with --backup-to: vardar backup create --to FOLDER")
	carrier = desk.Check{Name: "carrier", Said: "the stick is not put in", Mend: "put it in"}
	must(w.desk.Doctor(t.Context()))(t)
	agree(true, "there was never a backup", "make one, or one each day with --backup-to: vardar backup create --to FOLDER")
	w.health.Backup = backedUp(w.clock.Now())
	agree(true, "the stick is not put in", "put it in")
	w.health.Store.Paused = true
	agree(false, "the disk is full: nothing is written", "make room; writing goes on by itself")
	w.health.Store.Paused = false
	before := looked
	for range 3 {
		must(w.desk.Status(t.Context()))(t)
	}
	if looked != before {
		t.Errorf("a status that is watched has all examined %d times", looked-before)
	}
	carrier.OK = true
	w.clock.pass(11 * time.Minute)
	if s := must(w.desk.Status(t.Context()))(t); looked != before+1 || s.Verdict.Said != "All is well: no links yet." {
		t.Errorf("behind ten minutes: examined %d times, %+v", looked-before, s.Verdict)
	}
}

// TestFileThatNobodyReadsIsFound: a node that runs says when its file was last read whole, and
// wants to be started again once that is a quarter of a year ago, or was never.
func TestFileThatNobodyReadsIsFound(t *testing.T) {
	w := solo(t)
	for _, tt := range []struct {
		name string
		ago  time.Duration
		ok   bool
		said string
	}{
		{"just now", 0, true, "records: 7; the whole file was last read 0 s ago"},
		{"91 days ago", 91 * 24 * time.Hour, true, "the whole file was last read 91 d ago, when the node started, and every record hashed"},
		{"92 days ago", 92 * 24 * time.Hour, false, "the whole file was last read 92 d ago"},
		{"never", -1, false, "nobody has read the whole file"},
	} {
		w.health.Store.Records, w.health.Store.Read = 7, protocol.InstantOf(w.clock.Now().Add(-tt.ago))
		if tt.ago < 0 {
			w.health.Store.Read = 0
		}
		checks := must(w.desk.Doctor(t.Context()))(t).Checks
		i := slices.IndexFunc(checks, func(c desk.Check) bool { return c.Name == "store" })
		if c := checks[i]; c.OK != tt.ok || c.Grave || !strings.Contains(c.Said, tt.said) || tt.ok != (c.Mend == "") {
			t.Errorf("%s: %+v", tt.name, c)
		}
	}
	w.health.Store.Read, w.health.Store.ReadAgain = protocol.InstantOf(w.clock.Now().Add(-30*24*time.Hour)), protocol.InstantOf(w.clock.Now().Add(-3*time.Hour))
	for damaged, want := range []string{"records: 7; every one was last read and hashed 3 h ago, the whole file 30 d ago, when the node started", "when all records were read again 3 h ago, damaged ones were found: 1, the first: rot"} {
		w.health.Store.Damaged, w.health.Store.Damage = damaged, "rot"
		checks := must(w.desk.Doctor(t.Context()))(t).Checks
		i := slices.IndexFunc(checks, func(c desk.Check) bool { return c.Name == "store" })
		if c := checks[i]; c.Said != want || c.OK != (damaged == 0) || c.Grave != (damaged > 0) || c.OK != (c.Mend == "") {
			t.Errorf("%d damaged: %+v", damaged, c)
		}
	}
	w.health.Store.Failed = "the disk is gone"
	if g := must(w.desk.Doctor(t.Context()))(t); g.Said != "the disk is gone" {
		t.Errorf("a disk that failed: %+v", g)
	}
}

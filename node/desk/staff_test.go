package desk_test

import (
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// TestChangesOfAccountsAreNotedAndRefusalsNameTheirMend: the word is in no line of the log.
func TestChangesOfAccountsAreNotedAndRefusalsNameTheirMend(t *testing.T) {
	w := solo(t)
	ctx := desk.By(t.Context(), "admin")
	done := must(w.desk.ChangeStaff(ctx, desk.StaffRequest{Do: desk.StaffAdd, Name: "duty", Role: staff.Officer}))(t)
	if done.Word == "" || done.Until == 0 || done.Account.State != staff.StateInvited {
		t.Errorf("done = %+v", done)
	}
	for _, tt := range []struct {
		r    desk.StaffRequest
		kind desk.Kind
	}{
		{desk.StaffRequest{Do: "promote", Name: "duty"}, desk.Usage},
		{desk.StaffRequest{Do: desk.StaffAdd, Name: "duty", Role: staff.Officer}, desk.Refused},
		{desk.StaffRequest{Do: desk.StaffAdd, Name: "Night Duty", Role: staff.Officer}, desk.Usage},
		{desk.StaffRequest{Do: desk.StaffRole, Name: "duty", Role: "boss"}, desk.Usage},
		{desk.StaffRequest{Do: desk.StaffLock, Name: "nobody"}, desk.NotFound},
	} {
		_, err := w.desk.ChangeStaff(ctx, tt.r)
		refused(t, err, tt.kind, "")
	}
	must(w.desk.ChangeStaff(ctx, desk.StaffRequest{Do: desk.StaffAdd, Name: "admin", Role: staff.Admin}))(t)
	for _, do := range []string{desk.StaffRole, desk.StaffLock, desk.StaffRemove} {
		_, err := w.desk.ChangeStaff(ctx, desk.StaffRequest{Do: do, Name: "admin", Role: staff.Officer})
		refused(t, err, desk.Refused, "name: admin: nobody else who can log in is an administrator of its institution: make another administrator of it first")
	}
	must(w.desk.ChangeStaff(ctx, desk.StaffRequest{Do: desk.StaffRemove, Name: "duty"}))(t)
	l := must(w.desk.List(t.Context(), desk.Query{What: desk.ListAudit, Match: done.Word}))(t)
	if l.Total != 0 {
		t.Errorf("the log holds the word: %+v", l.Rows)
	}
	l = must(w.desk.List(t.Context(), desk.Query{What: desk.ListAudit, Match: "staff-"}))(t)
	rows, _ := l.Rows.([]desk.AuditRow)
	if len(rows) != 8 || rows[0].Act != "staff-remove" || rows[0].Who != "admin" || rows[0].On != "duty" {
		t.Errorf("noted = %+v", rows)
	}
}

// TestWordThatOpensNoMoreSaysWhyAndHowAnotherIsGot: one that was used, replaced or left for a week, and one that nobody
// was given, in a demonstration and elsewhere.
func TestWordThatOpensNoMoreSaysWhyAndHowAnotherIsGot(t *testing.T) {
	w := solo(t)
	o := w.options
	o.Institutions = []protocol.InstitutionID{"mk.national.centre"}
	earnest := must(desk.New(o))(t)
	word := func(do string) string {
		return must(w.desk.ChangeStaff(t.Context(), desk.StaffRequest{Do: do, Name: "keeper", Role: staff.Admin}))(t).Word
	}
	replaced, used := word(desk.StaffAdd), word(desk.StaffReset)
	_, _, err := w.desk.Redeem(t.Context(), "keeper", used, "a long night at the gate")
	ok(t, err)
	over := word(desk.StaffReset)
	w.clock.pass(staff.WordLasts)
	for given, why := range map[string]string{
		replaced: "another word was made for the account since this one", used: "a password was chosen with this word already",
		over: "the week in which this word could be used is over", "0000": "this is no word of that account, or it was used, or its week is over",
	} {
		for d, mend := range map[*desk.Desk]string{
			w.desk:  "the word that counts is the last one that the demonstration told where it runs; 'vardar demo' tells others, and with the password that was chosen, log in",
			earnest: "who runs the node makes another with 'vardar staff reset NAME'; with the password that was chosen, log in",
		} {
			w.clock.pass(time.Hour) // nobody guesses here
			_, _, err := d.Redeem(t.Context(), "keeper", given, "a long night at the gate")
			refused(t, err, desk.NotPermitted, why+": "+mend)
		}
	}
}

// TestAdministratorWhoIsAwayIsToldAndNotLocked: the doctor says it, with what to type.
func TestAdministratorWhoIsAwayIsToldAndNotLocked(t *testing.T) {
	w := solo(t)
	done := must(w.desk.ChangeStaff(t.Context(), desk.StaffRequest{Do: desk.StaffAdd, Name: "keeper", Role: staff.Admin}))(t)
	_, _, err := w.desk.Redeem(t.Context(), "keeper", done.Word, "a long night at the gate")
	if err != nil {
		t.Fatal(err)
	}
	if c := w.desk.KeeperCheck(t.Context()); !c.OK {
		t.Errorf("who was here just now: %+v", c)
	}
	w.clock.pass(91 * 24 * time.Hour)
	if c := w.desk.KeeperCheck(t.Context()); c.OK || c.Grave || !strings.Contains(c.Said, "keeper, who was the last administrator of") || !strings.Contains(c.Said, "91 d") || !strings.Contains(c.Mend, "'vardar staff add NAME --role admin'") {
		t.Errorf("who is away: %+v", c)
	}
	if a := must(w.desk.Enter(t.Context(), "keeper", "a long night at the gate"))(t); a.State != staff.StateActive {
		t.Errorf("comes back: %+v", a)
	}
	must(w.desk.ChangeStaff(t.Context(), desk.StaffRequest{Do: desk.StaffReset, Name: "keeper"}))(t)
	w.clock.pass(staff.WordLasts)
	if c := w.desk.KeeperCheck(t.Context()); c.OK || !strings.Contains(c.Said, "nobody who can log in is an administrator of") || !strings.Contains(c.Mend, "'vardar staff reset NAME'") {
		t.Errorf("nobody comes in: %+v", c)
	}
}

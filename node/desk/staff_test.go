package desk_test

import (
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
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

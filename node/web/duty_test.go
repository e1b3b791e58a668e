package web_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// phones are programs that write down what they are told to send, one file each.
func phones(t *testing.T, dir string) func(protocol.InstitutionID, *node.Options) {
	t.Helper()
	tee := must(exec.LookPath("tee"))(t)
	file := filepath.Join(dir, "duty.yaml")
	ok(t, os.WriteFile(file, fmt.Appendf(nil, `zone: UTC
ways:
  phone: {command: [%[1]s, -a, %[2]s/phone]}
  deputy: {command: [%[1]s, -a, %[2]s/deputy]}
rules:
  - {name: help, kinds: [request], wake: [phone], deputy: [deputy], after: 2h}
`, tee, dir), 0o600))
	return func(id protocol.InstitutionID, o *node.Options) {
		if id == centre {
			o.Duty = file
		}
	}
}

// told is what one of them was told so far.
func told(t *testing.T, dir, phone string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, phone))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return string(text)
}

// deputySleeps has two requests wake a post by its telephone, and presses what stands on the
// page of who is woken: the keeper tries the deputy's telephone, and an officer says of one
// request that it was seen. Two hours later the deputy is woken of the other alone.
func deputySleeps(t *testing.T, browser *chrome) {
	dir := t.TempDir()
	b := meet(t, phones(t, dir))
	keeper := b.centre.enter(t, browser, staff.Admin)
	keeper.open("/duty")
	keeper.press(`form[action="/duty/test"]:has(input[value=deputy]) button`)
	keeper.until(`document.querySelector("main [role=status]")?.innerText.includes("deputy")`)
	tried := told(t, dir, "deputy")
	if tried == "" || told(t, dir, "phone") != "" {
		t.Errorf("the deputy's telephone was told %q, the other %q", tried, told(t, dir, "phone"))
	}
	officer := b.centre.enter(t, browser, staff.Officer)
	officer.open("/duty")
	pass := func(d time.Duration) { // and something happens, so that the node looks at its clock
		b.clock.pass(d)
		b.centre.comes(b.gate.says(gate, "note", "text=so much later").Record)
	}
	var rows []string // of the two requests on the page
	for i := range 2 {
		asked := b.gate.says(gate, "request", fmt.Sprintf("lines.0.quantity=%d", 777+i), "lines.0.line=1", "lines.0.type=bus", "lines.0.unit=buses", "answer_by=2015-11-09T20:00:00Z", "deliver_to.place=MK-405", "deliver_to.contact.office=Duty desk")
		b.centre.comes(asked.Record)
		for eval[int](officer, `document.querySelectorAll("main form[action='/duty/seen']").length`) <= i {
			pass(6 * time.Second) // what comes within 5 is one waking
		}
		rows = append(rows, `document.querySelector("main ol.timeline > li:has(a[href='/help/`+asked.Record.String()+`'])")`)
	}
	officer.press("#" + eval[string](officer, rows[0]+".id") + ` form[action="/duty/seen"] button`)
	officer.until(rows[0] + `.innerText.includes("duty.officer")`)
	pass(2 * time.Hour)
	officer.until(rows[1] + `.innerText.includes("deputy woken")`)
	officer.until(rows[1] + `.innerText.split("deputy").length > 2`) // its message is on its way, or gone
	if eval[bool](officer, rows[0]+`.innerText.includes("deputy")`) {
		t.Errorf("the deputy is woken of what was seen: %s", eval[string](officer, rows[0]+".innerText"))
	}
	officer.until(`document.querySelectorAll("main ol.timeline > li .cut").length === 0`)
	if woken := strings.TrimPrefix(told(t, dir, "deputy"), tried); !strings.Contains(woken, "buses: 778") || strings.Contains(woken, "777") {
		t.Errorf("the deputy was told %q", woken)
	}
	keeper.calm()
	officer.calm()
}

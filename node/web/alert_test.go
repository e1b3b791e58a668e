package web_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// TestAlertIsOfferedToWhoMaySendIt: a town, whose charter lets it send none, is told at once whom to
// ask, and is led to a note where the capital is led to an alert, worded in the language of who sends it.
func TestAlertIsOfferedToWhoMaySendIt(t *testing.T) {
	b := meet(t)
	at := b.clock.Now()
	var last protocol.Name
	for day := range 15 {
		n := 5000
		if day == 14 {
			n = 100
		}
		last = b.gate.says(gate, "report", "place=MK-405", "period="+at.AddDate(0, 0, day-15).Format(time.DateOnly), fmt.Sprintf("figures.arrivals=%d", n)).Record
	}
	b.centre.comes(last)
	officer, capital := b.gate.account(staff.Officer), b.centre.account(staff.Officer)
	note, alert := `href="/note/`+last.String()+`"`, `href="/alert/new?about=`
	officer.get("/situation/alerts").wants(t, []string{"5,000 → 100", note}, "/alert/new")
	b.centre.until(func() bool { return strings.Contains(capital.get("/situation/alerts").body, alert) })
	for _, p := range []page{officer.get("/alert/new"), officer.post("/alert/new", url.Values{"info.0.event": {"Bridge shut"}})} {
		said := html.UnescapeString(p.body)
		if p.status != http.StatusUnprocessableEntity || strings.Contains(said, "info.0.event") {
			t.Errorf("a town's alert: %d\n%s", p.status, p.body)
		}
		for _, want := range []string{"the charter does not let " + string(gate) + " send an alert", "ask your region or ministry to send it"} {
			if !strings.Contains(said, want) {
				t.Errorf("a town's alert lacks %q:\n%s", want, p.body)
			}
		}
	}
	if p := capital.get("/alert/new"); p.status != http.StatusOK {
		t.Errorf("the capital's alert: %d", p.status)
	}
	for language, says := range map[string][3]string{
		"en": {"Arrivals at Gevgelija fell from 5,000 to 100", "Arrivals fell sharply", "Median of the values before: 5,000"},
		"mk": {"Пристигнати, Gevgelija: пад од 5.000 на 100", "Пристигнати: нагол пад", "Медијана на претходните вредности: 5.000"},
		"el": {"Αφίξεις, Gevgelija: μείωση από 5.000 σε 100", "Αφίξεις: απότομη μείωση", "Διάμεσος των προηγούμενων τιμών: 5.000"},
	} {
		capital.language = language
		capital.get("/alert/new?about="+last.String()).wants(t, append(says[:], `name="info.0.language" value="`+language+`"`), "arrivals")
	}
}

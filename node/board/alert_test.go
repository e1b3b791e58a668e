package board_test

import (
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol/body"
)

// alert writes a CAP message that expires after a day.
func (p *pen) alert(id string, kind body.CAPMsgType, references ...body.Body) board.Event {
	p.t.Helper()
	return p.write(capMessage(p, id, kind, references...))
}

func capMessage(p *pen, id string, kind body.CAPMsgType, references ...body.Body) *body.Alert {
	sent := day(2).Add(time.Duration(p.next[2]) * time.Minute)
	b := &body.Alert{
		Identifier: body.CAPName(id), Sender: body.CAPName(p.author), Sent: body.CAPTimeOf(sent),
		Status: body.StatusActual, MsgType: kind, Scope: body.ScopePublic,
		Info: []body.AlertInfo{{
			Category: []body.CAPCategory{"Other"}, Event: "arrivals", Urgency: "Expected", Severity: body.Severe, Certainty: "Likely",
			Expires: body.CAPTimeOf(day(3)),
		}},
	}
	for _, of := range references {
		a := of.(*body.Alert)
		if b.References != "" {
			b.References += " "
		}
		b.References += body.CAPReferences(string(a.Sender) + "," + string(a.Identifier) + "," + string(a.Sent))
	}
	return b
}

func TestAlertExpires(t *testing.T) {
	p := newPen(t, centre)
	b := newBoard(t, p.alert("1", body.MsgAlert))
	for hours, want := range map[int]board.AlertState{23: board.AlertActive, 24: board.AlertExpired} {
		if a := only(t, b.Picture(at(day(2).Add(time.Duration(hours)*time.Hour))).Alerts); a.State != want || a.Severity != body.Severe {
			t.Errorf("after %d hours the alert is %s, want %s", hours, show(a), want)
		}
	}
}

func TestAlertIsUpdatedAndCancelledByItsSenderAlone(t *testing.T) {
	p, other := newPen(t, centre), newPen(t, island)
	first := capMessage(p, "1", body.MsgAlert)
	e1 := p.write(first)
	second := capMessage(p, "2", body.MsgUpdate, first)
	e2 := p.write(second)
	e3 := p.alert("3", body.MsgCancel, second)
	foreign := other.write(func() body.Body {
		b := capMessage(other, "9", body.MsgCancel, first)
		b.Sender = first.Sender // a name in the text proves nothing
		return b
	}())
	test := capMessage(p, "4", body.MsgCancel, first)
	test.Status = "Test"
	e4 := p.write(test)

	states := func(events ...board.Event) map[string]board.AlertState {
		out := map[string]board.AlertState{}
		for _, a := range picture(t, day(2), events...).Alerts {
			out[a.Identifier] = a.State
		}
		return out
	}
	if s := states(foreign, e4, e1); s["1"] != board.AlertActive {
		t.Errorf("cancelled by a stranger or a test: %v", s)
	}
	if s := states(e2, e1); s["1"] != board.AlertUpdated || s["2"] != board.AlertActive {
		t.Errorf("after the update: %v", s)
	}
	if s := states(e3, e2, e1); s["1"] != board.AlertUpdated || s["2"] != board.AlertCancelled || s["3"] != board.AlertNone {
		t.Errorf("after the cancellation: %v", s)
	}
}

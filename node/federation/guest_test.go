package federation_test

import (
	"errors"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

func TestGuestMayJoinAndNothingElse(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	situation := say(t, n, town, "not for guests")
	arrives(t, n, capital, situation.Name)
	invited, err := n.Node(capital).Desk().Invite(t.Context(), desk.InviteRequest{Institution: "mk.southeast.newcomer", Level: body.Municipality, ValidFor: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	inv := invited.Invitation
	g := dialGuest(t, inv)
	token := protocol.TokenOf(inv.Institution, capital)
	ask := func(x protocol.Operation, question []byte) ([]byte, error) {
		ctx, cancel := contextOf(t)
		defer cancel()
		return g.Request(ctx, token.Ask(x), question)
	}
	answer, err := ask(protocol.OpRange, []byte(`{"v":1,"feed":"mk.southeast.south-gate/situation","epoch":1,"from":1,"to":9,"bodies":true}`))
	if e := protocol.ParseErrorAnswer(answer); err != nil || e == nil || e.Code != protocol.CodeNotPermitted {
		t.Errorf("a guest asks for situation reports: %s, %v", answer, err)
	}
	// Not even those of the institution that it wants to be: it has proved no link key.
	answer, err = ask(protocol.OpRange, []byte(`{"v":1,"feed":"mk.southeast.newcomer/situation","epoch":1,"from":1,"to":9,"bodies":true}`))
	if e := protocol.ParseErrorAnswer(answer); err != nil || e == nil || e.Code != protocol.CodeNotPermitted {
		t.Errorf("a guest asks for the newcomer's own reports: %s, %v", answer, err)
	}
	if answer, err = ask(protocol.OpRange, []byte(`{"v":1,"feed":"mk.southeast.south-gate/trust","epoch":1,"from":1,"to":9,"bodies":true}`)); err != nil || protocol.ParseErrorAnswer(answer) != nil {
		t.Errorf("a guest asks for a trust feed: %s, %v", answer, err)
	}
	v := turn(t, n, dir)
	frame := frameOf(t, v.writes(salted("brought by a guest", 0))...)
	answer, err = ask(protocol.OpJoin, frame)
	var a protocol.Acknowledgement
	if err = errors.Join(err, protocol.DecodeControl(answer, &a)); err != nil || len(a.Runs) != 1 || a.Runs[0].Outcome != protocol.Unwanted {
		t.Errorf("a guest brings a situation report: %s, %v", answer, err)
	}
	v.goesOn()
}

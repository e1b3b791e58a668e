package desk_test

import (
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

func TestSlipOfTheHandIsToldWhatWasMeant(t *testing.T) {
	w := market(t)
	const slip protocol.InstitutionID = "mk.southeast.demo-suoth-gate"
	meant := "did you mean " + string(gate) + "?"
	_, err := w.desk.Member(t.Context(), slip, 0)
	refused(t, err, desk.NotFound, string(slip)+" is no member of Test network: "+meant+" (try: vardar member list)")
	_, err = w.desk.Show(t.Context(), string(slip)+"/situation.1.1")
	refused(t, err, desk.NotFound, "no record "+string(slip)+"/situation.1.1 is held here: "+meant+" (try: vardar show "+string(gate)+"/situation.1.1)")
	_, err = w.desk.Show(t.Context(), string(gate)+"/situation.1.99")
	refused(t, err, desk.NotFound, "no record "+string(gate)+"/situation.1.99 is held here (try: vardar list reports)")
	must(w.desk.AddLink(t.Context(), desk.AddLinkRequest{Peer: secretary, Address: "127.0.0.1:1", Key: w.options.LinkKey}))(t)
	_, err = w.desk.LinkShow(t.Context(), "int.regional.demo-secretriat")
	refused(t, err, desk.NotFound, "there is no link with int.regional.demo-secretriat: did you mean "+string(secretary)+"?")
	_, err = w.desk.Member(t.Context(), "mk.southeast.valandovo", 0)
	refused(t, err, desk.NotFound, "mk.southeast.valandovo is no member of Test network (try: vardar member list)")
}

package staff_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// TestPasswordCostsItsGuesserWhatIsAdvised: what a node keeps that was told of no cost takes 19 MiB and two
// passes to try.
func TestPasswordCostsItsGuesserWhatIsAdvised(t *testing.T) {
	o := open(t)
	s := staff.New(staff.Options{Kept: o.store, Institutions: []protocol.InstitutionID{gate}, Clock: func() time.Time { return o.now }, Rand: rand.NewChaCha8([32]byte{1}), Vault: o.vault})
	_, word, err := s.Add(t.Context(), staff.Account{Name: "duty", Role: staff.Officer})
	if err == nil {
		_, _, err = s.Redeem(t.Context(), "duty", word, good)
	}
	if err != nil {
		t.Fatal(err)
	}
	if text, _, err := o.store.Get([]byte("account/duty")); err != nil || !strings.Contains(string(text), "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("kept is %s, %v", text, err)
	}
}

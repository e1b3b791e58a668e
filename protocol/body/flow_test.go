package body_test

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

const (
	giver protocol.InstitutionID = "int.aid.demo-relief-fund"
	taker protocol.InstitutionID = "mk.southeast.demo-south-gate"
)

func TestMoneyIsAddedExactly(t *testing.T) {
	tests := []struct {
		name string
		got  body.Sum
		want body.Sum
	}{
		{"nothing", body.SumOf(), "0"},
		{"tenths that no float holds", body.SumOf("0.1", "0.2"), "0.30"},
		{"ten-thousandths", body.SumOf("0.0001", "1"), "1.0001"},
		{"two decimals at least", body.SumOf("12500.5"), "12500.50"},
		{"more than an int64 of ten-thousandths", body.SumOf("999999999999999.9999", "999999999999999.9999"), "1999999999999999.9998"},
		{"below zero", body.SumOf("1").Minus("1.5"), "-0.50"},
		{"not below zero", body.SumOf("1").Over("1.5"), "0"},
		{"what is left", body.SumOf("100").Over("99.99"), "0.01"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.got != tt.want {
				t.Errorf("got %s, want %s", tt.got, tt.want)
			}
		})
	}
}

// TestSumsAreThoseOfFractions holds them against the library's fractions.
func TestSumsAreThoseOfFractions(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		decimal := rapid.StringMatching(`(0|[1-9][0-9]{0,14})(\.[0-9]{1,4})?`)
		a, b := decimal.Draw(rt, "a"), decimal.Draw(rt, "b")
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		for _, tt := range []struct {
			got  body.Sum
			want *big.Rat
		}{
			{body.SumOf(body.Decimal(a), body.Decimal(b)), new(big.Rat).Add(x, y)},
			{body.Sum(a).Minus(body.Sum(b)), new(big.Rat).Sub(x, y)},
		} {
			if got, ok := new(big.Rat).SetString(string(tt.got)); !ok || got.Cmp(tt.want) != 0 {
				rt.Fatalf("%s and %s give %s, want %s", a, b, tt.got, tt.want.FloatString(4))
			}
		}
		if got, want := body.Sum(a).Compare(body.Sum(b)), x.Cmp(y); got != want {
			rt.Fatalf("Compare(%s, %s) = %d, want %d", a, b, got, want)
		}
	})
}

func step(s body.FlowStep, amount body.Decimal) *body.Flow {
	f := &body.Flow{Step: s, Donor: giver, Recipient: taker, Currency: "EUR", Amount: amount}
	if s == body.FlowReport {
		f.Amount, f.Spent, f.Unspent = "", amount, "0"
	}
	return f
}

// by is who says a step.
func by(s body.FlowStep) protocol.InstitutionID {
	if s.By() == body.RecipientSide {
		return taker
	}
	return giver
}

func TestFlowsMoveAsTheRulesSay(t *testing.T) {
	type said struct {
		step   body.FlowStep
		amount body.Decimal
	}
	tests := []struct {
		name  string
		first []said
		last  said
		want  string // of the error; empty: it counts
	}{
		{"a commitment after a pledge", []said{{body.FlowPledge, "100"}}, said{body.FlowCommit, "60"}, ""},
		{"a commitment nobody pledged", nil, said{body.FlowCommit, "60"}, ""},
		{"a payment of part", []said{{body.FlowCommit, "60"}}, said{body.FlowPay, "59.99"}, ""},
		{"a receipt before the donor says that it paid", []said{{body.FlowCommit, "60"}}, said{body.FlowReceive, "60"}, ""},
		{"a payment of what is only pledged", []said{{body.FlowPledge, "100"}}, said{body.FlowPay, "1"}, "0 EUR are committed"},
		{"a payment beyond what is committed", []said{{body.FlowCommit, "60"}, {body.FlowPay, "50"}}, said{body.FlowPay, "10.01"}, "10 EUR are committed and not yet paid, and this would pay 10.01"},
		{"a report before anything came", []said{{body.FlowCommit, "60"}}, said{body.FlowReport, "0"}, "0 EUR are received"},
		{"a report of more than came", []said{{body.FlowReceive, "60"}}, said{body.FlowReport, "60.0001"}, "60 EUR are received"},
		{"a cancellation of what is not paid", []said{{body.FlowCommit, "60"}, {body.FlowPay, "50"}}, said{body.FlowCancel, ""}, ""},
		{"a cancellation of nothing", []said{{body.FlowCommit, "60"}, {body.FlowPay, "60"}}, said{body.FlowCancel, ""}, "nothing is left"},
		{"a commitment after a cancellation", []said{{body.FlowCommit, "60"}, {body.FlowCancel, ""}}, said{body.FlowCommit, "60"}, "cancelled"},
		{"a payment after a cancellation", []said{{body.FlowCommit, "60"}, {body.FlowCancel, ""}}, said{body.FlowPay, "1"}, "0 EUR"},
		{"a receipt after a cancellation", []said{{body.FlowCommit, "60"}, {body.FlowCancel, ""}}, said{body.FlowReceive, "60"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var book body.FlowBook
			for _, s := range tt.first {
				if err := book.Take(by(s.step), step(s.step, s.amount)); err != nil {
					t.Fatal(err)
				}
			}
			before := book
			err := book.Take(by(tt.last.step), step(tt.last.step, tt.last.amount))
			if tt.want == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) || !errors.Is(err, body.ErrStepState) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if book != before {
				t.Errorf("a refused step changed the book: %+v", book)
			}
		})
	}
}

func TestStepsAreForTheirOwnSide(t *testing.T) {
	for _, s := range body.FlowSteps() {
		for _, author := range []protocol.InstitutionID{giver, taker, "rs.pcinjski.demo-south-valley"} {
			book := body.FlowBook{Donor: giver, Recipient: taker, Currency: "EUR", Committed: "100", Received: "100"}
			err := book.Take(author, step(s, "1"))
			if own := author == by(s); own != (err == nil) || !own && !errors.Is(err, body.ErrStepRole) {
				t.Errorf("%s by %s: %v", s, author, err)
			}
		}
	}
	for name, change := range map[string]func(*body.Flow){
		"another donor":     func(f *body.Flow) { f.Donor = "rs.pcinjski.demo-south-valley" },
		"another recipient": func(f *body.Flow) { f.Recipient = "rs.pcinjski.demo-south-valley" },
		"another currency":  func(f *body.Flow) { f.Currency = "MKD" },
	} {
		book := body.FlowBook{Donor: giver, Recipient: taker, Currency: "EUR", Committed: "100"}
		f := step(body.FlowCommit, "1")
		change(f)
		if err := book.Take(f.Donor, f); err == nil || !strings.Contains(err.Error(), "another donor, recipient or currency") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheTwoSidesAreCompared(t *testing.T) {
	tests := []struct {
		book  body.FlowBook
		want  body.Reconciliation
		state body.FlowState
	}{
		{body.FlowBook{Pledged: "100"}, body.DonorAlone, body.FlowPledged},
		{body.FlowBook{Committed: "100"}, body.DonorAlone, body.FlowCommitted},
		{body.FlowBook{Committed: "100", Paid: "60"}, body.DonorAlone, body.FlowPartlyPaid},
		{body.FlowBook{Committed: "100", Paid: "100.00"}, body.DonorAlone, body.FlowPaid},
		{body.FlowBook{Received: "100"}, body.RecipientOnly, body.FlowReceived},
		{body.FlowBook{Committed: "100", Paid: "100", Received: "99.99"}, body.SidesDiffer, body.FlowReceived},
		{body.FlowBook{Committed: "100", Received: "100"}, body.SidesDiffer, body.FlowReceived},
		{body.FlowBook{Committed: "100", Paid: "60", Received: "60.00"}, body.Reconciled, body.FlowReceived},
		{body.FlowBook{Committed: "100", Paid: "100", Received: "100", Reported: true}, body.Reconciled, body.FlowReported},
		{body.FlowBook{Cancelled: true, TakenBack: "100"}, body.DonorAlone, body.FlowCancelled},
	}
	for _, tt := range tests {
		if got := tt.book.Reconciliation(); got != tt.want {
			t.Errorf("%+v is %s, want %s", tt.book, got, tt.want)
		}
		if got := tt.book.State(); got != tt.state {
			t.Errorf("%+v is %s, want %s", tt.book, got, tt.state)
		}
	}
}

func TestEveryTypeHasAShortNameOfItsOwn(t *testing.T) {
	shared := map[string]bool{"note": true, "correction": true, "acknowledgement": true, "erasure": true, "endorsement": true}
	seen := map[string]string{}
	for _, typ := range body.Types() {
		name := body.ShortName(typ)
		if other, twice := seen[name]; twice && !shared[name] {
			t.Errorf("%s and %s are both called %s", other, typ, name)
		}
		seen[name] = typ
	}
	if body.ShortName(body.FlowReport.Type()) != "report-flow" || body.ShortName(body.TypeReport) != "report" || body.ShortName("weather") != "weather" {
		t.Error("a report on funds is called as a situation report is")
	}
}

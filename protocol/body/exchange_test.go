package body_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/protocol/body"
)

func TestLinesMoveAsTheTableSays(t *testing.T) {
	tests := []struct {
		name string
		from body.LineState
		step body.Step
		by   body.Role
		to   body.LineState
		rule error
	}{
		{"a request opens a line", body.NotBegun, body.StepRequest, body.Requester, body.Requested, nil},
		{"a provider offers what was asked for", body.Requested, body.StepOffer, body.Provider, body.Offered, nil},
		{"a provider offers what nobody asked for", body.NotBegun, body.StepOffer, body.Provider, body.Offered, nil},
		{"the requester orders what was offered", body.Offered, body.StepAccept, body.Requester, body.Ordered, nil},
		{"the requester declines an offer", body.Offered, body.StepDecline, body.Requester, body.Declined, nil},
		{"the provider declines a request", body.Requested, body.StepDecline, body.Provider, body.Declined, nil},
		{"the provider declines an order", body.Ordered, body.StepDecline, body.Provider, body.Declined, nil},
		{"the provider commits what was ordered", body.Ordered, body.StepCommit, body.Provider, body.Committed, nil},
		{"the provider commits what was requested, without an offer", body.Requested, body.StepCommit, body.Provider, body.Committed, nil},

		{"the requester cancels what is not committed", body.Ordered, body.StepCancel, body.Requester, body.Cancelled, nil},
		{"a provider takes its offer back", body.Offered, body.StepCancel, body.Provider, body.Cancelled, nil},
		{"a provider cancels no request", body.Requested, body.StepCancel, body.Provider, 0, body.ErrStepState},
		{"nobody cancels what is committed", body.Committed, body.StepCancel, body.Requester, 0, body.ErrStepState},

		{"nobody requests a line twice", body.Requested, body.StepRequest, body.Requester, 0, body.ErrStepState},
		{"nobody accepts what was not offered", body.Requested, body.StepAccept, body.Requester, 0, body.ErrStepState},
		{"nobody accepts twice", body.Ordered, body.StepAccept, body.Requester, 0, body.ErrStepState},
		{"nobody commits an offer that was not accepted", body.Offered, body.StepCommit, body.Provider, 0, body.ErrStepState},
		{"nobody takes back a commitment by declining", body.Committed, body.StepDecline, body.Provider, 0, body.ErrStepState},
		{"the provider does not decline its own offer", body.Offered, body.StepDecline, body.Provider, 0, body.ErrStepState},
		{"the requester does not decline its own request", body.Requested, body.StepDecline, body.Requester, 0, body.ErrStepState},
		{"what was declined stays declined", body.Declined, body.StepCommit, body.Provider, 0, body.ErrStepState},
		{"what was cancelled is not offered", body.Cancelled, body.StepOffer, body.Provider, 0, body.ErrStepState},
		{"a provider does not accept its own offer", body.Offered, body.StepAccept, body.Provider, 0, body.ErrStepRole},
		{"a requester does not commit", body.Ordered, body.StepCommit, body.Requester, 0, body.ErrStepRole},
		{"a requester does not offer to itself", body.Requested, body.StepOffer, body.Requester, 0, body.ErrStepRole},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := body.NextState(tt.from, tt.step, tt.by)
			want := tt.to
			if tt.rule != nil {
				want = tt.from
			}
			if !errors.Is(err, tt.rule) || got != want {
				t.Errorf("NextState(%s, %s, %s) = %s, %v, want %s, %v", tt.from, tt.step, tt.by, got, err, want, tt.rule)
			}
			if allowed := body.Allowed(tt.step, tt.from, tt.by); !errors.Is(allowed, tt.rule) {
				t.Errorf("Allowed() = %v, want %v", allowed, tt.rule)
			}
		})
	}
}

func TestEveryMoveNotInTheTableIsRefused(t *testing.T) {
	allowed := 0
	for from := body.NotBegun; from <= body.Cancelled; from++ {
		for _, step := range body.Steps() {
			for _, by := range []body.Role{body.Requester, body.Provider} {
				to, err := body.NextState(from, step, by)
				if err == nil {
					allowed++
					if !from.Open() {
						t.Errorf("%s by the %s leads from %s, which is closed, to %s", step, by, from, to)
					}
				}
			}
		}
	}
	if allowed != 14 {
		t.Errorf("%d moves are allowed, want the 14 of the table", allowed)
	}
}

// TestWhatIsCommittedMovesAsTheTableSays: from where, by whom, to where; every other way there
// is the other side's, or nobody's.
func TestWhatIsCommittedMovesAsTheTableSays(t *testing.T) {
	const requester, provider = body.Requester, body.Provider
	tests := map[string]string{
		"status by the provider to in transit":      "committed",
		"status by the provider to deployed":        "in transit, committed",
		"status by the requester to deployed":       "in transit, committed",
		"status by the requester to returning":      "released, deployed",
		"status by the requester to returned":       "returning, released, deployed",
		"ask_status by the requester":               "deployed, in transit, committed",
		"ask_status by the provider":                "returned, returning, released, deployed, in transit, committed",
		"extend by the requester":                   "deployed",
		"extend_reply by the provider":              "deployed",
		"recall by the provider":                    "deployed",
		"recall_reply by the requester":             "deployed",
		"recall_reply by the requester to released": "deployed",
		"release by the requester":                  "deployed",
		"release by the requester to released":      "deployed",
		"returned by the provider":                  "returned, returning, released",
		"returned by the provider to closed":        "returned, returning, released",
		"consumed by the requester":                 "deployed",
		"consumed by the requester to closed":       "deployed",
		"status by the provider":                    "committed",
		"status by the requester":                   "in transit, committed",
	}
	for _, step := range body.Steps() {
		for _, by := range []body.Role{requester, provider} {
			for to := body.LineState(0); to <= body.Cancelled; to++ {
				name := step.String() + " by the " + by.String()
				if to != 0 {
					name += " to " + to.String()
				}
				from, err := body.Sources(step, by, to)
				var words []string
				for _, s := range from {
					words = append(words, s.String())
				}
				if got := strings.Join(words, ", "); got != tests[name] || (err == nil) != (got != "") || err != nil && !errors.Is(err, body.ErrStepRole) {
					t.Errorf("%s: from %q, %v, want %q", name, got, err, tests[name])
				}
			}
		}
	}
}

// TestEachStepIsAMessageOfEDXLRM: by the table of domain.md §4.
func TestEachStepIsAMessageOfEDXLRM(t *testing.T) {
	want := map[body.Step]int{
		body.StepRequest: 1, body.StepOffer: 2, body.StepAccept: 3, body.StepCommit: 4, body.StepDecline: 2, body.StepStatus: 14,
		body.StepAskStatus: 13, body.StepExtend: 15, body.StepExtendReply: 16, body.StepRecall: 9, body.StepRecallReply: 10,
		body.StepRelease: 8, body.StepReturned: 14, body.StepConsumed: 14,
	}
	for _, step := range body.Steps() {
		if got, ok := step.RM(body.Provider, body.StepRequest); got.Number != want[step] || ok != (want[step] > 0) {
			t.Errorf("%s is message %d %s, want %d", step, got.Number, got.Name, want[step])
		}
	}
	if got, _ := body.StepOffer.RM(body.Provider, 0); got.Number != 7 {
		t.Errorf("an offer that nobody asked for is message %d, want 7", got.Number)
	}
	if got, _ := body.StepDecline.RM(body.Provider, body.StepAccept); got.Number != 4 {
		t.Errorf("an order that is declined is message %d, want 4", got.Number)
	}
	if _, ok := body.StepDecline.RM(body.Requester, body.StepOffer); ok {
		t.Error("EDXL-RM has a message for a decline by the requester")
	}
}

func TestTheStepTellsTheRoleUnlessItIsEithers(t *testing.T) {
	for step, want := range map[body.Step]body.Role{
		body.StepRequest: body.Requester, body.StepOffer: body.Provider, body.StepAccept: body.Requester,
		body.StepDecline: 0, body.StepCommit: body.Provider, body.StepCancel: 0, body.StepStatus: 0, body.StepAskStatus: 0,
		body.StepExtend: body.Requester, body.StepExtendReply: body.Provider, body.StepRecall: body.Provider,
		body.StepRecallReply: body.Requester, body.StepRelease: body.Requester, body.StepReturned: body.Provider, body.StepConsumed: body.Requester,
	} {
		if got, ok := body.RoleIn(step); got != want || ok != (want != 0) {
			t.Errorf("RoleIn(%s) = %s, %v, want %s", step, got, ok, want)
		}
	}
}

func TestNoMoreIsCommittedThanOrdered(t *testing.T) {
	tests := []struct {
		name                     string
		ordered, committed, more body.Positive
		rule                     error
	}{
		{"a part", 300, 0, 100, nil},
		{"the rest", 300, 100, 200, nil},
		{"one too many", 300, 100, 201, body.ErrOverCommitted},
		{"more than was ever ordered", 300, 0, 301, body.ErrOverCommitted},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := body.CheckCommitted(tt.ordered, tt.committed, tt.more); !errors.Is(err, tt.rule) {
				t.Errorf("CheckCommitted() = %v, want %v", err, tt.rule)
			}
		})
	}
}

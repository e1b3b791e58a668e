package body_test

import (
	"errors"
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
	if allowed != 9 {
		t.Errorf("%d moves are allowed, want the 9 of the table", allowed)
	}
}

func TestTheStepTellsTheRoleButForADecline(t *testing.T) {
	for step, want := range map[body.Step]body.Role{
		body.StepRequest: body.Requester, body.StepOffer: body.Provider, body.StepAccept: body.Requester,
		body.StepDecline: 0, body.StepCommit: body.Provider,
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

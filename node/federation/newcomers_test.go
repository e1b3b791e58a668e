package federation_test

import (
	"slices"
	"testing"
	"time"
)

// Who is invited, joins, and is put out while lines are cut, step by step: each schedule meets
// the hard cases that it is for, and when all is healed every invariant holds.
func TestNewcomersOverCutLines(t *testing.T) {
	t.Parallel()
	cut := func(who int) []step { // every line that a node has at first
		return []step{{cutLine, who, 0, 0}, {cutLine, who, 0, 1}, {cutLine, who, 0, 2}}
	}
	const first, second = 0, 1
	const apart = invitees // see steals
	for name, c := range map[string]struct {
		steps []step
		saw   []hard
	}{
		"one joins at a town while the registrar is cut off": {
			append(append([]step{{inviteGuest, 0, 0, first}, {joinGuest, 0, 0, second}}, cut(3)...), step{joinGuest, 0, 2, first}), []hard{sawJoinedApart},
		},
		"a handshake breaks off again and again": {
			[]step{{inviteGuest, 0, 0, first}, {joinGuest, 0, 0, first + 1*invitees}, {inviteGuest, 0, 0, second}, {joinGuest, 0, 0, second + 3*invitees}}, []hard{sawHandshakeCut},
		},
		"a handshake breaks off, and the registrar's feed is forked": {
			[]step{{forkRegistrar, 3, 0, 1}, {inviteGuest, 0, 0, first}, {joinGuest, 0, 3, first + 6*invitees}}, nil,
		},
		"an invitation is taken twice": {
			[]step{{inviteGuest, 0, 0, first}, {stealSeat, 0, 2, first + apart}, {inviteGuest, 0, 0, second}, {joinGuest, 0, 0, second}, {stealSeat, 0, 0, second}}, []hard{sawSeatTwice, sawUsedRefused},
		},
		"an invitation is taken twice, and taken back": {
			[]step{{inviteGuest, 0, 0, first}, {stealSeat, 0, 2, first + apart}, {takeBack, 0, 0, first}}, nil,
		},
		"an invitation is taken back by another, and one altogether": {
			[]step{
				{inviteGuest, 0, 0, first},
				{inviteGuest, 0, 0, first},
				{stealSeat, 0, 0, first},
				{joinGuest, 0, 0, first},
				{inviteGuest, 0, 0, second},
				{takeBack, 0, 0, second},
				{stealSeat, 0, 0, second},
				{joinGuest, 0, 0, second},
			}, []hard{sawTakenBackRefused},
		},
		"one is put out while its host has not heard of it": {
			append(append([]step{{inviteGuest, 0, 0, first}, {publish, 0, 0, 1}}, cut(2)...), step{takeBack, 0, 0, first}, step{joinGuest, 0, 2, first}), nil,
		},
		"the charter is amended on both sides of a cut": {
			append(append([]step{{amendCharter, 0, 0, 1}, {publish, 0, 0, 3}}, cut(2)...), step{amendCharter, 0, 0, 2}, step{amendCharter, 2, 0, 3}, step{inviteGuest, 0, 0, first}),
			[]hard{sawCharterRivals},
		},
		"the charter is amended, and somebody comes in": {
			[]step{{inviteGuest, 0, 0, first}, {amendCharter, 3, 0, 1}, {joinGuest, 0, 2, first}}, []hard{sawLaterCharter},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			unseen := c.saw
			for tries := 0; tries == 0 || len(unseen) > 0 && tries < 5; tries++ { // a cut may come before what was said crossed
				saw, err := perform(t, schedule{seed: 1, nodes: 5, lines: [][2]int{{2, 3}, {3, 4}}, steps: c.steps, bound: 2 * time.Minute})
				if err != nil {
					t.Fatal(err)
				}
				unseen = slices.DeleteFunc(slices.Clone(unseen), func(h hard) bool { return saw[h] > 0 })
			}
			for _, h := range unseen {
				t.Errorf("never seen: %s", h)
			}
		})
	}
}

package body_test

import (
	"strings"
	"testing"

	"github.com/vardar-network/vardar/protocol/body"
)

// TestWordOfNoListIsAskedBackByTheNearest: who writes nearly a word of a closed list reads
// first which was meant, and no other where none is near.
func TestWordOfNoListIsAskedBackByTheNearest(t *testing.T) {
	var (
		resource body.ResourceType
		severity body.Severity
		level    body.Level
	)
	for _, tt := range []struct {
		word string
		into interface{ UnmarshalText([]byte) error }
		want string
	}{
		{"beds", &resource, `"beds": did you mean bed_place? want one of bed_place, tent, `},
		{"Tents", &resource, `"Tents": did you mean tent? want one of`},
		{"medicine", &resource, `"medicine": did you mean medicine_kit? want one of`},
		{"foo", &severity, `"foo": want one of Extreme, Severe, `},
		{"helicopter", &resource, `"helicopter": want one of bed_place, tent, `},
		{"severe", &severity, `"severe": did you mean Severe? want one of Extreme, Severe, `},
		{"bad", &severity, `"bad": want one of Extreme, Severe, `},
		{"municipal", &level, `"municipal": did you mean municipality? want one of municipality, region`},
	} {
		t.Run(tt.word, func(t *testing.T) {
			err := tt.into.UnmarshalText([]byte(tt.word))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

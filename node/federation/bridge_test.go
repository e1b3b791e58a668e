package federation_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/federation"
)

func TestProofStoryOfTheBridgeHolds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // a bound on hanging
	defer cancel()
	var out bytes.Buffer
	report, err := federation.DemoBridge(ctx, federation.TrustOptions{Out: &out})
	if err != nil {
		t.Fatal(err)
	}
	want := [][2]string{
		{"agreed on both sides", "which counted once islands-desk (gr) had approved it"},
		{"help across", "committed 200 of its 250: 200 are unmet"},
		{"cut and caught up", "3 records of south-gate (mk) and 3 of northern-town (gr)"},
		{"no power across", "refused to put south-gate (mk) out"},
	}
	if len(report.Scenes) != len(want) {
		t.Fatalf("scenes are %+v", report.Scenes)
	}
	for i, s := range report.Scenes {
		if s.Name != want[i][0] || !s.OK || !strings.Contains(s.Detail, want[i][1]) {
			t.Errorf("scene is %+v, want %v", s, want[i])
		}
	}
	if !report.OK || !strings.Contains(out.String(), "what crosses a border") || !strings.Contains(out.String(), "Every scene held.") {
		t.Errorf("ok is %t, and told is\n%s", report.OK, &out)
	}
}

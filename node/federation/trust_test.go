package federation_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/federation"
)

func TestProofStoryOfTrustHolds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // a bound on hanging
	defer cancel()
	var out bytes.Buffer
	report, err := federation.DemoTrust(ctx, federation.TrustOptions{Out: &out})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"joined", "closed", "rotated", "fork found and closed", "clone found", "restored in isolation", "rival charter stopped", "lost key recovered",
	}
	if len(report.Scenes) != len(want) {
		t.Fatalf("scenes are %+v", report.Scenes)
	}
	for i, s := range report.Scenes {
		if s.Name != want[i] || !s.OK || s.Detail == "" {
			t.Errorf("scene is %+v, want %s", s, want[i])
		}
	}
	if !report.OK || !strings.Contains(out.String(), "Every scene held.") {
		t.Errorf("ok is %t, and told is\n%s", report.OK, &out)
	}
}

func TestSceneThatFailsIsToldAndSpoilsNoOther(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // a bound on hanging
	defer cancel()
	var out bytes.Buffer
	report, err := federation.DemoTrust(ctx, federation.TrustOptions{Out: &out, Began: func(scene, dir string) {
		if scene != "rotated" {
			return
		}
		if err := os.WriteFile(dir, nil, 0o600); err != nil { // no node can be made there
			t.Error(err)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range report.Scenes {
		if s.OK != (s.Name != "rotated") {
			t.Errorf("scene is %+v", s)
		}
	}
	if report.OK || !strings.Contains(out.String(), "NOT PROVED") || strings.Contains(out.String(), "Every scene held") {
		t.Errorf("ok is %t, and told is\n%s", report.OK, &out)
	}
}

func TestFalseClaimIsNotProved(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // a bound on hanging
	defer cancel()
	var out bytes.Buffer
	report, err := federation.TellLie(ctx, federation.TrustOptions{Out: &out})
	if err != nil || len(report.Scenes) != 2 {
		t.Fatalf("report is %+v, %v", report, err)
	}
	lie, truth := report.Scenes[0], report.Scenes[1]
	if report.OK || lie.OK || !strings.Contains(lie.Detail, "as void") || !truth.OK {
		t.Errorf("ok is %t of %+v", report.OK, report.Scenes)
	}
	if !strings.Contains(out.String(), "NOT HELD") || !strings.Contains(out.String(), "NOT PROVED") {
		t.Errorf("told is\n%s", &out)
	}
}

func TestProofStoryStopsWhenTold(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if report, err := federation.DemoTrust(ctx, federation.TrustOptions{Out: &bytes.Buffer{}}); err == nil || report.OK {
		t.Errorf("report is %+v, %v, want that it was interrupted", report, err)
	}
}

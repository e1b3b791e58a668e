package main

import (
	"context"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/federation"
)

// TestMain makes the test binary serve as vardar too: scripts run it as a process of its
// own, which is what a person runs but for a few things that only a test may set.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"vardar": vardar})
}

func vardar() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	now := time.Now
	if skew, err := time.ParseDuration(os.Getenv("TEST_CLOCK_SKEW")); err == nil {
		now = func() time.Time { return time.Now().Add(skew) } // a clock that is set wrong
	}
	code := execute(ctx, world{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, now: now,
		terminal: os.Getenv("TEST_TERMINAL") != "", // somebody sits there
		screen:   os.Getenv("TEST_SCREEN") != "",   // and looks
		work:     10,                               // scrypt was half of what the scripts took
	}, os.Args[1:])
	os.Exit(code)
}

// TestScripts runs every script in testdata/script.
func TestScripts(t *testing.T) {
	testscript.Run(t, params("testdata/script"))
}

// TestSceneThatDoesNotHoldEndsWithItsExitCode: a program reads the code before the text.
func TestSceneThatDoesNotHoldEndsWithItsExitCode(t *testing.T) {
	scenes := []federation.TrustScene{{Name: "joined", OK: true}, {Name: "fork found", Detail: "nobody shows it"}}
	a := &app{output: text}
	p := a.problem(proofProblem(federation.TrustStory, federation.TrustReport{Scenes: scenes}))
	if exitCode(p.Kind) != codeCheckFound || p.Detail != "fork found: nobody shows it" || p.Next == "" {
		t.Errorf("problem is %+v", p)
	}
	if err := proofProblem(federation.TrustStory, federation.TrustReport{OK: true, Scenes: scenes[:1]}); err != nil {
		t.Errorf("every scene held: %v", err)
	}
}

// TestProblemMovesNoCursor: what is said of a file holds bytes of the file.
func TestProblemMovesNoCursor(t *testing.T) {
	var said strings.Builder
	a := &app{world: world{err: &said}, output: text}
	a.tell(&api.Problem{Kind: api.Damaged, Detail: "read \x1b[2J\x07\x9b31m: first\nsecond \u202e", Next: "vardar verify \x1b]0;x\x07"})
	if strings.ContainsAny(said.String(), "\x00\x07\x1b\u009b\u202e") || strings.Contains(said.String(), "\x9b") {
		t.Errorf("a terminal is told %q", said.String())
	}
	if strings.Count(said.String(), "\n") != 3 {
		t.Errorf("%q, want three lines", said.String())
	}
}

// TestDocumentedExitCodesAreTheSwitch holds the help's table against the switch.
func TestDocumentedExitCodesAreTheSwitch(t *testing.T) {
	words := map[int]string{codeFailed: "failed", codeUsage: "usage", codeNotFound: "not found", codeRefused: "refused", codeNotPermitted: "not permitted", codeNoLine: "no node or line", codeDamaged: "damaged", codeCheckFound: "a check found something"}
	help := strings.Join(strings.Fields(exitCodesHelp), " ")
	for code, word := range words {
		if want := string(rune('0'+code)) + " " + word; !strings.Contains(help, want) {
			t.Errorf("the help does not say %q", want)
		}
	}
}

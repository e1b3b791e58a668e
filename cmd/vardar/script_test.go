package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
)

// params are the commands that scripts have besides vardar and those of testscript.
func params(dir string) testscript.Params {
	golden, err := filepath.Abs(filepath.Join("testdata", "golden"))
	return testscript.Params{
		Dir: dir, RequireExplicitExec: false, RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("TZ", "UTC")
			e.Setenv("GOLDEN", golden)
			e.Setenv("HOME", e.WorkDir)
			return err
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits, "golden": compareGolden, "port": freePort, "fill": fill, "flip": flip, "cut": cut, "save": save, "patch": patchText, "until": until, "witness": witness, "posts": posts,
		},
	}
}

// exits CODE ARGS... runs vardar and wants exactly this exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	if err != nil || neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE vardar ARGS...")
	}
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if err != nil {
		var ended interface{ ExitCode() int }
		var ok bool
		if ended, ok = err.(interface{ ExitCode() int }); !ok {
			ts.Fatalf("%v", err)
		}
		got = ended.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
	if said := ts.ReadFile("stderr"); got != 0 && !strings.Contains(said, "try: vardar") && !strings.Contains(said, `"next":"vardar`) && !strings.Contains(said, "try: ls") {
		ts.Fatalf("the error names no next command")
	}
}

// compareGolden NAME compares what was printed last with testdata/golden/NAME.
func compareGolden(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: golden NAME")
	}
	path := filepath.Join(ts.Getenv("GOLDEN"), args[0])
	got := plain(ts.ReadFile("stdout"))
	if *update {
		ts.Check(os.WriteFile(path, []byte(got), 0o644)) //nolint:gosec // part of the repository
		return
	}
	want, err := os.ReadFile(path)
	ts.Check(err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		ts.Fatalf("%s (-want +got), rewritten by -update:\n%s", args[0], diff)
	}
}

// plain puts words in the place of what differs from run to run.
func plain(s string) string {
	for _, r := range [][2]string{
		{`vardar1\.[A-Za-z0-9_-]+\.[0-9a-f]{8}`, "INVITATION"},
		{`(?m)^  (vardar1\.)?[A-Za-z0-9_.-]{20,}$`, "  PIECE OF THE LINE"},
		{`(?m)^  ([a-z-]{3,5}  ){5}[a-z-]{3,5}$`, "  SIX CHECK WORDS"},
		{`"check_words": \[[^\]]*\]`, `"check_words": []`},
		{`\b[0-9a-z]{4}(-[0-9a-z]{4}){3}((-[0-9a-z]{4}){2})?\b`, "WORD"},
		{`sha-256:[0-9a-f]{64}`, "DIGEST"},
		{`sha-256=:[A-Za-z0-9+/]{43}=:`, "DIGEST"},
		{`key [0-9a-f]{16}…`, "key SHORT…"},
		{`[0-9a-f]{64}`, "KEY"},
		{`age1[0-9a-z]{20,}`, "RECIPIENT"},
		{`"charter": "[A-Za-z0-9+/=]{200,}"`, `"charter": "CHARTER"`},
		{`[A-Za-z0-9+/]{86}==`, "SIGNATURE"},
		{`whsec_[A-Za-z0-9+/]{43}=`, "SECRET"},
		{`[A-Za-z0-9+/]{22}==`, "SALT"},
		{`"(token|incarnation)": "[^"]+"`, `"$1": "ID"`},
		{`(gevgelija|crisis-centre|valandovo)\.20[2-9]\d{5}T\d{6}\.\d{3}`, "$1.TIME"},
		{`20[2-9]\d-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|-00:00)?`, "TIME"},
		{`20[2-9]\d-\d\d-\d\d`, "DAY"},
		{`127\.0\.0\.1:\d+`, "ADDRESS"},
		{`/[^" ]+/stick`, "STICK"},
		{`-\d{8}T\d{6}\.\d{3}Z\.backup`, "-TIME.backup"},
		{`\(go[0-9.]+, [a-z]+/[a-z0-9]+\)`, "(GO, PLATFORM)"},
		{`(?m)^(TIME,[a-z.-]+),\d+,`, "$1,SOME,"}, // a backup's size follows how writes shared transactions
		{`\d+ s (old|ago)`, "LITTLE $1"},
		{`\d+ % is free`, "SOME % is free"},
		{`clock is -?[0-9.]+m?s`, "clock is LITTLE"},
		{`answered in [0-9.]+(µs|ms|s)`, "answered in LITTLE"},
		{`recorded; \d of (\d) peers`, "recorded; SOME of $1 peers"}, // they may have it before the answer is made
		{`("peers": \{\s+"have": \[)[^\]]*\]`, "$1]"},
		{`"(age_hours|skew_ms|waited|caught_up_ms|bytes|free_bytes|total_bytes|foreign_below_bytes|indexed|records|heard|waiting|accepted|known|published|parked|unwanted|rate|window)": -?\d+`, `"$1": 0`},
		{`\n *"outcomes": \{[^}]*\},`, ""},
		{`\n *"heard": ("TIME"|0),`, ""},
		{`(?m)^([a-z]{2}\.[a-z.-]+(?:,[^",\n]*)*),TIME$`, "$1,"}, // a member that was heard of meanwhile
		{`(?m)^([a-z.-]+,up,TIME,\d+),\d,`, "$1,1,"},
		{`"seconds": [0-9.]+`, `"seconds": 0`},
		{`"(median|min|max|ours|peer)": [0-9.e+-]+`, `"$1": 0`},
		{`"(cores|memory_mib)": \d+`, `"$1": 0`},
		{`"(system|file_system)": "[^"]+"`, `"$1": "MACHINE"`},
		{`"met": (true|false)`, `"met": true`},
		{`"(number|policy|proposed)": [1-9]`, `"$1": 1`},
		{`"(settled)": (true|false)`, `"$1": true`},
		{`vardar_[A-Za-z0-9_-]{43}`, "SECRET"},
		{`"id":"\d+-`, `"id":"1-`},
		{`"software": "[^"]+"`, `"software": "VARDAR"`},
		{`"(revision|go|platform|version)": "[^"]+"`, `"$1": "BUILD"`},
	} {
		s = regexp.MustCompile(r[0]).ReplaceAllString(s, r[1])
	}
	return s
}

// freePort NAME... sets variables to addresses on which nobody listens.
func freePort(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		address, err := unusedAddress(context.Background())
		ts.Check(err)
		ts.Setenv(name, address)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	address, err := unusedAddress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// lastPort is the port that was given out last.
var lastPort atomic.Int32

// unusedAddress gives an address of loopback on which nobody listens, another one at each
// call. Its port lies below those that systems give to whoever calls out, so that none of
// the connections made meanwhile takes it before it is listened on.
func unusedAddress(ctx context.Context) (string, error) {
	const first, count = 12_000, 20_000
	lastPort.CompareAndSwap(0, int32(os.Getpid()%count)) //nolint:gosec // less than count
	for range count {
		address := fmt.Sprintf("127.0.0.1:%d", first+lastPort.Add(1)%count)
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
		if err == nil {
			return address, l.Close()
		}
	}
	return "", errors.New("every port from 12000 to 31999 is taken")
}

// fill FILE BYTES writes a report whose summary is so long.
func fill(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	text := fmt.Sprintf(`{"summary":%q}`, strings.Repeat("x", n))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// flip FILE AT flips one bit of the byte at an offset, counted from the end if negative.
func flip(ts *testscript.TestScript, _ bool, args []string) {
	change(ts, args, func(b []byte, at int) []byte { b[at] ^= 1; return b })
}

// cut FILE AT cuts a file off there.
func cut(ts *testscript.TestScript, _ bool, args []string) {
	change(ts, args, func(b []byte, at int) []byte { return b[:at] })
}

func change(ts *testscript.TestScript, args []string, edit func(b []byte, at int) []byte) {
	path := ts.MkAbs(args[0])
	b, err := os.ReadFile(path)
	ts.Check(err)
	at, err := strconv.Atoi(args[1])
	ts.Check(err)
	if at < 0 {
		at += len(b)
	}
	ts.Check(os.WriteFile(path, edit(b, at), 0o600))
}

// save NAME sets a variable to what was printed last.
func save(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile("stdout")))
}

// posts ADDRESS TOKEN PATH JSON asks the API of a node as a program does, and wants it done.
func posts(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: posts ADDRESS TOKEN PATH JSON")
	}
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://"+args[0]+args[2], strings.NewReader(args[3]))
	ts.Check(err)
	r.Header.Set("Authorization", "Bearer "+args[1])
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	ts.Check(err)
	defer func() { _ = resp.Body.Close() }()
	if text, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		ts.Fatalf("%d %s %v", resp.StatusCode, text, err)
	}
}

// patchText FILE OLD NEW changes the first OLD of a file, which must be there.
func patchText(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	b, err := os.ReadFile(path)
	ts.Check(err)
	if !strings.Contains(string(b), args[1]) {
		ts.Fatalf("%s has no %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(path, []byte(strings.Replace(string(b), args[1], args[2], 1)), 0o600))
}

var update = flag.Bool("update", false, "rewrite the golden files")

func TestPlainKeepsWhatTheReplayedDaysSay(t *testing.T) {
	for _, s := range []string{`2015-11-05T00:00:00Z, figures 960`, "single\nfields, such as place=MK-405,\nfigures.arrivals=960"} {
		if got := plain(s); got != s {
			t.Errorf("plain(%q) = %q", s, got)
		}
	}
}

// until 'COMMAND ARGS' PATTERN runs a command again and again until it prints what is
// wanted. One that never does fails, so that its last words are seen.
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: until 'COMMAND ARGS' PATTERN")
	}
	words, want := strings.Fields(args[0]), regexp.MustCompile(args[1])
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); {
		_ = ts.Exec(words[0], words[1:]...)
		if want.MatchString(ts.ReadFile("stdout")) {
			return
		}
	}
	ts.Fatalf("never printed %s", args[1])
}

// witness DIR runs the node of a folder until it has written its witness record of the
// day, which a real one does in its first hour.
func witness(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	n, err := node.Open(ctx, node.Options{Dir: ts.MkAbs(args[0]), Timing: node.Timing{Witness: time.Millisecond}})
	ts.Check(err)
	defer func() { ts.Check(n.Close()) }()
	changed, stop := n.Store().Changed()
	defer stop()
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	for n.Store().Order(protocol.Group{Topic: protocol.Knowledge, Region: "mk.southeast"}) == 0 {
		select {
		case <-changed:
		case <-ctx.Done():
			ts.Fatalf("no witness record was written")
		}
	}
	cancel()
	ts.Check(<-done)
}

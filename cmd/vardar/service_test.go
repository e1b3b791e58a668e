package main

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/api"
)

// windowsServices is a service manager that notes what it is told.
type windowsServices struct {
	no    error // to the first that is asked of it
	takes int   // looks at a service that stops, before it has
	did   []string
}

func (m *windowsServices) done(what string) error {
	m.did = append(m.did, what)
	return m.no
}

func (m *windowsServices) Create(program string, args []string) error {
	if !filepath.IsAbs(program) {
		return errors.New("no whole path: " + program)
	}
	return m.done("create " + strings.Join(args, " "))
}
func (m *windowsServices) Stop() error   { return m.done("stop") }
func (m *windowsServices) Delete() error { return m.done("delete") }
func (m *windowsServices) Close() error  { return nil }
func (m *windowsServices) Stopped() (bool, error) {
	m.takes--
	return m.takes < 0, nil
}

// TestServiceRunsTheNodeOfTheFolder: by a command that there is, with whole paths, wherever it is
// started from; and what its maker is told to do is what deploy/README.md says.
func TestServiceRunsTheNodeOfTheFolder(t *testing.T) {
	steps := read(t, filepath.Join(deployed, "README.md"))
	t.Chdir(t.TempDir())
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	a := &app{world: world{out: &out}, shared: flagSettings{config: "vardar.yaml"}}
	args, err := a.serviceArgs(settings{setDir: {"."}})
	if want := []string{"--dir", here, "--config", filepath.Join(here, "vardar.yaml"), "run"}; err != nil || !slices.Equal(args, want) {
		t.Fatalf("it runs %q, %v; want %q", args, err, want)
	}
	if cmd, rest, err := (&app{output: text}).newRoot().Find(args); err != nil || cmd.Name() != "run" || cmd.ParseFlags(rest) != nil {
		t.Errorf("%q: %v", args, err)
	}
	m := &windowsServices{}
	if err := a.installService(m, args); err != nil || !slices.Equal(m.did, []string{"create " + strings.Join(args, " ")}) {
		t.Errorf("%q, %v", m.did, err)
	}
	if !strings.Contains(out.String(), letIn(here)) {
		t.Errorf("it says %q", out.String())
	}
	if command := letIn(`C:\ProgramData\vardar`); !strings.Contains(steps, "    "+command+"\n") {
		t.Errorf("deploy/README.md does not say %s", command)
	}
	var p *api.Problem
	if _, err := a.serviceArgs(settings{setDir: {"nowhere"}}); !errors.As(err, &p) || p.Kind != api.NotFound || p.Field != setDir {
		t.Errorf("the service of no folder: %v", err)
	}
}

// TestServiceIsTakenAwayOnceItHasStopped: not before, and not for ever.
func TestServiceIsTakenAwayOnceItHasStopped(t *testing.T) {
	for _, tt := range []struct {
		name    string
		takes   int
		looks   int
		deleted bool
	}{
		{"at once", 0, 0, true},
		{"after a while", 3, 3, true},
		{"never", 1 << 20, int(stopWait / lookAgain), false},
	} {
		m, slept := &windowsServices{takes: tt.takes}, 0
		err := (&app{world: world{out: &strings.Builder{}}}).removeService(m, func(time.Duration) { slept++ })
		if deleted := slices.Contains(m.did, "delete"); m.did[0] != "stop" || deleted != tt.deleted || deleted != (err == nil) || slept != tt.looks {
			t.Errorf("%s: %q after %d looks, %v", tt.name, m.did, slept, err)
		}
	}
	m := &windowsServices{no: errNoSuchService}
	if err := (&app{}).removeService(m, nil); !errors.Is(err, errNoSuchService) || len(m.did) != 1 {
		t.Errorf("of no service: %q, %v", m.did, err)
	}
}

// TestServiceManagersNoIsAProblem: with its exit code, and what to do.
func TestServiceManagersNoIsAProblem(t *testing.T) {
	for no, kind := range map[error]api.Kind{errServiceThere: api.Refused, errNoSuchService: api.NotFound, errAdministrators: api.NotPermitted} {
		var p *api.Problem
		if err := serviceProblem(errors.Join(no, errors.New("error 5"))); !errors.As(err, &p) || p.Kind != kind || p.Mend == "" && p.Next == "" {
			t.Errorf("%v: %v", no, err)
		}
	}
	if err := errors.New("the machine is on fire"); serviceProblem(err) != err || serviceProblem(nil) != nil { //nolint:errorlint // it is handed on as it is
		t.Error("another error is told otherwise")
	}
}

// TestServiceStopsWhenItIsAsked, and by nothing else; it ends with the command's own code, and one
// that has failed is started again.
func TestServiceStopsWhenItIsAsked(t *testing.T) {
	asked, unheeded := make(chan string), make(chan struct{})
	go func() {
		for _, what := range []string{"how is it", "how is it", "stop", "how is it"} {
			select {
			case asked <- what:
			case <-t.Context().Done():
				return
			}
		}
		close(unheeded) // unless it was told to stop before
	}()
	var heard []string
	code := attend(func(ctx context.Context) int {
		select {
		case <-ctx.Done():
		case <-unheeded:
		}
		if ctx.Err() == nil {
			return codeFailed
		}
		return codeDone
	}, asked, func(what string) bool {
		heard = append(heard, what)
		return what == "stop"
	})
	if code != codeDone || len(heard) < 3 {
		t.Errorf("it ended with %d, having heard %q", code, heard)
	}
	code = attend(func(context.Context) int { return codeDamaged }, make(chan string), func(string) bool { return false })
	if own, exit := serviceEnd(code); !own || exit != codeDamaged {
		t.Errorf("a damaged node ends with %d, own %v", exit, own)
	}
	if own, exit := serviceEnd(codeDone); own || exit != 0 {
		t.Errorf("one that was stopped ends with %d, own %v", exit, own)
	}
}

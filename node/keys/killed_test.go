package keys_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/protocol"
)

// The folders of a test that kills: a node that hosts Gevgelija and Idomeni, a carrier
// that hands Idomeni over, and the node that takes it in.
func hostDir(dir string) keys.Options {
	return keys.Options{Dir: filepath.Join(dir, "host"), Passphrase: saying("quiet river"), WorkFactor: cheapWork, Sheet: toFile(filepath.Join(dir, "sheet"))}
}

func ownDir(dir string) keys.Options {
	return keys.Options{Dir: filepath.Join(dir, "own"), Passphrase: saying("loud hill"), WorkFactor: cheapWork, Sheet: toFile(filepath.Join(dir, "sheet.own"))}
}

func handed(dir string) string { return filepath.Join(dir, "handed") }

// toFile keeps each sheet that is shown, one after the other.
func toFile(path string) func(*keys.Sheet) error {
	return func(s *keys.Sheet) error {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return err
		}
		_, err = f.WriteString(s.Line() + "\n")
		return errors.Join(err, f.Close())
	}
}

func sheetOf(line string) *keys.Sheet {
	s, _ := keys.ParseSheet(line)
	return s
}

// act does what a child is killed in; it may be done again.
func act(what, dir string) error {
	verb, use, _ := strings.Cut(what, " ")
	o := hostDir(dir)
	switch verb {
	case "adopt":
		_, err := keys.Adopt(ownDir(dir), keys.Source{Folder: handed(dir), Passphrase: saying("on the way")}, idomeni)
		return err
	case "recover":
		lines, err := os.ReadFile(filepath.Join(dir, "sheet"))
		if err == nil {
			o.Passphrase = saying("new river")
			_, err = keys.Recover(o, sheetOf(strings.Fields(string(lines))[0]), "")
		}
		return err
	}
	s, err := keys.Open(o)
	if err != nil {
		return err
	}
	switch verb {
	case "prepare":
		_, err = s.Prepare(gevgelija, protocol.KeyUse(use))
	case "promote":
		err = s.Promote(gevgelija, protocol.KeyUse(use))
	case "renew":
		err = s.RenewSheet()
	case "release":
		err = s.Release(idomeni, handed(dir), saying("on the way"))
	case "return":
		err = s.Adopt(keys.Source{Folder: handed(dir), Passphrase: saying("on the way")}, idomeni)
	default:
		err = fmt.Errorf("no act %s", what)
	}
	return err
}

// works says what is wrong with an open safe: every key that is to sign must.
func works(s *keys.Safe) error {
	for _, id := range s.Institutions() {
		for _, use := range []protocol.KeyUse{protocol.UseIdentity, protocol.UseNode, protocol.UseLink} {
			k, _ := s.Public(id, use)
			proof, err := s.Proof(id, use)
			if err == nil {
				err = protocol.CheckKeyProof(id, use, k, proof)
			}
			if err != nil {
				return fmt.Errorf("%s key of %s: %w", use, id, err)
			}
		}
	}
	return nil
}

func infoOf(t *testing.T, s *keys.Safe, use protocol.KeyUse, state keys.State) []keys.Info {
	t.Helper()
	all, err := s.Keys(gevgelija)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(i keys.Info) bool { return i.Use != use || i.State != state })
}

// killing is an act, what must be before it, and what must hold however far a killed one
// came.
type killing struct {
	act    string
	before []string
	holds  func(t *testing.T, dir string)
	after  func(t *testing.T, dir string) // once it was done again
}

// killings are the acts that change which keys there are.
func killings() []killing {
	host := func(t *testing.T, dir string) *keys.Safe {
		t.Helper()
		s := open(t, hostDir(dir))
		if err := works(s); err != nil {
			t.Error(err)
		}
		return s
	}
	opens := func(t *testing.T, dir string) { host(t, dir) }
	var out []killing
	for _, use := range []protocol.KeyUse{protocol.UseIdentity, protocol.UseNode, protocol.UseLink, protocol.UseAge} {
		out = append(out, killing{act: "prepare " + string(use), holds: opens, after: func(t *testing.T, dir string) {
			if next := infoOf(t, host(t, dir), use, keys.Next); len(next) != 1 {
				t.Errorf("%d next keys, want 1", len(next))
			}
		}}, killing{act: "promote " + string(use), before: []string{"prepare " + string(use)}, holds: func(t *testing.T, dir string) {
			s := host(t, dir)
			if use == protocol.UseLink && len(infoOf(t, s, use, keys.Next)) == 0 && len(s.LinkKeys()) != 2 {
				t.Errorf("after the promotion %d link keys are known, want 2", len(s.LinkKeys()))
			}
			if use == protocol.UseAge {
				for _, k := range append(infoOf(t, s, use, keys.Previous), infoOf(t, s, use, keys.Current)...) {
					if _, err := os.Stat(k.Place); err != nil {
						t.Error(err)
					}
				}
			}
		}, after: func(t *testing.T, dir string) {
			s := host(t, dir)
			if len(infoOf(t, s, use, keys.Next)) != 0 || len(infoOf(t, s, use, keys.Previous)) != 1 || len(infoOf(t, s, use, keys.Current)) != 1 {
				t.Errorf("keys are %v", infoOf(t, s, use, keys.Current))
			}
			files, _ := filepath.Glob(filepath.Join(dir, "host", "identity", string(gevgelija)+".identity*"))
			if use == protocol.UseIdentity && len(files) != 1 {
				t.Errorf("on the carrier are %v, want the current identity key alone", files)
			}
		}})
	}
	return append(out,
		killing{act: "renew", holds: opensBySheet, after: opens},
		killing{act: "recover", holds: func(t *testing.T, dir string) {
			o := hostDir(dir)
			if _, err := keys.Open(o); errors.Is(err, keys.ErrPassphrase) {
				o.Passphrase = saying("new river")
				_, err = keys.Open(o)
				if err != nil {
					t.Errorf("neither passphrase opens: %v", err)
				}
			}
		}, after: func(t *testing.T, dir string) {
			o := hostDir(dir)
			o.Passphrase = saying("new river")
			if err := works(open(t, o)); err != nil {
				t.Error(err)
			}
		}},
		killing{act: "release", holds: opens, after: adopted},
		killing{act: "adopt", before: []string{"release"}, holds: opens, after: adopted},
		killing{act: "return", before: []string{"release"}, holds: opens, after: func(t *testing.T, dir string) {
			if s := host(t, dir); len(s.Institutions()) != 2 {
				t.Errorf("hosted are %v, want both", s.Institutions())
			}
		}},
	)
}

// opensBySheet: a sheet that somebody has seen opens the safe, at every moment, and without
// what the carrier has a copy of.
func opensBySheet(t *testing.T, dir string) {
	t.Helper()
	carrier := filepath.Join(dir, "host", "identity")
	if err := os.Rename(carrier, carrier+"-away"); err != nil {
		t.Fatal(err)
	}
	var errs []error
	for _, line := range strings.Fields(string(read(t, filepath.Join(dir, "sheet")))) {
		_, err := keys.Recover(hostDir(dir), sheetOf(line), "")
		errs = append(errs, err)
	}
	if !slices.Contains(errs, nil) {
		t.Errorf("no sheet opens: %v", errors.Join(errs...))
	}
	if err := os.Rename(carrier+"-away", carrier); err != nil {
		t.Fatal(err)
	}
}

// adopted: Idomeni writes on its own node, with the identity key it had, and the host
// has it no more.
func adopted(t *testing.T, dir string) {
	t.Helper()
	host := open(t, hostDir(dir))
	own, err := keys.Open(ownDir(dir))
	if errors.Is(err, keys.ErrNoKeys) {
		own, err = keys.Adopt(ownDir(dir), keys.Source{Folder: handed(dir), Passphrase: saying("on the way")}, idomeni)
	}
	if err == nil {
		err = works(own)
	}
	if err != nil {
		t.Fatal(err)
	}
	k, _ := own.Public(idomeni, protocol.UseIdentity)
	if want := strings.TrimSpace(string(read(t, filepath.Join(dir, "identity.key")))); k.String() != want {
		t.Errorf("identity key is %s, want the one it had, %s", k, want)
	}
	left, _ := filepath.Glob(filepath.Join(dir, "host", "*", string(idomeni)+".*"))
	if got := host.Institutions(); len(got) != 1 || len(left) > 0 {
		t.Errorf("the host has %v, and of Idomeni %v", got, left)
	}
}

// A child is killed before each of its calls that change the disk, one after the other.
func TestKilledAtAnyStepNothingIsLost(t *testing.T) {
	t.Parallel()
	needsStrace(t)
	for _, k := range killings() {
		t.Run(k.act, func(t *testing.T) {
			t.Parallel()
			first := filepath.Join(t.TempDir(), "first")
			if err := os.Mkdir(first, 0o700); err != nil {
				t.Fatal(err)
			}
			s := create(t, hostDir(first))
			if err := s.Add(idomeni); err != nil {
				t.Fatal(err)
			}
			identity, _ := s.Public(idomeni, protocol.UseIdentity)
			write(t, filepath.Join(first, "identity.key"), identity.String())
			for _, what := range k.before {
				if err := act(what, first); err != nil {
					t.Fatal(err)
				}
			}
			for _, call := range []string{"fsync", "unlinkat"} {
				for step := 1; killedAt(t, k, first, call, step); step++ {
					continue
				}
			}
		})
	}
}

// killedAt kills a child before its nth call of one kind; renames lie between two fsyncs.
// It reports false if the child ended before.
func killedAt(t *testing.T, k killing, first, call string, n int) bool {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "dir")
	if out, err := exec.CommandContext(t.Context(), "cp", "-a", first, dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	child := exec.CommandContext(t.Context(), "strace", "-f", "-qq", "-o", os.DevNull, "-e", "trace="+call,
		"-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", call, n), os.Args[0])
	child.Env = append(os.Environ(), childActs+"="+dir, childAct+"="+k.act)
	out, killed := child.CombinedOutput()
	if strings.Contains(string(out), "ptrace") {
		t.Skipf("strace can't trace here: %s", out)
	}
	if killed == nil && call == "fsync" && n < 3 {
		t.Fatalf("the act was not killed at its fsync %d", n)
	}
	k.holds(t, dir)
	if err := act(k.act, dir); err != nil && !done(err) {
		t.Errorf("done again: %v", err)
	}
	k.after(t, dir)
	if t.Failed() {
		t.Fatalf("killed at %s %d: %s", call, n, out)
	}
	return killed != nil
}

// done says that an act was done before it was killed.
func done(err error) bool { return errors.Is(err, keys.ErrExists) || errors.Is(err, keys.ErrNotHosted) }

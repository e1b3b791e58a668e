package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const deployed = "../../deploy"

// TestSampleSettingsAreUnderstood: as the file stands, and with every line that is commented
// out.
func TestSampleSettingsAreUnderstood(t *testing.T) {
	sample := exampleConfig
	all := regexp.MustCompile(`(?m)^#([a-z_]+: )`).ReplaceAllString(sample, "$1")
	for name, text := range map[string]string{"as it stands": sample, "with every line": all} {
		s, err := parseConfig("vardar.yaml", []byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if name == "as it stands" {
			if len(s) != 3 {
				t.Errorf("a municipality's file has %d settings: %v", len(s), s)
			}
			continue
		}
		for _, setting := range settingNames() {
			if len(s[setting]) == 0 && setting != setSocket && setting != setPassphraseFile {
				t.Errorf("the file does not show %s", setting)
			}
		}
	}
}

// TestUnitStartsWhatThereIs: systemd understands the unit, it starts a command that there is,
// and it leaves a service little that it could do to the machine.
func TestUnitStartsWhatThereIs(t *testing.T) {
	unit := read(t, filepath.Join(deployed, "systemd", "vardar.service"))
	start := regexp.MustCompile(`(?m)^ExecStart=/usr/bin/vardar (.+)$`).FindStringSubmatch(unit)
	if start == nil {
		t.Fatal("the unit starts no vardar")
	}
	root := (&app{output: text}).newRoot()
	if cmd, _, err := root.Find(strings.Fields(start[1])); err != nil || cmd.Name() != "run" {
		t.Errorf("the unit starts %q: %v", start[1], err)
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("no systemd-analyze on this machine: what systemd thinks of the unit is not asked")
	}
	copied := filepath.Join(t.TempDir(), "vardar.service")
	if err := os.WriteFile(copied, []byte(strings.ReplaceAll(unit, "/usr/bin/vardar", "/bin/true")), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"verify", copied}, {"security", "--offline=true", "--no-pager", "--threshold=15", copied}} {
		if out, err := exec.CommandContext(t.Context(), analyze, args...).CombinedOutput(); err != nil {
			t.Errorf("systemd-analyze %s: %v\n%s", args[0], err, out)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/vardar-network/vardar/node/keys"
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
			given := slices.Sorted(maps.Keys(s))
			if want := []string{setDir, setInstitution, setLang, setLinks}; !slices.Equal(given, want) {
				t.Errorf("a municipality's file has the settings %q, want %q", given, want)
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
	analyzed(t, unit)
}

// TestUnitTakesTheKeysFromACredential: the line that is commented out names the credential that
// the node reads, systemd understands the unit with it, and the steps to it seal that one.
func TestUnitTakesTheKeysFromACredential(t *testing.T) {
	unit := read(t, filepath.Join(deployed, "systemd", "vardar.service"))
	line := regexp.MustCompile(`(?m)^#LoadCredentialEncrypted=([^:\n]+):(/\S+)$`)
	said := line.FindStringSubmatch(unit)
	if said == nil || said[1] != keys.CredentialName {
		t.Fatalf("the unit takes the credential %q, and the node reads %s", said, keys.CredentialName)
	}
	steps := read(t, filepath.Join(deployed, "README.md"))
	for _, step := range []string{"systemd-creds encrypt --name=" + said[1] + " /var/lib/vardar/keys/unlock " + said[2] + "\n", "LoadCredentialEncrypted=" + said[1] + ":" + said[2] + " vardar"} {
		if !strings.Contains(steps, step) {
			t.Errorf("deploy/README.md does not say %q", step)
		}
	}
	analyzed(t, line.ReplaceAllStringFunc(unit, func(l string) string { return l[1:] }))
}

// analyzed asks systemd what it thinks of a unit, and whether it leaves the service little.
func analyzed(t *testing.T, unit string) {
	t.Helper()
	installed(t, "systemd-analyze")
	copied := filepath.Join(t.TempDir(), "vardar.service")
	if err := os.WriteFile(copied, []byte(strings.ReplaceAll(unit, "/usr/bin/vardar", "/bin/true")), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"verify", copied}, {"security", "--offline=true", "--no-pager", "--threshold=15", copied}} {
		out, err := exec.CommandContext(t.Context(), "systemd-analyze", args...).CombinedOutput()
		if err != nil || args[0] == "verify" && strings.Contains(string(out), "Unknown ") { // of these it only warns
			t.Errorf("systemd-analyze %s: %v\n%s", args[0], err, out)
		}
	}
}

// TestComposeStartsWhatThereIs: each of the three nodes is started by a command that there is,
// with flags that it has, has a volume of its own, and may do nothing on the machine.
func TestComposeStartsWhatThereIs(t *testing.T) {
	var file struct {
		Services map[string]struct {
			Command  []string
			Volumes  []string
			Ports    []string
			ReadOnly bool     `yaml:"read_only"`
			CapDrop  []string `yaml:"cap_drop"`
			Security []string `yaml:"security_opt"`
			Build    struct{ Context, Dockerfile string }
		}
		Volumes map[string]any
	}
	folder := filepath.Join(deployed, "container")
	if err := yaml.Unmarshal([]byte(read(t, filepath.Join(folder, "compose.yaml"))), &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Services) != 3 {
		t.Errorf("%d institutions", len(file.Services))
	}
	ports := map[string]bool{}
	for name, s := range file.Services {
		cmd, rest, err := (&app{output: text}).newRoot().Find(s.Command)
		if err != nil || cmd.Name() != "run" {
			t.Errorf("%s starts %q: %v", name, s.Command, err)
			continue
		}
		if err := cmd.ParseFlags(rest); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		volume, at, _ := strings.Cut(strings.Join(s.Volumes, " "), ":")
		if _, there := file.Volumes[volume]; !there || at != "/var/lib/vardar" || volume != name {
			t.Errorf("%s has the volumes %q", name, s.Volumes)
		}
		for _, p := range s.Ports {
			if !strings.HasPrefix(p, "127.0.0.1:") || ports[p] {
				t.Errorf("%s opens %s to others, or where another is", name, p)
			}
			ports[p] = true
		}
		if !s.ReadOnly || strings.Join(s.CapDrop, "") != "ALL" || strings.Join(s.Security, "") != "no-new-privileges:true" {
			t.Errorf("%s may do more than it needs: %+v", name, s)
		}
		if _, err := os.Stat(filepath.Join(folder, s.Build.Context, s.Build.Dockerfile)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestContainerRunsAsNobody, on an image that is pinned, and holds the one program.
func TestContainerRunsAsNobody(t *testing.T) {
	last := ""
	said := map[string]string{}
	for line := range strings.Lines(read(t, filepath.Join(deployed, "container", "Containerfile"))) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if word == "" || word == "#" {
			continue
		}
		if said[word] = rest; word == "FROM" {
			last = rest
			if image, _, _ := strings.Cut(rest, " "); image != "scratch" && (!strings.Contains(image, ":") || strings.HasSuffix(image, ":latest")) {
				t.Errorf("%s is another image tomorrow", image)
			}
		}
		if word == "ADD" || strings.Contains(rest, "sudo ") || strings.Contains(rest, "curl ") {
			t.Errorf("it brings what nobody looked at: %s %s", word, rest)
		}
	}
	for word, want := range map[string]string{"USER": "65532:65532", "ENTRYPOINT": `["/usr/bin/vardar"]`, "CMD": `["run"]`, "VOLUME": "/var/lib/vardar"} {
		if said[word] != want {
			t.Errorf("%s %s, want %s", word, said[word], want)
		}
	}
	if last != "scratch" {
		t.Errorf("what runs stands on %s", last)
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

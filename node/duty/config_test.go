package duty_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/duty"
)

func TestExampleOfRulesCanBeUsed(t *testing.T) {
	c := must(duty.Parse([]byte(duty.Example), duty.Kinds()))(t)
	if len(c.Rules) != 2 || len(c.Ways) != 3 {
		t.Errorf("%d rules, %d ways", len(c.Rules), len(c.Ways))
	}
	// What is commented out can be used too.
	whole := strings.NewReplacer("\n  #", "\n  ", "\n#private", "\nprivate").Replace(duty.Example)
	c = must(duty.Parse([]byte(whole), duty.Kinds()))(t)
	if len(c.Ways) != 4 || len(c.Rules) != 3 || len(c.Private) != 1 || c.Mail.CAFile == "" {
		t.Errorf("with all settings: %+v", c)
	}
	if !strings.Contains(duty.Example, board.QualityAsked()) {
		t.Errorf("the example does not say that a rule asks for %s", board.QualityAsked())
	}
}

func TestFaultOfAFileOfRulesIsNamed(t *testing.T) {
	const mail = "mail: {server: \"smtp.example.org:587\", from: v@example.org}\n"
	tests := []struct {
		name, text, at, said, word string
	}{
		{"a setting nobody knows", "zone: UTC\nrlues: []\n", "line 2", "no setting is called rlues", "rlues"},
		{"one inside", "rules:\n  - name: r\n    kind: [alert]\n", "line 3", "no setting is called kind", "kind"},
		{"no YAML", "rules: [\n", "line", "", ""},
		{"a kind", "rules: [{name: r, kinds: [alrt]}]\n", "rule r", "no kind is called alrt", "alrt"},
		{"no kind", "rules: [{name: r}]\n", "rule r", "kinds is missing", ""},
		{"a severity", "rules: [{name: r, kinds: [alert], severity: Grave}]\n", "", "Grave", ""},
		{"a quality", "rules: [{name: r, kinds: [report], quality: usabel}]\n", "rule r", "no quality is called usabel", "usabel"},
		{"the quality of what has none", "rules: [{name: r, kinds: [report, alert], quality: good}]\n", "rule r", "what is of the kind alert has no quality", ""},
		{"a way", "ways: {phone: {command: [/bin/true]}}\nrules: [{name: r, kinds: [alert], wake: [fone]}]\n", "rule r", "no way is called fone", "fone"},
		{"a zone", "zone: Europe/Skopie\n", "zone", "Europe/Skopie", ""},
		{"an hour", "rules: [{name: r, kinds: [alert], quiet: {from: \"25:00\", to: \"06:00\"}}]\n", "rule r", "want an hour", ""},
		{"all day", "rules: [{name: r, kinds: [alert], quiet: {from: \"06:00\", to: \"06:00\"}}]\n", "rule r", "never", ""},
		{"a deputy at no time", mail + "ways: {post: {mail: [d@example.org]}}\nrules: [{name: r, kinds: [alert], deputy: [post]}]\n", "rule r", "deputy and after belong together", ""},
		{"a time", mail + "ways: {post: {mail: [d@example.org]}}\nrules: [{name: r, kinds: [alert], deputy: [post], after: soon}]\n", "rule r", "want one such as 15m", ""},
		{"two rules of one name", "rules: [{name: r, kinds: [alert]}, {name: r, kinds: [note]}]\n", "rule 2", "a name of its own", ""},
		{"a way that is two", mail + "ways: {post: {mail: [d@example.org], command: [/bin/true]}}\n", "way post", "exactly one", ""},
		{"mail without a server", "ways: {post: {mail: [d@example.org]}}\n", "mail", "want HOST:PORT", ""},
		{"an address", mail + "ways: {post: {mail: [nobody]}}\n", "way post", "no address", ""},
		{"mail in the open", "mail: {server: \"smtp.example.org:25\", from: v@example.org, tls: none}\nways: {post: {mail: [d@example.org]}}\n", "mail", "on this machine alone", ""},
		{"a program without its path", "ways: {phone: {command: [send]}}\n", "way phone", "full path", ""},
		{"a webhook without a secret", "ways: {room: {webhook: \"https://example.org\"}}\n", "way room", "secret_file is missing", ""},
		{"a webhook to one's own network", "ways: {room: {webhook: \"https://10.0.0.1/\", secret_file: s}}\n", "way room", "private", ""},
		{"a network", "private: [everywhere]\n", "private", "no network", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := duty.Parse([]byte(tt.text), duty.Kinds())
			var f *duty.Fault
			if !errors.As(err, &f) || !strings.HasPrefix(f.At, tt.at) || !strings.Contains(f.Said, tt.said) || f.Word != tt.word {
				t.Fatalf("%+v (%v), want %q at %s", f, err, tt.said, tt.at)
			}
			if f.Word != "" && len(f.Known) == 0 {
				t.Error("it does not say what is known")
			}
		})
	}
}

// TestFilesThatAreNamedAreLookedAt: a password that others can read, a program that is not there.
func TestFilesThatAreNamedAreLookedAt(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		ok(t, os.WriteFile(path, []byte(text), mode))
		return path
	}
	read := func(text string) error {
		_, err := duty.Read(write("duty.yaml", text, 0o600), duty.Kinds())
		return err
	}
	if runtime.GOOS != "windows" {
		opened := write("open", aSecret, 0o644)
		if err := read("ways: {room: {webhook: \"https://example.org\", secret_file: " + opened + "}}\n"); err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("others can read it: %v", err)
		}
	}
	if err := read("ways: {phone: {command: [" + filepath.Join(dir, "nothing") + "]}}\n"); err == nil || !strings.Contains(err.Error(), "there is no program") {
		t.Errorf("no program: %v", err)
	}
	t.Setenv("CREDENTIALS_DIRECTORY", dir)
	write("room", aSecret, 0o644) // systemd keeps others away
	ok(t, read("ways: {room: {webhook: \"https://example.org\", secret_file: room}}\n"))
	if err := read("ways: {room: {webhook: \"https://example.org\", secret_file: nothing}}\n"); err == nil {
		t.Error("a credential that is not there was taken")
	}
	if !slices.Contains(duty.Kinds(), "alert") || slices.Contains(duty.Kinds(), "warning") {
		t.Errorf("kinds %v", duty.Kinds())
	}
}

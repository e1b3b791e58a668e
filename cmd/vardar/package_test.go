package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// TestPackageHoldsWhatThereIs: every file that the Debian package takes is there, its scripts
// are a shell's, the settings that it brings are understood, and the unit is given to systemd
// where that looks.
func TestPackageHoldsWhatThereIs(t *testing.T) {
	folder := filepath.Join(deployed, "debian")
	var described struct {
		Version  string
		Contents []struct{ Src, Dst, Type string }
		Scripts  map[string]string
	}
	if err := yaml.Unmarshal([]byte(read(t, filepath.Join(folder, "nfpm.yaml"))), &described); err != nil {
		t.Fatal(err)
	}
	targets := map[string]string{}
	for _, c := range described.Contents {
		targets[c.Dst] = c.Type
		if c.Src == "${BINARY}" {
			continue
		}
		if info, err := os.Stat(filepath.Join(folder, c.Src)); err != nil || info.IsDir() {
			t.Errorf("%s: %v", c.Src, err)
		}
	}
	for target, kind := range map[string]string{"/usr/bin/vardar": "", "/usr/lib/systemd/system/vardar.service": "", "/etc/vardar/vardar.yaml": "config|noreplace"} {
		if got, there := targets[target]; !there || got != kind {
			t.Errorf("the package has %s: %t, as %q; want it as %q", target, there, got, kind)
		}
	}
	if len(described.Scripts) != 3 {
		t.Errorf("%d scripts", len(described.Scripts))
	}
	for _, script := range described.Scripts {
		path := filepath.Join(folder, script)
		if out, err := exec.CommandContext(t.Context(), "sh", "-n", path).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", script, err, out)
		}
		if text := read(t, path); !strings.HasPrefix(text, "#!/bin/sh\n") || !strings.Contains(text, "\nset -e\n") || strings.Contains(text, "rm -r") {
			t.Errorf("%s does not stop where something fails, or takes a folder away", script)
		}
	}
	s, err := parseConfig("vardar.yaml", []byte(read(t, filepath.Join(folder, "vardar.yaml"))))
	if err != nil || s.one(setDir) != "/var/lib/vardar" {
		t.Errorf("settings %v, %v", s, err)
	}
}

// TestPackageIsBuilt, around a program that stands for vardar's: Debian's own tool finds each file
// where it is to be, whose it is and who may do what with it, and the scripts.
func TestPackageIsBuilt(t *testing.T) {
	installed(t, "dpkg-deb")
	dir := t.TempDir()
	program := filepath.Join(dir, "program")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	packaged(t, dir, program, "0.1.0")
	path := filepath.Join(dir, "0.1.0.deb")
	listed := must(t, "dpkg-deb", "--contents", path)
	for _, file := range []string{
		`-rwxr-xr-x root/root .* ./usr/bin/vardar\n`, `-rw-r--r-- root/root .* ./usr/lib/systemd/system/vardar.service\n`,
		`-rw-r----- root/root .* ./etc/vardar/vardar.yaml\n`, `-rw-r--r-- root/root .* ./usr/share/doc/vardar/copyright\n`,
	} {
		if !regexp.MustCompile(file).MatchString(listed) {
			t.Errorf("the package lacks %s:\n%s", file, listed)
		}
	}
	described := must(t, "dpkg-deb", "--info", path)
	for _, line := range []string{`postinst +#!/bin/sh`, `prerm +#!/bin/sh`, `postrm +#!/bin/sh`, `Package: vardar\n`, `Version: 0\.1\.0\n`, `Architecture: amd64\n`} {
		if !regexp.MustCompile(line).MatchString(described) {
			t.Errorf("the package says nothing of %s:\n%s", line, described)
		}
	}
}

// packaged writes the package of a program in versions, each into the folder as VERSION.deb.
func packaged(t *testing.T, folder, program string, versions ...string) {
	t.Helper()
	writer := filepath.Join(t.TempDir(), "package")
	must(t, "go", "build", "-C", "../../.ci/package", "-o", writer, ".")
	for _, version := range versions {
		c := exec.CommandContext(t.Context(), writer, filepath.Join(deployed, "debian", "nfpm.yaml"), filepath.Join(folder, version+".deb"))
		c.Env = append(os.Environ(), "VERSION="+version, "ARCH=amd64", "BINARY="+program)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
}

// TestPackageIsInstalledUpgradedAndPurged in a Debian of its own, when VARDAR_DEBIAN=1: root,
// debootstrap and a mirror. What the node holds is there at the end of all.
func TestPackageIsInstalledUpgradedAndPurged(t *testing.T) {
	if os.Getenv("VARDAR_DEBIAN") == "" {
		t.Skip("VARDAR_DEBIAN=1 builds the package and plays its life in a Debian of its own: some minutes, root, debootstrap, a mirror")
	}
	dir := t.TempDir()
	root := filepath.Join(dir, "root")
	in := func(want string, args ...string) {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), "chroot", append([]string{root}, args...)...).CombinedOutput()
		if err != nil || !regexp.MustCompile(want).Match(out) {
			t.Fatalf("%v: %v\n%s\nwant %s", args, err, out, want)
		}
	}
	must(t, "debootstrap", "--variant=minbase", "trixie", root)
	must(t, "mount", "-t", "proc", "proc", filepath.Join(root, "proc"))
	t.Cleanup(func() {
		_ = exec.CommandContext(context.WithoutCancel(t.Context()), "umount", filepath.Join(root, "proc")).Run()
	})
	must(t, "go", "build", "-o", filepath.Join(dir, "vardar"), ".")
	packaged(t, root, filepath.Join(dir, "vardar"), "0.1.0", "0.2.0")
	const as, config = "setpriv --reuid=vardar --regid=vardar --clear-groups ", "--config /etc/vardar/vardar.yaml "
	in("next, make the node", "dpkg", "-i", "/0.1.0.deb")
	in("^vardar:x:", "getent", "passwd", "vardar")
	in("/etc/vardar/vardar.yaml", "cat", "/var/lib/dpkg/info/vardar.conffiles")
	in("", "sh", "-c", "cd /tmp && "+as+"vardar "+config+"init mk.national.crisis-centre --network example --registrar mk. --level ministry --recovery-sheet /tmp/sheet.txt")
	run := started(t, root, as+"vardar "+config+"run --log error")
	in("in example", "sh", "-c", as+"vardar "+config+"status --wait 5m")
	in("", "vardar", "--config", "/etc/vardar/vardar.yaml", "config", "set", "log", "warn") // a conffile that its operator changed
	in("can be used", "dpkg", "-i", "/0.2.0.deb")
	in("in example", "sh", "-c", as+"vardar "+config+"status") // the node goes on
	in("log: warn", "cat", "/etc/vardar/vardar.yaml")
	run()
	in("", "sh", "-c", "echo 'listne: x' >> /etc/vardar/vardar.yaml")
	in("not understood; nothing is started", "dpkg", "-i", "/0.1.0.deb")
	in("", "dpkg", "--remove", "vardar")
	in("listne", "cat", "/etc/vardar/vardar.yaml")
	in("is left: it holds the keys", "dpkg", "--purge", "vardar")
	if _, err := os.Stat(filepath.Join(root, "etc/vardar/vardar.yaml")); !os.IsNotExist(err) {
		t.Errorf("the settings stay: %v", err)
	}
	kept, err := os.ReadDir(filepath.Join(root, "var/lib/vardar"))
	if err != nil || !slices.ContainsFunc(kept, func(e os.DirEntry) bool { return e.Name() == "identity" }) {
		t.Errorf("the node's folder holds %v, %v", kept, err)
	}
}

// must runs a command, and gives what it said.
func must(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

// started starts a command in the root, and gives what ends it.
func started(t *testing.T, root, command string) (end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	c := exec.CommandContext(ctx, "chroot", root, "sh", "-c", "exec "+command)
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return func() {
		cancel()
		_ = c.Wait() // it was interrupted
	}
}

package main

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

const maker protocol.InstitutionID = "mk.national.centre"

// packing are two nodes that run: that of a ministry, which exports, and of a town that it admitted.
type packing struct {
	centre, own string // their folders
	pages       string // the address of the ministry's
	end         func() // neither runs then, and both folders are gone
}

// packed has a ministry admit a town and hold three of its records.
func packed(t *testing.T) packing {
	t.Helper()
	p := packing{centre: folder(t), own: folder(t), pages: freeAddress(t)}
	run(t, codeDone, "--dir", p.centre, "init", string(maker), "--network", "test", "--registrar", "mk.", "--level", "ministry")
	_, killCentre := startAs(t, p.centre, exec.CommandContext(t.Context(), "vardar", "--dir", p.centre, "run", "--listen", freeAddress(t), "--pages", p.pages, "--log", "error"))
	invitation := filepath.Join(p.own, "invitation.txt")
	invited, err := exec.CommandContext(t.Context(), "vardar", "--dir", p.centre, "member", "invite", string(town), "--level", "municipality").Output()
	if err == nil {
		err = os.WriteFile(invitation, invited, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	run(t, codeDone, "--dir", p.own, "join", invitation, "--yes")
	_, kill := start(t, p.own)
	for _, said := range []string{"one", "two", "three"} {
		run(t, codeDone, "--dir", p.own, "publish", "note", "--set", "text="+said, "--wait", "1")
	}
	p.end = func() {
		kill(os.Interrupt)
		killCentre(os.Interrupt)
		for _, dir := range []string{p.centre, p.own} {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}
	}
	return p
}

// madePack gives the pack that the ministry exports of the last day, by names; the folders of both
// are gone then.
func madePack(t *testing.T) map[string][]byte {
	t.Helper()
	p := packed(t)
	to := filepath.Join(folder(t), "pack")
	run(t, codeDone, "--dir", p.centre, "export", "evidence", "--since", "24h", "--lang", "mk", "--to", to)
	p.end()
	files := map[string][]byte{}
	entries, err := os.ReadDir(to)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if files[e.Name()], err = os.ReadFile(filepath.Join(to, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// zipped packs files into one, in the order of their names.
func zipped(t testing.TB, files map[string][]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		part, err := archive.Create(name)
		if err == nil {
			_, err = part.Write(files[name])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// relisted has the list of a pack say what is there, as one does who can't sign, but writes lists.
func relisted(t *testing.T, files map[string][]byte) {
	t.Helper()
	var l api.PackList
	if err := json.Unmarshal(files[api.PackListName], &l); err != nil {
		t.Fatal(err)
	}
	l.Files = nil
	for name, data := range files {
		if name != api.PackListName {
			l.Files = append(l.Files, packedAs(name, data))
		}
	}
	l.Records = slices.DeleteFunc(l.Records, func(r api.PackRow) bool { return files[r.File] == nil })
	raw, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	files[api.PackListName] = raw
}

func packedAs(name string, data []byte) api.PackedFile {
	return api.PackedFile{Name: name, Bytes: int64(len(data)), Digest: protocol.DigestOf(data)}
}

// tampering is a pack that somebody has laid hands on: unlisted, and then with a list that says so.
type tampering struct {
	name   string
	change func(t *testing.T, files map[string][]byte)
	said   string // of the pack whose list is as it was made
	listed string // of one whose list was made anew; empty: it can't be told
}

func tamperings(second, third, admission string) []tampering {
	replace := func(name, old, other string) func(*testing.T, map[string][]byte) {
		return func(t *testing.T, files map[string][]byte) {
			t.Helper()
			changed := bytes.Replace(files[name], []byte(old), []byte(other), 1)
			if bytes.Equal(changed, files[name]) {
				t.Fatalf("%q is not in %s", old, name)
			}
			files[name] = changed
		}
	}
	remove := func(name string) func(*testing.T, map[string][]byte) {
		return func(t *testing.T, files map[string][]byte) {
			t.Helper()
			if files[name] == nil {
				t.Fatalf("there is no %s", name)
			}
			delete(files, name)
		}
	}
	return []tampering{
		{"a changed letter", replace(second, "two", "tow"), second + "$|DOES NOT HOLD +mk.southeast.gevgelija/situation.1.2 ", "DOES NOT HOLD +mk.southeast.gevgelija/situation.1.2 "},
		{"a record out of the middle", remove(second), "it was taken out", "DOES NOT HOLD +mk.southeast.gevgelija/situation.1.3 .*1 record is missing before it"},
		{"a record of the end", remove(third), "DOES NOT HOLD +mk.southeast.gevgelija/situation.1.3 .*it was taken out", ""},
		{"another key", signedAnew(third), "it was changed", "DOES NOT HOLD +mk.southeast.gevgelija/situation.1.3 .*nothing in the pack says whose key this is"},
		{"no admission", remove(admission), "it was taken out", "DOES NOT HOLD +mk.southeast.gevgelija/situation.1.3 .*the record that gives this key its epoch does not count"},
		{"another charter", otherCharter, "it was changed", "nothing in the pack says whose key this is"},
		{"a list that tells of another record", replace(api.PackListName, string(town)+"/situation.1.2", string(town)+"/situation.1.9"), "the list tells of another record", "the list tells of another record"},
		{"no charter", remove("charter.json"), "it was taken out", "nothing in the pack says whose key this is"},
		{"another word on the page", replace(api.PackIndexName, "two", "tow"), api.PackIndexName, ""},
		{"a changed act", replace(api.PackActsName, `"outcome": "done"`, `"outcome": "gone"`), api.PackActsName, "entry [0-9]+ was changed"},
		{"a file more", func(_ *testing.T, files map[string][]byte) { files["another.http"] = files[third] }, "it was put in", ""},
	}
}

// otherCharter puts that of another network in the place of a pack's.
func otherCharter(t *testing.T, files map[string][]byte) {
	t.Helper()
	raw, err := os.ReadFile("../../schemas/testdata/bodies/vardar.trust.charter.v1/valid-a-charter-with-its-signature.json")
	var other protocol.SignedCharter
	if err == nil {
		err = json.Unmarshal(raw, &other)
	}
	if err == nil {
		files["charter.json"], err = json.Marshal(other)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// signedAnew has a record signed by a key that anybody may have made.
func signedAnew(name string) func(*testing.T, map[string][]byte) {
	return func(t *testing.T, files map[string][]byte) {
		t.Helper()
		j := &judge{epochs: map[protocol.EpochID][]*evidence{}}
		j.read(name, files[name])
		if len(j.order) != 1 {
			t.Fatalf("%s is no record", name)
		}
		r := j.order[0].record
		private := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
		r.Key = protocol.KeyOf(private)
		r.Sign(private)
		files[name] = r.AppendHTTP(nil)
	}
}

// TestPackIsVerifiedWithoutANodeAndNoChangePasses: what a node exported is checked when neither
// that node nor another is there, and what somebody changed of it is named, or said to be what
// a pack does not prove.
func TestPackIsVerifiedWithoutANodeAndNoChangePasses(t *testing.T) {
	files := madePack(t)
	file := filepath.Join(folder(t), "evidence.zip")
	verify := func(code int, files map[string][]byte) string {
		t.Helper()
		if err := os.WriteFile(file, zipped(t, files), 0o600); err != nil {
			t.Fatal(err)
		}
		return run(t, code, "verify", file)
	}
	admission := ""
	out := verify(codeDone, files)
	for l := range strings.Lines(out) {
		if _, by, ok := strings.Cut(l, "and its author admitted, by "+string(maker)+"/"); ok && strings.Contains(l, string(town)+"/trust.1.1 ") {
			admission = string(maker) + "-" + strings.Split(by, ";")[0] + ".http"
		}
	}
	for _, want := range []string{
		"holds +mk.southeast.gevgelija/situation.1.2 .*signed; its author's key, by the charter and trust records here; key valid then.*; chain unbroken",
		"holds +mk.national.centre/trust.1.1 .*key valid then, by the charter; chain begins here",
		"acts +holds", "[0-9]+ of [0-9]+ records hold; digest of the list: sha-256", "It does not prove:", "that what was said is true",
	} {
		if !matches(t, out, want) {
			t.Errorf("nothing says %q:\n%s", want, out)
		}
	}
	page := string(files[api.PackIndexName])
	for _, want := range []string{"<html lang=\"mk\">", "Кој што рекол, и кога", "one", "two", "three", "mk.southeast.gevgelija/situation.1.3", "Што не докажува"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
	for _, never := range []string{"<script", "src=", "<link", "http://", "https://", "pack."} {
		if strings.Contains(strings.ReplaceAll(page, "pack.json", ""), never) {
			t.Errorf("the page has %q, and is to stand alone", never)
		}
	}
	record := func(n string) string { return string(town) + "-situation.1." + n + ".http" }
	for _, tt := range tamperings(record("2"), record("3"), admission) {
		t.Run(tt.name, func(t *testing.T) {
			changed := maps.Clone(files)
			tt.change(t, changed)
			if out := verify(codeCheckFound, changed); !matches(t, out, tt.said) {
				t.Errorf("nothing says %q:\n%s", tt.said, out)
			}
			relisted(t, changed)
			code := codeCheckFound
			if tt.listed == "" {
				code = codeDone
			}
			if out := verify(code, changed); tt.listed != "" && !matches(t, out, tt.listed) || tt.listed == "" && !strings.Contains(out, "nobody signs them; compare the list's digest") {
				t.Errorf("with a list made anew, nothing says %q:\n%s", tt.listed, out)
			}
		})
	}
	damaged := maps.Clone(files)
	damaged[api.PackListName] = []byte("{")
	if out := verify(codeDamaged, damaged); !strings.Contains(out, api.PackListName) {
		t.Errorf("of a list that can't be read:\n%s", out)
	}
}

func matches(t *testing.T, text, pattern string) bool {
	t.Helper()
	return regexp.MustCompile("(?m)" + pattern).MatchString(text)
}

// TestPackThatMeansHarmIsNotRead: what is no plain file, stands twice or unpacks to more than a
// pack may hold.
func TestPackThatMeansHarmIsNotRead(t *testing.T) {
	twice := func(names ...string) []byte {
		var out bytes.Buffer
		archive := zip.NewWriter(&out)
		for _, name := range names {
			part, err := archive.Create(name)
			if err == nil {
				_, err = io.WriteString(part, "{}")
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := archive.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	large := zipped(t, map[string][]byte{"rows.json": make([]byte, maxPartBytes+1)})
	lying := zipped(t, map[string][]byte{"rows.json": bytes.Repeat([]byte("0"), 1<<16)})
	// The central directory says 16 bytes of what unpacks to 64 KiB.
	at := bytes.LastIndex(lying, []byte("PK\x01\x02"))
	copy(lying[at+24:at+28], []byte{16, 0, 0, 0})
	for name, tt := range map[string]struct {
		data []byte
		want string
	}{
		"twice":             {twice("a.http", "a.http"), "stands in it twice"},
		"twice on Windows":  {twice("a.http", "A.HTTP"), "stands in it twice"},
		"out of the folder": {twice("../a.http"), "is no plain file"},
		"another drive":     {twice(`c:\a.http`), "is no plain file"},
		"a folder":          {twice("a/b.http"), "is no plain file"},
		"hidden":            {twice(".a.http"), "is no plain file"},
		"too large":         {large, "unpacked, rows.json is too large"},
		"larger than said":  {lying, "rows.json"},
		"cut off":           {large[:len(large)/2], "no pack that can be read"},
	} {
		t.Run(name, func(t *testing.T) {
			left := uint64(maxPackBytes)
			if _, err := readZip(tt.data, &left); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want one of %q", err, tt.want)
			}
		})
	}
}

// FuzzReadPack: whatever comes is read or refused; what is read has plain names, each once, and
// is judged without a panic.
func FuzzReadPack(f *testing.F) {
	f.Add(zipped(f, map[string][]byte{api.PackListName: []byte(`{"vardar":"pack","v":1,"records":[{"record":"mk.a.b/situation.1.1","digest":"","file":"a.http"}],"files":[{"name":"a.http"}],"gaps":[{}]}`), "a.http": []byte("HTTP/1.1 200 OK\r\n\r\n")}))
	f.Add(zipped(f, map[string][]byte{api.PackListName: []byte(`{"vardar":"pack","v":1}`), api.PackActsName: []byte(`{"acts":[{"number":1},{"number":1}]}`)}))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, data []byte) {
		left := uint64(maxPackBytes)
		files, err := readZip(data, &left)
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, part := range files {
			if part.name != filepath.Base(part.name) || strings.ContainsAny(part.name, `/\`) || seen[part.name] {
				t.Errorf("%q is no plain name, or stands twice", part.name)
			}
			seen[part.name] = true
		}
		j := &judge{epochs: map[protocol.EpochID][]*evidence{}}
		j.pack("x.zip", files)
		v, err := j.verdict()
		if err != nil {
			t.Fatal(err)
		}
		if v.Packs = j.said(&v); len(v.Packs) == 0 && v.OK {
			t.Error("what is no pack is said to hold")
		}
	})
}

package main

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"
	"github.com/yaronf/httpsign"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/vardar-network/vardar/node/lang"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// blocks gives the fenced blocks of a language.
func blocks(text, language string) []string {
	var out []string
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

// strangersRead does what the README tells those who don't have Vardar.
func strangersRead(t *testing.T, url, said string) {
	t.Helper()
	get := func() *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = res.Body.Close() })
		return res
	}
	m := regexp.MustCompile(`signed by ([0-9a-f]{64})`).FindStringSubmatch(said)
	if m == nil {
		t.Fatal("nobody is said to have signed")
	}
	key, err := hex.DecodeString(m[1])
	if err != nil {
		t.Fatal(err)
	}
	if err = stockVerify(get(), key); err != nil { //nolint:bodyclose // get's cleanup closes it
		t.Errorf("a stock RFC 9421 library: %v", err)
	}
	for _, other := range []elsewhere{{"python", "verify.py", "python3", "import cryptography"}, {"js", "verify.mjs", "node", ""}} {
		t.Run(other.language, func(t *testing.T) { other.verifies(t, url, m[1]) })
	}
	event, err := cehttp.NewEventFromHTTPResponse(get()) //nolint:bodyclose // get's cleanup closes it
	if err != nil || event.Validate() != nil || event.ID() != "situation.1.1" {
		t.Errorf("a stock CloudEvents SDK reads %v, %v", event, err)
	}
}

// elsewhere is a program of the README in another language.
type elsewhere struct {
	language, file, runs, needs string
}

// verifies runs it: it takes the record by its author's key, and refuses it by another's.
func (e *elsewhere) verifies(t *testing.T, url, key string) {
	t.Helper()
	programs := blocks(readme(t), e.language)
	if len(programs) != 1 {
		t.Fatalf("the README has %d programs in %s, want 1", len(programs), e.language)
	}
	installed(t, e.runs)
	if e.needs != "" && exec.CommandContext(t.Context(), e.runs, "-c", e.needs).Run() != nil {
		missing(t, e.runs+" that can "+e.needs)
	}
	path := filepath.Join(t.TempDir(), e.file)
	if err := os.WriteFile(path, []byte(programs[0]), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), e.runs, path, url, key).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "the record holds") {
		t.Errorf("%s: %v\n%s", e.runs, err, out)
	}
	const another = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a" // RFC 8032 §7.1
	if out, err := exec.CommandContext(t.Context(), e.runs, path, url, another).CombinedOutput(); err == nil {
		t.Errorf("%s takes another's key:\n%s", e.runs, out)
	}
}

func stockVerify(res *http.Response, key ed25519.PublicKey) error {
	fields := httpsign.Headers("ce-specversion", "ce-id", "ce-source", "ce-type", "ce-time", "content-type", "ce-topic",
		"ce-epoch", "ce-sequence", "ce-previous", "ce-handling", "ce-exercise", "content-digest")
	config := httpsign.NewVerifyConfig().SetVerifyCreated(false).
		SetAllowedAlgs([]string{"ed25519"}).SetAllowedTags([]string{"vardar-record-v1"})
	verifier, err := httpsign.NewEd25519Verifier(key, config, fields)
	if err != nil {
		return err
	}
	if err := httpsign.VerifyResponse("vardar", *verifier, res, nil); err != nil {
		return err
	}
	return httpsign.ValidateContentDigestHeader(res.Header.Values("Content-Digest"), &res.Body, []string{httpsign.DigestSha256})
}

// TestReadmeSnippetsAreTheTestedOnes: a snippet that nobody runs is wrong one day.
func TestReadmeSnippetsAreTheTestedOnes(t *testing.T) {
	tested := ""
	for _, file := range []string{"readme_test.go", filepath.Join("..", "..", "protocol", "interop_test.go")} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tested += string(text)
	}
	for _, snippet := range blocks(readme(t), "go") {
		for line := range strings.Lines(snippet) {
			if line = strings.TrimSpace(line); !strings.Contains(tested, line) {
				t.Errorf("no test has this line of the README: %s", line)
			}
		}
	}
}

// TestReadmeSaysWhoTranslatedThePages: it names each language that they are read in, and says of all that a machine
// made and nobody has read, for as long as that is so of any.
func TestReadmeSaysWhoTranslatedThePages(t *testing.T) {
	words, err := lang.New()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(readme(t)), " ")
	draft := false
	for _, l := range words.Languages() {
		draft = draft || l.Draft
		base, _ := language.MustParse(l.Tag).Base() // whichever its letters
		if name := display.English.Languages().Name(base); !strings.Contains(text, name) {
			t.Errorf("the README does not name %s", name)
		}
	}
	if said := strings.Contains(text, "**A machine made all translations but the English, and no speaker has read them yet**"); said != draft {
		t.Errorf("the README says that a machine translated the pages: %t, want %t", said, draft)
	}
}

// TestReadmeLeadsSomewhere follows the README's links into the repository.
func TestReadmeLeadsSomewhere(t *testing.T) {
	for _, m := range regexp.MustCompile(`\]\(([^)#:]+)\)`).FindAllStringSubmatch(readme(t), -1) {
		if _, err := os.Stat(filepath.Join("..", "..", m[1])); errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the README leads to %s, which is not there", m[1])
		}
	}
}

package schemas_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// vectorCase is what every case of every file has; the check of a file reads the rest.
type vectorCase struct {
	Name string          `json:"name"`
	Rule string          `json:"rule"`
	Read json.RawMessage `json:"read"`
}

// vectorChecks reads one case of a file with nothing but package protocol, and gives what
// the case says under "read", or the error.
func vectorChecks() map[string]func(raw []byte) (any, error) {
	return map[string]func(raw []byte) (any, error){
		"records":     checkRecord,
		"frames":      checkFrame,
		"have":        checkHave,
		"beacons":     checkBeacon,
		"charters":    checkCharter,
		"invitations": checkInvitation,
		"policies":    checkPolicy,
		"sealed":      checkSealed,
		"control":     checkControl,
		"texts":       checkText,
		"links":       checkLink,
		"ed25519":     checkEd25519,
	}
}

func TestEveryVectorIsReadAsItSays(t *testing.T) {
	for file, check := range vectorChecks() {
		for _, raw := range vectorCases(t, file) {
			var c vectorCase
			fill(t, raw, &c)
			t.Run(file+"/"+c.Name, func(t *testing.T) {
				got, err := check(raw)
				if rule := protocol.RuleName(err); err != nil || c.Rule != "" {
					if rule != c.Rule || rule == "" {
						t.Fatalf("broke rule %q (%v), want %q", rule, err, c.Rule)
					}
					return
				}
				if diff := cmp.Diff(plain(t, c.Read), plain(t, got)); diff != "" {
					t.Errorf("read (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func vectorCases(t *testing.T, file string) []json.RawMessage {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(vectorFolder, file+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []json.RawMessage
	fill(t, text, &cases)
	if len(cases) == 0 {
		t.Fatalf("%s holds no case", file)
	}
	return cases
}

func fill(t *testing.T, raw []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(raw, v); err != nil {
		t.Fatal(err)
	}
}

// plain turns a value into maps and lists, so that two can be compared as JSON.
func plain(t *testing.T, v any) any {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	fill(t, text, &out)
	return out
}

// pieces are bytes as parts: base64, or one byte so many times.
type pieces []json.RawMessage

func (p pieces) bytes() []byte {
	out := []byte{}
	for _, raw := range p {
		var text string
		var stretch struct{ Byte, Times int }
		if json.Unmarshal(raw, &text) == nil {
			b, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				panic(err)
			}
			out = append(out, b...)
		} else if err := json.Unmarshal(raw, &stretch); err == nil {
			out = append(out, bytes.Repeat([]byte{byte(stretch.Byte)}, stretch.Times)...)
		}
	}
	return out
}

type recordCase struct {
	Form   string      `json:"form"`
	Header string      `json:"header"`
	Fields [][2]string `json:"fields"`
	Body   *string     `json:"body"`
	Parts  pieces      `json:"body_parts"`
}

func (c *recordCase) record() (protocol.Record, error) {
	var r protocol.Record
	var err error
	switch c.Form {
	case "nats":
		r, err = protocol.ParseNATS([]byte(c.Header))
	case "http":
		header := map[string][]string{}
		for _, f := range c.Fields {
			header[f[0]] = append(header[f[0]], f[1])
		}
		r, err = protocol.ParseHeader(header)
	default:
		r, err = protocol.ParseBlock([]byte(c.Header))
	}
	if err != nil {
		return r, err
	}
	content := c.Parts.bytes()
	if c.Body != nil {
		content = []byte(*c.Body)
	}
	return r.WithBody(content)
}

func checkRecord(raw []byte) (any, error) {
	var c recordCase
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, err
	}
	r, err := c.record()
	if err != nil {
		return nil, err
	}
	if c.Form == "block" && string(r.Block()) != c.Header {
		return nil, errors.New("written as another block")
	}
	if err := errors.Join(r.Check(), r.Verify()); err != nil {
		return nil, err
	}
	return map[string]any{
		"name": r.Name, "type": r.Type, "time_ms": int64(r.Time), "sealed": r.Sealed, "exercise": r.Exercise,
		"handling": r.Handling, "previous": r.Previous.Hex(), "content_digest": r.ContentDigest.Hex(), "key": r.Key,
		"signature_base": string(r.AppendBase(nil)), "digest": r.Digest().Hex(), "own_signature": true,
	}, nil
}

func TestBodiesOfGoodRecordsSaySomething(t *testing.T) {
	// These are held by every node all the same: what a body says is the picture's to judge.
	unreadable := map[string]bool{
		"a body that is empty": true, "a body that says something twice is the board's to judge": true,
		"a kind nobody knows": true, "topic trust": true,
	}
	for _, raw := range vectorCases(t, "records") {
		var named vectorCase
		var c recordCase
		fill(t, raw, &named)
		fill(t, raw, &c)
		r, err := c.record()
		if err != nil || r.Verify() != nil || r.Sealed {
			continue
		}
		if _, err = body.Parse(r.Type, r.Body); (err != nil) != unreadable[named.Name] {
			t.Errorf("%s: body.Parse = %v", named.Name, err)
		}
	}
}

func checkFrame(raw []byte) (any, error) {
	var c struct {
		Frame pieces          `json:"frame"`
		Runs  json.RawMessage `json:"runs"`
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, err
	}
	frame := c.Frame.bytes()
	runs, err := protocol.ParseFrame(frame, noPacker{})
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(protocol.AppendFrame(nil, runs), frame) {
		return nil, errors.New("written as another frame")
	}
	var out []map[string]any
	for _, run := range runs {
		var records []map[string]any
		for i, r := range run.Records {
			if r.Digest() != run.Digests[i] {
				return nil, errors.New("digests of the run are not those of its records")
			}
			records = append(records, map[string]any{
				"name": r.Name, "digest": run.Digests[i].Hex(), "content_digest": r.ContentDigest.Hex(),
				"body": r.BodyState.String(), "own_signature": r.Verify() == nil,
			})
		}
		out = append(out, map[string]any{"epoch": run.EpochID, "authentic": run.Verify() == nil, "records": records})
	}
	var want, got any
	text, _ := json.Marshal(out)
	if json.Unmarshal(text, &got) != nil || json.Unmarshal(c.Runs, &want) != nil || !cmp.Equal(want, got) {
		return nil, errors.New("runs differ: " + cmp.Diff(want, got))
	}
	return nil, nil
}

// noPacker stands for a reader that can open nothing.
type noPacker struct{}

func (noPacker) Pack(dst, src []byte) []byte        { return append(dst, src...) }
func (noPacker) Unpack([]byte, int) ([]byte, error) { return nil, errors.New("no zstd here") }

func TestForkIsTwoAuthenticRecordsAtOnePosition(t *testing.T) {
	found := 0
	for _, raw := range vectorCases(t, "frames") {
		var c struct {
			Frame pieces `json:"frame"`
			Fork  string `json:"fork_at"`
		}
		fill(t, raw, &c)
		if c.Fork == "" {
			continue
		}
		found++
		runs, err := protocol.ParseFrame(c.Frame.bytes(), nil)
		if err != nil {
			t.Fatal(err)
		}
		digests := map[protocol.Digest]bool{}
		for _, run := range runs {
			for i, r := range run.Records {
				if r.String() == c.Fork && run.Verify() == nil {
					digests[run.Digests[i]] = true
				}
			}
		}
		if len(digests) != 2 {
			t.Errorf("%d authentic records at %s, want 2", len(digests), c.Fork)
		}
	}
	if found == 0 {
		t.Error("no vector holds a fork")
	}
}

type chainStep struct {
	Name     string `json:"name"`
	OpenedBy string `json:"opened_by"`
	Digest   string `json:"digest"`
	Header   string `json:"header"`
	Body     string `json:"body"`
}

func (s *chainStep) record(t *testing.T) protocol.Record {
	t.Helper()
	r, err := protocol.ParseBlock([]byte(s.Header))
	if err == nil {
		r, err = r.WithBody([]byte(s.Body))
	}
	if err = errors.Join(err, r.Verify()); err != nil || r.String() != s.Name || r.Digest().Hex() != s.Digest {
		t.Fatalf("%s: %v, digest %s", s.Name, err, r.Digest().Hex())
	}
	return r
}

func TestChainsHangOnTheirOpeners(t *testing.T) {
	for _, raw := range vectorCases(t, "chains") {
		var c struct {
			Charter string      `json:"charter"`
			Digest  string      `json:"charter_digest"`
			Records []chainStep `json:"records"`
			Claim   struct {
				Institution protocol.InstitutionID `json:"institution"`
				Claim       protocol.Key           `json:"claim_key"`
				Identity    protocol.Key           `json:"identity_key"`
				Signature   protocol.Signature     `json:"signature"`
			} `json:"claim"`
			Counts map[string][]string `json:"counts"`
			Fork   struct {
				chainStep
				Rival string `json:"rival_of"`
			} `json:"fork"`
		}
		fill(t, raw, &c)
		if got := protocol.DigestOf([]byte(c.Charter)).Hex(); got != c.Digest {
			t.Errorf("charter digest = %s, want %s", got, c.Digest)
		}
		openers := map[string]string{"charter": c.Digest}
		heads := map[protocol.EpochID]string{}
		counting := map[string][]string{}
		closed := map[string]*body.Last{}
		for _, step := range c.Records {
			r := step.record(t)
			want := heads[r.EpochID()]
			if step.OpenedBy != "" {
				want = openers[step.OpenedBy]
			}
			if r.Previous.Hex() != want {
				t.Errorf("%s hangs on %s, want %s", step.Name, r.Previous.Hex(), want)
			}
			openers[step.Name], heads[r.EpochID()] = step.Digest, step.Digest
			counting[r.EpochID().String()] = append(counting[r.EpochID().String()], step.Name)
			said, err := body.Parse(r.Type, r.Body)
			if err != nil {
				t.Errorf("%s: %v", step.Name, err)
			}
			if key, ok := said.(*body.KeyRecord); ok && key.Last != nil {
				before := protocol.EpochID{Feed: protocol.Feed{Institution: r.Institution, Topic: key.FeedTopic}, Epoch: uint32(key.FeedEpoch) - 1}
				closed[before.String()] = key.Last
			}
		}
		if !c.Claim.Claim.Verify(protocol.ClaimText(c.Claim.Institution, c.Claim.Identity), c.Claim.Signature) {
			t.Error("claim is not signed by the claim key")
		}
		for epoch, want := range c.Counts {
			got := counting[epoch]
			if last := closed[epoch]; last != nil && !last.Unknown {
				got = got[:last.Sequence]
			}
			if strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("of %s count %v, want %v", epoch, got, want)
			}
		}
		if r := c.Fork.record(t); r.Digest().Hex() == c.Fork.Rival || openers[r.String()] != c.Fork.Rival {
			t.Errorf("%s is no rival of %s", r.Name, c.Fork.Rival)
		}
	}
}

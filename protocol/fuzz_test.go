package protocol_test

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/protocol"
)

// In each target: whatever parses is written again, to the same bytes where the form has
// but one writing, and reads as the same value otherwise.

func mustHold(t *testing.T, r *protocol.Record) {
	t.Helper()
	bare := r.WithoutBody(protocol.BodyMissing)
	if err := bare.Check(); err != nil {
		t.Errorf("parsed a record that its own grammar refuses: %v", err)
	}
	again, err := protocol.ParseBlock(r.Block())
	if err != nil || again.Digest() != r.Digest() {
		t.Errorf("block is read back as another record: %v", err)
	}
}

func FuzzParseBlock(f *testing.F) {
	for _, header := range seeds(f, "records", "header") {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, block []byte) {
		r, err := protocol.ParseBlock(block)
		if err != nil {
			mustNameRule(t, err)
			return
		}
		if !bytes.Equal(r.Block(), block) {
			t.Errorf("written as\n%q\nread from\n%q", r.Block(), block)
		}
		mustHold(t, &r)
	})
}

// mustNameRule sees to it that every refusal is by a rule with a name.
func mustNameRule(t *testing.T, err error) {
	t.Helper()
	if protocol.RuleName(err) == "" || err.Error() == "" {
		t.Errorf("refused by no rule: %v", err)
	}
	var v *protocol.Violation
	if !errors.As(err, &v) {
		t.Errorf("%v is no Violation", err)
	}
}

func FuzzParseNATS(f *testing.F) {
	r := exampleRecord()
	f.Add(r.AppendNATS(nil))
	for _, header := range seeds(f, "records", "header") {
		f.Add(append([]byte("NATS/1.0\r\n"), header...))
	}
	f.Fuzz(func(t *testing.T, header []byte) {
		r, err := protocol.ParseNATS(header)
		if err != nil {
			mustNameRule(t, err)
			return
		}
		mustHold(t, &r)
	})
}

func FuzzParseHeader(f *testing.F) {
	r := exampleRecord()
	for _, field := range r.Fields() {
		f.Add(field[0], field[1], "X-Other", "x")
	}
	f.Add("ce-ſource", "/mk.a.b", "CE-ID", "situation.1.1")
	f.Fuzz(func(t *testing.T, name, value, other, more string) {
		header := map[string][]string{}
		for _, field := range r.Fields() {
			if field[0] != name {
				header[field[0]] = []string{field[1]}
			}
		}
		header[name] = append(header[name], value)
		header[other] = append(header[other], more)
		got, err := protocol.ParseHeader(header)
		if err != nil {
			mustNameRule(t, err)
			return
		}
		mustHold(t, &got)
	})
}

func FuzzParseFrame(f *testing.F) {
	run := mustRun(f, chain(3, 20))
	f.Add(protocol.AppendFrame(nil, []protocol.Run{run}))
	f.Add(protocol.AppendFrame(nil, []protocol.Run{run, run}))
	f.Add(protocol.PackFrame(protocol.AppendFrame(nil, []protocol.Run{run}), costly{}))
	for _, frame := range seeds(f, "frames", "frame") {
		f.Add(frame)
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		for _, packer := range []protocol.Packer{nil, costly{}} {
			runs, err := protocol.ParseFrame(frame, packer)
			if err != nil {
				mustNameRule(t, err)
				continue
			}
			if again := protocol.AppendFrame(nil, runs); !bytes.Equal(again[protocol.FrameHeaderSize:], frame[protocol.FrameHeaderSize:]) {
				t.Error("written as another frame")
			}
			for _, run := range runs {
				checked, err := protocol.NewRun(run.Records)
				if err != nil {
					t.Fatalf("NewRun of a parsed run: %v", err)
				}
				if !cmp.Equal(checked, run) {
					t.Error("NewRun gives another run")
				}
				_ = run.Verify()
				for i := range run.Records {
					mustHold(t, &run.Records[i])
					_ = protocol.LogSubject(&run.Records[i])
				}
			}
		}
	})
}

func FuzzParseEntry(f *testing.F) {
	r := exampleRecord()
	f.Add(protocol.AppendEntry(nil, &r))
	bare := r.WithoutBody(protocol.BodyErased)
	f.Add(protocol.AppendEntry(nil, &bare))
	f.Fuzz(func(t *testing.T, entry []byte) {
		got, err := protocol.ParseEntry(entry, r.Name, r.Key, r.Previous)
		if err != nil {
			mustNameRule(t, err)
			return
		}
		if !bytes.Equal(protocol.AppendEntry(nil, &got), entry) || protocol.EntrySize(&got) != len(entry) {
			t.Error("written as another entry")
		}
		mustHold(t, &got)
	})
}

func FuzzParseBeacon(f *testing.F) {
	b := protocol.Beacon{Institution: "mk.southeast.gevgelija", Time: 1458206100000, Key: protocol.KeyOf(exampleKey())}
	b.Heads = []protocol.Head{{Topic: protocol.Situation, Epoch: 1, Sequence: 1}, {Topic: protocol.Trust, Epoch: 1}}
	b.Signature = sign(b.Text())
	f.Add(b.Wire(), true)
	for _, text := range seeds(f, "beacons", "text") {
		f.Add(text, false)
	}
	f.Fuzz(func(t *testing.T, wire []byte, resign bool) {
		if resign { // or nothing a fuzzer makes would get past the signature
			if i := bytes.LastIndex(wire, []byte("\nsignature ")); i >= 0 {
				wire = append(bytes.Clone(wire[:i+1]), "signature "+sign(wire[:i+1]).String()+"\n"...)
			}
		}
		b, err := protocol.ParseBeacon(wire)
		if err != nil {
			mustNameRule(t, err)
			return
		}
		if !bytes.Equal(b.Wire(), wire) {
			t.Errorf("written as\n%q\nread from\n%q", b.Wire(), wire)
		}
	})
}

func FuzzParseInvitation(f *testing.F) {
	f.Add(`{"n":"x","c":"` + protocol.DigestOf().Hex() + `","r":"mk.national.a","i":"mk.a.b","a":["[::1]:1"],"k":"` +
		protocol.KeyOf(exampleKey()).String() + `","l":"mk.national.a","s":"` + protocol.DigestOf().Hex() + `","e":"2016-03-24T00:00:00Z"}`)
	for _, text := range append(seeds(f, "invitations", "text"), seeds(f, "invitations", "line")...) {
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, line := range []string{text, invitationLine(text)} {
			v, err := protocol.ParseInvitation(line)
			if err != nil {
				mustNameRule(t, err)
				continue
			}
			again, err := protocol.ParseInvitation(v.Line())
			if err != nil || !cmp.Equal(again, v) {
				t.Errorf("%q is read back otherwise: %v", v.Line(), err)
			}
		}
	})
}

func FuzzCharter(f *testing.F) {
	f.Add([]byte(exampleCharter()), true)
	for _, text := range seeds(f, "charters", "envelope") {
		f.Add(text, false)
	}
	f.Fuzz(func(t *testing.T, text []byte, isDocument bool) {
		s := protocol.SignedCharter{Document: text}
		if isDocument {
			s.Sign("mk.national.a", exampleKey())
		} else if err := s.UnmarshalJSON(text); err != nil {
			mustNameRule(t, err)
			return
		}
		mustReadAgain(t, &s, new(protocol.SignedCharter))
		c, err := s.Verify()
		if err != nil {
			mustNameRule(t, err)
			return
		}
		if _, err := c.ExpiresAt(); err != nil {
			t.Errorf("a charter that holds ends at %q", c.Expires)
		}
		_, _ = c.RegistrarOf("mk.a.b")
		first := protocol.SignedCharter{Document: []byte(exampleCharter())}
		if _, err := s.VerifyAfter(&first); err != nil {
			mustNameRule(t, err)
		}
		if _, err := s.VerifyEnding(&first, &first, &s); err != nil {
			mustNameRule(t, err)
		}
	})
}

func FuzzPolicy(f *testing.F) {
	f.Add([]byte(`{"vardar":"link","number":3,"a":"mk.a.b","b":"mk.a.c","a_to_b":{"groups":["* mk.*"],"bodies":"TLP:AMBER","relay":"TLP:GREEN","kib_s":0},"b_to_a":{"groups":["* *","alert mk.a"],"bodies":"TLP:GREEN","relay":"TLP:GREEN","kib_s":512}}`), true)
	for _, text := range seeds(f, "policies", "envelope") {
		f.Add(text, false)
	}
	for _, text := range seeds(f, "policies", "document") {
		f.Add(text, true)
	}
	f.Fuzz(func(t *testing.T, text []byte, isDocument bool) {
		s := protocol.SignedPolicy{Document: text}
		if isDocument {
			s.Sign("mk.a.b", exampleKey())
		} else if err := s.UnmarshalJSON(text); err != nil {
			mustNameRule(t, err)
			return
		}
		mustReadAgain(t, &s, new(protocol.SignedPolicy))
		p, err := s.Parse()
		if err != nil {
			mustNameRule(t, err)
			return
		}
		p.From(p.A).Carries(protocol.Group{Topic: protocol.Alert, Region: "mk.a"})
	})
}

// mustReadAgain writes a value and reads what it wrote.
func mustReadAgain(t *testing.T, v, again any) {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("parsed what can't be written: %v", err)
	}
	if _, err := protocol.DecodeJSON(text, again); err != nil {
		t.Fatalf("%s is not read back: %v", text, err)
	}
	if second, err := json.Marshal(again); err != nil || !bytes.Equal(second, text) {
		t.Errorf("written as %s, read back and written as %s (%v)", text, second, err)
	}
}

func FuzzParseUnsealed(f *testing.F) {
	name := protocol.Name{Institution: "mk.southeast.gevgelija", Position: protocol.Position{Topic: protocol.Resource, Epoch: 1, Sequence: 7}}
	u := protocol.Unsealed{Source: name.Institution, ID: name.Position, Type: "vardar.resource.request.v1", Body: json.RawMessage(`{"salt":"AAECAwQFBgcICQoLDA0ODw==","x":"<&>"}`)}
	text, err := u.Pad()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text))
	for _, text := range seeds(f, "sealed", "plaintext") {
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		padded := text
		if n := len(text); n < 1024 {
			padded += string(bytes.Repeat([]byte{' '}, 1024-n))
		}
		u, err := protocol.ParseUnsealed([]byte(padded), name)
		if err != nil {
			mustNameRule(t, err)
			return
		}
		again, err := u.Pad()
		if err != nil {
			t.Fatalf("parsed what can't be written: %v", err)
		}
		second, err := protocol.ParseUnsealed(again, name)
		if err != nil || !cmp.Equal(second, u) {
			t.Errorf("read back otherwise: %v", err)
		}
	})
}

func FuzzDecodeJSON(f *testing.F) {
	f.Add([]byte(`{"previous":null,"count":3,"figures":[{"value":0,"by":"mk.a.b"}],"texts":{"mk":"\u0434а"},"x":[{"a":1e3,"b":[true,null]}]}`))
	f.Add([]byte(`{"previous":"\ud800","count":1,"texts":{"":""}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var v, again jsonOuter
		unknown, err := protocol.DecodeJSON(text, &v)
		if err != nil {
			mustNameRule(t, err)
			return
		}
		mustReadAgain(t, &v, &again)
		if len(unknown) > 0 {
			return // encoding/json may know it, in another case
		}
		var std jsonOuter
		if err := json.Unmarshal(text, &std); err != nil || !cmp.Equal(std.Previous, v.Previous) || std.Count != v.Count || !cmp.Equal(std.Texts, v.Texts) {
			t.Errorf("encoding/json reads %+v (%v), not %+v", std, err, v)
		}
	})
}

func FuzzControl(f *testing.F) {
	r := exampleRecord()
	fork, _ := json.Marshal(protocol.Acknowledgement{V: 1, Runs: []protocol.RunOutcome{protocol.NewFork(&r)}})
	for i, text := range []string{
		`{"v":1,"wire":["v1"],"software":"x","institutions":["mk.a.b"],"policy":null,"charter":"` + protocol.DigestOf().String() + `","time":"2016-03-17T09:00:00.000Z"}`,
		`{"v":1,"groups":{"situation mk.southeast":"` + protocol.DigestOf().Hex() + `"}}`,
		`{"v":1,"groups":["situation mk.a"],"after":["situation","mk.a.b",1,42,"27a36009d6bc2c6ea5d45ed98ac11d0d"]}`,
		`{"v":1,"rows":[["situation","mk.a.b",1,42,"27a36009d6bc2c6ea5d45ed98ac11d0d"]]}`,
		`{"v":1,"feed":"mk.a.b/situation","epoch":1,"sequences":[1,2]}`,
		`{"v":1,"digests":["27a36009d6bc2c6ea5d45ed98ac11d0d",null]}`,
		`{"v":1,"feed":"mk.a.b/situation","epoch":1,"from":1,"to":2,"bodies":true}`,
		`{"v":1,"records":["mk.a.b/situation.1.1"]}`,
		`{"v":1,"digest":"` + protocol.DigestOf().String() + `"}`,
		string(fork),
		`{"v":1,"error":"busy"}`,
	} {
		f.Add(uint8(i), []byte(text))
	}
	for i, text := range seeds(f, "control", "text") {
		f.Add(uint8(i), text)
	}
	f.Fuzz(func(t *testing.T, which uint8, text []byte) {
		made := func() any {
			return [...]any{
				new(protocol.Hello), new(protocol.HaveAnswer), new(protocol.RowsQuestion), new(protocol.RowsAnswer), new(protocol.BisectQuestion),
				new(protocol.BisectAnswer), new(protocol.RangeQuestion), new(protocol.BodiesQuestion), new(protocol.CharterQuestion),
				new(protocol.Acknowledgement), new(protocol.ErrorAnswer), new(protocol.OwnQuestion), new(protocol.BeaconsMessage), new(protocol.FileQuestion),
				new(protocol.BeaconsAnswer),
			}[which%15]
		}
		v := made()
		if err := protocol.DecodeControl(text, v); err != nil {
			mustNameRule(t, err)
			return
		}
		mustReadAgain(t, v, made())
		if a, ok := v.(*protocol.Acknowledgement); ok {
			for _, run := range a.Runs {
				if _, err := run.Held(); err != nil {
					mustNameRule(t, err)
				}
			}
		}
		_ = protocol.ParseErrorAnswer(text)
	})
}

func FuzzTexts(f *testing.F) {
	for _, text := range []string{
		"mk.southeast.gevgelija", "mk.a.b/situation", "situation mk.a", "mk.a.b/situation.1", "mk.a.b/situation.1.42", "situation.1.42",
		"2016-03-17T09:00:00.000Z", "trust", "TLP:AMBER+STRICT", protocol.DigestOf().String(), protocol.KeyOf(exampleKey()).String(), sign(nil).String(),
		"27a36009d6bc2c6ea5d45ed98ac11d0d", "accepted",
	} {
		f.Add(text)
	}
	for _, text := range seeds(f, "texts", "text") {
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, v := range []encoding.TextUnmarshaler{
			new(protocol.InstitutionID), new(protocol.Feed), new(protocol.Group), new(protocol.EpochID), new(protocol.Name), new(protocol.Position),
			new(protocol.Instant), new(protocol.Topic), new(protocol.Handling), new(protocol.Digest), new(protocol.Key), new(protocol.Signature),
			new(protocol.DigestPrefix),
		} {
			if err := v.UnmarshalText([]byte(text)); err != nil {
				mustNameRule(t, err)
				continue
			}
			if again, err := v.(encoding.TextMarshaler).MarshalText(); err != nil || string(again) != text {
				t.Errorf("%T read %q and wrote %q (%v)", v, text, again, err)
			}
		}
		if topic, err := protocol.TypeTopic(text); err == nil && !topic.Valid() {
			t.Errorf("type %q has no topic", text)
		}
	})
}

package keys_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/protocol"
)

type marks = map[protocol.EpochID]protocol.Head

func mark(topic protocol.Topic, epoch, sequence uint32, text string) (protocol.EpochID, protocol.Head) {
	e := protocol.EpochID{Feed: protocol.Feed{Institution: gevgelija, Topic: topic}, Epoch: epoch}
	return e, protocol.Head{Topic: topic, Epoch: epoch, Sequence: sequence, Digest: protocol.DigestOf([]byte(text))}
}

func marking(topic protocol.Topic, epoch, sequence uint32, text string) marks {
	e, h := mark(topic, epoch, sequence, text)
	return marks{e: h}
}

func TestMarkIsThereAfterAStart(t *testing.T) {
	o := keys.Options{Dir: t.TempDir()}
	s := create(t, o)
	if got, err := s.Mark(t.Context()); err != nil || len(got) != 0 {
		t.Fatalf("Mark() of a new safe = %v, %v, want none", got, err)
	}
	want := marks{}
	for _, m := range []marks{
		marking(protocol.Situation, 1, 41, "a"), marking(protocol.Situation, 1, 42, "b"), marking(protocol.Situation, 2, 1, "c"),
		marking(protocol.Trust, 10, 7, "d"), marking(protocol.Alert, 9, 0, "opener"),
	} {
		if err := s.SetMark(m); err != nil {
			t.Fatal(err)
		}
		maps.Copy(want, m)
	}
	for _, s := range []*keys.Safe{s, open(t, o)} {
		got, err := s.Mark(t.Context())
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("Mark() = %v, other than set (-want +got):\n%s", err, diff)
		}
	}
	digest := protocol.DigestOf([]byte("b")).Hex()
	if text := string(read(t, filepath.Join(o.Dir, "keys", "mark"))); !strings.Contains(text, "mk.southeast.gevgelija/situation 1 42 "+digest+"\n") {
		t.Errorf("the mark reads:\n%s", text)
	}
}

func TestMarkNeverGoesBack(t *testing.T) {
	o := keys.Options{Dir: t.TempDir()}
	s := create(t, o)
	var writers sync.WaitGroup
	for n := range uint32(20) {
		writers.Go(func() {
			if err := s.SetMark(marking(protocol.Situation, 1, n+1, fmt.Sprint(n+1))); err != nil {
				t.Error(err)
			}
		})
	}
	writers.Wait()
	want := marking(protocol.Situation, 1, 20, "20")
	got, err := open(t, o).Mark(t.Context())
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Mark() = %v, want the highest (-want +got):\n%s", err, diff)
	}
	if err := s.SetMark(marking(protocol.Situation, 1, 20, "another")); !errors.Is(err, keys.ErrMark) {
		t.Errorf("SetMark() of two records at one position = %v, want ErrMark", err)
	}
}

func TestMarkIsOfOwnFeedsAlone(t *testing.T) {
	s := create(t, keys.Options{Dir: t.TempDir()})
	e, h := mark(protocol.Situation, 1, 1, "a")
	e.Institution = idomeni
	if err := s.SetMark(marks{e: h}); !errors.Is(err, keys.ErrNotHosted) {
		t.Errorf("SetMark() of a stranger's feed = %v, want ErrNotHosted", err)
	}
	e.Institution, e.Epoch = gevgelija, 2
	if err := s.SetMark(marks{e: h}); err == nil {
		t.Error("SetMark() took the head of another epoch")
	}
}

func TestDamagedMarkNamesTheLine(t *testing.T) {
	digest := protocol.DigestOf([]byte("a")).Hex()
	good := "mk.southeast.gevgelija/situation 1 42 " + digest + "\n"
	tests := []struct {
		name, text, want string
	}{
		{"cut", good + good[:50], "line 2"},
		{"no line end", strings.TrimSuffix(good, "\n"), "line 1"},
		{"CR LF", strings.ReplaceAll(good, "\n", "\r\n"), "line 1"},
		{"empty line", good + "\n", "line 2"},
		{"twice", good + good, "line 2"},
		{"not sorted", good + "mk.southeast.gevgelija/alert 1 1 " + digest + "\n", "line 2"},
		{"epochs not sorted as numbers", strings.Replace(good, " 1 ", " 10 ", 1) + strings.Replace(good, " 1 ", " 9 ", 1), "line 2"},
		{"epoch 0", strings.Replace(good, " 1 ", " 0 ", 1), "line 1"},
		{"leading zero", strings.Replace(good, " 42 ", " 042 ", 1), "line 1"},
		{"plus", strings.Replace(good, " 42 ", " +42 ", 1), "line 1"},
		{"too large", strings.Replace(good, " 42 ", " 2147483648 ", 1), "line 1"},
		{"capitals", strings.ToUpper(good), "line 1"},
		{"short digest", strings.Replace(good, digest, digest[2:], 1), "line 1"},
		{"two blanks", strings.Replace(good, " 42", "  42", 1), "line 1"},
		{"five fields", strings.TrimSuffix(good, "\n") + " x\n", "line 1"},
		{"zeros", string(make([]byte, 512)), "line 1"},
	}
	o := keys.Options{Dir: t.TempDir()}
	create(t, o)
	path := filepath.Join(o.Dir, "keys", "mark")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			write(t, path, tt.text)
			s := open(t, o)
			_, err := s.Mark(t.Context())
			if !errors.Is(err, keys.ErrMark) || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("Mark() = %v, want ErrMark naming %s of the file", err, tt.want)
			}
			if err := s.SetMark(marking(protocol.Situation, 1, 1, "a")); !errors.Is(err, keys.ErrMark) {
				t.Errorf("SetMark() over a damaged mark = %v, want ErrMark", err)
			}
		})
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, o).Mark(t.Context()); !errors.Is(err, keys.ErrNoMark) {
		t.Errorf("Mark() of a missing file = %v, want ErrNoMark", err)
	}
}

func FuzzParseMark(f *testing.F) {
	digest := protocol.DigestOf([]byte("a")).Hex()
	f.Add([]byte(""))
	f.Add([]byte("mk.southeast.gevgelija/situation 1 42 " + digest + "\n"))
	f.Add([]byte("mk.southeast.gevgelija/alert 9 0 " + digest + "\nmk.southeast.gevgelija/alert 10 1 " + digest + "\n"))
	f.Add([]byte("mk.southeast.gevgelija/situation 1 42 " + digest))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := keys.ParseMark(text)
		if err != nil {
			if !errors.Is(err, keys.ErrMark) {
				t.Fatalf("ParseMark() = %v", err)
			}
			return
		}
		if lines := strings.Count(string(text), "\n"); lines != len(got) {
			t.Fatalf("%d lines gave %d positions", lines, len(got))
		}
		for e, h := range got {
			line := fmt.Sprintf("%s %d %d %s\n", e.Feed, e.Epoch, h.Sequence, h.Digest.Hex())
			if !strings.Contains(string(text), line) || h.Topic != e.Topic || h.Epoch != e.Epoch {
				t.Fatalf("%v is not in the text", h)
			}
		}
	})
}

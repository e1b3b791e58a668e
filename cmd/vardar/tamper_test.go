package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRecordTamperedInAnyPartDoesNotHold changes each field of a record to another that is
// fit by its grammar, where there is one, then its signature and its body.
func TestRecordTamperedInAnyPartDoesNotHold(t *testing.T) {
	dir := folder(t)
	run(t, codeDone, "--dir", dir, "init", string(town), "--network", "test", "--registrar", "mk.", "--level", "municipality")
	c, kill := start(t, dir)
	p, err := c.Publish(t.Context(), note("quiet"))
	if err != nil {
		t.Fatal(err)
	}
	whole := run(t, codeDone, "--dir", dir, "show", p.Record.String(), "--http")
	kill(os.Interrupt)
	file := filepath.Join(dir, "record.http")
	verify := func(code int, text string) string {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return run(t, code, "verify", file)
	}
	verify(codeDone, whole)
	tests := map[string]string{
		"ce-specversion": "1.1", "ce-id": "situation.1.2", "ce-source": "/mk.southeast.gevgelijb",
		"ce-type": "vardar.situation.note.v1", "ce-time": "2016-03-17T09:00:00.000Z", "content-type": "application/vnd.age",
		"ce-topic": "resource", "ce-epoch": "2", "ce-sequence": "2",
		"ce-previous": "sha-256=:rAU+0LpBwfR6/Pd6vAXMETaXAYJQF0BKb3nVqr8B5cM=:", "ce-handling": "TLP:CLEAR", "ce-exercise": "1",
		"content-digest": "sha-256=:JiQjCJDHTpYupD1cNKWYoF8eudHcOsUew+lkro7q2Pk=:",
	}
	for name, other := range tests {
		t.Run(name, func(t *testing.T) {
			if out := verify(codeCheckFound, tampered(t, whole, name, func(string) string { return other })); !strings.Contains(out, "DOES NOT HOLD") {
				t.Errorf("it is not said that the record does not hold:\n%s", out)
			}
		})
	}
	t.Run("position in all its fields", func(t *testing.T) {
		text := tampered(t, whole, "ce-id", func(string) string { return "situation.1.2" })
		verify(codeCheckFound, tampered(t, text, "ce-sequence", func(string) string { return "2" }))
	})
	for name, at := range map[string]string{"signature-input": "keyid=\"", "signature": "vardar=:"} {
		t.Run(name, func(t *testing.T) {
			verify(codeCheckFound, tampered(t, whole, name, func(value string) string {
				i := strings.Index(value, at) + len(at)
				digit := "0"
				if value[i] == '0' {
					digit = "1"
				}
				return value[:i] + digit + value[i+1:]
			}))
		})
	}
	t.Run("body", func(t *testing.T) {
		verify(codeCheckFound, strings.Replace(whole, "quiet", "queit", 1))
	})
	t.Run("body cut off", func(t *testing.T) {
		verify(codeCheckFound, whole[:len(whole)-1])
	})
}

// tampered gives a record with another value of a field.
func tampered(t *testing.T, record, field string, change func(value string) string) string {
	t.Helper()
	out, found := "", false
	for l := range strings.SplitAfterSeq(record, "\n") {
		name, value, ok := strings.Cut(l, ": ")
		if ok && strings.EqualFold(name, field) && !found {
			found = true
			value = strings.TrimRight(value, "\r\n")
			l = name + ": " + change(value) + l[len(name)+2+len(value):]
		}
		out += l
	}
	if !found || out == record {
		t.Fatalf("field %s is not there, or was left as it is:\n%s", field, record)
	}
	return out
}

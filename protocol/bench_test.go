package protocol_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/vardar-network/vardar/protocol"
)

// benchRun is a run of n records of 1.2 kB, the size of hotpath.md.
func benchRun(b *testing.B, n int) protocol.Run {
	b.Helper()
	body := append([]byte(`{"salt":"AAECAwQFBgcICQoLDA0ODw==","summary":"`), bytes.Repeat([]byte("x"), 1200)...)
	body = append(body, `"}`...)
	records := make([]protocol.Record, n)
	previous := protocol.DigestOf([]byte("opener"))
	for i := range records {
		r := exampleRecord()
		r.Sequence, r.Previous = uint32(i+1), previous
		r.SetBody(body)
		r.Sign(exampleKey())
		records[i], previous = r, r.Digest()
	}
	run, err := protocol.NewRun(records)
	if err != nil {
		b.Fatal(err)
	}
	return run
}

// perRecord reports the cost of one of the 40 records of a frame.
const perFrame = 40

func BenchmarkParseFrame(b *testing.B) {
	frame := protocol.AppendFrame(nil, []protocol.Run{benchRun(b, perFrame)})
	b.SetBytes(int64(len(frame)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := protocol.ParseFrame(frame, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/perFrame, "ns/record")
}

func BenchmarkAppendFrame(b *testing.B) {
	runs := []protocol.Run{benchRun(b, perFrame)}
	frame := protocol.AppendFrame(nil, runs)
	b.SetBytes(int64(len(frame)))
	b.ReportAllocs()
	for b.Loop() {
		frame = protocol.AppendFrame(frame[:0], runs)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/perFrame, "ns/record")
}

func BenchmarkAppendBase(b *testing.B) {
	r := exampleRecord()
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = r.AppendBase(buf[:0])
	}
}

func BenchmarkDigest(b *testing.B) {
	r := exampleRecord()
	b.ReportAllocs()
	for b.Loop() {
		_ = r.Digest()
	}
}

func BenchmarkVerify(b *testing.B) {
	r := exampleRecord()
	b.ReportAllocs()
	for b.Loop() {
		if err := r.Verify(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseBlock(b *testing.B) {
	block := []byte(exampleBlock)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := protocol.ParseBlock(block); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseNATS(b *testing.B) {
	r := exampleRecord()
	header := r.AppendNATS(nil)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := protocol.ParseNATS(header); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendBlock(b *testing.B) {
	r := exampleRecord()
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = r.AppendBlock(buf[:0])
	}
}

// BenchmarkGroupDigest is the have digest of a group in which a country's 80 municipalities
// write: what each comparison computes.
func BenchmarkGroupDigest(b *testing.B) {
	const members = 80
	group := protocol.Group{Topic: protocol.Situation, Region: "mk.southeast"}
	rows := make([]protocol.HaveRow, members)
	for i := range rows {
		feed := protocol.Feed{Institution: protocol.InstitutionID(fmt.Sprintf("mk.southeast.town-%02d", i)), Topic: protocol.Situation}
		rows[i] = protocol.HaveRow{EpochID: protocol.EpochID{Feed: feed, Epoch: 1}, Sequence: uint32(i + 1), Head: protocol.DigestOf([]byte(feed.Institution)).Prefix()}
	}
	b.ReportAllocs()
	for b.Loop() {
		if protocol.GroupDigest(group, rows).IsZero() {
			b.Fatal("no digest")
		}
	}
}

package protocol_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// chain writes n records of one epoch, with bodies of size bytes.
func chain(n, size int) []protocol.Record {
	records := make([]protocol.Record, n)
	previous := protocol.DigestOf([]byte("opener"))
	for i := range records {
		r := exampleRecord()
		r.Sequence, r.Previous = uint32(i+1), previous
		r.SetBody(bytes.Repeat([]byte{'x'}, size))
		r.Sign(exampleKey())
		records[i], previous = r, r.Digest()
	}
	return records
}

func mustRun(t testing.TB, records []protocol.Record) protocol.Run {
	t.Helper()
	run, err := protocol.NewRun(records)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func TestRunIsConsecutiveRecordsOfOneChain(t *testing.T) {
	three := chain(3, 10)
	changed := func(edit func([]protocol.Record)) []protocol.Record {
		records := chain(3, 10)
		edit(records)
		return records
	}
	tests := []struct {
		name    string
		records []protocol.Record
		rule    error
	}{
		{"three in a row", three, nil},
		{"none", nil, protocol.ErrRunCount},
		{"257", chain(257, 1), protocol.ErrRunCount},
		{"256", chain(256, 1), nil},
		{"one left out", []protocol.Record{three[0], three[2]}, protocol.ErrRunMixed},
		{"another institution", changed(func(r []protocol.Record) { r[1].Institution = "mk.southeast.bogdanci" }), protocol.ErrRunMixed},
		{"another epoch", changed(func(r []protocol.Record) { r[1].Epoch = 2 }), protocol.ErrRunMixed},
		{"another key", changed(func(r []protocol.Record) { r[1].Key[0] ^= 1 }), protocol.ErrRunMixed},
		{"a broken chain", changed(func(r []protocol.Record) { r[1].Previous[0] ^= 1 }), protocol.ErrRunMixed},
		{"a signature changed behind the chain's back", changed(func(r []protocol.Record) { r[1].Signature[0] ^= 1 }), protocol.ErrRunMixed},
		{"more than 4 MiB", chain(17, 250_000), protocol.ErrRunTooLong},
		{"past the last sequence", changed(func(r []protocol.Record) {
			r[0].Sequence = protocol.MaxNumber
			r[1].Sequence, r[1].Previous = protocol.MaxNumber+1, r[0].Digest()
			r[2].Sequence, r[2].Previous = protocol.MaxNumber+2, r[1].Digest()
		}), protocol.ErrRunSequence},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			run, err := protocol.NewRun(tt.records)
			if !errors.Is(err, tt.rule) {
				t.Fatalf("NewRun() = %v, want %v", err, tt.rule)
			}
			if err != nil {
				return
			}
			if got, want := len(protocol.AppendRun(nil, &run)), run.Size(); got != want {
				t.Errorf("run is %d bytes, Size() = %d", got, want)
			}
		})
	}
}

func TestLastSignatureProvesTheWholeRun(t *testing.T) {
	frame := protocol.AppendFrame(nil, []protocol.Run{mustRun(t, chain(3, 10))})
	runs, err := protocol.ParseFrame(frame, nil)
	if err != nil || runs[0].Verify() != nil {
		t.Fatalf("ParseFrame() = %v, Verify() = %v", err, runs[0].Verify())
	}
	// Every byte counts: none can be changed without the frame being refused, the run
	// failing, or (in its header) another feed or key being claimed that no opener names.
	for i := range frame {
		for _, bit := range []byte{1, 0x80} {
			bad := bytes.Clone(frame)
			bad[i] ^= bit
			runs, err := protocol.ParseFrame(bad, nil)
			if err != nil {
				continue
			}
			if err := runs[0].Verify(); !errors.Is(err, protocol.ErrNotSigned) {
				t.Errorf("byte %d changed by %#x: Verify() = %v", i, bit, err)
			}
		}
	}
}

func TestRunWithoutRecordsIsNotAuthentic(t *testing.T) {
	run := protocol.Run{}
	if err := run.Verify(); !errors.Is(err, protocol.ErrRunCount) {
		t.Errorf("Verify() = %v, want %v", err, protocol.ErrRunCount)
	}
}

func TestRunsOfOneFeedJoinToAChunk(t *testing.T) {
	records := chain(256, 1)
	first, second, rest := mustRun(t, records[:100]), mustRun(t, records[100:200]), mustRun(t, records[200:])
	chunk, ok := first.Join(&second)
	if ok {
		chunk, ok = chunk.Join(&rest)
	}
	if !ok || len(chunk.Records) != 256 || chunk.Verify() != nil {
		t.Fatalf("joined %d records, %v", len(chunk.Records), ok)
	}
	if got := mustRun(t, records); chunk.Digests[255] != got.Digests[255] || first.Verify() != nil {
		t.Error("digests of the chunk are not those of its records")
	}
	more := mustRun(t, chain(257, 1)[256:])
	gap := mustRun(t, records[101:200])
	other := mustRun(t, chain(256, 2)[100:])
	for name, next := range map[string]*protocol.Run{"too many": &more, "a gap": &gap, "another branch": &other, "itself": &first} {
		base := &first
		if name == "too many" {
			base = &chunk
		}
		if _, ok := base.Join(next); ok {
			t.Errorf("%s was joined", name)
		}
	}
	big := chain(20, 220_000)
	half, end := mustRun(t, big[:10]), mustRun(t, big[10:])
	if _, ok := half.Join(&end); ok {
		t.Error("a chunk of more than 4 MiB was joined")
	}
}

// costly counts what it is asked to open.
type costly struct{ out []byte }

func (c costly) Pack(dst, src []byte) []byte { return append(dst, src...) }

func (c costly) Unpack(src []byte, limit int) ([]byte, error) {
	if c.out != nil {
		return c.out, nil
	}
	if len(src) > limit {
		return nil, errors.New("too long")
	}
	return src, nil
}

func TestPackedFrameIsOpenedWithinItsBound(t *testing.T) {
	long := protocol.AppendFrame(nil, []protocol.Run{mustRun(t, chain(200, 1000))})
	packed := protocol.PackFrame(long, costly{})
	runs, err := protocol.ParseFrame(packed, costly{})
	if err != nil || runs[0].Verify() != nil {
		t.Fatalf("ParseFrame() = %v", err)
	}
	if _, err := protocol.ParseFrame(packed, nil); !errors.Is(err, protocol.ErrFramePacked) {
		t.Errorf("with no Packer: %v, want %v", err, protocol.ErrFramePacked)
	}
	if _, err := protocol.ParseFrame(packed, costly{make([]byte, protocol.MaxRunBytes+1)}); !errors.Is(err, protocol.ErrFrameTooLong) {
		t.Errorf("a Packer that gives too much: %v, want %v", err, protocol.ErrFrameTooLong)
	}
	if _, err := protocol.ParseFrame(long, nil); !errors.Is(err, protocol.ErrFrameTooLong) {
		t.Errorf("the same, plain: %v, want %v", err, protocol.ErrFrameTooLong)
	}
}

func TestFrameBoundIsKeptToTheByte(t *testing.T) {
	two := chain(2, 100)
	size := len(protocol.AppendFrame(nil, []protocol.Run{mustRun(t, two)}))
	for over, rule := range []error{nil, protocol.ErrFrameTooLong} {
		records := chain(2, 100+(protocol.MaxFrameBytes-size)/2)
		records[1].SetBody(append(records[1].Body, make([]byte, (protocol.MaxFrameBytes-size)%2+over)...))
		frame := protocol.AppendFrame(nil, []protocol.Run{mustRun(t, records)})
		if _, err := protocol.ParseFrame(frame, nil); !errors.Is(err, rule) || len(frame) != protocol.MaxFrameBytes+over {
			t.Errorf("frame of %d bytes: %v, want %v", len(frame), err, rule)
		}
	}
}

func TestReadingAFrameAllocatesByTheRun(t *testing.T) {
	frame := protocol.AppendFrame(nil, []protocol.Run{mustRun(t, chain(40, 1200))})
	if n := testing.AllocsPerRun(20, func() { _, _ = protocol.ParseFrame(frame, nil) }); n > 40 {
		t.Errorf("%v allocations for 40 records, want at most one each", n)
	}
	r := exampleRecord()
	if n := testing.AllocsPerRun(20, func() { _ = r.Digest(); _ = r.Verify() }); n > 2 {
		t.Errorf("%v allocations to hash and verify a record, want at most 2", n)
	}
}

func TestTimeIsWrittenAsTheStandardLibraryWouldWriteIt(t *testing.T) {
	const layout = "2006-01-02T15:04:05.000Z"
	step := protocol.Instant(86_400_000*11 + 3_723_004) // passes every month and hour in turn
	for i := protocol.Instant(0); i <= protocol.MaxInstant; i += step {
		r := protocol.Record{Time: i}
		if want := []byte(time.UnixMilli(int64(i)).UTC().Format(layout)); !bytes.Contains(r.AppendBase(nil), want) {
			t.Fatalf("time %d is not written %s", i, want)
		}
	}
	r := protocol.Record{Time: protocol.MaxInstant}
	if !bytes.Contains(r.AppendBase(nil), []byte("9999-12-31T23:59:59.999Z")) {
		t.Error("the last moment is written otherwise")
	}
}

func TestForkAnswerProvesTheRecordHeld(t *testing.T) {
	held := exampleRecord()
	outcome := protocol.NewFork(&held)
	got, err := outcome.Held()
	if err != nil || got.Digest() != held.Digest() || got.Verify() != nil {
		t.Errorf("Held() = %v, %v", got.Name, err)
	}
	outcome.Outcome = protocol.Accepted
	if _, err := outcome.Held(); !errors.Is(err, protocol.ErrJSONMissing) {
		t.Errorf("Held() of %s = %v", outcome.Outcome, err)
	}
}

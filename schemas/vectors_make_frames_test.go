package schemas_test

import (
	"bytes"
	"strconv"

	"github.com/vardar-network/vardar/protocol"
)

// chainOf writes n records of the town's situation feed, epoch 1, from an opener; each
// edit may change a record before it is signed.
func chainOf(opener protocol.Digest, n int, edits ...func(i int, r *protocol.Record)) []protocol.Record {
	out := make([]protocol.Record, n)
	previous := opener
	for i := range out {
		r := &out[i]
		*r = protocol.Record{
			Name: at(town, protocol.Situation, 1, uint32(i+1)), Type: "vardar.situation.report.v1",
			Time: exampleTime + protocol.Instant(i)*3600_000, Previous: previous, Handling: protocol.Green,
		}
		r.SetBody(reportBody(strconv.Itoa(1000 + i)))
		for _, edit := range edits {
			edit(i, r)
		}
		r.Sign(vectorKey(nodeKey))
		for _, edit := range edits {
			edit(-i-1, r) // after signing
		}
		previous = r.Digest()
	}
	return out
}

// spoiled makes a bad signature at sequence n: the chain goes on over it.
func spoiled(n int) func(int, *protocol.Record) {
	return func(i int, r *protocol.Record) {
		if i == -n {
			r.Signature[0] ^= 1
		}
	}
}

func runOf(records []protocol.Record) protocol.Run {
	first := &records[0]
	return protocol.Run{EpochID: first.EpochID(), First: first.Sequence, Key: first.Key, Previous: first.Previous, Records: records}
}

func frameOf(runs ...protocol.Run) []byte { return protocol.AppendFrame(nil, runs) }

// readRuns is what a reader says of the runs of a frame that holds.
func readRuns(runs ...protocol.Run) []vector {
	var out []vector
	for _, run := range runs {
		var records []vector
		for i := range run.Records {
			r := &run.Records[i]
			records = append(records, vector{
				"name": r.String(), "digest": r.Digest().Hex(), "content_digest": r.ContentDigest.Hex(),
				"body": r.BodyState.String(), "own_signature": r.Verify() == nil,
			})
		}
		out = append(out, vector{"epoch": run.String(), "authentic": run.Last().Verify() == nil, "records": records})
	}
	return out
}

func goodFrame(name string, runs ...protocol.Run) vector {
	return vector{"name": name, "frame": parts(frameOf(runs...)), "runs": readRuns(runs...)}
}

func frameVectors() []vector {
	opener := protocol.DigestOf([]byte("opener"))
	three := chainOf(opener, 3)
	example := wireExample()
	states := chainOf(opener, 4, func(i int, r *protocol.Record) {
		if i < 0 {
			*r = r.WithoutBody(protocol.BodyState(-i - 1))
			if r.BodyState == protocol.BodyHeld {
				r.SetBody(reportBody("1000"))
			}
		}
	})
	other := wireExample(func(r *protocol.Record) {
		r.Institution, r.Topic, r.Type = neighbour, protocol.Alert, "vardar.alert.note.v1"
		r.SetBody([]byte(exampleSalt + `,"text":"the road is closed"}`))
	})
	most := chainOf(opener, 256, func(i int, r *protocol.Record) {
		if i >= 0 {
			r.SetBody([]byte(exampleSalt + `,"summary":"` + strconv.Itoa(i) + `"}`))
		}
	})
	covered, uncovered := chainOf(opener, 3, spoiled(2)), chainOf(opener, 3, spoiled(3))
	sealed := wireExample(func(r *protocol.Record) {
		r.Sealed, r.Exercise, r.Handling, r.Type = true, true, protocol.Red, protocol.SealedType(protocol.Situation)
		r.SetBody([]byte("age-encryption.org/v1\nopaque"))
	})
	long := wireExample(func(r *protocol.Record) { r.SetBody(bytes.Repeat([]byte{'x'}, protocol.MaxBodyBytes)) })
	out := []vector{
		goodFrame("a run of one, the record of wire.md 1", runOf([]protocol.Record{example})),
		goodFrame("a run of three", runOf(three)),
		goodFrame("the second half of a run", runOf(three[1:])),
		goodFrame("two runs of two feeds", runOf(three), runOf([]protocol.Record{other})),
		goodFrame("bodies here, withheld, erased, missing", runOf(states)),
		goodFrame("sealed, red, an exercise", runOf([]protocol.Record{sealed})),
		goodFrame("256 records", runOf(most)),
		goodFrame("one record beyond 65,536 bytes", runOf([]protocol.Record{long})),
		goodFrame("a bad signature covered by a later good one", runOf(covered)),
		goodFrame("a bad last signature: the run is not authentic", runOf(uncovered)),
	}
	return append(append(out, forkVectors(opener)...), badFrames(three, most)...)
}

// forkVectors are two records at one position, in one frame: both are read, and each is
// authentic by itself.
func forkVectors(opener protocol.Digest) []vector {
	mine := chainOf(opener, 3)
	theirs := chainOf(opener, 3, func(i int, r *protocol.Record) {
		if i == 1 {
			r.SetBody(reportBody("77"))
		}
	})
	fork := goodFrame("a fork: two records at situation.1.2, behind one", runOf(mine), runOf(theirs[1:]))
	fork["fork_at"] = mine[1].String()
	wrong := runOf(theirs[1:])
	wrong.Previous = protocol.DigestOf([]byte("another"))
	broken := runOf(chainOf(opener, 1))
	broken.Previous = wrong.Previous
	return []vector{
		fork,
		{"name": "previous changed in the run: its signature covers another", "frame": parts(frameOf(broken)), "runs": readRuns(reread(broken))},
	}
}

// reread gives the records of a run as a reader computes them: chained to its previous.
func reread(run protocol.Run) protocol.Run {
	out := run
	out.Records = nil
	previous := run.Previous
	for _, r := range run.Records {
		r.Previous = previous
		previous = r.Digest()
		out.Records = append(out.Records, r)
	}
	return out
}

func badFrames(three, most []protocol.Record) []vector {
	frame := frameOf(runOf(three))
	head := protocol.FrameHeaderSize + 1 + len(town)
	changed := func(at int, with ...byte) []byte {
		out := bytes.Clone(frame)
		copy(out[at:], with)
		return out
	}
	const countAt, firstEntry = 1 + 4 + 4 + 32 + 32, 1 + 4 + 4 + 32 + 32 + 2
	edited := func(edit func(*protocol.Run)) []byte {
		run := runOf(three)
		edit(&run)
		return frameOf(run)
	}
	big := chainOf(three[0].Previous, 2, func(i int, r *protocol.Record) {
		if i >= 0 {
			r.SetBody(bytes.Repeat([]byte{'x'}, 40_000))
		}
	})
	long := wireExample(func(r *protocol.Record) { r.SetBody(bytes.Repeat([]byte{'x'}, protocol.MaxBodyBytes+1)) })
	tooMany := runOf(append(most[:256:256], most[0]))
	kindAt := head + firstEntry + 10
	var out []vector
	for _, c := range []struct {
		name, rule string
		frame      []byte
	}{
		{"empty", "frame_magic", nil},
		{"another magic", "frame_magic", changed(0, 'V')},
		{"a form nobody knows", "frame_magic", changed(2, 3)},
		{"no run", "frame_empty", frame[:protocol.FrameHeaderSize]},
		{"packed, but not with zstd", "frame_packed", changed(2, 2)},
		{"cut in the middle of an entry", "frame_cut", frame[:len(frame)-1]},
		{"cut in the header of a run", "frame_cut", frame[:20]},
		{"bytes behind the last run", "frame_trailing", append(bytes.Clone(frame), 0)},
		{"an institution that is none", "institution", changed(protocol.FrameHeaderSize+1, 'M')},
		{"topic 0", "topic", changed(head, 0)},
		{"topic 8", "topic", changed(head, 8)},
		{"epoch 0", "epoch", edited(func(r *protocol.Run) { r.Epoch = 0 })},
		{"an epoch too large", "epoch", edited(func(r *protocol.Run) { r.Epoch = 1 << 31 })},
		{"sequence 0", "sequence", edited(func(r *protocol.Run) { r.First = 0 })},
		{"a sequence too large", "sequence", edited(func(r *protocol.Run) { r.First = 1 << 31 })},
		{"a run that goes past the last sequence", "run_sequence", edited(func(r *protocol.Run) { r.First = protocol.MaxNumber - 1 })},
		{"a run of a key of small order", "key_small_order", edited(func(r *protocol.Run) { r.Key = protocol.Key{1} })},
		{"a run of no record", "run_count", changed(head+countAt, 0, 0)},
		{"a run of 257 records", "run_count", frameOf(tooMany)},
		{"more records counted than there are", "frame_cut", changed(head+countAt, 0, 4)},
		{"fewer records counted than there are", "institution", changed(head+countAt, 0, 2)},
		{"the bit that must be zero", "entry_bits", changed(head+firstEntry+8, 0x80|1<<2)},
		{"the sixth mark", "handling", changed(head+firstEntry+8, 5<<2)},
		{"a time after the year 9999", "entry_time", changed(head+firstEntry, 0, 0, 0xe6, 0x77, 0xd2, 0x1f, 0xdc, 0)},
		{"a kind with a capital", "type", changed(kindAt, 'R')},
		{"more than 65,536 bytes of two records", "frame_too_long", frameOf(runOf(big))},
		{"more than 65,536 bytes of two runs of one", "frame_too_long", frameOf(runOf(big[:1]), runOf(big[1:]))},
		{"a body one byte too long", "body_too_long", frameOf(runOf([]protocol.Record{long}))},
		{"far beyond every bound", "frame_too_long", append(bytes.Clone(frame), make([]byte, 1<<20)...)},
	} {
		out = append(out, vector{"name": c.name, "frame": parts(c.frame), "rule": c.rule})
	}
	return out
}

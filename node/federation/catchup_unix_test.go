//go:build unix

package federation_test

import (
	"crypto/rand"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/protocol"
)

// BenchmarkCatchUp has a town that was cut off catch up on 20,000 records of its capital
// over loopback: checked, committed and on LOG. It reports records a second, and the
// processor time of both nodes a record.
func BenchmarkCatchUp(b *testing.B) {
	const records = 20_000
	for b.Loop() {
		b.StopTimer()
		n, err := federation.Start(b.Context(), federation.Options{Dir: b.TempDir(), Timing: quick()}, three())
		if err != nil {
			b.Fatal(err)
		}
		if err := n.Stop(neighbour); err != nil {
			b.Fatal(err)
		}
		n.Line(town, capital).Cut()
		last := fill(b, n, records)
		runtime.GC()
		before := spent(b)
		b.StartTimer()
		began := time.Now()
		n.Line(town, capital).Heal()
		at := n.Node(town)
		if err := federation.Wait(b.Context(), at, func() bool { return at.Holds(last) }); err != nil {
			b.Fatal(err)
		}
		took := time.Since(began)
		b.StopTimer()
		b.ReportMetric(records/took.Seconds(), "records/s")
		b.ReportMetric(float64((spent(b)-before).Microseconds())/records, "µs-CPU/record")
		b.ReportMetric(float64(n.Line(town, capital).Passed())/records, "B/record")
		if err := n.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// fill has the capital say much, from many callers, so that they share commits.
func fill(b *testing.B, n *federation.Network, records int) protocol.Name {
	b.Helper()
	topics := []string{"vardar.situation.note.v1", "vardar.resource.note.v1", "vardar.policy.note.v1", "vardar.knowledge.note.v1"}
	done := make(chan protocol.Name, len(topics))
	failed := make(chan error, len(topics))
	for _, kind := range topics {
		go func() {
			var last protocol.Name
			for range records / len(topics) {
				s, err := n.Node(capital).Intake().Publish(b.Context(), draft(kind, salted(rand.Text(), 1100)))
				if err != nil {
					failed <- err
					return
				}
				last = s.Name
			}
			done <- last
		}()
	}
	var last protocol.Name
	for range topics {
		select {
		case last = <-done:
		case err := <-failed:
			b.Fatal(err)
		}
	}
	return last
}

// spent is the processor time of this process.
func spent(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

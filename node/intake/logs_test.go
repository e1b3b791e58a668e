package intake_test

import (
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
)

func TestWhatWaitsForLogIsBoundedInBytes(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	text := []byte(`{"salt":"AAECAwQFBgcICQoLDA0ODw==","text":"` + strings.Repeat("x", protocol.MaxBodyBytes-100) + `"}`)
	send := func() {
		var batch []intake.Arrived
		for range protocol.MaxRunBytes/protocol.MaxBodyBytes - 1 {
			r := m.topics[protocol.Situation].raw("vardar.situation.note.v1", text, true)
			batch = append(batch, intake.Arrived{Peer: gevgelija, Token: north, Frame: frameOf(t, []protocol.Record{r})})
		}
		d.TakeAll(t.Context(), batch)
	}
	send()
	if d.LogIsFull() {
		t.Error("one chunk leaves no room for the next")
	}
	for range intake.MaxLogWaitingBytes / protocol.MaxRunBytes * 5 / 4 {
		send()
	}
	if !d.LogIsFull() {
		t.Errorf("there is room for more behind %d bytes", intake.MaxLogWaitingBytes)
	}
	d.Drain(t.Context())
	if d.LogIsFull() {
		t.Error("there is no room though all is told")
	}
}

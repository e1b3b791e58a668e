package intake_test

import (
	"errors"
	"testing"

	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// sayBoth publishes a note, and in another topic one that answers it, as one.
func (d *door) sayBoth(fails error) ([2]store.Stored, error) {
	d.t.Helper()
	draft := func(b body.Body) intake.Draft {
		raw, err := body.Marshal(b, [16]byte{7})
		if err != nil {
			d.t.Fatal(err)
		}
		return intake.Draft{Institution: centre, Type: b.Type(), Handling: protocol.Green, Body: raw}
	}
	return d.PublishLinked(d.t.Context(), draft(note(protocol.Situation, "300 people")), protocol.Resource, func(n protocol.Name, of protocol.Digest) (intake.Draft, error) {
		b := note(protocol.Resource, "beds for them")
		b.Refs = []body.Ref{{Rel: body.RelNeeds, Record: n, Digest: of}}
		return draft(b), fails
	})
}

func TestTwoLinkedRecordsAreWrittenOrNeither(t *testing.T) {
	d := founded(t)
	both, err := d.sayBoth(nil)
	if err != nil {
		t.Fatal(err)
	}
	mark, err := d.hand.Mark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range both {
		if mark[s.EpochID()].Digest != s.Digest || !d.MaySend(s.Name) || d.standing(s.Record) == 0 {
			t.Errorf("%s is not marked, not to be sent, or not told of", s.Name)
		}
	}
	b, err := body.Parse(both[1].Type, both[1].Body)
	if err != nil {
		t.Fatal(err)
	}
	if ref, ok := b.Base().Ref(body.RelNeeds); !ok || ref.Record != both[0].Name || ref.Digest != both[0].Digest {
		t.Errorf("the second names %v, and the first is %s", ref, both[0].Name)
	}

	full := errors.New("not filled in")
	if _, err = d.sayBoth(full); !errors.Is(err, full) {
		t.Errorf("the second can't be made: %v", err)
	}
	asked := 0
	d.free = func(string) (uint64, uint64, error) { // room for one commit
		if asked++; asked > 1 {
			return 1 << 10, 1 << 40, nil
		}
		return 1 << 40, 1 << 40, nil
	}
	again, err := d.sayBoth(nil)
	d.free = roomy
	heads := [2]uint32{}
	for i, s := range both {
		for _, branch := range d.store.Branches(s.EpochID()) {
			heads[i] = branch.Head
		}
	}
	if written := again[0].Sequence > 0; err == nil != written || heads[0] != heads[1] {
		t.Errorf("%v: the feeds are at %d and %d", err, heads[0], heads[1])
	}
}

func TestOnlyTwoTopicsOfOneInstitutionAreWrittenAsOne(t *testing.T) {
	d := founded(t)
	raw, err := body.Marshal(note(protocol.Situation, "hello"), [16]byte{})
	if err != nil {
		t.Fatal(err)
	}
	first := intake.Draft{Institution: centre, Type: "vardar.situation.note.v1", Handling: protocol.Green, Body: raw}
	other := first
	other.Institution, other.Type = gevgelija, "vardar.resource.note.v1"
	for name, tt := range map[string]struct {
		topic protocol.Topic
		then  intake.Draft
	}{
		"the same topic":      {protocol.Situation, first},
		"an earlier topic":    {protocol.Alert, first},
		"another institution": {protocol.Resource, other},
		"another than said":   {protocol.Resource, first},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := d.PublishLinked(t.Context(), first, tt.topic, func(protocol.Name, protocol.Digest) (intake.Draft, error) { return tt.then, nil })
			if !errors.Is(err, intake.ErrLinked) {
				t.Errorf("PublishLinked() = %v, want %v", err, intake.ErrLinked)
			}
		})
	}
	if s := d.must(d.say(note(protocol.Situation, "still the first"))); s.Sequence != 1 {
		t.Errorf("%s: something was written", s.Name)
	}
}

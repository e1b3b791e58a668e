package store_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// model is the simplest store there is: a list, and a look through all of it.
type model struct {
	held    []protocol.Record // in order of acceptance
	digests []protocol.Digest
}

func (m *model) find(d protocol.Digest) int { return slices.Index(m.digests, d) }

// add says what should become of a record.
func (m *model) add(r protocol.Record) store.Status {
	if m.find(r.Digest()) >= 0 {
		return store.Known
	}
	if r.Sequence > 1 {
		if before := m.find(r.Previous); before < 0 || m.held[before].Key != r.Key || m.held[before].Sequence != r.Sequence-1 {
			return store.Gap
		}
	}
	m.held, m.digests = append(m.held, r), append(m.digests, r.Digest())
	return store.Added
}

// chain gives a record's own past, itself last.
func (m *model) chain(d protocol.Digest) []protocol.Digest {
	i := m.find(d)
	if i < 0 {
		return nil
	}
	return append(m.chain(m.held[i].Previous), d)
}

// rivals gives, by rule 7, the digests that may prove the fork for a record: those at its
// position, and those at the first position at which its chain has a rival.
func (m *model) rivals(r protocol.Record) []protocol.Digest {
	chain := m.chain(r.Digest())
	at := func(sequence uint32, own protocol.Digest) (out []protocol.Digest) {
		for i, h := range m.held {
			if h.EpochID() == r.EpochID() && h.Sequence == sequence && m.digests[i] != own {
				out = append(out, m.digests[i])
			}
		}
		return out
	}
	here := at(r.Sequence, r.Digest())
	for i, own := range chain {
		if others := at(uint32(i)+1, own); len(others) > 0 {
			return append(here, others...)
		}
	}
	return here
}

// heads gives the ends of an epoch's chains.
func (m *model) heads(e protocol.EpochID) []protocol.Digest {
	var out []protocol.Digest
	for i, h := range m.held {
		if h.EpochID() == e && !slices.ContainsFunc(m.held, func(o protocol.Record) bool { return o.Previous == m.digests[i] }) {
			out = append(out, m.digests[i])
		}
	}
	return out
}

// TestStoreAgreesWithTheModel appends records of forked chains in any order, some twice,
// some before their time, with and without bodies, opens the store anew in between, and
// compares all answers with the model's.
func TestStoreAgreesWithTheModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		s, err := store.Open(t.Context(), options(dir))
		must(t, err)
		defer func() { must(t, s.Close()) }()
		pool := drawRecords(rt)
		m := &model{}
		for step := range rapid.IntRange(1, 12).Draw(rt, "steps") {
			if rapid.IntRange(0, 5).Draw(rt, "reopen") == 0 {
				must(t, s.Close())
				s, err = store.Open(t.Context(), options(dir))
				must(t, err)
			}
			var batch []protocol.Record
			for range rapid.IntRange(1, 8).Draw(rt, "batch") {
				batch = append(batch, rapid.SampledFrom(pool).Draw(rt, "record"))
			}
			if rapid.Bool().Draw(rt, "in order") {
				slices.SortStableFunc(batch, func(a, b protocol.Record) int { return int(a.Sequence) - int(b.Sequence) })
			}
			results := mustAppend(t, s, batch...)
			for i, r := range batch {
				if want := m.add(r); results[i].Status != want {
					rt.Fatalf("step %d: Append(%s) = %v, want %v", step, r.Name, results[i].Status, want)
				}
				if results[i].Status != store.Gap {
					agreeOnRival(rt, results[i].Rival, m.rivals(r), r)
				}
			}
		}
		agree(rt, t, s, m)
		must(t, s.Close())
		s, err = store.Open(t.Context(), options(dir))
		must(t, err)
		agree(rt, t, s, m)
	})
}

// drawRecords makes chains that fork.
func drawRecords(rt *rapid.T) []protocol.Record {
	var pool []protocol.Record
	var writers []*author
	for i := range rapid.IntRange(1, 3).Draw(rt, "feeds") {
		topic := protocol.Situation
		if i == 2 {
			topic = protocol.Resource
		}
		writers = append(writers, newAuthor(protocol.InstitutionID(fmt.Sprintf("mk.southeast.town%d", i)), topic, uint32(1+i)))
	}
	for i := range rapid.IntRange(1, 40).Draw(rt, "records") {
		w := rapid.SampledFrom(writers).Draw(rt, "writer")
		if rapid.IntRange(0, 6).Draw(rt, "fork") == 0 {
			w = w.fork()
			writers = append(writers, w)
		}
		pool = append(pool, w.write(fmt.Sprint("say ", i), 0))
	}
	return pool
}

func agreeOnRival(rt *rapid.T, got *store.Stored, want []protocol.Digest, r protocol.Record) {
	if got == nil && len(want) == 0 {
		return
	}
	if got == nil || !slices.Contains(want, got.Digest) {
		rt.Fatalf("rival of %s is %v, want one of %d", r.Name, got, len(want))
	}
}

func agree(rt *rapid.T, t *testing.T, s *store.Store, m *model) {
	all := collect(t, s.All(t.Context()))
	if len(all) != len(m.held) {
		rt.Fatalf("%d records held, want %d", len(all), len(m.held))
	}
	orders := map[protocol.Group]uint64{}
	for i, r := range all {
		g := r.Feed().Group()
		orders[g]++
		if r.Digest != m.digests[i] || r.Order != orders[g] || string(r.Body) != string(m.held[i].Body) {
			rt.Fatalf("record %d is %s, order %d; want %s, order %d", i, r.Name, r.Order, m.held[i].Name, orders[g])
		}
		first := slices.IndexFunc(m.held, func(h protocol.Record) bool { return h.Name == r.Name })
		if got, err := s.Get(r.Name); err != nil || got.Digest != m.digests[first] {
			rt.Fatalf("Get(%s) = %v, %v, want the first accepted", r.Name, got.Digest, err)
		}
		rivals, err := s.At(r.Name)
		must(t, err)
		if !slices.ContainsFunc(rivals, func(o store.Stored) bool { return o.Digest == r.Digest }) {
			rt.Fatalf("At(%s) lacks one of its rivals", r.Name)
		}
		along := collect(t, s.Range(t.Context(), r.EpochID(), r.Digest, 1, r.Sequence))
		chain := m.chain(r.Digest)
		if !slices.EqualFunc(along, chain, func(a store.Stored, d protocol.Digest) bool { return a.Digest == d }) {
			rt.Fatalf("Range to %s gives %v, not its chain", r.Name, names(along))
		}
		var heads []protocol.Digest
		for _, b := range s.Branches(r.EpochID()) {
			heads = append(heads, b.Digest)
		}
		for _, h := range m.heads(r.EpochID()) {
			if !slices.Contains(heads, h) {
				rt.Fatalf("branches of %s lack a head", r.EpochID())
			}
		}
		if len(heads) != len(m.heads(r.EpochID())) {
			rt.Fatalf("%s has %d branches, want %d", r.EpochID(), len(heads), len(m.heads(r.EpochID())))
		}
	}
	for g, last := range orders {
		if s.Order(g) != last {
			rt.Fatalf("Order(%s) = %d, want %d", g, s.Order(g), last)
		}
		var after []store.Stored
		for order := uint64(0); order < last; order += uint64(len(after)) {
			var err error
			after, err = s.After(t.Context(), g, order, 2000)
			must(t, err)
			if len(after) == 0 || after[0].Order != order+1 {
				rt.Fatalf("After(%s, %d) gives %d records", g, order, len(after))
			}
		}
	}
	byType := collect(t, s.ByType(t.Context(), "vardar.situation.report.v1", 0))
	want := slices.DeleteFunc(slices.Clone(all), func(r store.Stored) bool { return r.Topic != protocol.Situation })
	if !slices.EqualFunc(byType, want, func(a, b store.Stored) bool { return a.Digest == b.Digest }) {
		rt.Fatalf("ByType gives %d records, want %d in order of acceptance", len(byType), len(want))
	}
	if rows := len(s.Rows(protocol.Group{Topic: protocol.Situation, Region: "mk.southeast"})); len(all) > 0 && rows == 0 && want != nil && len(want) > 0 {
		rt.Fatal("no have rows")
	}
}

package trust_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// cast is who takes part in drawn histories, and topics what they write about.
func cast() []protocol.InstitutionID {
	return []protocol.InstitutionID{centre, association, gevgelija, kumanovo}
}

func topics() []protocol.Topic {
	return []protocol.Topic{protocol.Trust, protocol.Situation, protocol.Alert}
}

// history draws trust records as honest, careless and hostile hands might write them:
// admissions by anybody, invitations and claims for two keys, keys twice, forks.
func history(t *rapid.T) []protocol.Record {
	pens := []*pen{penOf(centre), penOf(association)}
	var all []protocol.Record
	var charters []protocol.SignedCharter // of version 2
	for range rapid.IntRange(1, 25).Draw(t, "acts") {
		i := rapid.IntRange(0, len(pens)-1).Draw(t, "pen")
		p, id := pens[i], pens[i].epoch.Institution
		about := rapid.SampledFrom(cast()).Draw(t, "about")
		key := private(rapid.SampledFrom([]string{"one", "two"}).Draw(t, "key"))
		claim := private("claim " + string(about))
		var r protocol.Record
		switch rapid.SampledFrom([]string{
			"admit", "invite", "open", "open", "next", "link", "profile", "unknown", "fork", "restate", "close", "request", "charter", "charter 3",
		}).Draw(t, "act") {
		case "admit":
			a := admissionOf(about, key)
			if rapid.IntRange(0, 3).Draw(t, "next") == 0 {
				a.FeedEpoch, a.Last = 2, &body.Last{Unknown: true}
			}
			r = p.write(a)
			admitted := newPen(about, key, r.Digest())
			admitted.epoch.Epoch = uint32(a.FeedEpoch)
			pens = append(pens, admitted)
		case "invite":
			r = p.write(invitation(about, claim))
			for hand, name := range []string{"one", "two"} {
				taker := newPen(about, private(name), r.Digest())
				taker.hand = byte(hand)
				all = append(all, taker.write(claimOf(about, private(name), claim)))
				pens = append(pens, taker)
			}
		case "open":
			r = p.write(keyFor(id, rapid.SampledFrom(topics()[1:]).Draw(t, "topic"), nodeKeyOf(key, id)))
		case "next":
			next := keyFor(id, protocol.Situation, nodeKeyOf(key, id))
			next.FeedEpoch, next.Last = 2, &body.Last{Sequence: uint32(rapid.IntRange(1, 2).Draw(t, "stated")), Digest: protocol.DigestOf([]byte("head"))}
			r = p.write(next)
		case "restate":
			a := admissionOf(about, key)
			a.FeedEpoch, a.Last, a.Level = 2, lastDrawn(t, all, about), body.NGO
			r = p.write(a)
			admitted := newPen(about, key, r.Digest())
			admitted.epoch.Epoch = 2
			pens = append(pens, admitted)
		case "close":
			a := closing(about, lastDrawn(t, all, about))
			if rapid.Bool().Draw(t, "heard of") {
				a.Feeds = []body.ClosedFeed{{Topic: protocol.Situation, Epoch: 1, Last: body.Last{Sequence: 1, Digest: protocol.DigestOf([]byte("head"))}}}
			}
			r = p.write(a)
		case "request":
			r = p.write(request(id, private("next")))
		case "charter":
			second := drawnCharter(t, p)
			charters = append(charters, second)
			r = p.write(body.CharterRecordOf(second))
		case "charter 3":
			if len(charters) == 0 {
				continue
			}
			previous := rapid.SampledFrom(charters).Draw(t, "previous")
			other := rapid.SampledFrom(charters).Draw(t, "rival")
			rival := other.Digest()
			third, _ := protocol.ParseCharter(previous.Document)
			digest := previous.Digest()
			third.Version, third.Previous = 3, &digest
			if rival != digest {
				third.Rival = &rival
			}
			r = p.write(body.CharterRecordOf(signed(third, secretariat, centre, ministry)))
		case "link":
			r = p.write(linkKey(id, key))
		case "profile":
			r = p.write(profile(fmt.Sprint(len(all)), body.Municipality))
		case "unknown":
			r = p.unknown()
		case "fork":
			other := p.forked()
			other.hand = byte(len(pens)) + 2
			pens = append(pens, other)
			r = other.unknown()
		}
		all = append(all, r)
	}
	return all
}

// lastDrawn draws a last that a registrar might state of an institution's trust feed.
func lastDrawn(t *rapid.T, all []protocol.Record, about protocol.InstitutionID) *body.Last {
	var of []protocol.Record
	for _, r := range all {
		if r.Institution == about && r.Topic == protocol.Trust && r.Epoch == 1 {
			of = append(of, r)
		}
	}
	if len(of) == 0 || rapid.IntRange(0, 3).Draw(t, "known") == 0 {
		return &body.Last{Unknown: true}
	}
	r := rapid.SampledFrom(of).Draw(t, "last")
	return &body.Last{Sequence: r.Sequence, Digest: r.Digest()}
}

// drawnCharter draws a version 2: the association removed as of where a pen stands, a
// member named registrar, or another date alone.
func drawnCharter(t *rapid.T, p *pen) protocol.SignedCharter {
	c := second()
	switch rapid.IntRange(0, 2).Draw(t, "what") {
	case 0:
		c.Registrars = c.Registrars[:2]
		last := protocol.Last{Sequence: p.sequence, Digest: p.previous}
		c.Ended = []protocol.Ended{{Institution: association, Prefixes: []string{"mk.southeast."}, Epoch: 1, Last: last}}
	case 1:
		key := private("one")
		c.Registrars = append(c.Registrars, protocol.Registrar{Institution: gevgelija, Prefixes: []string{"gr."}, Key: protocol.KeyOf(key), Proof: proof(gevgelija, protocol.UseIdentity, key)})
	default:
		c.Expires = "2031-01-01T00:00:00Z"
	}
	stewards := rapid.Permutation([]protocol.InstitutionID{secretariat, centre, ministry}).Draw(t, "stewards")
	return signed(c, stewards[:rapid.IntRange(1, 3).Draw(t, "signatures")]...)
}

// nodeKeyOf gives one of two node keys of an institution.
func nodeKeyOf(identity []byte, id protocol.InstitutionID) []byte {
	return private(string(identity) + string(id))
}

// answers is everything a registry says of the cast.
func answers(g *trust.Registry, records []protocol.Record) map[string]any {
	out := map[string]any{"members": g.Members(), "charters": g.Charters(), "rivals": g.Rivals(), "charter": g.CharterInForce()}
	head := protocol.DigestOf([]byte("head"))
	for _, id := range cast() {
		link, hasLink := g.LinkKey(id)
		claim, expires, invited := g.ClaimKey(id)
		out["keys "+string(id)] = []any{link, hasLink, claim, expires, invited, g.May(id, "vardar.situation.report.v1")}
		for _, topic := range topics() {
			feed := protocol.Feed{Institution: id, Topic: topic}
			current, ok := g.Current(feed)
			out["current "+feed.String()] = []any{current, ok, g.Wanted(feed)}
			for epoch := uint32(1); epoch <= 2; epoch++ {
				e := protocol.EpochID{Feed: feed, Epoch: epoch}
				openers := g.Openers(e)
				var branches []trust.Branch
				for _, o := range openers {
					branches = append(branches, trust.Branch{Root: o.Digest, Parts: 1, Head: 1, Digest: head})
				}
				last, closed := g.Last(e)
				from, stopped := g.Stops(e, branches)
				out["epoch "+e.String()] = []any{openers, last, closed, g.Rows(e, branches), from, stopped, g.Judge(e, branches), g.Statements(e)}
			}
		}
	}
	for _, r := range records {
		if r.Sequence == 1 {
			out["opening "+r.Digest().Hex()] = fmt.Sprint(g.CheckOpening(&r))
		}
	}
	return out
}

// shuffled draws an order of arrival in which some records come twice, and some first
// without their body. In order of each chain, or in none at all.
func shuffled(t *rapid.T, records []protocol.Record) []protocol.Record {
	var out []protocol.Record
	for _, r := range records {
		out = append(out, r)
		if rapid.IntRange(0, 3).Draw(t, "twice") == 0 {
			out = append(out, r)
		}
		if rapid.IntRange(0, 3).Draw(t, "missing") == 0 {
			out = append(out, r.WithoutBody(protocol.BodyMissing))
		}
	}
	out = rapid.Permutation(out).Draw(t, "order")
	if rapid.Bool().Draw(t, "chains in order") {
		held := map[protocol.Digest]bool{}
		for i := range out {
			next := i + slices.IndexFunc(out[i:], func(r protocol.Record) bool { return r.Sequence == 1 || held[r.Previous] })
			r := out[next]
			out = slices.Insert(slices.Delete(out, next, next+1), i, r)
			held[r.Digest()] = true
		}
	}
	return out
}

func TestWhateverTheOrderTheSameAnswers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := history(t)
		inOrder, anyOrder := network(), network()
		for _, r := range records {
			inOrder.Add(r)
		}
		for _, r := range shuffled(t, records) {
			anyOrder.Add(r)
		}
		if diff := cmp.Diff(answers(inOrder, records), answers(anyOrder, records)); diff != "" {
			t.Fatalf("another order of arrival, other answers (-in order +shuffled):\n%s", diff)
		}
	})
}

func TestAddNamesEveryFeedWhoseOpenersChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := network()
		openers := func() map[protocol.Feed][]trust.Opener {
			out := map[protocol.Feed][]trust.Opener{}
			for _, id := range cast() {
				for _, topic := range topics() {
					feed := protocol.Feed{Institution: id, Topic: topic}
					for epoch := uint32(1); epoch <= 2; epoch++ {
						out[feed] = append(out[feed], g.Openers(protocol.EpochID{Feed: feed, Epoch: epoch})...)
					}
				}
			}
			return out
		}
		before := openers()
		for _, r := range shuffled(t, history(t)) {
			changed := g.Add(r)
			after := openers()
			for feed := range after {
				if !slices.Contains(changed, feed) && !cmp.Equal(before[feed], after[feed]) {
					t.Fatalf("Add(%s) = %v, and the openers of %s changed", r.Name, changed, feed)
				}
			}
			if !slices.IsSortedFunc(changed, func(a, b protocol.Feed) int { return slices.Compare([]byte(a.Institution), []byte(b.Institution)) }) {
				t.Fatalf("Add(%s) = %v, not sorted", r.Name, changed)
			}
			before = after
		}
	})
}

func TestRecordOfAnotherTopicChangesNothing(t *testing.T) {
	g, member, _ := admitted()
	text := member.write(keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija)))
	text.Topic = protocol.Situation
	if changed := g.Add(text); len(changed) > 0 {
		t.Errorf("Add() = %v, want nothing", changed)
	}
}

func TestChainOfAnotherKeyOrEpochIsNoChain(t *testing.T) {
	for name, change := range map[string]func(p *pen){
		"another key":         func(p *pen) { p.key = private("thief") },
		"another epoch":       func(p *pen) { p.epoch.Epoch = 2 },
		"a hole":              func(p *pen) { p.sequence++ },
		"another institution": func(p *pen) { p.epoch.Institution = kumanovo },
	} {
		t.Run(name, func(t *testing.T) {
			g, member, _ := admitted()
			g.Add(member.unknown())
			change(member)
			g.Add(member.write(keyFor(member.epoch.Institution, protocol.Situation, nodeKey(gevgelija))))
			g.Add(member.write(keyFor(member.epoch.Institution, protocol.Alert, nodeKey(gevgelija))))
			for _, id := range []protocol.InstitutionID{gevgelija, kumanovo} {
				noneCounts(t, g, epochOf(id, protocol.Situation))
				noneCounts(t, g, epochOf(id, protocol.Alert))
			}
		})
	}
}

func TestReadersAskWhileRecordsCome(t *testing.T) {
	g, member, _ := admitted()
	var records []protocol.Record
	for i := range 50 {
		records = append(records, member.write(keyFor(gevgelija, protocol.Topics()[1+i%6], private(fmt.Sprint(i)))))
	}
	var readers sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					answers(g, records[:1])
				}
			}
		})
	}
	for _, r := range records {
		g.Add(r)
	}
	close(stop)
	readers.Wait()
	counting(t, g, epochOf(gevgelija, protocol.Situation))
}

func FuzzAdd(f *testing.F) {
	for _, b := range []body.Body{
		admission(gevgelija), invitation(gevgelija, private("claim")), claimOf(centre, identity(centre), private("claim")),
		keyFor(centre, protocol.Situation, nodeKey(centre)), linkKey(centre, private("link")), profile("Centre", body.Ministry),
		body.CharterRecordOf(signed(founding(), secretariat, centre)),
	} {
		text, err := body.Marshal(b, [16]byte{})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b.Type(), text, uint32(1), uint32(1), false)
	}
	f.Add("vardar.trust.sealed.v1", []byte("age-encryption.org/v1"), uint32(2), uint32(2147483647), true)
	f.Add("", []byte(nil), uint32(0), uint32(0), false)
	f.Fuzz(func(_ *testing.T, recordType string, text []byte, epoch, sequence uint32, sealed bool) {
		g, member, _ := admitted()
		for _, p := range []*pen{penOf(centre), penOf(association), member} {
			p.epoch.Epoch, p.sequence = epoch, sequence-1
			r := p.raw(recordType, text)
			r.Sealed = sealed
			_ = g.CheckOpening(&r)
			g.Add(r)
			g.Add(r.WithoutBody(protocol.BodyMissing))
			g.Add(p.raw(recordType, text))
		}
		answers(g, nil)
	})
}

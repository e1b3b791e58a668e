package intake_test

import (
	"crypto/ed25519"
	"fmt"
	"slices"
	"testing"

	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

const northPeer protocol.InstitutionID = "mk.national.01234"

func TestAStrangersRecordsAreNotWanted(t *testing.T) {
	d := founded(t)
	m := memberOf(stranger, penOf(stranger, protocol.Trust, private("identity"), protocol.DigestOf([]byte("nobody's admission"))))
	notes := m.topics[protocol.Situation].notes(1, "let me in")
	d.offer(protocol.Unwanted, m.opens, notes)
	if d.holds(m.opens[0]) || d.holds(notes...) {
		t.Error("a stranger's record is held")
	}
}

func TestWhatTheLinksPolicyDoesNotCarryIsNotWanted(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	notes := m.topics[protocol.Situation].notes(1, "quiet")
	d.line.sends = func(_ protocol.LinkToken, g protocol.Group) bool { return g.Topic != protocol.Situation }
	d.offer(protocol.Unwanted, notes)
	d.line.sends = nil
	d.offer(protocol.Accepted, notes)
}

func TestABadSignatureCoveredByALaterGoodOneIsKept(t *testing.T) {
	d := founded(t)
	p := d.known(gevgelija).topics[protocol.Situation]
	first := p.notes(2, "quiet")
	bad := p.raw(first[0].Type, first[0].Body, false)
	last := p.notes(2, "still quiet")
	all := slices.Concat(first, []protocol.Record{bad}, last)
	d.offer(protocol.Accepted, all)
	if !d.holds(all...) {
		t.Error("not all are held")
	}
	// In two runs that are joined, the first ending in the bad one.
	bad = p.raw(first[0].Type, first[0].Body, false)
	d.offer(protocol.Accepted, []protocol.Record{bad}, p.notes(1, "and still"))
	// Alone it proves nothing.
	bad = p.raw(first[0].Type, first[0].Body, false)
	d.offer(protocol.Dropped, []protocol.Record{bad})
}

func TestOfAChunkWhoseLastSignatureFailsNothingIsCommitted(t *testing.T) {
	d := founded(t)
	p := d.known(gevgelija).topics[protocol.Situation]
	run := p.notes(3, "quiet")
	bad := append(slices.Clone(run), p.raw(run[0].Type, run[0].Body, false))
	a := d.offer(protocol.Dropped, bad)
	if d.holds(run[0]) || a.Runs[0].Sequence != 0 {
		t.Errorf("something of a chunk that is not authentic is held: %+v", a)
	}
	if got := d.Drops()[northPeer]["not_signed"].Records; got != len(bad) {
		t.Errorf("%d records counted as not signed, want %d", got, len(bad))
	}
	if d.offer(protocol.Dropped, bad); d.holds(run[0]) {
		t.Error("what is not authentic gets in by being offered again")
	}
	d.offer(protocol.Accepted, run) // the position stayed a gap, and another peer has it
}

func TestAFailingChunkIsJudgedRunByRun(t *testing.T) {
	d := founded(t)
	p := d.known(gevgelija).topics[protocol.Situation]
	first, second := p.notes(3, "quiet"), p.notes(2, "quiet too")
	bad := []protocol.Record{p.raw(first[0].Type, first[0].Body, false)}
	a := d.take(north, frameOf(t, first, second, bad))
	want := []protocol.Outcome{protocol.Accepted, protocol.Accepted, protocol.Dropped}
	for k, o := range a.Runs {
		if o.Outcome != want[k] {
			t.Errorf("run %d: %s, want %s", k, o.Outcome, want[k])
		}
	}
}

func TestARelayCanChangeNothing(t *testing.T) {
	d := founded(t)
	p := d.known(gevgelija).topics[protocol.Situation]
	true1 := p.notes(1, "3,000 people")
	changes := map[string]func(*protocol.Record){
		"author":    func(r *protocol.Record) { r.Institution = negotino },
		"epoch":     func(r *protocol.Record) { r.Epoch = 2 },
		"time":      func(r *protocol.Record) { r.Time++ },
		"type":      func(r *protocol.Record) { r.Type = "vardar.situation.motf.v1" },
		"sealed":    func(r *protocol.Record) { r.Sealed = true },
		"previous":  func(r *protocol.Record) { r.Previous[31] ^= 1 },
		"handling":  func(r *protocol.Record) { r.Handling = protocol.Clear },
		"exercise":  func(r *protocol.Record) { r.Exercise = true },
		"key":       func(r *protocol.Record) { r.Key = protocol.KeyOf(private("another")) },
		"signature": func(r *protocol.Record) { r.Signature[0] ^= 1 },
		"body": func(r *protocol.Record) {
			r.Body = slices.Clone(r.Body)
			r.Body[len(r.Body)-2] ^= 1
			r.ContentDigest = protocol.DigestOf(r.Body)
		},
		"body left out, digest changed": func(r *protocol.Record) {
			*r = r.WithoutBody(protocol.BodyWithheld)
			r.ContentDigest[0] ^= 1
		},
	}
	d.known(negotino)
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			r := true1[0]
			change(&r)
			a := d.take(north, frameOf(t, []protocol.Record{r}))
			if o := a.Runs[0].Outcome; o != protocol.Dropped && o != protocol.Unwanted {
				t.Errorf("changed %s: %s", name, o)
			}
			if got := len(d.held(true1[0].EpochID())); got != 0 {
				t.Errorf("changed %s: %d records held", name, got)
			}
		})
	}
	d.offer(protocol.Accepted, true1)
}

func TestOnlyAHeldOpenersKeyComesIn(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	thief := penOf(gevgelija, protocol.Situation, private("thief"), m.opens[1].Digest())
	d.offer(protocol.Dropped, thief.notes(1, "mine now"))
	good := m.topics[protocol.Situation].notes(2, "quiet")
	d.offer(protocol.Accepted, good)
	thief.sequence, thief.previous = 2, good[1].Digest()
	d.offer(protocol.Dropped, thief.notes(2, "mine now"))
	elsewhere := penOf(gevgelija, protocol.Situation, m.nodeKey(), protocol.DigestOf([]byte("no opener")))
	d.offer(protocol.Unwanted, elsewhere.notes(1, "hanging in the air"))
	if got := d.Drops()[northPeer]["wrong_key"].Records; got != 3 {
		t.Errorf("%d records counted under wrong_key, want 3: %v", got, d.Drops())
	}
}

func TestAThiefCannotTakeAnInvitation(t *testing.T) {
	d := founded(t)
	claim, identity, thief := private("claim"), private("identity"), private("thief")
	admission := d.must(d.say(&body.Admission{
		Institution: gevgelija, Level: body.Municipality, FeedEpoch: 1, Claim: protocol.KeyOf(claim),
		Expires: body.TimeOf(noon.AddDate(0, 0, 7)), Charter: d.trust.CharterDigest(),
	}))
	taking := func(key, signer ed25519.PrivateKey) *body.KeyRecord {
		return &body.KeyRecord{
			Use: protocol.UseIdentity, Key: body.KeyText(protocol.KeyOf(key).String()), Proof: proofOf(gevgelija, protocol.UseIdentity, key),
			ClaimSignature: protocol.Signature(ed25519.Sign(signer, protocol.ClaimText(gevgelija, protocol.KeyOf(key)))),
		}
	}
	// Without the claim key; and a second record before the first.
	d.offer(protocol.Dropped, []protocol.Record{penOf(gevgelija, protocol.Trust, thief, admission.Digest).write(taking(thief, thief))})
	p := penOf(gevgelija, protocol.Trust, identity, admission.Digest)
	first := p.write(taking(identity, claim))
	second := p.write(taking(identity, claim))
	d.offer(protocol.Unwanted, []protocol.Record{second})
	d.offer(protocol.Accepted, []protocol.Record{first, second})
	if got := d.Drops()[northPeer]["claim"].Records; got != 1 {
		t.Errorf("drops: %v, want 1 claim", d.Drops())
	}
	// A claim whose body is not there proves nothing.
	late := d.must(d.say(&body.Admission{
		Institution: negotino, Level: body.Municipality, FeedEpoch: 1, Claim: protocol.KeyOf(claim),
		Expires: body.TimeOf(noon.AddDate(0, 0, 7)), Charter: d.trust.CharterDigest(),
	}))
	bare := penOf(negotino, protocol.Trust, identity, late.Digest).write(taking(identity, claim))
	d.offer(protocol.Dropped, []protocol.Record{bare.WithoutBody(protocol.BodyWithheld)})
}

func TestAFrameThatIsNoneIsAnsweredWithNoRuns(t *testing.T) {
	d := founded(t)
	p := d.known(gevgelija).topics[protocol.Situation]
	good := frameOf(t, p.notes(1, "quiet"))
	run, err := protocol.NewRun(p.notes(2, "two"))
	if err != nil {
		t.Fatal(err)
	}
	long := protocol.AppendFrame(nil, []protocol.Run{run})
	long[protocol.FrameHeaderSize+protocol.RunHeaderSize(gevgelija)-1] = 1 // 257 records
	long[protocol.FrameHeaderSize+protocol.RunHeaderSize(gevgelija)-2] = 1
	for name, frame := range map[string][]byte{
		"empty": nil, "no frame": []byte("hello"), "trailing byte": append(slices.Clone(good), 0), "cut": good[:len(good)-1], "257 records": long,
	} {
		t.Run(name, func(t *testing.T) {
			a := d.take(north, frame)
			if a.Busy || a.Runs == nil || len(a.Runs) != 0 {
				t.Errorf("answer %+v, want no runs, and not null", a)
			}
		})
	}
	for rule, n := range d.Drops()[northPeer] {
		if rule == "other" || n.Records == 0 {
			t.Errorf("drops: %v", d.Drops())
		}
	}
}

func TestOneFramesFaultsAreNotAnothers(t *testing.T) {
	d := founded(t)
	a, b := d.known(gevgelija), d.known(negotino)
	bad := a.topics[protocol.Situation]
	first := bad.notes(1, "quiet")
	frame := frameOf(t,
		[]protocol.Record{bad.raw(first[0].Type, first[0].Body, false)}, // and beyond a gap
		b.topics[protocol.Situation].notes(2, "quiet"),
		a.topics[protocol.Resource].notes(1, "tents"),
		memberOf(stranger, penOf(stranger, protocol.Trust, private("x"), first[0].Digest())).opens,
	)
	got := d.take(north, frame)
	want := []protocol.Outcome{protocol.Dropped, protocol.Accepted, protocol.Accepted, protocol.Unwanted}
	for k, o := range got.Runs {
		if o.Outcome != want[k] {
			t.Errorf("run %d: %s, want %s", k, o.Outcome, want[k])
		}
	}
}

func TestCountersOfAPeerAreBounded(t *testing.T) {
	d := founded(t)
	p := d.known(gevgelija).topics[protocol.Situation]
	first := p.notes(1, "quiet")
	for k := range 20 {
		// Each names other bytes in its error.
		r := p.raw(first[0].Type, fmt.Appendf(nil, "%d", k), false)
		r.Sequence, r.Previous = 1, first[0].Previous
		d.take(north, frameOf(t, []protocol.Record{r}))
		d.take(north, fmt.Appendf(nil, "vf%d", k))
	}
	if got := len(d.Drops()[northPeer]); got > 3 {
		t.Errorf("%d counters for one peer: %v", got, d.Drops())
	}
	for k := range intake.MaxDropPeers + 10 {
		d.Take(t.Context(), intake.Arrived{Peer: protocol.InstitutionID(fmt.Sprintf("mk.vardar.p%d", k)), Frame: []byte("x")})
	}
	if got := len(d.Drops()); got > intake.MaxDropPeers+1 {
		t.Errorf("counters for %d peers, want at most %d", got, intake.MaxDropPeers+1)
	}
}

func FuzzTake(f *testing.F) {
	d := founded(f)
	m := d.known(gevgelija)
	p := m.topics[protocol.Situation]
	seed := frameOf(f, p.notes(2, "quiet"), m.topics[protocol.Alert].notes(1, "flood"))
	f.Add(seed)
	f.Add(frameOf(f, m.opens))
	f.Add([]byte("vf\x02abc"))
	f.Fuzz(func(t *testing.T, frame []byte) {
		for _, flip := range [][]byte{frame, append(slices.Clone(seed), frame...)} {
			a := d.Take(t.Context(), intake.Arrived{Peer: northPeer, Token: north, Frame: flip})
			if a.Busy || a.Runs == nil {
				t.Errorf("answer %+v", a)
			}
		}
		if n := d.Counts(); n.Failed > 0 {
			t.Errorf("the archive could not take %d records that the grammar let through", n.Failed)
		}
	})
}

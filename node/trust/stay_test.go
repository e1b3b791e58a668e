package trust_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestGroupIsOfItsTime: whom a group meant right before an hour hangs on what authors wrote before it,
// whatever came first; who was put out and let in again was away between.
func TestGroupIsOfItsTime(t *testing.T) {
	first := founding()
	first.Groups = map[string][]string{"mk": {"mk.southeast.", "mk.northeast."}}
	began := signed(first, secretariat, centre)
	next, previous := *first, began.Digest()
	next.Version, next.Previous = 2, &previous
	next.Groups = map[string][]string{"mk": {"mk.northeast."}}
	amended := signed(&next, secretariat, centre)
	digest := began.Digest()
	of := func(a *body.Admission) *body.Admission { a.Charter = digest; return a }

	south, north, member := newPen(association, identity(association), digest), newPen(centre, identity(centre), digest), newPen(gevgelija, identity(gevgelija), digest)
	var records []protocol.Record
	write := func(p *pen, hour protocol.Instant, b body.Body) {
		p.hour = hour
		records = append(records, p.write(b))
	}
	write(south, 10, of(admission(gevgelija)))
	member.previous = records[0].Digest()
	write(north, 20, of(admission(kumanovo)))
	write(south, 30, of(closing(gevgelija, &body.Last{Unknown: true})))
	again := of(admission(gevgelija))
	again.FeedEpoch, again.Last = 3, &body.Last{Unknown: true}
	write(south, 40, again)
	write(member, 5, body.CharterRecordOf(amended)) // by a clock that is wrong, or so set: no steward's
	write(north, 50, body.CharterRecordOf(amended))

	rapid.Check(t, func(rt *rapid.T) {
		g, err := trust.New(began)
		if err != nil {
			rt.Fatal(err)
		}
		for _, r := range rapid.Permutation(records).Draw(rt, "order") {
			g.Add(r)
		}
		for _, tt := range []struct {
			hour   protocol.Instant
			want   []protocol.InstitutionID
			inside bool // gevgelija, still or no longer
		}{
			{10, []protocol.InstitutionID{association}, false},
			{11, []protocol.InstitutionID{association, gevgelija}, true},
			{21, []protocol.InstitutionID{kumanovo, association, gevgelija}, true},
			{31, []protocol.InstitutionID{kumanovo, association}, true},
			{41, []protocol.InstitutionID{kumanovo, association, gevgelija}, true},
			{50, []protocol.InstitutionID{kumanovo, association, gevgelija}, true},
			{51, []protocol.InstitutionID{kumanovo}, false},
		} {
			at := 1458205200000 + tt.hour*3_600_000
			if got := g.GroupMembersBefore("mk", at); !slices.Equal(got, tt.want) {
				rt.Errorf("before hour %d it means %v, want %v", tt.hour, got, tt.want)
			}
			if got := g.InGroupBefore("mk", gevgelija, at); got != tt.inside {
				rt.Errorf("before hour %d it meant %s: %t", tt.hour, gevgelija, got)
			}
		}
	})
}

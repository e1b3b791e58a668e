package board

import (
	"cmp"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Endorsement is where one institution stands on a record of another, or on a field of it:
// its latest word on that. It holds for the one version that it names: a stance on a record
// that its author has replaced since is one on what it said before.
type Endorsement struct {
	Of          protocol.Name          `json:"of"`
	OfDigest    protocol.Digest        `json:"of_digest"`
	Institution protocol.InstitutionID `json:"institution"`
	Stance      body.Stance            `json:"stance"`
	Basis       body.EndorsementBasis  `json:"basis"`
	Field       body.FieldName         `json:"field,omitempty"` // empty: the whole record
	Value       body.Count             `json:"value,omitzero"`
	Reason      string                 `json:"reason,omitempty"`
	Results     []body.PracticeResult  `json:"results,omitempty"` // of a practice adopted: what came of it there
	Source      *Origin                `json:"source,omitempty"`
	Reference   ReferenceState         `json:"reference"`
	Ignored     string                 `json:"ignored,omitempty"` // why it is not counted; see [View.Rank] too
	Record      protocol.Name          `json:"record"`
	Digest      protocol.Digest        `json:"digest"`
	AuthorTime  protocol.Instant       `json:"author_time"`

	places []body.PlaceKey // that the record endorsed speaks of
}

// endorsement is the essence of one.
type endorsement struct {
	target body.Ref
	row    Endorsement // without what the entry knows
}

func newEndorsement(b *body.Endorsement) *endorsement {
	field := strings.TrimPrefix(string(b.Field), "figures.")
	return &endorsement{b.Endorses(), Endorsement{
		Of: b.Endorses().Record, OfDigest: b.Endorses().Digest, Stance: b.Stance, Basis: b.Basis,
		Field: body.FieldName(intern(field)), Value: b.Value, Reason: string(b.Reason), Results: b.Results, Source: originOf(b.Source),
	}}
}

// foldEndorsements gives an institution's latest stance on each field of a record: one on
// the whole record covers what was said before.
func foldEndorsements(_ ackKey, of []*entry) []Endorsement {
	var out []Endorsement
	said := map[body.FieldName]bool{}
	for _, e := range slices.Backward(of) {
		row := e.now.(*endorsement).row
		if said[row.Field] {
			continue
		}
		said[row.Field] = true
		row.Institution, row.Record, row.Digest, row.AuthorTime = e.name.Institution, e.name, e.digest, e.time
		out = append(out, row)
		if row.Field == "" {
			break
		}
	}
	slices.SortFunc(out, func(a, b Endorsement) int { return cmp.Compare(a.Field, b.Field) })
	return out
}

// endorsementRows gives the stances that are live, by record, institution and field. Of a
// record that its author says again, what was said of either counts, the last of it.
func (b *Board) endorsementRows(w *world) []Endorsement {
	type key struct {
		of    ackKey
		field body.FieldName
	}
	var out []Endorsement
	at := map[key]int{}
	for _, rows := range w.endorsed.rows(compareAcks) {
		for _, r := range rows {
			if to := b.reissued().lead(body.Ref{Record: r.Of, Digest: r.OfDigest}); to != nil && b.world(to) == w {
				r.Of, r.OfDigest = to.name, to.digest
			}
			b.judgeStance(&r, w)
			k := key{ackKey{r.OfDigest, r.Institution}, r.Field}
			switch i, known := at[k]; {
			case !known:
				at[k] = len(out)
				out = append(out, r)
			case cmp.Or(compareNames(out[i].Record, r.Record), compareDigests(out[i].Digest, r.Digest)) < 0:
				out[i] = r
			}
		}
	}
	slices.SortFunc(out, func(x, y Endorsement) int {
		return cmp.Or(compareAcks(ackKey{x.OfDigest, x.Institution}, ackKey{y.OfDigest, y.Institution}), cmp.Compare(x.Field, y.Field))
	})
	return out
}

// judgeStance says why a stance is not counted, as far as the record that it is on tells.
func (b *Board) judgeStance(r *Endorsement, w *world) {
	r.Reference = b.reference(r.Of, r.OfDigest)
	e := b.entries[r.OfDigest]
	switch {
	case r.Institution == r.Of.Institution:
		r.Ignored = "it is its author's own record"
	case r.Reference == RefBroken:
		r.Ignored = "broken reference: name and digest are of different records"
	case r.Reference == RefWaiting:
		r.Ignored = "the record is not here"
	case b.world(e) != w:
		r.Ignored = "an exercise says nothing of what is real, nor the other way"
	case r.Stance == body.Adopt && !adoptable(e, b.entries):
		r.Ignored = "only a practice is adopted"
	}
	if e != nil {
		r.places = b.placesOf(e)
	}
}

// placesOf gives the places that a record speaks of, a correction those of what it puts in place of
// another, whether it ever came into force here or not.
func (b *Board) placesOf(e *entry) []body.PlaceKey {
	c, ok := e.what.(*correction)
	if !ok {
		return placesIn(e.what)
	}
	target := b.entries[c.target.Digest]
	if target == nil {
		return nil
	}
	if c.action == body.Replace {
		if now, _ := c.replacement(target); now != nil {
			return placesIn(now)
		}
	}
	return placesIn(target.what)
}

func placesIn(what essence) []body.PlaceKey {
	var out []body.PlaceKey
	switch s := what.(type) {
	case *report:
		out = append(out, s.place)
	case *route:
		out = append(out, s.asset, s.side.Place)
	case *needs:
		out = append(out, s.place)
	case *capacity:
		out = append(out, s.place)
	case *phase:
		out = append(out, s.place)
	case *strategy:
		out = append(out, s.place)
	case *project:
		out = append(out, s.place)
	case *practice:
		for i := range s.row.Places {
			out = append(out, s.row.Places[i].Place)
		}
	}
	return slices.DeleteFunc(out, body.PlaceKey.IsZero)
}

// PlacesOf gives the places that a body speaks of.
func PlacesOf(b body.Body) []body.PlaceKey { return placesIn(essenceOf(b, protocol.Name{})) }

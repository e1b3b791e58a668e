package board

import (
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Quality is how far a figure or a record can be relied on, with all that it was made of
// (domain.md §5). The parts are per mille: Q = P × the others by their weights.
type Quality struct {
	Score        int64       `json:"score"`         // 0 to 100
	Band         QualityBand `json:"band"`          // the word for it
	Admiralty    string      `json:"admiralty"`     // the letter of the source, the number of what it says: F3
	Provenance   int64       `json:"provenance"`    // P: how it came about
	SourceRecord int64       `json:"source_record"` // R: how its author's records of the kind stood up
	Credibility  int64       `json:"credibility"`   // C: held against others and its own past
	Timeliness   int64       `json:"timeliness"`    // T: its age against the cadence
	Completeness int64       `json:"completeness"`  // K: what it gives of what the kind asks for
	Confirmation int64       `json:"confirmation"`  // I: by others
	Judged       int64       `json:"judged"`        // records that R rests on
	Disputes     int         `json:"disputes,omitempty"`
	Verified     bool        `json:"verified"` // by who is competent for the place, or above it
	Profile      int         `json:"profile"`  // the version of the weights
}

// QualityBand is the word for a score.
type QualityBand string

// The bands, the best first.
const (
	QualityGood   QualityBand = "good"
	QualityUsable QualityBand = "usable"
	QualityWeak   QualityBand = "weak"
	QualityPoor   QualityBand = "poor" // do not decide on this alone
)

// QualityBands gives them all.
func QualityBands() []QualityBand {
	return []QualityBand{QualityGood, QualityUsable, QualityWeak, QualityPoor}
}

// Unverified chooses what nobody who may has verified, where quality is asked for.
const Unverified = "unverified"

// QualityWords are what can be asked for where quality is: a band, and what is better, or
// [Unverified].
func QualityWords() []string {
	var out []string
	for _, b := range QualityBands() {
		out = append(out, string(b))
	}
	return append(out, Unverified)
}

// QualityAsked says them, as helps and documents do.
func QualityAsked() string {
	words := QualityWords()
	last := len(words) - 2 // of the bands
	return strings.Join(words[:last], ", ") + " or " + words[last] + ", and what is better; or " + Unverified
}

// Is reports whether a quality is what one of [QualityWords] asks for. What has none is none of
// them.
func (q *Quality) Is(word string) bool {
	switch {
	case q == nil:
		return false
	case word == Unverified:
		return !q.Verified
	}
	least := slices.Index(QualityBands(), QualityBand(word))
	return least >= 0 && slices.Index(QualityBands(), q.Band) <= least
}

// assessor grades the rows of one world.
type assessor struct {
	v       *View
	ranks   *Ranks
	p       *body.QualityProfile
	at      protocol.Instant
	stances map[protocol.Digest][]*Endorsement // those that count, by the version that they are on
	sources map[sourceKey]tally
	rivals  map[claimKey][]protocol.InstitutionID // who contradicts a statement

	clashing [][2]*word // the two of each of the view's clashes
}

// claimKey names what of a version is said.
type claimKey struct {
	version protocol.Digest
	field   body.FieldName
}

// claim is one statement to be graded.
type claim struct {
	author  protocol.InstitutionID
	version protocol.Digest
	field   body.FieldName // empty: the record whole
	value   body.Count
	method  body.Method
	age     int64
	cadence int64
	fit     fit
	agreed  bool // sums agree, or the other side does
	numbers bool // it could be held against its own past
	grade   *grade
}

// Grade computes the quality of every live figure and record, finds the figures that
// contradict each other, and ends the contradictions that a third has verified. It is a
// pure function of the picture, the ranks, the profile and the instant.
func (v *View) Grade(ranks *Ranks, p *body.QualityProfile, at protocol.Instant) {
	v.Rank(ranks)
	a := &assessor{v: v, ranks: ranks, p: p, at: at, stances: map[protocol.Digest][]*Endorsement{}, rivals: map[claimKey][]protocol.InstitutionID{}}
	for i := range v.Endorsements {
		if e := &v.Endorsements[i]; e.Ignored == "" && e.Stance != body.Adopt {
			a.stances[e.OfDigest] = append(a.stances[e.OfDigest], e)
		}
	}
	a.judgeSources()
	a.contradict()
	a.figures()
	a.voices()
	a.rows()
}

// on gives the stances on a field of a version: of each member that on the field, or else
// that on the whole record.
func (a *assessor) on(version protocol.Digest, field body.FieldName) []*Endorsement {
	byMember := map[protocol.InstitutionID]*Endorsement{}
	var order []protocol.InstitutionID
	for _, e := range a.stances[version] {
		if e.Field != "" && e.Field != field && field != "" || e.Field != "" && field == "" && e.Stance != body.Dispute {
			continue
		}
		if byMember[e.Institution] == nil {
			order = append(order, e.Institution)
		}
		if byMember[e.Institution] == nil || e.Field == field || e.Stance == body.Dispute && field == "" {
			byMember[e.Institution] = e
		}
	}
	out := make([]*Endorsement, len(order))
	for i, id := range order {
		out[i] = byMember[id]
	}
	return out
}

// Bears reports whether a confirmation or verification bears out a value.
func (e *Endorsement) Bears(value body.Count, percent int64) bool {
	return e.Stance != body.Dispute && (e.Value.IsZero() || value.IsZero() || !apart(e.Value, value, percent, 0))
}

// grade gives the quality of one claim.
func (a *assessor) grade(c *claim) *Quality {
	q := &Quality{Profile: a.p.Version, Provenance: c.grade.provenance(c.method, a.p), Completeness: c.grade.completeness(a.p)}
	q.Timeliness = c.grade.timeliness(c.age, c.cadence, a.at, a.p)
	letter := a.source(q, sourceKey{c.author, c.grade.kind})
	number := a.weigh(q, c)
	q.Credibility, q.Admiralty = a.p.Credibility[number-1], string(letter)+string(rune('0'+number))
	w := a.p.Weights
	sum := w.SourceRecord*q.SourceRecord + w.Credibility*q.Credibility + w.Timeliness*q.Timeliness + w.Completeness*q.Completeness + w.Confirmation*q.Confirmation
	q.Score = halfUp(halfUp(q.Provenance, halfUp(sum, 1, perMille), perMille), 1, 10)
	q.Band = QualityPoor
	for i, least := range a.p.Bands {
		if q.Score >= least {
			q.Band = QualityBands()[i]
			break
		}
	}
	return q
}

// weigh sets I, and gives the Admiralty number.
func (a *assessor) weigh(q *Quality, c *claim) int {
	var halves int64
	independent, confirmed := false, false
	against := map[protocol.Region]bool{}
	stances := a.on(c.version, c.field)
	upheld := slices.ContainsFunc(stances, func(e *Endorsement) bool { return e.Stance == body.Verify && e.Bears(c.value, a.p.Percent) })
	for _, e := range stances {
		near := a.ranks.Near(e.Institution, c.author)
		switch {
		case e.Bears(c.value, a.p.Percent):
			q.Verified = q.Verified || e.Stance == body.Verify
			confirmed = true
			switch {
			case sameSource(e.Source, c.grade.origin):
			case near:
				halves++
			default:
				halves, independent = halves+2, true
			}
		case upheld || e.Stance == body.Confirm: // settled by who may, or a word on another number
		default:
			halves -= 2
			q.Disputes++
			if !near {
				against[e.Institution.Group()] = true
			}
		}
	}
	for _, id := range a.rivals[claimKey{c.version, c.field}] {
		if !a.ranks.Near(id, c.author) {
			against[id.Group()] = true
		}
	}
	q.Confirmation = perMille - halved(2*max(0, halves), 1, a.p)
	return c.number(len(against), independent && q.Disputes == 0, confirmed)
}

// number is the Admiralty number of what is said.
func (c *claim) number(against int, independent, confirmed bool) int {
	switch {
	case against >= 2:
		return 5
	case independent:
		return 1
	case c.fit == fitOutside && !confirmed:
		return 4
	case c.fit == fitWithin || c.agreed:
		return 2
	case c.numbers:
		return 3
	}
	return 6
}

// sameSource reports whether two relay the same.
func sameSource(a, b *Origin) bool {
	if a == nil || b == nil || a.Type == body.OwnSource || b.Type == body.OwnSource {
		return false
	}
	if a.URL != "" || b.URL != "" {
		return a.URL == b.URL
	}
	return a.Type == b.Type && a.Name == b.Name
}

// apart reports whether two counts differ by more than a share of the larger and by more
// than a floor; bands are taken in favour of agreement.
func apart(x, y body.Count, percent, floor int64) bool {
	lowX, highX := x.Range()
	lowY, highY := y.Range()
	beyond := func(low, high int64) bool { return (low-high)*100 > low*percent && low-high > floor }
	return beyond(lowX, highY) || beyond(lowY, highX)
}

// figures grades every figure that was reported on a core indicator.
func (a *assessor) figures() {
	for i := range a.v.Figures {
		f := &a.v.Figures[i]
		if f.grade == nil || f.State != Reported || !f.Indicator.Core() {
			continue
		}
		f.Quality = a.grade(&claim{
			author: f.Institution, version: f.version, field: fieldOf(f), value: f.Value, method: f.Method, age: f.AgeHours, cadence: f.cadence,
			fit: f.fit, agreed: slices.Contains(f.grade.sums, f.Indicator) && f.By == "", numbers: true, grade: f.grade,
		})
	}
}

// fieldOf names a figure as a stance does; parts of a total stand behind a dot.
func fieldOf(f *Figure) body.FieldName {
	name := string(f.Indicator)
	for _, part := range []string{f.By, f.Variant} {
		if part != "" {
			name += "." + part
		}
	}
	return body.FieldName(name)
}

// rows grades the live routes, assessments and declarations.
func (a *assessor) rows() {
	a.v.Routes = slices.Clone(a.v.Routes)
	for i := range a.v.Routes {
		r := &a.v.Routes[i]
		r.Sides = slices.Clone(r.Sides)
		for j := range r.Sides {
			s := &r.Sides[j]
			agreed := slices.ContainsFunc(r.Sides, func(o Side) bool {
				return o.Institution != s.Institution && !o.Expired && !s.Expired && s.meets(&o) && o.State == s.State
			})
			s.Quality = a.record(s.Institution, s.version, s.grade, s.ObservedAt, agreed)
		}
	}
	a.v.Needs = slices.Clone(a.v.Needs)
	for i := range a.v.Needs {
		n := &a.v.Needs[i]
		n.Quality = a.record(n.Institution, n.version, n.grade, n.known, false)
	}
	needs := a.v.assessed()
	a.v.Requests = slices.Clone(a.v.Requests)
	for i := range a.v.Requests {
		r := &a.v.Requests[i]
		for _, ref := range r.needs {
			r.Quality = Weaker(r.Quality, needs[ref.Record])
		}
	}
	a.v.Capacities = slices.Clone(a.v.Capacities)
	for i := range a.v.Capacities {
		c := &a.v.Capacities[i]
		c.Quality = a.record(c.Institution, c.version, c.grade, c.AuthorTime, false)
	}
}

// assessed gives how good the needs are that the assessments tell of, by their names: of one that a later one has taken
// the place of it is the quality of that.
func (v *View) assessed() map[protocol.Name]*Quality {
	out := map[protocol.Name]*Quality{}
	for i := range v.Needs {
		n := &v.Needs[i]
		for _, name := range append([]protocol.Name{n.Record}, n.before...) {
			out[name] = Weaker(out[name], n.Quality)
		}
	}
	return out
}

// weakestOf gives the lowest of the qualities of some records; nil where none of them has any.
func weakestOf(quality map[protocol.Name]*Quality, records []protocol.Name) (out *Quality) {
	for _, n := range records {
		out = Weaker(out, quality[n])
	}
	return out
}

// record grades a record that is no report, and tells what was up to an instant.
func (a *assessor) record(author protocol.InstitutionID, version protocol.Digest, g *grade, known protocol.Instant, agreed bool) *Quality {
	if g == nil {
		return nil
	}
	cadence, _ := body.Cadence(g.kind, g.phase)
	return a.grade(&claim{
		author: author, version: version, method: g.method, age: AgeHours(known, a.at), cadence: int64(cadence), agreed: agreed, grade: g,
	})
}

// Weaker gives the lower of two qualities; of one that is not there, the other.
func Weaker(x, y *Quality) *Quality {
	if x == nil || y != nil && y.Score < x.Score {
		return y
	}
	return x
}

// Qualities gives how good the live records are: a report as its weakest figure, a request as the
// weakest of the needs behind it. What a later word has taken the place of, and what is of a kind
// without quality, is not there.
func (v *View) Qualities() map[protocol.Name]*Quality {
	out := map[protocol.Name]*Quality{}
	v.graded(func(n protocol.Name, q *Quality) {
		if q != nil {
			out[n] = Weaker(out[n], q)
		}
	})
	return out
}

// QualityOf gives the quality of one record, as [View.Qualities] has it; nil of one that has none.
func (v *View) QualityOf(n protocol.Name) (worst *Quality) {
	v.graded(func(of protocol.Name, q *Quality) {
		if of == n {
			worst = Weaker(worst, q)
		}
	})
	return worst
}

// graded tells the quality of everything that has one, by its record.
func (v *View) graded(take func(protocol.Name, *Quality)) {
	for i := range v.Figures {
		take(v.Figures[i].Record, v.Figures[i].Quality)
	}
	for i := range v.Routes {
		for j := range v.Routes[i].Sides {
			take(v.Routes[i].Sides[j].Record, v.Routes[i].Sides[j].Quality)
		}
	}
	for i := range v.Needs {
		take(v.Needs[i].Record, v.Needs[i].Quality)
	}
	for i := range v.Capacities {
		take(v.Capacities[i].Record, v.Capacities[i].Quality)
	}
	for i := range v.Requests {
		take(v.Requests[i].Record, v.Requests[i].Quality)
	}
}

package desk

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Shown is what a name, an institution or a place leads to: one of the three.
type Shown struct {
	Record      *RecordView      `json:"record,omitempty"`
	Institution *InstitutionView `json:"institution,omitempty"`
	Place       *PlaceView       `json:"place,omitempty"`
}

// RecordView is one record: what it says, what became of it, and its proof.
type RecordView struct {
	Name        protocol.Name            `json:"record"`
	Type        string                   `json:"type"`
	Institution protocol.InstitutionID   `json:"institution"`
	Time        protocol.Instant         `json:"time"`     // its author's clock
	Accepted    protocol.Instant         `json:"accepted"` // by this node
	Handling    protocol.Handling        `json:"handling"`
	Exercise    bool                     `json:"exercise"`
	Standing    board.Standing           `json:"standing"`
	Reason      string                   `json:"reason,omitempty"` // why it does not count
	Says        string                   `json:"says"`             // in a line
	BodyState   string                   `json:"body_state"`
	Body        json.RawMessage          `json:"body,omitempty"`
	Instead     body.Body                `json:"-"`                     // of a correction, as [Second] has it
	Addressed   []protocol.InstitutionID `json:"addressed,omitempty"`   // whom it is to: groups as the charter in force has them
	Thread      []StepRow                `json:"thread,omitempty"`      // the exchange that it stands in
	Request     *RequestRow              `json:"request,omitempty"`     // that it is, as far as it is answered
	Flow        *FlowRow                 `json:"flow,omitempty"`        // the flow of funds that it stands in
	Hearing     protocol.Name            `json:"consultation,omitzero"` // that it asks, answers or concludes
	Notes       []NoteRow                `json:"notes,omitempty"`
	Corrections []CorrectionRow          `json:"corrections,omitempty"`
	Stances     []EndorsementRow         `json:"endorsements,omitempty"` // where others stand on it, as it is now or was before
	Quality     *board.Quality           `json:"quality,omitempty"`      // of a live one; absent where a later word has taken its place
	NotScored   string                   `json:"not_scored,omitempty"`   // why one that counts has no quality
	Peers       Peers                    `json:"peers"`                  // who is known to hold it
	Mends       MendWay                  `json:"-"`                      // where its author puts it right on the pages
	MayAlter    bool                     `json:"-"`                      // who looks may put it right and take it back, if it is theirs
	Proof       Proof                    `json:"proof"`
	Rivals      []Rival                  `json:"rivals,omitempty"` // other records held at its position
}

// Rival is another record at the same position.
type Rival struct {
	Digest   protocol.Digest  `json:"digest"`
	Accepted protocol.Instant `json:"accepted"`
	Type     string           `json:"type"`
	Time     protocol.Instant `json:"time"`
}

// InstitutionView is one member, what it has said of late, and how it is reached.
type InstitutionView struct {
	Member    Member        `json:"member"`
	May       []string      `json:"may"` // short names of the kinds that it may say
	Feeds     []FeedView    `json:"feeds"`
	Due       []DueRow      `json:"due"`
	Figures   []FigureRow   `json:"figures"`
	Capacity  []CapacityRow `json:"capacity"`
	Standards []StandardGap `json:"standards"` // of the places of this capacity
	Requests  []RequestRow  `json:"requests"`
	Gaps      []GapRow      `json:"gaps"`
	Line      *LinkState    `json:"line,omitempty"` // of this node with it, if there is one
	Declared  *DeclaredView `json:"declared,omitempty"`
}

// FeedView is how far one feed is held.
type FeedView struct {
	Topic    protocol.Topic `json:"topic"`
	Epoch    uint32         `json:"epoch"`
	Sequence uint32         `json:"sequence"`
	Branches int            `json:"branches"` // more than one: forked
}

// PlaceView is all that is known of a place.
type PlaceView struct {
	Place    body.PlaceKey  `json:"place"`
	Name     string         `json:"name"`
	Footnote bool           `json:"footnote,omitempty"`
	Coverage Coverage       `json:"coverage"` // of the reports that are due there
	Figures  []FigureRow    `json:"figures"`
	Routes   []RouteRow     `json:"routes"`
	Phases   []TerritoryRow `json:"phases"` // declared and suggested
	Alerts   []AlertRow     `json:"alerts"`
	Needs    []NeedsRow     `json:"needs"`
	Requests []RequestRow   `json:"requests"`
	Capacity []CapacityRow  `json:"capacity"`
	Due      []DueRow       `json:"due"`
	Drafts   []DraftRow     `json:"drafts"`

	Standards      []StandardGap      `json:"standards"`      // of the places of this capacity
	Contradictions []ContradictionRow `json:"contradictions"` // in which one of the two names it, or another code of its ground
}

// Show gives what a person names: a record, an institution, or a place. The problem is
// [NotFound] for one that is none of what is held here.
func (d *Desk) Show(ctx context.Context, ref string) (Shown, error) { return d.ShowAt(ctx, ref, 0) }

// ShowAt is Show as this node knew it at an instant; zero: now. Of a member's line, and of what was
// missing of its feeds, nothing is known then.
func (d *Desk) ShowAt(ctx context.Context, ref string, at protocol.Instant) (Shown, error) {
	ref = strings.TrimSpace(ref)
	if n, err := protocol.ParseName(ref); err == nil {
		return d.showRecord(ctx, n, at)
	}
	if p, err := protocol.ParsePosition(ref); err == nil {
		return d.showRecord(ctx, protocol.Name{Institution: d.o.Institutions[0], Position: p}, at)
	}
	if id, err := protocol.ParseInstitution(ref); err == nil {
		return d.showInstitution(ctx, id, at)
	}
	if k, known := d.placeOf(ref); known {
		return d.showPlace(ctx, k, at)
	}
	return Shown{}, &Problem{
		Kind: NotFound, Detail: quoted(ref) + " is no record, institution or place that is known here",
		Mend: "want a name such as mk.southeast.gevgelija/situation.1.42, an ID such as mk.southeast.gevgelija, or a place such as nuts:EL4", Next: "vardar list members",
	}
}

func (d *Desk) showRecord(ctx context.Context, n protocol.Name, at protocol.Instant) (Shown, error) {
	records, err := d.rivals(n)
	if err != nil {
		return Shown{}, err
	}
	if at != 0 {
		if records = slices.DeleteFunc(records, func(h Held) bool { return h.Accepted > at }); len(records) == 0 {
			return Shown{}, notYet(n)
		}
	}
	h := &records[0]
	m, err := d.momentOf(ctx, at, board.WorldOf(&h.Record))
	if err != nil {
		return Shown{}, err
	}
	view := m.view
	v := &RecordView{
		Name: h.Name, Type: h.Type, Institution: h.Institution, Time: h.Time, Accepted: h.Accepted, Handling: h.Handling,
		Exercise: h.Exercise, Standing: board.Counts, Says: d.summary(h), BodyState: h.BodyState.String(),
		Peers: d.since(h.Name, m.holders(d, h.Name)),
	}
	if h.BodyState == protocol.BodyHeld && !h.Sealed {
		v.Body = h.Body
		if !json.Valid(h.Body) {
			v.Body, _ = json.Marshal(string(h.Body)) //nolint:errchkjson // a string
		}
	}
	said, unread := body.Parse(h.Type, h.Body)
	if unread == nil {
		v.Addressed, v.Instead = d.addressed(said.Base().To), d.instead(said)
	}
	v.standing(m.board, &view, h)
	if unread == nil && v.Stands() {
		if why := d.saysBeyond(v, h.Digest, said); why != "" {
			v.Standing, v.Reason = board.BeyondCompetence, why
		}
	}
	if v.Standing == board.NoBody {
		v.Reason = d.noBody(h)
	}
	v.thread(&view)
	v.stances(&view)
	v.Proof = proof(m.knowledge, h, v.Standing)
	v.Quality = view.QualityOf(v.Name)
	v.NotScored = notScored(&view, v, said)
	v.Hearing = hearingWith(&view, h.Name)
	v.Mends, v.MayAlter = d.mendWay(&view, h), mayRun(ctx) || board.WorldOf(&h.Record).Name != h.Name
	v.Flow = flowWith(&view, h.Name, h.Digest)
	v.Request = pick(view.Requests, func(r *RequestRow) bool { return r.Record == h.Name && r.Digest == h.Digest })
	for _, r := range records[1:] {
		v.Rivals = append(v.Rivals, Rival{r.Digest, r.Accepted, r.Type, r.Time})
	}
	return Shown{Record: v}, nil
}

// standing takes from the picture what became of the record.
func (v *RecordView) standing(b *board.Board, view *board.View, h *Held) {
	if s, why := b.Standing(h.Digest); s != 0 {
		v.Standing, v.Reason = s, why
	}
	for i := range view.Corrections {
		c := &view.Corrections[i]
		if c.Corrects != h.Name {
			continue
		}
		v.Corrections = append(v.Corrections, *c)
		if c.Standing != board.Counts || v.Standing != board.Counts || c.Action == board.Erase {
			continue
		}
		v.Standing, v.Reason = board.Retracted, c.Reason
		if c.Action == board.Replace {
			v.Standing = board.Replaced
		}
	}
}

// thread takes the steps and notes of the exchange that the record stands in.
func (v *RecordView) thread(view *board.View) {
	name := v.Name
	var common struct {
		Thread protocol.Name `json:"thread"`
	}
	if json.Unmarshal(v.Body, &common) == nil && !common.Thread.IsZero() {
		name = common.Thread
	}
	for i := range view.Steps {
		if view.Steps[i].Thread == name {
			v.Thread = append(v.Thread, view.Steps[i])
		}
	}
	for i := range view.Notes {
		if view.Notes[i].Thread == name {
			v.Notes = append(v.Notes, view.Notes[i])
		}
	}
}

func (d *Desk) showInstitution(ctx context.Context, id protocol.InstitutionID, at protocol.Instant) (Shown, error) {
	m, err := d.moment(ctx, at)
	if err != nil {
		return Shown{}, err
	}
	member, ok := m.trust.Member(id)
	if !ok {
		return Shown{}, d.noMemberIn(m.knowledge, id)
	}
	v := &InstitutionView{Member: d.member(m.knowledge, &member, d.lastHeard(m.knowledge)[id]), May: []string{}, Feeds: []FeedView{}, Gaps: []GapRow{}}
	for _, t := range body.Types() {
		name := shortName(t)
		if reserved(t) == "" && !member.Out && m.trust.May(id, t) && !slices.Contains(v.May, name) {
			v.May = append(v.May, name)
		}
	}
	for _, topic := range protocol.Topics() {
		v.Feeds = append(v.Feeds, d.feeds(m.knowledge, protocol.Feed{Institution: id, Topic: topic})...)
	}
	f := &filter{q: &Query{By: string(id)}, limit: -1}
	view := &m.view
	v.Due, v.Figures, v.Capacity = chosen(dueRows(view.Due), f), chosen(view.Figures, f), chosen(view.Capacities, f)
	v.Standards = d.standardGaps(m, v.Capacity)
	v.Requests, v.Declared = chosen(view.Requests, f), declaredView(view, &member)
	if m.past {
		return Shown{Institution: v}, nil
	}
	v.Gaps = chosen(d.gaps(), f)
	if l, err := d.LinkShow(ctx, id); err == nil {
		v.Line = &l.State
	}
	return Shown{Institution: v}, nil
}

// feeds says how far the epochs of a feed are held by what is known.
func (d *Desk) feeds(k knowledge, feed protocol.Feed) []FeedView {
	current, ok := k.trust.Current(feed)
	if !ok {
		return nil
	}
	var out []FeedView
	for epoch := uint32(1); epoch <= current.Epoch; epoch++ {
		row := FeedView{Topic: feed.Topic, Epoch: epoch}
		for _, head := range d.headsOf(k, protocol.EpochID{Feed: feed, Epoch: epoch}) {
			row.Branches, row.Sequence = row.Branches+1, max(row.Sequence, head)
		}
		out = append(out, row)
	}
	return out
}

// headsOf gives the last sequence held of each branch of an epoch.
func (d *Desk) headsOf(k knowledge, e protocol.EpochID) []uint32 {
	if d.isPast(k) {
		return slices.Collect(maps.Values(k.tips[e]))
	}
	var out []uint32
	for _, b := range d.o.Archive.Branches(e) {
		out = append(out, b.Head)
	}
	return out
}

func (d *Desk) showPlace(ctx context.Context, k body.PlaceKey, at protocol.Instant) (Shown, error) {
	m, err := d.moment(ctx, at)
	if err != nil {
		return Shown{}, err
	}
	v, err := d.place(m, k)
	return Shown{Place: &v}, err
}

// place gathers all that a moment knows of a place.
func (d *Desk) place(m *moment, k body.PlaceKey) (PlaceView, error) {
	f, err := d.filter(&Query{Place: k.String(), Limit: -1})
	if err != nil {
		return PlaceView{}, err
	}
	view := &m.view
	capacity := chosen(view.Capacities, f)
	return PlaceView{
		Place: k, Name: d.o.Atlas.Name(body.Place{Scheme: k.Scheme, Code: k.Code}), Footnote: atlas.NeedsFootnote(k),
		Coverage: coverage(view, body.TypeReport, func(w *DueRow) bool { return f.covers(w.Place) }),
		Figures:  chosen(view.Figures, f), Routes: chosen(routeRows(view.Routes), f), Phases: chosen(d.territories(m), f),
		Alerts: chosen(view.Alerts, f), Needs: chosen(view.Needs, f), Requests: chosen(view.Requests, f), Capacity: capacity, Standards: d.standardGaps(m, capacity),
		Due: chosen(dueRows(view.Due), f), Drafts: chosen(d.warnings(m).Drafts, f), Contradictions: chosen(contradictionRows(view), f),
	}, nil
}

func chosen[T any](rows []T, f *filter) []T {
	l, _ := take(Listing{}, rows, f) // from the beginning, which is always there
	out, _ := l.Rows.([]T)
	return out
}

// Stands reports whether the pages of what was said show it: it counts, or did until its author
// corrected it.
func (v *RecordView) Stands() bool {
	return v.Standing == board.Counts || v.Standing == board.Replaced || v.Standing == board.Retracted
}

package board

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Picture is what all records together say at an instant. It is the caller's to keep;
// what it points to is shared and must not be changed.
type Picture struct {
	At protocol.Instant `json:"at"`
	View
	Exercise *View  `json:"exercise,omitempty"` // what is played without a name, apart; nil if there is none
	Lines    []Line `json:"lines,omitempty"`    // what this node knows of its lines; no part of the digest

	named   *playedViews // what is played under a name: drawn when it is asked for
	stopped map[protocol.EpochID]int
}

// whole is a picture with what is played in each named exercise.
type whole struct {
	Picture
	Exercises []played `json:"exercises,omitempty"` // each apart from all else, by name of what began it
}

// View is the picture of one world: of what is real, or of one exercise.
type View struct {
	Figures          []Figure          `json:"figures"`                // by place, indicator, institution
	Columns          []Column          `json:"columns"`                // in the same order
	Routes           []Route           `json:"routes"`                 // by asset
	Phases           []Phase           `json:"phases"`                 // by place, institution
	Alerts           []Alert           `json:"alerts"`                 // by institution, in the order written
	Requests         []Request         `json:"requests"`               // by name
	Offers           []Offer           `json:"offers"`                 // by thread, in the thread's order
	Steps            []Step            `json:"steps"`                  // the same
	Notes            []Note            `json:"notes"`                  // the same
	Needs            []Needs           `json:"needs,omitempty"`        // by institution, place
	Flows            []Flow            `json:"flows,omitempty"`        // by name
	Capacities       []Capacity        `json:"capacities"`             // by institution, place
	Due              []Due             `json:"due"`                    // by institution, kind, place
	Drafts           []Draft           `json:"drafts"`                 // by place, indicator
	Corrections      []Correction      `json:"corrections"`            // by name; of each feed those in force, and of the others the last KeptShown
	Acknowledgements []Acknowledgement `json:"acknowledgements"`       // by record's digest, institution
	Endorsements     []Endorsement     `json:"endorsements,omitempty"` // by record's digest, institution, field
	Kept             []Kept            `json:"kept"`                   // by name; of each feed the last KeptShown
	Tally            Tally             `json:"counts"`

	// Clashes are figures that contradict each other: by [View.Grade], no part of the digest.
	Clashes []Clash `json:"clashes,omitempty"` // by place, indicator

	Consultations []Consultation   `json:"consultations,omitempty"` // by name
	Strategies    []Strategy       `json:"strategies,omitempty"`    // by name
	Practices     []Practice       `json:"practices,omitempty"`     // by name
	Regional      []RegionalReport `json:"regional,omitempty"`      // by name
	Plans         []Plan           `json:"plans,omitempty"`         // by name
	Projects      []Project        `json:"projects,omitempty"`      // by name

	at          protocol.Instant
	rounds      []*round // what is due again; see [View.Rank]
	columns     []*column
	changes     []proposed                   // what drafts are made of; see [View.Rank]
	named       map[protocol.Name]*Needs     // assessments that flows and plans are for; see [View.FundingGap]
	versions    map[protocol.Digest]*version // that stances are on
	takenBack   []takenBack
	kept        []feedKept
	corrections []feedCorrections
}

// Stopped counts by epoch the records of all worlds that a fork stops.
func (p *Picture) Stopped() map[protocol.EpochID]int { return p.stopped }

// Picture gives the picture at an instant. It is a pure function of the events told, and
// of at: an earlier instant shows the same records with other ages, not what was known
// then (for that, tell another board what the archive had accepted by then).
func (b *Board) Picture(at protocol.Instant) Picture {
	b.fold.Lock()
	defer b.fold.Unlock()
	return b.dress(*b.drawLocked(at))
}

// Digest is SHA-256 over the canonical encoding of the picture at an instant, of all worlds: the
// same on every node that holds the same records and verdicts and can read the same bodies. It
// leaves out what is this node's own: times of acceptance, why a body is absent, lines,
// and the atlas's names.
func (b *Board) Digest(at protocol.Instant) protocol.Digest {
	b.fold.Lock()
	defer b.fold.Unlock()
	p := b.drawLocked(at)
	if b.last.digest.IsZero() {
		b.last.digest = protocol.DigestOf([]byte(digestText), canonical(p, b.played(at)))
	}
	return b.last.digest
}

// DigestIn is that of one world: what is said in another changes nothing of it. Where nothing is
// played, that of what is real is [Board.Digest].
func (b *Board) DigestIn(of World, at protocol.Instant) protocol.Digest {
	b.fold.Lock()
	defer b.fold.Unlock()
	b.settleLocked()
	w := b.worlds[of]
	if w == nil {
		w = &world{of: of, stopped: b.stopped} // to ask for one makes none
	}
	return protocol.DigestOf([]byte(digestText), canonical(&Picture{At: at, View: b.view(w, at)}, nil))
}

// digestText is the first line of what is hashed, so that the digest serves for nothing
// else.
const digestText = "vardar-picture-v1\n"

// canonical writes the picture as one text: structs of slices in a fixed order, and what
// is not shown of them too.
func canonical(p *Picture, named []played) []byte {
	all := whole{Picture: *p, Exercises: named}
	all.Kept, all.Corrections = allKept(p.kept), allCorrections(p.corrections)
	if p.Exercise != nil {
		exercise := *p.Exercise
		exercise.Kept, exercise.Corrections = allKept(exercise.kept), allCorrections(exercise.corrections)
		all.Exercise = &exercise
	}
	for i := range all.Exercises {
		v := &all.Exercises[i].View
		v.Kept, v.Corrections = allKept(v.kept), allCorrections(v.corrections)
	}
	text, err := json.Marshal(&all)
	if err != nil {
		return []byte(err.Error()) // impossible: every row marshals
	}
	return text
}

// drawLocked gives the picture without what is this node's own; the caller holds fold.
func (b *Board) drawLocked(at protocol.Instant) *Picture {
	b.settleLocked()
	if b.last.ok && b.last.version == b.version && b.last.at == at {
		return &b.last.picture
	}
	p := Picture{At: at, View: b.view(b.worldAt(World{}), at), stopped: maps.Clone(b.stopped)}
	if v := b.view(b.worldAt(World{Exercise: true}), at); v.Tally.Records > 0 {
		p.Exercise = &v
	}
	b.last = drawn{version: b.version, at: at, picture: p, ok: true}
	return &b.last.picture
}

func (b *Board) view(w *world, at protocol.Instant) View {
	v := *b.still(w)
	v.at, v.rounds = at, w.rounds.rows(compareRounds)
	v.Routes, v.Phases, v.Alerts, v.Due = w.routeRows(at), w.phaseRows(at), w.alertRows(at), w.dueRows(v.rounds, at)
	v.changes = b.proposals(w, at)
	v.Drafts = draftsOf(v.changes, at)
	due := map[roundKey]*Due{}
	for i := range v.Due {
		d := &v.Due[i]
		due[roundKey{d.Institution, d.Kind, d.Place}] = d
	}
	v.Figures = make([]Figure, len(v.columns))
	for i, c := range v.columns {
		v.Figures[i] = c.figure(at)
		if d := due[roundKey{c.key.institution, body.TypeReport, c.key.place}]; d != nil {
			v.Figures[i].Due, v.Figures[i].cadence = d.State, int64(d.CadenceH)
		}
	}
	v.Requests, v.Offers = slices.Clone(v.Requests), slices.Clone(v.Offers)
	for i := range v.Requests {
		v.Requests[i].late(at)
	}
	for i := range v.Offers {
		o := &v.Offers[i]
		o.Expired = o.ValidUntil != 0 && at >= o.ValidUntil
	}
	v.Needs = b.needsRows(w, v.Requests, at)
	v.Consultations = b.consultationRows(w, at)
	v.Strategies = b.strategyRows(w, at)
	v.Projects = b.projectRows(w, &v, at)
	return v
}

// still gives what does not hang on the instant: nearly all rows that grow with the years. It
// is drawn anew when anything has changed, and not at each question.
func (b *Board) still(w *world) *View {
	if w.still != nil && w.stillOf == b.version {
		return w.still
	}
	w.settle(b)
	v := View{
		Capacities: w.capacities.rows(compareStocks), Corrections: []Correction{},
		Acknowledgements: b.ackRows(w), Endorsements: b.endorsementRows(w), Kept: []Kept{}, Tally: w.tally(), columns: w.columns.rows(compareColumns),
		kept: w.kept.rows(compareFeeds), corrections: w.mending.rows(compareFeeds),
	}
	for i := range v.kept {
		v.Kept = append(v.Kept, v.kept[i].shown...)
	}
	for i := range v.corrections {
		v.Corrections = append(v.Corrections, v.corrections[i].shown...)
	}
	v.versions, v.takenBack = b.versions(v.Endorsements), b.retractions(v.corrections)
	v.Columns = make([]Column, len(v.columns))
	for i, c := range v.columns {
		v.Columns[i] = c.history
	}
	b.stillThreads(w, &v)
	v.Flows = flowRows(threadRows(b, &w.flows, foldFlow))
	v.Practices = b.practiceRows(w, v.Endorsements)
	v.Regional = b.regionalRows(w)
	v.Plans = b.planRows(w, v.Acknowledgements)
	v.named = w.named(&v)
	planned(v.Plans, v.named)
	aimed(v.Flows, v.Plans, v.named)
	w.still, w.stillOf = &v, b.version
	return &v
}

// stillThreads gives the rows of exchanges of help, and notes.
func (b *Board) stillThreads(w *world, v *View) {
	threads := threadRows(b, &w.threads, foldThread)
	steps, notes := 0, 0
	for _, t := range threads {
		steps, notes = steps+len(t.steps), notes+len(t.notes)
	}
	v.Requests, v.Offers, v.Steps, v.Notes = []Request{}, []Offer{}, make([]Step, 0, steps), make([]Note, 0, notes)
	for _, t := range threads {
		if t.request != nil {
			v.Requests = append(v.Requests, *t.request)
		}
		v.Offers = append(v.Offers, t.offers...)
		v.Steps, v.Notes = append(v.Steps, t.steps...), append(v.Notes, t.notes...)
	}
}

// dress adds to a copy what is this node's own: names of places, times of acceptance, why
// bodies are absent, lines.
func (b *Board) dress(p Picture) Picture {
	lines := b.linesNow()
	p.named = &playedViews{board: b, at: p.At, views: map[World]View{}}
	for _, l := range lines {
		p.Lines = append(p.Lines, l)
	}
	slices.SortFunc(p.Lines, func(a, c Line) int { return cmp.Compare(a.Institution, c.Institution) })
	b.dressView(&p.View, lines)
	if p.Exercise != nil {
		v := *p.Exercise
		b.dressView(&v, lines)
		p.Exercise = &v
	}
	return p
}

func (b *Board) linesNow() map[protocol.InstitutionID]Line {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.lines)
}

func (b *Board) dressView(v *View, lines map[protocol.InstitutionID]Line) {
	name := func(k body.PlaceKey, said *string, footnote *bool) {
		*said = b.atlas.Name(body.Place{Scheme: k.Scheme, Code: k.Code, Name: body.Label(*said)})
		*footnote = atlas.NeedsFootnote(k)
	}
	state := func(s DueState, id protocol.InstitutionID) DueState { return behindLine(s, lines[id].State) }
	v.Figures = slices.Clone(v.Figures)
	for i := range v.Figures {
		f := &v.Figures[i]
		name(f.Place, &f.PlaceName, &f.Footnote)
		f.Due, f.Line = state(f.Due, f.Institution), lines[f.Institution].State
		if e := b.entries[f.Digest]; e != nil {
			f.Accepted = e.accepted
		}
	}
	v.Due = slices.Clone(v.Due)
	for i := range v.Due {
		d := &v.Due[i]
		d.State, d.Line = state(d.State, d.Institution), lines[d.Institution].State
		if !d.Place.IsZero() {
			name(d.Place, &d.PlaceName, &d.Footnote)
		}
	}
	v.Kept = slices.Clone(v.Kept)
	for i := range v.Kept {
		if k := &v.Kept[i]; k.Standing == NoBody && k.Reason == "" {
			k.Reason = b.entries[k.Digest].state.String()
		}
	}
	b.nameRows(v, name)
	b.dressConsultations(v)
}

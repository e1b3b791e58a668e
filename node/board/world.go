package board

import (
	"cmp"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// world holds the folds of the records that are real, or of those that are played in one exercise.
type world struct {
	of         World
	standings  [numStandings + 1]int
	players    map[protocol.InstitutionID]int // records that count, of who takes part in an exercise
	newer      int                            // records that count and have members of a newer version
	stopped    map[protocol.EpochID]int       // records stopped by a fork: of all worlds of the board
	kept       shelf[protocol.Feed, feedKept] // what does not count
	mending    shelf[protocol.Feed, feedCorrections]
	columns    shelf[columnKey, *column]
	rounds     shelf[roundKey, *round]
	sides      shelf[sideKey, []Side]
	phases     shelf[body.PlaceKey, []Phase]
	alerts     shelf[protocol.InstitutionID, []alertRow]
	needs      shelf[stockKey, Needs]
	capacities shelf[stockKey, Capacity]
	threads    shelf[protocol.Name, *thread]
	flows      shelf[protocol.Name, *flow]
	plans      shelf[protocol.Digest, *entry]
	hearings   shelf[protocol.Digest, []*entry] // by consultation
	strategies shelf[protocol.InstitutionID, []*entry]
	practices  shelf[protocol.Digest, *entry]
	regional   shelf[protocol.Digest, *entry]
	projects   shelf[protocol.Digest, *entry]
	belongs    shelf[protocol.Name, []*entry] // what names a project, by that name
	seen       shelf[ackKey, Acknowledgement]
	endorsed   shelf[ackKey, []Endorsement]
	opened     shelf[protocol.Name, *entry] // what began the exercise
	news       []tiding                     // what people say, in the order told
	reports    int                          // of them, that are situation reports

	still   *View  // what does not hang on the instant, as drawn last; nil before
	stillOf uint64 // the board's version then
}

// shelve puts an entry where its kind belongs, or takes it away.
func (w *world) shelve(e *entry, on bool) {
	if e.standing == 0 {
		return // not judged yet
	}
	w.count(e, on)
	author := e.name.Institution
	switch s := e.now.(type) {
	case *report:
		for _, k := range s.columns(author) {
			w.columns.move(k, e, on)
		}
		w.rounds.move(roundKey{author, body.TypeReport, s.place}, e, on)
	case *route:
		w.sides.move(sideKey{s.asset, author}, e, on)
		w.rounds.move(roundKey{author, body.TypeRoute, s.asset}, e, on)
	case *phase:
		w.phases.move(s.place, e, on)
		if e.exercise && s.exercise != "" {
			w.opened.move(e.name, e, on)
		}
	case *alert:
		w.alerts.move(author, e, on)
	case *needs:
		w.needs.move(stockKey{author, s.place}, e, on)
		w.rounds.move(roundKey{author, body.TypeNeeds, s.place}, e, on)
	case *capacity:
		w.capacities.move(stockKey{author, s.place}, e, on)
	case *practice:
		w.practices.move(e.digest, e, on)
	case *acknowledgement:
		w.seen.move(ackKey{s.target.Digest, author}, e, on)
	case *endorsement:
		w.endorsed.move(ackKey{s.target.Digest, author}, e, on)
	}
	if of, ok := heardBy(e); ok {
		w.hearings.move(of, e, on)
	}
	if isStrategy(e) {
		w.strategies.move(author, e, on)
	}
	if isRegional(e) {
		w.regional.move(e.digest, e, on)
	}
	if isPlan(e) {
		w.plans.move(e.digest, e, on)
	}
	w.shelveProject(e, on)
	// A step of a flow, or of an exchange, and a note are shown in their thread even if they do not count.
	if root, ok := threadOf(e); ok {
		w.threads.move(root, e, on)
	}
	if began, ok := flowOf(e); ok {
		w.flows.move(began, e, on)
	}
}

// shelveProject puts a project where projects are, and a record with the project that it names.
// What it named when it was put there it is taken away from, since its correction may name another.
func (w *world) shelveProject(e *entry, on bool) {
	if isProject(e) {
		w.projects.move(e.digest, e, on)
	}
	if on {
		e.belongs, _ = belonging(e)
	}
	if !e.belongs.IsZero() {
		w.belongs.move(e.belongs, e, on)
	}
}

func (w *world) count(e *entry, on bool) {
	n := -1
	if on {
		n = 1
	}
	w.standings[e.standing] += n
	if e.standing == Counts && e.newer {
		w.newer += n
	}
	if e.standing == Counts && w.players != nil {
		if w.players[e.name.Institution] += n; w.players[e.name.Institution] == 0 {
			delete(w.players, e.name.Institution)
		}
	}
	if e.standing != Counts {
		w.kept.move(e.name.Feed(), e, on)
	}
	if isCorrection(e) {
		w.mending.move(e.name.Feed(), e, on)
	}
	if e.standing == Stopped {
		id := e.name.EpochID()
		if w.stopped[id] += n; w.stopped[id] == 0 {
			delete(w.stopped, id)
		}
	}
}

// settle makes the rows of all that has changed.
func (w *world) settle(b *Board) {
	w.columns.fold(before, func(k columnKey, of []*entry) *column {
		c := foldColumn(k, of, b.changes, &b.quality)
		c.ground = b.atlas.Ground(k.place)
		return c
	})
	w.rounds.fold(before, foldRound)
	w.sides.fold(before, foldSide)
	w.phases.fold(byAuthor, foldPhases)
	w.alerts.fold(before, foldAlerts)
	w.needs.fold(before, foldNeeds)
	w.capacities.fold(before, foldCapacity)
	w.threads.fold(before, foldThread)
	w.flows.fold(before, foldFlow)
	w.plans.fold(before, foldPlan)
	w.hearings.fold(byAuthor, foldHearing)
	w.strategies.fold(before, foldStrategies)
	w.practices.fold(before, foldPractice)
	w.regional.fold(before, foldRegional)
	w.projects.fold(before, foldProject)
	w.belongs.fold(byAuthor, foldBelonging)
	w.seen.fold(before, foldAcknowledgement)
	w.endorsed.fold(before, foldEndorsements)
	w.opened.fold(before, foldOpened)
	w.kept.fold(before, foldKept)
	w.mending.fold(before, foldCorrections)
}

// byAuthor keeps the feeds of several institutions apart.
func byAuthor(a, b *entry) int {
	return cmp.Or(cmp.Compare(a.name.Institution, b.name.Institution), before(a, b))
}

// latest gives the last statement of each institution; members come sorted by byAuthor.
func latest(of []*entry) []*entry {
	var out []*entry
	for i, e := range of {
		if i == len(of)-1 || of[i+1].name.Institution != e.name.Institution {
			out = append(out, e)
		}
	}
	return out
}

func comparePlaces(a, b body.PlaceKey) int {
	return cmp.Or(cmp.Compare(a.Scheme, b.Scheme), cmp.Compare(a.Code, b.Code))
}

// hoursBetween counts whole hours from one moment to another, rounded down; less than 0
// if the first lies ahead.
func hoursBetween(from, to protocol.Instant) int64 {
	const hour = 3600 * 1000
	d := int64(to - from)
	h := d / hour
	if d%hour < 0 {
		h--
	}
	return h
}

// AgeHours is how old something is in whole hours; what lies ahead is new.
func AgeHours(of, at protocol.Instant) int64 { return max(0, hoursBetween(of, at)) }

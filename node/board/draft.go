package board

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// DraftLife is how long after the end of its period a change is proposed as an alert:
// the longest that a state of a route may stand (domain.md §4). Older ones are history.
const DraftLife = 72 * time.Hour

// Draft is an alert that the change rule proposes. A person sends it, or does not.
type Draft struct {
	Place       body.PlaceKey          `json:"place"`
	PlaceName   string                 `json:"place_name,omitempty"`
	Footnote    bool                   `json:"footnote,omitempty"`
	Indicator   body.Indicator         `json:"indicator"`
	Institution protocol.InstitutionID `json:"institution"`
	Record      protocol.Name          `json:"record"`
	Digest      protocol.Digest        `json:"digest"`
	PeriodStart protocol.Instant       `json:"period_start"`
	PeriodEnd   protocol.Instant       `json:"period_end"`
	Value       int64                  `json:"value"`
	Before      int64                  `json:"before"` // the value before it
	Median      int64                  `json:"median"` // of the last values, rounded
	MAD         int64                  `json:"mad"`    // their median absolute deviation, rounded
	Upwards     bool                   `json:"upwards"`
	Profile     string                 `json:"profile"`            // version of the limits
	Also        []protocol.Name        `json:"also,omitempty"`     // further records of one cause, within the quiet hours
	Upstream    []Station              `json:"upstream,omitempty"` // changes at earlier stations that foretold this one
	Warns       []Station              `json:"warns,omitempty"`    // later stations that this one warns
	Sent        []protocol.Name        `json:"sent,omitempty"`     // alerts that name the record
}

// Station is an earlier or a later station of a route.
type Station struct {
	Place       body.PlaceKey          `json:"place"`
	PlaceName   string                 `json:"place_name,omitempty"`
	Footnote    bool                   `json:"footnote,omitempty"`
	Indicator   body.Indicator         `json:"indicator"`
	Days        int                    `json:"days"`                  // between the two, as measured in the past
	Institution protocol.InstitutionID `json:"institution,omitempty"` // of the change upstream
	Record      protocol.Name          `json:"record,omitzero"`
	PeriodEnd   protocol.Instant       `json:"period_end,omitzero"`
	Value       *int64                 `json:"value,omitempty"`
	Before      *int64                 `json:"before,omitempty"`
	Profile     string                 `json:"profile"`
}

// seenChange is a change with its column.
type seenChange struct {
	col *column
	change
}

func (s *seenChange) at() Point { return s.col.point(s.point) }

// proposed is what one change alone proposes, and how long another of its cause is a part of it.
type proposed struct {
	Draft
	quiet protocol.Instant
}

// proposals gives what has changed of late, by cause, then period, each change alone.
func (b *Board) proposals(w *world, at protocol.Instant) []proposed {
	far := 0
	for _, l := range b.corridor {
		far = max(far, l.Days)
	}
	since := at - protocol.Instant((DraftLife + time.Duration(far+1)*24*time.Hour).Milliseconds())
	seen := w.changesSince(since)
	sent := w.alertsAbout()
	var out []proposed
	for i := range seen {
		limits, _ := b.changes.Rule(seen[i].col.key.series.Indicator)
		out = append(out, proposed{b.draft(&seen[i], seen, sent), protocol.Instant(limits.QuietHours) * 3600 * 1000})
	}
	return out
}

// draftsOf makes one draft of what is of one cause, without what is too old to be news.
func draftsOf(changes []proposed, at protocol.Instant) []Draft {
	out := []Draft{}
	var last *Draft
	for i := range changes {
		c := &changes[i]
		if last != nil && last.sameCause(&c.Draft) && c.PeriodEnd-last.PeriodEnd < c.quiet {
			last.Also, last.Sent = append(last.Also, c.Record), slices.Concat(last.Sent, c.Sent)
			continue
		}
		out = append(out, c.Draft)
		last = &out[len(out)-1]
	}
	oldest := at - protocol.Instant(DraftLife.Milliseconds())
	return slices.DeleteFunc(out, func(d Draft) bool { return d.PeriodEnd <= oldest })
}

// sameCause reports whether another change is of the cause that a draft is about: the same
// indicator at the same place, in the same direction, whoever says it.
func (d *Draft) sameCause(other *Draft) bool {
	return d.Place == other.Place && d.Indicator == other.Indicator && d.Upwards == other.Upwards
}

// changesSince gives the changes whose periods ended later, by cause, then period.
func (w *world) changesSince(since protocol.Instant) []seenChange {
	var out []seenChange
	for _, c := range w.columns.rows(compareColumns) {
		for _, ch := range c.changes {
			if c.point(ch.point).PeriodEnd > since {
				out = append(out, seenChange{c, ch})
			}
		}
	}
	direction := func(s *seenChange) int {
		if s.upwards {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(out, func(a, b seenChange) int {
		return cmp.Or(
			comparePlaces(a.col.key.place, b.col.key.place), cmp.Compare(a.col.key.series.Indicator, b.col.key.series.Indicator),
			cmp.Compare(direction(&a), direction(&b)), cmp.Compare(a.at().PeriodEnd, b.at().PeriodEnd),
			compareDigests(a.at().Digest, b.at().Digest),
		)
	})
	return out
}

func (b *Board) draft(s *seenChange, seen []seenChange, sent map[protocol.Digest][]protocol.Name) Draft {
	p, k := s.at(), s.col.key
	d := Draft{
		Place: k.place, PlaceName: s.col.placeName, Indicator: k.series.Indicator, Institution: k.institution,
		Record: p.Record, Digest: p.Digest, PeriodStart: p.PeriodStart, PeriodEnd: p.PeriodEnd,
		Value: s.value, Before: s.before, Median: s.median, MAD: s.mad, Upwards: s.upwards,
		Profile: b.changes.Profile + " v" + strconv.Itoa(b.changes.Version), Sent: sent[p.Digest],
	}
	for _, l := range b.corridor {
		if l.From == k.place && l.FromIndicator == k.series.Indicator {
			d.Warns = append(d.Warns, Station{Place: l.To, Indicator: l.ToIndicator, Days: l.Days, Profile: CorridorProfile})
		}
		if l.To == k.place && l.ToIndicator == k.series.Indicator {
			d.Upstream = append(d.Upstream, l.foretold(s, seen)...)
		}
	}
	return d
}

// foretold gives the changes at the beginning of a leg, in the same direction, that came
// the leg's days before, give or take one.
func (l *Leg) foretold(s *seenChange, seen []seenChange) []Station {
	const day = 24 * 3600 * 1000
	var out []Station
	for i := range seen {
		u := &seen[i]
		lead := s.at().PeriodEnd - u.at().PeriodEnd
		near := lead >= protocol.Instant(max(0, l.Days-1))*day && lead <= protocol.Instant(l.Days+1)*day
		if u.col.key.place != l.From || u.col.key.series.Indicator != l.FromIndicator || u.upwards != s.upwards || !near {
			continue
		}
		out = append(out, Station{
			Place: l.From, PlaceName: u.col.placeName, Indicator: l.FromIndicator, Days: l.Days,
			Institution: u.col.key.institution, Record: u.at().Record, PeriodEnd: u.at().PeriodEnd,
			Value: &u.value, Before: &u.before, Profile: CorridorProfile,
		})
	}
	return out
}

// alertsAbout gives the alerts that name a record, by its digest; tests and drafts are none.
func (w *world) alertsAbout() map[protocol.Digest][]protocol.Name {
	out := map[protocol.Digest][]protocol.Name{}
	for _, of := range w.alerts.rows(cmp.Compare) {
		for _, a := range of {
			if a.row.State == AlertNone {
				continue
			}
			for _, d := range a.about {
				out[d] = append(out[d], a.row.Record)
			}
		}
	}
	return out
}

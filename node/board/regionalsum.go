package board

import (
	"cmp"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// What a regional report adds up is worked out here, and nowhere else: by who draws it up
// out of the columns, and by every node that adds it up again out of the records named.

// span is a stretch of time.
type span struct{ start, end protocol.Instant }

// piece is what one record says in one column.
type piece struct {
	span
	value  body.Count // not set: not reported
	unit   string
	reason string
	source body.Ref
}

// regionalSum is what the pieces of one column come to in a period.
type regionalSum struct {
	there     bool  // a value
	low, high int64 // bands at their ends
	reason    string
	hours     int64 // of the period that it covers, of what happens
	unit      string
	end       protocol.Instant // of the latest period in it
	sources   []body.Ref
}

// sumOver adds up what happened in a period, or takes the latest of what is there. Of
// periods that overlap the one that began first counts; what lies across an end of the
// period is left out, since nobody divides it. False: nothing was said of the period.
func sumOver(of body.Indicator, period span, pieces []piece) (regionalSum, bool) {
	pieces = slices.DeleteFunc(slices.Clone(pieces), func(p piece) bool {
		return p.end > period.end || p.end <= period.start || of.OverTime() && p.start < period.start
	})
	slices.SortStableFunc(pieces, func(a, b piece) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end), cmp.Compare(a.source.Record.String(), b.source.Record.String()))
	})
	if len(pieces) == 0 {
		return regionalSum{}, false
	}
	if !of.OverTime() {
		last := slices.MaxFunc(pieces, func(a, b piece) int { return cmp.Or(cmp.Compare(a.end, b.end), cmp.Compare(a.start, b.start)) })
		pieces = []piece{last}
	}
	var out regionalSum
	covered := period.start
	for _, p := range pieces {
		out.end = max(out.end, p.end)
		switch {
		case p.value.IsZero():
			out.reason = cmp.Or(p.reason, "not reported")
		case of.OverTime() && p.start < covered || out.there && p.unit != out.unit:
			continue // it stands in another already, or can't be added to it
		default:
			low, high := p.value.Range()
			out.there, out.unit = true, p.unit
			out.low, out.high, out.hours = out.low+low, out.high+high, out.hours+hoursBetween(p.start, p.end)
			covered = p.end
		}
		out.sources = append(out.sources, p.source)
	}
	if out.there {
		out.reason = ""
	}
	return out, true
}

// placed is a row as far as a total over places needs it.
type placed struct {
	place     body.PlaceKey
	low, high int64
	there     bool
}

// sumPlaces says of each row why it is not in the total of an indicator, and gives the
// total. Of one place that several report on it has the lowest and the highest; of places
// that lie in each other, or may, the larger. No total: nothing is there, or the indicator
// is not added over places.
func sumPlaces(of body.Indicator, rows []placed) (apart []body.ApartWord, total *body.RegionalTotal) {
	apart = make([]body.ApartWord, len(rows))
	if !of.OverPlaces() {
		return apart, nil
	}
	var keys []body.PlaceKey
	ends := map[body.PlaceKey][2]int64{}
	for _, r := range rows {
		if !r.there {
			continue
		}
		e, there := ends[r.place]
		if !there {
			keys, e = append(keys, r.place), [2]int64{r.low, r.high}
		}
		ends[r.place] = [2]int64{min(e[0], r.low), max(e[1], r.high)}
	}
	why := overlaps(keys)
	for i, r := range rows {
		if r.there {
			apart[i] = why[r.place]
		}
	}
	var low, high int64
	places := 0
	for _, k := range keys {
		if why[k] == "" {
			low, high, places = low+ends[k][0], high+ends[k][1], places+1
		}
	}
	if places == 0 {
		return apart, nil
	}
	total = &body.RegionalTotal{Value: body.Quantity(low), Places: body.Quantity(places)}
	total.High = rangeEnd(low, high)
	return apart, total
}

// rangeEnd gives the higher end of a range, and nil where there is none.
func rangeEnd(low, high int64) *body.Quantity {
	if high <= low {
		return nil
	}
	q := body.Quantity(high)
	return &q
}

// overlaps says of places which can't be added, and why: those that lie in another one, that
// may, and that nobody knows where they lie. Whether places of two schemes overlap no code
// tells: of each country those of the scheme with the largest areas count.
func overlaps(keys []body.PlaceKey) map[body.PlaceKey]body.ApartWord {
	out := map[body.PlaceKey]body.ApartWord{}
	if len(keys) < 2 { //nolint:mnd // one alone overlaps with nothing
		return out
	}
	by := map[string][]body.PlaceKey{}
	for _, k := range keys {
		country := countryOn(k)
		if country == "" {
			out[k] = body.ApartUnknown
			continue
		}
		by[country] = append(by[country], k)
	}
	for _, of := range by {
		largest := slices.MinFunc(of, func(a, b body.PlaceKey) int { return cmp.Compare(size(a), size(b)) })
		for _, k := range of {
			switch {
			case k == largest:
			case size(largest) == wholeCountry:
				out[k] = body.ApartWithin
			case k.Scheme != largest.Scheme:
				out[k] = body.ApartOverlap
			case slices.ContainsFunc(of, func(outer body.PlaceKey) bool { return inside(k, outer) }):
				out[k] = body.ApartWithin
			}
		}
	}
	return out
}

// countryOn gives the country whose ground a place stands on; the districts that need the
// footnote are on the ground of that under its other codes too.
func countryOn(k body.PlaceKey) string {
	if atlas.NeedsFootnote(k) {
		return "XK"
	}
	return atlas.CountryOf(k)
}

// wholeCountry is the size of a country among the sizes of places.
const wholeCountry = 0

// size orders places by how large an area their scheme has, the largest first.
func size(k body.PlaceKey) int {
	if k.Scheme == body.NUTS && len(k.Code) == 2 {
		return wholeCountry
	}
	return slices.Index(k.Scheme.Words(), string(k.Scheme))
}

// inside reports whether a place lies in another of its scheme, as codes that are longer do.
func inside(k, outer body.PlaceKey) bool {
	return k != outer && k.Scheme == outer.Scheme && (k.Scheme == body.NUTS || k.Scheme == body.PCode) && strings.HasPrefix(k.Code, outer.Code)
}

// RegionalQuery says what a regional report is to be drawn up of.
type RegionalQuery struct {
	Start, End protocol.Instant
	Of         func(protocol.InstitutionID) bool // whose reports
	LeaveOut   []body.Indicator
}

// AddUp adds up what a graded view has of a period, column by column, with the records
// that each figure is made of. Parts of totals and second methods are in none.
func (v *View) AddUp(q *RegionalQuery) ([]body.RegionalIndicator, []body.Ref) {
	by := map[body.Indicator]*body.RegionalIndicator{}
	grades := map[columnKey]*Figure{}
	for i := range v.Figures {
		f := &v.Figures[i]
		grades[columnKey{f.Institution, f.Place, series{f.Indicator, f.By, f.Variant}}] = f
	}
	var refs []body.Ref
	for _, c := range v.columns {
		of := c.key.series
		if of.By != "" || of.Variant != "" || !q.Of(c.key.institution) || slices.Contains(q.LeaveOut, of.Indicator) {
			continue
		}
		sum, said := sumOver(of.Indicator, span{q.Start, q.End}, c.pieces(q.Start))
		if !said {
			continue
		}
		if by[of.Indicator] == nil {
			by[of.Indicator] = &body.RegionalIndicator{Indicator: of.Indicator, Unit: body.Label(cmp.Or(sum.unit, string(of.Indicator.Unit()), "?"))}
		}
		row := sum.row(of.Indicator)
		row.Place, row.Institution = body.Place{Scheme: c.key.place.Scheme, Code: c.key.place.Code, Name: body.Label(c.placeName)}, c.key.institution
		if f := grades[c.key]; f != nil && f.Quality != nil && sum.there && f.PeriodEnd == sum.end {
			row.Quality = &body.RegionalQuality{Score: body.Quantity(f.Quality.Score), Band: body.Band(f.Quality.Band)}
		}
		by[of.Indicator].Rows = append(by[of.Indicator].Rows, row)
		refs = append(refs, sum.sources...)
	}
	out := []body.RegionalIndicator{}
	for _, of := range by {
		v.total(of)
		out = append(out, *of)
	}
	order := func(i body.Indicator) int {
		if n := slices.Index(i.Words(), string(i)); n >= 0 {
			return n
		}
		return len(i.Words())
	}
	slices.SortFunc(out, func(a, b body.RegionalIndicator) int {
		return cmp.Or(order(a.Indicator)-order(b.Indicator), cmp.Compare(a.Indicator, b.Indicator))
	})
	slices.SortFunc(refs, func(a, b body.Ref) int {
		return cmp.Or(compareNames(a.Record, b.Record), compareDigests(a.Digest, b.Digest))
	})
	return out, slices.Compact(refs)
}

// Speaker is an institution that speaks of a place.
type Speaker struct {
	Institution protocol.InstitutionID
	Place       body.PlaceKey
}

// Spoke gives who said something of a period that ended behind one instant and by another.
func (v *View) Spoke(from, until protocol.Instant) map[Speaker]bool {
	out := map[Speaker]bool{}
	for _, c := range v.columns {
		for i := range c.said {
			if end := c.said[i].report.end; end > from && end <= until {
				out[Speaker{c.key.institution, c.key.place}] = true
			}
		}
	}
	return out
}

// total adds the rows of an indicator, and puts beside them who contradicts whom.
func (v *View) total(of *body.RegionalIndicator) {
	apart, total := sumPlaces(of.Indicator, placedRows(of.Rows))
	for i, why := range apart {
		of.Rows[i].Apart = why
	}
	of.Total = total
	for i := range v.Clashes {
		c := &v.Clashes[i]
		at := slices.IndexFunc(of.Rows, func(r body.RegionalRow) bool {
			return r.Place.Key() == c.Place && (r.Institution == c.Between[0].Institution || r.Institution == c.Between[1].Institution)
		})
		if c.Indicator != of.Indicator || c.By != "" || at < 0 || !c.latest {
			continue
		}
		both := make([]body.RegionalVoice, len(c.Between))
		for j, side := range c.Between {
			both[j] = body.RegionalVoice{Institution: side.Institution, Value: side.Value, Record: side.Record}
		}
		of.Contradictions = append(of.Contradictions, body.RegionalContradiction{Place: of.Rows[at].Place, Between: both})
	}
}

func placedRows(rows []body.RegionalRow) []placed {
	out := make([]placed, len(rows))
	for i := range rows {
		r := &rows[i]
		out[i].place = r.Place.Key()
		if out[i].there = r.Value != nil; out[i].there {
			out[i].low = int64(*r.Value)
			out[i].high = int64(*cmp.Or(r.High, r.Value))
		}
	}
	return out
}

// row says a sum in a regional report.
func (s *regionalSum) row(of body.Indicator) body.RegionalRow {
	var r body.RegionalRow
	if s.there {
		value := body.Quantity(s.low)
		r.Value, r.High = &value, rangeEnd(s.low, s.high)
		if of.OverTime() {
			hours := body.Quantity(s.hours)
			r.Hours = &hours
		}
	} else {
		r.Reason = body.Text(s.reason)
	}
	for _, source := range s.sources {
		r.Sources = append(r.Sources, source.Record)
	}
	return r
}

// pieces gives what a column says behind an instant, with the version in force of each record.
func (c *column) pieces(since protocol.Instant) []piece {
	var out []piece
	for i := range c.said {
		if c.said[i].report.end <= since {
			continue
		}
		p := c.point(i)
		name := p.Record
		if !p.Correction.IsZero() {
			name = p.Correction
		}
		out = append(out, piece{span{p.PeriodStart, p.PeriodEnd}, p.Value, p.Unit, p.Reason, body.Ref{Rel: body.RelAggregates, Record: name, Digest: p.version}})
	}
	return out
}

package board

import (
	"cmp"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// report is the essence of a situation report.
type report struct {
	place      body.PlaceKey
	placeName  string
	start, end protocol.Instant
	phase      body.PhaseName
	severity   body.Severity
	origin     *Origin
	figures    []figure
	grade      *grade
}

// figure is one number of a report, or the author's word that there is none.
type figure struct {
	series series
	unit   string
	value  body.Count // not set: not reported
	reason string     // why not
	method body.Method
}

// series is what a column is about beside place and author.
type series struct {
	Indicator body.Indicator
	By        string // part of the total: f, 5-17, refugees; "" for the total
	Variant   string // method of a second figure for the same; "" for the first
}

// Origin says where a statement comes from.
type Origin struct {
	Type   body.SourceType `json:"type"`
	Name   string          `json:"name,omitempty"`
	URL    string          `json:"url,omitempty"`
	AsOf   string          `json:"as_of,omitempty"`
	Replay bool            `json:"replay,omitempty"` // published before by somebody else, and signed here again
}

func originOf(s *body.Source) *Origin {
	if s == nil {
		return nil
	}
	return &Origin{s.Type, intern(string(s.Name)), intern(string(s.URL)), intern(string(s.AsOf)), s.Type == body.PublicSource}
}

func newReport(b *body.SituationReport) *report {
	r := &report{phase: body.PhaseName(intern(string(b.Phase))), severity: body.Severity(intern(string(b.Severity))), origin: originOf(b.Source), grade: newGrade(b)}
	if b.Place != nil {
		r.place, r.placeName = internKey(b.Place.Key()), intern(string(b.Place.Name))
	}
	if b.Period != nil {
		r.start, r.end = b.Period.Start.Instant(), b.Period.End.Instant()
	}
	if b.Place == nil || b.Period == nil {
		return r
	}
	for i := range b.Figures {
		r.figures = append(r.figures, newFigure(&b.Figures[i], b.Method))
	}
	r.vary()
	for _, na := range b.NA {
		if s, ok := notReported(string(na.Field)); ok && !r.has(s) {
			r.figures = append(r.figures, figure{series: s, unit: string(s.Indicator.Unit()), reason: string(na.Reason)})
		}
	}
	return r
}

func newFigure(f *body.Figure, method body.Method) figure {
	out := figure{
		series: series{Indicator: body.Indicator(intern(string(f.Indicator)))},
		unit:   intern(string(f.In())), value: f.Value, method: cmp.Or(f.Method, method),
	}
	if f.By != nil {
		parts := slices.DeleteFunc([]string{string(f.By.Sex), string(f.By.Age), string(f.By.Group)}, func(s string) bool { return s == "" })
		out.series.By = intern(strings.Join(parts, " "))
	}
	return out
}

// vary tells figures apart that a report gives twice by two methods: the best one stands
// for the indicator, so that a count that becomes a registration stays in its column.
func (r *report) vary() {
	rank := func(m body.Method) int { return slices.Index(append(m.Words(), ""), string(m)) }
	slices.SortStableFunc(r.figures, func(a, b figure) int {
		return cmp.Or(cmp.Compare(a.series.Indicator, b.series.Indicator), cmp.Compare(a.series.By, b.series.By), cmp.Compare(rank(a.method), rank(b.method)))
	})
	for i := 1; i < len(r.figures); i++ {
		a, b := r.figures[i-1].series, &r.figures[i]
		if a.Indicator == b.series.Indicator && a.By == b.series.By {
			b.series.Variant = string(b.method)
		}
	}
}

func (r *report) has(s series) bool {
	return slices.ContainsFunc(r.figures, func(f figure) bool { return f.series == s })
}

// notReported reads the field of a "not available": an indicator, with or without the
// word figures before it. Other members are no figures.
func notReported(field string) (series, bool) {
	var i body.Indicator
	err := i.UnmarshalText([]byte(strings.TrimPrefix(field, "figures.")))
	return series{Indicator: body.Indicator(intern(string(i)))}, err == nil
}

// columns gives the columns that a report speaks in.
func (r *report) columns(author protocol.InstitutionID) []columnKey {
	out := make([]columnKey, len(r.figures))
	for i := range r.figures {
		out[i] = columnKey{author, r.place, r.figures[i].series}
	}
	return out
}

// columnKey names a column: who says it, where, of what.
type columnKey struct {
	institution protocol.InstitutionID
	place       body.PlaceKey
	series      series
}

func compareColumns(a, b columnKey) int {
	return cmp.Or(
		comparePlaces(a.place, b.place), cmp.Compare(a.series.Indicator, b.series.Indicator),
		cmp.Compare(a.series.By, b.series.By), cmp.Compare(a.series.Variant, b.series.Variant),
		cmp.Compare(a.institution, b.institution),
	)
}

// FigureState says whether a period has a number.
type FigureState string

// The states of a figure. A period nobody spoke of has no point at all.
const (
	Reported    FigureState = "reported"
	NotReported FigureState = "not reported" // its author said that there is none, and why; never a 0
)

// Point is an institution's word for one period.
type Point struct {
	PeriodStart protocol.Instant `json:"period_start"`
	PeriodEnd   protocol.Instant `json:"period_end"`
	State       FigureState      `json:"state"`
	Value       body.Count       `json:"value,omitzero"` // only if reported
	Unit        string           `json:"unit,omitempty"`
	Reason      string           `json:"reason,omitempty"` // only if not reported
	Method      body.Method      `json:"method,omitempty"`
	Record      protocol.Name    `json:"record"`
	Digest      protocol.Digest  `json:"digest"`
	Correction  protocol.Name    `json:"correction,omitzero"` // the record is replaced by

	authored protocol.Instant
	known    protocol.Instant // up to when it tells what was; see [knownAt]
	origin   *Origin
	version  protocol.Digest // of the record, or of what replaces it
}

// column is the fold of a [columnKey]: one statement for each period, in the order in which
// the periods were first stated (epoch, sequence). Points are made from them when asked
// for: kept, they would be half of the board's memory.
type column struct {
	key       columnKey
	ground    body.PlaceKey // one for all codes of the place
	placeName string
	said      []statement
	changes   []change
	fit       fit // of the latest figure among those before it
	history   Column
}

// statement is what a report says, as it stood when the column was folded: the record may be put
// right, or taken back, while somebody still reads an earlier picture.
type statement struct {
	of     *entry
	report *report
	by     *entry // the correction in force
}

// foldColumn chooses the statements. Of two on one period the later counts; it stands
// where the period was first stated, so that mending an old day does not make it today's
// figure.
func foldColumn(k columnKey, of []*entry, profile body.ChangeProfile, quality *body.QualityProfile) *column {
	c := &column{key: k}
	type period struct{ start, end protocol.Instant }
	at := map[period]int{}
	for _, e := range of {
		r := e.now.(*report)
		c.placeName = r.placeName
		if i, again := at[period{r.start, r.end}]; again {
			c.said[i] = statement{e, r, e.by}
			continue
		}
		at[period{r.start, r.end}] = len(c.said)
		c.said = append(c.said, statement{e, r, e.by})
	}
	points := c.points(always)
	if limits, ok := profile.Rule(k.series.Indicator); ok && k.series.By == "" && k.series.Variant == "" {
		c.changes = changesIn(points, limits)
	}
	c.fit = fitOf(points, quality.History, quality.MAD)
	c.history = c.tell(points)
	return c
}

// points gives the points whose periods ended behind an instant, in the order stated.
func (c *column) points(since protocol.Instant) []Point {
	var out []Point
	for i := range c.said {
		if c.said[i].report.end > since {
			out = append(out, c.point(i))
		}
	}
	return out
}

func (c *column) point(i int) Point {
	return c.said[i].point(c.key.series)
}

func (t *statement) point(s series) Point {
	r, e := t.report, t.of
	f := r.figures[slices.IndexFunc(r.figures, func(f figure) bool { return f.series == s })]
	p := Point{
		PeriodStart: r.start, PeriodEnd: r.end, State: Reported, Value: f.value, Unit: f.unit, Reason: f.reason,
		Method: f.method, Record: e.name, Digest: e.digest, authored: e.time, origin: r.origin,
		known: knownAt(r.start, r.end, e, t.by), version: e.digest,
	}
	if f.value.IsZero() {
		p.State = NotReported
	}
	if t.by != nil {
		p.Correction, p.version = t.by.name, t.by.digest
	}
	return p
}

package desk

import (
	"cmp"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// facts are what a row can be chosen by. at is the instant that it speaks of.
type facts struct {
	places   []body.PlaceKey
	by       []protocol.InstitutionID
	at       protocol.Instant
	severity body.Severity
}

// filter is a query, read.
type filter struct {
	q       *Query
	place   string
	key     body.PlaceKey // the same
	country string        // the place is a country, and everything in it fits
	grave   []string
	good    func(*Quality) bool
	match   string
	record  protocol.Name
	limit   int
	behind  string // the row before the page
	chosen  bool   // what the rows are made of: they all fit

	practiceText func(*PracticeRow) string
}

// fitsList refuses a choice by what the rows of the list don't have: it would hide them
// all, or do nothing.
func (q *Query) fitsList() error {
	given := map[string]bool{
		"place": q.Place != "", "by": q.By != "", "severity": q.Severity != "", "since": q.Since != 0, "until": q.Until != 0, "at": q.At != 0, "exercise": q.Exercise || q.Within != "",
		"sector": q.Sector != "" && q.What != ListPractices, "phase": q.Phase != "" && q.What != ListPractices,
		"record":  q.Record != "" && !hasRecords(q.What),
		"quality": q.Quality != "" && !slices.Contains(gradedLists(), q.What),
	}
	for _, field := range append(lacking(q.What), "quality", "sector", "phase", "record") {
		if !given[field] {
			continue
		}
		p := &Problem{
			Kind: Usage, Field: field, Detail: "the list " + q.What + " can't be chosen by " + field, Mend: "leave --" + field + " out",
			Next: "vardar list " + q.What,
		}
		if why := scoreless(q.What); field == "quality" && why != "" {
			p.Detail = "the list " + q.What + " can't be chosen by quality: " + why
		}
		return p
	}
	return nil
}

// lacking names what a list can't be chosen by.
func lacking(what string) []string {
	switch what {
	case ListReports, ListAlerts:
		return nil
	case ListOffers, ListNotes, ListKept, ListEndorsements:
		return []string{"severity", "place"}
	case ListFunds, ListCoverage:
		return []string{"severity", "place", "by", "since", "until"}
	case ListTerritories:
		return []string{"severity", "by", "since", "until"}
	case ListAlignment:
		return []string{"severity", "place", "since", "until"}
	case ListSolidarity, ListLedger:
		return []string{"severity", "place", "since", "until"}
	case ListWho, ListUnfunded:
		return []string{"severity", "since", "until"}
	case ListContradictions:
		return []string{"severity", "since", "until"}
	case ListCorrections:
		return []string{"severity", "place", "since", "until"}
	case ListExercises, ListMembers:
		return []string{"severity", "exercise"}
	case ListLinks, ListGaps, ListAudit, ListDropped:
		return []string{"severity", "place", "at", "exercise"}
	}
	return []string{"severity"}
}

func (d *Desk) filter(q *Query) (*filter, error) {
	f := &filter{q: q, place: q.Place, match: fold(q.Match), limit: q.Limit, practiceText: d.practiceText}
	if f.limit == 0 {
		f.limit = DefaultLimit
	}
	if q.Place != "" {
		k, err := d.placeKey(q.Place)
		if err != nil {
			return nil, err
		}
		f.place, f.key = k.String(), k
		if k.Scheme == body.ISOCountry {
			f.country = k.Code
		}
	}
	if q.By != "" && !protocol.ValidPrefix(q.By) {
		if _, err := protocol.ParseInstitution(q.By); err != nil {
			return nil, &Problem{Kind: Usage, Field: "by", Detail: quoted(q.By) + " is no institution and no prefix", Mend: "want an institution such as mk.southeast.gevgelija, or a prefix such as mk. or mk.southeast.", Next: "vardar list members", Err: err}
		}
	}
	if q.Severity != "" {
		words := q.Severity.Words()
		i := slices.Index(words, string(q.Severity))
		if i < 0 {
			return nil, &Problem{Kind: Usage, Field: "severity", Detail: "no severity is called " + quoted(string(q.Severity)), Mend: OneOf(string(q.Severity), words), Next: "vardar list alerts --severity " + cmp.Or(body.Nearest(string(q.Severity), words), words[1])}
		}
		f.grave = words[:i+1]
	}
	if err := q.checkWords(); err != nil {
		return nil, err
	}
	if q.Record != "" {
		var err error
		if f.record, err = protocol.ParseName(q.Record); err != nil {
			return nil, &Problem{Kind: Usage, Field: "record", Detail: "this is no name of a record", Mend: "leave record out, or give a name such as mk.southeast.gevgelija/situation.1.7", Next: "vardar list " + q.What, Err: err}
		}
	}
	if q.Quality != "" {
		var err error
		if f.good, err = asGood(q.Quality); err != nil {
			return nil, err
		}
	}
	if q.Since != 0 && q.Until != 0 && q.Until <= q.Since {
		return nil, &Problem{Kind: Usage, Field: "until", Detail: "it lies at or before since", Mend: "give a later instant", Next: "vardar list --help"}
	}
	return f, nil
}

// placeKey reads a place as a person writes it: with its scheme, or a bare code of a
// country, a subdivision, a NUTS region or a UN/LOCODE that the atlas knows.
func (d *Desk) placeKey(s string) (body.PlaceKey, error) {
	if k, known := d.placeOf(s); known {
		return k, nil
	}
	mend := "want scheme and code, such as nuts:EL4, iso3166-2:MK-405 or x:gr-mk:bogorodica-evzoni, or a known code alone"
	if near := d.nearestPlace(s); near != "" {
		mend = "did you mean " + near + "? " + mend
	}
	return body.PlaceKey{}, &Problem{Kind: Usage, Field: "place", Detail: "no place is called " + quoted(s), Mend: mend, Next: "vardar list figures"}
}

// placeOf is placeKey for who goes on where it is none.
func (d *Desk) placeOf(s string) (body.PlaceKey, bool) {
	if k, err := body.ParsePlaceKey(s); err == nil {
		return k, true
	}
	for _, scheme := range []body.Scheme{body.ISOCountry, body.ISOSubdivision, body.NUTS, body.UNLocode, body.Shared} {
		k, err := body.ParsePlaceKey(string(scheme) + ":" + s)
		if err != nil {
			continue
		}
		if _, known := d.o.Atlas.Lookup(k); known || d.registered(k) {
			return k, true
		}
	}
	return body.PlaceKey{}, false
}

// nearestPlace gives the code of the place whose name or code somebody nearly wrote where a
// code is wanted; empty if none is near.
func (d *Desk) nearestPlace(s string) string {
	codes := map[string]string{}
	for k, names := range d.o.Atlas.Places() {
		for _, called := range append(names, k.Code) {
			called = strings.ToLower(called)
			if was, taken := codes[called]; !taken || k.String() < was {
				codes[called] = k.String()
			}
		}
	}
	s = strings.ToLower(s)
	if code, called := codes[s]; called {
		return code
	}
	return codes[body.Nearest(s, slices.Sorted(maps.Keys(codes)))]
}

// registered reports whether some profile names a site by this code.
func (d *Desk) registered(k body.PlaceKey) bool {
	for _, m := range d.o.Trust.Members() {
		if m.Profile == nil {
			continue
		}
		for _, s := range m.Profile.Sites {
			if s.Code == k || s.Twin == k {
				return true
			}
		}
	}
	return false
}

// hasRecords reports whether each row of a list is of one record.
func hasRecords(what string) bool {
	rows, err := readRows(what, []byte("[]"))
	if err != nil {
		return false
	}
	of, there := reflect.TypeOf(rows).Elem().FieldByName("Record")
	return there && of.Type == reflect.TypeFor[protocol.Name]()
}

// nameOf gives the record that a row of such a list is of, whatever else the row names.
func nameOf(row any) protocol.Name {
	n, _ := reflect.Indirect(reflect.ValueOf(row)).FieldByName("Record").Interface().(protocol.Name)
	return n
}

// chooses reports whether anything is asked of a row.
func (f *filter) chooses() bool {
	q := f.q
	return q.Place != "" || q.By != "" || q.Since != 0 || q.Until != 0 || f.grave != nil || f.good != nil || f.match != "" || q.Record != "" || q.Sector != "" || q.Phase != ""
}

// fits reports whether a row is asked for.
func (f *filter) fits(r facts, row any) bool {
	switch {
	case f.chosen:
		return true
	case f.q.Place != "" && !slices.ContainsFunc(r.places, f.covers):
		return false
	case f.q.By != "" && !slices.ContainsFunc(r.by, f.wrote):
		return false
	case f.q.Record != "" && nameOf(row) != f.record:
		return false
	case f.q.Since != 0 && r.at < f.q.Since:
		return false
	case f.q.Until != 0 && r.at >= f.q.Until:
		return false
	case f.grave != nil && !slices.Contains(f.grave, string(r.severity)):
		return false
	}
	if f.good != nil && !f.good(qualityOf(row)) {
		return false
	}
	if p, ok := row.(*PracticeRow); ok {
		return f.fitsPractice(p)
	}
	if f.match == "" {
		return true
	}
	text, err := json.Marshal(row)
	return err == nil && strings.Contains(fold(string(text)), f.match)
}

func (f *filter) covers(k body.PlaceKey) bool {
	return k.String() == f.place || (f.country != "" && atlas.CountryOf(k) == f.country)
}

func (f *filter) wrote(id protocol.InstitutionID) bool {
	return string(id) == f.q.By || (strings.HasSuffix(f.q.By, ".") && id.Under(f.q.By))
}

// factsOf gives what a row can be chosen by.
func factsOf(row any) facts {
	one := func(id protocol.InstitutionID, at protocol.Instant, places ...body.PlaceKey) facts {
		return facts{places: places, by: []protocol.InstitutionID{id}, at: at}
	}
	switch r := row.(type) {
	case *DueRow:
		return one(r.Institution, r.DueAt, r.Place)
	case *FigureRow:
		return one(r.Institution, r.PeriodEnd, r.Place)
	case *PhaseRow:
		return one(r.Institution, r.ValidUntil, r.Place)
	case *TerritoryRow:
		return facts{places: []body.PlaceKey{r.Place}}
	case *DraftRow:
		return one(r.Institution, r.PeriodEnd, r.Place)
	case *RequestRow:
		return one(r.Institution, r.AuthorTime, r.DeliverTo)
	case *OfferRow:
		return one(r.Institution, r.AuthorTime)
	case *NoteRow:
		return one(r.Institution, r.AuthorTime)
	case *CapacityRow:
		return capacityFacts(r)
	case *NeedsRow, *UnmetRow, *PoolRow, *MatchRow, *SolidarityRow, *LedgerRow, *WhoRow, *UnfundedRow, *RegionalFigureRow:
		return helpFacts(row)
	case *ContradictionRow:
		return facts{places: r.Places, by: r.Between[:]}
	case *EndorsementRow:
		return facts{by: []protocol.InstitutionID{r.Institution, r.Of.Institution}, at: r.AuthorTime}
	case *FlowRow:
		return facts{places: r.Places, by: []protocol.InstitutionID{r.Donor, r.Recipient}, at: r.SaidAt()}
	case *PracticeRow:
		return practiceFacts(r)
	case *ExerciseRow:
		return facts{by: []protocol.InstitutionID{r.Institution}, places: []body.PlaceKey{r.Place}, at: r.Until}
	case *PlanRow:
		return facts{places: []body.PlaceKey{r.Territory}, by: append([]protocol.InstitutionID{r.Institution}, r.Cosigners...), at: r.AuthorTime}
	case *ConsultationRow:
		return facts{places: r.Places, by: []protocol.InstitutionID{r.Institution}, at: cmp.Or(r.ClosesAt, r.AuthorTime)}
	case *StrategyRow:
		return one(r.Institution, r.PeriodEnd, r.Place)
	case *ProjectRow:
		return facts{places: r.lies, by: append([]protocol.InstitutionID{r.Institution}, r.Partners...), at: r.PeriodEnd}
	case *AlignmentRow:
		return one(r.Institution, 0)
	case *CorrectionRow:
		return one(r.Institution, 0)
	case *KeptRow:
		return one(r.Record.Institution, r.AuthorTime)
	case *GapRow:
		return one(r.Institution, r.Beacon)
	case *DroppedRow:
		return one(r.Peer, r.Last)
	case *AuditRow:
		return one(r.As, r.Time)
	case *LinkState:
		return one(r.Peer, protocol.InstantOf(r.Since))
	case *Member:
		return one(r.ID, r.Heard, r.Seat)
	}
	return graveFacts(row)
}

// graveFacts gives those of rows that have a severity, or several sides.
func graveFacts(row any) facts {
	switch r := row.(type) {
	case *ReportRow:
		at := r.PeriodEnd
		if at == 0 {
			at = r.Time
		}
		return facts{[]body.PlaceKey{r.Place}, []protocol.InstitutionID{r.Institution}, at, r.Severity}
	case *board.ReportHead:
		return facts{[]body.PlaceKey{r.Place}, []protocol.InstitutionID{r.Institution}, r.SpeaksAt(), r.Severity}
	case *AlertRow:
		return facts{[]body.PlaceKey{r.Place}, []protocol.InstitutionID{r.Institution}, r.Sent, r.Severity}
	case *RouteRow:
		var f facts
		for _, code := range []string{r.Asset, r.Twin} {
			if k, err := body.ParsePlaceKey(code); err == nil {
				f.places = append(f.places, k)
			}
		}
		for i := range r.Sides {
			f.places, f.by = append(f.places, r.Sides[i].Place), append(f.by, r.Sides[i].Institution)
			f.at = max(f.at, r.Sides[i].ObservedAt)
		}
		return f
	}
	return facts{}
}

func capacityFacts(r *CapacityRow) facts {
	f := facts{places: []body.PlaceKey{r.Place}, by: []protocol.InstitutionID{r.Institution}, at: r.AuthorTime}
	for i := range r.Items {
		if p := r.Items[i].Place; p != nil {
			f.places = append(f.places, p.Key())
		}
	}
	return f
}

// helpFacts gives those of rows about help. A row of the pool is near what was asked about.
func helpFacts(row any) facts {
	switch r := row.(type) {
	case *RegionalFigureRow:
		return facts{places: []body.PlaceKey{r.Place}, by: []protocol.InstitutionID{r.Institution, r.Reporter}, at: r.PeriodEnd}
	case *UnfundedRow:
		return facts{places: []body.PlaceKey{r.Place}, by: r.Institutions}
	case *NeedsRow:
		return facts{places: []body.PlaceKey{r.Place}, by: []protocol.InstitutionID{r.Institution}, at: r.AuthorTime}
	case *UnmetRow:
		return facts{places: []body.PlaceKey{r.Place}, by: []protocol.InstitutionID{r.Institution}, at: r.AuthorTime}
	case *PoolRow:
		return facts{places: []body.PlaceKey{r.near}, by: []protocol.InstitutionID{r.Institution}, at: r.ReadyAt}
	case *MatchRow:
		return facts{places: []body.PlaceKey{r.Place}, by: []protocol.InstitutionID{r.For, r.Institution}, at: r.AnswerBy}
	case *SolidarityRow:
		return facts{by: []protocol.InstitutionID{r.Institution}}
	case *LedgerRow:
		return facts{by: []protocol.InstitutionID{r.Institution}}
	case *WhoRow:
		return facts{places: []body.PlaceKey{r.Where}, by: []protocol.InstitutionID{r.Who, r.For}}
	}
	return facts{}
}

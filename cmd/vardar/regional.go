package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol/body"
)

// everyMember is what --regional takes for the whole network.
const everyMember = "all"

// regionalAsked reads --regional and --leave-out; nil: no regional report is asked for.
func regionalAsked(territory string, leaveOut []string) *api.RegionalAsk {
	if territory == "" && len(leaveOut) == 0 {
		return nil
	}
	ask := &api.RegionalAsk{LeaveOut: leaveOut}
	if territory != everyMember {
		ask.Territory = strings.FieldsFunc(territory, func(c rune) bool { return c == ',' || c == ' ' })
	}
	return ask
}

// isRegional reports whether a record is a regional report, or puts one right.
func isRegional(r *api.RecordView) bool {
	var said struct {
		Regional    json.RawMessage `json:"regional"`
		Replacement struct {
			Regional json.RawMessage `json:"regional"`
		} `json:"replacement"`
	}
	return json.Unmarshal(r.Body, &said) == nil && (said.Regional != nil || said.Replacement.Regional != nil)
}

// regionalFigures is the list of what regional reports add up.
func (a *app) regionalFigures(rows []api.RegionalFigureRow) table {
	return tabled(rows, []string{"report", "until", "indicator", "place", "institution", "value", "unit", "quality", "adds up", "sources", "reported"}, func(r *api.RegionalFigureRow) []string {
		at := place(r.Place, r.PlaceName, r.Footnote)
		if r.Total {
			at = "in all"
		}
		return []string{
			r.Record.String(), a.when(r.PeriodEnd), string(r.Indicator), at, string(r.Reporter), regionalNumber(r.Value, r.High, r.Reason), string(r.Unit),
			string(r.Band), cmp.Or(r.Ignored, string(r.Check)), strconv.Itoa(len(r.Sources)), fmt.Sprintf("%d of %d", r.Reported, r.Of),
		}
	})
}

// regionalNumber says a number, a range, or why there is none.
func regionalNumber(low, high *body.Quantity, reason string) string {
	switch {
	case low == nil:
		return "not reported: " + reason
	case high != nil:
		return fmt.Sprintf("%d to %d", *low, *high)
	}
	return strconv.FormatInt(int64(*low), 10)
}

// showRegional prints a regional report as a text that a person can read, and send on.
func (a *app) showRegional(s *api.RegionalSheet) {
	line(a.out, "")
	line(a.out, "REGIONAL REPORT of %s", s.Institution)
	line(a.out, "%s to %s, %s", clock(s.PeriodStart), clock(s.PeriodEnd), territoryWords(s.Territory))
	if s.Ignored != "" {
		line(a.out, "NOT COUNTED: %s", s.Ignored)
	}
	line(a.out, "")
	for _, part := range []struct{ head, says string }{{"", s.Summary}, {"Outlook: ", s.Outlook}, {"Actions: ", s.Actions}} {
		if part.says != "" {
			line(a.out, "%s%s", part.head, part.says)
		}
	}
	a.showRegionalCoverage(s)
	for i := range s.Indicators {
		of := &s.Indicators[i]
		line(a.out, "")
		total := "not added: who arrives at one place and leaves it arrives at the next"
		switch {
		case of.Total != nil:
			total = fmt.Sprintf("%s %s at %s", regionalNumber(&of.Total.Value, of.Total.High, ""), of.Unit, api.Count(int(of.Total.Places), "place", "places"))
			if of.Check != "adds up" {
				total += "  [" + string(of.Check) + "]"
			}
		case of.Indicator.OverPlaces():
			total = "nothing to add"
		case !of.Indicator.Core():
			total = "not added"
		}
		line(a.out, "%s: %s", strings.ToUpper(strings.ReplaceAll(string(of.Indicator), "_", " ")), total)
		t := table{}
		for j := range of.Rows {
			f := &of.Rows[j]
			said := regionalNumber(f.Value, f.High, string(f.Reason))
			if f.Hours != nil {
				said += fmt.Sprintf(" in %d h", *f.Hours)
			}
			quality := ""
			if f.Quality != nil {
				quality = fmt.Sprintf("%s %d", f.Quality.Band, f.Quality.Score)
			}
			check := string(f.Check)
			if f.Comes != nil {
				check += ": they come to " + regionalNumber(f.Comes, f.ComesTo, "")
			}
			t.add(f.Place.Key().String(), placeOf(&f.Place), string(f.Institution), said, apartWords(f.Apart), quality, check, regionalSources(f.Made))
		}
		_ = a.write(nil, t)
		for _, c := range of.Contradictions {
			line(a.out, "  contradiction at %s: %s says %s, %s says %s; nobody has settled it", placeOf(&c.Place), c.Between[0].Institution, c.Between[0].Value, c.Between[1].Institution, c.Between[1].Value)
		}
	}
}

// placeOf says a place as the author of a record names it.
func placeOf(p *body.Place) string {
	return place(p.Key(), string(p.Name), api.NeedsFootnote(p.Key()))
}

// showRegionalCoverage prints how much of what was due had come, and how the sources stand.
func (a *app) showRegionalCoverage(s *api.RegionalSheet) {
	line(a.out, "")
	line(a.out, "%d of %d reports had come.", s.Coverage.Reported, s.Coverage.Of)
	for i := range s.Coverage.Missing {
		m := &s.Coverage.Missing[i]
		why := map[body.MissingState]string{body.MissingOverdue: "overdue", body.MissingLineCut: "no news, line cut", body.MissingNotDue: "none was due"}[m.State]
		last := "last " + clock(m.LastAt.Instant())
		if m.Never() {
			last = "none ever came"
		}
		line(a.out, "  %s for %s: %s, %s", m.Institution, placeOf(&m.Place), why, last)
	}
	for _, i := range s.LeftOut {
		line(a.out, "Left out: %s.", i)
	}
	line(a.out, "Made of %s: %d corrected or taken back since, %d not held here, %d broken references. It %s.", api.Count(s.Sources, "record", "records"), s.Changed, s.Absent, s.Broken, addsUp(s))
}

func addsUp(s *api.RegionalSheet) string {
	if s.Check == "source not held here" {
		return "can't be added up here: a source is missing"
	}
	return string(s.Check)
}

// apartWords says why a figure is in no total.
func apartWords(why body.ApartWord) string {
	return map[body.ApartWord]string{
		body.ApartWithin: "not added: it lies in another place", body.ApartOverlap: "not added: it may overlap with another place", body.ApartUnknown: "not added: nobody says where it lies",
	}[why]
}

func territoryWords(territory []body.Territory) string {
	if len(territory) == 0 {
		return "all members"
	}
	return joined(territory)
}

// regionalSources names the records of a figure, and how they stand now.
func regionalSources(made []api.RegionalSource) string {
	words := make([]string, len(made))
	for i := range made {
		s := &made[i]
		if words[i] = s.Record.String(); s.State != "held" {
			words[i] += " (" + string(s.State) + ")"
		}
	}
	return strings.Join(words, ", ")
}

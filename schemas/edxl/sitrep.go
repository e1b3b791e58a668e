package edxl

import (
	"fmt"
	"strings"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// sitrep writes a report as a FieldObservation of EDXL-SitRep 1.0: of its five sorts of reports the
// one whose elements are known here for certain. Figures have none there, and stand in its text.
func (w *writer) sitrep(r *body.SituationReport) payload {
	m := w.m
	c := r.Common
	c.Place, c.Phase = nil, ""
	w.common(&c)
	w.has("phase", "place.scheme", "place.code")
	w.has("number", "version", "severity", "period.start", "period.end", "summary", "outlook", "actions", "next_report_at", "top_needs",
		"figures.indicator", "figures.value", "figures.value.lt", "figures.unit", "figures.method", "figures.by.sex", "figures.by.age", "figures.by.group")
	root := tag("sitrep:sitRep", leaf("sitrep:messageID", m.Record.String()), w.prepared("sitrep:preparedBy"), w.prepared("sitrep:authorizedBy"),
		leaf("sitrep:reportPurpose", w.purpose()), leaf("sitrep:reportNumber", w.numbered(r)), leaf("sitrep:reportVersion", w.version(r)), w.period(r),
		leaf("sitrep:incidentID", w.incident(r)), some("sitrep:incidentLifecyclePhase", title(string(r.Phase))))
	root.declare("sitrep", NamespaceSitRep)
	root.declare("ct", namespaceCT)
	root.declare("xnl", namespacePerson)
	root.declare("xsi", namespaceXSI)
	if m.Recalls != nil {
		root.add(leaf("sitrep:precedingMessageID", m.Recalls.Record.String()))
	}
	root.add(leaf("sitrep:reportConfidence", w.confidence(r)), leaf("sitrep:severity", w.severity(r)),
		some("sitrep:actionPlan", string(r.Actions)), some("sitrep:nextContact", w.second("next_report_at", r.NextReportAt.Instant())), w.observation(r))
	return payload{"sitRep", "Report", root}
}

// prepared names the office where SitRep wants a person.
func (w *writer) prepared(name string) *element {
	o := w.m.Sender
	says := string(o.Institution)
	if o.Contact != nil {
		says += ", " + string(o.Contact.Office)
	}
	return tag(name, tag("ct:personDetails", tag("xnl:personName", leaf("xnl:nameElement", says))), leaf("ct:timeValue", w.second("author_time", w.m.Sent)))
}

// second writes a moment as EDXL-CT 1.0 has it: numeric offset, no fraction.
func (w *writer) second(member string, i protocol.Instant) string {
	if i == 0 {
		return ""
	}
	if i%1000 != 0 {
		w.loses(member, "SitRep has moments to the second: the milliseconds are cut")
	}
	return i.Time().Format("2006-01-02T15:04:05-07:00")
}

func (w *writer) purpose() string {
	says := "Situation report"
	if w.m.Exercise {
		says = "EXERCISE: this is only played. Situation report"
	}
	if r := w.m.Recalls; r != nil {
		says += " in place of " + r.Record.String()
		if r.Gone {
			says = strings.Replace(says, " in place of ", ", taken back: ", 1)
		}
		if r.Reason != "" {
			says += ". " + string(r.Reason)
			w.loses("reason", "there is no element for it: a person reads it in reportPurpose, and a program does not")
		}
	}
	return says
}

// wants notes what the record does not say, and SitRep requires.
func (w *writer) wants(member, says string) {
	w.loses(member, "the record has none, and SitRep wants it: "+says)
}

func (w *writer) numbered(r *body.SituationReport) string {
	if r.Number != 0 {
		return fmt.Sprint(r.Number)
	}
	w.wants("number", "its reportNumber is the place of the record in its feed")
	return fmt.Sprint(w.m.Record.Sequence)
}

func (w *writer) version(r *body.SituationReport) string {
	if r.Version != "" {
		return title(string(r.Version))
	}
	w.wants("version", "its reportVersion says Update")
	return "Update"
}

func (w *writer) severity(r *body.SituationReport) string {
	if r.Severity != "" {
		return string(r.Severity)
	}
	w.wants("severity", "it says Unknown")
	return string(body.UnknownSeverity)
}

func (w *writer) incident(r *body.SituationReport) string {
	if !r.Incident.IsZero() {
		return r.Incident.String()
	}
	w.wants("incident", "its incidentID says Unknown")
	return "Unknown"
}

func (w *writer) period(r *body.SituationReport) *element {
	from, to := w.m.Sent, w.m.Sent
	if r.Period != nil {
		from, to = r.Period.Start.Instant(), r.Period.End.Instant()
	} else {
		w.wants("period", "its forTimePeriod is the moment at which it was written")
	}
	return tag("sitrep:forTimePeriod", leaf("ct:fromDateTime", w.second("period.start", from)), leaf("ct:toDateTime", w.second("period.end", to)))
}

// confidence goes by the Admiralty letter, where a source was judged.
func (w *writer) confidence(r *body.SituationReport) string {
	switch r.Reliability {
	case "A", "B":
		return "HighlyConfident"
	case "C":
		return "SomewhatConfident"
	case "E":
		return "NoConfidence"
	case "":
		w.wants("reliability", "its reportConfidence says Unsure")
	}
	return "Unsure"
}

// observation writes the report itself.
func (w *writer) observation(r *body.SituationReport) *element {
	where := "Unknown"
	if r.Place != nil {
		where = r.Place.Key().String()
	}
	needs := []string{}
	for _, n := range r.TopNeeds {
		needs = append(needs, string(n))
	}
	if len(needs) == 0 {
		needs = []string{"none stated"}
	}
	var text []string
	for _, said := range []body.Text{r.Summary, r.Outlook} {
		if said != "" {
			text = append(text, string(said))
		}
	}
	if r.Outlook != "" {
		text[len(text)-1] = "Outlook: " + text[len(text)-1]
		w.loses("outlook", "there is no element for it: it stands in observationText")
	}
	for i := range r.Figures {
		text = append(text, figure(&r.Figures[i]))
		w.loses("figures", "a FieldObservation has no element for a figure: it stands in observationText, and a program does not read it")
	}
	report := tag("sitrep:report",
		tag("sitrep:observationLocation", tag("ct:EDXLGeoPoliticalLocation", valueList("ct:geoCode", "ct:valueListURI", "ct:value", "urn:vardar:place", where))),
		leaf("sitrep:immediateNeeds", strings.Join(needs, ", ")), leaf("sitrep:observationText", strings.Join(text, "\n")))
	report.attr = [][2]string{{"xsi:type", "sitrep:FieldObservationType"}}
	return report
}

// figure says a figure: arrivals 960 persons (f, 0-4; observed).
func figure(f *body.Figure) string {
	says := fmt.Sprintf("%s %s %s", f.Indicator, f.Value, f.In())
	var of []string
	if b := f.By; b != nil {
		for _, part := range []string{string(b.Sex), string(b.Age), string(b.Group)} {
			if part != "" {
				of = append(of, part)
			}
		}
	}
	by := strings.Join(of, ", ")
	if f.Method != "" {
		by = strings.TrimPrefix(by+"; ", "; ") + string(f.Method)
	}
	if by != "" {
		says += " (" + by + ")"
	}
	return says
}

// title writes a word with a capital, as SitRep does.
func title(word string) string {
	if word == "" {
		return ""
	}
	return strings.ToUpper(word[:1]) + word[1:]
}

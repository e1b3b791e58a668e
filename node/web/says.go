package web

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/lang"
	"github.com/vardar-network/vardar/protocol/body"
)

// Says says in a line what a record says, in the page's language: its author's own words as
// they are. English is the desk's line, which tells why there is no body to be read; of a note it
// is the note's own words, cut to a line. How grave an alert is stands apart.
func (f *frame) Says(b body.Body, english string) string {
	switch b := b.(type) {
	case nil:
		return f.unread(english)
	case *body.Alert:
		return f.alertSays(b)
	case *body.SituationReport:
		return f.reportSays(b)
	case *body.Route:
		return string(b.Asset.Name) + ": " + f.Word(b.State)
	case *body.Phase:
		return f.place(b.Place) + ": " + f.Word(b.Phase)
	case *body.Needs:
		return f.T("says.needs", len(b.Items), f.place(b.Place))
	case *body.Capacity:
		return f.T("says.capacity", len(b.Items))
	case *body.ResourceStep:
		var lines []string
		for i := range b.Lines {
			l := &b.Lines[i]
			lines = append(lines, f.Word(l.Type)+": "+f.Number(l.Quantity)) // right for any number, in every language
		}
		return strings.TrimSpace(f.Kind(b.Step.String()) + " " + strings.Join(lines, ", "))
	case *body.Flow:
		return f.flowSays(b)
	case *body.Plan, *body.Consultation, *body.ConsultationResponse, *body.ConsultationOutcome, *body.Strategy, *body.Project, *body.Practice:
		return f.decisionSays(b)
	case *body.Correction:
		ref, _ := b.Ref(body.RelCorrects)
		return f.T("says."+string(b.Action), ref.Record.String(), string(b.Reason))
	case *body.Erasure:
		return f.T("says.erase", b.Erases().Record.String(), string(b.Reason))
	case *body.Endorsement:
		return f.stanceSays(b)
	case *body.Acknowledgement:
		ref, _ := b.Ref(body.RelAcknowledges)
		return ref.Record.String() + ": " + f.Word(b.State)
	case *body.Profile:
		return f.T("says.profile", string(b.NameIn(body.Language(f.Lang()))))
	case *body.CharterRecord:
		return f.T("says.charter")
	case *body.Admission:
		return f.T("says.admission", string(b.Institution), f.Word(b.Level))
	case *body.KeyRecord:
		if b.FeedTopic != 0 {
			return f.T("says.key.opens", fmt.Sprintf("%s.%d", b.FeedTopic, b.FeedEpoch))
		}
		return f.T("says.key", f.T("member.key."+string(b.Use)))
	case *body.Witness:
		return f.T("says.witness", b.Have.String(), int(b.Feeds))
	}
	return english
}

// Lines gives what says an event in a line, in a language of the pages, where no page is: in a letter. The desk is
// asked for with each event.
func Lines(of func() *desk.Desk, language string) (func(*desk.WakingEvent) string, error) {
	words, err := lang.New()
	if err != nil {
		return nil, err
	}
	speaker := words.Speaker(language)
	return func(e *desk.WakingEvent) string {
		f := &frame{speaker: speaker, placeIn: of().PlaceIn}
		if e.OfDesk() {
			return f.Told(e.Said, e.Places).Text
		}
		return f.Says(of().Said(e.Record))
	}, nil
}

// Told says what the desk said of some places, which it names in English.
func (f *frame) Told(english string, places []string) sentence {
	names := map[string]string{}
	for _, p := range places {
		if k, err := body.ParsePlaceKey(p); err == nil {
			if name, known := f.placeIn("", k); known {
				names[atlas.Marked(name, atlas.NeedsFootnote(k))] = f.Place(k, "")
			}
		}
	}
	in := *f
	in.speaker = f.speaker.Naming(names)
	return in.Sentence(english)
}

func (f *frame) flowSays(b *body.Flow) string {
	sides := ": " + string(b.Donor) + " → " + string(b.Recipient)
	amount := body.SumOf(b.Amount, b.Spent)
	if amount.Sign() == 0 {
		return f.Kind(b.Type()) + sides
	}
	return f.Kind(b.Type()) + " " + f.Money(amount) + " " + string(b.Currency) + sides
}

func (f *frame) stanceSays(b *body.Endorsement) string {
	of := b.Endorses().Record.String()
	if b.Field != "" {
		of += ", " + f.Member(b.Field)
	}
	if !b.Value.IsZero() {
		of += " " + f.Number(b.Value)
	}
	return strings.TrimSuffix(f.Word(b.Stance)+": "+of+"; "+string(b.Reason), "; ")
}

// unread says why a body can't be read.
func (f *frame) unread(english string) string {
	if gone, ok := strings.CutPrefix(english, "body "); ok {
		if said, known := f.speaker.Sentence(gone); known {
			return f.T("record.gone", f.Word(said))
		}
		return f.T("record.gone", f.Word(gone))
	}
	if english == "sealed" {
		return f.Word(english)
	}
	return f.Word("unreadable")
}

func (f *frame) alertSays(a *body.Alert) string {
	if len(a.Info) == 0 {
		return f.spoken("msgType", a.MsgType)
	}
	return cmp.Or(string(a.Info[0].Headline), string(a.Info[0].Event))
}

func (f *frame) reportSays(r *body.SituationReport) string {
	var figures []string
	for i := range r.Figures {
		g := &r.Figures[i]
		figures = append(figures, f.Indicator(g.Indicator)+" "+f.Number(g.Value)+" "+f.Unit(g.Value, g.In()))
	}
	for _, na := range r.NA {
		figures = append(figures, f.Member(body.FieldName(na.Field))+" "+f.T("figure.not_reported"))
	}
	said := strings.Join(figures, ", ")
	switch at := f.place(r.Place); {
	case at != "" && said != "":
		said = f.T("says.at", said, at)
	case at != "":
		said = at
	}
	if r.Summary != "" {
		said = strings.TrimPrefix(said+"; ", "; ") + string(r.Summary)
	}
	return said
}

// place says a place; empty for none.
func (f *frame) place(p *body.Place) string {
	if p == nil {
		return ""
	}
	return f.Place(p.Key(), string(p.Name))
}

// Member names what of a record somebody stands on, or says nothing of: an indicator, as figures.arrivals
// too, or a member.
func (f *frame) Member(of body.FieldName) string {
	name := strings.TrimPrefix(string(of), "figures.")
	otherwise := strings.ReplaceAll(strings.TrimPrefix(name, "x-"), "_", " ")
	return f.known("indicator."+name, f.known("field."+name, otherwise))
}

// decisionSays says what is planned, asked, answered, decided or learnt: by what its author calls it.
func (f *frame) decisionSays(b body.Body) string {
	switch b := b.(type) {
	case *body.Plan:
		return string(b.Title) + ": " + f.Money(b.Total()) + " " + string(b.Currency)
	case *body.Consultation:
		return string(b.Question)
	case *body.ConsultationResponse:
		return strings.TrimSuffix(f.Word(b.Position)+": "+string(b.Text), ": ")
	case *body.ConsultationOutcome:
		return string(b.Decision)
	case *body.Project:
		return string(b.Title)
	case *body.Strategy:
		return string(b.Title)
	case *body.Practice:
		return string(b.Title)
	}
	return ""
}

package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// RegionalReports are the regional reports, as one institution sees them.
type RegionalReports struct {
	As       protocol.InstitutionID
	Rows     []RegionalRow // the latest period first
	MayWrite bool
}

// RegionalReports gathers them as this node knew them at an instant; zero: now.
func (d *Desk) RegionalReports(ctx context.Context, as protocol.InstitutionID, at protocol.Instant) (RegionalReports, error) {
	as, err := d.author(ctx, as)
	if err != nil {
		return RegionalReports{}, err
	}
	m, err := d.moment(ctx, at)
	if err != nil {
		return RegionalReports{}, err
	}
	out := RegionalReports{As: as, Rows: slices.Clone(m.view.Regional), MayWrite: !m.past && d.beyondReport(as, true) == ""}
	slices.SortStableFunc(out.Rows, func(a, b RegionalRow) int { return cmp.Compare(b.PeriodEnd, a.PeriodEnd) })
	return out, nil
}

// RegionalNext is the period of the report that goes on from the last one of an institution.
type RegionalNext struct {
	Start protocol.Instant `json:"start"`
	End   protocol.Instant `json:"end"`
	Over  bool             `json:"over,omitempty"` // all of it, which is as long as that of the last one
}

// nextRegionalPeriod gives it; nil: there is no last one.
func nextRegionalPeriod(v *board.View, as protocol.InstitutionID, now protocol.Instant) *RegionalNext {
	last := lastRegional(v, as)
	if last == nil {
		return nil
	}
	out := &RegionalNext{Start: last.PeriodEnd, End: 2*last.PeriodEnd - last.PeriodStart}
	if out.Over = out.End <= now; !out.Over {
		out.End = now / minute * minute
	}
	return out
}

// dueRegional gives the period of which a regional body can draw up a report; nil: none.
func (d *Desk) dueRegional(m *moment, as protocol.InstitutionID) *RegionalNext {
	if m.past || d.checkReporter(as, true) != nil {
		return nil
	}
	if next := nextRegionalPeriod(&m.view, as, m.at); next != nil && next.Over {
		return next
	}
	return nil
}

// RegionalForm is what a regional report is drawn up of, and what its author says, as a person
// types it.
type RegionalForm struct {
	As         protocol.InstitutionID
	Start, End string // of the period
	RegionalAsk
	Summary, Outlook, Actions string
	Drawn                     protocol.Digest             // of the draft that was shown; zero: none
	Try                       bool                        // everything but the writing
	Say                       func(english string) string // in its author's language; nil: English
}

// RegionalDraft is a regional report as it would be now, before anybody has said anything in it.
type RegionalDraft struct {
	RegionalRow
	Handling protocol.Handling
	Drawn    protocol.Digest      // of what it is made of, so that nobody publishes what they have not seen
	Shown    Part[RegionalFigure] // by [RegionalDraft.Show]
}

// Show leaves the figures that a page shows, as [RegionalSheet.Show] does.
func (r *RegionalDraft) Show(from int) { r.Shown = showFigures(&r.RegionalRow, from) }

// NextRegional gives the period of the next report of an institution, and nil without a last one;
// and what parts of the network there are: its countries, and the groups of the charter.
func (d *Desk) NextRegional(ctx context.Context, as protocol.InstitutionID) (*RegionalNext, []body.Territory, error) {
	as, err := d.author(ctx, as)
	if err != nil {
		return nil, nil, err
	}
	m, err := d.moment(ctx, 0)
	if err != nil {
		return nil, nil, err
	}
	var parts []body.Territory
	for _, member := range d.o.Trust.Members() {
		parts = append(parts, body.Territory(member.ID.Country()))
	}
	slices.Sort(parts)
	parts = slices.Compact(parts)
	for _, name := range slices.Sorted(maps.Keys(d.o.Trust.Charter().Groups)) {
		parts = append(parts, body.Territory("group:"+name))
	}
	return nextRegionalPeriod(&m.view, as, m.at), parts, nil
}

// request gives the report that a form asks for.
func (f *RegionalForm) request() (Request, error) {
	doc := map[string]any{"period": map[string]any{"start": f.Start, "end": f.End}}
	for name, said := range map[string]string{"summary": f.Summary, "outlook": f.Outlook, "actions": f.Actions} {
		if said = strings.TrimSpace(said); said != "" {
			doc[name] = said
		}
	}
	raw, err := json.Marshal(doc)
	return Request{As: f.As, Kind: body.TypeReport, Body: raw, Regional: &f.RegionalAsk, DryRun: f.Try, say: f.Say}, failure(err)
}

// DrawUp gives the report that a form asks for, as it would be now.
func (d *Desk) DrawUp(ctx context.Context, f *RegionalForm) (RegionalDraft, error) {
	bare := RegionalForm{As: f.As, Start: f.Start, End: f.End, RegionalAsk: f.RegionalAsk, Try: true, Say: f.Say}
	r, err := bare.request()
	if err != nil {
		return RegionalDraft{}, err
	}
	done, err := d.Publish(ctx, r)
	if err != nil {
		return RegionalDraft{}, err
	}
	parsed, err := body.Parse(done.Type, done.Body)
	if err != nil {
		return RegionalDraft{}, failure(err)
	}
	said, _ := parsed.(*body.SituationReport)
	w, err := d.worldAsked(ctx, done.As, "", false)
	if err != nil {
		return RegionalDraft{}, err
	}
	out := RegionalDraft{RegionalRow: d.o.Board.AddUpAgain(w, said), Handling: done.Handling}
	out.Institution = done.As
	view := d.world(w)
	out.Drawn, err = drawnOf(said, lastRegional(&view, done.As))
	return out, err
}

// drawnOf gives the digest of what a draft is made of, and of what it goes on from: grades and
// who is late change by the minute, and are not part of it.
func drawnOf(said *body.SituationReport, last *RegionalRow) (protocol.Digest, error) {
	of := struct {
		Period       *body.Period
		Territory    []body.Territory
		LeftOut      []body.Indicator
		Refs         []body.Ref
		Reported, Of body.Quantity
		Last         protocol.Digest
	}{Period: said.Period, Territory: said.Regional.Territory, LeftOut: said.Regional.LeftOut, Refs: said.Refs, Reported: said.Regional.Coverage.Reported, Of: said.Regional.Coverage.Of}
	if last != nil {
		of.Last = last.Digest
	}
	raw, err := json.Marshal(of)
	return protocol.DigestOf(raw), failure(err)
}

// PublishRegional writes the report that a form asks for, if it is made of what was shown.
func (d *Desk) PublishRegional(ctx context.Context, f *RegionalForm) (Published, error) {
	draft, err := d.DrawUp(ctx, f)
	if err != nil {
		return Published{}, err
	}
	if draft.Drawn != f.Drawn {
		return Published{}, &Problem{
			Kind: Refused, Field: "drawn", Detail: "what the report would be made of is not what was shown to you", Mend: "look at the figures, and publish it then", Next: nextRegional,
		}
	}
	r, err := f.request()
	if err != nil {
		return Published{}, err
	}
	return d.Publish(ctx, r)
}

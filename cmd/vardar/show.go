package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

type showOptions struct {
	http   bool
	digest string
	files  string
}

func newShow(a *app) *cobra.Command {
	var o showOptions
	cmd := &cobra.Command{
		Use: "show RECORD|INSTITUTION|PLACE", Short: "Show a record with its proof, an institution, or a place", Args: wants("RECORD|INSTITUTION|PLACE"),
		Long: "Shows what is known of a record, an institution or a place. A position alone (situation.1.42) is a\n" +
			"record of this node's institution. --http writes the record as it travels, which 'vardar verify' and any\n" +
			"RFC 9421 library can check.",
		Example: "  vardar show mk.southeast.gevgelija/situation.1.42\n  vardar show mk.southeast.gevgelija\n  vardar show nuts:EL4\n  vardar show situation.1.42 --http > record.http",
		RunE:    func(cmd *cobra.Command, args []string) error { return a.runShow(cmd, &o, args[0]) },
	}
	cmd.Flags().BoolVar(&o.http, "http", false, "write the record as an HTTP message, to the byte")
	cmd.Flags().StringVar(&o.digest, "digest", "", "with --http, of several records at one position the one with this `DIGEST`")
	cmd.Flags().StringVar(&o.files, "files", "", "also write the files of a practice into this `FOLDER`")
	a.prints(cmd, asJSON)
	return cmd
}

// recordOf asks for what a text names, which is to be a record.
func recordOf(cmd *cobra.Command, c *api.Client, ref string) (*api.RecordView, error) {
	shown, err := c.Show(cmd.Context(), ref)
	if err == nil && shown.Record == nil {
		err = usage(cmd, ref+" is no record")
	}
	return shown.Record, err
}

func (a *app) runShow(cmd *cobra.Command, o *showOptions, ref string) error {
	var digest protocol.Digest
	if o.digest != "" {
		var err error
		if digest, err = protocol.ParseDigest(o.digest); err != nil || !o.http {
			return usage(cmd, "--digest wants --http, and a digest such as sha-256:27a3…, 64 hex digits")
		}
	}
	return a.ask(func(c *api.Client) error {
		s, err := c.Show(cmd.Context(), ref)
		if err != nil {
			return err
		}
		if o.files != "" {
			if s.Record == nil || s.Record.Type != body.TypePractice {
				return usage(cmd, "--files writes the files of a practice, and "+ref+" is none")
			}
			return a.keepFiles(cmd.Context(), c, s.Record, o.files)
		}
		switch {
		case o.http && a.output != text:
			return usage(cmd, "--http and --output are two forms of one record: choose one")
		case o.http && s.Record == nil:
			return usage(cmd, "--http writes a record, and "+ref+" is none")
		case o.http:
			r, err := c.Record(cmd.Context(), s.Record.Name, digest)
			if err != nil {
				return err
			}
			_, err = a.out.Write(r.AppendHTTP(nil))
			return err
		case a.output == asJSON:
			return a.writeJSON(s)
		case s.Record != nil:
			a.showRecord(s.Record)
			return a.more(cmd.Context(), c, s.Record)
		case s.Institution != nil:
			a.showInstitution(s.Institution)
		case s.Place != nil:
			a.showPlace(s.Place)
		}
		return nil
	})
}

// more prints what became of a record that others answer. Of one that counts nowhere there is
// no more than the record.
func (a *app) more(ctx context.Context, c *api.Client, r *api.RecordView) error {
	var err error
	switch r.Type {
	case body.TypeConsultation:
		var h api.Hearing
		if h, err = c.Consultation(ctx, "", r.Name); err == nil {
			a.showConsultation(&h)
		}
	case body.TypeStrategy:
		var s api.StrategySheet
		if s, err = c.Strategy(ctx, "", r.Name); err == nil {
			a.showStrategy(&s)
		}
	case body.TypeProject, body.TypeCorrection(protocol.Policy):
		var p api.ProjectSheet
		if p, err = c.Project(ctx, "", r.Name); err == nil {
			a.showProject(&p)
		}
	case body.TypeReport, body.TypeCorrection(protocol.Situation):
		if !isRegional(r) {
			return nil
		}
		var s api.RegionalSheet
		if s, err = c.Regional(ctx, "", r.Name); err == nil {
			a.showRegional(&s)
		}
	case body.TypePractice:
		var v api.PracticeView
		if v, err = c.Practice(ctx, "", r.Name); err == nil {
			a.showPractice(&v)
		}
	case body.TypePlan, body.TypeCorrection(protocol.Funding):
		var p api.FundPlan
		if p, err = c.FundPlan(ctx, "", r.Name); err == nil {
			a.showPlan(&p)
		}
	}
	if p := new(api.Problem); errors.As(err, &p) && p.Kind == api.NotFound {
		return nil
	}
	return err
}

// knownSince says since when it is known here that a peer holds a record, or why it is not.
func knownSince(k api.Known) string {
	switch k.Why {
	case "":
		return "known here since " + clock(k.Since)
	case api.LongAgo:
		return "not known since when: what was learnt of this peer up to " + clock(k.From) + " is no longer remembered"
	default:
		return "not known since when: the record was here before this node was started, or the link made, at " + clock(k.From)
	}
}

func (a *app) showRecord(r *api.RecordView) {
	line(a.out, "%s: %s", r.Name, r.Says)
	t := table{}
	t.add("kind", r.Type)
	standing := r.Standing.String()
	if r.Reason != "" {
		standing += ": " + r.Reason
	}
	if r.Exercise {
		standing += " (exercise)"
	}
	t.add("stands", standing)
	t.add("written", clock(r.Time)+" by its author's clock, accepted here "+clock(r.Accepted))
	t.add("handling", r.Handling.String())
	for _, id := range r.Addressed {
		t.add("to", string(id))
	}
	addLines(&t, r)
	t.add("held by", fmt.Sprintf("%d of %d peers", len(r.Peers.Have), len(r.Peers.Of)))
	for _, k := range r.Peers.Since {
		t.add("", string(k.Peer)+", "+knownSince(k))
	}
	signed := "signed by " + r.Proof.Key.String()
	if !r.Proof.Signed {
		signed = "proved by a later signature of " + r.Proof.Key.String()
	}
	opener := "by the charter"
	if !r.Proof.Charter {
		opener = "by " + r.Proof.Opener.String()
	}
	t.add("proof", signed+", a key opened "+opener)
	t.add("digest", r.Proof.Digest.String())
	if q := r.Quality; q != nil {
		t.add("quality", graded(q)+": "+qualityParts(q))
	}
	if r.NotScored != "" {
		t.add("quality", "not scored: "+r.NotScored)
	}
	addTold(&t, r)
	for _, rival := range r.Rivals {
		t.add("rival", rival.Digest.String(), "the author wrote two records at this position")
	}
	_ = a.write(nil, t)
	if len(r.Body) > 0 {
		line(a.out, "%s", withoutFiles(r.Body))
	}
}

// addLines adds what a step of an exchange of help asks for or says, line by line, and by when and where it is
// wanted, as its author wrote it; of a request also how far each line is met.
func addLines(t *table, r *api.RecordView) {
	b, err := body.Parse(r.Type, r.Body)
	step, ok := b.(*body.ResourceStep)
	if err != nil || !ok {
		return
	}
	if step.AnswerBy != 0 {
		t.add("answer by", clock(step.AnswerBy.Instant()))
	}
	if step.DeliverTo != nil {
		t.add("deliver to", place(step.DeliverTo.Place.Key(), string(step.DeliverTo.Place.Name), false))
	}
	for i := range step.Lines {
		l := &step.Lines[i]
		t.add("line", strconv.Itoa(int(l.Line)), strings.TrimSpace(fmt.Sprintf("%d %s, %s", l.Quantity, l.Type, l.Unit)), string(l.Description), metOf(r.Request, int(l.Line)))
	}
}

// metOf says how far a line of a request is met, of as much as is asked for now.
func metOf(r *api.RequestRow, number int) string {
	if r == nil || r.Cancelled {
		return ""
	}
	for i := range r.Lines {
		if l := &r.Lines[i]; l.Line == number {
			return fmt.Sprintf("%d of %d committed, %d unmet: %s", l.Committed, l.Quantity, l.Unmet, l.State)
		}
	}
	return ""
}

// movedBy says how much a step of a flow is of: 200 EUR, or of a report 150 EUR spent, 50 EUR left.
func movedBy(f *api.FlowRow, step int) string {
	switch s := &f.Steps[step]; {
	case s.Spent != "":
		return fmt.Sprintf("%s %s spent, %s %s left", s.Spent, f.Currency, s.Unspent, f.Currency)
	case s.Amount != "":
		return s.Amount.String() + " " + string(f.Currency)
	}
	return ""
}

// addTold adds what others have said of a record, or with it.
func addTold(t *table, r *api.RecordView) {
	for i := range r.Thread {
		t.add("step", r.Thread[i].Record.String(), r.Thread[i].Step, r.Thread[i].Ignored)
	}
	if r.Flow != nil {
		t.add("flow", r.Flow.Flow.String(), string(r.Flow.State), sidesOf(r.Flow))
		for i := range r.Flow.Steps {
			s := &r.Flow.Steps[i]
			t.add("step", s.Record.String(), s.Step, clock(s.AuthorTime), movedBy(r.Flow, i), s.Says, s.Ignored)
		}
	}
	for i := range r.Notes {
		t.add("note", r.Notes[i].Record.String(), r.Notes[i].Text)
	}
	for i := range r.Corrections {
		t.add("correction", r.Corrections[i].Record.String(), string(r.Corrections[i].Action), r.Corrections[i].Reason)
	}
	for i := range r.Stances {
		s := &r.Stances[i]
		said := string(s.Stance)
		if s.Field != "" {
			said += " " + string(s.Field)
		}
		if !s.Value.IsZero() {
			said += " " + s.Value.String()
		}
		if s.Ignored != "" {
			said += ", not counted: " + s.Ignored
		}
		t.add(said, s.Record.String(), string(s.Basis), s.Reason)
	}
}

func (a *app) showInstitution(v *api.InstitutionView) {
	m := &v.Member
	line(a.out, "%s: %s, %s", m.ID, nonZero(m.Names["en"], m.ID.LocalName()), m.State)
	t := table{}
	t.add("level", m.Level)
	if m.Announced != "" {
		t.add("announced", m.Announced)
	}
	if c := m.Closed; c != nil {
		t.add("closed", c.By.String(), c.Reason)
		if c.Successor != "" {
			t.add("successor", string(c.Successor))
		}
	}
	if len(m.Before) > 0 {
		t.add("in place of", joined(m.Before))
	}
	if !m.RequestedKey.IsZero() {
		t.add("asks for identity key", m.RequestedKey.String())
	}
	t.add("may say", nonZero(strings.Join(v.May, ", "), "nothing"))
	if m.Duty != nil {
		t.add("on duty", fmt.Sprint(m.Duty.Phone))
	}
	if m.Registrar != "" {
		t.add("admitted by", nonZero(name(m.Admission), "the charter"))
	}
	if len(m.Prefixes) > 0 {
		t.add("admits", strings.Join(m.Prefixes, ", "))
	}
	if d := v.Declared; d != nil {
		if m.Profile.Residents != nil {
			t.add("residents", backed(number(int64(m.Profile.Residents.Value)), d.Residents, d.Record))
		}
		if b := m.Profile.Budget; b != nil {
			t.add("own budget", backed(string(b.Amount)+" "+string(b.Currency), d.Budget, d.Record))
		}
	}
	t.add("last heard", nonZero(clock(m.Heard), "never"))
	for _, f := range v.Feeds {
		t.add("feed", fmt.Sprintf("%s.%d.%d", f.Topic, f.Epoch, f.Sequence))
	}
	none := "none yet: it has not joined"
	if m.Closed != nil {
		none = "none: it is out"
	}
	t.add("node key", nonZero(nonZeroKey(m.NodeKey), none))
	_ = a.write(nil, t)
	a.sections(v.Figures, v.Due, v.Requests, v.Capacity, v.Standards)
}

// backed says a number of a profile, and what its registrar says of it and of which record.
func backed(said string, b *api.Backing, in protocol.Name) string {
	return fmt.Sprintf("%s, %s (%s)", said, b.Word, nonZero(name(b.By), in.String()))
}

func (a *app) showPlace(v *api.PlaceView) {
	line(a.out, "%s (%s)", footnoted(v.Name, v.Footnote), v.Place)
	a.sections(v.Figures, v.Contradictions, v.Routes, v.Phases, v.Alerts, v.Needs, v.Requests, v.Capacity, v.Standards, v.Due, v.Drafts)
}

// sections prints lists that hold something, each with its head.
func (a *app) sections(lists ...any) {
	for _, rows := range lists {
		if t := a.tableOf(rows); len(t.rows) > 0 {
			line(a.out, "")
			_ = a.write(nil, t)
		}
	}
}

// qualityParts writes every part of a quality, per mille, with the version of the weights.
func qualityParts(q *api.Quality) string {
	s := fmt.Sprintf("provenance %d, source record %d (%d judged), credibility %d, timeliness %d, completeness %d, confirmation %d per mille; profile %d",
		q.Provenance, q.SourceRecord, q.Judged, q.Credibility, q.Timeliness, q.Completeness, q.Confirmation, q.Profile)
	if !q.Verified {
		s += "; not yet verified"
	}
	return s
}

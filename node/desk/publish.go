package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Request is a record that somebody wants to publish. The body is put together from three
// sources, each over the one before: an earlier record, a JSON object, single fields.
type Request struct {
	As       protocol.InstitutionID `json:"as,omitempty"`       // default: the node's first institution
	Kind     string                 `json:"kind"`               // report, route, alert …, or a whole type
	Topic    protocol.Topic         `json:"topic,omitzero"`     // of a note or acknowledgement; default situation
	From     string                 `json:"from,omitempty"`     // last, or a record's name
	Body     json.RawMessage        `json:"body,omitempty"`     // without salt
	Set      []string               `json:"set,omitempty"`      // field=value
	Ask      json.RawMessage        `json:"ask,omitempty"`      // of needs: publish a request that names them too, or nothing; its lines are what is missing unless given
	Regional *RegionalAsk           `json:"regional,omitempty"` // of a report: add it up of what the members report
	Attach   []AttachedFile         `json:"attach,omitempty"`   // of a practice: files, behind those of the body
	Handling protocol.Handling      `json:"handling,omitzero"`  // default: the charter's for the type
	Exercise bool                   `json:"exercise,omitempty"`
	Within   string                 `json:"within,omitempty"`  // of the named exercise that this record began
	DryRun   bool                   `json:"dry_run,omitempty"` // everything but the writing
	Wait     int                    `json:"wait,omitempty"`    // until so many peers have it
	WaitMS   int                    `json:"wait_ms,omitempty"` // at most so long; default DefaultWait
	Knowing  bool                   `json:"knowing,omitempty"` // what a step warns of, or a report that only says the same again, is known and wanted
	Form     bool                   `json:"-"`                 // it was written in a form, as people write amounts
	Anyway

	world board.World
	say   func(english string) string // in its author's language; nil: English
	wrong gathered                    // with the form that it is made of
}

// Published is what became of it.
type Published struct {
	Record   protocol.Name          `json:"record,omitzero"` // zero after a dry run, and while it waits
	Linked   protocol.Name          `json:"linked,omitzero"` // the request that was written with needs
	Waits    string                 `json:"waits,omitempty"` // the number under which it waits for a second person
	Digest   protocol.Digest        `json:"digest,omitzero"`
	As       protocol.InstitutionID `json:"institution"`
	Type     string                 `json:"type"`
	Time     protocol.Instant       `json:"time"`
	Handling protocol.Handling      `json:"handling"`
	Exercise bool                   `json:"exercise"`
	DryRun   bool                   `json:"dry_run"`
	Said     string                 `json:"said"` // recorded; 0 of 6 peers have it
	Peers    Peers                  `json:"peers"`
	Reached  bool                   `json:"reached"` // as many peers have it as were waited for
	Warnings []string               `json:"warnings,omitempty"`
	Body     json.RawMessage        `json:"body"` // as written, or as it would be
}

// Publish writes a record of a kind that a person says: it is signed and on disk when
// Publish returns. What can't be is refused with a [Problem] before anything is signed.
func (d *Desk) Publish(ctx context.Context, r Request) (out Published, err error) {
	defer func() {
		d.note(ctx, act{"publish", r.As, onRecord(out.Record, r.Kind), r.DryRun || out.Waits != ""}, err)
	}()
	as, err := d.author(ctx, r.As)
	if err != nil {
		return Published{}, err
	}
	recordType, err := typeOf(r.Kind, r.Topic)
	if err != nil {
		return Published{}, err
	}
	if r.world, err = d.worldAsked(ctx, as, r.Within, r.Exercise); err != nil {
		return Published{}, err
	}
	r.Exercise = r.world.Exercise
	doc, err := d.compose(as, recordType, &r)
	if err != nil {
		return Published{}, err
	}
	document, err := writeDocument(doc)
	if err != nil {
		return Published{}, failure(err)
	}
	s := statement{
		as: as, recordType: recordType, document: document, handling: d.markUnder(recordType, doc, r.Handling),
		world: r.world, dryRun: r.DryRun, wait: r.Wait, waitMS: r.WaitMS, knowing: r.Knowing, anyway: r.Anyway,
	}
	if len(r.Ask) > 0 {
		return d.publishAsking(ctx, s, r.Ask)
	}
	return d.say(ctx, s)
}

// statement is a record before it has a position.
type statement struct {
	as         protocol.InstitutionID
	recordType string
	document   []byte // without salt
	raw        []byte // with it, if a second person has seen it; over document
	handling   protocol.Handling
	world      board.World
	dryRun     bool
	wait       int
	waitMS     int
	knowing    bool
	after      protocol.Digest // of a correction: what it was written over; zero: whatever is in force
	anyway     Anyway
	despite    []string // what it was written despite of, as the journal and its author are told
	seen       bool     // a second person has let it go
	ours       bool     // the desk's own words (an admission): reserved kinds are let through
}

// handling gives the mark of a type: the charter's, else the kind's own.
func (d *Desk) handling(recordType string) protocol.Handling {
	if h, ok := d.o.Trust.Charter().Handling[recordType]; ok {
		return h
	}
	return body.DefaultHandling(recordType)
}

// say writes a record, and waits for peers if that was asked.
func (d *Desk) say(ctx context.Context, s statement) (Published, error) {
	out, err := d.record(ctx, &s)
	if err != nil || s.dryRun || out.Waits != "" {
		return out, err
	}
	return d.wait(ctx, &s, out), nil
}

// checkPart refuses what has a part in what others said, and that every node would show and not
// count; it warns of what stays open.
func (d *Desk) checkPart(s *statement, parsed body.Body) ([]string, error) {
	switch b := parsed.(type) {
	case *body.SituationReport:
		return nil, d.checkReport(s, b)
	case *body.Route, *body.Phase, *body.Alert:
		return nil, d.checkBeyond(s.as, b)
	case *body.Correction:
		switch said := d.instead(b).(type) {
		case *body.SituationReport:
			return nil, d.checkReport(s, said)
		case *body.Plan:
			return d.planOutsiders(said), nil
		default:
			return nil, d.checkBeyond(s.as, said)
		}
	case *body.ResourceStep:
		return d.checkStep(s, b)
	case *body.Flow:
		return d.checkFlow(s, b)
	case *body.Strategy:
		return d.checkStrategy(s, b)
	case *body.Project:
		return d.checkProject(s, b)
	case *body.Plan:
		return d.planOutsiders(b), nil
	case *body.Acknowledgement:
		if err := d.checkPartner(s, b); err != nil {
			return nil, err
		}
		return nil, d.checkSignature(s, b)
	}
	return nil, d.checkEndorsement(s, parsed)
}

// record is the one way to a signature: every record of this desk has passed these checks.
func (d *Desk) record(ctx context.Context, s *statement) (Published, error) {
	if s.handling == 0 {
		s.handling = d.handling(s.recordType)
	}
	if err := d.allowed(s); err != nil {
		return Published{}, err
	}
	raw := s.raw
	if raw == nil {
		err := d.enlist(ctx, s)
		if err != nil {
			return Published{}, err
		}
		if raw, err = d.salted(s.document); err != nil {
			return Published{}, failure(err)
		}
	}
	if len(raw) > protocol.MaxBodyBytes {
		return Published{}, tooLong(len(raw))
	}
	parsed, err := body.Parse(s.recordType, raw)
	if err != nil {
		return Published{}, misfits(s.recordType, raw, err, "vardar publish "+shortName(s.recordType)+" --help")
	}
	out := Published{As: s.as, Type: s.recordType, Time: d.now(), Handling: s.handling, Exercise: s.world.Exercise, DryRun: s.dryRun, Body: raw}
	if unknown := parsed.Base().Unknown; len(unknown) > 0 {
		out.Warnings = append(out.Warnings, "no node of this version reads "+strings.Join(unknown, ", ")+": is it spelled as it should be?")
	}
	if err = cmp.Or(d.checkRun(ctx, s, parsed), d.timely(s, &out)); err != nil {
		return Published{}, err
	}
	warnings, err := d.checkAddressees(parsed.Base().To)
	if err != nil {
		return Published{}, err
	}
	out.Warnings = append(out.Warnings, warnings...)
	switch parsed.(type) {
	case *body.ResourceStep, *body.Flow, *body.Correction:
		// Of two at once both must not find the last tent, the same money, or the same version to put right.
		d.exchange.Lock()
		defer d.exchange.Unlock()
	}
	if err = d.sensible(s, parsed); err != nil {
		return Published{}, err
	}
	if warnings, err = d.checkPart(s, parsed); err != nil {
		return Published{}, err
	}
	out.Warnings = append(out.Warnings, warnings...)
	if warnings, err = d.checkBelonging(s, parsed.Base().Project); err != nil {
		return Published{}, err
	}
	out.Warnings = append(append(out.Warnings, warnings...), d.unheldNeeds(parsed)...)
	if !s.seen && d.wantsSecond(s, parsed) {
		if !s.dryRun {
			return d.handIn(ctx, s, out)
		}
		out.Warnings = append(out.Warnings, "it will wait for a second person")
	}
	return d.write(ctx, s, out)
}

// sensible refuses what fits its kind, and is of no use or against the rules between records.
func (d *Desk) sensible(s *statement, b body.Body) error {
	if alert, ok := b.(*body.Alert); ok && len(alert.Info) == 0 && (alert.MsgType == body.MsgAlert || alert.MsgType == body.MsgUpdate) {
		return &Problem{ // CAP 1.2 s3.2.1 lets it pass; nobody could act on it
			Kind: Refused, Field: "info", Detail: "the alert warns of nothing", Mend: "give info.0.event, category, urgency, severity, certainty, and a headline",
			Next: "vardar publish alert --help",
		}
	}
	said := b
	if instead := d.instead(b); instead != nil {
		said = instead
	}
	if err := checkMoney(said); err != nil {
		return err
	}
	if plan, ok := b.(*body.Plan); ok {
		return d.checkPlan(s, plan)
	}
	return d.checkHearing(s, b)
}

// allowed asks who may say it, and how far it may go.
func (d *Desk) allowed(s *statement) error {
	if !s.handling.Valid() {
		return &Problem{Kind: Usage, Field: "handling", Detail: "there is no such mark", Mend: "want TLP:CLEAR, TLP:GREEN or TLP:AMBER"}
	}
	if s.handling > protocol.Amber {
		return &Problem{
			Kind: Refused, Field: "handling", Detail: s.handling.String() + " is always sealed to its readers, and this version can't seal yet",
			Mend: "say it under TLP:AMBER, or by telephone", Next: "vardar publish " + shortName(s.recordType) + " --handling TLP:AMBER",
		}
	}
	if command := reserved(s.recordType); command != "" && !s.ours {
		return problem(Usage, command, "%s is not published by hand", shortName(s.recordType))
	}
	if !d.o.Trust.May(s.as, s.recordType) {
		return d.beyond(s.as, s.recordType)
	}
	return nil
}

// beyond says who may say what this institution may not.
func (d *Desk) beyond(as protocol.InstitutionID, recordType string) error {
	m, ok := d.o.Trust.Member(as)
	switch {
	case !ok:
		return problem(Refused, "vardar status", "%s is no member of the network here: wait until its admission has come", as)
	case m.Level == 0:
		return problem(Refused, "vardar publish profile --set level=ministry", "nobody has said yet at which level %s is: what it may say follows from that", as)
	}
	var levels []string
	for _, l := range body.Levels() {
		if d.levelMay(l, recordType) {
			levels = append(levels, l.String())
		}
	}
	who := "nobody in this network's charter may"
	if len(levels) > 0 {
		who = "these may: " + strings.Join(levels, ", ")
	}
	return &Problem{
		Kind: Refused, Field: "kind", Detail: fmt.Sprintf("%s is beyond the competence of a %s", shortName(recordType), m.Level),
		Mend: who, Next: "vardar member charter show",
	}
}

// levelMay asks the registry through a member of that level where there is one, else the
// kind's own rule where the charter is silent.
func (d *Desk) levelMay(l body.Level, recordType string) bool {
	for _, m := range d.o.Trust.Members() {
		if m.Level == l {
			return d.o.Trust.May(m.ID, recordType)
		}
	}
	if _, said := d.o.Trust.Charter().MembersMay[l.String()]; said {
		return false
	}
	return body.MayByDefault(l, recordType)
}

// write signs and commits, within the day's quota.
func (d *Desk) write(ctx context.Context, s *statement, out Published) (Published, error) {
	back, err := d.spend(s, &out)
	if err != nil {
		return Published{}, err
	}
	if s.dryRun {
		back()
		out.Said = "nothing written: this is what would be"
		return out, nil
	}
	stored, err := d.o.Intake.Publish(ctx, intake.Draft{
		Institution: s.as, Type: s.recordType, Time: out.Time, Handling: s.handling, Exercise: s.world.Exercise, Body: out.Body,
	})
	if err != nil {
		back()
		return Published{}, d.unwritten(err)
	}
	d.log.InfoContext(ctx, "record published", "record", stored.Name, "kind", s.recordType)
	for _, said := range s.despite {
		d.log.WarnContext(ctx, "record published that was to be refused", "record", stored.Name, "why", said)
	}
	out.Record, out.Digest = stored.Name, stored.Digest
	return out, nil
}

// unwritten says why nothing was written.
func (d *Desk) unwritten(err error) error {
	if d.o.Health().Store.Paused {
		return &Problem{
			Kind: Refused, Detail: err.Error(), Mend: roomMend, Next: "vardar status", Err: err,
		}
	}
	return failure(err)
}

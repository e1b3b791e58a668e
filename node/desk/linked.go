package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// publishAsking writes a needs assessment and a request for what is missing, which names
// it, in one act: both are written, or neither.
func (d *Desk) publishAsking(ctx context.Context, s statement, ask json.RawMessage) (Published, error) {
	held := func(kind string) bool { return slices.Contains(d.o.Second, kind) }
	switch {
	case s.recordType != body.TypeNeeds:
		return Published{}, &Problem{Kind: Usage, Field: "ask", Detail: "only a needs assessment asks for what is missing", Mend: "leave it out, or publish needs", Next: "vardar publish needs --help"}
	case held("needs") || held(body.StepRequest.String()):
		return Published{}, &Problem{
			Kind: Refused, Field: "ask", Detail: "this node keeps needs or requests for a second person, and the two can't wait as one",
			Mend: "publish the needs alone, then a request that names them", Next: "vardar publish request --help",
		}
	}
	trial := s
	trial.dryRun = true
	needs, err := d.record(ctx, &trial)
	if err != nil {
		return Published{}, err
	}
	document, err := d.asking(needs.Body, ask)
	if err != nil {
		return Published{}, err
	}
	second := statement{as: s.as, recordType: body.StepRequest.Type(), document: document, handling: needs.Handling, world: s.world, dryRun: true, knowing: s.knowing, anyway: s.anyway}
	request, err := d.record(ctx, &second)
	if err != nil {
		return Published{}, inAsk(err)
	}
	needs.Warnings = append(needs.Warnings, request.Warnings...)
	if s.dryRun {
		return needs, nil
	}
	return d.writeBoth(ctx, &s, &second, needs, request)
}

// asking makes the document of the request: what was given, and a line for each thing that
// is missing where no lines are.
func (d *Desk) asking(needs, ask json.RawMessage) ([]byte, error) {
	parsed, err := body.Parse(body.TypeNeeds, needs)
	if err != nil {
		return nil, misfit(err, "")
	}
	of, ok := parsed.(*body.Needs)
	if !ok {
		return nil, failure(fmt.Errorf("needs are read as %T", parsed))
	}
	doc, err := readDocument(ask)
	if err != nil {
		return nil, inAsk(err)
	}
	if doc["lines"] == nil {
		lines := missingLines(of)
		if len(lines) == 0 {
			return nil, &Problem{Kind: Refused, Field: "ask", Detail: "nothing is missing: what is required is there", Mend: "publish the needs alone", Next: "vardar publish needs --help"}
		}
		doc["lines"] = lines
	}
	if doc["deliver_to"] == nil && of.Place != nil {
		doc["deliver_to"] = map[string]any{"place": of.Place}
	}
	document, err := writeDocument(doc)
	if err != nil {
		return nil, failure(err)
	}
	return document, nil
}

// missingLines makes a line for each thing that is missing.
func missingLines(of *body.Needs) []body.Line {
	var lines []body.Line
	for i := range of.Items {
		n := &of.Items[i]
		if n.Missing() == 0 {
			continue
		}
		l := body.Line{Line: body.Positive(len(lines) + 1), Type: n.Item, Quantity: body.Positive(n.Missing()), Unit: n.Unit}
		if !n.Deadline.IsZero() {
			l.Schedule = []body.Schedule{{Type: "requested_arrival", At: n.Deadline}}
		}
		lines = append(lines, l)
	}
	return lines
}

// writeBoth signs both, the second naming the first, and commits them as one.
func (d *Desk) writeBoth(ctx context.Context, s, second *statement, needs, request Published) (Published, error) {
	needs.DryRun, request.DryRun = false, false
	back, err := d.spend(s, &needs)
	if err != nil {
		return Published{}, err
	}
	backToo, err := d.spend(second, &request)
	if err != nil {
		back()
		return Published{}, err
	}
	draft := func(p *Published) intake.Draft {
		return intake.Draft{Institution: p.As, Type: p.Type, Time: p.Time, Handling: p.Handling, Exercise: p.Exercise, Body: p.Body}
	}
	both, err := d.o.Intake.PublishLinked(ctx, draft(&needs), protocol.Resource, func(n protocol.Name, of protocol.Digest) (intake.Draft, error) {
		raw, wrong := d.naming(second.document, n, of)
		request.Body = raw
		return draft(&request), wrong
	})
	if err != nil {
		back()
		backToo()
		if p := new(Problem); errors.As(err, &p) {
			return Published{}, p
		}
		return Published{}, d.unwritten(err)
	}
	for i, p := range []*Published{&needs, &request} {
		p.Record, p.Digest = both[i].Name, both[i].Digest
		d.log.InfoContext(ctx, "record published", "record", p.Record, "kind", p.Type)
	}
	d.note(ctx, act{"publish", request.As, onRecord(request.Record, "request"), false}, nil)
	needs.Linked = request.Record
	request = d.wait(ctx, s, request)
	needs = d.wait(ctx, s, needs)
	needs.Reached = needs.Reached && request.Reached
	return needs, nil
}

// naming puts the reference to the assessment into a request's document, and salts it.
func (d *Desk) naming(document []byte, n protocol.Name, of protocol.Digest) ([]byte, error) {
	doc, err := readDocument(document)
	if err != nil {
		return nil, err
	}
	refs, _ := doc["refs"].([]any)
	doc["refs"] = append(refs, body.Ref{Rel: body.RelNeeds, Record: n, Digest: of})
	if document, err = writeDocument(doc); err != nil {
		return nil, err
	}
	raw, err := d.salted(document)
	if err != nil {
		return nil, err
	}
	if _, err := body.Parse(body.StepRequest.Type(), raw); err != nil {
		return nil, inAsk(misfits(body.StepRequest.Type(), raw, err, "vardar publish request --help"))
	}
	return raw, nil
}

// inAsk says of a problem that it lies in the request, and not in the needs.
func inAsk(err error) error {
	p := new(Problem)
	if !errors.As(err, &p) || p.Field == "" {
		return err
	}
	return p.Renamed(func(field string) string { return "ask." + field })
}

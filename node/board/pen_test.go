package board_test

import (
	"encoding/binary"
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

const (
	town   protocol.InstitutionID = "mk.southeast.demo-south-gate"
	island protocol.InstitutionID = "gr.national.demo-islands-desk"
	centre protocol.InstitutionID = "mk.national.demo-crisis-centre"
	valley protocol.InstitutionID = "rs.pcinjski.demo-south-valley"
	fund   protocol.InstitutionID = "int.aid.demo-relief-fund"
)

// day gives midnight of a day of November 2015; 0 and less go back into October.
func day(n int) time.Time { return time.Date(2015, 11, n, 0, 0, 0, 0, time.UTC) }

func at(t time.Time) protocol.Instant { return protocol.InstantOf(t) }

// pen writes one institution's feeds.
type pen struct {
	t        testing.TB
	author   protocol.InstitutionID
	clock    time.Time
	exercise bool
	epoch    uint32 // behind the first
	next     map[protocol.Topic]uint32
}

func newPen(t testing.TB, author protocol.InstitutionID) *pen {
	return &pen{t: t, author: author, clock: day(1), next: map[protocol.Topic]uint32{}}
}

// write writes the next record of the feed that the kind belongs to.
func (p *pen) write(b body.Body) board.Event {
	p.t.Helper()
	topic, err := protocol.TypeTopic(b.Type())
	if err != nil {
		p.t.Fatal(err)
	}
	var salt [16]byte
	binary.BigEndian.PutUint32(salt[:], p.next[topic]+1)
	raw, err := body.Marshal(b, salt)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.raw(b.Type(), raw)
}

// raw writes a record of any type with any body.
func (p *pen) raw(recordType string, raw []byte) board.Event {
	p.t.Helper()
	topic, err := protocol.TypeTopic(recordType)
	if err != nil {
		p.t.Fatal(err)
	}
	p.next[topic]++
	r := protocol.Record{
		Name: protocol.Name{Institution: p.author, Position: protocol.Position{Topic: topic, Epoch: 1 + p.epoch, Sequence: p.next[topic]}},
		Type: recordType, Time: at(p.clock), Handling: protocol.Green, Exercise: p.exercise,
	}
	r.SetBody(raw)
	return board.Event{Record: r, Digest: r.Digest(), Competent: true}
}

// report reports figures for one day at the town; a figure below 0 is not available.
func (p *pen) report(d int, figures map[body.Indicator]int64) board.Event {
	p.t.Helper()
	return p.write(sitrep(gevgelija(), d, figures))
}

func (p *pen) correct(of *board.Event, replacement body.Body) board.Event {
	p.t.Helper()
	c := &body.Correction{Topic: of.Record.Topic, Action: body.Retract, Reason: "mistyped"}
	c.Refs = []body.Ref{refTo(body.RelCorrects, of)}
	if replacement != nil {
		doc, err := body.ReplacementOf(replacement)
		if err != nil {
			p.t.Fatal(err)
		}
		c.Action, c.Replacement = body.Replace, doc
	}
	return p.write(c)
}

// endorse takes a stance on a record; a value below 0 is not given, nor one without a field.
func (p *pen) endorse(of *board.Event, stance body.Stance, field body.FieldName, value int64) board.Event {
	p.t.Helper()
	e := &body.Endorsement{Topic: of.Record.Topic, Stance: stance, Basis: body.OnObservation, Field: field, Reason: "we counted too"}
	e.Refs = []body.Ref{refTo(body.RelEndorses, of)}
	switch {
	case stance == body.Adopt:
		e.Field = ""
		if of.Record.Topic != protocol.Knowledge {
			e.Stance = body.Confirm
		}
	case field != "" && value >= 0:
		e.Value = body.Exact(value)
	}
	return p.write(e)
}

// adopt does the same at home, where something takes so many hours since.
func (p *pen) adopt(of *board.Event, hours int64) board.Event {
	p.t.Helper()
	e := &body.Endorsement{Topic: of.Record.Topic, Stance: body.Adopt, Basis: body.OnUse}
	e.Refs = []body.Ref{refTo(body.RelEndorses, of)}
	e.Results = []body.PracticeResult{{What: "hours that a family waits", Unit: "hours", After: body.Decimal(strconv.FormatInt(hours, 10))}}
	return p.write(e)
}

// queue is a practice.
func queue(title body.Label) *body.Practice {
	place := gevgelija()
	b := &body.Practice{Title: title, Problem: "People stood in the rain.", Solution: "Each family gets a number.", Sectors: []body.Sector{"registration_asylum"}}
	b.Place, b.Phase, b.Phases, b.Places = &place, body.Response, []body.PhaseName{body.Preparedness}, []body.Place{islands()}
	return b
}

func (p *pen) erase(of *board.Event) board.Event {
	p.t.Helper()
	e := &body.Erasure{Topic: of.Record.Topic, Reason: "named a person"}
	e.Refs = []body.Ref{refTo(body.RelErases, of)}
	if b, err := body.Parse(of.Record.Type, of.Record.Body); err == nil {
		for _, rel := range []body.Relation{body.RelAnswers, body.RelConcludes, body.RelCorrects} {
			if ref, ok := b.Base().Ref(rel); ok && (rel != body.RelAnswers || of.Record.Type == body.TypeResponse) {
				e.Refs = append(e.Refs, ref)
			}
		}
	}
	return p.write(e)
}

// again says what became void a second time, or nothing at all if it can't be read.
func (p *pen) again(of *board.Event) board.Event {
	p.t.Helper()
	b, err := body.Parse(of.Record.Type, of.Record.Body)
	if err != nil {
		return p.raw(of.Record.Type, of.Record.Body)
	}
	b.Base().Refs = append(b.Base().Refs, refTo(body.RelReissues, of))
	return p.write(b)
}

func sitrep(place body.Place, d int, figures map[body.Indicator]int64) *body.SituationReport {
	r := &body.SituationReport{Summary: "daily figures", Period: &body.Period{Start: body.TimeOf(day(d)), End: body.TimeOf(day(d + 1))}}
	r.Place, r.Method = &place, body.Registered
	for _, i := range []body.Indicator{body.Arrivals, body.Departures, body.Present, body.CapacityTotal, body.Children, "x-buses"} {
		switch v, ok := figures[i]; {
		case ok && v < 0:
			r.NA = append(r.NA, body.NotAvailable{Field: body.Label(i), Reason: "N/A"})
		case ok:
			f := body.Figure{Indicator: i, Value: body.Exact(v)}
			if !i.Core() {
				f.Unit = "pieces"
			}
			r.Figures = append(r.Figures, f)
		}
	}
	return r
}

func gevgelija() body.Place { return body.Place{Scheme: body.ISOSubdivision, Code: "MK-405"} }
func islands() body.Place   { return body.Place{Scheme: body.NUTS, Code: "EL4"} }

func refTo(rel body.Relation, e *board.Event) body.Ref {
	return body.Ref{Rel: rel, Record: e.Record.Name, Digest: e.Digest}
}

func newBoard(t testing.TB, events ...board.Event) *board.Board {
	t.Helper()
	a, err := atlas.New()
	if err != nil {
		t.Fatal(err)
	}
	b, err := board.New(board.Options{Atlas: a})
	if err != nil {
		t.Fatal(err)
	}
	b.Tell(events)
	return b
}

func picture(t testing.TB, when time.Time, events ...board.Event) board.Picture {
	t.Helper()
	return newBoard(t, events...).Picture(at(when))
}

// show writes any part of a picture for a message.
func show(v any) string {
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// only gives the one row there must be.
func only[T any](t testing.TB, rows []T) T {
	t.Helper()
	if len(rows) != 1 {
		t.Fatalf("%d rows, want 1: %s", len(rows), show(rows))
	}
	return rows[0]
}

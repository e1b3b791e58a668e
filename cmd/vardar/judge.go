package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// evidence is one record with what is known beside it.
type evidence struct {
	file    string
	record  protocol.Record
	asked   bool   // a node was asked whose key it is
	opener  bool   // and holds an opener of that key
	counts  bool   // which counts
	relayed bool   // a node says that a later signature of its chain proves it
	known   bool   // whose key it is was found in the files themselves
	void    string // why its author does not stand by it, by the trust records in the files
	dated   []string
	gone    string // why its body is not here, as a node says
	opened  string // what gave its key its epoch, of one in a pack
	packed  bool   // it lies in a pack, which brings all that it rests on
	said    string
}

// judge gathers records and says of each whether it holds.
type judge struct {
	key    protocol.Key // must have signed; zero: any
	now    time.Time
	epochs map[protocol.EpochID][]*evidence
	order  []*evidence
	found  []finding // of what is no record, or can't be read

	charters []protocol.SignedCharter
	follows  protocol.Digest // the version of the charter whose rivals are set aside; zero: none
	haves    []have
	packs    []*pack
}

func (j *judge) empty() bool { return len(j.order) == 0 && len(j.found) == 0 }

func (j *judge) add(e *evidence) {
	j.order = append(j.order, e)
	j.epochs[e.record.EpochID()] = append(j.epochs[e.record.EpochID()], e)
}

// verdict judges all that was gathered, in the order of gathering.
func (j *judge) verdict() (verified, error) {
	v := verified{OK: true, Records: len(j.order), Findings: []finding{}}
	proved := map[*evidence]bool{}
	for _, epoch := range j.epochs {
		for _, e := range provedIn(epoch) {
			proved[e] = true
		}
	}
	known, err := j.know(proved)
	if err != nil {
		return v, err
	}
	j.lose(known)
	j.disown(known)
	j.date(known, proved)
	j.rest(known)
	for _, e := range j.order {
		v.Findings = append(v.Findings, j.judged(e, proved[e]))
	}
	v.Findings = append(v.Findings, j.found...)
	for i := range v.Findings {
		f := &v.Findings[i]
		f.Said = strings.TrimPrefix(f.Said, "; ")
		v.OK = v.OK && f.Holds
	}
	return v, nil
}

func (j *judge) judged(e *evidence, proved bool) finding {
	r := &e.record
	f := finding{File: e.file, What: "record", Name: r.String(), Type: r.Type, Key: r.Key, Digest: r.Digest(), Author: r.Institution, Witnessed: e.dated, Holds: true}
	wrong := func(said string) { f.Holds, f.Said = false, f.Said+"; "+said }
	right := func(said string) { f.Said += "; " + said }
	if e.said != "" {
		wrong(e.said)
	}
	switch {
	case r.Verify() == nil:
		right("signed")
	case proved || e.relayed:
		right("proved by a later signature of its chain")
	default:
		wrong(protocol.ErrNotSigned.Error())
	}
	if r.Exercise {
		right("EXERCISE: what it says is played")
	}
	if e.known {
		right("its author's key, by the charter and trust records here")
	}
	for _, by := range e.dated {
		right("held by " + by)
	}
	if r.BodyState != protocol.BodyHeld {
		right("body " + e.whyGone())
	}
	if err := protocol.CheckKey(r.Key); err != nil {
		wrong(err.Error())
	}
	if !j.key.IsZero() && r.Key != j.key {
		wrong("by another key than the one given")
	}
	switch {
	case e.asked && !e.opener:
		wrong("no held record gives this key its epoch")
	case e.asked && !e.counts:
		wrong("the record that gives this key its epoch does not count")
	}
	switch {
	case e.void != "" && r.BodyState == protocol.BodyHeld:
		wrong(e.void)
	case e.void != "":
		right(e.void) // it says nothing: it leads from one record to another
	}
	if said := j.chain(e); said != "" {
		wrong(said)
	}
	if e.packed {
		all, lacking := j.packed(e)
		f.Said += all
		if lacking != "" {
			wrong(lacking)
		}
	}
	return f
}

// chain compares a record with the one before it, where that is among the gathered.
func (j *judge) chain(e *evidence) string {
	before := false
	for _, other := range j.epochs[e.record.EpochID()] {
		switch {
		case (other.void == "") != (e.void == ""): // that fork is closed
		case other.record.Sequence == e.record.Sequence && other.record.Digest() != e.record.Digest():
			return "another record of this author stands at its position: the feed is forked, or one of them is altered"
		case other.record.Sequence+1 != e.record.Sequence:
		case other.record.Digest() == e.record.Previous && other.record.Key == e.record.Key:
			return ""
		default:
			before = true
		}
	}
	if before {
		return "the record before it is another one than it names"
	}
	return ""
}

// provedIn gives the records of an epoch that a later signature of their chain proves, at
// most 255 records on.
func provedIn(epoch []*evidence) []*evidence {
	bySequence := slices.Clone(epoch)
	slices.SortStableFunc(bySequence, func(a, b *evidence) int { return int(a.record.Sequence) - int(b.record.Sequence) })
	var out []*evidence
	wanted, left := map[protocol.Digest]int{}, 0
	for _, e := range slices.Backward(bySequence) {
		d := e.record.Digest()
		switch reach := wanted[d]; {
		case e.record.Verify() == nil:
			left = protocol.MaxRunRecords - 1
		case reach > 0:
			out = append(out, e)
			left = reach - 1
		default:
			left = 0
		}
		if left > 0 {
			wanted[e.record.Previous] = max(wanted[e.record.Previous], left)
		}
	}
	return out
}

// document notes what was found of something that is no record.
func (j *judge) document(f finding, err error) {
	f.Holds = err == nil
	if err != nil {
		f.Said = err.Error()
	}
	j.found = append(j.found, f)
}

// unreadable notes a file that nothing can be taken from.
func (j *judge) unreadable(file, said string) {
	j.found = append(j.found, finding{File: file, What: "file", Damaged: true, Said: said})
}

// refused notes a record that breaks the grammar: it was altered, or never was one.
func (j *judge) refused(file string, err error) {
	said := err.Error()
	var v *protocol.Violation
	if errors.As(err, &v) {
		said = fmt.Sprintf("%s: %s", v.Field, v.Rule)
	}
	j.found = append(j.found, finding{File: file, What: "record", Said: strings.TrimPrefix(said, ": ")})
}

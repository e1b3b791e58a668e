package desk

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// askedIn finds the question that the document of an answer is to.
func (d *Desk) askedIn(w board.World, doc map[string]any) *board.Consultation {
	thread, _ := doc["thread"].(string)
	view := d.world(w)
	return pick(view.Consultations, func(c *board.Consultation) bool { return c.Record == namedIn(thread) })
}

// fillVersion says in an answer which version of the question it is to, where that was put right: the one that it names
// itself, as a form does that showed it, or the one in force. Anew: what it names was chosen in an earlier one.
func (d *Desk) fillVersion(w board.World, doc map[string]any, anew bool) error {
	c := d.askedIn(w, doc)
	if c == nil {
		return nil // the check of the answer says so
	}
	version := func(entry any) bool {
		ref, _ := entry.(map[string]any)
		name, _ := ref["record"].(string)
		return ref["rel"] == string(body.RelAbout) && c.IsVersion(namedIn(name))
	}
	refs, _ := doc["refs"].([]any)
	if !anew && !c.Correction.IsZero() && slices.ContainsFunc(refs, version) {
		return nil
	}
	refs = slices.DeleteFunc(slices.Clone(refs), version)
	if !c.Correction.IsZero() {
		digest, err := d.live(c.Digest, c.Correction)
		if err != nil {
			return err
		}
		refs = append(refs, map[string]any{"rel": string(body.RelAbout), "record": c.Correction.String(), "digest": digest.String()})
	}
	doc["refs"] = refs
	return nil
}

// fillRead says in an outcome as which version each answer was considered that its author has put right: the one that its
// entry names, as a form does that showed it ("version": the answer itself, its correction, or the erasure of what it said), or
// else the one that counts; of an entry that is left as it was before, the one that was named before. What was erased since a
// form showed it is refused.
func (d *Desk) fillRead(w board.World, doc map[string]any, before []any) error {
	c := d.askedIn(w, doc)
	if c == nil {
		return nil // the check of the outcome says so
	}
	refs, _ := doc["refs"].([]any)
	considered, _ := doc["considered"].([]any)
	for i, entry := range considered {
		k, _ := entry.(map[string]any)
		version, told := k["version"].(string)
		delete(k, "version")
		name, _ := k["response"].(string)
		at := slices.IndexFunc(c.Answers, func(a board.ConsultationAnswer) bool { return a.Record == namedIn(name) })
		if at < 0 || !told && slices.ContainsFunc(before, func(was any) bool { return sameEntry(was, k) }) {
			continue
		}
		a := &c.Answers[at]
		read := a.Version
		switch {
		case told && a.Erased != nil && namedIn(version) != a.Erased.Record:
			return erasedMeanwhile(fmt.Sprintf("considered.%d.response", i), c, a)
		case told && a.Erased == nil:
			read = namedIn(version)
		}
		refs = slices.DeleteFunc(slices.Clone(refs), func(entry any) bool {
			ref, _ := entry.(map[string]any)
			name, _ := ref["record"].(string)
			return ref["rel"] == string(body.RelAbout) && d.isVersion(namedIn(name), a)
		})
		if h, err := d.held(read); err == nil && d.isVersion(read, a) {
			refs = append(refs, map[string]any{"rel": string(body.RelAbout), "record": read.String(), "digest": h.Digest.String()})
		}
	}
	if len(refs) > 0 {
		doc["refs"] = refs
	}
	return nil
}

// erasedMeanwhile says of an answer that what was considered of it is gone.
func erasedMeanwhile(field string, c *board.Consultation, a *board.ConsultationAnswer) *Problem {
	return &Problem{Kind: Refused, Field: field, Detail: fmt.Sprintf("the answer %s was erased, by %s, and this considers what it said before", a.Record, a.Erased.Record), Mend: "say again what becomes of it", Next: "vardar show " + c.Record.String()}
}

// sameEntry reports whether a consideration says what another said.
func sameEntry(was any, k map[string]any) bool {
	w, _ := was.(map[string]any)
	return w != nil && w["response"] == k["response"] && w["consideration"] == k["consideration"] && w["reason"] == k["reason"]
}

// isVersion reports whether a record put an answer right.
func (d *Desk) isVersion(n protocol.Name, a *board.ConsultationAnswer) bool {
	if n == a.Version {
		return !n.IsZero()
	}
	h, err := d.held(n)
	if err != nil {
		return false
	}
	of, err := d.corrected(h)
	return err == nil && of.Name == a.Record && n != a.Record
}

// chooseOption reads the option of an answer that is given by its words, or by how they begin, as its number; words
// that are none, or of several, are refused with all of them.
func (d *Desk) chooseOption(recordType string, w board.World, doc map[string]any) error {
	typed, words := doc["option"].(string)
	if recordType != body.TypeResponse || !words {
		return nil
	}
	c := d.askedIn(w, doc)
	if c == nil || len(c.Options) == 0 {
		return nil // body.Parse and the check of the answer say what is wrong, if anything is
	}
	var meant, all []string
	for i, option := range c.Options {
		number := strconv.Itoa(i + 1)
		all = append(all, number+" "+string(option))
		if strings.EqualFold(string(option), typed) {
			doc["option"] = json.Number(number)
			return nil
		}
		if rest := strings.ToLower(string(option)); strings.HasPrefix(rest, strings.ToLower(typed)) {
			meant = append(meant, number)
		}
	}
	if len(meant) != 1 {
		return &Problem{Kind: Refused, Field: "option", Detail: quoted(typed) + " is none of the options, or begins several", Mend: "give the number of one: " + strings.Join(all, "; "), Next: "vardar show " + c.Record.String()}
	}
	doc["option"] = json.Number(meant[0])
	return nil
}

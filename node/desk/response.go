package desk

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/board"
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

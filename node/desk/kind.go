package desk

import (
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Publishable gives the short names of the kinds that [Desk.Publish] writes, sorted. Any
// whole type that is no trust record's serves too.
func Publishable() []string {
	var out []string
	for _, t := range body.Types() {
		if name := shortName(t); reserved(t) == "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// shortName gives the word for a type: report of vardar.situation.report.v1.
func shortName(recordType string) string { return duty.KindOf(recordType) }

// reserved gives the command that writes a type which is not published by hand; "" for
// the others.
func reserved(recordType string) string {
	topic, err := protocol.TypeTopic(recordType)
	switch {
	case err != nil:
		return ""
	case recordType == body.TypeAdmission:
		return "vardar member invite"
	case recordType == body.TypeCharter:
		return "vardar member charter publish --help"
	case recordType == body.TypeKey:
		return "vardar member key --help"
	case recordType == body.TypeWitness:
		return "vardar run"
	case recordType == body.TypeCorrection(topic):
		return "vardar correct RECORD"
	case body.IsErasure(recordType):
		return "vardar correct RECORD --erase"
	}
	return ""
}

// typeOf finds the type that a person means; the topic chooses among those of one name,
// situation unless told.
func typeOf(kind string, topic protocol.Topic) (string, error) {
	if topic == 0 {
		topic = protocol.Situation
	}
	var found []string
	for _, t := range body.Types() {
		if t == kind || shortName(t) == kind {
			found = append(found, t)
		}
	}
	recordType := ""
	switch len(found) {
	case 0:
		next := "vardar publish --help"
		if near := body.Nearest(kind, Publishable()); near != "" {
			next = "vardar publish " + near + " --help"
		}
		return "", &Problem{
			Kind: Usage, Field: "kind", Detail: "no kind is called " + quoted(kind),
			Mend: OneOf(kind, Publishable()), Next: next, Err: body.ErrUnknownKind,
		}
	case 1:
		recordType = found[0]
	default:
		recordType = "vardar." + topic.String() + "." + kind + ".v1"
		if !slices.Contains(found, recordType) {
			return "", &Problem{Kind: Usage, Field: "topic", Detail: "there is no " + kind + " under " + topic.String(), Mend: "choose another topic"}
		}
	}
	if command := reserved(recordType); command != "" {
		return "", problem(Usage, command, "%s is not published by hand", kind)
	}
	return recordType, nil
}

// quoted shows what a person wrote, cut to fit a line.
func quoted(s string) string {
	const most = 60
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return `"` + strings.Map(func(r rune) rune {
		if r < ' ' || r == '"' || r == 0x7f {
			return '.'
		}
		return r
	}, s) + `"`
}

// article puts a or an before the word for a step or a kind.
func article(word string) string {
	if word == "needs" {
		word = "needs assessment"
	}
	if word != "" && strings.ContainsRune("aeiou", rune(word[0])) {
		return "an " + word
	}
	return "a " + word
}

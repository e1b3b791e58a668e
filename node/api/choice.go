package api

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Choice is [desk.Choice].
type Choice = desk.Choice

// ChoiceRequest is [desk.ChoiceRequest].
type ChoiceRequest = desk.ChoiceRequest

// Unverified is [desk.Unverified].
const Unverified = desk.Unverified

// QualityWords is [desk.QualityWords].
func QualityWords() []string { return desk.QualityWords() }

// QualityAsked is [desk.QualityAsked].
func QualityAsked() string { return desk.QualityAsked() }

// choose reads what of the events is asked for.
func choose(v url.Values, c *desk.Choice) error {
	listed := func(name string) []string {
		return strings.FieldsFunc(v.Get(name), func(r rune) bool { return r == ',' })
	}
	c.Kinds, c.Places, c.Severity, c.Quality = listed("kind"), listed("place"), body.Severity(v.Get("severity")), v.Get("quality")
	for _, word := range listed("topic") {
		var of protocol.Topic
		if err := of.UnmarshalText([]byte(word)); err != nil {
			topics := protocol.Topics()
			return usage("topic", "no topic is called "+strconv.Quote(word), desk.OneOf(word, words(topics[:])))
		}
		c.Topics = append(c.Topics, of)
	}
	return nil
}

// words gives topics as they are written.
func words(of []protocol.Topic) []string {
	var out []string
	for _, t := range of {
		out = append(out, t.String())
	}
	return out
}

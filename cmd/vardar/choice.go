package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// choiceFlags gives a command what of records is asked for, in the words of 'vardar list'.
func choiceFlags(cmd *cobra.Command, c *api.Choice) {
	f := cmd.Flags()
	f.StringArrayVar(&c.Kinds, "kind", nil, "records of this `KIND`: alert, request and so on (default all); may be repeated")
	f.Func("topic", "records of this `TOPIC`: situation, resource and so on; with --kind, what is of one of either; may be repeated", func(word string) error {
		var t protocol.Topic
		err := t.UnmarshalText([]byte(word))
		c.Topics = append(c.Topics, t)
		return err
	})
	f.StringArrayVar(&c.Places, "place", nil, "and of this place: `CODE`, with those in it (default anywhere); may be repeated")
	f.StringVar((*string)(&c.Severity), "severity", "", "and at least as `GRAVE`: reports and alerts have a severity")
	f.StringVar(&c.Quality, "quality", "", "and so `GOOD` when it comes: "+api.QualityAsked()+"; what has no quality is neither")
	var topics []string
	for _, t := range protocol.Topics() {
		topics = append(topics, t.String())
	}
	complete(cmd, "topic", topics)
	complete(cmd, "quality", api.QualityWords())
	complete(cmd, "severity", body.Severity("").Words())
}

// choiceSaid says what is asked for.
func choiceSaid(c *api.Choice) string {
	of := append([]string{}, c.Kinds...)
	for _, t := range c.Topics {
		of = append(of, "all of "+t.String())
	}
	words := "all records"
	if len(of) > 0 {
		words = strings.Join(of, ", ")
	}
	if len(c.Places) > 0 {
		words += " of " + strings.Join(c.Places, ", ")
	}
	if c.Severity != "" {
		words += ", at least " + string(c.Severity)
	}
	switch c.Quality {
	case "":
	case api.Unverified:
		words += ", not yet verified"
	default:
		words += ", at least of " + c.Quality + " quality"
	}
	return words
}

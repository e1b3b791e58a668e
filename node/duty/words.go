package duty

import (
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// What a way is.
const (
	ByMail    = "mail"
	ByWebhook = "webhook"
	ByCommand = "command"
)

// By says what a way is.
func (w Way) By() string {
	switch {
	case len(w.Mail) > 0:
		return ByMail
	case w.Webhook != "":
		return ByWebhook
	}
	return ByCommand
}

// RuleSaid is what a rule says, without what nobody need read: addresses, secrets.
type RuleSaid struct {
	For       []protocol.InstitutionID `json:"for"`
	Kinds     []string                 `json:"kinds"`
	Places    []string                 `json:"places"`
	Severity  body.Severity            `json:"severity,omitempty"`
	Quality   string                   `json:"quality,omitempty"`
	Wake      []string                 `json:"wake"`
	Deputy    []string                 `json:"deputy"`
	After     string                   `json:"after,omitempty"`
	From      string                   `json:"quiet_from,omitempty"`
	To        string                   `json:"quiet_to,omitempty"`
	Zone      string                   `json:"quiet_zone,omitempty"`
	Unless    body.Severity            `json:"quiet_unless,omitempty"`
	Exercises bool                     `json:"exercises,omitempty"` // what is only played wakes too
}

// Said gives what a rule says.
func (r *Rule) Said() RuleSaid {
	out := RuleSaid{
		For:   append([]protocol.InstitutionID{}, r.For...),
		Kinds: slices.Clone(r.Kinds), Places: append([]string{}, r.Places...), Severity: r.Severity, Quality: r.Quality,
		Wake: append([]string{}, r.Wake...), Deputy: append([]string{}, r.Deputy...), After: r.After, Exercises: r.Exercises,
	}
	if q := r.Quiet; q != nil {
		out.From, out.To, out.Zone, out.Unless = q.From, q.To, q.zone.String(), q.Unless
	}
	return out
}

// Kinds gives the short names of all kinds of records: report, request, alert.
func Kinds() []string {
	var out []string
	for _, t := range body.Types() {
		name := KindOf(t)
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// KindOf gives the word for a type: report of vardar.situation.report.v1. Warnings are called
// alerts everywhere.
func KindOf(recordType string) string { return body.ShortName(recordType) }

package schemas_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// rulesOf gives what the check functions of package body say of members together, as far
// as JSON Schema can say it: by record type, or by the name of a structure. That they say
// the same is shown by the examples in testdata/bodies.
func rulesOf(name string) []json.RawMessage {
	if strings.HasPrefix(name, "vardar.") {
		return rulesOfType(name)
	}
	switch name {
	case "Place":
		return append(codeRules(), raws(together("lat", "lon"))...)
	case "Site":
		return raws(together("lat", "lon"))
	case "Figure":
		return figureRules()
	case "RegionalRow":
		return raws(`{"oneOf":[{"required":["value"]},{"required":["reason"]}]}`, `{"dependentRequired":{"high":["value"]}}`)
	case "CapacityItem":
		return raws(anyOf("total", "committed", "available"))
	case "PlanLine":
		return raws(`{"properties":{"amount":{"pattern":"[1-9]"},"needs_refs":{"items":{"pattern":"/situation\\."}}}}`)
	case "PlanRate":
		return raws(`{"properties":{"rate":{"pattern":"[1-9]"}}}`)
	case "Population":
		return raws(anyOf("affected", "in_need", "reached"))
	case "Need":
		return raws(`{"if":{"properties":{"basis":{"const":"standard"}}},"then":{"required":["standard_ref"]},"else":{"properties":{"standard_ref":false}}}`)
	case "Objective":
		return raws(`{"dependentRequired":{"baseline":["indicator"],"target":["indicator"],"unit":["indicator"]}}`)
	case "Schedule":
		return raws(anyOf("at", "place"))
	case "Funding":
		return raws(anyOf("code", "info"))
	case "Attachment":
		return raws(`{"oneOf":[{"required":["content"]},{"required":["url"]}]}`)
	case "Line":
		return raws(when("response", `"provisional"`, `{"required":["reason"]}`))
	case "CAPArea":
		return raws(`{"dependentRequired":{"ceiling":["altitude"]}}`)
	}
	return nil
}

func rulesOfType(recordType string) []json.RawMessage {
	switch recordType {
	case body.TypeReport:
		return raws(anyOf("summary", "figures"), `{"dependentRequired":{"figures":["place","period"]}}`,
			`{"if":{"required":["regional"]},"then":{"required":["period","summary"],"properties":{"figures":false,"place":false}}}`)
	case body.TypeRoute:
		return raws(`{"required":["valid_until"]}`,
			`{"anyOf":[{"required":["place"]},{"properties":{"asset":{"required":["code"]}}}]}`)
	case body.TypeNeeds:
		return raws(`{"required":["place"]}`)
	case body.TypePhase:
		return raws(`{"required":["place","phase"]}`)
	case body.TypeCapacity:
		return raws(`{"anyOf":[{"required":["place"]},{"properties":{"items":{"items":{"required":["place"]}}}}]}`)
	case body.TypeProfile:
		return raws(`{"properties":{"duty_contact":` + anyOf("phone", "email") + `}}`)
	case body.TypeAlert:
		return raws(
			`{"if":{"properties":{"scope":{"const":"Restricted"}}},"then":{"required":["restriction"]},"else":{"properties":{"restriction":false}}}`,
			when("scope", `"Private"`, `{"required":["addresses"]}`),
			`{"if":{"properties":{"msgType":{"const":"Alert"}}},"else":{"required":["references"]}}`,
		)
	case body.TypeConsultation:
		return raws(`{"required":["to"],"properties":{"thread":false}}`, `{"if":{"required":["line"]},"then":`+oneRef(body.RelAbout)+`}`)
	case body.TypeResponse:
		return raws(`{"required":["thread"]}`, oneRef(body.RelAnswers), when("position", `"amend"`, `{"required":["text"]}`))
	case body.TypePlan:
		return raws(`{"properties":{"thread":false}}`, when("status", `"proposed"`, `{"required":["cosigners"]}`))
	case body.TypeOutcome:
		return raws(`{"required":["thread"]}`, oneRef(body.RelConcludes))
	case body.TypeStrategy:
		return raws(when("level", `"supranational"`, `{"properties":{"objectives":{"items":{"properties":{"supports":false}}}}}`),
			supporting)
	case body.TypeProject:
		return raws(`{"properties":{"project":false,"plan":{"pattern":"/funding\\."}}}`, supporting)
	case body.TypeKey:
		return keyRules()
	case body.TypeAdmission:
		return raws(`{"if":{"anyOf":[{"required":["key"]},{"required":["claim"]}]},"then":{"oneOf":[{"required":["key"]},{"required":["claim"]}],"properties":{"feeds":false,"successor":false,"reason":false}},"else":{"properties":{"feed_epoch":{"minimum":2},"predecessors":false}}}`, together("key", "proof"),
			`{"dependentRequired":{"claim":["expires"]}}`, lastRule,
			`{"properties":{"feeds":{"items":{"properties":{"topic":{"not":{"const":"trust"}}}}}}}`)
	}
	topic, err := protocol.TypeTopic(recordType)
	switch {
	case err != nil:
		return nil
	case recordType == body.TypeNote(topic):
		return raws(when("kind", `"answer"`, oneRef(body.RelAnswers)))
	case recordType == body.TypeAcknowledgement(topic):
		return raws(oneRef(body.RelAcknowledges), when("state", `"refused"`, `{"required":["reason"]}`))
	case recordType == body.TypeEndorsement(topic):
		return raws(oneRef(body.RelEndorses), when("stance", `"dispute"`, `{"required":["reason"]}`),
			`{"if":{"properties":{"stance":{"const":"adopt"}}},"else":{"properties":{"results":false}}}`,
			when("stance", `"adopt"`, `{"properties":{"field":false,"value":false,"refs":{"items":{"if":{"properties":{"rel":{"const":"endorses"}}},"then":{"properties":{"record":{"pattern":"/knowledge[.]"}}}}}}}`),
			`{"dependentRequired":{"value":["field"]}}`,
			when("basis", `"document"`, `{"required":["source"],"properties":{"source":`+anyOf("name", "url")+`}}`))
	case recordType == body.TypeErasure(topic):
		return raws(oneRef(body.RelErases))
	case recordType == body.TypeCorrection(topic):
		return raws(oneRef(body.RelCorrects),
			`{"if":{"properties":{"action":{"const":"replace"}}},"then":{"required":["replacement"]},"else":{"properties":{"replacement":false}}}`)
	}
	if step, ok := body.FlowStepOf(recordType); ok {
		return flowRules(step)
	}
	return stepRules(recordType)
}

// supporting wants the digests of the strategies that an objective supports.
const supporting = `{"if":{"required":["objectives"],"properties":{"objectives":{"contains":{"required":["supports"]}}}},"then":{"required":["refs"]}}`

// lastRule wants last from epoch 2 on.
const lastRule = `{"if":{"required":["feed_epoch"],"properties":{"feed_epoch":{"const":1}}},"then":{"properties":{"last":false}},"else":{"if":{"required":["feed_epoch"]},"then":{"required":["last"]}}}`

func keyRules() []json.RawMessage {
	return raws(
		when("use", `"age"`, `{"properties":{"key":{"pattern":"^age1"},"proof":false}}`),
		`{"if":{"properties":{"use":{"not":{"const":"age"}}}},"then":{"properties":{"key":{"pattern":"^[0-9a-f]{64}$"}},"required":["proof"]}}`,
		`{"if":{"properties":{"use":{"const":"node"}}},"then":{"required":["feed_topic","feed_epoch","wire"],"properties":{"feed_topic":{"not":{"const":"trust"}}}},"else":{"properties":{"feed_topic":false,"feed_epoch":false,"wire":false,"last":false}}}`,
		`{"if":{"properties":{"use":{"not":{"const":"identity"}}}},"then":{"properties":{"claim_signature":false}}}`,
		lastRule,
	)
}

func stepRules(recordType string) []json.RawMessage {
	i := slices.IndexFunc(body.Steps(), func(s body.Step) bool { return s.Type() == recordType })
	if i < 0 {
		return nil
	}
	const answersNothing = `{"properties":{"thread":false,"lines":{"items":{"properties":{"answers":false,"response":false}}}}}`
	answering := func(responses string) string {
		rule := `{"enum":[` + responses + `]}`
		if responses == "" {
			rule = "false"
		}
		return `{"required":["thread"],"properties":{"lines":{"items":{"properties":{"response":` + rule + `}}}}}`
	}
	const notRequest = `{"properties":{"answer_by":false,"deliver_to":false}}`
	step := body.Steps()[i]
	rules := raws(stateRule(step))
	if step != body.StepRequest {
		rules = append(rules, raws(notRequest)...)
	}
	switch step {
	case body.StepRequest:
		return append(rules, raws(`{"required":["answer_by","deliver_to"]}`, answersNothing, noRef(body.RelAnswers))...)
	case body.StepOffer:
		return append(rules, raws(
			`{"if":`+noRef(body.RelAnswers)+`,"then":`+answersNothing+`,"else":{"allOf":[`+oneRef(body.RelAnswers)+`,`+answering(`"accept","provisional"`)+`]}}`)...)
	default:
	}
	return append(rules, raws(oneRef(body.RelAnswers), answering(responsesOf(step)), everyLine(lineRule(step)))...)
}

// flowRules say which members go with a step of a flow, and when it is in a thread.
func flowRules(step body.FlowStep) []json.RawMessage {
	const (
		alone     = `{"properties":{"thread":false,"refs":{"items":{"properties":{"rel":{"not":{"const":"answers"}}}}}}}`
		ofFunds   = `{"properties":{"thread":{"pattern":"/funding\\.[0-9.]+$"}}}`
		noTerms   = `{"properties":{"in_kind":false,"earmarking":false,"plan_lines":false,"needs_refs":false,"parent_flow":false,"use_by":false}}`
		noReport  = `{"properties":{"spent":false,"unspent":false,"results":false}}`
		noReason  = `{"properties":{"reason":false}}`
		anAmount  = `{"required":["amount"],"properties":{"amount":{"pattern":"[1-9]"}}}`
		noAmount  = `{"properties":{"amount":false,"decided_at":false}}`
		pointings = `{"properties":{"parent_flow":{"pattern":"/funding\\."},"needs_refs":{"items":{"pattern":"/situation\\."}},"plan_lines":{"items":{"properties":{"plan":{"pattern":"/funding\\."}}}}}}`
	)
	later := `{"required":["thread"],"allOf":[` + ofFunds + `,` + oneRef(body.RelAnswers) + `]}`
	switch step {
	case body.FlowPledge:
		return raws(alone, anAmount, noReport, noReason, pointings)
	case body.FlowCommit, body.FlowReceive:
		return raws(`{"if":{"required":["thread"]},"then":`+later+`,"else":`+alone+`}`, anAmount, noReport, noReason, pointings)
	case body.FlowPay:
		return raws(later, anAmount, noTerms, noReport, noReason)
	case body.FlowReport:
		return raws(later, noAmount, noTerms, noReason, `{"required":["spent","unspent"]}`)
	case body.FlowCancel:
		return raws(later, noAmount, noTerms, noReport, `{"required":["reason"]}`)
	}
	return nil
}

func everyLine(rule string) string { return `{"properties":{"lines":{"items":` + rule + `}}}` }

// stateRule has a status say where it is, and nothing else.
func stateRule(step body.Step) string {
	if step == body.StepStatus {
		return everyLine(`{"required":["state"]}`)
	}
	return everyLine(`{"properties":{"state":false}}`)
}

// responsesOf gives what the lines of a step that answers may say.
func responsesOf(step body.Step) string {
	switch step {
	case body.StepAccept:
		return `"accept"`
	case body.StepDecline:
		return `"decline"`
	case body.StepCommit:
		return `"accept","provisional"`
	case body.StepExtendReply, body.StepRecallReply:
		return `"accept","decline","provisional"`
	default:
		return ""
	}
}

// lineRule is what one step alone wants of its lines.
func lineRule(step body.Step) string {
	switch step {
	case body.StepExtendReply, body.StepRecallReply:
		return `{"required":["response"]}`
	case body.StepExtend:
		return `{"required":["schedule"],"properties":{"schedule":{"contains":{"required":["at"],"properties":{"type":{"const":"requested_return_departure"}}}}}}`
	case body.StepConsumed:
		var back []string
		for _, word := range body.ResourceType("").Words() {
			if !body.ResourceType(word).Expendable() {
				back = append(back, `"`+word+`"`)
			}
		}
		return `{"properties":{"type":{"not":{"enum":[` + strings.Join(back, ",") + `]}}}}`
	default:
		return `true`
	}
}

// codeRules holds a place's code against its scheme.
func codeRules() []json.RawMessage {
	var out []json.RawMessage
	for _, s := range body.Scheme("").Words() {
		pattern, err := json.Marshal("^(?:" + body.Scheme(s).CodePattern() + ")$")
		if err == nil {
			out = append(out, json.RawMessage(when("scheme", `"`+s+`"`, fmt.Sprintf(`{"properties":{"code":{"pattern":%s,"maxLength":%d}}}`, pattern, body.MaxPlaceCode))))
		}
	}
	return out
}

// figureRules hold a figure's unit against its indicator.
func figureRules() []json.RawMessage {
	byUnit := map[body.Label][]string{}
	for _, w := range body.Indicator("").Words() {
		unit := body.Indicator(w).Unit()
		byUnit[unit] = append(byUnit[unit], `"`+w+`"`)
	}
	var out []json.RawMessage
	for _, unit := range []body.Label{body.Persons, body.Places} {
		out = append(out, json.RawMessage(fmt.Sprintf(`{"if":{"properties":{"indicator":{"enum":[%s]}}},"then":{"properties":{"unit":{"const":%q}}}}`,
			strings.Join(byUnit[unit], ","), unit)))
	}
	return append(out, json.RawMessage(`{"if":{"properties":{"indicator":{"pattern":"^x-"}}},"then":{"required":["unit"]}}`))
}

func raws(rules ...string) []json.RawMessage {
	out := make([]json.RawMessage, len(rules))
	for i, r := range rules {
		out[i] = json.RawMessage(r)
	}
	return out
}

// anyOf wants at least one of some members.
func anyOf(names ...string) string {
	parts := make([]string, len(names))
	for i, n := range names {
		parts[i] = `{"required":["` + n + `"]}`
	}
	return `{"anyOf":[` + strings.Join(parts, ",") + `]}`
}

// together wants both members or neither.
func together(a, b string) string {
	return fmt.Sprintf(`{"dependentRequired":{%q:[%q],%q:[%q]}}`, a, b, b, a)
}

// when wants something of bodies whose member has a value.
func when(name, value, then string) string {
	return fmt.Sprintf(`{"if":{"required":[%q],"properties":{%q:{"const":%s}}},"then":%s}`, name, name, value, then)
}

// oneRef wants exactly one reference of a relation.
func oneRef(rel body.Relation) string {
	return fmt.Sprintf(`{"required":["refs"],"properties":{"refs":{"contains":{"properties":{"rel":{"const":%q}}},"minContains":1,"maxContains":1}}}`, rel)
}

// noRef wants no reference of a relation.
func noRef(rel body.Relation) string {
	return fmt.Sprintf(`{"properties":{"refs":{"items":{"properties":{"rel":{"not":{"const":%q}}}}}}}`, rel)
}

package edxl_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// rule is a row of the table of standards.md §1, "Per-message differences, read from the 16 XSDs":
// 1 required, ? optional, - not allowed, * any number, + at least one.
type rule struct {
	preceding, funding, info, response, resource string
	status                                       string // children of ResourceStatus; "": the element is not allowed; ! behind it: required
	assignment                                   string // 1 or ?, then what may be in it beside Restrictions and AnticipatedFunction
	schedule                                     string
}

const anySchedule = "RequestedArrival EstimatedArrival ActualArrival RequestedDeparture EstimatedDeparture ActualDeparture RequestedReturnDeparture EstimatedReturnDeparture ActualReturnDeparture " +
	"RequestedReturnArrival EstimatedReturnArrival ActualReturnArrival BeginAvailable EndAvailable Committed Current ReportTo Route"

const (
	three    = "InventoryRefreshDateTime? DeploymentStatus? Availability?"
	two      = "DeploymentStatus? Availability?"
	anything = "? Quantity? PriceQuote? OrderID? AssignmentInstructions?"
)

var rules = map[string]rule{
	"RequestResource":           {"-", "*", "+", "-", "1", "", "? Quantity?", "RequestedArrival RequestedDeparture EstimatedReturnDeparture EstimatedReturnArrival ReportTo Route"},
	"ResponseToRequestResource": {"1", "*", "+", "1", "?", three, "? Quantity? PriceQuote? AssignmentInstructions?", "EstimatedArrival EstimatedDeparture RequestedReturnDeparture RequestedReturnArrival BeginAvailable EndAvailable RequestedArrival RequestedDeparture EstimatedReturnDeparture ReportTo Route"},
	"RequisitionResource":       {"?", "+", "+", "-", "1", "", "1 Quantity PriceQuote? AssignmentInstructions?", "EstimatedArrival EstimatedDeparture EstimatedReturnDeparture EstimatedReturnArrival ReportTo RequestedArrival RequestedDeparture Route"},
	"CommitResource": {
		"1", "*", "+", "1", "?", "InventoryRefreshDateTime? DeploymentStatus?", "? Quantity PriceQuote? OrderID? AssignmentInstructions?",
		"ActualDeparture Committed RequestedArrival RequestedDeparture EstimatedReturnDeparture RequestedReturnArrival EstimatedReturnArrival ReportTo EstimatedArrival EstimatedDeparture RequestedReturnDeparture BeginAvailable EndAvailable Current Route",
	},
	"RequestInformation":              {"?", "*", "*", "-", "?", three, anything, anySchedule},
	"ResponseToRequestInformation":    {"1", "*", "*", "?", "?", three, anything, anySchedule},
	"OfferUnsolicitedResource":        {"-", "-", "+", "-", "1", three, "? Quantity? PriceQuote? AssignmentInstructions?", "EstimatedArrival EstimatedDeparture RequestedReturnDeparture RequestedReturnArrival BeginAvailable EndAvailable Route"},
	"ReleaseResource":                 {"?", "*", "+", "?", "1", two, "? Quantity PriceQuote? OrderID? AssignmentInstructions?", strings.Replace(anySchedule, "ActualReturnArrival ", "", 1)},
	"RequestReturn":                   {"?", "*", "+", "-", "1", two, anything, "RequestedArrival EstimatedArrival ActualArrival RequestedDeparture EstimatedDeparture ActualDeparture RequestedReturnDeparture RequestedReturnArrival BeginAvailable EndAvailable Committed ReportTo Route"},
	"ResponseToRequestReturn":         {"1", "*", "+", "1", "?", "DeploymentStatus Availability!", anything, strings.Replace(anySchedule, "ActualReturnArrival ", "", 1)},
	"RequestQuote":                    {"?", "*", "+", "?", "1", "", "? Quantity? AssignmentInstructions?", "RequestedArrival RequestedDeparture EstimatedReturnDeparture EstimatedReturnArrival ReportTo Route"},
	"ResponseToRequestQuote":          {"1", "*", "+", "1", "?", three, "? Quantity? PriceQuote AssignmentInstructions?", "EstimatedArrival EstimatedDeparture RequestedReturnDeparture RequestedReturnArrival BeginAvailable EndAvailable RequestedArrival RequestedDeparture EstimatedReturnDeparture EstimatedReturnArrival ReportTo Route"},
	"RequestResourceDeploymentStatus": {"?", "*", "+", "-", "1", "", anything, strings.Replace(anySchedule, "Current ", "", 1)},
	"ReportResourceDeploymentStatus":  {"?", "*", "+", "?", "?", three, anything, anySchedule},
	"RequestExtendedDeploymentDuration": {
		"?", "*", "+", "-", "1", two, "? Quantity? PriceQuote? OrderID?",
		"RequestedArrival EstimatedArrival ActualArrival RequestedDeparture EstimatedDeparture ActualDeparture RequestedReturnArrival Committed ReportTo RequestedReturnDeparture EstimatedReturnDeparture EstimatedReturnArrival Route",
	},
	"ResponseToRequestExtendedDeploymentDuration": {
		"1", "*", "+", "1", "?", two, anything,
		"EndAvailable RequestedArrival EstimatedArrival ActualArrival RequestedDeparture EstimatedDeparture ActualDeparture RequestedReturnArrival Committed ReportTo RequestedReturnDeparture EstimatedReturnDeparture EstimatedReturnArrival Route",
	},
}

// sequences are the elements of what all messages have; those of the envelope are EDXL-DE 1.0's.
var sequences = map[string]string{
	"rm:IncidentInformation": "IncidentID? IncidentDescription?", "rm:MessageRecall": "RecallMessageID RecallType", "rm:Funding": "FundCode? FundingInfo?",
	"rm:ContactInformation":  "ContactDescription? ContactRole? Radio* ContactLocation? AdditionalContactInformation?",
	"rm:ResponseInformation": "PrecedingResourceInfoElementID ResponseType ReasonCode? ResponseReason?",
	"rm:TypeStructure":       "ValueListURN Value+", "rm:DeploymentStatus": "ValueListURN Value+", "rm:UnitOfMeasure": "ValueListURN Value+",
	"rm:Quantity": "MeasuredQuantity", "rm:PriceQuote": "MeasuredQuantity", "rm:MeasuredQuantity": "Amount UnitOfMeasure?",
	"rm:Location": "LocationDescription? Address? TargetArea?", "rm:ContactLocation": "LocationDescription? Address? TargetArea?",
	"gml:TargetArea": "Point", "gml:Point": "pos", "xpil:AdditionalContactInformation": "PartyName? ContactNumbers? ElectronicAddressIdentifiers?",
	"xnl:PartyName": "OrganisationName", "xnl:OrganisationName": "NameElement+", "xpil:ContactNumbers": "ContactNumber+", "xpil:ContactNumber": "ContactNumberElement+",
	"xpil:ElectronicAddressIdentifiers": "ElectronicAddressIdentifier+",
	"de:EDXLDistribution":               "distributionID senderID dateTimeSent distributionStatus distributionType combinedConfidentiality language? senderRole* recipientRole* keyword* distributionReference* explicitAddress* targetArea* contentObject*",
	"de:keyword":                        "valueListUrn value+", "de:explicitAddress": "explicitAddressScheme explicitAddressValue+",
	"de:contentObject": "contentDescription? contentKeyword* incidentID? incidentDescription? originatorRole* consumerRole* confidentiality? xmlContent", "de:xmlContent": "embeddedXMLContent",
	"sitrep:sitRep": "messageID preparedBy authorizedBy reportPurpose reportNumber reportVersion forTimePeriod reportTitle? incidentID+ incidentLifecyclePhase* originatingMessageID? precedingMessageID* urgency? reportConfidence severity reportingLocation? actionPlan? nextContact? report",
	"ct:preparedBy": "personDetails timeValue", "ct:authorizedBy": "personDetails timeValue", "ct:forTimePeriod": "fromDateTime toDateTime",
	"sitrep:report":     "observationLocation immediateNeeds immediateNeedsCategory* observationText",
	"person:personName": "nameElement", "person:personDetails": "personName", "ct:observationLocation": "EDXLGeoPoliticalLocation", "ct:EDXLGeoPoliticalLocation": "geoCode", "ct:geoCode": "valueListURI value",
}

var prefixes = map[string]string{
	"urn:oasis:names:tc:emergency:EDXL:RM:1.0": "rm", "urn:oasis:names:tc:emergency:EDXL:RM:1.0:msg": "rmsg", "urn:oasis:names:tc:emergency:EDXL:DE:1.0": "de",
	"urn:oasis:names:tc:ciq:xpil:3": "xpil", "urn:oasis:names:tc:ciq:xnl:3": "xnl", "http://www.opengis.net/gml": "gml",
	"urn:oasis:names:tc:emergency:EDXL:SitRep:1.0": "sitrep", "urn:oasis:names:tc:emergency:edxl:ct:1.0": "ct", "urn:oasis:names:tc:emergency:edxl:ciq:1.0:xnl": "person",
}

var vocabularies = map[string]string{
	"RecallType": "Update Cancel", "ContactRole": "Sender Requester SubjectMatterExpert Approver RespondingOrg Owner", "ResponseType": "Accept Decline Provisional",
	"distributionStatus": "Actual Exercise System Test", "distributionType": "Report Update Cancel Request Response Dispatch Ack Error",
	"reportVersion": "Initial Update Final", "reportConfidence": "HighlyConfident SomewhatConfident Unsure NoConfidence", "severity": "Extreme Severe Moderate Minor Unknown",
}

var (
	withOffset = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d$`)
	toSeconds  = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$`)
)

// node is an element that was read.
type node struct {
	space, name, text string
	in                []*node
}

func (n *node) all(name string) (out []*node) {
	for _, in := range n.in {
		if in.name == name {
			out = append(out, in)
		}
	}
	return out
}

// at gives the first element on a path, an empty one if there is none.
func (n *node) at(path ...string) *node {
	for _, name := range path {
		of := n.all(name)
		if of == nil {
			return &node{}
		}
		n = of[0]
	}
	return n
}

// message gives what the envelope holds.
func (n *node) message() *node {
	return n.at("contentObject", "xmlContent", "embeddedXMLContent").in[0]
}

func read(data []byte) (*node, error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	root := &node{}
	open := []*node{root}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return root.in[0], nil
		}
		if err != nil {
			return nil, err
		}
		top := open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			n := &node{space: prefixes[token.Name.Space], name: token.Name.Local}
			top.in, open = append(top.in, n), append(open, n)
		case xml.CharData:
			top.text += string(token)
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
}

// breaches gives what is wrong with a document by the rules of its messages.
func breaches(doc *node) []string {
	c := &checking{}
	c.sequence(doc, "de", sequences["de:EDXLDistribution"])
	m := doc.message()
	if m.space == "sitrep" {
		c.sequence(m, "sitrep", sequences["sitrep:sitRep"])
		return c.found
	}
	r, known := rules[m.name]
	if !known || m.space != "rmsg" {
		c.say("%s:%s is no message of EDXL-RM", m.space, m.name)
		return c.found
	}
	c.message(m, &r)
	return c.found
}

type checking struct{ found []string }

func (c *checking) say(format string, a ...any) { c.found = append(c.found, fmt.Sprintf(format, a...)) }

func marked(name, how string) string {
	switch how {
	case "-":
		return ""
	case "1":
		return " " + name
	}
	return " " + name + how
}

// message holds one to its row, in the order of the schema.
func (c *checking) message(m *node, r *rule) {
	description := "?"
	if m.name == "RequestInformation" {
		description = "1"
	}
	c.own(m, "MessageID SentDateTime MessageContentType"+marked("MessageDescription", description)+" OriginatingMessageID"+marked("PrecedingMessageID", r.preceding)+
		" IncidentInformation* MessageRecall?"+marked("Funding", r.funding)+" ContactInformation+"+marked("ResourceInformation", r.info))
	if got := m.at("MessageContentType").text; got != m.name {
		c.say("MessageContentType of %s is %s", m.name, got)
	}
	if r.preceding == "-" && m.all("MessageRecall") == nil && m.at("MessageID").text != m.at("OriginatingMessageID").text {
		c.say("%s begins a thread, and OriginatingMessageID is another", m.name)
	}
	for _, of := range m.in {
		switch of.name {
		case "IncidentInformation", "MessageRecall", "ContactInformation":
			c.sequence(of, "rm", sequences["rm:"+of.name])
		case "Funding":
			space := "rm"
			if m.name == "RequestResource" {
				space = "rmsg"
			}
			c.sequence(of, space, sequences["rm:Funding"])
			if len(of.in) == 0 {
				c.say("Funding is empty")
			}
		}
	}
	seen := map[string]bool{}
	for _, info := range m.all("ResourceInformation") {
		if id := info.at("ResourceInfoElementID").text; seen[id] || id == "" {
			c.say("ResourceInfoElementID %q is not unique", id)
		} else {
			seen[id] = true
		}
		c.info(m.name, info, r)
	}
}

func (c *checking) info(name string, info *node, r *rule) {
	must, rest, _ := strings.Cut(r.assignment, " ")
	c.own(info, "ResourceInfoElementID"+marked("ResponseInformation", r.response)+marked("Resource", r.resource)+marked("AssignmentInformation", must)+" ScheduleInformation*")
	answer := info.at("ResponseInformation", "ResponseType").text
	for _, of := range info.all("ResponseInformation") {
		c.sequence(of, "rm", sequences["rm:ResponseInformation"])
		if answer == "Provisional" && len(of.all("ResponseReason")) == 0 {
			c.say("a provisional answer has no reason")
		}
	}
	for _, of := range info.all("Resource") {
		status, required := strings.CutSuffix(r.status, "!")
		how := map[bool]string{true: "-", false: "?"}[status == ""]
		if required {
			how = "1"
		}
		c.own(of, "ResourceID? Name? TypeStructure? TypeInfo? Keyword* Description? Credentials? Certifications? SpecialRequirements?"+marked("ResourceStatus", how))
		if len(of.all("ResourceID"))+len(of.all("Name"))+len(of.all("TypeStructure")) == 0 {
			c.say("a resource is not said")
		}
		for _, s := range of.all("ResourceStatus") {
			c.own(s, status)
			c.typed(s)
		}
		c.typed(of)
	}
	for _, of := range info.all("AssignmentInformation") {
		quantity, others, _ := strings.Cut(rest, " ")
		c.own(of, quantity+" Restrictions? AnticipatedFunction? "+others)
		c.typed(of)
	}
	for _, of := range info.all("ScheduleInformation") {
		c.own(of, "ScheduleType DateTime? Location?")
		if word := of.at("ScheduleType").text; !slices.Contains(strings.Fields(r.schedule), word) {
			c.say("%s has no ScheduleType %s", name, word)
		}
		c.typed(of)
	}
	agreed := answer == "Accept" || answer == "Provisional"
	switch {
	case agreed && slices.Contains([]string{"CommitResource", "ResponseToRequestQuote", "ResponseToRequestExtendedDeploymentDuration"}, name) && len(info.all("Resource")) == 0:
		c.say("a line of %s that is agreed to has no Resource", name)
	case name == "CommitResource" && agreed && (len(info.all("AssignmentInformation")) == 0 || len(info.all("ScheduleInformation")) == 0):
		c.say("a line of CommitResource that is agreed to has no AssignmentInformation or no ScheduleInformation")
	case name == "CommitResource" && answer == "Decline" && len(info.all("AssignmentInformation")) > 0:
		c.say("a line of CommitResource that is declined has AssignmentInformation")
	}
}

// typed holds elements whose type all messages share to its sequence.
func (c *checking) typed(n *node) {
	for _, of := range n.in {
		if s, known := sequences["rm:"+of.name]; known {
			c.sequence(of, "rm", s)
		}
	}
}

// own holds an element to a sequence of what is the message's own.
func (c *checking) own(n *node, sequence string) { c.follows(n, "rmsg", sequence) }

// sequence holds an element to a sequence, and all that is in it to theirs.
func (c *checking) sequence(n *node, space, sequence string) {
	c.follows(n, space, sequence)
	for _, of := range n.in {
		for _, space := range []string{"rm", "gml", "xpil", "xnl", "de", "sitrep", "ct", "person"} {
			if s, known := sequences[space+":"+of.name]; known && of.name != "EDXLDistribution" {
				c.sequence(of, space, s)
			}
		}
	}
}

func (c *checking) follows(n *node, space, sequence string) {
	rest := n.in
	for _, want := range strings.Fields(sequence) {
		name, many := strings.TrimRight(want, "?*+"), 0
		for len(rest) > 0 && rest[0].name == name {
			c.leaf(rest[0], space)
			rest, many = rest[1:], many+1
		}
		if many == 0 && !strings.HasSuffix(want, "?") && !strings.HasSuffix(want, "*") || many > 1 && !strings.HasSuffix(want, "*") && !strings.HasSuffix(want, "+") {
			c.say("%s has %d of %s", n.name, many, want)
		}
	}
	if len(rest) > 0 {
		c.say("%s stands in %s where there is none", rest[0].name, n.name)
	}
}

func (c *checking) leaf(n *node, space string) {
	if n.space != space {
		c.say("%s is of the namespace %q, want %q", n.name, n.space, space)
	}
	words, closed := vocabularies[n.name]
	amount, err := strconv.ParseFloat(n.text, 64)
	switch {
	case closed && !slices.Contains(strings.Fields(words), n.text):
		c.say("%s is %q, want one of %s", n.name, n.text, words)
	case slices.Contains([]string{"SentDateTime", "dateTimeSent", "DateTime", "InventoryRefreshDateTime"}, n.name) && !withOffset.MatchString(n.text):
		c.say("%s is %q, want a numeric offset", n.name, n.text)
	case slices.Contains([]string{"timeValue", "fromDateTime", "toDateTime", "nextContact"}, n.name) && !toSeconds.MatchString(n.text):
		c.say("%s is %q, want seconds and a numeric offset", n.name, n.text)
	case n.name == "Amount" && (err != nil || amount < 0):
		c.say("Amount is %q", n.text)
	}
}

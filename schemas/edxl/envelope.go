package edxl

import "strings"

// envelope puts a message into an EDXL-DE 1.0, in the order of its schema.
func (w *writer) envelope(p *payload) *element {
	m, c := w.m, w.m.Said.Base()
	status, sort := "Actual", p.sort
	if m.Exercise {
		status = "Exercise"
	}
	if r := m.Recalls; r != nil {
		sort = "Update"
		if r.Gone {
			sort = "Cancel"
		}
	}
	w.keys = append([]*element{valueList("de:keyword", "de:valueListUrn", "de:value", "urn:vardar:digest", m.Digest.String())}, w.keys...)
	doc := tag("de:EDXLDistribution",
		leaf("de:distributionID", m.Record.String()), leaf("de:senderID", w.sender()), leaf("de:dateTimeSent", stamp(m.Sent)),
		leaf("de:distributionStatus", status), leaf("de:distributionType", sort), leaf("de:combinedConfidentiality", m.Handling.String()),
		some("de:language", string(c.Lang)))
	doc.declare("de", NamespaceDE)
	doc.add(w.keys...)
	if r := m.Recalls; r != nil {
		doc.add(leaf("de:distributionReference", strings.Join([]string{r.Record.String(), w.sender(), stamp(r.Sent)}, ",")))
	}
	for _, to := range c.To {
		scheme, value := "urn:vardar:institution", string(to)
		if group, is := to.Group(); is {
			scheme, value = "urn:vardar:group", group
		}
		doc.add(tag("de:explicitAddress", leaf("de:explicitAddressScheme", scheme), leaf("de:explicitAddressValue", value)))
	}
	doc.add(tag("de:contentObject", leaf("de:contentDescription", p.name), some("de:incidentID", nameOf(c.Incident)),
		tag("de:xmlContent", tag("de:embeddedXMLContent", p.root))))
	return doc
}

// sender is actor@domain, as EDXL-DE 1.0 wants it: the institution is the domain.
func (w *writer) sender() string { return "vardar@" + string(w.m.Record.Institution) }

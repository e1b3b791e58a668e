package desk

import (
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Columns of flows and plans in the terms of OCHA's Financial Tracking Service and the codes of
// IATI 2.03. A list has none of them: they say again, for those systems, what its rows say.
const (
	ftsStatus       = "fts.status"               // pledge, commitment or paid, of the flow
	ftsFlowType     = "fts.flow_type"            // standard or pass-through: a part of another flow, counted by that one
	ftsContribution = "fts.contribution_type"    // financial or in kind
	iatiTransaction = "iati.transaction_type"    // of a step, as its author reports it
	iatiEarmarking  = "iati.earmarking_category" // EarmarkingCategory, of the flow
	iatiDonor       = "iati.donor_org_type"      // OrganisationType, where the level says it
	iatiRecipient   = "iati.recipient_org_type"  // the same
	iatiBudgetType  = "iati.budget_type"         // of a plan: 1 original, 2 revised
	iatiBudget      = "iati.lines.budget_status" // of a line: 1 indicative, 2 committed
)

// codeColumns names those that the table of a list has.
func codeColumns(what string) []string {
	switch what {
	case ListFlows:
		return []string{ftsStatus, ftsFlowType, ftsContribution, iatiTransaction, iatiEarmarking, iatiDonor, iatiRecipient}
	case ListPlans:
		return []string{iatiBudgetType, iatiBudget}
	}
	return nil
}

// code gives the term or code of a line in such a column; nil: those systems have none for it.
func (e *exporting) code(l *flatLine, column string) any {
	said := func(of map[string]any, name string) string { s, _ := of[name].(string); return s }
	var code string
	switch column {
	case ftsStatus:
		code = statusOfFTS(body.FlowState(said(l.all, "state")))
	case ftsFlowType:
		code = "standard"
		if said(l.all, "parent_flow") != "" {
			code = "pass-through"
		}
	case ftsContribution:
		code = "financial"
		if said(l.all, "in_kind") != "" {
			code = "in kind"
		}
	case iatiTransaction:
		if said(l.part, "ignored") == "" && said(l.part, "standing") == board.Counts.String() {
			code = transactionOfIATI(said(l.part, "step"))
		}
	case iatiEarmarking:
		code = earmarkingOfIATI(body.Earmarking(said(l.all, "earmarking")))
	case iatiDonor:
		code = e.organisationOfIATI(said(l.all, "donor"))
	case iatiRecipient:
		code = e.organisationOfIATI(said(l.all, "recipient"))
	case iatiBudgetType:
		switch n := memberText(l.all["version"]); n {
		case "", "0":
		case "1":
			code = "1"
		default:
			code = "2"
		}
	case iatiBudget:
		switch body.LineStatus(said(l.part, "status")) {
		case body.LinePlanned, body.LineRequested:
			code = "1"
		case body.LineSecured:
			code = "2"
		}
	}
	if code == "" {
		return nil
	}
	return code
}

// statusOfFTS: what is paid in part was paid, and what is cancelled is no flow of theirs.
func statusOfFTS(s body.FlowState) string {
	switch s {
	case body.FlowPledged:
		return "pledge"
	case body.FlowCommitted:
		return "commitment"
	case body.FlowPartlyPaid, body.FlowPaid, body.FlowReceived, body.FlowReported:
		return "paid"
	case body.FlowCancelled:
	}
	return ""
}

// transactionOfIATI: 12 outgoing pledge, 2 outgoing commitment, 3 disbursement, 1 incoming funds,
// 4 expenditure. The donor reports the first three, the recipient the others.
func transactionOfIATI(step string) string {
	return map[string]string{
		body.FlowPledge.String(): "12", body.FlowCommit.String(): "2", body.FlowPay.String(): "3", body.FlowReceive.String(): "1", body.FlowReport.String(): "4",
	}[step]
}

// earmarkingOfIATI: 1 unearmarked, 2 softly earmarked, 3 earmarked, 4 tightly earmarked (EarmarkingCategory).
func earmarkingOfIATI(e body.Earmarking) string {
	return map[body.Earmarking]string{body.Unearmarked: "1", body.SoftEarmark: "2", body.Earmarked: "3", body.TightMark: "4"}[e]
}

// organisationOfIATI: 10 government, 11 local government, 21 international and 22 national NGO, 40
// multilateral. Of a donor the level does not say what it is.
func (e *exporting) organisationOfIATI(id string) string {
	m, ok := e.d.o.Trust.Member(protocol.InstitutionID(id))
	if !ok {
		return ""
	}
	switch m.Level {
	case body.Ministry:
		return "10"
	case body.RegionalAuthority, body.Municipality:
		return "11"
	case body.NGO:
		if strings.HasPrefix(id, "int.") {
			return "21"
		}
		return "22"
	case body.InternationalOrganisation, body.RegionalBody:
		return "40"
	case body.Donor:
	}
	return ""
}

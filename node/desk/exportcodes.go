package desk

import (
	"fmt"
	"slices"
	"strconv"
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
	ftsBudgetYear   = "fts.budget_year"          // of the lines of fund plans that the flow names, where they are of one
	ftsNewMoney     = "fts.new_money"            // false of what passes another flow on
	ftsMethod       = "fts.method"               // traditional aid, of what is given in kind
	ftsBoundary     = "fts.boundary"             // incoming, outgoing or internal, seen from the country of this node
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
		return []string{ftsStatus, ftsFlowType, ftsContribution, ftsBudgetYear, ftsNewMoney, ftsMethod, ftsBoundary, iatiTransaction, iatiEarmarking, iatiDonor, iatiRecipient}
	case ListPlans:
		return []string{iatiBudgetType, iatiBudget}
	}
	return nil
}

// wordIn gives a text that a row, or a part of one, has.
func wordIn(of map[string]any, name string) string { s, _ := of[name].(string); return s }

// termOfFTS gives the term of a flow in a column of FTS; where it has none, and nothing that is known here
// says it, why.
func (e *exporting) termOfFTS(l *flatLine, column string) (term, unknown string) {
	passes, inKind := wordIn(l.all, "parent_flow") != "", wordIn(l.all, "in_kind") != ""
	switch column {
	case ftsStatus:
		return statusOfFTS(body.FlowState(wordIn(l.all, "state"))), ""
	case ftsFlowType:
		if passes {
			return "pass-through", ""
		}
		return "standard", ""
	case ftsContribution:
		if inKind {
			return "in kind", ""
		}
		return "financial", ""
	case ftsNewMoney:
		return strconv.FormatBool(!passes), ""
	case ftsMethod:
		if inKind {
			return "traditional aid", ""
		}
		return "", "no step says whether it goes on as cash, or as goods and services"
	case ftsBoundary:
		return boundaryOfFTS(e.d.o.Institutions[0], protocol.InstitutionID(wordIn(l.all, "donor")), protocol.InstitutionID(wordIn(l.all, "recipient")))
	case ftsBudgetYear:
		return e.budgetYear(l)
	}
	return "", ""
}

// boundaryOfFTS says which way money goes, seen from the country of an institution.
func boundaryOfFTS(from, donor, recipient protocol.InstitutionID) (term, unknown string) {
	switch gives, takes := donor.Country() == from.Country(), recipient.Country() == from.Country(); {
	case gives && takes:
		return "internal", ""
	case takes:
		return "incoming", ""
	case gives:
		return "outgoing", ""
	}
	return "", "neither side is of the country of this node, from which the boundary is seen"
}

// lineNamed is the line of a fund plan that a flow names, and the mark of the plan's record.
type lineNamed struct {
	*body.PlanLine

	handling protocol.Handling
}

// linesNamed gives the lines of fund plans that a row names, as far as they are held.
func (e *exporting) linesNamed(l *flatLine) (out []lineNamed) {
	refs, _ := e.aims(l)
	for _, ref := range refs {
		p, h := pick(e.plans, func(p *board.Plan) bool { return says(p, ref.Plan) }), e.find(ref.Plan.String(), "")
		if p == nil || h == nil {
			continue
		}
		for i := range p.Lines {
			if p.Lines[i].Line == ref.Line {
				out = append(out, lineNamed{&p.Lines[i], h.Handling})
			}
		}
	}
	return out
}

// aimsMarked gives the highest mark of the records that say where a row helps, and in what: the lines and the needs
// that it names.
func (e *exporting) aimsMarked(l *flatLine) (highest protocol.Handling) {
	_, needs := e.aims(l)
	for _, line := range e.linesNamed(l) {
		highest = max(highest, line.handling)
		needs = append(slices.Clone(needs), line.NeedsRefs...)
	}
	for _, n := range needs {
		if h := e.find(n.String(), ""); h != nil {
			highest = max(highest, h.Handling)
		}
	}
	return highest
}

// withoutAims takes out of a line for others what records for named recipients say of where it helps, and in what.
func (e *exporting) withoutAims(columns []flatColumn, l *flatLine) {
	mark := e.aimsMarked(l)
	for i := range columns {
		if of := columns[i].name; mark > protocol.Amber && e.fromAims(l, of) && l.cells[i] != nil {
			l.cells[i] = nil
			e.lost.add(l.row, of, notForOthers(mark))
		}
	}
}

// budgetYear gives the year of the lines of fund plans that a flow names, as far as who asks may read them.
func (e *exporting) budgetYear(l *flatLine) (year, unknown string) {
	var years []body.Positive
	for _, line := range e.linesNamed(l) {
		if line.handling <= min(e.ceiling, protocol.Amber) && !slices.Contains(years, line.Year) {
			years = append(years, line.Year)
		}
	}
	switch len(years) {
	case 0:
		return "", "it names no line of a fund plan that can be read here, and nothing else says it"
	case 1:
		return fmt.Sprint(years[0]), ""
	}
	return "", "the lines of fund plans that it names are of several years"
}

// code gives the term or code of a line in such a column; nil: those systems have none for it, or it is not
// known, which the report of what is lost says.
func (e *exporting) code(l *flatLine, column string) any {
	code, unknown := e.termOfFTS(l, column)
	if unknown != "" {
		e.lost.add(l.row, column, unknown)
	}
	switch column {
	case iatiTransaction:
		if wordIn(l.part, "ignored") == "" && wordIn(l.part, "standing") == board.Counts.String() {
			code = transactionOfIATI(wordIn(l.part, "step"))
		}
	case iatiEarmarking:
		code = earmarkingOfIATI(body.Earmarking(wordIn(l.all, "earmarking")))
	case iatiDonor:
		code = e.organisationOfIATI(wordIn(l.all, "donor"))
	case iatiRecipient:
		code = e.organisationOfIATI(wordIn(l.all, "recipient"))
	case iatiBudgetType:
		switch n := memberText(l.all["version"]); n {
		case "", "0":
		case "1":
			code = "1"
		default:
			code = "2"
		}
	case iatiBudget:
		switch body.LineStatus(wordIn(l.part, "status")) {
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

package desk

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
)

// MaxLimit bounds one page of a list that a program asks for: a region's figures, some
// megabytes.
const MaxLimit = 5000

// cursor says behind which row a list goes on, and as of when: what is accepted meanwhile
// moves no row, so that nothing comes twice, and nothing of what was there is left out.
type cursor struct {
	Of   string           `json:"q"`          // the question, in a digest: another has other rows
	At   protocol.Instant `json:"t,omitzero"` // when the first page was drawn; zero: a list that goes on as it is now
	Last string           `json:"l"`          // the row before the next page
}

func (c *cursor) String() string { return cursorOf(c) }

// cursorOf writes where something goes on, of strings and numbers, so that it can be passed back.
func cursorOf(c any) string {
	text, _ := json.Marshal(c)
	return base64.RawURLEncoding.EncodeToString(text)
}

// readCursor reads what [cursorOf] has written.
func readCursor(said string, c any) error {
	text, err := base64.RawURLEncoding.DecodeString(said)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, c)
}

// noCursor says that something passed back as a cursor is none.
func noCursor(err error) error {
	return &Problem{Kind: Usage, Field: "cursor", Detail: "this is no cursor of this node", Mend: "give what the page before gave as next, or leave it out", Err: err}
}

// anothersCursor says that a cursor was given to another question.
func anothersCursor() error {
	return &Problem{Kind: Usage, Field: "cursor", Detail: "it goes on with another question", Mend: "ask with the same list and filters as for the page before, or leave it out"}
}

// same gives what of a question may not change from page to page.
func (q *Query) same() string {
	of := *q
	of.Limit, of.Cursor, of.At = 0, "", 0
	text, _ := json.Marshal(of)
	return protocol.DigestOf([]byte("vardar-cursor-v1\n"), text).Prefix().String()
}

// hasPast reports whether a list can be drawn as of an earlier instant.
func hasPast(what string) bool { return !slices.Contains(lacking(what), "at") }

// goOn reads the cursor of a question, and has it asked as of the first page.
func (q *Query) goOn() (last string, err error) {
	if q.Cursor == "" {
		return "", nil
	}
	var c cursor
	err = readCursor(q.Cursor, &c)
	switch {
	case err != nil || c.Last == "" || c.At < 0 || !c.At.Valid():
		return "", noCursor(err)
	case c.Of != q.same() || (q.At != 0 && q.At != c.At):
		return "", anothersCursor()
	}
	if hasPast(q.What) {
		q.At = c.At
	}
	return c.Last, nil
}

// next gives the cursor behind a row.
func (f *filter) next(at protocol.Instant, last string) string {
	c := cursor{Of: f.q.same(), Last: last}
	// When a member was last heard is known of now alone: its list goes on as of then only where that was asked.
	if hasPast(f.q.What) && (f.q.What != ListMembers || f.q.At != 0) {
		c.At = at
	}
	return c.String()
}

// changed says that the row behind which a list was to go on is gone from it: erased, or
// judged anew.
func changed(what string) error {
	return &Problem{
		Kind: Refused, Detail: "the list has changed since its page before: the row behind which it was to go on is not in it any more", Mend: "ask from its beginning, without cursor",
		Next: "vardar list " + what,
	}
}

// rowKey tells the rows of one list apart; of a row that says something new it stays.
func rowKey(row any) string {
	var of []any
	switch r := row.(type) {
	case *DueRow:
		of = []any{r.Institution, r.Kind, r.Place, r.PlaceName}
	case *FigureRow:
		of = []any{r.Digest, r.Place, r.PlaceName, r.Indicator, r.By, r.Variant}
	case *PhaseRow:
		of = []any{r.Digest, r.Place}
	case *TerritoryRow:
		of = []any{r.Place}
	case *DraftRow:
		of = []any{r.Digest, r.Place, r.Indicator}
	case *RouteRow:
		of = []any{r.Asset, r.Name}
		for i := range r.Sides {
			of = append(of, r.Sides[i].Record)
		}
	case *GapRow:
		of = []any{r.Institution, r.Topic, r.Epoch, r.From}
	case *DroppedRow:
		of = []any{r.Peer, r.Rule}
	case *AuditRow:
		of = []any{r.Number}
	case *LinkState:
		of = []any{r.Peer}
	case *Member:
		of = []any{r.ID}
	case *UnmetRow:
		of = []any{r.Digest, r.Item, r.Unit}
	case *PoolRow:
		of = []any{r.Digest, r.Item}
	case *MatchRow:
		of = []any{r.Record, r.Lack, r.Line, r.Of, r.Has, r.OfLine}
	case *SolidarityRow:
		of = []any{r.Institution}
	case *LedgerRow:
		of = []any{r.Institution, r.Type, r.Unit}
	case *FlowRow:
		of = []any{r.Flow}
	case *UnfundedRow:
		of = []any{r.Place, r.Sector, r.Currency}
	case *FundTotal:
		of = []any{r.Currency}
	case *PlanSum:
		of = []any{r.By, r.Of, r.Undivided, r.Gone, r.Currency}
	case *ContradictionRow:
		of = []any{r.Of, r.Place, r.Name, r.Between}
	case *AlignmentRow:
		of = []any{r.Digest, r.OID}
	case *CoverageRow:
		of = []any{r.Level, r.Country}
	case *RegionalFigureRow:
		of = []any{r.Digest, r.Indicator, r.Total, r.Place, r.Reporter}
	case *WhoRow:
		of = []any{r.Exchange, r.Line, r.Who, r.For, r.Flow, r.Where, r.Plan}
	default:
		of = []any{recordOf(row)}
	}
	return protocol.DigestOf([]byte(fmt.Sprint(of...))).Prefix().String()
}

// recordOf gives the digest of the one record that a row is.
func recordOf(row any) protocol.Digest {
	switch r := row.(type) {
	case *ReportRow:
		return r.Digest
	case *board.ReportHead:
		return r.Digest
	case *RequestRow:
		return r.Digest
	case *OfferRow:
		return r.Digest
	case *AlertRow:
		return r.Digest
	case *NoteRow:
		return r.Digest
	case *CapacityRow:
		return r.Digest
	case *NeedsRow:
		return r.Digest
	case *PlanRow:
		return r.Digest
	case *ConsultationRow:
		return r.Digest
	case *StrategyRow:
		return r.Digest
	case *ProjectRow:
		return r.Digest
	case *PracticeRow:
		return r.Digest
	case *ExerciseRow:
		return r.Digest
	case *CorrectionRow:
		return r.Digest
	case *EndorsementRow:
		return r.Digest
	case *KeptRow:
		return r.Digest
	}
	return protocol.Digest{}
}

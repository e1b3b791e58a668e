package desk_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// TestRequestThatCannotBeIsRefused with the member that is wrong, whoever writes it: page, command
// and API all write by the desk.
func TestRequestThatCannotBeIsRefused(t *testing.T) {
	w := market(t)
	for name, tt := range map[string]struct {
		change []string
		want   string
	}{
		"nothing asked for":            {[]string{"lines.0.quantity=0"}, "lines[0].quantity: "},
		"less than nothing":            {[]string{"lines.0.quantity=-3"}, "lines[0].quantity: "},
		"half a tent":                  {[]string{"lines.0.quantity=0.5"}, "lines[0].quantity: "},
		"a line twice":                 {[]string{"lines.1.line=1", "lines.1.type=tent", "lines.1.unit=piece", "lines.1.quantity=2"}, "lines[1].line: "},
		"valid until before from":      {[]string{"valid_from=2015-11-05T00:00:00Z", "valid_until=2015-11-04T00:00:00Z"}, "valid_until: period or validity does not fit: it lies at or before valid_from"},
		"there before it left":         {[]string{"lines.0.schedule.0.type=requested_departure", "lines.0.schedule.0.at=2015-11-05T00:00:00Z", "lines.0.schedule.1.type=requested_arrival", "lines.0.schedule.1.at=2015-11-04T00:00:00Z"}, "lines[0].schedule: period or validity does not fit: requested_arrival lies before requested_departure"},
		"back before it came":          {[]string{"lines.0.schedule.0.type=requested_arrival", "lines.0.schedule.0.at=2015-11-05T00:00:00Z", "lines.0.schedule.1.type=requested_return_departure", "lines.0.schedule.1.at=2015-11-04T00:00:00Z"}, "lines[0].schedule: period or validity does not fit: requested_return_departure lies before requested_arrival"},
		"no moment to answer by":       {[]string{"answer_by=soon"}, "answer_by: "},
		"an answer and no thread":      {[]string{"thread=" + string(gate) + "/resource.1.9"}, "thread: "},
		"a thing that nobody can name": {[]string{"lines.0.type=tents of all kinds"}, "lines[0].type: "},
	} {
		t.Run(name, func(t *testing.T) {
			set := append([]string{"answer_by=2015-11-05T12:00:00Z", "deliver_to.place=MK-405", "lines.0.line=1", "lines.0.type=blanket", "lines.0.quantity=5", "lines.0.unit=piece"}, tt.change...)
			_, err := w.desk.Publish(t.Context(), desk.Request{As: gate, Kind: "request", Set: set})
			if err == nil {
				t.Fatal("it is published")
			}
			if !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("refused: %v, want %s", err, tt.want)
			}
		})
	}
	if rows := must(w.desk.List(t.Context(), desk.Query{What: desk.ListRequests}))(t); rows.Total != 0 {
		t.Errorf("%d requests stand all the same", rows.Total)
	}
}

// books gives all that is agreed on in the only request.
func (w *world) books() string { return fmt.Sprintf("%+v", w.line(1).Lines) }

// TestBadStepIsRefusedAndChangesNothing: a step whose numbers, unit, line, order or author don't
// fit, at each stage of an exchange.
func TestBadStepIsRefusedAndChangesNothing(t *testing.T) {
	w := market(t)
	need := w.need(300, 20)
	bad := func(name string, as protocol.InstitutionID, record protocol.Name, step, want string, more ...any) {
		t.Helper()
		r := desk.AnswerRequest{As: as, Record: record.String(), Step: step}
		for _, m := range more {
			switch m := m.(type) {
			case desk.LineQuantity:
				r.Lines = append(r.Lines, m)
			case string:
				r.Set = append(r.Set, m)
			}
		}
		before := w.books()
		_, err := w.desk.Answer(t.Context(), r)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
		if after := w.books(); after != before {
			t.Errorf("%s changes\n%s to\n%s", name, before, after)
		}
	}
	one := func(n int64) desk.LineQuantity { return desk.LineQuantity{Line: 1, Quantity: n} }
	bad("a negative offer", river, need.Record, "offer", "1=-5 is no line and quantity", one(-5))
	bad("an offer of nothing", river, need.Record, "offer", "lines[0].quantity: ", one(5), "lines.0.quantity=0")
	bad("an offer in another unit", river, need.Record, "offer", "line 1 is about blanket in piece, not blanket in bales", one(5), "lines.0.unit=bales")
	bad("an offer of another thing", river, need.Record, "offer", "line 1 is about blanket in piece, not tent in piece", one(5), "lines.0.type=tent")
	bad("an offer to a line that is not there", river, need.Record, "offer", "has no line 9", desk.LineQuantity{Line: 9, Quantity: 5})
	bad("back before it came", river, need.Record, "offer", "requested_return_departure lies before requested_arrival", one(5),
		"lines.0.schedule.0.type=requested_arrival", "lines.0.schedule.0.at=2015-11-05T00:00:00Z", "lines.0.schedule.1.type=requested_return_departure", "lines.0.schedule.1.at=2015-11-04T00:00:00Z")

	offer := w.answer(river, need.Record, "offer", one(200))
	bad("the same offer twice", river, need.Record, "offer", "of line 1 an offer of yours stands already", one(200))
	bad("a stranger accepts", centre, offer.Record, "accept", "accept is for the requester to say")
	bad("a stranger takes back another's offer", centre, offer.Record, "cancel", "")
	accept := w.answer(gate, offer.Record, "accept", one(150))
	bad("accepted twice", gate, offer.Record, "accept", "of a line that is ordered", one(150))
	bad("a stranger commits another's order", centre, accept.Record, "commit", "was between others")
	commit := w.answer(river, accept.Record, "commit", one(150))
	bad("committed twice", river, accept.Record, "commit", "more would be committed than was ordered", one(150))
	bad("a stranger says where it is", centre, commit.Record, "status", "", "lines.0.state=in_transit")
	bad("a stranger gives it back", centre, commit.Record, "returned", "")
	must(w.desk.Answer(t.Context(), desk.AnswerRequest{As: river, Record: commit.Record.String(), Step: "status", State: "in_transit"}))(t)
	bad("sent twice", river, commit.Record, "status", "nothing of line 1 is committed", one(150), "lines.0.state=in_transit")

	must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: gate, Record: need.Record.String(), Retract: true, Reason: "nobody needs it any more"}))(t)
	bad("an offer to a request that was taken back", centre, need.Record, "offer", "of a line that is cancelled", desk.LineQuantity{Line: 2, Quantity: 5})
	bad("a promise to a request that was taken back", centre, need.Record, "commit", "of a line that is cancelled", desk.LineQuantity{Line: 2, Quantity: 5})
}

// TestQuantityThatIsWrittenAsNoneIsNotAllOfIt: a program that has reckoned that nothing is to be
// promised promises nothing.
func TestQuantityThatIsWrittenAsNoneIsNotAllOfIt(t *testing.T) {
	for text, want := range map[string]string{
		`{"lines":[{"line":1}]}`:                           "{1 0}",
		`{"lines":[{"line":1,"quantity":5}]}`:              "{1 5}",
		`{"lines":[{"line":1,"quantity":0}]}`:              "lines: 0 of line 1 are none",
		`{"lines":[{"line":1,"quantity":1.5}]}`:            "cannot unmarshal number 1.5",
		`{"lines":[{"line":1,"quantity":5,"unit":"bus"}]}`: `unknown field "unit"`,
	} {
		var r desk.AnswerRequest
		err := json.Unmarshal([]byte(text), &r)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = fmt.Sprint(r.Lines[0])
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s is read as %s, want %s", text, got, want)
		}
	}
}

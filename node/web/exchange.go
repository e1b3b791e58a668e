package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/boombuler/barcode/qr"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// exchangePage is one exchange of help, and what was wrong with an act in it.
type exchangePage struct {
	desk.Exchange
	Problem *desk.Problem
}

// Delivers reports whether a step has a delivery note.
func (p *exchangePage) Delivers(s desk.ExchangeStep) bool {
	return s.Step.Step == body.StepCommit.String() && s.Ignored == ""
}

// Alone reports whether a step has no effect for a reason that does not stand beside a line.
func (p *exchangePage) Alone(s desk.ExchangeStep) bool {
	for _, l := range s.Lines {
		if l.Ignored != "" {
			return false
		}
	}
	return s.Ignored != ""
}

func (p *Pages) exchange(w http.ResponseWriter, r *http.Request) {
	p.showExchange(w, r, acting(r.Context()), nil)
}

func (p *Pages) showExchange(w http.ResponseWriter, r *http.Request, as protocol.InstitutionID, why error) {
	x, err := p.o.Desk.Exchange(r.Context(), as, recordName(r), asked(r))
	if err == nil {
		err = x.Only(r.URL.Query().Get("quality"))
	}
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	page := &exchangePage{Exchange: x, Problem: p.problem(r, why)}
	p.render(w, r, statusOf(why), p.frame(r, "help").page("exchange", page))
}

// takeStep takes a step of an exchange.
func (p *Pages) takeStep(w http.ResponseWriter, r *http.Request) {
	answer := desk.AnswerRequest{
		As: protocol.InstitutionID(field(r, "as")), Record: field(r, "answers"), Step: field(r, "step"), Reason: field(r, "reason"),
		State: body.Stage(field(r, "state")), Says: body.LineResponse(field(r, "response")), Knowing: field(r, "knowing") != "",
	}
	if until := field(r, "until"); until != "" {
		answer.Until = moment(until)
	}
	line, err := strconv.Atoi(field(r, "line"))
	quantity, bad := strconv.ParseInt(field(r, "quantity"), 10, 64)
	if err != nil || bad != nil || quantity < 1 {
		p.showExchange(w, r, answer.As, &desk.Problem{Kind: desk.Usage, Field: "quantity", Detail: fmt.Sprintf("%.20q is no quantity", field(r, "quantity")), Mend: "give a whole number of 1 or more"})
		return
	}
	answer.Lines = []desk.LineQuantity{{Line: line, Quantity: quantity}}
	done, err := p.o.Desk.Answer(r.Context(), answer)
	if err != nil {
		p.showExchange(w, r, answer.As, err)
		return
	}
	p.leadOn(w, r, done, "/help/"+recordName(r))
}

// Act says what a step does, as its button has it.
func (f *frame) Act(a desk.Act) string {
	said := f.T("act." + a.Step.String())
	switch {
	case a.State != "":
		return said + ": " + f.Word(a.State)
	case a.Response != "":
		return said + ": " + f.T("act."+string(a.Response))
	}
	return said
}

// Has reports whether an act is of a step.
func (f *frame) Has(a desk.Act, step string) bool { return a.Step.String() == step }

// square holds a text, to be scanned: a record's name, or the secret of a second factor.
type square struct {
	Size int    // its margin included
	Path string // its dark fields, as an SVG path
}

// deliveryPage is a delivery note, with the square that holds the record's name.
type deliveryPage struct {
	desk.Delivery
	square
}

// quiet is the margin that a reader needs around the square (ISO/IEC 18004, 4 fields).
const quiet = 4

func (p *Pages) delivery(w http.ResponseWriter, r *http.Request) {
	v, err := p.o.Desk.Delivery(r.Context(), recordName(r), asked(r))
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	code, err := squareOf(v.Record.String())
	p.answer(w, r, p.frame(r, "help").page("delivery", &deliveryPage{v, code}), err)
}

// squareOf draws the dark fields of a text's code as one path. An error does not hold the text.
func squareOf(text string) (square, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return square{}, fmt.Errorf("square of %d letters: %w", len(text), err)
	}
	var out strings.Builder
	bounds := code.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			if red, _, _, _ := code.At(x, y).RGBA(); red == 0 {
				fmt.Fprintf(&out, "M%d %dh1v1h-1z", x-bounds.Min.X+quiet, y-bounds.Min.Y+quiet)
			}
		}
	}
	return square{bounds.Dx() + 2*quiet, out.String()}, nil
}

// doing is an act with what its form needs.
type doing struct {
	desk.Act
	With     string
	Exchange protocol.Name
	As       protocol.InstitutionID
}

// Doing gives the frame around an act, with whom it is; empty for all of them.
func (f *frame) Doing(a desk.Act, exchange protocol.Name, as protocol.InstitutionID, with string) *frame {
	return f.With(&doing{a, with, exchange, as})
}

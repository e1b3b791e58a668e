package board

import (
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// request makes the row of the request that began an exchange.
func (x *exchange) request() *Request {
	e, s := x.root, x.begun
	r := &Request{
		Record: e.name, Digest: e.digest, Institution: e.name.Institution, AuthorTime: e.time, To: s.to,
		AnswerBy: s.answerBy, DeliverTo: s.deliver, DeliverName: s.deliverName, Incident: s.incident,
		Cancelled: e.standing == Retracted, Lines: []RequestLine{},
	}
	if e.by != nil {
		r.Correction = e.by.name
	}
	for _, ref := range s.refs {
		if ref.Rel == body.RelNeeds {
			r.needs = append(r.needs, ref)
		}
	}
	for _, l := range s.lines {
		r.Lines = append(r.Lines, x.line(&l))
	}
	return r
}

// line sums up a line over all it is dealt with. What was declined or cancelled is in no
// sum.
func (x *exchange) line(l *stepLine) RequestLine {
	live := func(d *dealing) bool { return d.state != body.Declined && d.state != body.Cancelled }
	out := RequestLine{
		Line: l.line, Type: l.kind, Unit: l.unit, Description: l.description, Quantity: l.quantity,
		Committed: x.sum(l.line, func(d *dealing) int64 { return d.committed }),
		With:      x.dealings(l.line),
	}
	out.Offered = x.sum(l.line, func(d *dealing) int64 {
		if live(d) {
			return d.offered
		}
		return 0
	})
	out.Ordered = x.sum(l.line, func(d *dealing) int64 {
		if live(d) {
			return d.ordered
		}
		return 0
	})
	if !x.gone[l.line] {
		out.Unmet = max(0, l.quantity-out.Committed)
	}
	out.State = x.state(l, out.Committed).String()
	return out
}

// state is how far a line as a whole has come: committed when all of it is, otherwise
// the furthest of what can still move.
func (x *exchange) state(l *stepLine, committed int64) body.LineState {
	if committed >= l.quantity {
		return x.stage(l.line)
	}
	if x.root.standing == Retracted || x.gone[l.line] {
		return body.Cancelled
	}
	state := body.Requested
	if x.begun.kind == body.StepOffer {
		state = body.Offered
	}
	for k, d := range x.deals {
		if k.line == l.line && d.state.Open() && d.state > state {
			state = d.state
		}
	}
	return state
}

// stage is how far a line that is committed has come with all of them: as far as the least.
func (x *exchange) stage(line int) body.LineState {
	least := body.Closed
	for k, d := range x.deals {
		if k.line == line && d.committed > 0 {
			least = min(least, d.stage())
		}
	}
	return least
}

// offer makes the row of an offer.
func (x *exchange) offer(e *entry) Offer {
	s, root := stepOf(e), e == x.root
	out := Offer{
		Record: e.name, Digest: e.digest, Thread: s.thread, Institution: e.name.Institution, AuthorTime: e.time,
		Unsolicited: s.unsolicited, To: s.to, ValidUntil: s.validUntil, Cancelled: e.standing == Retracted,
		Ignoring: x.verdict[e.digest].Ignoring, Lines: []OfferLine{},
	}
	if e.by != nil {
		out.Correction = e.by.name
	}
	for i, l := range s.lines {
		row := OfferLine{
			Line: l.line, Type: l.kind, Unit: l.unit, Quantity: l.quantity, Says: l.description, Response: l.response, Reason: l.reason,
			State: body.NotBegun.String(), Ignoring: x.verdict[e.digest].Lines[i].Ignoring,
		}
		if root {
			sum := x.line(&l)
			row.State, row.Ordered, row.Committed, row.With = sum.State, sum.Ordered, sum.Committed, sum.With
		} else if at := x.lines[e.digest][l.line]; at > 0 {
			row.Answers = at
			if d := x.deals[deal{at, e.name.Institution}]; d != nil && row.Ignored == "" {
				row.State, row.Ordered, row.Committed = d.stage().String(), d.ordered, d.committed
			}
		}
		out.Lines = append(out.Lines, row)
	}
	return out
}

// late sets what hangs on the instant.
func (r *Request) late(at protocol.Instant) {
	for i := range r.Lines {
		if r.Lines[i].Unmet > 0 && at >= r.AnswerBy && !r.Cancelled {
			r.Late = true
		}
	}
}

package desk

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// Once does an act that a program asks for under a key of its own, and when it asks the same
// again gives the same answer, without doing it twice; see [staff.Staff.Once]. what is a
// digest of all that is asked. What an act refuses changed nothing, and is asked anew.
func Once[T any](ctx context.Context, d *Desk, key string, what protocol.Digest, act func(context.Context) (T, error)) (T, error) {
	var out T
	if !staff.ValidKey(key) {
		return out, &Problem{Kind: Usage, Field: keyField, Detail: "it has 1 to 255 visible characters", Mend: `want one such as "8e03978e-40d5-43e8-bc93-6894a57f9324", drawn anew for each act`}
	}
	text, again, err := d.o.Staff.Once(ctx, staff.Asked{Who: actorOf(ctx).name, Key: key, What: what}, func() (json.RawMessage, bool, error) {
		var err error
		if out, err = act(ctx); err != nil {
			return nil, perhapsDone(err), err
		}
		text, err := json.Marshal(bodiless(out))
		return text, true, err
	})
	if err != nil || !again {
		return out, onceProblem(err)
	}
	if err := json.Unmarshal(text, &out); err != nil {
		return out, failure(err)
	}
	return embodied(d, out), nil
}

// keyField names the key in problems as its HTTP field is named.
const keyField = "idempotency-key"

// perhapsDone reports whether something may have been done although an act failed.
func perhapsDone(err error) bool {
	var p *Problem
	if !errors.As(err, &p) {
		return true
	}
	switch p.Kind {
	case Usage, NotFound, Refused, NotPermitted:
		return false
	case Failed, NoLine, Damaged, CheckFound:
	}
	return true
}

// bodiless takes the body out of what is remembered: what is erased must lie nowhere else.
func bodiless(answer any) any {
	if p, ok := answer.(Published); ok && !p.Record.IsZero() {
		p.Body = nil
		return p
	}
	return answer
}

// embodied gives a remembered answer its body back, if the node still holds it.
func embodied[T any](d *Desk, answer T) T {
	p, ok := any(&answer).(*Published)
	if !ok || p.Record.IsZero() {
		return answer
	}
	rivals, err := d.o.Archive.At(p.Record)
	for i := range rivals {
		if h := &rivals[i]; err == nil && h.Digest == p.Digest && h.BodyState == protocol.BodyHeld {
			p.Body = h.Body
		}
	}
	return answer
}

func onceProblem(err error) error {
	switch {
	case errors.Is(err, staff.ErrOtherQuestion):
		return &Problem{Kind: Refused, Field: keyField, Detail: err.Error(), Mend: "draw another key for another act", Err: err}
	case errors.Is(err, staff.ErrNotAnswered):
		return &Problem{Kind: Refused, Detail: err.Error(), Mend: "look whether it was done; if not, ask under another key", Next: "vardar list audit", Err: err}
	case errors.Is(err, staff.ErrManyAnswers):
		return &Problem{Kind: Refused, Detail: err.Error(), Mend: "ask without a key, or tomorrow", Err: err}
	}
	var p *Problem
	if err == nil || errors.As(err, &p) || errors.Is(err, context.Canceled) {
		return err
	}
	return failure(err)
}

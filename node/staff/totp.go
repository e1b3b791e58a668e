package staff

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238: what every app has; HMAC asks no more of it
	"crypto/subtle"
	"encoding/binary"
	"fmt"
)

// Codes are those of RFC 6238 as every app knows them: HMAC-SHA-1, six digits, thirty seconds. It
// is twenty lines: the libraries for it say whether a code fits and not of which step it is, which
// is what has to be kept so that none is taken twice.
const (
	stepSeconds = 30
	codeDigits  = 6
	secretBytes = 20 // RFC 4226 R6
	// nearSteps is how far a code may be from what the app's clock is known to be (RFC 6238 5.2).
	nearSteps = 1
	// farSteps is how far clocks may be apart at all: five minutes. A machine that was without a
	// network for a year is off by less.
	farSteps = 10
)

// codeOf gives the code of a step (RFC 4226 5.3).
func codeOf(secret []byte, step int64) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(step)) //nolint:gosec // no clock is before 1970
	mac := hmac.New(sha1.New, secret)
	mac.Write(b[:])
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%0*d", codeDigits, binary.BigEndian.Uint32(sum[at:])&0x7fffffff%1_000_000)
}

// pace is what is known of an app's clock, and which of its codes are spent.
type pace struct {
	Step  int64 `json:"step,omitzero"`  // the newest of which a code was taken: none up to it is again
	Drift int64 `json:"drift,omitzero"` // steps that the app is ahead of this node
	Far   int64 `json:"far,omitzero"`   // step of a code that was right for a clock further off, and not taken
	FarBy int64 `json:"far_by,omitzero"`
}

// take reports whether a code is taken: one within a step of where the app's clock is known to be.
// If a clock has jumped since, two codes behind one another prove it (RFC 6238 6, RFC 4226 7.4).
func (p *pace) take(secret []byte, code string, now int64) bool {
	if step, ok := p.find(secret, code, now, p.Drift-nearSteps, p.Drift+nearSteps); ok {
		p.Step, p.Far, p.FarBy = step, 0, 0 // who types slowly has no clock that is off
		return true
	}
	step, ok := p.find(secret, code, now, -farSteps, farSteps)
	if !ok {
		return false
	}
	by := step - now
	if p.Far != 0 && step > p.Far && step <= p.Far+farSteps && by >= p.FarBy-nearSteps && by <= p.FarBy+nearSteps {
		p.settle(step, now)
		return true
	}
	p.Far, p.FarBy = step, by
	return false
}

// learn takes the first code of an app, whose clock is not known yet.
func (p *pace) learn(secret []byte, code string, now int64) bool {
	step, ok := p.find(secret, code, now, -farSteps, farSteps)
	if ok {
		p.settle(step, now)
	}
	return ok
}

func (p *pace) settle(step, now int64) { *p = pace{Step: step, Drift: step - now} }

// find gives the step of a code that was not spent, so many steps from now.
func (p *pace) find(secret []byte, code string, now, from, to int64) (int64, bool) {
	found, ok := int64(0), false
	for step := max(now+from, p.Step+1); step <= now+to; step++ {
		if subtle.ConstantTimeCompare([]byte(codeOf(secret, step)), []byte(code)) == 1 && !ok {
			found, ok = step, true
		}
	}
	return found, ok
}

package link

import (
	"context"
	"errors"
	"fmt"

	"github.com/vardar-network/vardar/protocol"
)

// ErrOut says that the member was closed by its registrar.
var ErrOut = errors.New("member is out")

// ErrPaused says that the link was paused here.
var ErrPaused = errors.New("paused: see 'vardar link resume'")

// ErrRemoved says that the link was removed here.
var ErrRemoved = errors.New("removed: see 'vardar link propose'")

// Cut has the links with an institution follow what trust says of it now. If it is out,
// nothing goes to it or comes from it once Cut has returned: its line is closed, what it
// sent is not taken, what waits behind a gap is forgotten, and it is let in no more. If it is a
// member again, it may come back. Intake calls Cut between the commit that brings the news
// and the acknowledgement (design.md §7, invariant 6); it waits for nobody.
func (l *Links) Cut(id protocol.InstitutionID) {
	for _, p := range l.both(id) {
		why := p.judge()
		if why == nil {
			wake(p.redial)
			continue
		}
		p.end(why)
		if !p.dialler {
			l.o.Bus.Kick(id)
		}
		// Whoever found the gate open is through: a sender that writes to a peer that
		// does not read is freed by the end of its connection.
		p.gate.Lock()
		p.gate.Unlock()                                             //nolint:staticcheck // nothing is to be done between
		l.spawn(func(context.Context) { l.o.Intake.Gone(p.token) }) // who calls Cut holds its locks
	}
	l.changed()
}

// judge keeps, and gives, why nothing may go over the line; nil if it may.
func (p *peer) judge() error {
	out := p.l.out(p.id)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.barred = out; out == nil {
		p.barred = p.conf.closed()
	} else {
		p.lastErr = out
	}
	return p.barred
}

// out says who closed a member, by which record and why; nil if nobody did.
func (l *Links) out(id protocol.InstitutionID) error {
	m, ok := l.o.Trust.Member(id)
	if !ok || !m.Out {
		return nil
	}
	why := ""
	if m.Reason != "" {
		why = ": " + m.Reason
	}
	if m.Successor != "" {
		why += "; " + string(m.Successor) + " goes on in its place"
	}
	return fmt.Errorf("%w, closed by %s in %s%s (see: vardar member show %s)", ErrOut, m.ClosedBy.Institution, m.ClosedBy, why, id)
}

// through puts something on the line unless that is barred, and returns why it is.
func (p *peer) through(put func() error) error {
	p.gate.RLock()
	defer p.gate.RUnlock()
	if why := p.isBarred(); why != nil {
		return why
	}
	return put()
}

func (p *peer) isBarred() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.barred
}

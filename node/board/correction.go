package board

import (
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Correction is a row of the picture: who took back, replaced or erased ([Erase]) what.
type Correction struct {
	Record      protocol.Name          `json:"record"`
	Digest      protocol.Digest        `json:"digest"`
	Institution protocol.InstitutionID `json:"institution"`
	Corrects    protocol.Name          `json:"corrects"`
	Action      Action                 `json:"action"`
	Reason      string                 `json:"reason"`
	Standing    Standing               `json:"standing"` // counts: it is in force
	Why         string                 `json:"why,omitempty"`
}

// correction is the essence of one.
type correction struct {
	target body.Ref
	action body.CorrectionAction
	reason string

	unread   *body.Correction // until the record it corrects is here
	replaced essence
	project  protocol.Name // that the replacement names
	err      string        // why the replacement can't be read
}

func newCorrection(b *body.Correction) *correction {
	ref, _ := b.Ref(body.RelCorrects)
	return &correction{target: ref, action: b.Action, reason: string(b.Reason), unread: b}
}

// replacement reads the new body as one of the corrected record's type, once.
func (c *correction) replacement(target *entry) (essence, string) {
	if c.unread != nil {
		b, err := c.unread.Replaced(target.kind)
		if err != nil {
			c.err = err.Error()
		} else {
			c.replaced, c.project = essenceOf(b, target.name), b.Base().Project
		}
		c.unread = nil
	}
	return c.replaced, c.err
}

// aim gives what a correction or an erasure names, and the index that it stands in; nil for
// any other record.
func (b *Board) aim(e *entry) (body.Ref, map[protocol.Digest][]*entry) {
	switch x := e.what.(type) {
	case *correction:
		return x.target, b.correcting(e, x)
	case *erasure:
		return x.target, b.taking
	}
	return body.Ref{}, nil
}

// enlist notes down what a record corrects, erases, or says again, and what it speaks of.
func (b *Board) enlist(e *entry) {
	if target, of := b.aim(e); of != nil {
		of[target.Digest] = append(of[target.Digest], e)
		b.naming[target.Record] = append(b.naming[target.Record], e)
	}
	if x, ok := e.what.(*erasure); ok && !x.corrects.Record.IsZero() {
		b.unsaid[x.corrects.Digest] = append(b.unsaid[x.corrects.Digest], e)
	}
	for _, ref := range e.reissues {
		b.again[ref.Digest] = append(b.again[ref.Digest], e)
		b.anew[ref.Record] = append(b.anew[ref.Record], e)
	}
	for _, n := range e.speaksOf {
		b.about[n] = append(b.about[n], e)
	}
}

// delist is the way back; it gives the record that was corrected or erased, if it is here.
func (b *Board) delist(e *entry) *entry {
	is := func(other *entry) bool { return other == e }
	for _, ref := range e.reissues {
		b.again[ref.Digest] = slices.DeleteFunc(b.again[ref.Digest], is)
		b.anew[ref.Record] = slices.DeleteFunc(b.anew[ref.Record], is)
	}
	for _, n := range e.speaksOf {
		b.about[n] = slices.DeleteFunc(b.about[n], is)
	}
	if x, ok := e.what.(*erasure); ok {
		b.unsaid[x.corrects.Digest] = slices.DeleteFunc(b.unsaid[x.corrects.Digest], is)
	}
	target, of := b.aim(e)
	if of == nil {
		return nil
	}
	of[target.Digest] = slices.DeleteFunc(of[target.Digest], is)
	b.naming[target.Record] = slices.DeleteFunc(b.naming[target.Record], is)
	return b.entries[target.Digest]
}

// correcting gives the index that a correction stands in. One that names another's record
// can't come into force, whatever is there: it is judged alone, so that a flood of them
// costs the record nothing.
func (b *Board) correcting(e *entry, c *correction) map[protocol.Digest][]*entry {
	if c.target.Record.Institution != e.name.Institution {
		return b.strays
	}
	return b.mends
}

// restand judges a record anew, with what it corrects or erases and what it is corrected
// by.
func (b *Board) restand(e *entry) {
	if x, ok := e.what.(*erasure); ok {
		b.standErasure(e, x)
	} else if c, ok := e.what.(*correction); ok {
		target := b.entries[c.target.Digest]
		if c.target.Record.Institution != e.name.Institution {
			b.stray(e, c, target)
		} else if target == nil || isCorrection(target) {
			standing, why := e.judge()
			if standing == Counts {
				standing, why = Ignored, b.astray(c, target)
			}
			b.put(e, standing, why, nil)
		} else {
			b.resolve(target)
		}
	}
	b.resolve(e)
	for _, m := range b.strays[e.digest] {
		b.stray(m, m.what.(*correction), e)
	}
}

// stray judges a correction that names another's record.
func (b *Board) stray(m *entry, c *correction, target *entry) {
	standing, why := m.judge()
	switch {
	case standing != Counts:
	case target == nil || isCorrection(target):
		standing, why = Ignored, b.astray(c, target)
	default:
		standing, why = Ignored, flawOf(m, target)
	}
	b.put(m, standing, why, nil)
}

// isCorrection reports whether an entry speaks of another record and of nothing else:
// corrections and erasures.
func isCorrection(e *entry) bool {
	switch e.what.(type) {
	case *correction, *erasure:
		return true
	}
	return false
}

// astray says why a correction has nothing to correct.
func (b *Board) astray(c *correction, target *entry) string {
	switch {
	case target != nil && body.IsErasure(target.kind):
		return "an erasure is not corrected: what it took back is gone"
	case target != nil:
		return "a correction is not corrected: correct the record itself"
	case b.names[c.target.Record]:
		return "broken reference: the record of that name has another digest"
	}
	return "the record it corrects is not here"
}

// resolve lets the corrections of a record work on it: of those that are the author's own
// and later in the same feed the last one counts (epoch, sequence). Corrections of a
// correction have no effect, and its own standing hangs on what it corrects.
func (b *Board) resolve(t *entry) {
	mends := b.mends[t.digest]
	slices.SortFunc(mends, before)
	if isCorrection(t) {
		for _, m := range mends {
			standing, why := m.judge()
			if standing == Counts {
				standing, why = Ignored, b.astray(m.what.(*correction), t)
			}
			b.put(m, standing, why, nil)
		}
		return
	}
	last := b.weigh(t, mends)
	standing, why := t.judge()
	now := t.what
	mendable := standing == Counts || standing == Unreadable && t.verdict.Competent
	switch {
	case last != nil && mendable:
		c := last.what.(*correction)
		standing, why, now = Retracted, "by "+last.name.String(), nil
		if c.action == body.Replace {
			standing, now = Replaced, c.replaced
		}
	case standing != Counts:
		now, last = nil, nil
	}
	t.by = last
	b.put(t, standing, why, now)
}

// weigh judges the corrections of a record and gives the one in force.
func (b *Board) weigh(t *entry, mends []*entry) (last *entry) {
	for _, m := range mends {
		standing, why := m.judge()
		if standing == Counts {
			if flaw := flawOf(m, t); flaw != "" {
				standing, why = Ignored, flaw
			}
		}
		if standing == Counts {
			if last != nil {
				b.put(last, Replaced, "by "+m.name.String(), nil)
			}
			last = m
		}
		b.put(m, standing, why, nil)
	}
	return last
}

// flawOf says what keeps a correction from its target; "" for nothing.
func flawOf(m, t *entry) string {
	c := m.what.(*correction)
	switch {
	case m.name.Institution != t.name.Institution:
		return "only its author corrects a record"
	case m.name.Topic != t.name.Topic:
		return "it stands under another topic"
	case c.target.Record != t.name:
		return "broken reference: that digest is another record's"
	case m.exercise != t.exercise:
		return "an exercise does not correct what is real, nor the other way"
	case before(m, t) < 0:
		return "it stands before what it corrects"
	}
	if c.action == body.Replace {
		if _, err := c.replacement(t); err != "" {
			return err
		}
	}
	return ""
}

// put sets what stands of a record, and moves it on the shelves if that changed.
func (b *Board) put(e *entry, standing Standing, why string, now essence) {
	if standing == Void {
		why = b.reissuedAs(e)
	}
	if e.standing == standing && e.why == why && e.now == now {
		return
	}
	w := b.world(e)
	w.shelve(e, false)
	e.standing, e.why, e.now = standing, why, now
	w.shelve(e, true)
	b.retell(e.reissues)
}

// feedCorrections is the row of a feed: its corrections as they stand.
type feedCorrections struct {
	members []*entry
	shown   []Correction
}

// foldCorrections shows those in force, and of the others the last.
func foldCorrections(_ protocol.Feed, of []*entry) feedCorrections {
	out, left := feedCorrections{members: of}, KeptShown
	for _, e := range slices.Backward(of) {
		if e.standing != Counts {
			if left == 0 {
				continue
			}
			left--
		}
		out.shown = append(out.shown, correctionOf(e))
	}
	slices.Reverse(out.shown)
	return out
}

func correctionOf(e *entry) Correction {
	if x, ok := e.what.(*erasure); ok {
		return Correction{e.name, e.digest, e.name.Institution, x.target.Record, Erase, x.reason, e.standing, e.why}
	}
	c := e.what.(*correction)
	return Correction{e.name, e.digest, e.name.Institution, c.target.Record, Action(c.action), c.reason, e.standing, e.why}
}

// allCorrections gives those too that are not shown.
func allCorrections(feeds []feedCorrections) []Correction {
	out := []Correction{}
	for i := range feeds {
		for _, e := range feeds[i].members {
			out = append(out, correctionOf(e))
		}
	}
	return out
}

// mended gives the corrections of a record that are in force or were, in their order.
func (b *Board) mended(e *entry) []*entry {
	out := slices.DeleteFunc(slices.Clone(b.mends[e.digest]), func(m *entry) bool { return m.standing != Counts && m.standing != Replaced })
	slices.SortFunc(out, before)
	return out
}

// gone gives the corrections of a record whose bodies were taken back, as the erasures say of them: what they said is known on
// no node, and what was said before them stands no more.
func (b *Board) gone(e *entry) (out []*entry) {
	for _, x := range b.unsaid[e.digest] {
		if x.standing != Counts || x.what.(*erasure).corrects.Record != e.name {
			continue
		}
		m := b.entries[x.what.(*erasure).target.Digest]
		if m.standing == NoBody && m.erased != nil && m.verdict.Competent && m.kind == body.TypeCorrection(e.name.Topic) &&
			m.name.Institution == e.name.Institution && m.exercise == e.exercise && before(e, m) < 0 && !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}

package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
)

// maxToWitness bounds the records that lead from one to the head that a witness held: a
// day's, at many times the pace that is planned for.
const maxToWitness = 10_000

// Evidence is what proves a record to somebody who has no node: files that
// `vardar verify` and any RFC 9421 library read.
type Evidence struct {
	Record    protocol.Name   `json:"record"`
	Digest    protocol.Digest `json:"digest"`
	Witnessed []Witnessed     `json:"witnessed"` // the earliest statement of each own witness that covers it
	Files     []EvidenceFile  `json:"files"`
	Lacks     []string        `json:"lacks"` // what can't be proved, in sentences
}

// Witnessed is a witness record that covers a record.
type Witnessed struct {
	By   protocol.Name    `json:"by"`
	Time protocol.Instant `json:"time"` // by the witness's clock
}

// EvidenceFile is one file of it. Its name has no folder.
type EvidenceFile struct {
	Name string `json:"name"`
	Data []byte `json:"data"`
}

// Evidence gathers what proves a record: itself as it was received, the trust feeds of its
// author and of whoever admitted it, the charter in all its versions; and, where a hosted
// institution has witnessed it, that record, the have behind it, and the headers that lead
// to it. Where its feed is forked, the records at the fork go along, which prove that;
// where its body was erased, the erasure.
// The problem is [NotFound] for a record that is not held here.
func (d *Desk) Evidence(ctx context.Context, ref string) (Evidence, error) {
	n, err := d.named(d.o.Institutions[0], strings.TrimSpace(ref))
	if err != nil {
		return Evidence{}, err
	}
	rivals, err := d.rivals(n)
	if err != nil {
		return Evidence{}, err
	}
	h := &rivals[0]
	p := d.newPack(protocol.Red)
	p.out.Record, p.out.Digest = n, h.Digest
	p.groups[h.Feed().Group()] = true
	p.whole(rivals)
	if err = errors.Join(p.charters(), p.behind(h)); err != nil {
		return Evidence{}, failure(err)
	}
	if p.out.Witnessed, err = p.witnesses(ctx, h); err == nil {
		err = p.between()
	}
	if err != nil {
		return Evidence{}, failure(err)
	}
	if len(p.out.Witnessed) == 0 {
		p.lacks("no witness record of this node covers it yet, so its date is its author's word alone")
	}
	return p.out, nil
}

// whole adds a record and its rivals as they were received: of those that its author has
// disowned, and of what the reader may not read, the header alone.
func (p *pack) whole(rivals []Held) {
	h := &rivals[0]
	if h.BodyState != protocol.BodyHeld {
		p.lacks("the body is not here (%s): the record proves that it was signed, not what it said", p.d.noBody(h))
	}
	s, why := p.d.o.Board.Standing(h.Digest)
	uncounted := s == board.Stopped || s == board.Void
	if uncounted {
		p.lacks("it does not count: it is %s%s", s, p.why(h, why))
	}
	for i := range rivals {
		if i > 0 && !uncounted {
			p.header(&rivals[i].Record) // its author has disowned it
		} else {
			p.record(&rivals[i].Record)
		}
	}
}

// behind adds what a record rests on.
func (p *pack) behind(h *Held) error {
	return errors.Join(p.trust(h.Institution), p.fork(h), p.erasures(h))
}

// why says why a record does not count, and who can end that.
func (p *pack) why(h *Held, said string) string {
	closer := protocol.InstitutionID("")
	for _, v := range p.d.o.Trust.Judge(h.EpochID(), p.d.o.Archive.Branches(h.EpochID())) {
		if stopped, _ := v.Of(h.Sequence); stopped {
			said, closer = v.Why, v.Closer
		}
	}
	if said != "" {
		said = ": " + said
	}
	if closer != "" {
		said += "; " + string(closer) + " can close that"
	}
	return said
}

// pack gathers files.
type pack struct {
	d       *Desk
	ceiling protocol.Handling // above it a record goes without what it says
	out     Evidence
	after   uint64 // the records of a part lie behind this place
	most    int    // how many of them there are, at most
	bytes   int    // of all files
	names   map[string]bool
	records map[protocol.Digest]string // in which file
	trusted map[protocol.InstitutionID]bool
	groups  map[protocol.Group]bool       // whose rows go along with a witness record
	spans   map[protocol.EpochID][]uint32 // between which the headers go along
	gaps    []PackGap
	views   map[board.World]*board.View
	stated  []stated // by own witnesses, the first accepted first; nil: not looked yet
}

func (d *Desk) newPack(ceiling protocol.Handling) *pack {
	return &pack{
		d: d, ceiling: ceiling, names: map[string]bool{}, records: map[protocol.Digest]string{}, trusted: map[protocol.InstitutionID]bool{},
		groups: map[protocol.Group]bool{}, spans: map[protocol.EpochID][]uint32{}, views: map[board.World]*board.View{},
		out: Evidence{Witnessed: []Witnessed{}, Lacks: []string{}},
	}
}

func (p *pack) lacks(format string, args ...any) {
	p.out.Lacks = append(p.out.Lacks, fmt.Sprintf(format, args...))
}

func (p *pack) file(name string, data []byte) {
	p.names[name] = true
	p.bytes += len(data)
	p.out.Files = append(p.out.Files, EvidenceFile{Name: name, Data: data})
}

// record adds one record, once; rivals of one position are told apart by their digests. What the
// reader may not read goes without what it says.
func (p *pack) record(r *protocol.Record) {
	if r.Handling > p.ceiling {
		bare := r.WithoutBody(protocol.BodyWithheld)
		r = &bare
	}
	digest := r.Digest()
	if p.records[digest] != "" {
		return
	}
	name := fmt.Sprintf("%s-%s.http", r.Institution, r.Position)
	if p.names[name] {
		name = fmt.Sprintf("%s-%s-%s.http", r.Institution, r.Position, digest.Prefix())
	}
	p.records[digest] = name
	p.file(name, r.AppendHTTP(nil))
}

// charters adds the founding version, and all that were in force since or rival one.
func (p *pack) charters() error {
	first := p.d.o.Trust.SignedCharter()
	if err := p.charter("charter.json", &first); err != nil {
		return err
	}
	for _, digest := range p.d.o.Trust.LaterCharters() {
		if later, ok := p.d.o.Trust.CharterOf(digest); ok {
			if err := p.charter(fmt.Sprintf("charter-%s.json", digest.Prefix()), &later); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *pack) charter(name string, c *protocol.SignedCharter) error {
	raw, err := json.Marshal(c)
	if err != nil {
		return err
	}
	p.file(name, raw)
	return nil
}

// trust adds the trust feed of an institution, whole, and those of whoever admitted or
// closed it in any of its epochs.
func (p *pack) trust(id protocol.InstitutionID) error {
	if id == "" || p.trusted[id] {
		return nil
	}
	p.trusted[id] = true
	m, ok := p.d.o.Trust.Member(id)
	if !ok {
		p.lacks("%s is no member here: nothing says whose its key is", id)
		return nil
	}
	feed := protocol.Feed{Institution: id, Topic: protocol.Trust}
	for epoch := uint32(1); ; epoch++ {
		e := protocol.EpochID{Feed: feed, Epoch: epoch}
		openers, branches := p.d.o.Trust.Openers(e), p.d.o.Archive.Branches(e)
		if len(openers) == 0 && len(branches) == 0 {
			return p.trust(m.Registrar) // it may have stated something again
		}
		head := uint32(0)
		for _, b := range branches {
			head = max(head, b.Head)
		}
		if err := p.stretch(feed, epoch, 1, head, (*pack).record); err != nil {
			return err
		}
		for _, o := range openers {
			if !o.Counts && !o.Waits {
				continue // by somebody who may not
			}
			if err := p.trust(o.By.Institution); err != nil {
				return err
			}
		}
	}
}

// fork adds, of a record that lies at or behind a fork of its epoch, the headers of those
// where the branches part, and, if it is said which of them count, those that lead there.
func (p *pack) fork(h *Held) error {
	e, at, roots := h.EpochID(), uint32(0), 0
	for _, b := range p.d.o.Archive.Branches(e) {
		if b.Parts == 1 {
			roots++
		} else if at == 0 || b.Parts < at {
			at = b.Parts
		}
	}
	if roots > 1 {
		at = 1
	}
	if at == 0 || h.Sequence < at {
		return nil
	}
	to := at
	if last, ok := p.d.o.Trust.Last(e); ok && !last.Unknown && last.Sequence > at && last.Sequence-at <= maxToWitness {
		to = last.Sequence
	}
	return p.stretch(e.Feed, e.Epoch, at, to, (*pack).header)
}

// stretch adds the records of an epoch from one sequence up to another.
func (p *pack) stretch(f protocol.Feed, epoch, from, to uint32, add func(*pack, *protocol.Record)) error {
	for sequence := from; sequence <= to; sequence++ {
		n := protocol.Name{Institution: f.Institution, Position: protocol.Position{Topic: f.Topic, Epoch: epoch, Sequence: sequence}}
		held, err := p.d.o.Archive.At(n)
		if err != nil {
			return err
		}
		for i := range held {
			add(p, &held[i].Record)
		}
	}
	return nil
}

// header adds a record that only leads from one to another, without what it says.
func (p *pack) header(r *protocol.Record) {
	bare := r.WithoutBody(protocol.BodyWithheld)
	p.record(&bare)
}

// erasures adds what took the body of a record back.
func (p *pack) erasures(h *Held) error {
	of := board.WorldOf(&h.Record)
	view := p.views[of]
	if view == nil {
		now := p.d.world(of)
		view = &now
		p.views[of] = view
	}
	for i := range view.Corrections {
		c := &view.Corrections[i]
		if c.Action != board.Erase || c.Corrects != h.Name || c.Standing != board.Counts {
			continue
		}
		held, err := p.d.o.Archive.At(c.Record)
		if err != nil {
			return err
		}
		for k := range held {
			if held[k].Digest == c.Digest {
				p.record(&held[k].Record)
			}
		}
		if err := p.trust(c.Institution); err != nil {
			return err
		}
	}
	return nil
}

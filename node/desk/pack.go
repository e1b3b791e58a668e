package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Bounds of one part of a pack, which is made in memory. What is more comes in several parts,
// each of which is a whole pack that is checked alone.
const (
	// MaxPackRecords is how many records a part tells of: a year of a town, a week of a country.
	MaxPackRecords = 2_000
	// MaxPackFiles is how many files a part holds, those that lead from record to record
	// included.
	MaxPackFiles = 20_000
	// maxPackBytes is how large the files of a part are together, unless it is of one record.
	maxPackBytes = 48 << 20
)

// errPart says that a part is to be of fewer records.
var errPart = errors.New("more than one part of a pack holds")

// Names of the files of a pack that are no records.
const (
	PackListName  = "pack.json"  // what it is of, and the digest of each other file
	PackIndexName = "index.html" // the same in words, for who has no vardar
	PackActsName  = "acts.json"  // what people did here about it
)

// PackKind is the member "vardar" of a pack's list.
const PackKind = "pack"

// PackRequest says what a pack of evidence is of: an incident, or what an institution said, or
// what was said in a period; of an institution in a period, both.
type PackRequest struct {
	Incident     string // an alert, or the record of a phase
	Institution  string
	Since, Until protocol.Instant // by the clocks of the authors: then or later, and before; zero: without end
	Language     string           // of its page
	Acts         bool             // with what people did here about it
	After        uint64           // a part: behind this place, the Next of the part before; 0: from the beginning
	Most         int              // how many records it is to tell of; 0: [MaxPackRecords]
}

// PackOf is what a pack is of.
type PackOf struct {
	Incident    protocol.Name          `json:"incident,omitzero"`
	Institution protocol.InstitutionID `json:"institution,omitempty"`
	Since       protocol.Instant       `json:"since,omitempty"`
	Until       protocol.Instant       `json:"until,omitempty"`
}

// PackRow is one record that a pack tells of.
type PackRow struct {
	Record    protocol.Name    `json:"record"`
	Digest    protocol.Digest  `json:"digest"`
	File      string           `json:"file"`
	Accepted  protocol.Instant `json:"accepted"` // by this node
	Witnessed []Witnessed      `json:"witnessed"`

	Told `json:"-"`
}

// PackGap is a stretch of a feed that a pack leaves out.
type PackGap struct {
	Behind protocol.Name `json:"behind"`
	Before protocol.Name `json:"before"`
}

// PackedFile is a file as the list has it.
type PackedFile struct {
	Name   string          `json:"name"`
	Bytes  int64           `json:"bytes"`
	Digest protocol.Digest `json:"digest"`
}

// PackList is the list of a pack. Nobody signs it: the records are signed. It tells who has
// its digest whether anything was changed, put in or taken out since.
type PackList struct {
	Vardar  string                 `json:"vardar"` // PackKind
	V       int                    `json:"v"`
	Network string                 `json:"network"`
	Of      PackOf                 `json:"of"`
	After   uint64                 `json:"after,omitempty"` // of a part: the place behind which it begins
	Next    uint64                 `json:"next,omitempty"`  // the place behind which the next part begins; absent of the last
	Made    protocol.Instant       `json:"made"`
	By      protocol.InstitutionID `json:"by"`
	Records []PackRow              `json:"records"` // in the order in which this node took them
	Gaps    []PackGap              `json:"gaps"`
	Lacks   []string               `json:"lacks"` // what can't be proved, in sentences
	Files   []PackedFile           `json:"files"`

	Acts []AuditRow `json:"-"` // what people did here about it, of a pack that holds them: they are in a file of their own
}

// Pack is evidence of many records: files that `vardar verify` reads without a node, and a page
// that people read without vardar.
type Pack struct {
	PackList

	Digest protocol.Digest `json:"digest"` // of its list
	Packed []EvidenceFile  `json:"packed"`
}

// PackActs is what people did at this node about the records of a pack.
type PackActs struct {
	Vardar string     `json:"vardar"`
	Acts   []AuditRow `json:"acts"`
}

// Pack gathers what proves many records, for somebody who may read up to a mark: each as it was
// received, what leads from one to the next of its feed, and what [Desk.Evidence] has of each.
// What is more than a part holds is left to the next one, which begins behind the Next of this:
// every record of it is in one of them. The problem is [Usage] for a request of nothing, [NotFound] where
// no record is of what is asked for, and [Refused] where what a single record rests on is more than a part holds.
func (d *Desk) Pack(ctx context.Context, q PackRequest, ceiling protocol.Handling) (Pack, error) {
	of, err := d.packOf(q)
	if err != nil {
		return Pack{}, err
	}
	if q.Most == 0 {
		q.Most = MaxPackRecords
	}
	for {
		out, err := d.part(ctx, q, of, ceiling)
		switch {
		case !errors.Is(err, errPart):
			return out, failure(err)
		case q.Most == 1:
			return Pack{}, &Problem{
				Kind: Refused, Detail: fmt.Sprintf("what leads to the record behind place %d is more than %d files", q.After, MaxPackFiles),
				Mend: "export the evidence of single records, and the pack before and after them", Next: "vardar export evidence --help", Err: err,
			}
		}
		q.Most = (q.Most + 1) / 2
	}
}

// part makes one part of a pack. The error is errPart if it would be too large.
func (d *Desk) part(ctx context.Context, q PackRequest, of PackOf, ceiling protocol.Handling) (Pack, error) {
	p := d.newPack(ceiling)
	p.after, p.most = q.After, q.Most
	chosen, next, err := p.choose(ctx, of)
	if err != nil {
		return Pack{}, err
	}
	if len(chosen) == 0 {
		return Pack{}, &Problem{Kind: NotFound, Detail: "of that no record is held here", Mend: "ask for another period", Next: "vardar list reports"}
	}
	out := Pack{PackList: PackList{Vardar: PackKind, V: 1, Of: of, After: q.After, Next: next, Made: d.now(), By: d.o.Institutions[0], Records: []PackRow{}, Gaps: []PackGap{}}}
	out.Network = d.o.Trust.Charter().Network
	if out.After > 0 {
		p.lacks("it is one part of several: what this node took before is in those before it")
	}
	if out.Next > 0 {
		p.lacks("it is one part of several: what this node took later is in those behind it")
	}
	if out.Records, err = p.rows(ctx, chosen); err != nil {
		return Pack{}, err
	}
	if q.Acts {
		if err = p.acts(ctx, &out.PackList); err != nil {
			return Pack{}, err
		}
	}
	out.Gaps, out.Lacks = append(out.Gaps, p.gaps...), p.out.Lacks
	return out, p.close(ctx, &out, q.Language)
}

// packOf reads what a pack is to be of.
func (d *Desk) packOf(q PackRequest) (of PackOf, err error) {
	of.Since, of.Until = q.Since, q.Until
	if q.Institution = strings.TrimSpace(q.Institution); q.Institution != "" {
		if of.Institution, err = protocol.ParseInstitution(q.Institution); err != nil {
			return of, &Problem{Kind: Usage, Field: "by", Detail: quoted(q.Institution) + " is no institution", Mend: "want one such as mk.southeast.gevgelija", Err: err}
		}
		if err = d.stranger("by", of.Institution); err != nil {
			return of, err
		}
	}
	if q.Incident = strings.TrimSpace(q.Incident); q.Incident != "" {
		if of.Incident, err = d.named(d.o.Institutions[0], q.Incident); err != nil {
			return of, err
		}
	}
	switch {
	case of == PackOf{}:
		return of, &Problem{Kind: Usage, Field: "by", Detail: "it is not said what the evidence is to be of", Mend: "name an incident, an institution or a period"}
	case !of.Incident.IsZero() && of != PackOf{Incident: of.Incident}:
		return of, &Problem{Kind: Usage, Field: "incident", Detail: "an incident is told whole", Mend: "leave the institution and the period out"}
	case q.Most < 0 || q.Most > MaxPackRecords:
		return of, &Problem{Kind: Usage, Field: "limit", Detail: fmt.Sprintf("%d is not within 1 to %d", q.Most, MaxPackRecords), Mend: "what is more comes in further parts"}
	case of.Until != 0 && of.Until <= of.Since:
		return of, &Problem{Kind: Usage, Field: "until", Detail: "the period ends before it begins", Mend: "give a later end"}
	}
	return of, nil
}

// choose gives the records that a part tells of, each before its rivals, in the order in which
// this node took them; and the place behind which the next part begins, 0 if none does.
func (p *pack) choose(ctx context.Context, of PackOf) ([][]Held, uint64, error) {
	if !of.Incident.IsZero() {
		return p.incident(of.Incident)
	}
	fits := func(h *Held) bool {
		return (of.Institution == "" || h.Institution == of.Institution) && h.Time >= of.Since && (of.Until == 0 || h.Time < of.Until)
	}
	var out [][]Held
	last := uint64(0)
	for h, err := range p.d.o.Archive.Records(ctx, "", 0) {
		if err != nil {
			return nil, 0, err
		}
		if h.Place <= p.after || !fits(&h) {
			continue
		}
		rivals, err := p.d.rivals(h.Name)
		if err != nil {
			return nil, 0, err
		}
		if slices.ContainsFunc(rivals, func(other Held) bool { return other.Place < h.Place && fits(&other) }) {
			continue // it was told of with that one
		}
		if len(out) == p.most {
			return out, last, nil
		}
		out, last = append(out, rivals), h.Place
	}
	return out, 0, nil
}

// incident gives what opened an incident, and all that speaks of it.
func (p *pack) incident(n protocol.Name) ([][]Held, uint64, error) {
	opener, err := p.d.rivals(n)
	if err != nil {
		return nil, 0, err
	}
	if opener[0].Type != body.TypeAlert && opener[0].Type != body.TypePhase {
		return nil, 0, problem(Usage, "vardar show "+n.String(), "%s opens no incident: an alert does, or the record of a phase", n)
	}
	names := map[protocol.Name]bool{n: true}
	mentions, _ := p.d.o.Board.About(n, math.MaxInt)
	for _, m := range mentions {
		names[m.Record] = true
	}
	var out [][]Held
	for name := range names {
		rivals, err := p.d.rivals(name)
		if err != nil {
			return nil, 0, err
		}
		if rivals[0].Place > p.after && rivals[0].Exercise == opener[0].Exercise {
			out = append(out, rivals)
		}
	}
	slices.SortFunc(out, func(a, b []Held) int { return cmp.Compare(a[0].Place, b[0].Place) })
	if len(out) <= p.most {
		return out, 0, nil
	}
	return out[:p.most], out[p.most-1][0].Place, nil
}

// rows adds the files of all records, and tells of each.
func (p *pack) rows(ctx context.Context, chosen [][]Held) ([]PackRow, error) {
	m := map[board.World]*moment{}
	first := p.d.now()
	for _, rivals := range chosen {
		h := &rivals[0]
		p.groups[h.Feed().Group()], first = true, min(first, h.Accepted)
		p.whole(rivals) // before anything adds it as a header
		if h.Topic != protocol.Trust {
			p.spans[h.EpochID()] = append(p.spans[h.EpochID()], h.Sequence)
		}
	}
	if err := p.readStated(ctx, first); err != nil {
		return nil, err
	}
	if err := p.charters(); err != nil {
		return nil, err
	}
	out := make([]PackRow, 0, len(chosen))
	for _, rivals := range chosen {
		h := &rivals[0]
		of := board.WorldOf(&h.Record)
		if m[of] == nil {
			m[of] = p.d.momentIn(p.d.present(), of)
		}
		witnessed, err := p.witnesses(ctx, h)
		if err == nil {
			err = p.behind(h)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, PackRow{h.Name, h.Digest, p.records[h.Digest], h.Accepted, witnessed, p.d.told(m[of], h, p.ceiling)})
		if p.full() {
			return nil, errPart
		}
	}
	return out, p.between()
}

// full reports whether a part holds more than it may.
func (p *pack) full() bool {
	return len(p.out.Files) > MaxPackFiles || p.bytes > maxPackBytes && p.most > 1
}

// acts adds what people did here: on the records of the pack and on own ones that speak of them, when somebody was
// woken because of one, and, to its first part, in its period, if it is of an institution in the name of that.
func (p *pack) acts(ctx context.Context, l *PackList) error {
	told, on := map[protocol.Name]bool{}, map[string]bool{}
	for i := range l.Records {
		n := l.Records[i].Record
		told[n], on[n.String()] = true, true
		mentions, _ := p.d.o.Board.About(n, math.MaxInt)
		for _, m := range mentions {
			on[m.Record.String()] = on[m.Record.String()] || p.d.isOwn(m.Record.Institution)
		}
	}
	out := PackActs{Vardar: "acts", Acts: []AuditRow{}}
	for e, err := range p.d.o.Audit.Entries(ctx) {
		if err != nil {
			return err
		}
		within := l.Of.Incident.IsZero() && l.After == 0 && e.Time >= l.Of.Since && (l.Of.Until == 0 || e.Time < l.Of.Until)
		if on[e.On] || slices.ContainsFunc(e.Records, func(n protocol.Name) bool { return told[n] }) || within && (l.Of.Institution == "" || e.As == l.Of.Institution) {
			out.Acts = append(out.Acts, e)
		}
	}
	l.Acts = out.Acts
	raw, err := json.MarshalIndent(out, "", " ")
	p.file(PackActsName, raw)
	return err
}

// close adds the page that people read, and the list of all.
func (p *pack) close(ctx context.Context, out *Pack, language string) error {
	if p.full() {
		return errPart
	}
	if p.d.o.Index != nil {
		page, err := p.d.o.Index(ctx, p.d, &out.PackList, language)
		if err != nil {
			return err
		}
		p.file(PackIndexName, page)
	}
	for _, f := range p.out.Files {
		out.Files = append(out.Files, PackedFile{f.Name, int64(len(f.Data)), protocol.DigestOf(f.Data)})
	}
	raw, err := json.MarshalIndent(out.PackList, "", " ")
	if err != nil {
		return err
	}
	out.Digest, out.Packed = protocol.DigestOf(raw), append(p.out.Files, EvidenceFile{PackListName, raw})
	return nil
}

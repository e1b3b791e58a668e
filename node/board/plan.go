package board

import (
	"cmp"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// PlanState says how far a fund plan is.
type PlanState string

// The states.
const (
	PlanDraft     PlanState = "draft"    // its author's thoughts: nobody signs, and nothing of it is counted
	PlanProposed  PlanState = "proposed" // its live version waits for signatures
	PlanAgreed    PlanState = "agreed"   // all who are to sign have signed the live version
	PlanClosed    PlanState = "closed"
	PlanWithdrawn PlanState = "taken back"
)

// Plan is a fund plan: its live version, and who has signed which.
type Plan struct {
	Record      protocol.Name            `json:"record"`
	Digest      protocol.Digest          `json:"digest"`
	Institution protocol.InstitutionID   `json:"institution"`
	AuthorTime  protocol.Instant         `json:"author_time"`
	State       PlanState                `json:"state"`
	Version     int                      `json:"version"`          // the number of the live one
	Agreed      int                      `json:"agreed,omitempty"` // the last version that all have signed; 0: none
	Title       string                   `json:"title"`
	PeriodStart protocol.Instant         `json:"period_start"`
	PeriodEnd   protocol.Instant         `json:"period_end"`
	Currency    body.Currency            `json:"currency"`
	Total       body.Sum                 `json:"total"` // of its lines
	Territory   body.PlaceKey            `json:"territory"`
	PlaceName   string                   `json:"place_name,omitempty"`
	Footnote    bool                     `json:"footnote,omitempty"`
	Lines       []body.PlanLine          `json:"lines"`
	Rates       []body.PlanRate          `json:"rates,omitempty"`
	Cosigners   []protocol.InstitutionID `json:"cosigners"`        // of the live version, its author left out
	Signed      int                      `json:"signed"`           // of these, how many have signed the live version
	Before      []SignedBefore           `json:"before,omitempty"` // of those whom [Plan.Asked] asks, who has signed only an earlier one
	Versions    []PlanVersion            `json:"versions"`         // the oldest first
	Project     protocol.Name            `json:"project,omitzero"`

	last  int         // the highest number of a line in any version; see [Plan.LastLine]
	facts []lineFacts // what the needs say that its lines name; see [View.PlanSums]
	gone  []goneLine  // by their numbers
}

// goneLine is a line that no version has since, as the last says that had it: money may still be for it.
type goneLine struct {
	said  *body.Plan
	line  *body.PlanLine
	facts lineFacts
}

// PlanVersion is one version of a plan: the record that began it, or a correction of it. What
// cannot be read here is no version here, so that numbers can differ between nodes; names do not.
type PlanVersion struct {
	Number     int              `json:"number"`
	Record     protocol.Name    `json:"record"`
	Digest     protocol.Digest  `json:"digest"`
	AuthorTime protocol.Instant `json:"author_time"`
	Status     body.PlanStatus  `json:"status"`
	Total      body.Sum         `json:"total"`
	Lines      int              `json:"lines"`
	Reason     string           `json:"reason,omitempty"` // of the correction
	Signed     int              `json:"signed"`
	Of         int              `json:"of"` // who are to sign it
	Signatures []PlanSignature  `json:"signatures"`
}

// PlanSignature is the word of one institution on one version.
type PlanSignature struct {
	Institution protocol.InstitutionID `json:"institution"`
	State       SignatureState         `json:"state"`
	Record      protocol.Name          `json:"record,omitzero"`
	Digest      protocol.Digest        `json:"digest,omitzero"`
	AuthorTime  protocol.Instant       `json:"author_time,omitzero"`
	Reason      string                 `json:"reason,omitempty"`
	Ignored     string                 `json:"ignored,omitempty"` // why it does not count
}

// SignatureState says what somebody has said of a version.
type SignatureState string

// The states.
const (
	SignatureWaiting SignatureState = "waiting" // nothing yet, or only that it came or was read
	SignatureGiven   SignatureState = "signed"
	SignatureRefused SignatureState = "refused"
)

// SignedBefore are the co-signers whose last signature is on an earlier version.
type SignedBefore struct {
	Version      int                      `json:"version"`
	Institutions []protocol.InstitutionID `json:"institutions"`
}

// plan is the essence of one.
type plan struct{ said *body.Plan }

func newPlan(b *body.Plan) *plan { return &plan{b} }

// isPlan reports whether a record is a plan that is shown: one that was taken back is, since
// others may have signed it.
func isPlan(e *entry) bool {
	if _, counts := e.now.(*plan); counts {
		return true
	}
	_, was := e.what.(*plan)
	return was && e.standing == Retracted
}

// foldPlan keeps the record: its versions and their signatures are joined when they are shown.
func foldPlan(_ protocol.Digest, of []*entry) *entry { return of[0] }

// planRows gives all plans of a world, by name.
func (b *Board) planRows(w *world, acks []Acknowledgement) []Plan {
	words := map[protocol.Digest][]*Acknowledgement{}
	for i := range acks {
		words[acks[i].OfDigest] = append(words[acks[i].OfDigest], &acks[i])
	}
	var out []Plan
	for _, e := range w.plans.rows(compareDigests) {
		out = append(out, b.planRow(e, words))
	}
	slices.SortFunc(out, func(x, y Plan) int {
		return cmp.Or(compareNames(x.Record, y.Record), compareDigests(x.Digest, y.Digest))
	})
	return out
}

func (b *Board) planRow(e *entry, words map[protocol.Digest][]*Acknowledgement) Plan {
	p := Plan{Record: e.name, Digest: e.digest, Institution: e.name.Institution, AuthorTime: e.time, Versions: []PlanVersion{}, Cosigners: []protocol.InstitutionID{}}
	var versions []*body.Plan
	if first, read := e.what.(*plan); read {
		p.addVersion(e, first.said, "", words)
		versions = append(versions, first.said)
	}
	for _, m := range b.mended(e) {
		c := m.what.(*correction)
		if said, ok := c.replaced.(*plan); ok {
			p.addVersion(m, said.said, c.reason, words)
			versions = append(versions, said.said)
		}
	}
	if len(versions) > 0 {
		p.show(versions[len(versions)-1])
		p.gone = goneFrom(versions)
	}
	if e.standing == Retracted {
		p.State = PlanWithdrawn
	}
	return p
}

// goneFrom gives the lines that versions had, the oldest first, and the last has no more.
func goneFrom(versions []*body.Plan) []goneLine {
	var out []goneLine
	seen := map[body.Positive]bool{}
	for i, said := range slices.Backward(versions) {
		for j := range said.Lines {
			if l := &said.Lines[j]; !seen[l.Line] {
				if seen[l.Line] = true; i < len(versions)-1 {
					out = append(out, goneLine{said: said, line: l})
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b goneLine) int { return cmp.Compare(a.line.Line, b.line.Line) })
	return out
}

// cosignersOf leaves the author out, whose signature is on the record.
func cosignersOf(said *body.Plan, author protocol.InstitutionID) []protocol.InstitutionID {
	return slices.DeleteFunc(slices.Clone(said.Cosigners), func(id protocol.InstitutionID) bool { return id == author })
}

// addVersion takes a version with what was said of it. A signature holds for the one version
// whose name and digest it gives.
func (p *Plan) addVersion(e *entry, said *body.Plan, reason string, words map[protocol.Digest][]*Acknowledgement) {
	v := PlanVersion{
		Number: len(p.Versions) + 1, Record: e.name, Digest: e.digest, AuthorTime: e.time, Status: said.Status, Total: said.Total(),
		Lines: len(said.Lines), Reason: reason, Signatures: []PlanSignature{},
	}
	for i := range said.Lines {
		p.last = max(p.last, int(said.Lines[i].Line))
	}
	asked := cosignersOf(said, p.Institution)
	v.Of = len(asked)
	heard := map[protocol.InstitutionID]*Acknowledgement{}
	for _, a := range words[e.digest] {
		if a.Of == e.name && (a.State == body.Accepted || a.State == body.Refused) {
			heard[a.Institution] = a
		}
	}
	for _, id := range asked {
		s := PlanSignature{Institution: id, State: SignatureWaiting}
		if a := heard[id]; a != nil {
			s = signed(a)
			if said.Status != body.PlanProposed {
				s.Ignored = "this version is not proposed: nobody signs it"
			} else if s.State == SignatureGiven {
				v.Signed++
			}
		}
		v.Signatures = append(v.Signatures, s)
		delete(heard, id)
	}
	for _, a := range words[e.digest] {
		if heard[a.Institution] != a {
			continue
		}
		s := signed(a)
		s.Ignored = "it is not among those who are to sign this version"
		v.Signatures = append(v.Signatures, s)
	}
	if v.Status == body.PlanProposed && v.Of > 0 && v.Signed == v.Of {
		p.Agreed = v.Number
	}
	p.Versions = append(p.Versions, v)
}

func signed(a *Acknowledgement) PlanSignature {
	s := PlanSignature{Institution: a.Institution, State: SignatureGiven, Record: a.Record, Digest: a.Digest, AuthorTime: a.AuthorTime, Reason: a.Reason}
	if a.State == body.Refused {
		s.State = SignatureRefused
	}
	return s
}

// show takes what the live version says.
func (p *Plan) show(said *body.Plan) {
	live := &p.Versions[len(p.Versions)-1]
	p.Version, p.Signed = live.Number, live.Signed
	p.Title, p.Currency, p.Lines, p.Rates, p.Total, p.Project = string(said.Title), said.Currency, said.Lines, said.Rates, live.Total, said.Project
	p.PeriodStart, p.PeriodEnd = said.Period.Start.Instant(), said.Period.End.Instant()
	p.Territory, p.PlaceName = internKey(said.Territory.Key()), string(said.Territory.Name)
	p.Cosigners = append(p.Cosigners, cosignersOf(said, p.Institution)...)
	switch said.Status {
	case body.PlanDraft:
		p.State = PlanDraft
	case body.PlanClosed:
		p.State = PlanClosed
	case body.PlanProposed:
		p.State = PlanProposed
		if p.Agreed == live.Number {
			p.State = PlanAgreed
		}
	}
	if asked := p.Asked(); asked.Status == body.PlanProposed {
		p.signedBefore(asked)
	}
}

// signedBefore says who of those who are to sign a version, and have said nothing of
// it, has signed only an earlier one, and which last.
func (p *Plan) signedBefore(asked *PlanVersion) {
	at := map[int][]protocol.InstitutionID{}
	for _, s := range asked.Signatures {
		if s.State != SignatureWaiting {
			continue
		}
		for i := asked.Number - 2; i >= 0; i-- { //nolint:mnd // those before it
			old := &p.Versions[i]
			if slices.ContainsFunc(old.Signatures, func(o PlanSignature) bool {
				return o.Institution == s.Institution && o.State == SignatureGiven && o.Ignored == ""
			}) {
				at[old.Number] = append(at[old.Number], s.Institution)
				break
			}
		}
	}
	for i := len(p.Versions) - 1; i > 0; i-- {
		if who := at[i]; who != nil {
			p.Before = append(p.Before, SignedBefore{i, who})
		}
	}
}

// LastLine gives the highest number that a line of any of its versions has: what is added gets one
// behind it, since flows may name a line that was taken out.
func (p *Plan) LastLine() int { return p.last }

// refs gives what flows may call a line: by any name of the plan.
func (p *Plan) refs(l *body.PlanLine) []body.PlanLineRef {
	out := []body.PlanLineRef{{Plan: p.Record, Line: l.Line}}
	for i := range p.Versions {
		out = append(out, body.PlanLineRef{Plan: p.Versions[i].Record, Line: l.Line})
	}
	return out
}

// PlaceOf gives where a line is to help: where the needs are that it names, if they are of one place, else the plan's
// territory, as of a line that no version has.
func (p *Plan) PlaceOf(line int) body.PlaceKey {
	for i := range p.Lines {
		if int(p.Lines[i].Line) == line {
			return p.facts[i].at.place
		}
	}
	for i := range p.gone {
		if int(p.gone[i].line.Line) == line {
			return p.gone[i].facts.at.place
		}
	}
	return p.Territory
}

// Live gives the live version; nil of a plan that can't be read.
func (p *Plan) Live() *PlanVersion {
	if p.Version == 0 {
		return nil
	}
	return &p.Versions[p.Version-1]
}

// Asked gives the version whose signatures tell how far the plan was agreed: the live one; where
// that closes the plan, which nobody signs, the last that was proposed before it. It is nil of a
// plan that can't be read.
func (p *Plan) Asked() *PlanVersion {
	live := p.Live()
	if live == nil || live.Status != body.PlanClosed {
		return live
	}
	for i := range slices.Backward(p.Versions) {
		if p.Versions[i].Status == body.PlanProposed {
			return &p.Versions[i]
		}
	}
	return live
}

// Counted reports whether its lines are counted as planned: from the proposal on.
func (p *Plan) Counted() bool {
	return p.State == PlanProposed || p.State == PlanAgreed || p.State == PlanClosed
}

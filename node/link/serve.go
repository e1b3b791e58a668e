package link

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// refusal is an error that a peer is told.
type refusal struct {
	code   protocol.ErrorCode
	detail string
}

func (r *refusal) Error() string { return string(r.code) + ": " + r.detail }

func refuse(code protocol.ErrorCode, detail string) error { return &refusal{code, detail} }

// answer makes the answer to one question of a peer.
func (p *peer) answer(ctx context.Context, x protocol.Operation, data []byte) []byte {
	p.hear()
	out, err := p.serve(ctx, x, data)
	if err == nil {
		return out
	}
	e := protocol.ErrorAnswer{V: protocol.ControlVersion, Code: protocol.CodeInternal}
	var r *refusal
	var v *protocol.Violation
	switch {
	case errors.As(err, &r):
		e.Code, e.Detail = r.code, r.detail
	case errors.As(err, &v):
		e.Code, e.Detail = protocol.CodeBadRequest, v.Error()
	case errors.Is(err, store.ErrNotFound):
		e.Code = protocol.CodeNotFound
	default:
		p.log.WarnContext(ctx, "question not answered", "operation", x, "err", err)
	}
	return marshal(e)
}

func (p *peer) serve(ctx context.Context, x protocol.Operation, data []byte) ([]byte, error) {
	switch x { //nolint:exhaustive // push, tail and join are no questions
	case protocol.OpHello:
		return p.serveHello(data)
	case protocol.OpOwn:
		return p.serveOwn(data)
	case protocol.OpHave:
		return p.serveHave(data)
	case protocol.OpRows:
		return p.serveRows(data)
	case protocol.OpBisect:
		return p.serveBisect(ctx, data)
	case protocol.OpRange:
		return p.serveRange(ctx, data)
	case protocol.OpBodies:
		return p.serveBodies(data)
	case protocol.OpCharter:
		return p.l.serveCharter(data)
	case protocol.OpPolicy:
		return p.servePolicy(ctx, data)
	case protocol.OpBeacon:
		return p.serveBeacons(ctx, data)
	}
	return nil, refuse(protocol.CodeBadRequest, "no such question: "+string(x))
}

func (p *peer) serveHello(data []byte) ([]byte, error) {
	var h protocol.Hello
	if err := protocol.DecodeControl(data, &h); err != nil {
		return nil, err
	}
	if err := p.takeHello(h); err != nil {
		p.note(err)
		return nil, refuse(protocol.CodeNotPermitted, err.Error())
	}
	if !p.dialler && !p.isGuest() {
		p.begin(h.Session)
	}
	return marshal(p.l.hello(p)), nil
}

// serveOwn answers with the rows of the asker's own feeds, every branch of them.
func (p *peer) serveOwn(data []byte) ([]byte, error) {
	var h protocol.Hello
	if err := protocol.DecodeControl(data, &h); err != nil {
		return nil, err
	}
	answer := protocol.RowsAnswer{V: protocol.ControlVersion, Rows: []protocol.HaveRow{}}
	for _, id := range h.Institutions {
		for _, t := range protocol.Topics() {
			f := protocol.Feed{Institution: id, Topic: t}
			for _, epoch := range p.l.o.Store.Epochs(f) {
				e := protocol.EpochID{Feed: f, Epoch: epoch}
				for _, b := range p.l.o.Store.Branches(e) {
					answer.Rows = append(answer.Rows, protocol.HaveRow{EpochID: e, Sequence: b.Head, Head: b.Digest.Prefix()})
				}
			}
		}
	}
	return marshal(answer), nil
}

func (p *peer) serveHave(data []byte) ([]byte, error) {
	var q control
	if err := protocol.DecodeControl(data, &q); err != nil {
		return nil, err
	}
	answer := protocol.HaveAnswer{V: protocol.ControlVersion, Groups: map[protocol.Group]protocol.Digest{}}
	for _, g := range p.l.o.Store.Groups() {
		_, sends := p.sends(g)
		if !sends && !p.takes(g) {
			continue
		}
		if d := protocol.GroupDigest(g, p.l.o.Intake.Rows(g)); !d.IsZero() {
			answer.Groups[g] = d
		}
	}
	return marshal(answer), nil
}

func (p *peer) serveRows(data []byte) ([]byte, error) {
	var q protocol.RowsQuestion
	if err := protocol.DecodeControl(data, &q); err != nil {
		return nil, err
	}
	slices.SortFunc(q.Groups, protocol.Group.Compare)
	answer := protocol.RowsAnswer{V: protocol.ControlVersion, Rows: []protocol.HaveRow{}}
	for _, g := range slices.Compact(q.Groups) {
		if _, sends := p.sends(g); !sends && !p.takes(g) {
			continue
		}
		rows := p.l.o.Intake.Rows(g)
		slices.SortFunc(rows, protocol.CompareRows)
		for _, r := range rows {
			if q.After != nil && !after(r, *q.After) {
				continue
			}
			if len(answer.Rows) == protocol.MaxRowsAPage {
				answer.Next = &answer.Rows[len(answer.Rows)-1]
				return marshal(answer), nil
			}
			answer.Rows = append(answer.Rows, r)
		}
	}
	return marshal(answer), nil
}

// after reports whether row r comes behind the last row of the page before.
func after(r, last protocol.HaveRow) bool {
	if c := r.Feed.Group().Compare(last.Feed.Group()); c != 0 {
		return c > 0
	}
	return protocol.CompareRows(r, last) > 0
}

func (p *peer) serveBisect(ctx context.Context, data []byte) ([]byte, error) {
	var q protocol.BisectQuestion
	if err := protocol.DecodeControl(data, &q); err != nil {
		return nil, err
	}
	if len(q.Sequences) > protocol.MaxBisect {
		return nil, refuse(protocol.CodeTooLarge, "at most 1,024 sequences at once")
	}
	e := protocol.EpochID{Feed: q.Feed, Epoch: q.Epoch}
	branches := p.l.o.Store.Branches(e)
	if len(branches) == 0 {
		return nil, refuse(protocol.CodeNotFound, "nothing of that epoch is held")
	}
	mine := protocol.HaveRow{EpochID: e, Sequence: branches[0].Head, Head: branches[0].Digest.Prefix()}
	answer := protocol.BisectAnswer{V: protocol.ControlVersion, Digests: make([]*protocol.DigestPrefix, len(q.Sequences))}
	for k, sequence := range q.Sequences {
		if d, ok := p.l.digestAt(ctx, mine, sequence); ok {
			answer.Digests[k] = &d
		}
	}
	return marshal(answer), nil
}

// serveRange answers with one frame from q.From on. A guest has no policy, and is given
// trust alone.
func (p *peer) serveRange(ctx context.Context, data []byte) ([]byte, error) {
	var q protocol.RangeQuestion
	if err := protocol.DecodeControl(data, &q); err != nil {
		return nil, err
	}
	direction := p.direction()
	e := protocol.EpochID{Feed: q.Feed, Epoch: q.Epoch}
	own := slices.Contains(p.institutions(), q.Feed.Institution)
	if !own && !direction.Carries(q.Feed.Group()) {
		return nil, refuse(protocol.CodeNotPermitted, "the policy of this link does not carry "+q.Feed.String())
	}
	records, err := p.l.rangeOf(ctx, e, q)
	if err != nil {
		return nil, err
	}
	for i := range records {
		r := &records[i]
		if r.BodyState == protocol.BodyHeld && !own && (!q.Bodies || !p.carriesBody(&r.Record, direction)) {
			r.Record = r.WithoutBody(protocol.BodyWithheld)
		}
	}
	return firstFrame(records)
}

// institutions gives whom the peer says it hosts, as far as trust knows them by its link
// key's institution.
func (p *peer) institutions() []protocol.InstitutionID {
	return []protocol.InstitutionID{p.id}
}

func firstFrame(records []store.Stored) ([]byte, error) {
	frames, _ := cut(records)
	if len(frames) == 0 {
		return nil, refuse(protocol.CodeNotFound, "nothing of that range is held")
	}
	return frames[0].data, nil
}

// rangeOf reads at most what one run may hold of a range.
func (l *Links) rangeOf(ctx context.Context, e protocol.EpochID, q protocol.RangeQuestion) ([]store.Stored, error) {
	var head protocol.Digest
	if q.Head != nil {
		for _, b := range l.o.Store.Branches(e) {
			if b.Digest.Prefix() == *q.Head {
				head = b.Digest
			}
		}
	}
	var records []store.Stored
	size := 0
	for s, err := range l.o.Store.Range(ctx, e, head, q.From, q.To) {
		if err != nil {
			return nil, err
		}
		records = append(records, s)
		size += protocol.EntrySize(&s.Record)
		// A stretch of bad signatures needs the good one after it, further on than a
		// frame reaches.
		if len(records) == protocol.MaxRunRecords || (size > protocol.MaxFrameBytes && s.Verify() == nil) {
			break
		}
	}
	return records, nil
}

// serveBodies answers with the records whose bodies were asked for, as runs of one.
func (p *peer) serveBodies(data []byte) ([]byte, error) {
	var q protocol.BodiesQuestion
	if err := protocol.DecodeControl(data, &q); err != nil {
		return nil, err
	}
	if len(q.Records) > protocol.MaxBodiesAsked {
		return nil, refuse(protocol.CodeTooLarge, "at most 64 bodies at once")
	}
	direction := p.direction()
	var runs []protocol.Run
	size := protocol.FrameHeaderSize
	for _, name := range q.Records {
		s, err := p.l.o.Store.Get(name)
		if err != nil || s.BodyState != protocol.BodyHeld || !direction.Carries(name.Feed().Group()) || !p.carriesBody(&s.Record, direction) {
			continue
		}
		need := protocol.RunHeaderSize(s.Institution) + protocol.EntrySize(&s.Record)
		if len(runs) > 0 && size+need > protocol.MaxFrameBytes {
			break
		}
		size += need
		runs = append(runs, protocol.Run{EpochID: s.EpochID(), First: s.Sequence, Key: s.Key, Previous: s.Previous, Records: []protocol.Record{s.Record}})
	}
	if len(runs) == 0 {
		return nil, refuse(protocol.CodeNotFound, "none of these bodies can be given")
	}
	return protocol.AppendFrame(nil, runs), nil
}

func (l *Links) serveCharter(data []byte) ([]byte, error) {
	var q protocol.CharterQuestion
	if err := protocol.DecodeControl(data, &q); err != nil {
		return nil, err
	}
	c, err := l.o.Store.Charter(q.Digest)
	if err != nil {
		return nil, err
	}
	return json.Marshal(c)
}

// take puts a peer's frame into IN; intake answers after its commit.
func (p *peer) take(ctx context.Context, q bus.Question) {
	p.hear()
	err := p.l.o.Bus.PutIn(ctx, p.token, q.Reply, q.Data)
	switch {
	case err == nil:
	case errors.Is(err, bus.ErrBusy):
		p.l.publish(p, q.Reply, busyAnswer())
	default:
		p.note(err)
		p.l.publish(p, q.Reply, marshal(protocol.ErrorAnswer{V: protocol.ControlVersion, Code: protocol.CodeBusy}))
	}
}

// busyAnswer tells a sender that nothing was taken.
func busyAnswer() []byte {
	return marshal(protocol.Acknowledgement{V: protocol.ControlVersion, Runs: []protocol.RunOutcome{}, Busy: true})
}

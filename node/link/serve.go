package link

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

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
	case protocol.OpFile:
		return nil, serveFile(data)
	}
	return nil, refuse(protocol.CodeBadRequest, "no such question: "+string(x))
}

// serveFile answers that a file is not here: no record can name one yet.
func serveFile(data []byte) error {
	var q protocol.FileQuestion
	if err := protocol.DecodeControl(data, &q); err != nil {
		return err
	}
	return refuse(protocol.CodeNotFound, "no attachments are kept here")
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
		p.greet(h.Session)
	}
	return marshal(p.l.hello(p)), nil
}

// serveOwn answers with the rows of the asker's own feeds, every branch of them
// (epochs.md 17). That the peer is the institution of the link its key has proved; whom
// else it hosts it only says, so that of those it is given what the policy carries.
func (p *peer) serveOwn(data []byte) ([]byte, error) {
	var q protocol.OwnQuestion
	if err := protocol.DecodeControl(data, &q); err != nil {
		return nil, err
	}
	if len(q.Institutions) > maxHosted {
		return nil, refuse(protocol.CodeTooLarge, "too many institutions on one node")
	}
	groups := map[protocol.Group][]protocol.HaveRow{}
	for _, id := range q.Institutions {
		for _, t := range protocol.Topics() {
			f := protocol.Feed{Institution: id, Topic: t}
			if id != p.id && !p.sends(f.Group()) {
				continue
			}
			for _, epoch := range p.l.o.Store.Epochs(f) {
				e := protocol.EpochID{Feed: f, Epoch: epoch}
				for _, b := range p.l.o.Store.Branches(e) {
					groups[f.Group()] = append(groups[f.Group()], protocol.HaveRow{EpochID: e, Sequence: b.Head, Head: b.Digest.Prefix()})
				}
			}
		}
	}
	sorted := slices.SortedFunc(maps.Keys(groups), protocol.Group.Compare)
	return marshal(page(sorted, q.After, func(g protocol.Group) []protocol.HaveRow { return groups[g] })), nil
}

// maxHosted bounds the institutions of one node.
const maxHosted = 1000

func (p *peer) serveHave(data []byte) ([]byte, error) {
	var q control
	if err := protocol.DecodeControl(data, &q); err != nil {
		return nil, err
	}
	answer := protocol.HaveAnswer{V: protocol.ControlVersion, Groups: map[protocol.Group]protocol.Digest{}}
	for _, g := range p.l.o.Store.Groups() {
		if !p.sends(g) && !p.takes(g) {
			continue
		}
		if d := p.l.o.Intake.Digest(g); !d.IsZero() {
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
	groups := slices.DeleteFunc(q.Groups, func(g protocol.Group) bool { return !p.sends(g) && !p.takes(g) })
	slices.SortFunc(groups, protocol.Group.Compare)
	return marshal(page(slices.Compact(groups), q.After, p.l.o.Intake.Rows)), nil
}

// page gives the rows of sorted groups that come behind the last one of the page before,
// as many as fit a message.
func page(groups []protocol.Group, last *protocol.HaveRow, of func(protocol.Group) []protocol.HaveRow) protocol.RowsAnswer {
	answer := protocol.RowsAnswer{V: protocol.ControlVersion, Rows: []protocol.HaveRow{}}
	size := 0
	for _, g := range groups {
		rows := of(g)
		slices.SortFunc(rows, protocol.CompareRows)
		for _, r := range rows {
			if last != nil && !after(r, *last) {
				continue
			}
			if len(answer.Rows) == protocol.MaxRowsAPage || size > pageBytes {
				answer.Next = &answer.Rows[len(answer.Rows)-1]
				return answer
			}
			size += rowBytes + len(r.Institution)
			answer.Rows = append(answer.Rows, r)
		}
	}
	return answer
}

// pageBytes bounds a page of rows, so that the longest names fit a message too; rowBytes
// is what a row takes besides the name.
const (
	pageBytes = protocol.MaxControlBytes * 3 / 4
	rowBytes  = 80
)

// after reports whether row r comes behind the last row of the page before.
func after(r, last protocol.HaveRow) bool {
	if c := r.Group().Compare(last.Group()); c != 0 {
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
	if !p.mayAsk(q.Feed) {
		return nil, refuse(protocol.CodeNotPermitted, "the policy of this link does not carry "+q.Feed.String())
	}
	e := protocol.EpochID{Feed: q.Feed, Epoch: q.Epoch}
	b, ok := p.l.branchWith(ctx, e, q.Head, q.Sequences[len(q.Sequences)-1])
	if !ok {
		return nil, refuse(protocol.CodeNotFound, "nothing of that epoch is held")
	}
	answer := protocol.BisectAnswer{V: protocol.ControlVersion, Digests: make([]*protocol.DigestPrefix, len(q.Sequences))}
	for k, sequence := range q.Sequences {
		if d, ok := p.l.digestAt(ctx, b, sequence); ok {
			answer.Digests[k] = &d
		}
	}
	return marshal(answer), nil
}

// mayAsk reports whether the peer may be told of a feed: what the policy carries either
// way, and its own. A guest has no policy and is no member yet: trust alone.
func (p *peer) mayAsk(f protocol.Feed) bool {
	return p.sends(f.Group()) || p.takes(f.Group()) || p.owns(f)
}

// owns reports whether a feed is that of the institution whose link key opened the line.
func (p *peer) owns(f protocol.Feed) bool { return f.Institution == p.id && !p.isGuestNow() }

// isGuestNow reports whether the connection that asks was opened with a claim key, which
// the bus has held to a guest's questions.
func (p *peer) isGuestNow() bool {
	if guest, connected := p.l.o.Bus.IsGuest(p.token); connected {
		return guest
	}
	return !p.dialler
}

// serveRange answers with one frame from q.From on.
func (p *peer) serveRange(ctx context.Context, data []byte) ([]byte, error) {
	var q protocol.RangeQuestion
	if err := protocol.DecodeControl(data, &q); err != nil {
		return nil, err
	}
	sending := p.outgoing()
	carried := sending.carries(q.Feed.Group())
	own := q.Feed.Institution == p.id && (!carried || q.Feed.Topic != protocol.Trust) && p.owns(q.Feed)
	if !own && !carried {
		return nil, refuse(protocol.CodeNotPermitted, "the policy of this link does not carry "+q.Feed.String())
	}
	records, err := p.l.rangeOf(ctx, q)
	if err != nil {
		return nil, err
	}
	for i := range records {
		r := &records[i]
		switch {
		case r.BodyState != protocol.BodyHeld:
		case !own && !sending.body(&r.Record):
			r.Record = r.WithoutBody(protocol.BodyWithheld)
		case !q.Bodies:
			r.Record = r.WithoutBody(protocol.BodyMissing)
		}
	}
	return p.l.firstFrame(records)
}

func (l *Links) firstFrame(records []store.Stored) ([]byte, error) {
	frames, _ := cut(records, l.signed)
	if len(frames) == 0 {
		return nil, refuse(protocol.CodeNotFound, "nothing of that range is held")
	}
	return frames[0].data, nil
}

// rangeOf reads at most what one run may hold of a range.
func (l *Links) rangeOf(ctx context.Context, q protocol.RangeQuestion) ([]store.Stored, error) {
	e := protocol.EpochID{Feed: q.Feed, Epoch: q.Epoch}
	b, ok := l.branchWith(ctx, e, q.Head, q.To)
	if !ok {
		return nil, refuse(protocol.CodeNotFound, "nothing of that epoch is held")
	}
	var records []store.Stored
	size := 0
	for s, err := range l.o.Store.Range(ctx, e, b.Digest, q.From, q.To) {
		if err != nil && s.Sequence == 0 && len(records) > 0 {
			break // damaged here: what stands before it is given
		}
		if err != nil && s.Sequence == 0 {
			return nil, err
		}
		records = append(records, s)
		size += protocol.EntrySize(&s.Record)
		// A stretch of bad signatures needs the good one after it, further on than a
		// frame reaches.
		if len(records) == protocol.MaxRunRecords || (size > protocol.MaxFrameBytes && l.signed(&s)) {
			break
		}
	}
	return l.marked(records), nil
}

// serveBodies answers with the records whose bodies were asked for, as runs of one; of an
// erased body it says so.
func (p *peer) serveBodies(data []byte) ([]byte, error) {
	var q protocol.BodiesQuestion
	if err := protocol.DecodeControl(data, &q); err != nil {
		return nil, err
	}
	if len(q.Records) > protocol.MaxBodiesAsked {
		return nil, refuse(protocol.CodeTooLarge, "at most 64 bodies at once")
	}
	sending := p.outgoing()
	var runs []protocol.Run
	size := protocol.FrameHeaderSize
	for _, name := range q.Records {
		s, err := p.l.o.Store.Get(name)
		may := err == nil && p.l.maySend(name) && ((sending.carries(name.Feed().Group()) && sending.body(&s.Record)) || p.owns(name.Feed()))
		if !may || s.BodyState != protocol.BodyHeld && s.BodyState != protocol.BodyErased {
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
	if q.Digest.IsZero() {
		q.Digest = l.o.Trust.CharterDigest()
	}
	c, ok := l.o.Trust.CharterOf(q.Digest)
	if !ok {
		return nil, refuse(protocol.CodeNotFound, "that version of the charter is not held")
	}
	return json.Marshal(c)
}

package link

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/nats-io/nats.go"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/protocol"
)

// Guest is the one talk of a newcomer with the listener that its invitation names, or of a
// node that has lost its archive with a peer. It may ask for the charter and for trust
// feeds; a newcomer may give its own first trust records.
type Guest struct {
	inv  protocol.Invitation
	conn *nats.Conn
	ask  *bus.Requester
}

// DialGuest opens the line with the claim key of the invitation. sign is the safe's
// signature over the join text of a nonce.
func DialGuest(ctx context.Context, inv protocol.Invitation, sign func(ctx context.Context, nonce string) (protocol.Signature, error), log *slog.Logger) (*Guest, error) {
	return dialGuest(ctx, inv, bus.DialOptions{LinkKey: protocol.KeyOf(inv.Claim), Guest: true, Sign: sign, Logger: log})
}

// DialBack opens the line of a node that has lost its archive, with its new link key: the
// listener that card names has been told of it. A card is an invitation without a claim;
// with no charter in it, the network's first is asked for.
func DialBack(ctx context.Context, card protocol.Invitation, key protocol.Key, sign func(ctx context.Context, nonce string) (protocol.Signature, error), log *slog.Logger) (*Guest, error) {
	return dialGuest(ctx, card, bus.DialOptions{LinkKey: key, Sign: sign, Logger: log})
}

func dialGuest(ctx context.Context, inv protocol.Invitation, o bus.DialOptions) (*Guest, error) {
	o.Self, o.Listener, o.ListenerKey = inv.Institution, inv.Listener, inv.ListenerKey
	var errs []error
	for _, o.Address = range inv.Addresses {
		conn, err := bus.Dial(ctx, o)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		ask, err := bus.NewRequester(conn, protocol.TokenOf(inv.Institution, inv.Listener))
		if err != nil {
			conn.Close()
			return nil, err
		}
		return &Guest{inv: inv, conn: conn, ask: ask}, nil
	}
	return nil, errors.Join(errs...)
}

// Close ends the talk.
func (g *Guest) Close() { g.conn.Close() }

func (g *Guest) request(ctx context.Context, x protocol.Operation, data []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	answer, err := g.ask.Request(ctx, protocol.TokenOf(g.inv.Institution, g.inv.Listener).Ask(x), data)
	if err != nil {
		return nil, fmt.Errorf("ask %s of %s: %w", x, g.inv.Listener, err)
	}
	if e := protocol.ParseErrorAnswer(answer); e != nil {
		return nil, fmt.Errorf("ask %s of %s: %w", x, g.inv.Listener, e)
	}
	return answer, nil
}

// Charter fetches the charter that the invitation names, or the network's first if it
// names none, and checks digest and signatures. Whether one that was not named is the
// right one, is for the caller to find out.
func (g *Guest) Charter(ctx context.Context) (protocol.SignedCharter, error) {
	return g.CharterOf(ctx, g.inv.Charter)
}

// CharterOf fetches a version of the charter by its digest, and checks it likewise; a zero
// one asks for the network's first.
func (g *Guest) CharterOf(ctx context.Context, digest protocol.Digest) (protocol.SignedCharter, error) {
	q := protocol.CharterQuestion{V: protocol.ControlVersion, Digest: digest}
	data, err := g.request(ctx, protocol.OpCharter, marshal(q))
	if err != nil {
		return protocol.SignedCharter{}, err
	}
	var c protocol.SignedCharter
	if err = json.Unmarshal(data, &c); err != nil {
		return protocol.SignedCharter{}, fmt.Errorf("charter of %s: %w", g.inv.Listener, err)
	}
	if !digest.IsZero() && c.Digest() != digest {
		return protocol.SignedCharter{}, fmt.Errorf("%s gave another charter than the invitation names: ask %s for a new invitation", g.inv.Listener, g.inv.Registrar)
	}
	_, err = c.Verify()
	return c, err
}

// Pull fetches a trust feed's epoch from a sequence on and hands each frame to take. It
// returns how many frames came.
func (g *Guest) Pull(ctx context.Context, e protocol.EpochID, from uint32, take func(frame []byte) error) (int, error) {
	for n := 0; ; n++ {
		q := protocol.RangeQuestion{V: protocol.ControlVersion, Feed: e.Feed, Epoch: e.Epoch, From: from, To: protocol.MaxNumber, Bodies: true}
		frame, err := g.request(ctx, protocol.OpRange, marshal(q))
		var refused *protocol.ErrorAnswer
		if errors.As(err, &refused) && refused.Code == protocol.CodeNotFound {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		runs, err := protocol.ParseFrame(frame, nil)
		if err != nil {
			return n, err
		}
		if err = take(frame); err != nil {
			return n, err
		}
		next := runs[len(runs)-1].Last().Sequence + 1
		if next <= from {
			return n, fmt.Errorf("%s answers %s without end", g.inv.Listener, e)
		}
		from = next
	}
}

// Give hands the newcomer's own trust records over. It returns an error unless all of
// them were accepted.
func (g *Guest) Give(ctx context.Context, frame []byte) error {
	data, err := g.request(ctx, protocol.OpJoin, frame)
	if err != nil {
		return err
	}
	var a protocol.Acknowledgement
	if err := protocol.DecodeControl(data, &a); err != nil {
		return err
	}
	if a.Busy || len(a.Runs) == 0 {
		return fmt.Errorf("%s is busy: try again in a minute", g.inv.Listener)
	}
	for _, o := range a.Runs {
		if o.Outcome != protocol.Accepted {
			return fmt.Errorf("%s did not take our first records (%s): the invitation may have been used already; ask %s for a new one", g.inv.Listener, o.Outcome, g.inv.Registrar)
		}
	}
	return nil
}

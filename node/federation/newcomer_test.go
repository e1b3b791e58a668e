package federation_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// invitees is how many institutions a schedule may invite.
const invitees = 2

// invitee is an institution that the capital invites while the network is in trouble.
type invitee struct {
	id     protocol.InstitutionID
	lines  []protocol.Invitation // one that is made again takes the one before back
	closed bool                  // the capital took the invitation back altogether, or put the guest out
	joined bool                  // its own node took the newest
	stolen bool                  // somebody else took the newest
}

// letIn is a guest that a host let in: what the host's own file held just before.
type letIn struct {
	who, host protocol.InstitutionID
	ended     bool // the invitation had been taken back
	taken     bool // somebody else had taken it
	apart     bool // a line was cut meanwhile
}

func inviteeID(k int) protocol.InstitutionID {
	return protocol.InstitutionID(fmt.Sprintf("mk.southeast.guest-%d", k))
}

// newcomer does what concerns those who are invited. Of n the remainder says whom, and the
// rest how.
func (w *world) newcomer(s step) error {
	g, how := w.invited[s.n%invitees], s.n/invitees
	switch s.act { //nolint:exhaustive // the others are done elsewhere
	case inviteGuest:
		return w.invite(g)
	case takeBack:
		return w.takesBack(g)
	case joinGuest:
		return w.joins(g, w.ids[s.whom], how)
	case stealSeat:
		return w.steals(g, w.ids[s.whom], how%2 == 1)
	}
	return nil
}

// invite has the capital invite an institution; a second time it takes the first line back,
// unless that has let somebody in.
func (w *world) invite(g *invitee) error {
	at := w.node(capital)
	if at == nil || g.closed || g.joined || g.stolen || len(g.lines) > 1 {
		return nil
	}
	inv, err := at.Invite(w.within(), node.InviteRequest{
		Institution: g.id, Level: body.Municipality, Addresses: []string{at.Addr()}, NoLink: true, Again: len(g.lines) > 0,
	})
	if err == nil {
		g.lines = append(g.lines, inv)
	}
	if forked(err) {
		return nil
	}
	return err
}

// takesBack closes an institution, whether it has come or not.
func (w *world) takesBack(g *invitee) error {
	at := w.node(capital)
	if at == nil || g.closed || len(g.lines) == 0 {
		return nil
	}
	_, err := at.Desk().Close(w.within(), node.CloseRequest{Institution: g.id, Reason: "invited by mistake"})
	if forked(err) {
		return nil
	}
	g.closed, w.out[g.id] = true, true
	return err
}

// joins has an institution take its newest invitation at a host, over a line of its own,
// which may break after some of the handshake: then it tries again where it was cut off.
func (w *world) joins(g *invitee, host protocol.InstitutionID, how int) error {
	if w.node(host) == nil || g.joined || len(g.lines) == 0 {
		return nil
	}
	l, err := w.net.LineTo(w.within(), g.id, host)
	if err != nil {
		return err
	}
	broken := false
	if how > 0 {
		l.CutBehind(how * 1500)
		broken = w.enters(g, len(g.lines)-1, host, l.Addr(), w.net.OptionsOf(g.id)) != nil
		l.Heal()
	}
	if !g.joined {
		_ = w.enters(g, len(g.lines)-1, host, l.Addr(), w.net.OptionsOf(g.id)) // if not now, then when all is healed
	}
	if broken && g.joined {
		w.saw.see(sawHandshakeCut)
	}
	return nil
}

// steals has somebody who has read the first line take it at a host, in a folder of their own;
// apart: while the host is cut off, and the one who is invited joins elsewhere.
func (w *world) steals(g *invitee, host protocol.InstitutionID, apart bool) (err error) {
	at := w.node(host)
	if at == nil || len(g.lines) == 0 {
		return nil
	}
	if apart && !g.joined {
		soon, stop := context.WithTimeout(w.within(), time.Minute/6)
		_ = federation.Wait(soon, at, func() bool { return at.Wants(g.id) }) // behind a cut line it never does
		stop()
		defer w.isolated(host)()
		elsewhere := capital
		if host == capital {
			elsewhere = hub
		}
		defer func() { err = errors.Join(err, w.joins(g, elsewhere, 0)) }()
	}
	w.texts++
	o := w.net.OptionsOf(g.id)
	o.Dir, o.Sheet = filepath.Join(w.dir, fmt.Sprintf("thief-%d", w.texts)), nil
	before, err := w.foldOf(at)
	if err != nil {
		return err
	}
	refused := w.enters(g, 0, host, at.Addr(), o)
	claim := protocol.KeyOf(g.lines[0].Claim)
	if refused != nil && before.ended(g.id, claim) {
		w.saw.see(sawTakenBackRefused)
	}
	if refused != nil && len(before.takers(before.epochOf(g.id, claim), before.statementOf(g.id, claim))) > 0 {
		w.saw.see(sawUsedRefused)
	}
	return nil
}

// enters takes an invitation at a host, and notes what the host's file held before. A thief
// has a folder of its own and runs no node.
func (w *world) enters(g *invitee, line int, host protocol.InstitutionID, address string, o node.Options) error {
	at := w.node(host)
	before, err := w.foldOf(at)
	if err != nil {
		return err
	}
	if at.Wants(g.id) {
		if err = at.Offer(w.within(), g.id, protocol.Key{}); err != nil {
			return err
		}
	}
	inv := g.lines[line]
	claim := protocol.KeyOf(inv.Claim)
	inv.Listener, inv.ListenerKey, inv.Addresses, inv.Neighbour = host, at.LinkKey(), []string{address}, nil
	if _, err = node.Join(w.soon(), o, inv, node.Opening{Level: body.Municipality}); err != nil {
		return err
	}
	safe, err := keys.Open(keys.Options{Dir: o.Dir})
	if err != nil {
		return err
	}
	key, _ := safe.Public(g.id, protocol.UseIdentity)
	x := letIn{who: g.id, host: host, ended: before.ended(g.id, claim), apart: len(w.cut) > 0}
	for taker := range before.takers(before.epochOf(g.id, claim), before.statementOf(g.id, claim)) {
		x.taken = x.taken || taker != key
	}
	w.e.entered = append(w.e.entered, x)
	newest := line == len(g.lines)-1
	if own := o.Dir == w.net.OptionsOf(g.id).Dir; own {
		g.joined = true
		w.ids = append(w.ids, g.id)
		err = w.net.RunAs(w.within(), g.id, o)
	} else if newest {
		g.stolen = true
	}
	if g.joined && g.stolen {
		w.out[g.id] = true // its feeds stand still until its registrar speaks
	}
	return err
}

// comesIn has every invitation that nobody took or took back let its institution in, once all
// is healed, and connects those who came with the capital.
func (w *world) comesIn() error {
	ctx := w.within()
	for _, g := range w.invited {
		if len(g.lines) > 0 && !g.closed && !g.joined && !g.stolen {
			l, err := w.net.LineTo(ctx, g.id, capital)
			if err != nil {
				return err
			}
			l.Heal()
			err = context.DeadlineExceeded
			for starved(err) && ctx.Err() == nil {
				err = w.enters(g, len(g.lines)-1, capital, l.Addr(), w.net.OptionsOf(g.id))
			}
			if err != nil {
				return fmt.Errorf("the invitation of %s lets it in no more: %w", g.id, err)
			}
		}
		if g.joined && !w.out[g.id] {
			if err := w.net.Connect(ctx, g.id, capital); err != nil {
				return err
			}
		}
	}
	return nil
}

// nextCharter has a node take in a version that its steward signed, after the one that is in
// force there: two that are signed over a cut line stop each other.
func (w *world) nextCharter(n *node.Node, quotaOf int) error {
	if len(n.Trust().Rivals()) > 0 {
		return nil
	}
	w.texts++
	c := nextVersion(w.t, w.dir, n.Trust().SignedCharter(), quota(100_000+100*quotaOf+w.texts))
	return n.Intake().TakeCharter(w.within(), c)
}

// foldOf reads the file of a node that runs.
func (w *world) foldOf(n *node.Node) (*fold, error) {
	path := filepath.Join(w.dir, "look.bbolt")
	if err := copyStore(w.within(), n, path); err != nil {
		return nil, err
	}
	held, _, charters, err := readStore(path)
	if err != nil {
		return nil, err
	}
	return judge(firstOf(charters), held)
}

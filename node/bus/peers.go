package bus

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/vardar-network/vardar/protocol"
)

const (
	// CloneKicks connections that kicked a living one within CloneWindow are two nodes
	// with one key: an honest node kicks itself now and then, when it notices a cut line
	// before we do, which takes it half a minute.
	CloneKicks = 4
	// CloneWindow is how far back kicks count.
	CloneWindow = 10 * time.Minute

	levelRefused = slog.LevelInfo
)

// disconnected is where nats-server tells that a connection ended: of any account, since
// one that ends in the middle of its admission is not yet in the links'.
const disconnected = "$SYS.ACCOUNT.*.DISCONNECT"

// PeerState is one dialler that is connected now.
type PeerState struct {
	Peer
	Address string    // where its connection comes from
	Since   time.Time // when it was admitted
	Kicks   int       // how often one connection of this link ended another within CloneWindow
	// Clone: two nodes keep kicking each other. Both have the link key, so probably
	// the node was copied; a person must find the copy and stop it.
	Clone bool
}

// registry knows the diallers that are connected.
type registry struct {
	bus       *Bus
	admitting atomic.Bool

	mu       sync.Mutex // guards what follows; of nats-server only alive is called under it
	links    map[protocol.LinkToken]*line
	ids      map[uint64]protocol.LinkToken // of the connections at nats-server
	watchers map[chan struct{}]struct{}
}

// line is what is remembered of one link, connected or not.
type line struct {
	state PeerState
	id    uint64 // of its connection; 0: none
	kicks []time.Time
	told  bool // that it is a clone
}

func newRegistry(b *Bus) *registry {
	return &registry{
		bus: b, links: map[protocol.LinkToken]*line{}, ids: map[uint64]protocol.LinkToken{}, watchers: map[chan struct{}]struct{}{},
	}
}

// enter registers an admitted connection and ends the one this link had before.
func (r *registry) enter(c server.ClientAuthentication, p Peer) error {
	address := ""
	if a := c.RemoteAddress(); a != nil {
		address = a.String()
	}
	now, id := r.bus.o.Clock(), c.GetID()
	older, clone, err := r.replace(p, id, PeerState{Peer: p, Address: address, Since: now}, now)
	if err != nil {
		return err
	}
	if older != 0 {
		r.kick(older, p.Token)
	}
	if clone {
		r.bus.o.Logger.Warn("two nodes use one link key", "peer", p.Institution, "kicks", CloneKicks)
	}
	r.changed()
	return nil
}

// replace makes connection id that of the link and gives the one it had before, 0 for
// none, and whether this makes it a clone for the first time.
func (r *registry) replace(p Peer, id uint64, state PeerState, now time.Time) (older uint64, clone bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.ids[id]; ok {
		return 0, false, fmt.Errorf("%w: second CONNECT of %s", errRefused, p.Institution)
	}
	l := r.links[p.Token]
	if l == nil {
		l = &line{}
		r.links[p.Token] = l
	}
	if l.id != 0 && p.Guest && !l.state.Guest {
		return 0, false, fmt.Errorf("%w: %s is a guest and connected as a member", errRefused, p.Institution)
	}
	if older = l.id; older != 0 {
		delete(r.ids, older)
		if r.alive(older) {
			l.kicks = append(l.kicks, now)
		}
	}
	l.prune(now)
	l.id, l.state = id, state
	r.ids[id] = p.Token
	clone = l.clone() && !l.told
	l.told = l.clone()
	return older, clone, nil
}

// leave forgets a connection that ended.
func (r *registry) leave(id uint64) {
	r.mu.Lock()
	token, ok := r.ids[id]
	if ok {
		delete(r.ids, id)
		l := r.links[token]
		l.id = 0
		if l.prune(r.bus.o.Clock()); len(l.kicks) == 0 {
			delete(r.links, token)
		}
	}
	r.mu.Unlock()
	if ok {
		r.bus.answers.drop(token.Reply(""), ErrPeerGone)
		r.changed()
	}
}

func (r *registry) kick(id uint64, token protocol.LinkToken) {
	// An error says that it is gone by itself.
	_ = r.bus.server.DisconnectClientByID(id)
	r.bus.answers.drop(token.Reply(""), ErrPeerGone)
}

// alive reports whether nats-server still has the connection.
func (r *registry) alive(id uint64) bool { return r.bus.server.GetClient(id) != nil }

func (l *line) prune(now time.Time) {
	l.kicks = slices.DeleteFunc(l.kicks, func(t time.Time) bool { return now.Sub(t) > CloneWindow })
}

func (l *line) clone() bool { return len(l.kicks) >= CloneKicks }

// Peers gives the diallers that are connected, sorted by institution.
func (b *Bus) Peers() []PeerState {
	now := b.o.Clock()
	var states []PeerState
	b.peers.mu.Lock()
	for _, l := range b.peers.links {
		if l.id == 0 || !b.peers.alive(l.id) {
			continue
		}
		l.prune(now)
		l.state.Kicks, l.state.Clone = len(l.kicks), l.clone()
		states = append(states, l.state)
	}
	b.peers.mu.Unlock()
	slices.SortFunc(states, func(x, y PeerState) int { return cmp.Compare(x.Institution, y.Institution) })
	return states
}

// IsGuest reports whether the dialler of a link that is connected came with a claim key;
// connected is false while nobody is.
func (b *Bus) IsGuest(token protocol.LinkToken) (guest, connected bool) {
	b.peers.mu.Lock()
	defer b.peers.mu.Unlock()
	l := b.peers.links[token]
	if l == nil || l.id == 0 || !b.peers.alive(l.id) {
		return false, false
	}
	return l.state.Guest, true
}

// Kick ends the connection of a dialler, if it has one. It may come back: what keeps it
// out is Options.Admit, which must refuse it before Kick is called.
func (b *Bus) Kick(id protocol.InstitutionID) {
	token := protocol.TokenOf(id, b.o.Institution)
	b.peers.mu.Lock()
	var connection uint64
	if l := b.peers.links[token]; l != nil {
		connection = l.id
	}
	b.peers.mu.Unlock()
	if connection != 0 {
		b.peers.kick(connection, token)
		b.peers.leave(connection)
	}
}

// Changed tells, coalesced, when a dialler came or went; look at [Bus.Peers] then. Call
// the function when you no longer listen.
func (b *Bus) Changed() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	b.peers.mu.Lock()
	b.peers.watchers[c] = struct{}{}
	b.peers.mu.Unlock()
	return c, func() {
		b.peers.mu.Lock()
		delete(b.peers.watchers, c)
		b.peers.mu.Unlock()
	}
}

func (r *registry) changed() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.watchers {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// watchPeers hears from nats-server when connections end.
func (b *Bus) watchPeers() error {
	if _, err := b.system.Subscribe(disconnected, func(m *nats.Msg) {
		var event struct {
			Client struct {
				ID uint64 `json:"id"`
			} `json:"client"`
		}
		if json.Unmarshal(m.Data, &event) == nil {
			b.peers.leave(event.Client.ID)
		}
	}); err != nil {
		return fmt.Errorf("listen for connections that end: %w", err)
	}
	return flush(b.system)
}

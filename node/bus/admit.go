package bus

import (
	"crypto/tls"
	"encoding/base64"
	"fmt"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	"github.com/vardar-network/vardar/protocol"
)

// UserGuest is the user name of a newcomer with an invitation (wire.md §8).
const UserGuest = "guest"

// Check is what nats-server asks for every CONNECT: it replaces each of its own checks,
// so everything is checked here. A peer is told no reason for a refusal.
func (r *registry) Check(c server.ClientAuthentication) bool {
	user, perms, account, err := r.check(c)
	if err != nil {
		r.bus.said.say(levelRefused, "refused a connection: %v", []any{err})
		return false
	}
	c.RegisterUser(&server.User{Username: user, Permissions: perms, Account: account})
	return true
}

func (r *registry) check(c server.ClientAuthentication) (string, *server.Permissions, *server.Account, error) {
	if c.Kind() != server.CLIENT {
		return "", nil, nil, fmt.Errorf("%w: not a client", errRefused)
	}
	user := c.GetOpts().Username
	if isLocal(c) {
		if !r.bus.programs.isInside(c.GetOpts().Password) {
			return r.bus.program(c)
		}
		g, ok := insider(user)
		if !ok {
			return "", nil, nil, fmt.Errorf("%w: no user %q inside the node", errRefused, user)
		}
		account := r.bus.server.SystemAccount()
		if g.account != "" {
			var err error
			if account, err = r.bus.server.LookupAccount(g.account); err != nil {
				return "", nil, nil, fmt.Errorf("%w: %w", errRefused, err)
			}
		}
		return user, permissions(g.publish, g.subscribe), account, nil
	}
	p, err := r.peer(c)
	if err != nil {
		return "", nil, nil, err
	}
	account, err := r.bus.server.LookupAccount(accountLinks)
	if err != nil {
		return "", nil, nil, fmt.Errorf("%w: %w", errRefused, err)
	}
	return user, permissions(Permissions(p)), account, nil
}

// isLocal reports whether a connection began inside this process, or came in at the listener of
// the programs. Only such a one can be a pipe; the users of the table in permissions.go are of
// those alone that know the process's own word.
func isLocal(c server.ClientAuthentication) bool {
	addr := c.RemoteAddress()
	return addr != nil && addr.Network() == "pipe" && c.GetTLSConnectionState() == nil
}

// peer admits one dialler: known, over TLS 1.3, and its key signed our nonce for us.
func (r *registry) peer(c server.ClientAuthentication) (Peer, error) {
	if !r.admitting.Load() {
		return Peer{}, fmt.Errorf("%w: node is starting or closing", errRefused)
	}
	if s := c.GetTLSConnectionState(); s == nil || !s.HandshakeComplete || s.Version != tls.VersionTLS13 {
		return Peer{}, fmt.Errorf("%w: not over TLS 1.3", errRefused)
	}
	key, signature, err := credentials(c.GetOpts())
	if err != nil {
		return Peer{}, err
	}
	p, err := r.known(c.GetOpts().Username, key)
	if err != nil {
		return Peer{}, err
	}
	text, err := HandshakeText(p, r.bus.o.Institution, string(c.GetNonce()))
	if err != nil {
		return Peer{}, fmt.Errorf("%w: %w", errRefused, err)
	}
	if !key.Verify(text, signature) {
		return Peer{}, fmt.Errorf("%w: signature of %s does not verify", errRefused, p.Institution)
	}
	if err := r.enter(c, p); err != nil {
		return Peer{}, err
	}
	// Trust may have changed, and Kick have come and gone, between the question above
	// and the entry: only now would a Kick find this connection.
	if _, err := r.known(c.GetOpts().Username, key); err != nil {
		r.leave(c.GetID())
		return Peer{}, err
	}
	return p, nil
}

// known asks who this is and holds the answer against the claim.
func (r *registry) known(user string, key protocol.Key) (Peer, error) {
	self := r.bus.o.Institution
	if user != UserGuest {
		id, err := protocol.ParseInstitution(user)
		if err != nil {
			return Peer{}, fmt.Errorf("%w: %w", errRefused, err)
		}
		if id == self {
			return Peer{}, fmt.Errorf("%w: the node's own name", errRefused)
		}
	}
	p, err := r.bus.o.Admit(user, key)
	if err != nil {
		return Peer{}, fmt.Errorf("%w: %w", errRefused, err)
	}
	p.Token = protocol.TokenOf(p.Institution, self)
	fits := p.Key == key && p.Institution != self && p.Guest == (user == UserGuest) &&
		(p.Guest || string(p.Institution) == user)
	if !fits {
		return Peer{}, fmt.Errorf("%w: %s is not admitted with this key", errRefused, user)
	}
	return p, nil
}

// credentials reads key and signature as nats.go sends them.
func credentials(o *server.ClientOpts) (protocol.Key, protocol.Signature, error) {
	raw, err := nkeys.Decode(nkeys.PrefixByteUser, []byte(o.Nkey))
	if err != nil || len(raw) != len(protocol.Key{}) {
		return protocol.Key{}, protocol.Signature{}, fmt.Errorf("%w: no key", errRefused)
	}
	key := protocol.Key(raw)
	if err = protocol.CheckKey(key); err != nil {
		return protocol.Key{}, protocol.Signature{}, fmt.Errorf("%w: %w", errRefused, err)
	}
	sig, err := base64.RawURLEncoding.Strict().DecodeString(o.Sig)
	if err != nil || len(sig) != len(protocol.Signature{}) {
		return protocol.Key{}, protocol.Signature{}, fmt.Errorf("%w: no signature", errRefused)
	}
	return key, protocol.Signature(sig), nil
}

// HandshakeText is what a dialler signs: [protocol.LinkText], of a guest
// [protocol.JoinText]. It returns protocol.ErrNonce for a nonce that is none.
func HandshakeText(dialler Peer, listener protocol.InstitutionID, nonce string) ([]byte, error) {
	if dialler.Guest {
		return protocol.JoinText(dialler.Institution, listener, nonce)
	}
	return protocol.LinkText(dialler.Institution, listener, nonce)
}

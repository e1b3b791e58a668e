package bus

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/vardar-network/vardar/protocol"
)

const (
	// MaxPrograms bounds the institution's own programs that listen at once.
	MaxPrograms = 64
	// programsAsked is how often is asked whether a program's token still holds.
	programsAsked = 5 * time.Second

	accountPrograms = "PROGRAMS" // what lies on LOG comes in, and nothing goes out
	logSubjects     = "vardar.v1.>"
)

// Program is one of the institution's own that listens to LOG.
type Program struct {
	Name     string            // of its token
	Handling protocol.Handling // the highest mark that it may read; it may publish nothing
}

// programs are the connections of programs.
type programs struct {
	inside string // the word of the users inside the process: a program comes in by a pipe, too

	mu      sync.Mutex // guards the rest
	admit   func(secret string) (Program, error)
	secrets map[uint64]string // of those that are connected, by connection
	pipes   int
}

func newPrograms() *programs { return &programs{inside: rand.Text(), secrets: map[uint64]string{}} }

// isInside reports whether a connection is of a user inside the process, who knows the word.
func (p *programs) isInside(word string) bool {
	return subtle.ConstantTimeCompare([]byte(word), []byte(p.inside)) == 1
}

// accounts are those of the server. That of the programs takes in what is published on LOG's
// subjects, and has no streams: neither a subject of the node's nor one of JetStream exists in it.
func accounts() ([]*server.Account, error) {
	node, listening := server.NewAccount(accountNode), server.NewAccount(accountPrograms)
	err := errors.Join(node.AddStreamExport(logSubjects, []*server.Account{listening}), listening.AddStreamImport(node, logSubjects, ""))
	return []*server.Account{server.NewAccount(accountLinks), node, listening}, err
}

// program admits a program by its token, which it sends as token or as password.
func (b *Bus) program(c server.ClientAuthentication) (string, *server.Permissions, *server.Account, error) {
	secret := c.GetOpts().Token
	if secret == "" {
		secret = c.GetOpts().Password
	}
	b.programs.mu.Lock()
	admit := b.programs.admit
	b.programs.mu.Unlock()
	if admit == nil {
		return "", nil, nil, fmt.Errorf("%w: no user %q inside the node", errRefused, c.GetOpts().Username)
	}
	p, err := admit(secret)
	if err != nil {
		return "", nil, nil, fmt.Errorf("%w: a program: %w", errRefused, err)
	}
	account, err := b.server.LookupAccount(accountPrograms)
	if err != nil {
		return "", nil, nil, fmt.Errorf("%w: %w", errRefused, err)
	}
	b.programs.mu.Lock()
	b.programs.secrets[c.GetID()] = secret
	b.programs.mu.Unlock()
	return "program " + p.Name, permissions(nil, protocol.LogSubjects(p.Handling)), account, nil
}

// ServePrograms lets the institution's own programs listen to LOG over NATS, on a listener that
// it closes, until ctx ends: give it one that only this machine reaches, since a token goes over
// it in the clear. admit says who a program is by its secret; it is asked again every few seconds,
// and a program whose token holds no more is cut off. What is published while a program is not
// connected it does not get: it reads on at GET /v1/records.
func (b *Bus) ServePrograms(ctx context.Context, l net.Listener, admit func(secret string) (Program, error)) error {
	b.programs.mu.Lock()
	b.programs.admit = admit
	b.programs.mu.Unlock()
	var wg sync.WaitGroup
	defer wg.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	context.AfterFunc(ctx, func() { _ = l.Close() }) // its error adds nothing to Accept's
	wg.Go(func() { b.askPrograms(ctx) })
	for {
		conn, err := l.Accept()
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("programs: %w", err)
		case err != nil: // no descriptors, perhaps: the next may come in
			b.o.Logger.WarnContext(ctx, "a program did not get in", "err", err)
			if !wait(ctx, reconnectWait) {
				return nil
			}
		default:
			wg.Go(func() { b.pipe(ctx, conn) })
		}
	}
}

func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// pipe carries between a program and the server, until either ends.
func (b *Bus) pipe(ctx context.Context, conn net.Conn) {
	defer func() { _ = conn.Close() }()
	if !b.programs.enter() {
		b.o.Logger.WarnContext(ctx, "a program was not let in: there are too many", "programs", MaxPrograms)
		return
	}
	defer b.programs.leave()
	inner, err := b.server.InProcessConn()
	if err != nil {
		b.o.Logger.WarnContext(ctx, "a program did not get in", "err", err)
		return
	}
	end := context.AfterFunc(ctx, func() { _, _ = conn.Close(), inner.Close() })
	defer end()
	var wg sync.WaitGroup
	wg.Go(func() { _, _ = io.Copy(inner, conn); _ = inner.Close() })
	_, _ = io.Copy(conn, inner)
	_ = conn.Close()
	wg.Wait()
}

func (p *programs) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pipes == MaxPrograms {
		return false
	}
	p.pipes++
	return true
}

func (p *programs) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pipes--
}

// askPrograms cuts off those whose token holds no more, until ctx ends.
func (b *Bus) askPrograms(ctx context.Context) {
	for wait(ctx, programsAsked) {
		b.askProgramsNow(ctx)
	}
}

func (b *Bus) askProgramsNow(ctx context.Context) {
	b.programs.mu.Lock()
	admit, secrets := b.programs.admit, maps.Clone(b.programs.secrets)
	b.programs.mu.Unlock()
	for id, secret := range secrets {
		_, err := admit(secret)
		if b.server.GetClient(id) != nil {
			if err == nil {
				continue
			}
			b.o.Logger.InfoContext(ctx, "a program is cut off", "why", err)
			_ = b.server.DisconnectClientByID(id) // an error says that it is gone by itself
		}
		b.programs.mu.Lock()
		delete(b.programs.secrets, id)
		b.programs.mu.Unlock()
	}
}

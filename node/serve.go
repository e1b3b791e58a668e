package node

import (
	"cmp"
	"context"
	"errors"
	"net"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/node/desk"
)

// maxSocketPath is how long a socket's path may be: the shortest of the systems' bounds
// (104 bytes with the zero at the end, macOS), less the name it is made under.
const maxSocketPath = 85

// SocketName is the API's socket in a node's folder.
const SocketName = "vardar.sock"

// listen opens the ways in of the API before the node is said to run: the socket that its
// owner alone can open, and a loopback address, read-only, if one is wanted. The store's
// lock sees to it that no other node of this folder runs, so a socket that nobody answers
// on was left by one that was killed.
func (n *Node) listen(ctx context.Context) (err error) {
	path := cmp.Or(n.o.Socket, filepath.Join(n.o.Dir, SocketName))
	switch {
	case len(path) > maxSocketPath && n.o.Socket == "":
		n.o.Logger.WarnContext(ctx, "folder's name is too long for a socket: no command reaches this node; name a shorter one with --socket", "path", path)
	default:
		if n.unix, err = api.ListenUnix(ctx, path); err != nil {
			return err
		}
	}
	if n.o.HTTP != "" {
		if n.loopback, err = api.ListenLoopback(ctx, n.o.HTTP); err != nil {
			return err
		}
	}
	if n.o.Programs != "" {
		if n.programs, err = api.ListenLoopback(ctx, n.o.Programs); err != nil {
			return err
		}
	}
	if n.o.Pages != "" {
		err = n.listenPages(ctx)
	}
	return err
}

func addressOf(l net.Listener) string {
	if l == nil {
		return ""
	}
	return l.Addr().String()
}

// HTTPAddr is where the API is read on loopback; empty if it is not.
func (n *Node) HTTPAddr() string {
	return addressOf(n.loopback)
}

// ProgramsAddr is where the institution's own programs listen to LOG; empty if they do not.
func (n *Node) ProgramsAddr() string { return addressOf(n.programs) }

// program says who listens to LOG by its token: any that holds may read, up to its role's mark.
func (n *Node) program(ctx context.Context) func(secret string) (bus.Program, error) {
	return func(secret string) (bus.Program, error) {
		_, t, err := n.desk.Bearer(ctx, secret)
		return bus.Program{Name: t.Name, Handling: desk.Ceiling(desk.Account{Role: t.Role})}, err
	}
}

// serve answers the command line and the loopback API until ctx ends.
// It begins when peers are answered: who is told that the node runs may send a newcomer.
func (n *Node) serve(ctx context.Context) error {
	select {
	case <-n.Ready():
	case <-ctx.Done():
		return nil
	}
	server := api.NewServer(n.desk, n.o.Logger)
	g, ctx := errgroup.WithContext(ctx)
	if n.unix != nil {
		g.Go(func() error { return api.Serve(ctx, n.unix, server, n.o.Logger) })
	}
	if n.loopback != nil {
		g.Go(func() error { return api.Serve(ctx, n.loopback, server.ReadOnly(), n.o.Logger) })
	}
	if n.programs != nil {
		g.Go(func() error { return n.bus.ServePrograms(ctx, n.programs, n.program(ctx)) })
	}
	if n.pages != nil {
		g.Go(func() error { return n.servePages(ctx) })
	}
	g.Go(func() error { n.sweepStaff(ctx); return nil })
	g.Go(func() error { <-ctx.Done(); return nil })
	return g.Wait()
}

// closeListeners closes what serve has not, in a node that never ran.
func (n *Node) closeListeners() error {
	var errs []error
	for _, l := range []net.Listener{n.unix, n.loopback, n.programs, n.pages} {
		if l == nil {
			continue
		}
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

package node

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/web"
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
	if n.o.Pages != "" {
		n.pages, err = api.ListenLoopback(ctx, n.o.Pages)
	}
	return err
}

// PagesAddr is where people open the pages; empty if there are none.
func (n *Node) PagesAddr() string { return addressOf(n.pages) }

func addressOf(l net.Listener) string {
	if l == nil {
		return ""
	}
	return l.Addr().String()
}

// servePages makes the pages, once somebody can come, and answers until ctx ends.
func (n *Node) servePages(ctx context.Context) error {
	_, port, err := net.SplitHostPort(n.PagesAddr())
	if err != nil {
		return err
	}
	pages, err := web.New(web.Options{
		Desk: n.desk, Sessions: n.people.Sessions(), Cookie: "vardar_" + port, Clock: n.o.Stamp, Logger: n.o.Logger,
	})
	if err != nil {
		return err
	}
	return api.Serve(ctx, n.pages, together(pages, api.NewServer(n.desk, n.o.Logger).ByToken()), n.o.Logger)
}

// together serves people and programs at one address: programs bring a token.
func together(pages, programs http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	for _, path := range []string{"/v1/", "/livez", "/readyz", "/metrics"} {
		mux.Handle(path, programs)
	}
	return mux
}

// sweepPages takes away sessions that have ended and drafts that are too old, when the pages
// open and every hour.
func (n *Node) sweepPages(ctx context.Context) {
	hourly := time.NewTicker(time.Hour)
	defer hourly.Stop()
	for {
		if err := errors.Join(n.people.Sessions().Sweep(ctx), n.people.SweepDrafts(ctx)); err != nil && ctx.Err() == nil {
			n.o.Logger.WarnContext(ctx, "sessions or drafts whose time is over stay", "err", err)
		}
		select {
		case <-hourly.C:
		case <-ctx.Done():
			return
		}
	}
}

// HTTPAddr is where the API is read on loopback; empty if it is not.
func (n *Node) HTTPAddr() string {
	return addressOf(n.loopback)
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
	if n.pages != nil {
		g.Go(func() error { return n.servePages(ctx) })
		g.Go(func() error { n.sweepPages(ctx); return nil })
	}
	g.Go(func() error { <-ctx.Done(); return nil })
	return g.Wait()
}

// closeListeners closes what serve has not, in a node that never ran.
func (n *Node) closeListeners() error {
	var errs []error
	for _, l := range []net.Listener{n.unix, n.loopback, n.pages} {
		if l == nil {
			continue
		}
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

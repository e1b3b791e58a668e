package api

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// The limits of a connection. A question is read within seconds; an answer may wait for
// peers.
const (
	readHeaderTime = 5 * time.Second
	readTime       = 30 * time.Second
	writeTime      = maxWait + time.Minute
	idleTime       = 2 * time.Minute
	closeTime      = 5 * time.Second // for answers under way, when the node stops
	maxHeaderBytes = 16 << 10
)

// ErrInUse says that another process answers on the socket.
var ErrInUse = errors.New("another process answers on this socket")

// ErrNotLoopback says that the address could be reached from outside this machine.
var ErrNotLoopback = errors.New("the API is served without a token on this machine alone")

// ListenUnix listens on a socket that its owner alone can open (0600; on Windows, who may
// open its folder). One that a killed
// process has left is taken away; one that still answers is [ErrInUse].
func ListenUnix(ctx context.Context, path string) (net.Listener, error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case info.Mode().Type() != fs.ModeSocket:
		return nil, fmt.Errorf("%s is no socket: %w", path, fs.ErrExist)
	default:
		var d net.Dialer
		if c, err := d.DialContext(ctx, "unix", path); err == nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", path, ErrInUse), c.Close())
		}
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	if runtime.GOOS == "windows" {
		return listenPlain(ctx, path)
	}
	return listenPrivate(ctx, path)
}

// listenPlain makes the socket in its place. On Windows (10 1803 and later) a socket has
// no mode: who may open it follows from the folder, as with the keys beside it.
func listenPlain(ctx context.Context, path string) (net.Listener, error) {
	var lc net.ListenConfig
	return lc.Listen(ctx, "unix", path)
}

// listenPrivate makes the socket in a folder that is closed to others and moves it from
// there, so that there is no moment in which others could open it.
func listenPrivate(ctx context.Context, path string) (net.Listener, error) {
	folder, err := os.MkdirTemp(filepath.Dir(path), ".api")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }() // empty by then
	staged := filepath.Join(folder, "s")
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "unix", staged)
	if err != nil {
		return nil, err
	}
	unix, ok := l.(*net.UnixListener)
	if !ok {
		return nil, errors.Join(errors.New("not a unix listener"), l.Close())
	}
	unix.SetUnlinkOnClose(false) // it unlinks the name it was made under
	if err := errors.Join(os.Chmod(staged, 0o600), os.Rename(staged, path)); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return &socket{Listener: l, path: path}, nil
}

// socket takes its file away when it is closed.
type socket struct {
	net.Listener
	path string
}

func (s *socket) Close() error { return errors.Join(s.Listener.Close(), os.Remove(s.path)) }

// ListenLoopback listens on host:port of this machine alone; [ErrNotLoopback] otherwise.
// Serve [Server.ReadOnly] there.
func ListenLoopback(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("%s: %w: want 127.0.0.1, [::1] or localhost", address, ErrNotLoopback)
	}
	var lc net.ListenConfig
	return lc.Listen(ctx, "tcp", address)
}

// Serve answers on a listener until ctx ends, then lets answers under way come to their
// end for a moment. It closes the listener.
// What the server itself has to say of connections goes to the logger; nil discards it.
func Serve(ctx context.Context, l net.Listener, h http.Handler, logger *slog.Logger) error {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	// What waits or watches ends with the node, not with the moment that answers get.
	base, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	base = context.WithValue(base, servingKey{}, base)
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: readHeaderTime, ReadTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: idleTime,
		MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelWarn), BaseContext: func(net.Listener) context.Context { return base },
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	cancel()
	last, stop := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer stop()
	err := server.Shutdown(last)
	if err != nil {
		err = errors.Join(err, server.Close())
	}
	if served := <-done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

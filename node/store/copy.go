package store

import (
	"bytes"
	"context"
	"fmt"
	"io"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// Copy is the whole archive as it stood at one commit: what is written meanwhile is not in
// it, and waits for nothing. While it is open the file does not reuse pages, so that it
// grows: write it out, and close it.
type Copy struct {
	ctx context.Context //nolint:containedctx // io.WriterTo takes none
	tx  *bolt.Tx
}

// Copy begins a copy, which holds at least every record whose append has returned. Only
// WriteTo and Close may follow, from one goroutine. It returns [ErrClosed] after Close.
func (s *Store) Copy(ctx context.Context) (*Copy, error) {
	tx, err := s.db.Begin(false)
	if err == bolterrors.ErrDatabaseNotOpen { //nolint:errorlint // bbolt returns it as it is
		return nil, ErrClosed
	}
	if err != nil {
		return nil, fmt.Errorf("copy the store: %w", err)
	}
	return &Copy{ctx, tx}, nil
}

// Size is how many bytes WriteTo writes.
func (c *Copy) Size() int64 { return c.tx.Size() }

// WriteTo writes a file that [CheckFile] and [Open] take. It ends when the context of
// [Store.Copy] does. Erased bodies can lie in pages that are free, here as in the file.
func (c *Copy) WriteTo(w io.Writer) (int64, error) {
	p := patient{ctx: c.ctx, w: w, odd: c.tx.ID()%2 == 1}
	n, err := c.tx.WriteTo(&p)
	if p.err != nil {
		err = p.err // bbolt keeps its words alone
	}
	if err != nil {
		return n, fmt.Errorf("copy the store: %w", err)
	}
	return n, nil
}

// Close ends it.
func (c *Copy) Close() error { return c.tx.Rollback() }

// patient is a writer that ends with a context, and remembers why it ended. It puts the
// meta pages, which bbolt writes first, where a file has them: the newer one in the place
// of its transaction, so that the next commit takes the place of the older one. bbolt puts
// the newer one first in every copy, and after the next commit the two would be two
// transactions apart, which no file is that was written in its place: see walkPages.
type patient struct {
	ctx   context.Context //nolint:containedctx // io.Writer takes none
	w     io.Writer
	odd   bool // the newer one belongs in the second place
	first []byte
	pages int // meta pages that came
	err   error
}

// Write writes, unless the context has ended.
func (p *patient) Write(b []byte) (int, error) {
	if p.err = p.ctx.Err(); p.err != nil {
		return 0, p.err
	}
	if p.pages == 2 || !p.odd { //nolint:mnd // both meta pages
		var n int
		n, p.err = p.w.Write(b)
		return n, p.err
	}
	if p.pages++; p.pages == 1 {
		p.first = bytes.Clone(b)
		return len(b), nil
	}
	second := bytes.Clone(b)
	const id = 8 // a page begins with its number, which no checksum covers
	for i := range id {
		p.first[i], second[i] = second[i], p.first[i]
	}
	_, p.err = p.w.Write(append(second, p.first...))
	return len(b), p.err
}

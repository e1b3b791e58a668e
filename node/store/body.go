package store

import (
	"context"
	"fmt"

	"github.com/vardar-network/vardar/protocol"
)

// PutBody gives a held record its body: one that was missing or withheld, or in place of
// a damaged one. It returns [ErrNotFound] if the record isn't held, [ErrBody] if its body
// was erased, and [protocol.ErrBodyDigest] or [protocol.ErrBodyTooLong] if it isn't the
// record's.
func (s *Store) PutBody(ctx context.Context, d protocol.Digest, body []byte) error {
	return s.do(ctx, &job{size: len(body), grows: true, apply: func(w *draft) error {
		at, h, err := w.held(d)
		if err != nil {
			return err
		}
		if h.BodyState == protocol.BodyErased {
			return fmt.Errorf("body of %s: %w", h.Name, ErrBody)
		}
		if err := h.CheckBody(body); err != nil {
			return err
		}
		w.putBody(at, body)
		w.setState(at, h, protocol.BodyHeld)
		w.news = true
		return nil
	}})
}

// Erase takes the bodies of records out, for good and in one transaction: headers and
// chains stay. The caller has judged why they go. It returns [ErrNotFound], and then takes
// out none, if one of them isn't held; an erased body is erased again without error. It
// works on a full disk too, as long as the reserve lasts.
func (s *Store) Erase(ctx context.Context, digests ...protocol.Digest) error {
	return s.do(ctx, &job{apply: func(w *draft) error {
		at, headers := make([]ref, len(digests)), make([]header, len(digests))
		for k, d := range digests {
			var err error
			if at[k], headers[k], err = w.held(d); err != nil {
				return err
			}
		}
		for k := range digests {
			if b := w.open(w.bodies, bucketBodies, at[k].group()); b != nil {
				w.keep(b.Delete(u64(at[k].order())))
			}
			w.setState(at[k], headers[k], protocol.BodyErased)
		}
		w.news = true
		return nil
	}})
}

// BodyChanges counts the bodies that were put, put again or erased since the store was
// opened. What was read under one count holds, under the same count, no body that was
// erased meanwhile.
func (s *Store) BodyChanges() uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.mem.bodies
}

// held finds a record's header.
func (d *draft) held(digest protocol.Digest) (ref, header, error) {
	at, err := d.lookup(digest)
	if err == nil && at == 0 {
		err = fmt.Errorf("record %s: %w", digest, ErrNotFound)
	}
	if err != nil {
		return 0, header{}, err
	}
	h, err := newReader(d.tx).header(at)
	return at, h, err
}

// setState writes a body's new state into its header and the index of absent ones.
func (d *draft) setState(at ref, h header, state protocol.BodyState) {
	d.after = append(d.after, func(m *memory) { m.bodies++ })
	if h.BodyState == state {
		return
	}
	absent := d.bucket(bucketAbsent)
	if h.BodyState != protocol.BodyHeld {
		d.keep(absent.Delete(absentKey(h.BodyState, at)))
	}
	if state != protocol.BodyHeld {
		d.keep(absent.Put(absentKey(state, at), nil))
	}
	h.BodyState = state
	d.putHeader(at, &h)
}

// addBody takes the body of a record that was known without it. What was erased stays so.
func (d *draft) addBody(at ref, r *protocol.Record) (bool, error) {
	if r.BodyState != protocol.BodyHeld {
		return false, nil
	}
	h, err := newReader(d.tx).header(at)
	if err != nil {
		return false, err
	}
	if h.BodyState == protocol.BodyHeld || h.BodyState == protocol.BodyErased {
		return false, nil
	}
	d.putBody(at, r.Body)
	d.setState(at, h, protocol.BodyHeld)
	d.news = true
	return true, nil
}

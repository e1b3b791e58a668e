package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// contentAny is the media type of a record: that of its body.
const contentAny = "*/*"

// bodyField says why a record's body is not there (wire.md §2).
const bodyField = "Vardar-Body"

// record gives a record as it stands, as an HTTP message: any CloudEvents consumer reads
// it, any RFC 9421 library verifies it. Nothing on the way may change its bytes.
func (s *Server) record(w http.ResponseWriter, r *http.Request) {
	n, err := nameOf(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	digest, err := digestOf(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	record, err := s.desk.Record(r.Context(), n, digest)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	h := w.Header()
	for _, field := range record.Fields() {
		h.Set(field[0], field[1])
	}
	h.Set("Cache-Control", "no-transform")
	if record.BodyState != protocol.BodyHeld {
		h.Set(bodyField, record.BodyState.String())
		h.Set("Content-Length", "0")
		w.WriteHeader(http.StatusOK)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(record.Body)))
	_, _ = w.Write(record.Body)
}

// recordName gives how a request names the record that it is about.
func recordName(r *http.Request) string {
	return r.PathValue("institution") + "/" + r.PathValue("position")
}

// onRecord asks what one sees of a record, as an institution and at an instant.
func onRecord[T any](ask func(context.Context, protocol.InstitutionID, string, protocol.Instant) (T, error)) func(context.Context, *http.Request) (T, error) {
	return atInstant(func(ctx context.Context, r *http.Request, at protocol.Instant) (T, error) {
		return ask(ctx, protocol.InstitutionID(r.URL.Query().Get("as")), recordName(r), at)
	})
}

// soGood leaves of what is shown what is at least so good as ?quality= asks.
func soGood[T any, P interface {
	*T
	Only(quality string) error
}](show func(context.Context, *http.Request) (T, error)) func(context.Context, *http.Request) (T, error) {
	return func(ctx context.Context, r *http.Request) (T, error) {
		out, err := show(ctx, r)
		if err == nil {
			err = P(&out).Only(r.URL.Query().Get("quality"))
		}
		return out, err
	}
}

// nameOf reads institution and position; what is no name is as unknown as one that is not
// held.
func nameOf(r *http.Request) (protocol.Name, error) {
	n, err := protocol.ParseName(recordName(r))
	if err != nil {
		return n, &desk.Problem{Kind: desk.NotFound, Detail: err.Error(), Mend: "want institution/topic.epoch.sequence", Next: "vardar list reports", Err: err}
	}
	return n, nil
}

// digestOf reads which of the rivals at a position is asked for; zero: the one that counts.
func digestOf(r *http.Request) (protocol.Digest, error) {
	v := r.URL.Query()
	if v.Get("digest") == "" {
		return protocol.Digest{}, nil
	}
	digest, err := protocol.ParseDigest(v.Get("digest"))
	if err != nil {
		return digest, usage("digest", strconv.Quote(v.Get("digest"))+" is no digest", "want one such as sha-256:27a3…, 64 hex digits")
	}
	return digest, nil
}

package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// contentBundle is the media type of a bundle.
const contentBundle = "application/vnd.vardar.bundle"

// What stands behind a bundle as trailers: how many records it holds, and bodies of them. A
// bundle without them was cut off.
const (
	trailerRecords = "Vardar-Records"
	trailerBodies  = "Vardar-Bodies"
)

// Bundled says what a bundle holds.
type Bundled = desk.Bundled

// Unbundled says what became of one that was read.
type Unbundled = desk.Unbundled

// BundleRequest asks for a bundle.
type BundleRequest = desk.BundleRequest

// linking are the routes of lines, and of what is carried where there is none.
func (s *Server) linking() map[string]route {
	d := s.desk
	return map[string]route{
		"GET /v1/links":                 get(s, "All links", nil, func(ctx context.Context, _ *http.Request) ([]desk.LinkState, error) { return d.Links(ctx) }),
		"GET /v1/links/{peer}":          get(s, "One link, its policy in sentences", nil, func(ctx context.Context, r *http.Request) (desk.Link, error) { return d.LinkShow(ctx, peerOf(r)) }),
		"POST /v1/links":                post(s, "Have the node call a peer", d.AddLink),
		"POST /v1/links/{peer}/propose": ofPeer(s, "Propose a policy", d.Propose),
		"POST /v1/links/{peer}/approve": ofPeer(s, "Sign what the peer proposed", d.Approve),
		"POST /v1/links/{peer}/pause": ofPeer(s, "Let no line to a peer come up", func(ctx context.Context, peer protocol.InstitutionID, _ struct{}) (desk.Link, error) {
			return d.PauseLink(ctx, peer)
		}),
		"POST /v1/links/{peer}/resume": ofPeer(s, "Let the line to a peer come up again", func(ctx context.Context, peer protocol.InstitutionID, _ struct{}) (desk.Link, error) {
			return d.ResumeLink(ctx, peer)
		}),
		"POST /v1/links/{peer}/remove": ofPeer(s, "End a link, and what was agreed on it", func(ctx context.Context, peer protocol.InstitutionID, _ struct{}) (desk.Link, error) {
			return d.RemoveLink(ctx, peer)
		}),
		"POST /v1/links/{peer}/test": ofPeer(s, "Try a link", func(ctx context.Context, peer protocol.InstitutionID, _ struct{}) (desk.LinkTest, error) {
			return d.TestLink(ctx, peer)
		}),
		"POST /v1/links/{peer}/bundle": {
			says: "What the peer lacks, in a file sealed to it, to be carried there", asks: reflect.TypeFor[BundleRequest](), media: contentBundle, answer: s.writeBundle,
		},
		"POST /v1/bundles": {says: "Take in a bundle that was carried here", sends: contentBundle, answers: reflect.TypeFor[Unbundled](), answer: s.readBundle},
	}
}

// begun notes that something was written: then no problem can be told any more.
type begun struct {
	http.ResponseWriter

	wrote bool
}

func (b *begun) Write(data []byte) (int, error) {
	b.wrote = true
	// A bundle may be large: what ends it is that nothing was taken of it for so long.
	_ = http.NewResponseController(b.ResponseWriter).SetWriteDeadline(time.Now().Add(writeTime)) //nolint:forbidigo // a connection knows no clock but the machine's
	return b.ResponseWriter.Write(data)
}

func (s *Server) writeBundle(w http.ResponseWriter, r *http.Request) {
	var q BundleRequest
	if _, err := readJSON(w, r, &q); err != nil {
		s.refuse(w, r, err)
		return
	}
	out := &begun{ResponseWriter: w}
	w.Header().Set("Content-Type", contentBundle)
	w.Header().Set("Trailer", trailerRecords+", "+trailerBodies)
	b, err := s.desk.WriteBundle(r.Context(), peerOf(r), q, out)
	switch {
	case err != nil && out.wrote:
		panic(http.ErrAbortHandler) // so that who reads it sees that it is not whole
	case err != nil:
		w.Header().Del("Trailer")
		s.refuse(w, r, err)
		return
	}
	w.Header().Set(trailerRecords, strconv.Itoa(b.Records))
	w.Header().Set(trailerBodies, strconv.Itoa(b.Bodies))
}

// patient reads what comes slowly, as long as something comes.
type patient struct {
	io.Reader

	c *http.ResponseController
}

func (p patient) Read(data []byte) (int, error) {
	_ = p.c.SetReadDeadline(time.Now().Add(readTime)) //nolint:forbidigo // as above
	return p.Reader.Read(data)
}

func (s *Server) readBundle(w http.ResponseWriter, r *http.Request) {
	c := http.NewResponseController(w)
	u, err := s.desk.ReadBundle(r.Context(), patient{r.Body, c})
	_ = c.SetWriteDeadline(time.Now().Add(writeTime)) //nolint:forbidigo // as above
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.answer(w, r, u)
}

// WriteBundle writes a bundle for a peer; see [desk.Desk.WriteBundle]. Of one that was cut
// off it returns a problem, beside what is already written.
func (c *Client) WriteBundle(ctx context.Context, peer protocol.InstitutionID, q BundleRequest, to io.Writer) (b Bundled, err error) {
	asked := question{path: "/v1/links/" + url.PathEscape(string(peer)) + "/bundle", act: q}
	resp, err := c.do(ctx, asked)
	if err != nil {
		return b, err
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err = io.Copy(to, resp.Body); err != nil {
		return b, err
	}
	var bad error
	if b.Records, err = strconv.Atoi(resp.Trailer.Get(trailerRecords)); err == nil {
		b.Bodies, bad = strconv.Atoi(resp.Trailer.Get(trailerBodies))
	}
	return b, errors.Join(err, bad)
}

// ReadBundle has the node take in a bundle; see [desk.Desk.ReadBundle].
func (c *Client) ReadBundle(ctx context.Context, from io.Reader) (u Unbundled, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://localhost/v1/bundles", from)
	if err != nil {
		return u, err
	}
	r.Header.Set("Content-Type", contentBundle)
	resp, err := c.http.Do(r)
	if err != nil {
		return u, noNode(c.socket, err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(resp.Body, MaxRequestBytes))
	if err != nil {
		return u, noNode(c.socket, err)
	}
	if resp.StatusCode/100 != 2 {
		return u, readProblem(resp.StatusCode, data)
	}
	return u, json.Unmarshal(data, &u)
}

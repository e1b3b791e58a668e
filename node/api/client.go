package api

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// maxAnswerBytes bounds what is read of an answer: a picture of every municipality.
const maxAnswerBytes = 256 << 20

// Client asks a running node. It does what the desk does, and its errors are the desk's:
// a [*Problem], of kind [NoLine] where no node answers.
type Client struct {
	socket string
	http   *http.Client
}

// NewClient asks over the socket of a node, DIR/vardar.sock. It does not connect yet.
func NewClient(socketPath string) *Client {
	var d net.Dialer
	return &Client{socket: socketPath, http: &http.Client{Transport: &http.Transport{
		DisableCompression: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return d.DialContext(ctx, "unix", socketPath)
		},
	}}}
}

// Close ends the connections that are kept open.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Publish writes a record; see [desk.Desk.Publish].
func (c *Client) Publish(ctx context.Context, r Request) (Published, error) {
	return ask[Published](ctx, c, http.MethodPost, "/v1/publish", nil, r)
}

// Answer answers a record; see [desk.Desk.Answer].
func (c *Client) Answer(ctx context.Context, r AnswerRequest) (Published, error) {
	return ask[Published](ctx, c, http.MethodPost, "/v1/answer", nil, r)
}

// Correct replaces or retracts a record; see [desk.Desk.Correct].
func (c *Client) Correct(ctx context.Context, r CorrectRequest) (Published, error) {
	return ask[Published](ctx, c, http.MethodPost, "/v1/correct", nil, r)
}

// List gives a list; see [desk.Desk.List].
func (c *Client) List(ctx context.Context, q Query) (Listing, error) {
	v := url.Values{}
	put := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	put("place", q.Place)
	put("by", q.By)
	put("severity", string(q.Severity))
	put("match", q.Match)
	for name, i := range map[string]protocol.Instant{"since": q.Since, "until": q.Until, "at": q.At} {
		if i != 0 {
			put(name, i.String())
		}
	}
	if q.Limit != 0 {
		put("limit", strconv.Itoa(q.Limit))
	}
	if q.Exercise {
		put("exercise", "true")
	}
	return ask[Listing](ctx, c, http.MethodGet, "/v1/lists/"+url.PathEscape(cmp.Or(q.What, desk.ListDue)), v, nil)
}

// Show gives a record, an institution or a place; see [desk.Desk.Show].
func (c *Client) Show(ctx context.Context, ref string) (Shown, error) {
	return ask[Shown](ctx, c, http.MethodGet, "/v1/show", url.Values{"ref": {ref}}, nil)
}

// Picture gives the picture as JSON, its digest first; see [desk.Desk.Picture].
func (c *Client) Picture(ctx context.Context, at protocol.Instant) (json.RawMessage, error) {
	v := url.Values{}
	if at != 0 {
		v.Set("at", at.String())
	}
	return ask[json.RawMessage](ctx, c, http.MethodGet, "/v1/picture", v, nil)
}

// Status says how the node is; see [desk.Desk.Status].
func (c *Client) Status(ctx context.Context) (Status, error) {
	return ask[Status](ctx, c, http.MethodGet, "/v1/status", nil, nil)
}

// Members gives all members; see [desk.Desk.Members].
func (c *Client) Members(ctx context.Context) ([]Member, error) {
	return ask[[]Member](ctx, c, http.MethodGet, "/v1/members", nil, nil)
}

// Member gives one member; see [desk.Desk.Member].
func (c *Client) Member(ctx context.Context, id protocol.InstitutionID) (Member, error) {
	return ask[Member](ctx, c, http.MethodGet, "/v1/members/"+url.PathEscape(string(id)), nil, nil)
}

// Invite makes an invitation; see [desk.Desk.Invite]. Of the answer, Invitation is read
// from the line.
func (c *Client) Invite(ctx context.Context, r InviteRequest) (Invited, error) {
	out, err := ask[Invited](ctx, c, http.MethodPost, "/v1/members/invite", nil, r)
	if err != nil {
		return out, err
	}
	out.Invitation, err = protocol.ParseInvitation(out.Line)
	return out, err
}

// Admit admits by key and proof; see [desk.Desk.Admit].
func (c *Client) Admit(ctx context.Context, r AdmitRequest) (Published, error) {
	return ask[Published](ctx, c, http.MethodPost, "/v1/members/admit", nil, r)
}

// Charter gives the charter in force; see [desk.Desk.Charter].
func (c *Client) Charter(ctx context.Context) (Charter, error) {
	return ask[Charter](ctx, c, http.MethodGet, "/v1/charter", nil, nil)
}

// Links gives all links; see [desk.Desk.Links].
func (c *Client) Links(ctx context.Context) ([]LinkState, error) {
	return ask[[]LinkState](ctx, c, http.MethodGet, "/v1/links", nil, nil)
}

// LinkShow gives one link; see [desk.Desk.LinkShow].
func (c *Client) LinkShow(ctx context.Context, peer protocol.InstitutionID) (Link, error) {
	return ask[Link](ctx, c, http.MethodGet, "/v1/links/"+url.PathEscape(string(peer)), nil, nil)
}

// AddLink has the node dial a peer; see [desk.Desk.AddLink].
func (c *Client) AddLink(ctx context.Context, r AddLinkRequest) (Link, error) {
	return ask[Link](ctx, c, http.MethodPost, "/v1/links", nil, r)
}

// Propose proposes a policy; see [desk.Desk.Propose].
func (c *Client) Propose(ctx context.Context, peer protocol.InstitutionID, t Terms) (protocol.LinkPolicy, error) {
	return ask[protocol.LinkPolicy](ctx, c, http.MethodPost, "/v1/links/"+url.PathEscape(string(peer))+"/propose", nil, t)
}

// Approve signs the peer's proposal; see [desk.Desk.Approve].
func (c *Client) Approve(ctx context.Context, peer protocol.InstitutionID) (protocol.LinkPolicy, error) {
	return ask[protocol.LinkPolicy](ctx, c, http.MethodPost, "/v1/links/"+url.PathEscape(string(peer))+"/approve", nil, struct{}{})
}

// TestLink looks at a link; see [desk.Desk.TestLink].
func (c *Client) TestLink(ctx context.Context, peer protocol.InstitutionID) (LinkTest, error) {
	return ask[LinkTest](ctx, c, http.MethodPost, "/v1/links/"+url.PathEscape(string(peer))+"/test", nil, struct{}{})
}

// Holders tells who has a record; see [desk.Desk.Holders].
func (c *Client) Holders(ctx context.Context, n protocol.Name) (Peers, error) {
	return ask[Peers](ctx, c, http.MethodGet, "/v1/records/"+n.String()+"/holders", nil, nil)
}

// Wait waits for peers to have a record; see [desk.Desk.Wait]. It ends with ctx, or after
// ten minutes.
func (c *Client) Wait(ctx context.Context, n protocol.Name, peers int) (Peers, error) {
	v := url.Values{"wait": {strconv.Itoa(peers)}, "wait_ms": {strconv.FormatInt(maxWait.Milliseconds(), 10)}}
	return ask[Peers](ctx, c, http.MethodGet, "/v1/records/"+n.String()+"/holders", v, nil)
}

// Record gives a record as the node serves it, its body held against its digest.
func (c *Client) Record(ctx context.Context, n protocol.Name) (protocol.Record, error) {
	resp, err := c.do(ctx, http.MethodGet, "/v1/records/"+n.String(), nil, nil)
	if err != nil {
		return protocol.Record{}, err
	}
	defer func() { _ = resp.Body.Close() }() //nolint:errcheck // read to its end
	r, err := protocol.ParseHeader(resp.Header)
	if err != nil {
		return r, damaged(err)
	}
	if why := resp.Header.Get(bodyField); why != "" {
		for _, state := range []protocol.BodyState{protocol.BodyWithheld, protocol.BodyErased, protocol.BodyMissing} {
			if state.String() == why {
				return r.WithoutBody(state), nil
			}
		}
		return r, damaged(fmt.Errorf("no state of a body is called %q", why))
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, protocol.MaxBodyBytes+1))
	if err != nil {
		return r, noNode(c.socket, err)
	}
	whole, err := r.WithBody(body)
	if err != nil {
		return r, damaged(err)
	}
	return whole, nil
}

func damaged(err error) error {
	return &Problem{Kind: Damaged, Detail: err.Error(), Rule: protocol.RuleName(err), Next: "vardar status", Err: err}
}

// Watch gives what happens from now on, until ctx ends, the caller stops, or the node
// does, which is an error of kind [NoLine].
func (c *Client) Watch(ctx context.Context, q WatchQuery) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		v := url.Values{}
		if len(q.What) > 0 {
			v.Set("what", strings.Join(q.What, ","))
		}
		if q.By != "" {
			v.Set("by", q.By)
		}
		resp, err := c.do(ctx, http.MethodGet, "/v1/watch", v, nil)
		if err != nil {
			yield(Event{}, err)
			return
		}
		defer func() { _ = resp.Body.Close() }() //nolint:errcheck // it is ended, not read
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, MaxRequestBytes)
		for lines.Scan() {
			var e Event
			if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
				yield(e, damaged(err))
				return
			}
			if !yield(e, nil) {
				return
			}
		}
		if ctx.Err() == nil {
			yield(Event{}, noNode(c.socket, cmp.Or(lines.Err(), io.EOF)))
		}
	}
}

// ask asks and reads the answer.
func ask[T any](ctx context.Context, c *Client, method, path string, query url.Values, question any) (T, error) {
	var out T
	var body []byte
	if question != nil {
		var err error
		if body, err = json.Marshal(question); err != nil {
			return out, &Problem{Kind: Usage, Detail: err.Error(), Err: err}
		}
	}
	resp, err := c.do(ctx, method, path, query, body)
	if err != nil {
		return out, err
	}
	defer func() { _ = resp.Body.Close() }() //nolint:errcheck // read to its end
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswerBytes))
	if err != nil {
		return out, noNode(c.socket, err)
	}
	if err := json.Unmarshal(data, &out); err != nil {
		return out, &Problem{Kind: Failed, Detail: "the node's answer can't be read: " + err.Error(), Mend: "is it of the same version?", Next: "vardar version", Err: err}
	}
	return out, nil
}

// do sends one request; anything but a success is the problem that the node tells.
func (c *Client) do(ctx context.Context, method, path string, query url.Values, body []byte) (*http.Response, error) {
	address := "http://localhost" + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, &Problem{Kind: Usage, Detail: err.Error(), Err: err}
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, noNode(c.socket, err)
	}
	if resp.StatusCode/100 == 2 {
		return resp, nil
	}
	defer func() { _ = resp.Body.Close() }() //nolint:errcheck // read to its end
	data, err := io.ReadAll(io.LimitReader(resp.Body, MaxRequestBytes))
	if err != nil {
		return nil, noNode(c.socket, err)
	}
	return nil, readProblem(resp.StatusCode, data)
}

// noNode says that nobody answers.
func noNode(socket string, err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return &Problem{Kind: NoLine, Detail: "no node answers on " + socket + ": " + err.Error(), Mend: "start it, or name its socket with --socket", Next: "vardar run", Err: err}
}

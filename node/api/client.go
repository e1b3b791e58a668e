package api

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"strconv"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// Client asks a running node. It does what the desk does, and its errors are the desk's:
// a [*Problem], of kind [NoLine] where no node answers.
type Client struct {
	socket string
	http   *http.Client
	rows   int // of one page
}

// NewClient asks over the socket of a node, DIR/vardar.sock. It does not connect yet.
func NewClient(socketPath string) *Client {
	var d net.Dialer
	return &Client{socket: socketPath, rows: desk.MaxLimit, http: &http.Client{Transport: &http.Transport{
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
	return ask[Published](ctx, c, question{path: "/v1/publish", act: r})
}

// Answer answers a record; see [desk.Desk.Answer].
func (c *Client) Answer(ctx context.Context, r AnswerRequest) (Published, error) {
	return ask[Published](ctx, c, question{path: "/v1/answer", act: r})
}

// Correct replaces or retracts a record; see [desk.Desk.Correct].
func (c *Client) Correct(ctx context.Context, r CorrectRequest) (Published, error) {
	return ask[Published](ctx, c, question{path: "/v1/correct", act: r})
}

// Import writes reports from a spreadsheet; see [desk.Desk.Import].
func (c *Client) Import(ctx context.Context, r ImportRequest) (Imported, error) {
	return ask[Imported](ctx, c, question{path: "/v1/import", act: r})
}

// List gives a list; see [desk.Desk.List]. What is more than one page may hold it reads page by
// page, and gives as one; a limit below zero is none.
func (c *Client) List(ctx context.Context, q Query) (Listing, error) {
	want := q.Limit
	if want < 0 || want > c.rows {
		q.Limit = c.rows
	}
	l, err := c.page(ctx, &q)
	for rows := q.Limit; err == nil && l.Next != "" && rows != want && want != 0; rows += q.Limit {
		if q.Cursor = l.Next; want > 0 {
			q.Limit = min(c.rows, want-rows)
		}
		var more Listing
		if more, err = c.page(ctx, &q); err == nil {
			l.Next, l.Rows = more.Next, reflect.AppendSlice(reflect.ValueOf(l.Rows), reflect.ValueOf(more.Rows)).Interface()
		}
	}
	return l, err
}

func (c *Client) page(ctx context.Context, q *Query) (Listing, error) {
	v := chosen(q)
	if q.Cursor != "" {
		v.Set("cursor", q.Cursor)
	}
	return ask[Listing](ctx, c, question{path: "/v1/lists/" + url.PathEscape(cmp.Or(q.What, desk.ListDue)), query: v})
}

// chosen writes what the rows of a list are chosen by.
func chosen(q *Query) url.Values {
	v := url.Values{}
	put := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	put("place", q.Place)
	put("by", q.By)
	put("severity", string(q.Severity))
	put("quality", q.Quality)
	put("match", q.Match)
	put("record", q.Record)
	put("sector", string(q.Sector))
	put("phase", string(q.Phase))
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
	put("within", q.Within)
	return v
}

// Show gives a record, an institution or a place; see [desk.Desk.Show].
func (c *Client) Show(ctx context.Context, ref string) (Shown, error) {
	return ask[Shown](ctx, c, question{path: "/v1/show", query: url.Values{"ref": {ref}}})
}

// Picture gives the picture of a world as JSON, its digest first; see [desk.Desk.Picture].
func (c *Client) Picture(ctx context.Context, q PictureQuery) (json.RawMessage, error) {
	v := chosen(&Query{At: q.At, Exercise: q.Exercise, Within: q.Within, Limit: q.Limit})
	if q.Offset != 0 {
		v.Set("offset", strconv.Itoa(q.Offset))
	}
	return ask[json.RawMessage](ctx, c, question{path: "/v1/picture", query: v})
}

// Status says how the node is; see [desk.Desk.Status].
func (c *Client) Status(ctx context.Context) (Status, error) {
	return ask[Status](ctx, c, question{path: "/v1/status"})
}

// Doctor looks at everything; see [desk.Desk.Doctor].
func (c *Client) Doctor(ctx context.Context) (Diagnosis, error) {
	return ask[Diagnosis](ctx, c, question{path: "/v1/doctor"})
}

// Members gives all members; see [desk.Desk.Members].
func (c *Client) Members(ctx context.Context) ([]Member, error) {
	return ask[[]Member](ctx, c, question{path: "/v1/members"})
}

// Member gives one member; see [desk.Desk.Member].
func (c *Client) Member(ctx context.Context, id protocol.InstitutionID) (Member, error) {
	return ask[Member](ctx, c, question{path: "/v1/members/" + url.PathEscape(string(id))})
}

// Keys lists the keys of the node; see [desk.Desk.Keys].
func (c *Client) Keys(ctx context.Context, as protocol.InstitutionID) (KeyList, error) {
	return ask[KeyList](ctx, c, question{path: "/v1/keys", query: url.Values{"as": {string(as)}}})
}

// RotateKey turns a key; see [desk.Desk.RotateKey].
func (c *Client) RotateKey(ctx context.Context, r RotateRequest) (Rotated, error) {
	return ask[Rotated](ctx, c, question{path: "/v1/keys/rotate", act: r})
}

// Erase takes back the body of a record; see [desk.Desk.Erase].
func (c *Client) Erase(ctx context.Context, r EraseRequest) (Erasing, error) {
	return ask[Erasing](ctx, c, question{path: "/v1/erase", act: r})
}

// CloseMember puts a member out; see [desk.Desk.Close].
func (c *Client) CloseMember(ctx context.Context, r CloseRequest) (Closing, error) {
	return ask[Closing](ctx, c, question{path: "/v1/members/close", act: r})
}

// DraftCharter writes the next version of the charter; see [desk.Desk.DraftCharter].
func (c *Client) DraftCharter(ctx context.Context, r DraftCharterRequest) (CharterDrafted, error) {
	return ask[CharterDrafted](ctx, c, question{path: "/v1/charter/draft", act: r})
}

// PublishCharter publishes one that is signed; see [desk.Desk.PublishCharter].
func (c *Client) PublishCharter(ctx context.Context, r PublishCharterRequest) (Published, error) {
	return ask[Published](ctx, c, question{path: "/v1/charter/publish", act: r})
}

// Invite makes an invitation; see [desk.Desk.Invite]. Of the answer, Invitation is read
// from the line.
func (c *Client) Invite(ctx context.Context, r InviteRequest) (Invited, error) {
	out, err := ask[Invited](ctx, c, question{path: "/v1/members/invite", act: r})
	if err != nil {
		return out, err
	}
	out.Invitation, err = protocol.ParseInvitation(out.Line)
	return out, err
}

// Admit admits by key and proof; see [desk.Desk.Admit].
func (c *Client) Admit(ctx context.Context, r AdmitRequest) (Published, error) {
	return ask[Published](ctx, c, question{path: "/v1/members/admit", act: r})
}

// AcceptCharter takes a version as given; see [desk.Desk.AcceptCharter].
func (c *Client) AcceptCharter(ctx context.Context, r AcceptCharterRequest) (Charter, error) {
	return ask[Charter](ctx, c, question{path: "/v1/charter/accept", act: r})
}

// Charter gives the charter in force; see [desk.Desk.Charter].
func (c *Client) Charter(ctx context.Context) (Charter, error) {
	return ask[Charter](ctx, c, question{path: "/v1/charter"})
}

// Links gives all links; see [desk.Desk.Links].
func (c *Client) Links(ctx context.Context) ([]LinkState, error) {
	return ask[[]LinkState](ctx, c, question{path: "/v1/links"})
}

// LinkShow gives one link; see [desk.Desk.LinkShow].
func (c *Client) LinkShow(ctx context.Context, peer protocol.InstitutionID) (Link, error) {
	return ask[Link](ctx, c, question{path: "/v1/links/" + url.PathEscape(string(peer))})
}

// AddLink has the node dial a peer; see [desk.Desk.AddLink].
func (c *Client) AddLink(ctx context.Context, r AddLinkRequest) (Link, error) {
	return ask[Link](ctx, c, question{path: "/v1/links", act: r})
}

// Propose proposes a policy; see [desk.Desk.Propose].
func (c *Client) Propose(ctx context.Context, peer protocol.InstitutionID, t Terms) (protocol.LinkPolicy, error) {
	return ask[protocol.LinkPolicy](ctx, c, question{path: "/v1/links/" + url.PathEscape(string(peer)) + "/propose", act: t})
}

// Approve signs the peer's proposal; see [desk.Desk.Approve].
func (c *Client) Approve(ctx context.Context, peer protocol.InstitutionID, r ApproveRequest) (protocol.LinkPolicy, error) {
	return ask[protocol.LinkPolicy](ctx, c, question{path: "/v1/links/" + url.PathEscape(string(peer)) + "/approve", act: r})
}

// PauseLink lets no line to a peer come up; see [desk.Desk.PauseLink].
func (c *Client) PauseLink(ctx context.Context, peer protocol.InstitutionID) (Link, error) {
	return c.turnLink(ctx, peer, "/pause")
}

// ResumeLink lets it come up again; see [desk.Desk.ResumeLink].
func (c *Client) ResumeLink(ctx context.Context, peer protocol.InstitutionID) (Link, error) {
	return c.turnLink(ctx, peer, "/resume")
}

// RemoveLink ends a link; see [desk.Desk.RemoveLink].
func (c *Client) RemoveLink(ctx context.Context, peer protocol.InstitutionID) (Link, error) {
	return c.turnLink(ctx, peer, "/remove")
}

func (c *Client) turnLink(ctx context.Context, peer protocol.InstitutionID, act string) (Link, error) {
	return ask[Link](ctx, c, question{path: "/v1/links/" + url.PathEscape(string(peer)) + act, act: struct{}{}})
}

// TestLink looks at a link; see [desk.Desk.TestLink].
func (c *Client) TestLink(ctx context.Context, peer protocol.InstitutionID) (LinkTest, error) {
	return ask[LinkTest](ctx, c, question{path: "/v1/links/" + url.PathEscape(string(peer)) + "/test", act: struct{}{}})
}

// Staff gives the accounts; see [desk.Desk.Staff].
func (c *Client) Staff(ctx context.Context) ([]Account, error) {
	return ask[[]Account](ctx, c, question{path: "/v1/staff"})
}

// Logins gives where an account is logged in; see [desk.Desk.Logins].
func (c *Client) Logins(ctx context.Context, name string) ([]Login, error) {
	return ask[[]Login](ctx, c, question{path: loginsPath, query: url.Values{"name": {name}}})
}

// ChangeStaff changes an account; see [desk.Desk.ChangeStaff].
func (c *Client) ChangeStaff(ctx context.Context, r StaffRequest) (StaffDone, error) {
	return ask[StaffDone](ctx, c, question{path: "/v1/staff", act: r})
}

// Tokens gives the tokens; see [desk.Desk.Tokens].
func (c *Client) Tokens(ctx context.Context) ([]Token, error) {
	return ask[[]Token](ctx, c, question{path: "/v1/tokens"})
}

// AddToken makes a token; see [desk.Desk.AddToken].
func (c *Client) AddToken(ctx context.Context, r TokenRequest) (TokenMade, error) {
	return ask[TokenMade](ctx, c, question{path: "/v1/tokens", act: r})
}

// RemoveToken takes a token away; see [desk.Desk.RemoveToken].
func (c *Client) RemoveToken(ctx context.Context, name string) error {
	_, err := ask[desk.TokenName](ctx, c, question{path: "/v1/tokens/remove", act: desk.TokenName{Name: name}})
	return err
}

// Backup makes a backup of the running node; see [desk.Desk.Backup].
func (c *Client) Backup(ctx context.Context, r BackupRequest) (BackupMade, error) {
	return ask[BackupMade](ctx, c, question{path: "/v1/backups", act: r})
}

// Holders tells who has a record; see [desk.Desk.Holders].
func (c *Client) Holders(ctx context.Context, n protocol.Name) (Peers, error) {
	return ask[Peers](ctx, c, question{path: "/v1/records/" + n.String() + "/holders"})
}

// Evidence gathers what proves a record without a node; see [desk.Desk.Evidence].
func (c *Client) Evidence(ctx context.Context, n protocol.Name) (Evidence, error) {
	return ask[Evidence](ctx, c, question{path: "/v1/records/" + n.String() + "/evidence"})
}

// Wait waits for peers to have a record; see [desk.Desk.Wait]. It ends with ctx, or after
// ten minutes.
func (c *Client) Wait(ctx context.Context, n protocol.Name, peers int) (Peers, error) {
	v := url.Values{"wait": {strconv.Itoa(peers)}, "wait_ms": {strconv.FormatInt(maxWait.Milliseconds(), 10)}}
	return ask[Peers](ctx, c, question{path: "/v1/records/" + n.String() + "/holders", query: v})
}

// Record gives a record as the node serves it, its body held against its digest: of rivals
// at one position the one with a digest, with the zero digest the one that counts.
func (c *Client) Record(ctx context.Context, n protocol.Name, digest protocol.Digest) (protocol.Record, error) {
	q := question{path: "/v1/records/" + n.String()}
	if !digest.IsZero() {
		q.query = url.Values{"digest": {digest.String()}}
	}
	resp, err := c.do(ctx, q)
	if err != nil {
		return protocol.Record{}, err
	}
	defer func() { _ = resp.Body.Close() }()
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

// Duty gives who is woken by what, and what was woken.
func (c *Client) Duty(ctx context.Context) (DutyView, error) {
	return ask[DutyView](ctx, c, question{path: "/v1/duty"})
}

// Seen says that somebody has seen a waking.
func (c *Client) Seen(ctx context.Context, id uint64) (Waking, error) {
	return ask[Waking](ctx, c, question{path: "/v1/duty/seen", act: desk.WakingID{ID: id}})
}

// TestWay sends a message that says that it is a test.
func (c *Client) TestWay(ctx context.Context, way string) error {
	_, err := ask[desk.WayName](ctx, c, question{path: "/v1/duty/test", act: desk.WayName{Way: way}})
	return err
}

// Webhooks gives the webhooks, by name.
func (c *Client) Webhooks(ctx context.Context) ([]Subscription, error) {
	return ask[[]Subscription](ctx, c, question{path: "/v1/webhooks"})
}

// AddWebhook makes one.
func (c *Client) AddWebhook(ctx context.Context, r WebhookRequest) (WebhookMade, error) {
	return ask[WebhookMade](ctx, c, question{path: "/v1/webhooks", act: r})
}

// RemoveWebhook takes one away.
func (c *Client) RemoveWebhook(ctx context.Context, name string) error {
	_, err := ask[desk.WebhookName](ctx, c, question{path: "/v1/webhooks/remove", act: desk.WebhookName{Name: name}})
	return err
}

// PauseWebhook has nothing sent to one until it is resumed.
func (c *Client) PauseWebhook(ctx context.Context, name string) (Subscription, error) {
	return ask[Subscription](ctx, c, question{path: "/v1/webhooks/pause", act: desk.WebhookName{Name: name}})
}

// ResumeWebhook lets one go on that was paused.
func (c *Client) ResumeWebhook(ctx context.Context, name string) (Subscription, error) {
	return ask[Subscription](ctx, c, question{path: "/v1/webhooks/resume", act: desk.WebhookName{Name: name}})
}

// TestWebhook sends a webhook what says that it is a test, and gives what was answered.
func (c *Client) TestWebhook(ctx context.Context, name string) (desk.WebhookTested, error) {
	return ask[desk.WebhookTested](ctx, c, question{path: "/v1/webhooks/test", act: desk.WebhookName{Name: name}})
}

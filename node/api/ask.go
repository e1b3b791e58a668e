package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
)

// maxAnswerBytes bounds what is read of an answer: a picture of every municipality.
const maxAnswerBytes = 256 << 20

// question is one request: an act is posted, anything else is got.
type question struct {
	path  string
	query url.Values
	act   any
	after string // the last event that was read
}

// ask asks and reads the answer.
func ask[T any](ctx context.Context, c *Client, q question) (T, error) {
	var out T
	resp, err := c.do(ctx, q)
	if err != nil {
		return out, err
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswerBytes))
	if err != nil {
		return out, c.silent(&q, err)
	}
	if err := json.Unmarshal(data, &out); err != nil {
		return out, &Problem{Kind: Failed, Detail: "the node's answer can't be read: " + err.Error(), Mend: "is it of the same version?", Next: "vardar version", Err: err}
	}
	return out, nil
}

// request writes a question as an HTTP request.
func (q *question) request(ctx context.Context) (*http.Request, error) {
	address := "http://localhost" + q.path
	if len(q.query) > 0 {
		address += "?" + q.query.Encode()
	}
	if q.act == nil {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
		if err == nil && q.after != "" {
			r.Header.Set(lastEventID, q.after)
		}
		return r, err
	}
	body, err := json.Marshal(q.act)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err == nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return r, err
}

// do sends one request; anything but a success is the problem that the node tells.
func (c *Client) do(ctx context.Context, q question) (*http.Response, error) {
	r, err := q.request(ctx)
	if err != nil {
		return nil, &Problem{Kind: Usage, Detail: err.Error(), Err: err}
	}
	resp, err := c.http.Do(r)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, c.silent(&q, err)
	}
	if resp.StatusCode/100 == 2 {
		return resp, nil
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(resp.Body, MaxRequestBytes))
	if err != nil {
		return nil, c.silent(&q, err)
	}
	return nil, readProblem(resp.StatusCode, data)
}

// silent says that nobody answers; of an act that was handed over, that it may be done.
func (c *Client) silent(q *question, err error) error {
	var op *net.OpError
	if q.act == nil || errors.As(err, &op) && op.Op == "dial" {
		return noNode(c.socket, err)
	}
	return &Problem{
		Kind: NoLine, Detail: "the node ended before it answered: nobody knows yet whether it did what it was asked",
		Mend: "start it, and look before you ask again", Next: "vardar run", Err: err,
	}
}

// noNode says that nobody answers.
func noNode(socket string, err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if errors.Is(err, fs.ErrPermission) {
		return &Problem{Kind: NotPermitted, Detail: socket + " belongs to another account", Mend: "ask as the account that runs the node: sudo -u ACCOUNT vardar …", Next: "vardar --help", Err: err}
	}
	if folder := filepath.Dir(socket); isMissing(folder) {
		return &Problem{Kind: NoLine, Detail: "there is no node in " + folder + ", nor such a folder", Mend: "make one with 'vardar init' or 'vardar join', or name the folder of yours with --dir", Next: "vardar --help", Err: err}
	}
	return &Problem{Kind: NoLine, Detail: "no node answers on " + socket + ": " + dialled(err).Error(), Mend: "start it, or name its socket with --socket", Next: "vardar run", Err: err}
}

func isMissing(folder string) bool {
	_, err := os.Stat(folder)
	return errors.Is(err, fs.ErrNotExist)
}

// dialled gives why a socket can't be reached, without its name, which is said already.
func dialled(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

package duty

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/vardar-network/vardar/node/settings"
)

// Fields and marks of a webhook, as Standard Webhooks 1.0 names them.
const (
	HookID        = "Webhook-Id"        // the same in every try of one thing
	HookTime      = "Webhook-Timestamp" // of this try, seconds since 1970
	HookSignature = "Webhook-Signature" // v1, and the HMAC-SHA256 of ID.TIME.BODY in base64
	secretMark    = "whsec_"
	secretBytes   = 32 // of 24 to 64
	leastSecret   = 24
	mostSecret    = 64
)

// mostAnswer is how much of an answer is read: enough to use the connection again.
const mostAnswer = 4 << 10

// errGone says that the receiver wants nothing any more (410).
var errGone = errors.New("the receiver says that it is gone (410)")

// hook is one webhook to send.
type hook struct {
	url  string
	key  []byte
	id   string
	body []byte
}

// newSecret draws the secret of a webhook.
func newSecret(random io.Reader) (string, error) {
	var b [secretBytes]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", err
	}
	return secretMark + base64.StdEncoding.EncodeToString(b[:]), nil
}

// keyOf reads a secret.
func keyOf(text string) ([]byte, error) {
	encoded, marked := strings.CutPrefix(text, secretMark)
	key, err := base64.StdEncoding.DecodeString(encoded)
	if !marked || err != nil || len(key) < leastSecret || len(key) > mostSecret {
		return nil, fmt.Errorf("want %s and %d to %d bytes in base64", secretMark, leastSecret, mostSecret)
	}
	return key, nil
}

func readKey(file string) ([]byte, error) {
	text, err := settings.Secret(file)
	if err != nil {
		return nil, err
	}
	return keyOf(text)
}

// signature signs what is sent.
func signature(key []byte, id, seconds string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	_, _ = fmt.Fprintf(mac, "%s.%s.", id, seconds)
	_, _ = mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// send sends a webhook once, and gives the status that was answered. Only one of 200 to 299 says that it
// was taken.
func (h *hook) send(ctx context.Context, c *http.Client, now time.Time) (answered string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(h.body))
	if err != nil {
		return "", err
	}
	seconds := strconv.FormatInt(now.Unix(), 10)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "vardar")
	r.Header.Set(HookID, h.id)
	r.Header.Set(HookTime, seconds)
	r.Header.Set(HookSignature, signature(h.key, h.id, seconds, h.body))
	resp, err := c.Do(r)
	if err != nil {
		return "", err
	}
	_, _ = io.CopyN(io.Discard, resp.Body, mostAnswer)
	_ = resp.Body.Close()
	switch {
	case resp.StatusCode >= 200 && resp.StatusCode <= 299:
		return resp.Status, nil
	case resp.StatusCode == http.StatusGone:
		return resp.Status, errGone
	case resp.StatusCode >= 300 && resp.StatusCode <= 399:
		return resp.Status, fmt.Errorf("the receiver answered %s: nobody is followed elsewhere: give the address itself", resp.Status)
	}
	return resp.Status, fmt.Errorf("the receiver answered %s", resp.Status)
}

package api

import (
	"context"
	"net/http"
	"strings"
)

// idempotencyField is the field of draft-ietf-httpapi-idempotency-key-header-07: a structured
// string, such as "8e03978e-40d5-43e8-bc93-6894a57f9324". Without quotes, as many programs
// send it, it is the same key.
const idempotencyField = "Idempotency-Key"

// idempotencyKey gives the key of a request.
func idempotencyKey(r *http.Request) (key string, given bool) {
	values := r.Header.Values(idempotencyField)
	if len(values) == 0 {
		return "", false
	}
	key = strings.TrimSpace(strings.Join(values, ","))
	if inner, ok := strings.CutPrefix(key, `"`); ok {
		key = strings.TrimSuffix(inner, `"`)
	}
	return key, true
}

// servingKey is the key under which a request's context holds that of its server.
type servingKey struct{}

// whileServing gives a context that does not end when who asked hangs up: what is done under a
// key is done to its end, so that its answer is known to who asks again. It ends with the node.
func whileServing(r *http.Request) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	serving, ok := r.Context().Value(servingKey{}).(context.Context)
	if !ok {
		return ctx, cancel
	}
	stop := context.AfterFunc(serving, cancel)
	return ctx, func() { stop(); cancel() }
}

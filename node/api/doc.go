// Package api is the desk over HTTP: JSON in and out, problem+json for every no, a server
// and its client, on a unix socket that the owner alone can open, or read-only on
// loopback.
//
// It holds no rule of its own: a handler reads the question, asks the desk, and writes the
// answer. What stands in the JSON are the desk's own types.
package api

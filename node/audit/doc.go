// Package audit keeps the chained log of what people did at this node.
//
// Words: an entry says who did what, on what, and how it ended; each names the digest of
// the one before it, so that one that is changed, taken out or put between is found by
// [Log.Check]; the head is the newest. Who can write the store's file can also write the
// whole chain anew: an auditor who wants to exclude that keeps the head's digest elsewhere,
// and looks for it later.
//
// Records have their own chain, signed by their institution; this log is about people, says
// nothing of what bodies say, and never leaves the node.
package audit

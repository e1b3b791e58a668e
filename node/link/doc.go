// Package link is one peer: compare, send, ask, hold the line and say how it is.
//
// A link is one outbound TLS connection of the dialler to the listener; both directions
// run over it (design.md §4). Each side opens with hello, lets its own feeds be compared,
// takes the trust topic whole, and then sends what the other lacks: history and tail are
// one path, a cursor a group, frames in a window that counts bytes. Whatever arrives goes
// into IN; intake answers after its commit.
//
// [Links] holds all of a node's links; [Join] is the one talk with a guest's rights.
//
// The room is longer than others: both directions, asking and answering share one line,
// its window and its state.
package link

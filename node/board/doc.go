// Package board is the picture: what all records together say at an instant.
//
// The board is told of records with the verdicts of trust ([Event]), in any order, and
// folds each kind by its own rules: the latest figures and their history, routes, alerts,
// the exchange of help, what is due, drafts of alerts. [Board.Picture] is a pure function
// of the set of events and the instant it is asked for, so that every node that can read
// the same bodies shows the same, and [Board.Digest] proves it.
//
// Words: a statement is what one record says after its corrections; a column is one
// institution's statements on an indicator at a place; a point is its word for one
// period; a world is either the real one or the exercises, which never meet. What does not
// count is kept and shown with its reason ([Kept]).
//
// The room is longer than others: a fold for each kind, all over the same events.
package board

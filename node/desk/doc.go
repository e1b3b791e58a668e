// Package desk holds everything an officer or an administrator can do at a node, each
// act with its own check: publish, answer, correct; list, show, watch; invite, admit;
// agree on links; see how the node is.
//
// Words: an act is done as one of the node's institutions (its author); a record that is
// not to be written is refused before anything is signed, with the field that is wrong
// and its mend; a [Problem] is how every act says no, and its [Kind] tells an exit code
// and an HTTP status. The rules themselves live below: what fits in protocol/body, who
// may in node/trust, what it adds up to in node/board.
//
// The room is longer than others: a file for each act.
package desk

// Package intake is the one door into the archive.
//
// What peers send waits in the stream IN; intake takes what is there, joins the runs of
// a feed to chunks, checks opener, chain and signature, appends in one transaction,
// tells trust and the board, answers the peer, and gives LOG. What the institution
// itself says comes through [Intake.Publish] and the same commit.
//
// It has three outcomes for what a peer sends (design.md §4): accepted, parked (beyond a
// gap, which the link then asks for), dropped. It judges only what never changes:
// grammar, size, position, chain, signature, opener. Whether a body says something, and
// whether its author may say it, the board computes and shows.
//
// The room is longer than others: there is one door, and what a peer sends, what the
// institution says, beacons and charters all come through it.
package intake

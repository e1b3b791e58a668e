// Package body is what records say: one file for each kind, the vocabularies, [Parse] as
// the one check that a body fits, and the rules of each exchange.
//
// A body is a JSON object that begins with its salt. The members that any body may have
// are [Common]; each kind adds its own. [Parse] reads strictly: what is known must fit,
// what is not known is named in Common.Unknown and ignored. [Marshal] writes, and writes
// nothing that Parse would not read.
//
// A figure that is not known is absent, never 0, and its reason can stand in na. A small
// figure may be a band ([Below]), a sum over bands is a range ([Count.Range]).
//
// References ([Ref]) name a record and its digest, and say what it is to this one. The
// relations that rules look for:
//
//	answers       an answer in a thread: offer, accept, decline, commit, a note that answers
//	corrects      a correction: the own record it replaces or retracts
//	acknowledges  an acknowledgement: the one record, in the one version, it speaks about
//	endorses      a stance on another's record; to adopt a practice is one
//	erases        an erasure: the record whose body its author, or its registrar, takes back
//	reissues      the same body at a new position, of a record that became void
//
// A resource exchange is a thread of [ResourceStep]. Its state is kept for each line and
// provider; [NextState] is the table of who may do what from where.
//
// A flow of funds is a thread of [Flow]. [FlowBook] takes its steps in, and says of each
// that has no effect why; [Sum] adds money exactly.
//
// Everything here is a value or a pure function, and imports package protocol alone. The
// room is longer than others: it holds every kind with its vocabularies.
package body

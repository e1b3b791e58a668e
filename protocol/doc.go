// Package protocol is every byte that two Vardar nodes must agree on.
//
// It is the vocabulary of the network: an institution ([InstitutionID]) writes
// records ([Record]) into its feeds ([Feed]), one hash-chained log for each topic
// ([Topic]), in epochs that each have exactly one key. A record has a position in
// its feed ([Position]) and, with the institution, a name ([Name]) short enough to
// say on the phone. Records travel in frames of runs ([Run]), nodes compare what
// they hold with have digests ([GroupDigest]), and say what they wrote last with
// beacons ([Beacon]). Who is who begins with the charter ([Charter]); one comes in
// with an invitation ([Invitation]).
//
// Everything here is a pure function or a value: no files, no network, no clock, no
// dice, and nothing but the standard library. Every rule that a reader of foreign
// bytes applies has a sentinel error of its own, so that a caller, and the
// conformance vectors under schemas/testdata/vectors, can tell which one was broken.
//
// The room is longer than others: it is the whole wire, and every decoder is strict both
// ways.
package protocol

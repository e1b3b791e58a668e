// Package store is the archive: every accepted record with the time it was accepted.
//
// One bbolt file holds the records with their bodies apart, charters by digest, beacons,
// cursors of links and private buckets of other rooms. A record is appended ([Store.Append])
// to its group, topic and region, under the next order of acceptance; the transaction that
// a caller waits for appends and does nothing else. Where a record stands in its epoch,
// which branch of it if its author forked, and the indexes by digest, type and time are
// derived: written later, behind a water mark, versioned, and rebuilt when their version
// changes. What is read is hash-checked; what does not fit is a [*Damage].
//
// The store judges chain and nothing else: whether a record is authentic and wanted was
// asked before by intake, and what it means is for the board to say.
//
// It is longer than a room should be: who writes the file, checks it and rebuilds it must
// know one layout.
package store

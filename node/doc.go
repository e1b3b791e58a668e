// Package node builds the rooms, joins them, starts and stops them.
//
// A running node is [Open] and [Node.Run]. What is done while no node runs stands here
// too: [Found] and [Join] make a node's folder, [CheckStore] looks at an archive before
// it is opened. There are no rules here: those live in the rooms.
//
// It is longer than a room should be: whatever joins two rooms, or works on a folder whose
// node does not run, stands here.
package node

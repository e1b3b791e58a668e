// Package bench measures nodes against plain peers: the same bytes over plain NATS JetStream, in the same run, by turns.
//
// A pair is one measurement of real nodes and one of the peer, one right after the other;
// who goes first alternates. What counts is the ratio of each pair, its median and its
// spread: on a machine that does other work, both suffer alike, and no single figure
// means anything. The peer is set up as its documentation says it goes fastest (file
// storage, no fsync but every two minutes, no compression on a fast line), and again with
// an fsync for each message where that is what makes the two comparable. DESIGN.md says what is
// measured from when until when.
//
// It is longer than a room should be: six pairs, and for each a peer set up as its
// documentation says; and what a node takes as it grows.
package bench

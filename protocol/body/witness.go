package body

import "github.com/vardar-network/vardar/protocol"

// TypeWitness is the type of a [Witness].
const TypeWitness = "vardar.knowledge.witness.v1"

// Witness is the word of a registrar's or regional body's node that it held a have when
// it said so: once a day, so that whatever lies below is dated without trust in its
// author's clock (design.md §8). The rows behind the digest stay with the witness, which
// gives them out with the evidence of a record.
type Witness struct {
	Common
	Have   protocol.Digest `json:"have"`   // protocol.HavesDigest of what it held
	Groups Positive        `json:"groups"` // that it held anything of
	Feeds  Positive        `json:"feeds"`  // rows in them
}

// Type gives [TypeWitness].
func (*Witness) Type() string { return TypeWitness }

func (*Witness) check() error { return nil }

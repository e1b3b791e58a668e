package desk

import (
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

// Proof is what a record's authenticity rests on.
type Proof struct {
	Digest   protocol.Digest    `json:"digest"`
	Previous protocol.Digest    `json:"previous"`
	Key      protocol.Key       `json:"key"`
	Signed   bool               `json:"signed"`          // its own signature holds; if not, a later one of its chain does
	Opener   protocol.Name      `json:"opener,omitzero"` // of its epoch; zero: the charter
	Charter  bool               `json:"charter,omitempty"`
	Counts   bool               `json:"opener_counts"`
	Block    string             `json:"block"` // the header, as it is signed and sent
	Signs    protocol.Signature `json:"signature"`

	Admission  protocol.Name `json:"admission,omitzero"`        // of its author; zero: the charter names it, or nothing admits it
	KeyFails   string        `json:"key_fails,omitempty"`       // why its key does not count; empty: it does
	ChainFails string        `json:"chain_fails,omitempty"`     // likewise its place in the chain
	NotIn      string        `json:"admission_fails,omitempty"` // likewise the admission of its author
}

// proof says what a record's authenticity rests on by what was known, and what of it does not
// hold. That it is signed holds of all that is kept: its chain up to the opener was checked when it
// was accepted, and its bytes when they were read.
func proof(k knowledge, h *Held, standing board.Standing) Proof {
	p := Proof{
		Digest: h.Digest, Previous: h.Previous, Key: h.Key, Signed: h.Verify() == nil, Block: string(h.Block()), Signs: h.Signature,
	}
	openers := k.trust.Openers(h.EpochID())
	i := slices.IndexFunc(openers, func(o trust.Opener) bool { return o.Key == h.Key })
	switch {
	case i < 0:
		p.KeyFails = "nothing that is held here names its key"
	case openers[i].Waits:
		p.KeyFails = "its epoch was opened in two ways, and nobody has said which counts"
	case !openers[i].Counts:
		p.KeyFails = "its epoch was not opened by who may open it"
	}
	if i >= 0 {
		p.Opener, p.Charter, p.Counts = openers[i].By, openers[i].By.IsZero(), openers[i].Counts
	}
	switch standing {
	case board.Stopped:
		p.ChainFails = "another record stands at its position or before it, and nobody has said which counts"
	case board.Void:
		p.ChainFails = "it lies in a part of its chain that does not count"
	default:
	}
	m, known := k.trust.Member(h.Institution)
	p.Admission = m.Admission
	switch {
	case !known:
		p.NotIn = "nothing that is held here admits it"
	case m.Out:
		p.NotIn = "it has been put out of the network since"
	case memberState(k, &m) == MemberTwice:
		p.NotIn = "it was admitted in two ways, and nobody has said which counts"
	}
	return p
}

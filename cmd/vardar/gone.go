package main

import (
	"strings"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// goneBy gives what a node says of why a record's body is not there; empty if it is.
func goneBy(v *api.RecordView) string {
	if v.BodyState == protocol.BodyHeld.String() {
		return ""
	}
	return strings.TrimPrefix(v.Says, "body ")
}

// lose says of bodies that are gone for good why they are: by an erasure among the files, or
// because a charter among them has such bodies let go. It is no fault of a record.
func (j *judge) lose(known *node.Known) {
	erased := map[protocol.Digest]protocol.Name{}
	for _, e := range j.order {
		if e.void != "" || !body.IsErasure(e.record.Type) {
			continue
		}
		if b, err := body.Parse(e.record.Type, e.record.Body); err == nil {
			if x, ok := b.(*body.Erasure); ok {
				erased[x.Erases().Digest] = e.record.Name
			}
		}
	}
	for _, e := range j.order {
		if e.record.BodyState != protocol.BodyErased {
			continue
		}
		if by, ok := erased[e.record.Digest()]; ok {
			e.gone = "erased by " + by.String()
		} else if e.gone == "" && known != nil {
			e.gone = known.WhyLetGo(&e.record, protocol.InstantOf(j.now))
		}
	}
}

// whyGone says why a record's body is not there.
func (e *evidence) whyGone() string {
	if e.gone != "" {
		return e.gone
	}
	return e.record.BodyState.String()
}

package protocol

import "cmp"

// RangeQuestion asks for the records of an epoch from From to To. The answer is one
// frame from From on, as far as it fits; the asker asks on.
type RangeQuestion struct {
	V      int    `json:"v"`
	Feed   Feed   `json:"feed"`
	Epoch  uint32 `json:"epoch"`
	From   uint32 `json:"from"`
	To     uint32 `json:"to"`
	Bodies bool   `json:"bodies"`
	// Head asks for the branch that ends in this digest, when an epoch has several.
	Head *DigestPrefix `json:"head,omitempty"`
}

func (q *RangeQuestion) check() error {
	return cmp.Or(isVersion(q.V), outside(isNumber(q.Epoch), "epoch"), outside(isNumber(q.From) && isNumber(q.To) && q.From <= q.To, "to"))
}

// MaxBodiesAsked bounds one bodies question.
const MaxBodiesAsked = 64

// BodiesQuestion asks for records with their bodies; the answer is a frame of runs of
// one.
type BodiesQuestion struct {
	V       int    `json:"v"`
	Records []Name `json:"records"`
}

func (q *BodiesQuestion) check() error {
	return cmp.Or(isVersion(q.V), outside(len(q.Records) > 0 && len(q.Records) <= MaxBodiesAsked, "records"))
}

// CharterQuestion asks for the charter with a digest, or, if that is zero, for the first
// version of the network's; the answer is its envelope.
type CharterQuestion struct {
	V      int    `json:"v"`
	Digest Digest `json:"digest"`
}

func (q *CharterQuestion) check() error { return isVersion(q.V) }

// OwnQuestion asks for the rows of the asker's own feeds: it is the asker's hello, and
// from the second page on has the last row of the page before.
type OwnQuestion struct {
	Hello

	After *HaveRow `json:"after,omitempty"`
}

// BeaconsMessage carries many beacons at once, each as [Beacon.Wire] writes it; each is
// read and judged by itself ([ReadBeacon]).
type BeaconsMessage struct {
	V       int      `json:"v"`
	Beacons []string `json:"beacons"`
}

func (m *BeaconsMessage) check() error { return isVersion(m.V) }

// BeaconsAnswer names the institutions whose beacons in the message were not believed,
// because their keys are the open ones of no feed that they list, as far as the peer
// knows: trust records that say more may be on their way to it, and the beacons are to be
// told again.
type BeaconsAnswer struct {
	V          int             `json:"v"`
	Unbelieved []InstitutionID `json:"unbelieved,omitempty"`
}

func (a *BeaconsAnswer) check() error { return isVersion(a.V) }

// MaxFileBytes bounds an attachment (design.md §2).
const MaxFileBytes = 32 << 20

// FileQuestion asks for an attachment from an offset on. The answer is no JSON: at offset 0
// the 16 bytes of salt first, then up to 512 KiB of the file (wire.md §6).
type FileQuestion struct {
	V      int    `json:"v"`
	Digest Digest `json:"digest"` // SHA-256 over salt and file
	Record Name   `json:"record"` // one that names the file: who may read it may have it
	Offset int64  `json:"offset"` // bytes of the file
}

func (q *FileQuestion) check() error {
	return cmp.Or(isVersion(q.V), outside(q.Offset >= 0 && q.Offset < MaxFileBytes, "offset"))
}

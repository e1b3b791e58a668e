package desk

import (
	"strings"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
	capxml "github.com/vardar-network/vardar/schemas/cap"
)

// messages writes each alert as a message of CAP 1.2: what was signed, and nothing else.
func (e *exporting) messages() ([]EvidenceFile, error) {
	out := []EvidenceFile{}
	rows, _ := e.listing.Rows.([]AlertRow)
	for i := range rows {
		r := &rows[i]
		h, b := e.source(i, r.Record, r.Digest)
		a, ok := b.(*body.Alert)
		switch {
		case !ok:
			continue
		case !r.Correction.IsZero():
			e.lost.add(i, memberRecord, "it was corrected, and in CAP a new message alone does that: it is not written")
			continue
		case h.Exercise && a.Status == body.StatusActual:
			e.lost.add(i, memberRecord, "it is of an exercise, and its status says Actual: somebody would act on it, so it is not written")
			continue
		}
		data, err := capxml.Write(a)
		if err != nil {
			e.lost.add(i, memberRecord, "XML can't hold one of its characters: it is not written")
			continue
		}
		lost, err := capxml.Lost(h.Body)
		if err != nil {
			return nil, failure(err)
		}
		for _, path := range lost {
			e.lost.add(i, path, "CAP 1.2 has no element for it")
		}
		for _, of := range []string{memberRecord, memberDigest, columnHandling, "signature"} {
			e.lost.add(i, of, "CAP 1.2 has no element for it: the evidence of the record holds it")
		}
		out = append(out, EvidenceFile{fileOf(r.Record) + ".cap.xml", data})
	}
	return out, nil
}

// fileOf names the file of a record.
func fileOf(n protocol.Name) string { return strings.ReplaceAll(n.String(), "/", "-") }

// source gives the record of a row and what it says, to be written in a format that others
// read; nil, with what is lost by that, if it can't be. Without a digest it is the one that counts.
func (e *exporting) source(row int, n protocol.Name, digest protocol.Digest) (*Held, body.Body) {
	of := ""
	if !digest.IsZero() {
		of = digest.String()
	}
	h := e.find(n.String(), of)
	if h != nil && !e.passable(row, h) {
		return nil, nil
	}
	if h == nil || h.BodyState != protocol.BodyHeld || h.Sealed {
		e.lost.add(row, memberRecord, "what it says is not here: erased, sealed, or let go")
		return nil, nil
	}
	if h.Handling > e.ceiling {
		e.lost.add(row, memberRecord, "it is marked "+h.Handling.String()+": that is not for who asks")
		return nil, nil
	}
	b, err := body.Parse(h.Type, h.Body)
	if err != nil {
		e.lost.add(row, memberRecord, "it can't be read by this version")
		return nil, nil
	}
	return h, b
}

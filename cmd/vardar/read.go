package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/textproto"
	"strings"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

// read takes in what a file holds; its first bytes say what that is.
func (j *judge) read(file string, data []byte) {
	trimmed := bytes.TrimSpace(data)
	has := func(prefix string) bool { return bytes.HasPrefix(data, []byte(prefix)) }
	switch {
	case has("NATS/1.0"), has("HTTP/"), has("ce-specversion:"):
		j.message(file, data)
	case has("vf"):
		j.frame(file, data)
	case len(data) > 6 && string(data[4:6]) == "vf":
		j.carrier(file, data)
	case has("vardar-beacon-v1"):
		j.beacon(file, data)
	case bytes.HasPrefix(trimmed, []byte("vardar1.")):
		j.invitation(file, string(trimmed))
	case bytes.HasPrefix(trimmed, []byte("{")):
		j.object(file, trimmed)
	default:
		j.unreadable(file, "it begins like nothing that Vardar writes")
	}
}

// message reads a record as it travels: header, empty line, body.
func (j *judge) message(file string, data []byte) {
	head, body, ok := bytes.Cut(data, []byte("\r\n\r\n"))
	if !ok {
		j.refused(file, protocol.ErrBlockSyntax)
		return
	}
	head = append(bytes.Clone(head), "\r\n\r\n"...)
	var r protocol.Record
	var err error
	state := ""
	switch {
	case bytes.HasPrefix(head, []byte("NATS/")):
		r, err = protocol.ParseNATS(head)
	case bytes.HasPrefix(head, []byte("HTTP/")):
		_, fields, _ := bytes.Cut(head, []byte("\r\n"))
		var header textproto.MIMEHeader
		if header, err = textproto.NewReader(bufio.NewReader(bytes.NewReader(fields))).ReadMIMEHeader(); err == nil {
			state = header.Get("Vardar-Body")
			r, err = protocol.ParseHeader(header)
		}
	default:
		r, err = protocol.ParseBlock(head)
	}
	if err != nil {
		j.refused(file, err)
		return
	}
	j.withBody(file, &r, body, state)
}

// withBody adds the body to a record. One that is said not to be there is no fault.
func (j *judge) withBody(file string, r *protocol.Record, body []byte, state string) {
	e := &evidence{file: file, record: *r}
	if state != "" && len(body) == 0 {
		for _, s := range []protocol.BodyState{protocol.BodyWithheld, protocol.BodyErased, protocol.BodyMissing} {
			if s.String() == state {
				e.record = r.WithoutBody(s)
			}
		}
	} else if whole, err := r.WithBody(body); err != nil {
		e.said = err.Error()
	} else {
		e.record = whole
	}
	j.add(e)
}

func (j *judge) frame(file string, data []byte) {
	runs, err := node.ParseFrame(data)
	if err != nil {
		j.unreadable(file, err.Error())
		return
	}
	for i := range runs {
		for _, r := range runs[i].Records {
			j.add(&evidence{file: file, record: r})
		}
	}
}

// carrier reads the trust feed on a carrier: for each record its length, then a frame.
func (j *judge) carrier(file string, data []byte) {
	for len(data) > 0 {
		if len(data) < 4 || uint64(binary.BigEndian.Uint32(data)) > uint64(len(data)-4) {
			j.unreadable(file, "its end is cut off")
			return
		}
		n := binary.BigEndian.Uint32(data)
		j.frame(file, data[4:4+n])
		data = data[4+n:]
	}
}

func (j *judge) beacon(file string, data []byte) {
	b, err := protocol.ParseBeacon(data)
	j.document(finding{File: file, What: "beacon", Name: string(b.Institution), Key: b.Key, Author: b.Institution, Said: fmt.Sprintf("signed; %d heads at %s", len(b.Heads), b.Time)}, err)
}

// invitation says whom a line admits, and never what its secret is.
func (j *judge) invitation(file, text string) {
	inv, err := protocol.ParseInvitation(text)
	said := ""
	if err == nil {
		said = fmt.Sprintf("admits to %s until %s", inv.Network, inv.Expires.Format(time.RFC3339))
		if !j.now.Before(inv.Expires) {
			err = fmt.Errorf("it expired on %s", inv.Expires.Format(time.RFC3339))
		}
	}
	j.document(finding{File: file, What: "invitation", Name: string(inv.Institution), Author: inv.Institution, Said: said}, err)
}

// object reads JSON: a charter's envelope, or what show exported.
func (j *judge) object(file string, data []byte) {
	var kind struct {
		Vardar  string          `json:"vardar"`
		Charter json.RawMessage `json:"charter"`
		Record  json.RawMessage `json:"record"`
		Proof   json.RawMessage `json:"proof"`
	}
	if err := json.Unmarshal(data, &kind); err != nil {
		j.unreadable(file, err.Error())
		return
	}
	switch {
	case kind.Vardar == protocol.VardarHave:
		p, err := protocol.ParseHaveProof(data)
		if err != nil {
			j.refused(file, err)
			return
		}
		j.haves = append(j.haves, have{file, p})
	case len(kind.Charter) > 0:
		var c protocol.SignedCharter
		if err := json.Unmarshal(data, &c); err != nil {
			j.unreadable(file, err.Error())
			return
		}
		parsed, err := c.Verify()
		f := finding{File: file, What: "charter", Digest: c.Digest()}
		if err == nil {
			j.charters = append(j.charters, c)
			f.Name, f.Said = parsed.Network, fmt.Sprintf("signed by %d of its stewards; digest %s", len(c.Signatures), c.Digest())
		}
		j.document(f, err)
	case len(kind.Record) > 0:
		j.exported(file, kind.Record)
	case len(kind.Proof) > 0:
		var f node.Founder
		_, err := protocol.DecodeJSON(data, &f)
		if err == nil {
			err = protocol.CheckKeyProof(f.Institution, protocol.UseIdentity, f.Key, f.Proof)
		}
		j.document(finding{File: file, What: "key", Name: string(f.Institution), Key: f.Key, Author: f.Institution, Said: "identity key with proof of possession"}, err)
	default:
		j.unreadable(file, "no record, charter or export is in it")
	}
}

// exported reads a record out of what show printed.
func (j *judge) exported(file string, data []byte) {
	var v api.RecordView
	if err := json.Unmarshal(data, &v); err != nil {
		j.unreadable(file, err.Error())
		return
	}
	r, err := protocol.ParseBlock([]byte(v.Proof.Block))
	if err != nil {
		j.refused(file, err)
		return
	}
	if v.BodyState != protocol.BodyHeld.String() {
		j.withBody(file, &r, nil, v.BodyState)
		j.order[len(j.order)-1].gone = goneBy(&v)
		return
	}
	var flat bytes.Buffer
	if json.Compact(&flat, v.Body) != nil {
		j.unreadable(file, "its body is no JSON")
		return
	}
	j.withBody(file, &r, flat.Bytes(), "")
	if last := j.order[len(j.order)-1]; strings.Contains(last.said, protocol.ErrBodyDigest.Error()) {
		last.said += " (an export has lost its author's white space: take one with 'vardar show --http')"
	}
}

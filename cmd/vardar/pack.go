package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

// pack is a pack of evidence, as its list says.
type pack struct {
	file   string
	list   api.PackList
	digest protocol.Digest
	acts   int // what people did, in it
}

// packSaid is what is said of a pack as a whole.
type packSaid struct {
	File      string                 `json:"file"`
	Network   string                 `json:"network"`
	Made      protocol.Instant       `json:"made"`
	By        protocol.InstitutionID `json:"by"`
	Digest    protocol.Digest        `json:"digest"` // of its list
	Records   int                    `json:"records"`
	Holding   int                    `json:"holding"` // of these
	Acts      int                    `json:"acts"`
	Lacks     []string               `json:"lacks"`
	NotProved []string               `json:"not_proved"`
}

// pack holds the files of a pack against its list, and takes in each.
func (j *judge) pack(where string, files []packFile) {
	at := slices.IndexFunc(files, func(f packFile) bool { return f.name == api.PackListName })
	if at < 0 {
		j.unreadable(where, "it has no "+api.PackListName+": it is no pack of evidence")
		return
	}
	p := &pack{file: where, digest: protocol.DigestOf(files[at].data)}
	if err := json.Unmarshal(files[at].data, &p.list); err != nil || p.list.Vardar != api.PackKind || p.list.V != 1 {
		j.unreadable(filepath.Join(where, api.PackListName), "it is no list of a pack that this version reads")
		return
	}
	j.packs = append(j.packs, p)
	j.listed(p, files)
	for _, f := range files {
		path := filepath.Join(where, f.name)
		switch f.name {
		case api.PackListName, api.PackIndexName:
		case api.PackActsName:
			p.acts = j.acts(path, f.data)
		default:
			before := len(j.order)
			j.read(path, f.data)
			for _, e := range j.order[before:] {
				e.packed = true
				p.told(j, path, f.name, e)
			}
		}
	}
}

// listed notes what is not as the list has it, each file by its name and the record in it.
func (j *judge) listed(p *pack, files []packFile) {
	record := map[string]string{}
	for i := range p.list.Records {
		record[p.list.Records[i].File] = p.list.Records[i].Record.String()
	}
	wrong := func(name, said string) {
		j.found = append(j.found, finding{File: filepath.Join(p.file, name), What: "file", Name: record[name], Said: said})
	}
	have := map[string]protocol.Digest{}
	for _, f := range files {
		have[f.name] = protocol.DigestOf(f.data)
	}
	known := map[string]bool{api.PackListName: true}
	for _, f := range p.list.Files {
		known[f.Name] = true
		switch digest, there := have[f.Name]; {
		case !there:
			wrong(f.Name, "the list names it, and it is not here: it was taken out")
		case digest != f.Digest:
			wrong(f.Name, "it is not the file that the list names: it was changed, or the list was")
		}
	}
	for _, f := range files {
		if !known[f.name] {
			wrong(f.name, "the list does not name it: it was put in")
		}
	}
	for i := range p.list.Records {
		if r := &p.list.Records[i]; !known[r.File] {
			wrong(r.File, "the list tells of the record, and names no file for it: it was taken out")
		}
	}
}

// told notes that the list tells of another record than lies in its file.
func (p *pack) told(j *judge, path, file string, e *evidence) {
	for i := range p.list.Records {
		r := &p.list.Records[i]
		if r.File == file && (r.Record != e.record.Name || r.Digest != e.record.Digest()) {
			j.found = append(j.found, finding{File: path, What: "file", Name: r.Record.String(), Said: "the list tells of another record than lies in it: the list was changed, and so may " + api.PackIndexName + " be"})
		}
	}
}

// acts checks what people did, and gives how many acts there are.
func (j *judge) acts(file string, data []byte) int {
	var a api.PackActs
	if err := json.Unmarshal(data, &a); err != nil {
		j.unreadable(file, err.Error())
		return 0
	}
	j.document(finding{File: file, What: "acts", Said: api.Count(len(a.Acts), "act", "acts") + " of people, each as it was noted; nobody signed them"}, node.CheckActs(a.Acts))
	return len(a.Acts)
}

// rest finds out of the records of packs what they rest on: a pack brings it, or it is lacking.
func (j *judge) rest(known *node.Known) {
	for _, e := range j.order {
		if !e.packed || known == nil || !e.known {
			continue
		}
		switch by, ok := known.OpenedBy(&e.record); {
		case !ok:
		case by.IsZero():
			e.opened = "key valid then, by the charter"
		case by.Institution == e.record.Institution:
			e.opened = "key valid then, by " + by.String()
		default:
			e.opened = "key valid then, and its author admitted, by " + by.String()
		}
	}
}

// packed says what a record of a pack rests on, and what is wrong with that.
func (j *judge) packed(e *evidence) (right, wrong string) {
	switch {
	case e.opened != "":
		right = "; " + e.opened
	case e.known, e.asked && !e.counts: // said already
	default:
		return right, "nothing in the pack says whose key this is: an admission, a key record or a charter is missing"
	}
	behind, n := uint32(0), e.record.Sequence
	for _, other := range j.epochs[e.record.EpochID()] {
		if s := other.record.Sequence; s < n {
			behind = max(behind, s)
		}
	}
	switch {
	case behind == 0 && (n == 1 || e.record.Topic != protocol.Trust):
		return right + "; chain begins here", ""
	case behind+1 == n:
		return right + "; chain unbroken", ""
	case behind > 0 && j.leftOut(e.record.Name, behind):
		return right + fmt.Sprintf("; what leads here from %d was left out when the pack was made: that the chain is unbroken is not shown", behind), ""
	}
	return right, fmt.Sprintf("the chain is broken: %s missing before it", api.Count(int(n-behind-1), "record is", "records are"))
}

// leftOut reports whether a list says that a stretch was left out.
func (j *judge) leftOut(n protocol.Name, behind uint32) bool {
	from := n
	from.Sequence = behind
	for _, p := range j.packs {
		if slices.Contains(p.list.Gaps, api.PackGap{Behind: from, Before: n}) {
			return true
		}
	}
	return false
}

// said sums up each pack.
func (j *judge) said(v *verified) []packSaid {
	var out []packSaid
	for _, p := range j.packs {
		s := packSaid{
			File: p.file, Network: p.list.Network, Made: p.list.Made, By: p.list.By, Digest: p.digest, Acts: p.acts, Lacks: p.list.Lacks,
			NotProved: []string{
				"that what was said is true: it proves who said it",
				"that nothing else was said: what came later, or never reached that node, is not here",
				"the hour of a record that no witness held: it is by its author's clock",
				"whose word the charter is: compare its digest with the one that your institution knows",
				"that " + api.PackIndexName + " and the list are as they were made: nobody signs them; compare the list's digest with the one that the maker of the pack told you",
			},
		}
		for i := range v.Findings {
			if f := &v.Findings[i]; f.What == "record" && strings.HasPrefix(f.File, p.file+string(filepath.Separator)) {
				s.Records++
				if f.Holds {
					s.Holding++
				}
			}
		}
		if p.acts > 0 {
			s.NotProved = append(s.NotProved, "that people did what "+api.PackActsName+" says, and nothing else: it is the word of who keeps that node")
		}
		out = append(out, s)
	}
	return out
}

// tellPacks prints the sums.
func (a *app) tellPacks(all []packSaid) {
	for i := range all {
		p := &all[i]
		line(a.out, "")
		line(a.out, "%s: made by %s on %s, network %s", p.File, p.By, clock(p.Made), p.Network)
		line(a.out, "%d of %s hold; digest of the list: %s", p.Holding, api.Count(p.Records, "record", "records"), p.Digest)
		for _, said := range p.Lacks {
			line(a.out, "its maker says that it lacks: %s", said)
		}
		line(a.out, "It does not prove:")
		for _, said := range p.NotProved {
			line(a.out, "- %s", said)
		}
	}
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
)

// The exit codes; the manual's table, the README and this switch say the same.
const (
	codeDone         = 0
	codeFailed       = 1
	codeUsage        = 2
	codeNotFound     = 3
	codeRefused      = 4
	codeNotPermitted = 5
	codeNoLine       = 6
	codeDamaged      = 7
	codeCheckFound   = 8
)

const exitCodesHelp = `Exit codes: 0 done · 1 failed · 2 usage · 3 not found · 4 refused: this node will not do it, and says
why; nothing changed · 5 not permitted · 6 no node or line · 7 damaged · 8 a check found something.`

func exitCode(k api.Kind) int {
	switch k {
	case api.Usage:
		return codeUsage
	case api.NotFound:
		return codeNotFound
	case api.Refused:
		return codeRefused
	case api.NotPermitted:
		return codeNotPermitted
	case api.NoLine:
		return codeNoLine
	case api.Damaged:
		return codeDamaged
	case api.CheckFound:
		return codeCheckFound
	case api.Failed:
	}
	return codeFailed
}

// problem makes whatever ended a command a problem, with a next command to try.
func (a *app) problem(err error) *api.Problem {
	if errors.Is(err, context.Canceled) {
		return &api.Problem{Kind: api.Failed, Detail: "interrupted", Next: a.here("vardar status"), Err: err}
	}
	p := *node.Problem(err, a.dir)
	if p.Next == "" {
		p.Next = "vardar --help"
	}
	p.Next = a.here(p.Next)
	return &p
}

// here gives a next command the folder that this one was told.
func (a *app) here(next string) string {
	if a.shared.dir != "" && strings.HasPrefix(next, "vardar ") && !strings.Contains(next, "--dir ") {
		return "vardar --dir " + a.shared.dir + strings.TrimPrefix(next, "vardar")
	}
	return next
}

// tell says a problem: to a person in lines, to a program as one JSON object.
func (a *app) tell(p *api.Problem) {
	if a.output == asJSON {
		enc := json.NewEncoder(a.err)
		enc.SetEscapeHTML(false)
		if enc.Encode(p) == nil {
			return
		}
	}
	// They may hold bytes of a damaged file, or what a peer wrote.
	for _, f := range p.Faults() {
		one := api.Problem{Detail: f.Detail, Field: f.Field, Mend: f.Mend}
		lines(a.err, "vardar: %s", one.Error())
	}
	lines(a.err, "try: %s", p.Next)
}

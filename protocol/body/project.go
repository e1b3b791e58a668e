package body

import (
	"errors"

	"github.com/vardar-network/vardar/protocol"
)

// TypeProject is the type of a [Project].
const TypeProject = "vardar.policy.project.v1"

// Project is what institutions of two or more countries do together in a period. Records that
// belong to it name it in Common.Project. A project is put right by a correction: what it said
// before is its earlier version. Who is named as partner takes part once it says so by an
// acknowledgement ([Accepted]), or declines ([Refused]). That its partners are of two countries
// its author's node sees to, since a body does not say who wrote it.
type Project struct {
	Common
	Title      Label                    `json:"title"`
	Summary    Text                     `json:"summary,omitempty"`
	Partners   []protocol.InstitutionID `json:"partners" fit:"least=1 most=99 unique"` // beside its author
	Period     Period                   `json:"period"`
	Objectives []Objective              `json:"objectives,omitempty" fit:"least=1 most=99"` // with those of strategies that they support
	Plan       protocol.Name            `json:"plan,omitzero"`                              // the record that began its fund plan
	URL        WebAddress               `json:"url,omitempty"`                              // where the public reads of it
}

// Type gives [TypeProject].
func (*Project) Type() string { return TypeProject }

func (p *Project) check() error {
	var project, plan error
	if !p.Project.IsZero() {
		project = refuse(ErrForbidden, "project", "a project belongs to none: leave it out")
	}
	if !p.Plan.IsZero() && p.Plan.Topic != protocol.Funding {
		plan = refuse(ErrReference, "plan", "%s is no fund plan: name a record of funding", p.Plan)
	}
	return errors.Join(p.Period.check(), project, plan, p.checkObjectives(p.Objectives))
}

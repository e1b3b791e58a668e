package body

import "errors"

// TypePhase is the type of a [Phase].
const TypePhase = "vardar.situation.phase.v1"

// Phase declares the phase of a territory, by its competent authority. Place and phase
// stand in the common members, and both are needed.
type Phase struct {
	Common
	ReportEveryH Positive `json:"report_every_h,omitempty" fit:"max=8760"` // hours; default: the cadence of the phase
	Reason       Text     `json:"reason"`
	Exercise     Label    `json:"exercise,omitempty"` // of a record that is played: the name of the exercise that it begins
}

// Type gives [TypePhase].
func (*Phase) Type() string { return TypePhase }

func (p *Phase) check() error {
	var place, phase error
	if p.Place == nil {
		place = refuse(ErrRequired, "place", "name the territory")
	}
	if p.Phase == "" {
		phase = refuse(ErrRequired, "phase", "want prevention, preparedness, response or recovery")
	}
	return errors.Join(place, phase)
}

package body

import (
	_ "embed" // the profile
	"fmt"

	"github.com/vardar-network/vardar/protocol"
)

//go:embed profiles/change-v1.json
var changeProfile []byte

// ChangeLimits says when a figure has changed so much that an alert is drafted: it lies
// outside so many median absolute deviations of its last values, and changed by more
// than a share, and by more than a floor; not twice within the quiet hours for one cause.
type ChangeLimits struct {
	MAD        int64  `json:"mad"`         // median absolute deviations
	History    int    `json:"history"`     // values looked back at
	Percent    int64  `json:"percent"`     // of the value before
	Floor      int64  `json:"floor"`       // in the indicator's unit
	QuietHours int    `json:"quiet_hours"` // hours
	Basis      string `json:"basis"`       // what the numbers rest on
}

// ChangeProfile is the versioned table of the limits; its version is printed with each
// draft.
type ChangeProfile struct {
	Profile    string                  `json:"profile"`
	Version    int                     `json:"version"`
	Source     string                  `json:"source"`
	Indicators map[string]ChangeLimits `json:"indicators"`
}

// Changes reads the profile of this version. Read it once and keep it.
func Changes() (ChangeProfile, error) {
	var p ChangeProfile
	if _, err := protocol.DecodeJSON(changeProfile, &p); err != nil {
		return ChangeProfile{}, fmt.Errorf("read change profile: %w", err)
	}
	return p, nil
}

// Rule gives the limits of an indicator; false where no alert is ever drafted.
func (p ChangeProfile) Rule(i Indicator) (ChangeLimits, bool) {
	l, ok := p.Indicators[string(i)]
	return l, ok
}

// ChangeRule gives the limits of an indicator from the profile of this version; false
// where no alert is ever drafted.
func ChangeRule(i Indicator) (ChangeLimits, bool) {
	p, err := Changes()
	if err != nil {
		return ChangeLimits{}, false
	}
	return p.Rule(i)
}

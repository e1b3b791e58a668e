package body

import (
	_ "embed" // the profile
	"fmt"

	"github.com/vardar-network/vardar/protocol"
)

//go:embed profiles/phase-v1.json
var phaseProfile []byte

// PhaseProfile is the versioned table of when a phase is suggested; its version is printed
// with each suggestion.
type PhaseProfile struct {
	Profile           string `json:"profile"`
	Version           int    `json:"version"`
	Source            string `json:"source"`
	ResponseOccupancy int64  `json:"response_occupancy"` // per mille of the places, from which on
	RecoveryOccupancy int64  `json:"recovery_occupancy"` // per mille, below which
	ArrivalsPer1000   int64  `json:"arrivals_per_1000"`  // persons a day for 1,000 residents, beyond which
	QuietDays         int    `json:"quiet_days"`         // without any sign
	FigureDays        int    `json:"figure_days"`        // after which a figure says nothing any more
}

// PhaseSigns reads the profile of this version. Read it once and keep it.
func PhaseSigns() (PhaseProfile, error) {
	var p PhaseProfile
	if _, err := protocol.DecodeJSON(phaseProfile, &p); err != nil {
		return PhaseProfile{}, fmt.Errorf("read phase profile: %w", err)
	}
	return p, nil
}

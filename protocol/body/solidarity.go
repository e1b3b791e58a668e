package body

import (
	_ "embed" // the profile
	"fmt"

	"github.com/vardar-network/vardar/protocol"
)

//go:embed profiles/solidarity-v1.json
var solidarityProfile []byte

// SolidarityInput names one input of the solidarity index.
type SolidarityInput string

// The five of domain.md §5, x1 to x5.
const (
	InputPressure   SolidarityInput = "pressure"
	InputOccupancy  SolidarityInput = "occupancy"
	InputMoneyGap   SolidarityInput = "money_gap"
	InputVulnerable SolidarityInput = "vulnerable"
	InputUnmet      SolidarityInput = "unmet"
)

// SolidarityWeight is how much an input counts. All numbers are per mille.
type SolidarityWeight struct {
	Input  SolidarityInput `json:"input"`
	Weight int64           `json:"weight"`
	Cap    int64           `json:"cap"` // of the input's value
	Basis  string          `json:"basis"`
}

// SolidarityProfile is the versioned table of the weights; its version is printed with
// each index.
type SolidarityProfile struct {
	Profile         string             `json:"profile"`
	Version         int                `json:"version"`
	Source          string             `json:"source"`
	Inputs          []SolidarityWeight `json:"inputs"`
	LeastUnits      int                `json:"least_units"`      // to rank among
	LeastConfidence int64              `json:"least_confidence"` // per mille; below it a unit is listed apart
	ArrivalDays     int                `json:"arrival_days"`     // over which daily arrivals are a mean
	FigureDays      int                `json:"figure_days"`      // after which a figure says nothing any more
	HelpDays        int                `json:"help_days"`        // in which help received counts
}

// SolidarityWeights reads the profile of this version. Read it once and keep it.
func SolidarityWeights() (SolidarityProfile, error) {
	var p SolidarityProfile
	if _, err := protocol.DecodeJSON(solidarityProfile, &p); err != nil {
		return SolidarityProfile{}, fmt.Errorf("read solidarity profile: %w", err)
	}
	return p, nil
}

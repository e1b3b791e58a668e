package body

import (
	"slices"
	"strings"
)

// PhaseName is the phase of crisis management that something belongs to; it maps to the
// lifecycle phase of EDXL-SitRep.
type PhaseName string

// The four phases.
const (
	Prevention   PhaseName = "prevention"
	Preparedness PhaseName = "preparedness"
	Response     PhaseName = "response"
	Recovery     PhaseName = "recovery"
)

// Words gives the vocabulary.
func (PhaseName) Words() []string {
	return []string{"prevention", "preparedness", "response", "recovery"}
}

// UnmarshalText reads one of the words; [ErrVocabulary].
func (p *PhaseName) UnmarshalText(b []byte) error { return readWord(p, b, p.Words()) }

// Method is how a statement came about.
type Method string

// The five methods.
const (
	Observed   Method = "observed"
	Registered Method = "registered"
	Estimated  Method = "estimated"
	Relayed    Method = "relayed"
	Modelled   Method = "model"
)

// Words gives the vocabulary.
func (Method) Words() []string {
	return []string{"observed", "registered", "estimated", "relayed", "model"}
}

// UnmarshalText reads one of the words; [ErrVocabulary].
func (m *Method) UnmarshalText(b []byte) error { return readWord(m, b, m.Words()) }

// SourceType says whose statement it was before it was the author's.
type SourceType string

// The four types of source.
const (
	OwnSource     SourceType = "own"
	PartnerSource SourceType = "partner"
	PublicSource  SourceType = "public"
	MediaSource   SourceType = "media"
)

// Words gives the vocabulary.
func (SourceType) Words() []string { return []string{"own", "partner", "public", "media"} }

// UnmarshalText reads one of the words; [ErrVocabulary].
func (s *SourceType) UnmarshalText(b []byte) error { return readWord(s, b, s.Words()) }

// Reliability is the Admiralty letter of a source: A completely reliable, B usually, C
// fairly, D not usually, E unreliable, F cannot be judged. The G of other systems is
// refused (standards.md §14).
type Reliability string

// Words gives the vocabulary.
func (Reliability) Words() []string { return []string{"A", "B", "C", "D", "E", "F"} }

// UnmarshalText reads one of the letters; [ErrVocabulary].
func (r *Reliability) UnmarshalText(b []byte) error { return readWord(r, b, r.Words()) }

// Severity is how grave it is, in the words of CAP 1.2.
type Severity string

// The severities of CAP 1.2.
const (
	Extreme         Severity = "Extreme"
	Severe          Severity = "Severe"
	Moderate        Severity = "Moderate"
	Minor           Severity = "Minor"
	UnknownSeverity Severity = "Unknown"
)

// Words gives the vocabulary.
func (Severity) Words() []string {
	return []string{"Extreme", "Severe", "Moderate", "Minor", "Unknown"}
}

// UnmarshalText reads one of the words; [ErrVocabulary].
func (s *Severity) UnmarshalText(b []byte) error { return readWord(s, b, s.Words()) }

// Indicator names what a figure counts: a core one, or one of the author's own that
// begins with x-, which is shown and exported and not scored.
type Indicator string

// The core indicators (domain.md §4).
const (
	Arrivals              Indicator = "arrivals"
	Departures            Indicator = "departures"
	Present               Indicator = "present"
	Sheltered             Indicator = "sheltered"
	CapacityTotal         Indicator = "capacity_total"
	CapacityFree          Indicator = "capacity_free"
	Children              Indicator = "children"
	UnaccompaniedChildren Indicator = "unaccompanied_children"
	MedicalConsultations  Indicator = "medical_consultations"
	Deaths                Indicator = "deaths"
	AsylumIntentions      Indicator = "asylum_intentions"
)

// The units of core indicators.
const (
	Persons Label = "persons"
	Places  Label = "places"
)

// Words gives the core indicators.
func (Indicator) Words() []string {
	return []string{
		"arrivals", "departures", "present", "sheltered", "capacity_total", "capacity_free", "children",
		"unaccompanied_children", "medical_consultations", "deaths", "asylum_intentions",
	}
}

// Open says that words beginning with x- are welcome.
func (Indicator) Open() bool { return true }

// UnmarshalText reads a core indicator, or one that begins with x-; [ErrVocabulary].
func (i *Indicator) UnmarshalText(b []byte) error { return readOpenWord(i, b, i.Words()) }

// Core reports whether it is one of the core indicators, which are scored.
func (i Indicator) Core() bool { return slices.Contains(i.Words(), string(i)) }

// Unit gives the unit of a core indicator: places for capacities, persons for the rest,
// and "" for one of the author's own.
func (i Indicator) Unit() Label {
	switch {
	case i == CapacityTotal || i == CapacityFree:
		return Places
	case i.Core():
		return Persons
	}
	return ""
}

// Sector is a field of assistance.
type Sector string

// Words gives the vocabulary of domain.md §4: the clusters, and those of migration.
func (Sector) Words() []string {
	return []string{
		"shelter", "wash", "food", "nfi", "health", "protection", "child_protection", "education",
		"camp_management", "logistics", "coordination", "early_recovery", "cash", "registration_asylum", "telecom",
	}
}

// UnmarshalText reads one of the sectors; [ErrVocabulary].
func (s *Sector) UnmarshalText(b []byte) error { return readWord(s, b, s.Words()) }

// SectorOf gives the sector that forms suggest for a type; an author may use another.
func SectorOf(r ResourceType) Sector {
	switch r {
	case "bed_place", "tent", "container", "x-covered-m2":
		return "shelter"
	case "water_litre", "latrine", "shower", "hygiene_kit":
		return "wash"
	case "food_parcel", "meal":
		return "food"
	case "ambulance", "medical_team", "medicine_kit":
		return "health"
	case "interpreter", "social_worker":
		return "protection"
	case "registration_station", "border_staff":
		return "registration_asylum"
	case "police_officer", "volunteer", "expert_day", "training_seat":
		return "coordination"
	case "bus", "truck", "warehouse_m2", "generator":
		return "logistics"
	case "cash":
		return "cash"
	}
	return "nfi"
}

// ResourceType is what is asked for, offered or held: one of the list, or one that
// begins with x-.
type ResourceType string

// Words gives the vocabulary of domain.md §4.
func (ResourceType) Words() []string {
	return []string{
		"bed_place", "tent", "container", "winterisation_kit", "blanket", "hygiene_kit", "food_parcel", "meal",
		"water_litre", "latrine", "shower", "generator", "bus", "truck", "ambulance", "medical_team",
		"medicine_kit", "interpreter", "social_worker", "police_officer", "border_staff", "registration_station",
		"volunteer", "expert_day", "training_seat", "warehouse_m2", "cash", "other",
	}
}

// Open says that words beginning with x- are welcome.
func (ResourceType) Open() bool { return true }

// Expendable reports whether it can be used up; the rest goes back. Of types of one's own
// nobody else can tell: they can be both.
func (r ResourceType) Expendable() bool {
	switch r {
	case "blanket", "cash", "expert_day", "food_parcel", "hygiene_kit", "meal", "medicine_kit", "other", "training_seat", "water_litre", "winterisation_kit":
		return true
	}
	return strings.HasPrefix(string(r), "x-")
}

// UnmarshalText reads one of the list, or one that begins with x-; [ErrVocabulary].
func (r *ResourceType) UnmarshalText(b []byte) error { return readOpenWord(r, b, r.Words()) }

// Unit gives the unit that forms suggest for a type, so that a request and an offer can
// be compared; an author may use another. Cash is counted in its currency.
func (r ResourceType) Unit() Label {
	switch r {
	case "bed_place":
		return Places
	case "medical_team":
		return "teams"
	case "interpreter", "social_worker", "police_officer", "border_staff", "volunteer":
		return Persons
	case "water_litre":
		return "litres"
	case "expert_day":
		return "days"
	case "training_seat":
		return "seats"
	case "warehouse_m2":
		return "m2"
	case "cash":
		return "EUR"
	}
	return "pieces"
}

// readWord reads one of a closed list of words.
func readWord[T ~string](dst *T, b []byte, words []string) error {
	if !slices.Contains(words, string(b)) {
		return noWord(string(b), words)
	}
	*dst = T(b)
	return nil
}

// readOpenWord reads one of a list of words, or one of the author's own.
func readOpenWord[T ~string](dst *T, b []byte, words []string) error {
	switch {
	case slices.Contains(words, string(b)), ownWordExpr.Match(b):
		*dst = T(b)
		return nil
	}
	if near := Nearest(string(b), words); near != "" {
		return refuse(ErrVocabulary, "", "%s: did you mean %s? want one of %s, or one of your own that begins with x-", shown(string(b)), near, strings.Join(words, ", "))
	}
	return refuse(ErrVocabulary, "", "%s: want one of %s, or one of your own that begins with x-", shown(string(b)), strings.Join(words, ", "))
}

// noWord refuses what is none of a closed list, and asks whether the nearest was meant.
func noWord(s string, words []string) error {
	if near := Nearest(s, words); near != "" {
		return refuse(ErrVocabulary, "", "%s: did you mean %s? want one of %s", shown(s), near, strings.Join(words, ", "))
	}
	return refuse(ErrVocabulary, "", "%s: want one of %s", shown(s), strings.Join(words, ", "))
}

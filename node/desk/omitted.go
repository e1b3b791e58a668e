package desk

import "slices"

// ByQuality is the quality that a page was asked for, and how many rows it leaves out for it.
type ByQuality struct {
	Quality string `json:"quality,omitempty"` // at least so good, or unverified; empty: all
	Omitted int    `json:"omitted,omitempty"` // what is below it, or has none
}

// leave leaves the rows that are of the quality, and counts the others.
func leave[T any](rows *[]T, by *ByQuality) error {
	left, err := only(*rows, by.Quality)
	if err == nil {
		by.Omitted += len(*rows) - len(left)
		*rows = left
	}
	return err
}

// Only leaves the needs and records that are at least so good, or not yet verified.
func (s *ProjectSheet) Only(quality string) error {
	s.Quality = quality
	err := leave(&s.Needs, &ByQuality{Quality: quality}) // they stand among the records too
	for i := range s.Groups {
		if err == nil {
			err = leave(&s.Groups[i].Records, &s.ByQuality)
		}
	}
	s.Groups = slices.DeleteFunc(s.Groups, func(g ProjectGroup) bool { return len(g.Records) == 0 })
	return err
}

// Only leaves the dealings whose provider's declared stock is at least so good, or not yet verified.
func (x *Exchange) Only(quality string) (err error) {
	x.Quality = quality
	for i := range x.Lines {
		if err == nil {
			err = leave(&x.Lines[i].Deals, &x.ByQuality)
		}
	}
	return err
}

// Only leaves the figures, requests and capacity that are at least so good, or not yet verified.
func (v *InstitutionView) Only(quality string) (err error) {
	if v.Figures, err = only(v.Figures, quality); err == nil {
		v.Requests, err = only(v.Requests, quality)
	}
	if err == nil {
		v.Capacity, err = only(v.Capacity, quality)
	}
	return err
}

// Only leaves of what stands beside the answers the needs and capacity that are at least so good, or
// not yet verified. The answers stay.
func (h *Hearing) Only(quality string) (err error) {
	h.Quality = quality
	for i := range h.Respondents {
		r := &h.Respondents[i]
		if err == nil {
			err = leave(&r.Needs, &h.ByQuality)
		}
		if err == nil {
			err = leave(&r.Capacity, &h.ByQuality)
		}
	}
	return err
}

// Only leaves the figures that were at least so good when they were added up. What they come to
// together stays.
func (s *RegionalSheet) Only(quality string) (err error) {
	s.Quality, s.Indicators = quality, slices.Clone(s.Indicators)
	for i := range s.Indicators {
		if err == nil {
			err = leave(&s.Indicators[i].Rows, &s.ByQuality)
		}
	}
	return err
}

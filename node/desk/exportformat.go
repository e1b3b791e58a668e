package desk

import (
	"slices"
	"strings"
)

// The formats of lists that are no spreadsheets.
const (
	AsJSON = "json" // as programs of this network read a list: nothing is lost in it
	AsCAP  = "cap"  // messages of CAP 1.2
	AsEDXL = "edxl" // messages of EDXL-RM 1.0 and EDXL-SitRep 1.0, in envelopes of EDXL-DE 1.0
)

// Formats gives the formats in which a list can be taken away.
func Formats(what string) []string {
	all := []string{AsXLSX, AsCSV, AsJSON}
	if _, told := hxlTags()[what]; told {
		all = append(all, AsHXL)
	}
	switch what {
	case ListAlerts:
		all = append(all, AsCAP)
	case ListReports, ListRequests, ListOffers:
		all = append(all, AsEDXL)
	}
	return all
}

// AllFormats gives every format that some list has.
func AllFormats() []string { return []string{AsXLSX, AsCSV, AsJSON, AsHXL, AsCAP, AsEDXL} }

// fitsFormat refuses a format that nobody knows, and one that does not fit a list.
func fitsFormat(what, format string) error {
	switch {
	case !slices.Contains(AllFormats(), format):
		return &Problem{Kind: Usage, Field: "format", Detail: "no format is called " + quoted(format), Mend: OneOf(format, AllFormats()), Next: "vardar export --help"}
	case !slices.Contains(Formats(what), format):
		return &Problem{
			Kind: Refused, Field: "format", Detail: "the list " + what + " can't be said in " + format, Mend: "want one of " + strings.Join(Formats(what), ", "),
			Next: "vardar export " + what + " --as " + AsCSV,
		}
	}
	return nil
}

package desk

import (
	_ "embed"
	"maps"
	"strings"
)

//go:embed hxl.txt
var hxlText string

// hxlTags gives the hashtags of the columns of each list that HXL can say.
func hxlTags() map[string]map[string]string {
	out, common := map[string]map[string]string{}, map[string]string{}
	of := common
	for l := range strings.Lines(hxlText) {
		l = strings.TrimSpace(l)
		if what, ok := strings.CutPrefix(l, "["); ok {
			of = maps.Clone(common)
			out[strings.TrimSuffix(what, "]")] = of
			continue
		}
		if column, tag, ok := strings.Cut(l, " "); ok && column != "#" {
			of[column] = tag
		}
	}
	return out
}

package body

import (
	"slices"
	"strings"
)

// Nearest gives the word that was meant: one that differs by one change, else one of which s
// is a part, as beds is of bed_place, else the one that takes the fewest changes. Of several
// the first; none if that would be another word rather than a slip.
func Nearest(s string, words []string) string {
	if near := NearestWithin(s, words, 1); near != "" {
		return near
	}
	for _, w := range words {
		if isPart(s, w) {
			return w
		}
	}
	return NearestWithin(s, words, max(2, len(s)/3))
}

// isPart reports whether s, in the plural or not, is a whole part of a word of several.
func isPart(s, word string) bool {
	const least = 3 // letters; fewer are a part of anything
	s = strings.ToLower(s)
	one := strings.TrimSuffix(s, "s")
	parts := strings.FieldsFunc(word, func(r rune) bool { return r == '_' || r == '-' || r == '.' })
	return len(one) >= least && len(parts) > 1 && (slices.Contains(parts, s) || slices.Contains(parts, one))
}

// NearestWithin gives the word that takes the fewest changes, the first of several; none if
// all take more than so many, or change more than half of what was written.
func NearestWithin(s string, words []string, most int) string {
	best, least := "", most+1
	for _, w := range words {
		if n := changes(s, w); n < least && 2*n <= len(s) {
			best, least = w, n
		}
	}
	return best
}

// changes is Levenshtein's distance.
func changes(a, b string) int {
	const most = 64 // nobody mistypes a longer word into one of ours
	a, b = a[:min(len(a), most)], b[:min(len(b), most)]
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		left := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := left
			if a[i] != b[j] {
				cost++
			}
			left = row[j+1]
			row[j+1] = min(cost, row[j]+1, left+1)
		}
	}
	return row[len(b)]
}

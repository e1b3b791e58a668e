package web

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/protocol/body"
)

// whole gives a whole number, of a band its bound; 0 of what is none, with a fraction too.
func whole(of any) int {
	n, err := strconv.Atoi(strings.TrimPrefix(fmt.Sprint(reflect.Indirect(reflect.ValueOf(of))), "<"))
	if err != nil {
		return 0
	}
	return n
}

// Unit says what is counted, behind its number and in the form that goes with it; one that no catalogue has by
// its own name.
func (f *frame) Unit(number, unit any) string {
	key := "unit." + fmt.Sprint(unit)
	if said := f.T(key, whole(number)); said != key {
		return said
	}
	return f.Word(unit)
}

// Hours says so many hours.
func (f *frame) Hours(n any) string { return f.T("age.hours", whole(n)) }

// Reported says how many of how many have reported.
func (f *frame) Reported(n, of any) string { return f.T("situation.coverage", whole(n), f.Number(of)) }

// Throughput says how many pass in how many hours.
func (f *frame) Throughput(t *body.Throughput) string {
	return f.T("contradictions.throughput", whole(t.Count), f.Number(t.Count), f.Hours(t.PerHours))
}

// Part says which part of a total a figure counts: its sex, age and group as a column joins them.
func (f *frame) Part(by string) string {
	var said []string
	for _, part := range strings.Fields(by) {
		said = append(said, f.known("choice.sex_"+part, f.known("choice.age_"+part, f.spoken("group", part))))
	}
	return strings.Join(said, ", ")
}

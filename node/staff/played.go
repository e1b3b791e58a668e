package staff

import (
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol"
)

// Presence is how a route of the pages stands to an exercise.
type Presence int

// What a route is for who is in an exercise.
const (
	Played  Presence = iota // it shows what is played, and what is sent by it is played
	Real                    // it shows what is real all the same, and says so
	Outside                 // nobody opens it within one: it is a book of what is real
)

// Within says what a route is for who is in an exercise.
func Within(route string) Presence {
	_, path, _ := strings.Cut(route, " ")
	under := func(paths ...string) bool {
		return slices.ContainsFunc(paths, func(p string) bool { return path == p || strings.HasPrefix(path, p+"/") })
	}
	switch {
	case under("/help/stock", "/situation/alerts/dismiss", "/staff", "/node", "/audit", "/account",
		"/network/carry", "/network/dropped", "/network/invite", "/approvals", "/handover", "/looked", "/evidence", "/duty/test"):
		return Outside
	case under("/network", "/duty"):
		return Real
	}
	return Played
}

// AnyWorld reports whether what is sent to a route is done wherever its form was opened: it concerns
// nobody but who does it, or what is real as well as what is played.
func AnyWorld(route string) bool {
	return slices.Contains([]string{"POST /leave", "POST /language", "POST /exercise/leave", "POST /duty/seen"}, route)
}

// exercising are the rows of exercises: who reads takes part.
func exercising(readers []Role) []Row {
	return []Row{
		{"GET /exercise", readers, protocol.Amber},
		{"POST /exercise", []Role{Coordinator}, protocol.Amber},
		{"POST /exercise/enter", readers, protocol.Amber},
		{"POST /exercise/leave", readers, 0},
	}
}

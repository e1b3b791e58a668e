package staff

import "strings"

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
	switch it := row(route); {
	case it.also&outside != 0:
		return Outside
	case it.also&real != 0:
		return Real
	}
	return Played
}

// Tried reports whether a route may be opened while somebody only tries things out: what is
// read, what is then tried, and what concerns nobody but who does it. Of all else nothing is
// done meanwhile.
func Tried(route string) bool {
	return strings.HasPrefix(route, "GET ") || row(route).also&tried != 0
}

// AnyWorld reports whether what is sent to a route is done wherever its form was opened: it concerns
// nobody but who does it, or what is real as well as what is played.
func AnyWorld(route string) bool { return row(route).also&anyWorld != 0 }

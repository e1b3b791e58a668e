package staff

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

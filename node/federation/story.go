package federation

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// story is what a demonstration tells of a file.
type story struct {
	Name     string
	Title    string
	From, To time.Time // days told; those before are history, and come first
	Live     bool      // each report a line, as the coordinator sees it; otherwise at full speed
	Everyone bool      // Hungary and Italy too
	Relay    int       // on which day told, from 0, the town's own line is cut, so that a neighbour relays; -1: never
	Cut      int       // from which day told no line to the coordinator is left to the town
	Heal     int       // after the reports of which day the line is back
	Help     bool      // a request, offers, acceptance by the line, commitments
	Border   *frontier // whose two sides disagree; nil: of none
	Decide   *deciding // a consultation, a fund plan, a flow of funds; nil: none
}

// Stories gives the names of the stories that replay a file, the first being told unless
// another is named.
func Stories() []string { return []string{"november", "hungary", "newyear", "all"} }

// ErrStory is returned for a name that no story has, and for a story about days that the
// file lacks.
var ErrStory = errors.New("no such story")

func day(year int, month time.Month, d int) time.Time {
	return time.Date(year, month, d, 0, 0, 0, 0, time.UTC)
}

// choose finds a story for a file. A file that is not the demonstration's own is told as a
// whole, unless a story is named whose days it has.
func choose(name string, a *Arrivals, own bool) (story, error) {
	if name == "" {
		name = "all"
		if own {
			name = Stories()[0]
		}
	}
	var s story
	switch name {
	case "november":
		s = story{
			Title: "ten days of November 2015", From: day(2015, time.November, 1), To: day(2015, time.November, 10),
			Relay: 4, Cut: 5, Heal: 6, Help: true, Everyone: !own,
			Border: &frontier{Day: 8, Name: "Bogorodica - Evzoni", Code: "gr-mk:bogorodica-evzoni", Out: NorthernTown, In: SouthGate},
			Decide: &deciding{Consult: 3, Answer: 4, CutOff: 5, Conclude: 7, Plan: 8, Funds: 9},
		}
	case "hungary":
		s = story{
			Title: "a route moves in a day, October 2015", From: day(2015, time.October, 15), To: day(2015, time.October, 22),
			Relay: 3, Cut: 4, Heal: 5, Everyone: true,
			Border: &frontier{Day: 6, Name: "Harmica - Rigonce", Code: "hr-si:harmica-rigonce", Out: Croatia, In: Slovenia},
			Decide: &deciding{Consult: 2, Answer: 3, CutOff: 4, Conclude: 6, Plan: 7, Funds: 7},
		}
	case "newyear":
		s = story{
			Title: "a gap is no zero, New Year 2016", From: day(2015, time.December, 29), To: day(2016, time.January, 2),
			Relay: 1, Cut: 2, Heal: 3, Everyone: true,
			Border: &frontier{Day: 3, Name: "Tabanovce - Preševo", Code: "mk-rs:tabanovce-presevo", Out: NorthGate, In: SouthValley},
			Decide: &deciding{Consult: 0, Answer: 1, CutOff: 2, Conclude: 4, Plan: 4, Funds: 4},
		}
	case "all":
		s = whole(a)
	default:
		return s, fmt.Errorf("%w: %q; there are %s, %s", ErrStory, name, strings.Join(Stories(), ", "), strings.Join(ProofStories(), ", "))
	}
	if s.Name = name; name == "all" {
		return s, nil
	}
	s.Live = true
	if want := int(s.To.Sub(s.From).Hours()/24) + 1; len(a.Between(s.From, s.To)) < want {
		return s, fmt.Errorf("%w in this file: %s lacks days from %s to %s, which %s is about: tell it as 'all'",
			ErrStory, a.Name, s.From.Format(time.DateOnly), s.To.Format(time.DateOnly), name)
	}
	return s, nil
}

// cutDays is how long the line is down in a file told as a whole: a week.
const cutDays = 7

func whole(a *Arrivals) story {
	n := len(a.Days)
	s := story{From: a.Days[0].Date, To: a.Days[n-1].Date, Everyone: true, Relay: -1, Cut: n / 3}
	s.Heal = min(s.Cut+cutDays, n) - 1
	s.Title = fmt.Sprintf("%s days, %s to %s, at full speed", thousands(int64(n)), s.From.Format("2 January 2006"), s.To.Format("2 January 2006"))
	return s
}

// direct and byNeighbour are the two lines over which the town's news reaches the
// coordinator.
func direct() [2]protocol.InstitutionID { return [2]protocol.InstitutionID{SouthGate, Coordinator} }

func byNeighbour() [2]protocol.InstitutionID {
	return [2]protocol.InstitutionID{RiverTown, Coordinator}
}

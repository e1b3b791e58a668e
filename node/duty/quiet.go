package duty

import (
	"errors"
	"fmt"
	"time"

	"github.com/vardar-network/vardar/protocol/body"
)

// Quiet are the hours in which a rule wakes nobody, but for what is grave.
type Quiet struct {
	From   string        `yaml:"from"`   // 22:00
	To     string        `yaml:"to"`     // 06:00; before From: of the next day
	Zone   string        `yaml:"zone"`   // Europe/Skopje; default that of the file
	Unless body.Severity `yaml:"unless"` // what is at least so grave rings all the same; empty: nothing does

	from, to time.Duration // since midnight
	zone     *time.Location
}

var (
	errHour   = errors.New("want an hour such as 22:00")
	errNoTime = errors.New("from and to are the same: the rule would never wake anybody")
)

// settle reads the hours.
func (q *Quiet) settle(zone *time.Location) error {
	var err error
	if q.from, err = hourOf(q.From); err != nil {
		return fmt.Errorf("from: %q: %w", q.From, err)
	}
	if q.to, err = hourOf(q.To); err != nil {
		return fmt.Errorf("to: %q: %w", q.To, err)
	}
	if q.from == q.to {
		return errNoTime
	}
	q.zone = zone
	if q.Zone != "" {
		if q.zone, err = zoneOf(q.Zone); err != nil {
			return err
		}
	}
	return nil
}

func hourOf(s string) (time.Duration, error) {
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, errHour
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}

func zoneOf(name string) (*time.Location, error) {
	z, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("zone %q is not known: want one such as Europe/Skopje", name)
	}
	return z, nil
}

// until gives the end of the quiet hours that an instant lies in; false if it lies in none.
func (q *Quiet) until(now time.Time) (time.Time, bool) {
	if q == nil {
		return time.Time{}, false
	}
	local := now.In(q.zone)
	for _, back := range []int{1, 0} { // those that began yesterday may not be over
		begin := q.at(local, -back, q.from)
		end := q.at(local, -back, q.to)
		if q.to < q.from {
			end = q.at(local, 1-back, q.to)
		}
		if !local.Before(begin) && local.Before(end) {
			return end, true
		}
	}
	return time.Time{}, false
}

// at gives an hour of a day by the clock on the wall: on the day when clocks change too.
func (q *Quiet) at(day time.Time, days int, hour time.Duration) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day()+days, int(hour/time.Hour), int(hour%time.Hour/time.Minute), 0, 0, q.zone)
}

// rings reports whether something is grave enough for the quiet hours.
func (q *Quiet) rings(s body.Severity) bool {
	return q.Unless != "" && gravity(s) <= gravity(q.Unless)
}

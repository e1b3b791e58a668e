package board

import (
	"slices"

	"github.com/vardar-network/vardar/protocol/body"
)

// change is a figure that the change rule fired on.
type change struct {
	point    int // its index in the column
	before   int64
	median   int64 // of the values before it, rounded half up
	mad      int64 // their median absolute deviation, rounded half up
	upwards  bool
	value    int64
	distance int64 // from the value before
}

// changesIn applies the change rule of domain.md §5 to each point of a column in the order
// stated: outside so many MAD of the last values, and changed from the value before by
// more than a share, and by more than the floor. A reported 0 is a value; a period that
// was not reported, or that nobody spoke of, is a gap and no value; without a full
// history nothing fires.
func changesIn(points []Point, limits body.ChangeLimits) []change {
	var out []change
	var values []int64
	for i := range points {
		if points[i].State != Reported {
			continue
		}
		_, v := points[i].Value.Range() // of a band the highest: it is below every floor
		if c, fired := judgeChange(values, v, limits); fired {
			c.point = i
			out = append(out, c)
		}
		values = append(values, v)
	}
	return out
}

// judgeChange judges one value by those before it, in whole numbers: medians are doubled,
// so that the middle of an even history is exact.
func judgeChange(values []int64, v int64, limits body.ChangeLimits) (change, bool) {
	if limits.History < 1 || len(values) < limits.History {
		return change{}, false
	}
	last := slices.Clone(values[len(values)-limits.History:])
	prev := last[len(last)-1]
	median2 := doubledMedian(last)
	for i, x := range last {
		last[i] = magnitude(2*x - median2) // doubled distances
	}
	mad4 := doubledMedian(last) // doubled once more
	d := magnitude(v - prev)
	c := change{
		before: prev, median: (median2 + 1) / 2, mad: (mad4 + 2) / 4,
		upwards: v > prev, value: v, distance: d,
	}
	outside := 2*magnitude(2*v-median2) > limits.MAD*mad4
	return c, outside && d*100 > prev*limits.Percent && d > limits.Floor
}

// doubledMedian gives twice the median; it sorts what it is given.
func doubledMedian(values []int64) int64 {
	slices.Sort(values)
	n := len(values)
	if n%2 == 1 {
		return 2 * values[n/2]
	}
	return values[n/2-1] + values[n/2]
}

func magnitude(n int64) int64 { return max(n, -n) }

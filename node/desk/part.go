package desk

import (
	"cmp"
	"slices"
)

// FirstList is what an address calls where the part of a page's first list begins.
const FirstList = "from"

// Part is a stretch of a long list, as much of it as a page shows.
type Part[T any] struct {
	Rows []T
	From int // how many stand before it
	Of   int // how many there are in all
	most int
	name string
}

// partOf gives the part of a list that begins behind so many rows; what is behind the list's end
// is its last part.
func partOf[T any](rows []T, from, most int) Part[T] {
	from = min(max(from, 0), max(len(rows)-1, 0)/most*most)
	return Part[T]{Rows: slices.Clip(rows[from:min(from+most, len(rows))]), From: from, Of: len(rows), most: most}
}

// called names a list that is not the first of its page: each is read on by itself.
func (p Part[T]) called(name string) Part[T] {
	p.name = name
	return p
}

// Called gives what an address calls where the part begins.
func (p Part[T]) Called() string { return cmp.Or(p.name, FirstList) }

// First gives the number of its first row.
func (p Part[T]) First() int { return p.From + 1 }

// To gives how many stand before the part behind.
func (p Part[T]) To() int { return p.From + len(p.Rows) }

// More gives how many stand behind it.
func (p Part[T]) More() int { return p.Of - p.To() }

// Before gives where the part before it begins.
func (p Part[T]) Before() int { return max(p.From-p.most, 0) }

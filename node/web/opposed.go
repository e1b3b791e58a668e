package web

import (
	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/node/desk"
)

// Differs says what two institutions differ in, and where.
func (f *frame) Differs(o desk.Opposition) string {
	if o.Of != "" {
		return atlas.Marked(o.Name, o.Footnote) + ", " + f.Word(o.Of)
	}
	where := f.Place(o.Place, o.Name) + ", " + f.Indicator(o.Indicator)
	if o.By != "" {
		where += " (" + f.Part(o.By) + ")"
	}
	return where
}

// Voice says what one of the two says of it.
func (f *frame) Voice(o desk.Opposition, s desk.Statement) string {
	switch {
	case s.Side == nil:
		return f.Number(s.Value)
	case o.Of == desk.InThroughput && s.Side.Throughput != nil:
		return f.Throughput(s.Side.Throughput)
	}
	return f.Word(s.Side.State)
}

package link

const (
	// packAgain is after how many measurements the other way is tried once more: two of
	// them are then worse than they could be.
	packAgain = 64
	// packWorth is how much more compressed frames must carry than plain ones to be worth
	// the processor time of both ends.
	packWorth = 1.1
)

// packing decides whether large frames are compressed, by trying. What is acknowledged
// slowly may be so for the line or for the peer, whose disk and processor are no faster
// for it: on loopback a loaded peer took 20 MB/s, and compressing cost 36 µs a record for
// nothing.
type packing struct {
	on       bool
	rates    [2]float64 // bytes of records a second, plain and compressed, when last measured
	measures int        // since the way was last changed
}

// measured takes a measurement of the way that frames go now, and reports whether they go
// the other way from here on.
func (p *packing) measured(rate float64) (turned bool) {
	own, other := 0, 1
	least := packWorth * rate
	if p.on {
		own, other = 1, 0
		least = rate / packWorth
	}
	p.rates[own] = rate
	p.measures++
	switch {
	case !p.on && rate >= PackBelow:
		p.rates[other] = 0
		return false
	case p.rates[other] == 0, p.rates[other] > least, p.measures > packAgain:
		p.on, p.measures = !p.on, 0
		return true
	}
	return false
}

package link

import "time"

// packAgain is for how many measurements frames stay compressed once the line was found to
// be what they wait for. Compressed they may wait for it no longer, and plain again at once.
const packAgain = 16

// packing decides whether large frames are compressed: as long as the line has not been
// found to be fast, and while it is what they wait for. That frames are acknowledged slowly
// does not say so: the peer's disk and processor are no faster for it, and on loopback
// compressing took a tenth of both ends' time for nothing. A small question that is asked
// behind the frames does: it waits for the line as long as they, and for the peer's archive
// not at all.
type packing struct {
	on    bool
	stays int
}

// answered takes how long the answer to a question took that was asked behind frames which
// take the peer so long altogether. It reports whether frames go the other way from here on.
func (p *packing) answered(took, altogether time.Duration) (turned bool) {
	slow := took > altogether/2
	switch {
	case p.stays > 0:
		p.stays--
		return false
	case slow == p.on:
		return false
	}
	if p.on = slow; slow {
		p.stays = packAgain
	}
	return true
}

package link

import "time"

// packing decides whether large frames are compressed: as long as the line has not been
// found to be fast, and while it is what they wait for. That frames are acknowledged slowly
// does not say so: the peer's disk and processor are no faster for it, and on loopback
// compressing took a tenth of both ends' time for nothing. A small question that is asked
// behind the frames does: it waits for the line as long as they, and for the peer's archive
// not at all.
type packing struct {
	on      bool
	doubted bool // the last answer spoke for the other way
}

// answered takes how long the answer to a question took that was asked behind frames which
// take the peer so long altogether. It reports whether frames go the other way from here on:
// two answers must say so, since on a machine with much to do any single one may be late.
func (p *packing) answered(took, altogether time.Duration) (turned bool) {
	slow := took > altogether*3/4
	turned = slow != p.on && p.doubted
	p.doubted = slow != p.on && !p.doubted
	p.on = p.on != turned
	return turned
}

package desk

import (
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
)

// expect adds to what is due in the real world what is expected of members and was never said,
// by the rule of [board.View.Expect]. Asked are those that took part by the trust records that
// this node had at the picture's instant: who had left, or had not taken its invitation, is not
// expected, nor is what a feed would say that is closed or not begun. Institutions that this
// node writes for are asked as all others.
func (d *Desk) expect(p *board.Picture, v *board.View, k knowledge) {
	var out []board.Expected
	for _, m := range k.trust.Members() {
		if m.Out || !m.Claimed {
			continue
		}
		e := board.Expected{Institution: m.ID, Level: m.Level, May: func(recordType string) bool {
			topic, err := protocol.TypeTopic(recordType)
			if err != nil {
				return false
			}
			_, open := k.trust.Current(protocol.Feed{Institution: m.ID, Topic: topic})
			return open && k.trust.May(m.ID, recordType)
		}}
		if m.Profile != nil && m.Profile.Seat != nil {
			e.Seat, e.SeatName = m.Profile.Seat.Key(), d.o.Atlas.Name(*m.Profile.Seat)
		}
		out = append(out, e)
	}
	v.Expect(out, p.Lines, p.At)
}

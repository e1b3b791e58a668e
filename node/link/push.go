package link

import (
	"context"

	"github.com/vardar-network/vardar/protocol"
)

// Push sends a peer one frame as it is, past cursors and windows, and gives its answer:
// for the hostile peers of federations. It returns [ErrNoLine] if there is no link, and
// what [*protocol.ErrorAnswer] says if the peer refuses to look at the frame.
func (l *Links) Push(ctx context.Context, id protocol.InstitutionID, frame []byte) (protocol.Acknowledgement, error) {
	p := l.find(id)
	if p == nil {
		return protocol.Acknowledgement{}, ErrNoLine
	}
	x := protocol.OpTail
	if p.dialler {
		x = protocol.OpPush
	}
	data, err := p.request(ctx, x, frame)
	if err != nil {
		return protocol.Acknowledgement{}, err
	}
	var a protocol.Acknowledgement
	err = protocol.DecodeControl(data, &a)
	return a, err
}

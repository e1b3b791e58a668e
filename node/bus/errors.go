package bus

import "errors"

var (
	// ErrBusy says that IN is full, or can't take anything just now: nothing was taken.
	// Answer busy; the peer sends again after a second.
	ErrBusy = errors.New("too much has arrived that is not yet committed")
	// ErrReply says that a question's reply subject does not lie where answers on that
	// link belong, or that the question came on no subject of a link. Count it for the
	// peer and do not answer.
	ErrReply = errors.New("reply subject is not the asking link's own")
	// ErrFrameSize says that a frame is empty or longer than [MaxPayload]: drop it.
	ErrFrameSize = errors.New("frame is empty or longer than a message may be")
	// ErrLogRenewed says that LOG was lost or could not be trusted and was made anew,
	// empty, with another incarnation. The records of this call are not on it: fill the
	// window from the store, these records included.
	ErrLogRenewed = errors.New("the stream LOG was made anew and is empty")
	// ErrClosed says that the bus, or the connection asked over, is closed.
	ErrClosed = errors.New("bus is closed")
	// ErrPeerGone says that the peer's connection ended while its answer was awaited.
	ErrPeerGone = errors.New("peer's connection ended")
	// ErrNoAnswer says that nobody listens at the other side: it is not connected, or
	// does not serve this question.
	ErrNoAnswer = errors.New("nobody answers at the other side of the link")

	// ErrListenerKey says that another key than the listener's link key answered.
	// Nothing was signed. Somebody else listens at that address, or the listener has
	// changed its link key and its trust feed, which says so, has not reached us.
	ErrListenerKey = errors.New("the listener proved another link key than its trust feed names: " +
		"ask its administrator whether the key was changed, and take its trust feed from another peer")
	// ErrSilent says that nobody answered at that address in the time a handshake may take:
	// another program's port, a machine that drops what comes, or a line that is too slow.
	ErrSilent = errors.New("no answer: see that vardar listens there and that no wall drops what is sent")
	// ErrRefused says that the listener proved its key and did not let us in: it does
	// not know our link key (yet), or agreed on no link with us.
	ErrRefused = errors.New("the listener does not admit this link key: it knows another one, or this institution was closed, or moved to another node: call them")
	// ErrListener says that a listener sent what no NATS server sends, or more than a
	// message may hold; the connection was closed before any of it was read further.
	ErrListener = errors.New("the listener broke the NATS protocol or its limits")
	// ErrAddress says that an address is not host:port.
	ErrAddress = errors.New("address is not host:port")
	// ErrSign says that our own signer gave a signature that does not fit the handshake.
	ErrSign = errors.New("handshake signature does not verify with our own link key")

	// errRefused is for Check's log lines alone; a peer is told no reason.
	errRefused = errors.New("not admitted")
)

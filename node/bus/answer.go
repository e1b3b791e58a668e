package bus

import (
	"fmt"
	"strings"

	"github.com/nats-io/nats.go"

	"github.com/vardar-network/vardar/protocol"
)

// Question is what the other side of a link asks.
type Question struct {
	Token     protocol.LinkToken
	Operation protocol.Operation
	Reply     string // where the answer belongs: that link's own inbox or reply, one token
	Data      []byte
}

// ParseQuestion reads a message on link.L.ask.X or link.L.serve.X. It returns
// [ErrReply] if the answer would not go to the asker's own inbox: nats-server checks no
// reply subject, so whoever answers any other publishes for the asker, wherever that
// likes (design.md §4). Count it for the peer and do not answer.
func ParseQuestion(m *nats.Msg) (Question, error) {
	rest, ok := strings.CutPrefix(m.Subject, "link.")
	token, rest, ok2 := strings.Cut(rest, ".")
	side, operation, ok3 := strings.Cut(rest, ".")
	q := Question{protocol.LinkToken(token), protocol.Operation(operation), m.Reply, m.Data}
	if !ok || !ok2 || !ok3 || !q.Token.Valid() || strings.Contains(operation, ".") {
		return Question{}, ErrReply
	}
	switch {
	case side == "ask" && q.Token.AnswersTo(m.Reply), side == "serve" && q.Token.AnsweredBy(m.Reply):
		return q, nil
	}
	return Question{}, ErrReply
}

// Answer sends the answer to a question, or a late acknowledgement to what
// [Bus.Arrivals] gave, over the connection of that link. It returns [ErrReply] and sends
// nothing if the reply is not the link's own. The header is ours alone; nothing of the
// question's is passed on.
func Answer(c *nats.Conn, q Question, data []byte, header nats.Header) error {
	if !q.Token.AnswersTo(q.Reply) && !q.Token.AnsweredBy(q.Reply) {
		return ErrReply
	}
	if err := c.PublishMsg(&nats.Msg{Subject: q.Reply, Data: data, Header: header}); err != nil {
		return connError(fmt.Sprintf("answer %s", q.Operation), err)
	}
	return nil
}

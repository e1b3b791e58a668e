package bus

import (
	"github.com/nats-io/nats-server/v2/server"

	"github.com/vardar-network/vardar/protocol"
)

// Peer is who is at the other end of a link that was opened to this node.
type Peer struct {
	Institution protocol.InstitutionID // the dialler's first institution, or the newcomer's
	Guest       bool                   // came with an invitation, is no member yet
	Key         protocol.Key           // its link key; of a guest its claim key
	// Token is the link's; [Options.Admit] may leave it empty, the bus computes it.
	Token protocol.LinkToken
}

// Permissions says on which subjects a peer may publish and to which it may subscribe:
// everything else is refused (wire.md §5). Both lists are never empty. There is no $JS
// subject among them, nor any other that is not the link's own.
func Permissions(p Peer) (publish, subscribe []string) {
	l := p.Token
	if p.Guest {
		for _, x := range []protocol.Operation{protocol.OpHello, protocol.OpCharter, protocol.OpRange, protocol.OpJoin} {
			publish = append(publish, l.Ask(x))
		}
		return publish, []string{l.Inbox(">")}
	}
	return []string{l.Ask("*"), l.Reply(">")}, []string{l.Serve("*"), l.Inbox(">")}
}

// The users inside the process. None of them can come in over TCP, where nobody knows its word.
const (
	UserLink   = "link"   // the node's own end of all links
	UserIntake = "intake" // puts on IN and LOG, takes from IN
	UserTools  = "tools"  // listens to LOG

	userStreams = "streams" // makes and looks at the streams
	userSystem  = "system"  // hears when a peer's connection ends
)

// The accounts: subjects of one do not exist in another, and nothing is exported.
const (
	accountLinks = "LINKS" // peers and link; no JetStream
	accountNode  = "NODE"  // streams, intake, tools
)

// grant is what a user inside the process may do, and in which account.
type grant struct {
	account            string // "" is the system account
	publish, subscribe []string
}

// insider is the table of the users inside the process.
func insider(user string) (grant, bool) {
	g, ok := map[string]grant{
		UserLink: {accountLinks, []string{"link.>"}, []string{"link.>"}},
		UserIntake: {
			accountNode,
			[]string{"in.>", logSubjects, nextSubject, "$JS.ACK." + streamIn + ".>"},
			[]string{inboxPrefix(UserIntake) + ".>"},
		},
		UserTools:   {accountNode, nil, []string{logSubjects}},
		userStreams: {accountNode, []string{"$JS.API.>"}, []string{inboxPrefix(userStreams) + ".>"}},
		userSystem:  {"", nil, []string{disconnected}},
	}[user]
	return g, ok
}

func inboxPrefix(user string) string { return "_INBOX." + user }

// permissions writes both lists as nats-server wants them. An empty list of what may be
// subscribed would mean everything there, so that it is spelled out as a denial.
func permissions(publish, subscribe []string) *server.Permissions {
	list := func(subjects []string) *server.SubjectPermission {
		if len(subjects) == 0 {
			return &server.SubjectPermission{Deny: []string{">"}}
		}
		return &server.SubjectPermission{Allow: subjects}
	}
	return &server.Permissions{Publish: list(publish), Subscribe: list(subscribe)}
}

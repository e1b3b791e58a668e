// Package bus carries: the embedded NATS server, the streams IN and LOG, and who may say what on which subject.
//
// A peer is the node of another institution that opened a link to this one: a TLS 1.3
// connection on which its link key signed our nonce. A guest is a newcomer with an
// invitation. What either may publish and hear is one pure function, [Permissions].
// Peers live in a NATS account of their own, in which there is no JetStream at all; the
// streams lie in another, which only users inside this process can enter.
//
// IN holds the frames that have arrived and are not yet committed: in memory, bounded,
// refusing when full ([Bus.PutIn], [Bus.Arrivals]). LOG is a window of the records this
// node holds, for the institution's own tools ([Bus.PublishLog]). Neither is a place of
// record: both can be thrown away, the store has everything (design.md §3).
//
// [Dial] opens a link from here; [Requester] asks over one, either way; [ParseQuestion]
// and [Answer] are the only way to answer, since nats-server checks no reply subject.
//
// What is not bounded here: connections by address. nats-server counts all of them against
// [MaxConnections], strangers in a TLS handshake too, makes its listener itself (2.15.2
// takes none, and wraps none), and asks us first at a ClientHello, which a stranger need
// not send. A stranger is cut off after 10 s without a handshake, and after 10 s more
// without a signature, so whoever opens 1,640 connections a second and says nothing, or 820
// that end their handshake, keeps members from connecting; links that are up stay up, and
// those kept out dial again by themselves. A listener of our own before it would have to
// copy every byte, or to end TLS and hand over pipes without an address, which cost either
// the throughput or what kicks and [PeerState] rest on. Where the port is open to
// everybody, bound it in front, with nftables:
//
//	set peers { type ipv4_addr; flags dynamic; }
//	tcp dport 4222 ct state new add @peers { ip saddr ct count over 64 } reject
//
// The room is longer than others: server, streams, handshake and permissions are one wall,
// judged together.
package bus

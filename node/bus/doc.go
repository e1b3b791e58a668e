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
package bus

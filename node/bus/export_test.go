package bus

import "net"

// ShutdownJetStream does what nats-server does when the disk is full.
func (b *Bus) ShutdownJetStream() error { return b.server.ShutdownJetStream() }

// Guard wraps a listener's connection as Dial does.
func Guard(c net.Conn) net.Conn { return &guard{Conn: c} }

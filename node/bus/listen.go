package bus

import (
	"context"
	"fmt"
	"net"
)

// probe listens for a moment where links are to be listened for: nats-server says in words
// alone why it can't, and callers want the system's error, which they can ask about.
func probe(ctx context.Context, address string) error {
	if address == "" {
		return nil
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("listen for links: %w", err)
	}
	return l.Close()
}

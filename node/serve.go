package node

import "context"

// serve answers the command line and the loopback API until ctx ends.
func (n *Node) serve(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

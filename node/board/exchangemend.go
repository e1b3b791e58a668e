package board

import (
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// StepsMended takes an exchange of help anew as if one of its steps said something else, and gives all steps of it, in
// their order; none where the record is no step that counts. What the board shows stays as it is.
func (b *Board) StepsMended(of protocol.Digest, says *body.ResourceStep) []Step {
	b.fold.Lock()
	defer b.fold.Unlock()
	b.settleLocked()
	e := b.entries[of]
	if e == nil {
		return nil
	}
	root, is := threadOf(e)
	at := b.world(e).threads.slots[root]
	if _, counts := e.now.(*step); !counts || !is || at == nil {
		return nil
	}
	otherwise := *e
	otherwise.now = newStep(says, e.name)
	at.sweep()
	members := slices.Clone(at.members)
	slices.SortFunc(members, before)
	for i, m := range members {
		if m == e {
			members[i] = &otherwise
		}
	}
	return foldThread(root, members).steps
}

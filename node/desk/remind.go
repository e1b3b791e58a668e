package desk

import (
	"context"

	"github.com/vardar-network/vardar/protocol"
)

// Remind asks an institution for what is due of it: by a note that wants an acknowledgement,
// in the words given.
func (d *Desk) Remind(ctx context.Context, as, whom protocol.InstitutionID, words string) (Published, error) {
	if _, ok := d.o.Trust.Member(whom); !ok {
		return Published{}, problem(NotFound, "vardar member list", "%s is no member of the network here", quoted(string(whom)))
	}
	return d.Publish(ctx, Request{As: as, Kind: "note", Set: []string{"to.0=" + string(whom), "kind=question", "text=" + words, "acknowledge=true"}})
}

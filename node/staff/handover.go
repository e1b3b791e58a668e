package staff

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol"
)

// Handover is one taking over of an institution's post.
type Handover struct {
	Institution protocol.InstitutionID `json:"institution"`
	Time        protocol.Instant       `json:"time"`
	By          string                 `json:"by"`             // the account that took over
	Note        string                 `json:"note,omitempty"` // what the one before said; never leaves the node
}

// MaxHandoverNote bounds the note of a handover, in bytes: a page.
const MaxHandoverNote = 4 << 10

// ErrNote says that a handover's note is too long.
var ErrNote = errors.New("the note is longer than 4 KiB")

const handoverPrefix = "handover/"

func handoverKey(id protocol.InstitutionID, at protocol.Instant) []byte {
	return binary.BigEndian.AppendUint64([]byte(handoverPrefix+string(id)+"/"), uint64(at)) //nolint:gosec // no handover was before 1970
}

// TakeOver notes that an account has taken over an institution's post. It returns [ErrNote]
// for a note that is too long.
func (s *Staff) TakeOver(ctx context.Context, h Handover) (Handover, error) {
	h.Note = strings.TrimSpace(h.Note)
	if len(h.Note) > MaxHandoverNote {
		return Handover{}, ErrNote
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	h.Time = s.now()
	text, err := json.Marshal(h)
	if err != nil {
		return Handover{}, err
	}
	return h, s.o.Kept.Put(ctx, handoverKey(h.Institution, h.Time), text)
}

// Handovers gives those of an institution's post, the newest first.
func (s *Staff) Handovers(ctx context.Context, id protocol.InstitutionID) ([]Handover, error) {
	var out []Handover
	for e, err := range entries[Handover](ctx, s.o.Kept, handoverPrefix+string(id)+"/") {
		if err != nil {
			return nil, err
		}
		out = append(out, e.value)
	}
	slices.Reverse(out)
	return out, nil
}

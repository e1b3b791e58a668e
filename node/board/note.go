package board

import (
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Note is a question, an answer or a message in a thread. Its text is kept: it is short
// (at most 2 KiB), and without it a thread can't be read.
type Note struct {
	Thread      protocol.Name          `json:"thread"`
	Record      protocol.Name          `json:"record"`
	Digest      protocol.Digest        `json:"digest"`
	Institution protocol.InstitutionID `json:"institution"`
	AuthorTime  protocol.Instant       `json:"author_time"`
	Kind        body.NoteKind          `json:"kind"`
	Text        string                 `json:"text"`
	Acknowledge bool                   `json:"acknowledge,omitempty"` // its author wants to know that it was read
	Answers     protocol.Name          `json:"answers,omitzero"`
	Correction  protocol.Name          `json:"correction,omitzero"`
}

// note is the essence of a note.
type note struct {
	row  Note
	refs []body.Ref
}

func newNote(b *body.Note, name protocol.Name) *note {
	n := &note{row: Note{Thread: b.Thread, Kind: b.Kind, Text: string(b.Text), Acknowledge: b.Acknowledge}, refs: b.Refs}
	if n.row.Thread.IsZero() {
		n.row.Thread = name // it begins one
	}
	if n.row.Kind == "" {
		n.row.Kind = body.Message
	}
	if ref, ok := b.Ref(body.RelAnswers); ok {
		n.row.Answers = ref.Record
	}
	return n
}

func (n *note) of(e *entry, x *exchange) Note {
	row := n.row
	row.Thread = x.name
	for _, ref := range n.refs {
		if ref.Rel == body.RelAnswers {
			row.Answers = x.nameOf(ref)
		}
	}
	row.Record, row.Digest, row.Institution, row.AuthorTime = e.name, e.digest, e.name.Institution, e.time
	if e.by != nil {
		row.Correction = e.by.name
	}
	return row
}

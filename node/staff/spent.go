package staff

import (
	"slices"

	"github.com/vardar-network/vardar/protocol"
)

// Why a word that once opened an account does so no more, each a kind of [ErrWord]. Only who has the word is told.
const (
	ErrWordUsed     = wordError("a password was chosen with this word already")
	ErrWordReplaced = wordError("another word was made for the account since this one")
	ErrWordOver     = wordError("the week in which this word could be used is over")
)

type wordError string

func (e wordError) Error() string { return string(e) }

// Is reports whether an error asked for is [ErrWord].
func (e wordError) Is(target error) bool { return target == ErrWord }

// mostSpent bounds how many words an account remembers that open it no more, the last ones. Who comes with one
// before them is told [ErrWord].
const mostSpent = 4

// spent is a word that opened an account, and does no more.
type spent struct {
	Word protocol.Digest `json:"word"`
	Used bool            `json:"used,omitempty"` // a password was chosen with it; else something else took its place
}

// spend has the words of an account open nothing any more; used is the one with which a password is chosen.
func (k *kept) spend(used protocol.Digest) {
	for _, w := range []protocol.Digest{k.Word, k.Recovery} {
		if !w.IsZero() {
			k.Spent = append(k.Spent, spent{w, w == used})
		}
	}
	k.Spent = k.Spent[max(0, len(k.Spent)-mostSpent):]
	k.Word, k.WordEnds, k.Recovery = protocol.Digest{}, 0, protocol.Digest{}
}

// fails says why a word does not open an account.
func (k *kept) fails(word string) error {
	d := digestOf(word)
	i := slices.IndexFunc(k.Spent, func(w spent) bool { return w.Word == d })
	switch {
	case d == k.Word:
		return ErrWordOver
	case i < 0:
		return ErrWord
	case k.Spent[i].Used:
		return ErrWordUsed
	}
	return ErrWordReplaced
}

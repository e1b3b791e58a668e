package web

import (
	"sync"

	"github.com/vardar-network/vardar/node/lang"
)

// Choices gives what tells the desk how words that are chosen from are called in the languages of
// the pages. The catalogues are read when it is first asked; of one that can't be read it knows no word.
func Choices() func(word string) []string {
	read := sync.OnceValue(func() map[string][]string {
		words, err := lang.Choices()
		if err != nil {
			return nil // [New] has said it: no page can be shown either
		}
		return words
	})
	return func(word string) []string { return read()[word] }
}

package lang

import (
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// choiceKey begins the messages that say a word which is chosen from: choice.shelter.
const choiceKey = "choice."

// Choices gives what each word that is chosen from, such as a sector, is called in every language
// that has a word for it, for who looks for one in their own.
func Choices() (map[string][]string, error) {
	out := map[string][]string{}
	err := eachFile(func(file *i18n.MessageFile) error {
		for _, m := range file.Messages {
			if word, ok := strings.CutPrefix(m.ID, choiceKey); ok {
				out[word] = append(out[word], m.Other)
			}
		}
		return nil
	})
	return out, err
}

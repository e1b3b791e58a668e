package lang

import (
	"fmt"
	"path"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// choiceKey begins the messages that say a word which is chosen from: choice.shelter.
const choiceKey = "choice."

// Choices gives what each word that is chosen from, such as a sector, is called in the languages
// that pages are read in, for who looks for one in their own.
func Choices() (map[string][]string, error) {
	entries, err := files.ReadDir("catalogues")
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for _, e := range entries {
		name := path.Join("catalogues", e.Name())
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		file, err := i18n.ParseMessageFileBytes(text, name, nil)
		if err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", e.Name(), err)
		}
		for _, m := range file.Messages {
			if word, ok := strings.CutPrefix(m.ID, choiceKey); ok {
				out[word] = append(out[word], m.Other)
			}
		}
	}
	return out, nil
}

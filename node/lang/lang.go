package lang

import (
	"embed"
	"fmt"
	"path"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed catalogues/*.json
var files embed.FS

// Catalogue is all messages in all languages. Make it with [New].
type Catalogue struct{ bundle *i18n.Bundle }

// New reads the catalogues.
func New() (*Catalogue, error) {
	c := &Catalogue{bundle: i18n.NewBundle(language.English)}
	entries, err := files.ReadDir("catalogues")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if _, err := c.bundle.LoadMessageFileFS(files, path.Join("catalogues", e.Name())); err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", e.Name(), err)
		}
	}
	return c, nil
}

// Languages gives the tags of all catalogues, English first.
func (c *Catalogue) Languages() []string {
	var out []string
	for _, t := range c.bundle.LanguageTags() {
		out = append(out, t.String())
	}
	return out
}

// Speaker says messages in one language.
type Speaker struct {
	localizer *i18n.Localizer
	tag       string
}

// Speaker gives one for what a browser asks for (Accept-Language), or a tag.
func (c *Catalogue) Speaker(wanted ...string) *Speaker {
	tags := c.bundle.LanguageTags()
	_, i := language.MatchStrings(language.NewMatcher(tags), wanted...)
	return &Speaker{i18n.NewLocalizer(c.bundle, wanted...), tags[i].String()}
}

// Tag is the language's BCP 47 tag.
func (s *Speaker) Tag() string { return s.tag }

// Say says a message. Of args a whole number chooses the plural form and is {{.N}}, a text is
// {{.A}}, and the next one {{.B}}. A message that no catalogue has is said by its key, which a
// test of the pages does not let pass.
func (s *Speaker) Say(key string, args ...any) string {
	conf := &i18n.LocalizeConfig{MessageID: key}
	data := map[string]any{}
	for _, arg := range args {
		switch v := arg.(type) {
		case int:
			conf.PluralCount = v
			data["N"] = v
		default:
			name := "A"
			if _, taken := data[name]; taken {
				name = "B"
			}
			data[name] = v
		}
	}
	conf.TemplateData = data
	text, err := s.localizer.Localize(conf)
	if err != nil {
		return key
	}
	return text
}

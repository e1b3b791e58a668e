package lang

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

//go:embed catalogues/*.json
var files embed.FS

// Messages that every catalogue has, and that are about itself.
const (
	keyName  = "catalogue.name"  // the language, in itself
	keyState = "catalogue.state" // how far it is
)

// How far a catalogue is, in the order in which it comes about.
const (
	begun = "begun" // some messages: it is offered to nobody
	draft = "draft" // all messages, made by a machine, and nobody who speaks the language has read them
)

// Language is one that pages can be read in.
type Language struct {
	Tag   string // BCP 47
	Name  string // in itself
	Draft bool   // made by a machine, and not read yet by anybody who speaks it
}

// Catalogue is all messages in all languages. Make it with [New].
type Catalogue struct {
	bundle    *i18n.Bundle
	matcher   language.Matcher
	tags      []language.Tag // of the matcher, English first
	languages []Language     // the same, in the same order
	sentences map[string]func() *sentences
	choices   map[string][]string // see [Catalogue.Choices]
}

// New gives the catalogues that have all messages. They are read once: all that say
// something in a process share them.
func New() (*Catalogue, error) { return shared() }

// shared reads the catalogues, which are facts of the program: reading them takes longer
// than all else that a node does when it opens a small archive.
var shared = sync.OnceValues(func() (*Catalogue, error) { return readAll(files) }) //nolint:gochecknoglobals // never changed

func readAll(from fs.FS) (*Catalogue, error) {
	c := &Catalogue{bundle: i18n.NewBundle(language.English), sentences: map[string]func() *sentences{}, choices: map[string][]string{}}
	entries, err := fs.ReadDir(from, "catalogues")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if err := c.read(from, path.Join("catalogues", e.Name())); err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", e.Name(), err)
		}
	}
	english := slices.Index(c.tags, language.English)
	if english < 0 {
		return nil, fmt.Errorf("there is no catalogue in %s", language.English)
	}
	c.tags[0], c.tags[english] = c.tags[english], c.tags[0]
	c.languages[0], c.languages[english] = c.languages[english], c.languages[0]
	c.matcher = language.NewMatcher(c.tags)
	return c, nil
}

// read takes in a catalogue; of one in Latin Serbian that in Cyrillic is made as well.
func (c *Catalogue) read(from fs.FS, name string) error {
	text, err := fs.ReadFile(from, name)
	if err != nil {
		return err
	}
	file, err := i18n.ParseMessageFileBytes(text, name, nil)
	if err != nil {
		return err
	}
	l := Language{Tag: file.Tag.String()}
	for _, m := range file.Messages {
		switch {
		case m.ID == keyName:
			l.Name = m.Other
		case m.ID == keyState && m.Other == begun:
			return nil
		case m.ID == keyState:
			l.Draft = m.Other == draft
		}
	}
	if err := c.add(file.Tag, l, file.Messages); err != nil {
		return err
	}
	c.sentences[file.Tag.String()] = sentencesOf(file.Tag, func(said string) string { return said })
	if file.Tag != language.SerbianLatin {
		return nil
	}
	other, tag := newCyrillic(), language.MustParse("sr-Cyrl")
	l.Tag, l.Name = tag.String(), other.write(strings.Replace(l.Name, "latinica", "ćirilica", 1))
	c.sentences[tag.String()] = sentencesOf(file.Tag, other.write)
	return c.add(tag, l, other.messages(file.Messages))
}

func (c *Catalogue) add(tag language.Tag, l Language, messages []*i18n.Message) error {
	c.tags, c.languages = append(c.tags, tag), append(c.languages, l)
	for _, m := range messages {
		if word, ok := strings.CutPrefix(m.ID, choiceKey); ok {
			c.choices[word] = append(c.choices[word], m.Other)
		}
	}
	return c.bundle.AddMessages(tag, messages...)
}

// choiceKey begins the messages that say a word which is chosen from: choice.shelter.
const choiceKey = "choice."

// Choices gives what a word that is chosen from, such as a sector, is called in every language
// that has a word for it, for who looks for one in their own.
func (c *Catalogue) Choices(word string) []string { return c.choices[word] }

// Languages gives those that pages can be read in, English first.
func (c *Catalogue) Languages() []Language { return slices.Clone(c.languages) }

// Speaker says messages in one language.
type Speaker struct {
	Language
	localizer *i18n.Localizer
	printer   *message.Printer
	sentences func() *sentences // nil: what other rooms say stays in English
	names     map[string]string // of what other rooms name in English
}

// Naming gives a speaker that calls what other rooms name in English, such as a country, as it is called in the language.
func (s *Speaker) Naming(names map[string]string) *Speaker {
	named := *s
	named.names = names
	return &named
}

// Speaker gives one for a tag, or for what a browser asks for (Accept-Language), the first
// that names a language we have. What is merely understood by many who asked for another
// language is not taken for it: they read English, which is nobody's in particular.
func (c *Catalogue) Speaker(wanted ...string) *Speaker {
	spoken := 0
	for _, w := range wanted {
		asked, _, err := language.ParseAcceptLanguage(w)
		if err != nil || len(asked) == 0 {
			continue
		}
		if _, i, confidence := c.matcher.Match(asked...); confidence >= language.High {
			spoken = i
			break
		}
	}
	tag := c.tags[spoken]
	return &Speaker{c.languages[spoken], i18n.NewLocalizer(c.bundle, tag.String()), message.NewPrinter(tag), c.sentences[tag.String()], nil}
}

// Say says a message. Of args an int chooses the plural form and is {{.N}}; each of the others is {{.A}},
// {{.B}}, and so on. Numbers are as the language writes them. A message that no catalogue
// has is said by its key, which a test of the pages does not let pass.
func (s *Speaker) Say(key string, args ...any) string {
	conf := &i18n.LocalizeConfig{MessageID: key}
	data, texts := map[string]any{}, 0
	for _, arg := range args {
		switch v := arg.(type) {
		case int:
			conf.PluralCount = v
			data["N"] = s.Number(int64(v))
		default:
			name := string(rune('A' + texts))
			texts++
			data[name] = v
			if n, whole := v.(int64); whole {
				data[name] = s.Number(n)
			}
		}
	}
	conf.TemplateData = data
	text, err := s.localizer.Localize(conf)
	if err != nil {
		return key
	}
	return text
}

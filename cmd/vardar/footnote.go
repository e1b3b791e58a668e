package main

import (
	"io"

	"github.com/vardar-network/vardar/node/lang"
)

// sheet is what a command prints to be read. It keeps what the mark at a name on it stands for.
type sheet struct {
	io.Writer
	words    *lang.Speaker
	footnote string
}

// look looks for the mark in what is printed.
func (s *sheet) look(text string) {
	if s.footnote == "" {
		s.footnote = s.words.Footnote(text)
	}
}

// looked has a sheet look at what is printed; what is printed elsewhere nobody looks at.
func looked(w io.Writer, text string) string {
	if s, is := w.(*sheet); is {
		s.look(text)
	}
	return text
}

// onSheet has the results of a command printed on a sheet. End prints what its mark stands for, below all.
func (a *app) onSheet() (end func(), err error) {
	words, err := lang.New()
	if err != nil {
		return nil, err
	}
	s := &sheet{Writer: a.out, words: words.Speaker("en")}
	a.out = s
	return func() {
		if s.footnote != "" && a.output == text {
			line(s.Writer, "")
			line(s.Writer, "%s", s.footnote)
		}
	}, nil
}

package main

import (
	"io"

	"github.com/vardar-network/vardar/node/lang"
)

// sheet is what a command prints to be read.
type sheet struct {
	io.Writer
	marked string // what has the mark at a name, the first
}

// looked has a sheet look for the mark in what is printed; what is printed elsewhere nobody looks at.
func looked(w io.Writer, text string) string {
	if s, is := w.(*sheet); is && s.marked == "" && lang.Marked(text) {
		s.marked = text
	}
	return text
}

// onSheet has the results of a command printed on a sheet. End prints what its mark stands for, below all: the
// catalogues are read for that alone.
func (a *app) onSheet() (end func()) {
	s := &sheet{Writer: a.out}
	a.out = s
	return func() {
		if s.marked == "" || a.output != text {
			return
		}
		words, err := lang.New()
		if err != nil {
			a.tell(a.problem(err))
			return
		}
		line(s.Writer, "")
		line(s.Writer, "%s", words.Speaker("en").Footnote(s.marked))
	}
}

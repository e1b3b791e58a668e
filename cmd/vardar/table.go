package main

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// table is a result in rows.
type table struct {
	head []string
	rows [][]string
}

// gap is how many blanks part two columns.
const gap = 2

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// fitted makes a table fit a screen, as far as names can't be shortened: columns in which
// nothing is said go, then the institution where every record's name begins with it, then
// long texts are folded, the widest first, and at last of keys only the beginning is shown.
func (t *table) fitted(columns int) table {
	if len(t.rows) == 0 {
		return *t
	}
	out := table{slices.Clone(t.head), make([][]string, len(t.rows))}
	wide := len(t.head)
	for i, row := range t.rows {
		out.rows[i] = slices.Clone(row)
		wide = max(wide, len(row))
	}
	for c := wide - 1; c >= 0 && len(out.head) > 0 && out.width() > columns; c-- {
		if !slices.ContainsFunc(out.rows, func(row []string) bool { return cell(row, c) != "" }) {
			out.drop(c)
		}
	}
	if who, of := slices.Index(out.head, "institution"), slices.Index(out.head, "record"); who >= 0 && of >= 0 && out.width() > columns &&
		!slices.ContainsFunc(out.rows, func(row []string) bool { return !strings.HasPrefix(cell(row, of), cell(row, who)+"/") }) {
		out.drop(who)
	}
	if over := out.width() - columns; over > 0 {
		out.fold(over)
	}
	if out.width() > columns {
		for _, row := range out.rows {
			for c := range row {
				row[c] = shortened(row[c])
			}
		}
	}
	return out
}

// keyShown is how many digits of a key tell it apart on a screen; a program asks for JSON.
const keyShown = 16

// shortened gives the beginning of a key or digest, and any other text as it is.
func shortened(s string) string {
	digits := strings.TrimPrefix(s, "sha-256:")
	if len(digits) != 64 || strings.Trim(digits, "0123456789abcdef") != "" {
		return s
	}
	return s[:len(s)-len(digits)+keyShown] + "…"
}

func cell(row []string, c int) string {
	if c < len(row) {
		return row[c]
	}
	return ""
}

func (t *table) drop(c int) {
	for _, row := range append([][]string{t.head}, t.rows...) {
		copy(row[min(c, len(row)):], row[min(c+1, len(row)):])
	}
	t.head = t.head[:len(t.head)-1]
	for i, row := range t.rows {
		if c < len(row) {
			t.rows[i] = row[:len(row)-1]
		}
	}
}

// widths gives how wide each column is.
func (t *table) widths() []int {
	var out []int
	for _, row := range append([][]string{t.head}, t.rows...) {
		for c, s := range row {
			if c == len(out) {
				out = append(out, 0)
			}
			out[c] = max(out[c], utf8.RuneCountInString(s))
		}
	}
	return out
}

func (t *table) width() int {
	sum := -gap
	for _, w := range t.widths() {
		sum += w + gap
	}
	return sum
}

// leastFold is the width below which a column is not folded: one word a line reads badly.
const leastFold = 12

// fold breaks the texts of columns between words, until what is over is gone or no column
// can give more.
func (t *table) fold(over int) {
	widths := t.widths()
	least := make([]int, len(widths))
	for c, w := range widths {
		least[c] = min(w, leastFold)
	}
	for _, row := range append([][]string{t.head}, t.rows...) {
		for c, s := range row {
			for word := range strings.FieldsSeq(s) {
				least[c] = max(least[c], utf8.RuneCountInString(word))
			}
		}
	}
	for ; over > 0; over-- {
		widest := -1
		for c, w := range widths {
			if w > least[c] && (widest < 0 || w > widths[widest]) {
				widest = c
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
	}
	var rows [][]string
	for _, row := range t.rows {
		rows = append(rows, foldedRow(row, widths)...)
	}
	t.rows = rows
}

// foldedRow gives the lines that a row takes.
func foldedRow(row []string, widths []int) [][]string {
	var out [][]string
	for c, s := range row {
		lines := []string{s}
		if utf8.RuneCountInString(s) > widths[c] {
			lines = strings.Split(foldedAt(strings.Fields(s), " ", widths[c]), "\n")
		}
		for i, l := range lines {
			if i == len(out) {
				out = append(out, make([]string, len(row)))
			}
			out[i][c] = l
		}
	}
	return out
}

package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/api"
)

// letterColumns is how wide the pieces of the line are in a letter: with a margin of two
// it prints on A4 in any font, and vardar join takes the line with its breaks.
const letterColumns = 64

// letter is an invitation on one sheet of A4, for someone who has never seen Vardar.
func letter(inv *api.Invited) string {
	var b strings.Builder
	p := func(format string, args ...any) {
		for _, l := range strings.Split(fmt.Sprintf(format, args...), "\n") {
			_, _ = fmt.Fprintln(&b, strings.TrimRight(printable(l), " "))
		}
	}
	p("INVITATION TO THE NETWORK %s\n", inv.Network)
	p("To           %s", inv.Institution)
	p("From         %s, registrar", inv.Registrar)
	p("Valid until  %s", inv.Expires.Time().UTC().Format("2006-01-02 15:04 UTC"))
	p("Join at      %s", strings.Join(inv.Addresses, ", "))
	p("Questions    %s\n", office(inv))
	p("Keep this letter to yourselves. Whoever has the invitation below can take your seat,\nonce. It is of no use to anybody after you have joined.\n")
	p("Six check words\n\n  %s\n", strings.Join(inv.CheckWords[:], "  "))
	p("The invitation: one line, broken here to fit the page. The breaks don't matter.\n")
	for piece := range slices.Chunk([]byte(inv.Line), letterColumns) {
		p("  %s", piece)
	}
	p("\nWhat to do\n")
	p("1. Install vardar on the machine that is to be your node. It need not be reachable from\n   outside; it must reach the address above.")
	p("2. Save the invitation in a file named invitation.txt, as it came with this letter, or as\n   it stands above.")
	p("3. Join:\n\n     vardar join invitation.txt --name \"Your institution's name\"\n")
	p("   It shows six words. Are they the six words above? Answer yes if all six are the same and\n   in this order. If not, answer no, and call the office above at a number that you knew before.\n   Then it shows your recovery sheet, once: print it, and keep it in a safe.")
	p("4. Run your node, and look at it:\n\n     vardar run\n     vardar status\n")
	p("5. Keep a copy of the folder ~/.vardar/identity, which holds your identity key, in a safe too.")
	return b.String()
}

// office says whom to call: never a person, always an office.
func office(inv *api.Invited) string {
	c := inv.Contact
	if c == nil {
		return "the office of " + string(inv.Registrar) + " that sent this letter"
	}
	said := string(c.Office)
	for _, way := range []string{string(c.Phone), string(c.Email)} {
		if way != "" {
			said += ", " + way
		}
	}
	return said
}

// writeLetter leaves the letter in a file of its owner alone, and never over another.
func writeLetter(file string, inv *api.Invited) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err = f.WriteString(letter(inv)); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

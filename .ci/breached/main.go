// Command breached makes node/staff/breached.bin of a list of passwords, one a line, the
// commonest first; node/staff/breached.txt says of which:
//
//	go run ./.ci/breached LIST >node/staff/breached.bin
//
// It keeps those that are long enough for an account and that zxcvbn lets pass: the others are
// refused without it.
package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/trustelem/zxcvbn"
)

// maxBytes bounds what is made: it is a part of the program, which goes over bad lines.
const maxBytes = 100_000

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "breached:", err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 2 {
		return fmt.Errorf("want one list, not %d", len(os.Args)-1)
	}
	file, err := os.Open(os.Args[1])
	if err != nil {
		return err
	}
	defer file.Close()
	var prints []uint32
	out := []byte{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		p := strings.ToLower(strings.TrimSpace(lines.Text()))
		if n := utf8.RuneCountInString(p); n < 12 || n > 128 {
			continue
		}
		head := []rune(p)
		head = head[:min(len(head), 40)]
		if zxcvbn.PasswordStrength(string(head), nil).Guesses < 1e9 {
			continue
		}
		sum := sha256.Sum256([]byte(p))
		prints = append(prints, binary.BigEndian.Uint32(sum[:]))
	}
	for len(out) == 0 || len(out) > maxBytes {
		if len(out) > maxBytes {
			prints = prints[:len(prints)-500] // the rarest
		}
		out = packed(prints)
	}
	fmt.Fprintln(os.Stderr, len(prints), "passwords,", len(out), "bytes")
	_, err = os.Stdout.Write(out)
	return err
}

// packed gives the distance of each from the one before, in ascending order.
func packed(prints []uint32) []byte {
	sorted := slices.Compact(slices.Sorted(slices.Values(prints)))
	var out []byte
	before := uint32(0)
	for _, p := range sorted {
		out = binary.AppendUvarint(out, uint64(p-before))
		before = p
	}
	return out
}

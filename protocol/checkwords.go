package protocol

import (
	"crypto/sha256"
	_ "embed" // the list of words
	"encoding/binary"
	"strings"
)

// shortWords is the EFF's short word list 1: 1,296 English words of three to five letters,
// one a line, in the order of the dice. Source and licence: NOTICE.
//
//go:embed eff-short-1.txt
var shortWords string

// checkWordBytes is how much of the digest each word is drawn from: of 40 bits modulo
// 1,296 no word is likelier than another by more than one part in 800 million.
const checkWordBytes = 5

// CheckWords gives six words by which two people tell on the phone whether they have the
// same invitation: the line may have been swapped on its way. Blanks and line breaks
// around it don't count.
//
// Of SHA-256(line), word i (from 0) is the number in bytes 5i to 5i+4, big-endian, modulo
// 1,296, as a place in the EFF's short word list 1: 62 bits in all.
func CheckWords(line string) [6]string {
	sum := sha256.Sum256([]byte(strings.TrimSpace(line)))
	list := strings.Fields(shortWords)
	var words [6]string
	for i := range words {
		var number [8]byte
		copy(number[8-checkWordBytes:], sum[i*checkWordBytes:])
		words[i] = list[binary.BigEndian.Uint64(number[:])%uint64(len(list))]
	}
	return words
}

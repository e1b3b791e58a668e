package staff

import (
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"strings"
)

// breachedPrints are the fingerprints of passwords that leaks have made known and that are long
// enough for an account; breached.txt says where they are from.
//
//go:embed breached.bin
var breachedPrints []byte

// breached reports whether a password is among those that leaks have made known, whatever its
// case. One other in some 130,000 is taken for one of them: its owner chooses another.
func breached(password string) bool {
	sum := sha256.Sum256([]byte(strings.ToLower(password)))
	want, at := uint64(binary.BigEndian.Uint32(sum[:])), uint64(0)
	for rest := breachedPrints; len(rest) > 0; {
		step, n := binary.Uvarint(rest)
		if n <= 0 {
			return false
		}
		if at += step; at >= want {
			return at == want
		}
		rest = rest[n:]
	}
	return false
}

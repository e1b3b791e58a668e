package keys

import "strings"

// ageSecret writes 32 bytes as an age X25519 identity, AGE-SECRET-KEY-1…: Bech32 of
// BIP 173, in capitals. age draws identities itself and keeps its encoder to itself;
// here the dice are handed in.
func ageSecret(k secret) string {
	const hrp = "age-secret-key-"
	var values []byte // groups of five bits, the last one filled up with zeros
	var bits, held uint
	for _, b := range k.seed() {
		bits, held = bits<<8|uint(b), held+8
		for ; held >= 5; held -= 5 {
			values = append(values, byte(bits>>(held-5)&31))
		}
	}
	if held > 0 {
		values = append(values, byte(bits<<(5-held)&31))
	}
	const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	var out strings.Builder
	out.WriteString(hrp + "1")
	for _, v := range append(values, bech32Checksum(hrp, values)...) {
		out.WriteByte(alphabet[v])
	}
	return strings.ToUpper(out.String())
}

// bech32Checksum gives six values (BIP 173, "Checksum").
func bech32Checksum(hrp string, values []byte) []byte {
	var expanded []byte
	for _, c := range []byte(hrp) {
		expanded = append(expanded, c>>5)
	}
	expanded = append(expanded, 0)
	for _, c := range []byte(hrp) {
		expanded = append(expanded, c&31)
	}
	expanded = append(append(expanded, values...), 0, 0, 0, 0, 0, 0)
	sum := uint32(1)
	for _, v := range expanded {
		top := sum >> 25
		sum = sum&0x1ffffff<<5 ^ uint32(v)
		for i, g := range [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	sum ^= 1
	out := make([]byte, 6)
	for i := range out {
		out[i] = byte(sum >> (5 * (5 - i)) & 31)
	}
	return out
}

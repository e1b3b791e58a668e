package schemas_test

import (
	"crypto/sha512"
	"encoding/hex"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/protocol"
)

// The curve of RFC 8032 §5.1 by the book, slow and plain: only to make points and
// signatures that no honest library would.
type curve struct{ p, d, l *big.Int }

type point struct{ x, y *big.Int }

func edwards() curve {
	p := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	d := new(big.Int).Mul(big.NewInt(-121665), new(big.Int).ModInverse(big.NewInt(121666), p))
	l, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	return curve{p, d.Mod(d, p), l}
}

func (c curve) add(a, b point) point {
	mul := func(x, y *big.Int) *big.Int { z := new(big.Int).Mul(x, y); return z.Mod(z, c.p) }
	t := mul(mul(c.d, mul(a.x, b.x)), mul(a.y, b.y))
	one := big.NewInt(1)
	x := mul(new(big.Int).Add(mul(a.x, b.y), mul(a.y, b.x)), new(big.Int).ModInverse(new(big.Int).Mod(new(big.Int).Add(one, t), c.p), c.p))
	y := mul(new(big.Int).Add(mul(a.y, b.y), mul(a.x, b.x)), new(big.Int).ModInverse(new(big.Int).Mod(new(big.Int).Sub(one, t), c.p), c.p))
	return point{x, y}
}

func (c curve) times(n *big.Int, a point) point {
	out := point{big.NewInt(0), big.NewInt(1)}
	for i := n.BitLen() - 1; i >= 0; i-- {
		out = c.add(out, out)
		if n.Bit(i) == 1 {
			out = c.add(out, a)
		}
	}
	return out
}

func (c curve) encode(a point) []byte {
	out := make([]byte, 32)
	a.y.FillBytes(out)
	slices.Reverse(out)
	out[31] |= byte(a.x.Bit(0)) << 7
	return out
}

// decode recovers x as RFC 8032 §5.1.3 does.
func (c curve) decode(b []byte) point {
	text := slices.Clone(b)
	sign := text[31] >> 7
	text[31] &= 0x7f
	slices.Reverse(text)
	y := new(big.Int).SetBytes(text)
	x := c.root(y)
	if byte(x.Bit(0)) != sign {
		x.Sub(c.p, x)
	}
	return point{x, y}
}

// root gives an x to a y, or nil if there is no such point.
func (c curve) root(y *big.Int) *big.Int {
	yy := new(big.Int).Exp(y, big.NewInt(2), c.p)
	v := new(big.Int).Add(new(big.Int).Mul(c.d, yy), big.NewInt(1))
	xx := new(big.Int).Mul(new(big.Int).Sub(yy, big.NewInt(1)), v.ModInverse(v.Mod(v, c.p), c.p))
	return new(big.Int).ModSqrt(xx.Mod(xx, c.p), c.p)
}

func (c curve) isPoint(b []byte) bool { return c.root(littleEndian(b)) != nil }

func littleEndian(b []byte) *big.Int {
	b = slices.Clone(b)
	slices.Reverse(b)
	return new(big.Int).SetBytes(b)
}

// scalar is the secret number of a key (RFC 8032 §5.1.5).
func scalar(n byte) *big.Int {
	h := sha512.Sum512(vectorKey(n).Seed())
	h[0] &= 248
	h[31] = h[31]&127 | 64
	return littleEndian(h[:32])
}

// challenge is SHA-512(R ‖ A ‖ message) as a number below the order of the group.
func (c curve) challenge(r, a []byte, message string) *big.Int {
	h := sha512.New()
	h.Write(r)
	h.Write(a)
	h.Write([]byte(message))
	k := littleEndian(h.Sum(nil))
	return k.Mod(k, c.l)
}

func signature(r []byte, s *big.Int) protocol.Signature {
	var out protocol.Signature
	copy(out[:], r)
	tail := make([]byte, 32)
	s.FillBytes(tail)
	slices.Reverse(tail)
	copy(out[32:], tail)
	return out
}

// addL adds n times the order of the group to a signature's S, which changes nothing but
// its bytes for a library that does not look.
func addL(s protocol.Signature, n int64) protocol.Signature {
	c := edwards()
	return signature(s[:32], new(big.Int).Add(littleEndian(s[32:]), new(big.Int).Mul(c.l, big.NewInt(n))))
}

// torsion is a point of order 8.
const torsion = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

func edCase(name, key, message string, s protocol.Signature, verifies bool) vector {
	return vector{"name": name, "key": key, "message": message, "signature": s.String(), "verifies": verifies}
}

// ed25519Vectors are the cases in which libraries differ (Chalkias, Garillot, Nikolaenko,
// "Taming the many EdDSAs", 2020). The rule of the network is RFC 8032 §5.1.7 without
// cofactor, S below the order of the group, R compared as bytes.
func ed25519Vectors() []vector {
	c := edwards()
	good := signText(nodeKey, []byte("a record"))
	key := publicKey(nodeKey)
	identity := unhex("01" + strings.Repeat("0", 62))
	secondIdentity := unhex("ee" + strings.Repeat("f", 60) + "7f")
	a := scalar(nodeKey)
	forged := func(r []byte) protocol.Signature {
		s := new(big.Int).Mul(c.challenge(r, key[:], "a record"), a)
		return signature(r, s.Mod(s, c.l))
	}
	mixedR := c.encode(c.add(c.times(big.NewInt(7), c.base()), c.decode(unhex(torsion))))
	mixed := new(big.Int).Mul(c.challenge(mixedR, key[:], "a record"), a)
	mixed.Add(mixed, big.NewInt(7))
	out := []vector{
		edCase("an honest signature", key.String(), "a record", good, true),
		edCase("over another text", key.String(), "a recorc", good, false),
		edCase("S with the order of the group added", key.String(), "a record", addL(good, 1), false),
		edCase("S with seven times the order added: its highest bits are set", key.String(), "a record", addL(good, 7), false),
		edCase("all zero", key.String(), "a record", protocol.Signature{}, false),
		edCase("R of small order, made by the key's owner", key.String(), "a record", forged(identity), true),
		edCase("R written in a second way", key.String(), "a record", forged(secondIdentity), false),
		edCase("R of mixed order: only with cofactor", key.String(), "a record", signature(mixedR, mixed.Mod(mixed, c.l)), false),
	}
	out = append(out, mixedKeys(c)...)
	return append(out, badKeys()...)
}

func (c curve) base() point {
	var b [32]byte
	for i := range b {
		b[i] = 0x66
	}
	b[0] = 0x58
	return c.decode(b[:])
}

// mixedKeys are of a key with a part of order 8: with cofactor every signature holds,
// without it one in eight.
func mixedKeys(c curve) []vector {
	key := c.encode(c.add(c.times(scalar(nodeKey), c.base()), c.decode(unhex(torsion))))
	r := c.encode(c.times(big.NewInt(7), c.base()))
	var out []vector
	for want, name := range []string{"a key of mixed order, challenge divisible by 8: with and without cofactor", "a key of mixed order, challenge not divisible by 8: only with cofactor"} {
		for i := 0; ; i++ {
			message := "a record, try " + strconv.Itoa(i)
			k := c.challenge(r, key, message)
			if divisible := new(big.Int).Mod(k, big.NewInt(8)).Sign() == 0; divisible != (want == 0) {
				continue
			}
			s := new(big.Int).Mul(k, scalar(nodeKey))
			s.Add(s, big.NewInt(7))
			out = append(out, edCase(name, hex.EncodeToString(key), message, signature(r, s.Mod(s, c.l)), want == 0))
			break
		}
	}
	return out
}

// badKeys are keys that nobody may have. The signature (R the identity, S 0) is one that
// holds for many of them over any text, in one library or another.
func badKeys() []vector {
	anyText := signature(unhex("01"+strings.Repeat("0", 62)), big.NewInt(0))
	var out []vector
	for _, k := range [][3]string{
		{"order 1", "key_small_order", "01" + strings.Repeat("0", 62)},
		{"order 1, sign bit set", "key_small_order", "01" + strings.Repeat("0", 60) + "80"},
		{"order 1, written in a second way", "key_small_order", "ee" + strings.Repeat("f", 60) + "7f"},
		{"order 1, written in a third way", "key_small_order", "ee" + strings.Repeat("f", 62)},
		{"order 2", "key_small_order", "ec" + strings.Repeat("f", 60) + "7f"},
		{"order 2, sign bit set", "key_small_order", "ec" + strings.Repeat("f", 62)},
		{"order 4", "key_small_order", strings.Repeat("0", 64)},
		{"order 4, negative", "key_small_order", strings.Repeat("0", 62) + "80"},
		{"order 4, written in a second way", "key_small_order", "ed" + strings.Repeat("f", 60) + "7f"},
		{"order 4, negative, written in a second way", "key_small_order", "ed" + strings.Repeat("f", 62)},
		{"order 8", "key_small_order", torsion},
		{"order 8, negative", "key_small_order", torsion[:62] + "85"},
		{"order 8, the other pair", "key_small_order", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"},
		{"order 8, the other pair, negative", "key_small_order", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"},
		{"the number 3 written in a second way", "key_encoding", "f0" + strings.Repeat("f", 60) + "7f"},
		{"the largest number there is room for", "key_encoding", strings.Repeat("f", 62) + "7f"},
		{"the largest number, sign bit set", "key_encoding", strings.Repeat("f", 64)},
	} {
		c := edCase("a key of "+k[0], k[2], "a record", anyText, false)
		if k[1] == "key_encoding" {
			c["name"] = "a key that is " + k[0]
		}
		c["rule"] = k[1]
		out = append(out, c)
	}
	notOnCurve := "02" + strings.Repeat("0", 62)
	if edwards().isPoint(unhex(notOnCurve)) {
		panic("2 is a point")
	}
	return append(out, edCase("a key that is no point of the curve", notOnCurve, "a record", anyText, false))
}

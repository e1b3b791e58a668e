package link

import (
	_ "embed" // the dictionary
	"encoding/hex"
	"fmt"

	"github.com/klauspost/compress/zstd"

	"github.com/vardar-network/vardar/protocol"
)

// Packing is the name of the compression that hello agrees on.
const Packing = "zstd"

// DictionaryID is the number of the dictionary in what zstd writes: the version of this
// file. Another dictionary gets another number, and this one goes on being read.
const DictionaryID = 1001

// dictionary is what small frames are compressed with: names, types and bodies of the
// demo's records. It is made by
//
//	go test ./node/federation -run TestLiveRecordsShrink -dictionary $PWD/node/link/dictionary-1.zstd
//
//go:embed dictionary-1.zstd
var dictionary []byte

// Packer compresses frames with zstd at its default level. It is safe for concurrent
// use.
type Packer struct {
	enc   *zstd.Encoder
	small *zstd.Encoder // with the dictionary
	dec   *zstd.Decoder
	name  string // of the dictionary
}

// NewPacker makes a packer whose opened frames take at most limit bytes.
func NewPacker(limit int) (*Packer, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	// In one segment, so that each frame says how long it is once it is open: a receiver
	// counts what does not say it for as much as it may become.
	small, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderDict(dictionary), zstd.WithEncoderCRC(false),
		zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithSingleSegment(true))
	if err != nil {
		return nil, err
	}
	// A frame that claims more than the limit is refused before it is opened.
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(uint64(limit)), zstd.WithDecoderDicts(dictionary)) //nolint:gosec // a positive constant
	if err != nil {
		return nil, err
	}
	digest := protocol.DigestOf(dictionary)
	return &Packer{enc, small, dec, Packing + ":" + hex.EncodeToString(digest[:16])}, nil
}

// Dictionary is the name of the dictionary in hello: its digest, so that nobody packs with
// one that the other side does not have byte for byte. No packer has none.
func (p *Packer) Dictionary() string {
	if p == nil {
		return ""
	}
	return p.name
}

// Pack appends the compressed form of src to dst.
func (p *Packer) Pack(dst, src []byte) []byte { return p.enc.EncodeAll(src, dst) }

// PackSmall compresses a frame with the dictionary.
func (p *Packer) PackSmall(frame []byte) []byte { return protocol.PackFrame(frame, smallPacker{p}) }

// smallPacker packs with the dictionary.
type smallPacker struct{ *Packer }

// Pack appends the compressed form of src to dst.
func (p smallPacker) Pack(dst, src []byte) []byte { return p.small.EncodeAll(src, dst) }

// Unpack opens src, to at most limit bytes.
func (p *Packer) Unpack(src []byte, limit int) ([]byte, error) {
	out, err := p.dec.DecodeAll(src, nil)
	if err != nil {
		return nil, err
	}
	if len(out) > limit {
		return nil, fmt.Errorf("opens to %d bytes, at most %d are taken", len(out), limit)
	}
	return out, nil
}

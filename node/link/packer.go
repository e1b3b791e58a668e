package link

import (
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// Packing is the name of the compression that hello agrees on.
const Packing = "zstd"

// Packer compresses frames with zstd at its default level. It is safe for concurrent
// use.
type Packer struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

// NewPacker makes a packer whose opened frames take at most limit bytes.
func NewPacker(limit int) (*Packer, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	// A frame that claims more than the limit is refused before it is opened.
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(uint64(limit))) //nolint:gosec // a positive constant
	if err != nil {
		return nil, err
	}
	return &Packer{enc, dec}, nil
}

// Pack appends the compressed form of src to dst.
func (p *Packer) Pack(dst, src []byte) []byte { return p.enc.EncodeAll(src, dst) }

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

package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
)

// The form of a bbolt file, version 2, as far as it must be known to walk it by reading
// alone, without mapping it: bbolt's own check maps the file, and has no opinion on free
// pages that it counts by the same tree.
const (
	pageHeader  = 16 // id u64, flags u16, count u16, overflow u32
	pageElement = 16 // leaf: flags, pos, key size, value size u32; branch: pos, key size u32, page u64
	pageBranch  = 0x01
	pageLeaf    = 0x02
	bucketLeaf  = 0x01
	bucketValue = 16 // root u64, sequence u64
	metaSize    = 64
	metaMagic   = 0xED0CDAED
	// maxDepth bounds nested buckets and tree levels: a file of 2^40 pages has five.
	maxDepth = 32
)

var errPage = errors.New("page is not as it was written")

// pages walks a file's tree.
type pages struct {
	file io.ReaderAt
	size uint64 // of a page
	high uint64 // pages from here on do not exist
	seen []bool
}

// metaPage is what counts of one of the two meta pages.
type metaPage struct{ size, root, high, tx uint64 }

// walkPages reads every page that the newest state of a file can reach, and checks that
// each is where and what it should be: identity, extent, order of keys, no page twice.
func walkPages(file io.ReaderAt, fileSize int64) error {
	first, err := readMeta(file, 0)
	if err != nil {
		return fmt.Errorf("meta page 0: %w", err)
	}
	second, err := readMeta(file, int64(first.size)) //nolint:gosec // bounded by readMeta
	if err != nil {
		return fmt.Errorf("meta page 1: %w: the last transaction may be lost", err)
	}
	newest := first
	if second.tx > first.tx {
		newest = second
	}
	if first.size != second.size || max(first.tx, second.tx)-min(first.tx, second.tx) != 1 {
		return fmt.Errorf("%w: the meta pages do not fit together", errPage)
	}
	p := &pages{file: file, size: newest.size, high: newest.high}
	if p.high > uint64(fileSize)/p.size { //nolint:gosec // a size
		return fmt.Errorf("%w: %d pages were written, the file holds %d", io.ErrUnexpectedEOF, p.high, uint64(fileSize)/p.size) //nolint:gosec // as above
	}
	p.seen = make([]bool, p.high)
	return p.walk(newest.root, nil, nil, 0)
}

// readMeta reads a meta page at an offset. A power cut can't tear one, since what counts of
// it lies within one sector.
func readMeta(file io.ReaderAt, offset int64) (metaPage, error) {
	var b [pageHeader + metaSize]byte
	if _, err := file.ReadAt(b[:], offset); err != nil {
		return metaPage{}, err
	}
	m := b[pageHeader:]
	sum := fnv.New64a()
	_, _ = sum.Write(m[:56]) // never fails
	order := binary.NativeEndian
	out := metaPage{size: uint64(order.Uint32(m[8:])), root: order.Uint64(m[16:]), high: order.Uint64(m[40:]), tx: order.Uint64(m[48:])}
	switch {
	case order.Uint32(m) != metaMagic:
		return out, fmt.Errorf("%w: not a store's", errPage)
	case order.Uint64(m[56:]) != sum.Sum64():
		return out, errChecksum
	case out.size < 1024 || out.size > 1<<24:
		return out, fmt.Errorf("%w: pages of %d bytes", errPage, out.size)
	}
	return out, nil
}

// walk reads page id, whose keys must lie from low up to, and not at, high; nil is open.
func (p *pages) walk(id uint64, low, high []byte, depth int) error {
	wrong := func(what string) error { return fmt.Errorf("%w: page %d: %s", errPage, id, what) }
	if id < 2 || id >= p.high || depth > maxDepth {
		return wrong("out of bounds")
	}
	data := make([]byte, p.size)
	if _, err := p.file.ReadAt(data, int64(id*p.size)); err != nil { //nolint:gosec // below p.high
		return fmt.Errorf("page %d: %w", id, err)
	}
	order := binary.NativeEndian
	extent := uint64(order.Uint32(data[12:])) + 1
	if order.Uint64(data) != id || extent > p.high-id {
		return wrong("does not say what it is")
	}
	for i := id; i < id+extent; i++ {
		if p.seen[i] {
			return wrong("reached twice")
		}
		p.seen[i] = true
	}
	if extent > 1 {
		data = make([]byte, p.size*extent)
		if _, err := p.file.ReadAt(data, int64(id*p.size)); err != nil { //nolint:gosec // as above
			return fmt.Errorf("page %d: %w", id, err)
		}
	}
	used, err := p.elements(data, low, high, depth)
	if err != nil {
		return fmt.Errorf("page %d: %w", id, err)
	}
	if max((used+p.size-1)/p.size, 1) != extent {
		return wrong("longer or shorter than its content")
	}
	return nil
}

// elements checks what lies on a page, and walks what it leads to. bbolt writes elements
// and their bytes without a gap, so every length is known twice. It returns the bytes used.
func (p *pages) elements(data, low, high []byte, depth int) (uint64, error) {
	order := binary.NativeEndian
	if len(data) < pageHeader {
		return 0, errPage
	}
	flags, count := order.Uint16(data[8:]), int(order.Uint16(data[10:]))
	leaf := flags == pageLeaf
	at := uint64(pageHeader + pageElement*count) //nolint:gosec // at most 1 MiB
	if (!leaf && flags != pageBranch) || (!leaf && count == 0) || at > uint64(len(data)) {
		return 0, fmt.Errorf("%w: kind %x of %d elements", errPage, flags, count)
	}
	element := func(i int) []byte { return data[pageHeader+pageElement*i:] }
	keys := make([][]byte, count+1)
	values := make([][]byte, count)
	for i := range count {
		e := element(i)
		pos, keySize, valueSize := uint64(order.Uint32(e)), uint64(order.Uint32(e[4:])), uint64(0)
		if leaf {
			pos, keySize, valueSize = uint64(order.Uint32(e[4:])), uint64(order.Uint32(e[8:])), uint64(order.Uint32(e[12:]))
		}
		if pos+uint64(pageHeader+pageElement*i) != at || keySize == 0 || keySize+valueSize > uint64(len(data))-at { //nolint:gosec // small
			return 0, fmt.Errorf("%w: element %d", errPage, i)
		}
		keys[i], values[i] = data[at:at+keySize], data[at+keySize:at+keySize+valueSize]
		at += keySize + valueSize
		if (i > 0 && bytes.Compare(keys[i-1], keys[i]) >= 0) || (i == 0 && low != nil && bytes.Compare(keys[0], low) < 0) ||
			(high != nil && bytes.Compare(keys[i], high) >= 0) {
			return 0, fmt.Errorf("%w: key %d out of order", errPage, i)
		}
	}
	keys[count] = high
	for i := range count {
		var err error
		switch {
		case !leaf:
			err = p.walk(order.Uint64(element(i)[8:]), keys[i], keys[i+1], depth+1)
		case order.Uint32(element(i)) == bucketLeaf:
			err = p.bucket(values[i], depth)
		case order.Uint32(element(i)) != 0:
			err = fmt.Errorf("%w: element %d", errPage, i)
		}
		if err != nil {
			return 0, err
		}
	}
	return at, nil
}

// bucket walks a bucket within a bucket: a tree of its own, or, if small, one page in the
// value itself.
func (p *pages) bucket(value []byte, depth int) error {
	if len(value) < bucketValue || depth > maxDepth {
		return fmt.Errorf("%w: bucket", errPage)
	}
	if root := binary.NativeEndian.Uint64(value); root != 0 {
		return p.walk(root, nil, nil, depth+1)
	}
	used, err := p.elements(value[bucketValue:], nil, nil, depth+1)
	if err == nil && used != uint64(len(value)-bucketValue) {
		err = fmt.Errorf("%w: bucket longer than its content", errPage)
	}
	return err
}

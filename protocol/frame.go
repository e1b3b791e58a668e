package protocol

// Packer compresses and opens the runs of a frame (zstd). It lives outside this package,
// which knows the standard library alone.
type Packer interface {
	// Pack appends the compressed form of src to dst.
	Pack(dst, src []byte) []byte
	// Unpack opens src; it returns an error when that would give more than limit bytes.
	Unpack(src []byte, limit int) ([]byte, error)
}

const (
	frameMagic  = "vf"
	framePlain  = 1
	framePacked = 2
	// FrameHeaderSize is the length of what stands before a frame's runs.
	FrameHeaderSize = 3
)

// AppendFrame appends a plain frame of runs. The caller keeps it within
// [MaxFrameBytes], or to one run of one record; [ParseFrame] refuses it otherwise.
func AppendFrame(b []byte, runs []Run) []byte {
	b = append(b, frameMagic...)
	b = append(b, framePlain)
	for i := range runs {
		b = AppendRun(b, &runs[i])
	}
	return b
}

// PackFrame compresses a plain frame.
func PackFrame(frame []byte, p Packer) []byte {
	out := append(make([]byte, 0, len(frame)/2), frameMagic...)
	return p.Pack(append(out, framePacked), frame[FrameHeaderSize:])
}

// ParseFrame reads a frame. The runs hold slices of frame, or of what it was opened to.
// Nothing is verified: that is [Run.Verify]'s. Any error drops the frame whole. A nil
// Packer refuses compressed frames.
func ParseFrame(frame []byte, p Packer) ([]Run, error) {
	if len(frame) < FrameHeaderSize || string(frame[:2]) != frameMagic {
		return nil, &Violation{Rule: ErrFrameMagic}
	}
	rest := frame[FrameHeaderSize:]
	switch frame[2] {
	case framePlain:
		if len(frame) > MaxFrameBytes {
			return parseLongFrame(rest)
		}
	case framePacked:
		if p == nil {
			return nil, &Violation{Rule: ErrFramePacked, Detail: "compression was not agreed on this link"}
		}
		opened, err := p.Unpack(rest, MaxRunBytes)
		if err != nil {
			return nil, &Violation{Rule: ErrFramePacked, Detail: err.Error()}
		}
		if len(opened) > MaxRunBytes {
			return nil, &Violation{Rule: ErrFrameTooLong}
		}
		rest = opened
	default:
		return nil, &Violation{Rule: ErrFrameMagic}
	}
	if len(rest) == 0 {
		return nil, &Violation{Rule: ErrFrameEmpty}
	}
	var runs []Run
	for len(rest) > 0 {
		if len(runs) > 0 && len(rest) < RunHeaderSize("aa.b.c") {
			return nil, &Violation{Rule: ErrFrameTrailing}
		}
		run, tail, err := parseRun(rest)
		if err != nil {
			return nil, err
		}
		runs, rest = append(runs, run), tail
	}
	return runs, nil
}

// parseLongFrame reads the one run of one record that a frame beyond [MaxFrameBytes] may
// hold. It looks at the count before it reads on, so that nobody has a node hash a long
// frame only to refuse it.
func parseLongFrame(rest []byte) ([]Run, error) {
	const longestID = 3 + 1 + MaxToken + 1 + MaxToken
	count := RunHeaderSize("") + min(int(rest[0]), longestID) - 2
	if len(rest) > RunHeaderSize("")+longestID+MaxEntryBytes || rest[count] != 0 || rest[count+1] != 1 {
		return nil, &Violation{Rule: ErrFrameTooLong}
	}
	run, tail, err := parseRun(rest)
	if err != nil {
		return nil, err
	}
	if len(tail) > 0 {
		return nil, &Violation{Rule: ErrFrameTooLong, Detail: "more than one run of one record"}
	}
	return []Run{run}, nil
}

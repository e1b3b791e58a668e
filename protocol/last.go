package protocol

import "encoding/json"

// Last is what counts of an epoch, as the opener of the next one states it, or one who may
// state it again: its last record, or unknown. Sequence 0 with the digest of the epoch's
// opener says that nothing counts (epochs.md 1, 9).
type Last struct {
	Unknown  bool
	Sequence uint32
	Digest   Digest
}

// lastRecord is the written form of one that is known.
type lastRecord struct {
	Sequence uint32 `json:"sequence"`
	Digest   Digest `json:"digest"`
}

// MarshalJSON writes sequence and digest, or "unknown".
func (l Last) MarshalJSON() ([]byte, error) {
	if l.Unknown {
		return []byte(`"unknown"`), nil
	}
	return json.Marshal(lastRecord{l.Sequence, l.Digest})
}

// UnmarshalJSON reads both forms; a [*Violation].
func (l *Last) UnmarshalJSON(b []byte) error {
	if string(b) == `"unknown"` {
		*l = Last{Unknown: true}
		return nil
	}
	if len(b) == 0 || b[0] != '{' {
		return misfit("", `want an object with sequence and digest, or "unknown"`)
	}
	var known lastRecord
	if _, err := DecodeJSON(b, &known); err != nil {
		return err
	}
	if known.Sequence > MaxNumber {
		return misfit("sequence", "want at most %d", MaxNumber)
	}
	*l = Last{Sequence: known.Sequence, Digest: known.Digest}
	return nil
}

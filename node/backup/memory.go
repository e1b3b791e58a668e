package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/vardar-network/vardar/protocol"
)

// memoryFile is where a node remembers its backups: they may lie on a stick that is not
// put in.
const memoryFile = "backups.json"

// Memory is what a node remembers of its backups.
type Memory struct {
	To      string           `json:"to,omitempty"`      // the folder of the last one
	Made    protocol.Instant `json:"made,omitzero"`     // when the last one was; 0: never
	Checked *Checked         `json:"checked,omitempty"` // the last check of any; nil: never
}

// Recall reads a node's memory; an empty one if there was never a backup.
func Recall(dir string) (Memory, error) {
	var m Memory
	text, err := os.ReadFile(filepath.Join(dir, memoryFile))
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		return Memory{}, fmt.Errorf("%s (mend: remove it; the next backup makes it anew): %w", filepath.Join(dir, memoryFile), err)
	}
	return m, nil
}

// RememberMade notes that a backup was made.
func RememberMade(dir string, e *Entry) error {
	m, _ := Recall(dir) // one that can't be read is made anew
	m.To, m.Made = filepath.Dir(e.File), e.Time
	return m.write(dir)
}

// RememberCheck notes that a backup was checked.
func RememberCheck(dir string, c Checked) error {
	m, _ := Recall(dir)
	m.Checked = &c
	return m.write(dir)
}

func (m Memory) write(dir string) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, memoryFile), append(text, '\n'))
}

package desk

import (
	"github.com/vardar-network/vardar/node/backup"
	"github.com/vardar-network/vardar/protocol"
)

// Health is what a node knows of itself that no room below the desk does; node fills it.
type Health struct {
	Software string           `json:"software"`
	Started  protocol.Instant `json:"started,omitzero"`
	Listen   string           `json:"listen,omitempty"`
	Store    StoreHealth      `json:"store"`
	Mark     MarkHealth       `json:"mark"`
	Log      LogHealth        `json:"log"`
	Backup   BackupHealth     `json:"backup"`
}

// BackupHealth is what the node remembers of its backups.
type BackupHealth struct {
	backup.Memory
	Error string `json:"error,omitempty"`
}

// StoreHealth is how the archive is.
type StoreHealth struct {
	Records       uint64           `json:"records"`
	Indexed       uint64           `json:"indexed"`
	Bytes         int64            `json:"bytes"`
	FreeBytes     uint64           `json:"free_bytes"`
	TotalBytes    uint64           `json:"total_bytes"`         // 0: not known
	ForeignPaused bool             `json:"foreign_paused"`      // what others say is not taken
	ForeignBelow  uint64           `json:"foreign_below_bytes"` // while fewer are free
	Paused        bool             `json:"paused"`
	Failed        string           `json:"failed,omitempty"`
	Read          protocol.Instant `json:"read_whole,omitzero"` // when the whole file was read last, as the node started; 0: it was not
	ReadAgain     protocol.Instant `json:"read_again,omitzero"` // when every record was read last and hashed since; 0: not yet
	Damaged       int              `json:"damaged,omitempty"`   // records, as was found then
	Damage        string           `json:"damage,omitempty"`    // of the first of them
}

// MarkHealth compares the fsynced mark with the archive.
type MarkHealth struct {
	Epochs int    `json:"epochs"` // own epochs that are marked
	Error  string `json:"error,omitempty"`
}

// LogHealth is the window of records for the institution's own consumers.
type LogHealth struct {
	Incarnation string `json:"incarnation,omitempty"`
	Error       string `json:"error,omitempty"`
}

package node

import (
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/node/web"
)

// DutyExample is such a file with comments.
func DutyExample() string { return duty.Example }

// ReadDuty reads and judges such a file; what is wrong is a [*SettingsFault], or the file's own
// error.
func ReadDuty(path string) error {
	_, err := duty.Read(path, duty.Kinds())
	return err
}

// openDuty reads who is woken, and what was woken.
func (n *Node) openDuty() (*duty.Duty, error) {
	first := n.Institutions()[0]
	o := duty.Options{
		Kept: n.rooms.store.Private(dutyBucket), Audit: n.rooms.audit, Institution: first, Demonstration: strings.HasPrefix(first.LocalName(), "demo-"),
		Clock: n.o.Stamp, Rand: n.o.Rand, Logger: n.o.Logger,
	}
	var err error
	if n.o.Duty != "" {
		if o.Config, err = duty.Read(n.o.Duty, duty.Kinds()); err != nil {
			return nil, err
		}
		if err = o.Config.Of(n.Institutions()); err != nil {
			return nil, err
		}
	}
	if o.Says, err = web.Lines(func() *desk.Desk { return n.desk }, o.Config.Lang); err != nil {
		return nil, err
	}
	return duty.New(o)
}

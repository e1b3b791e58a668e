package node

import (
	"errors"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/duty"
)

// DutyFault is what is wrong with a file that says who is woken.
type DutyFault = duty.Fault

// DutyExample is such a file with comments.
func DutyExample() string { return duty.Example }

// ReadDuty reads and judges such a file; what is wrong is a [*DutyFault], or the file's own
// error.
func ReadDuty(path string) error {
	_, err := duty.Read(path, duty.Kinds())
	return err
}

// DutyTrouble says in a line what is wrong with such a file.
func DutyTrouble(err error) string {
	var fault *DutyFault
	if errors.As(err, &fault) {
		return fault.Error() + ": " + dutyMend(fault)
	}
	return err.Error()
}

// openDuty reads who is woken, and what was woken.
func (n *Node) openDuty() (*duty.Duty, error) {
	first := n.Institutions()[0]
	o := duty.Options{
		Kept: n.rooms.store.Private(dutyBucket), Audit: n.rooms.audit, Institution: first, Demonstration: strings.HasPrefix(first.LocalName(), "demo-"),
		Clock: n.o.Stamp, Rand: n.o.Rand, Logger: n.o.Logger,
	}
	if n.o.Duty != "" {
		var err error
		if o.Config, err = duty.Read(n.o.Duty, duty.Kinds()); err != nil {
			return nil, err
		}
	}
	return duty.New(o)
}

// dutyMend says what a word that nobody knows may have been meant to be.
func dutyMend(f *DutyFault) string {
	if f.Word == "" {
		return "see 'vardar duty example'"
	}
	if near := desk.Nearest(f.Word, f.Known); near != "" {
		return "did you mean " + near + "?"
	}
	return "want one of " + strings.Join(f.Known, ", ")
}

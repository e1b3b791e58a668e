package node

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"syscall"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/node/store"
)

// Problem turns what an act on a node's folder, or a start, ended with into a problem
// for a person: what is wrong, how to mend it, and the command to try next. It keeps what
// is a problem already, gives nil for nil, and calls the rest failed.
func Problem(err error, dir string) *desk.Problem {
	var p *desk.Problem
	if err == nil || errors.As(err, &p) {
		return p
	}
	if p = desk.BackupProblem(err); p != nil {
		return p
	}
	p = &desk.Problem{Kind: desk.Failed, Detail: err.Error(), Next: "vardar status", Err: err}
	p.Kind, p.Mend, p.Next = diagnosis(err, dir)
	return p
}

// diagnosis is the one table of what can be wrong with a folder and with a start.
func diagnosis(err error, dir string) (kind desk.Kind, mend, next string) {
	var dial *net.OpError
	var fault *SettingsFault
	var path *fs.PathError
	switch {
	case errors.Is(err, ErrNoNode), errors.Is(err, keys.ErrNoKeys):
		return desk.NotFound, "or name its folder with --dir", "vardar init --help"
	case errors.Is(err, ErrNoArchive):
		return desk.NotFound, "if 'vardar init' was cut off, say it again; if it made keys alone, go on with --charter FILE; if the archive was lost, it comes back in a new folder, from a backup, or with 'vardar member key recover --carrier' from peers", "vardar backup restore --help"
	case errors.Is(err, keys.ErrExists):
		return desk.Refused, "keys are never overwritten: use another folder, or remove this one if nothing of it is wanted", "vardar init --help"
	case errors.Is(err, keys.ErrPassphrase):
		return desk.NotPermitted, "give the passphrase that the keys were made with", "vardar run --dir " + dir + " --passphrase-file FILE"
	case errors.Is(err, keys.ErrPermissions), errors.Is(err, keys.ErrUnlock), errors.Is(err, keys.ErrOtherSheet), errors.Is(err, keys.ErrToken):
		return desk.NotPermitted, "", "vardar run --dir " + dir
	case errors.Is(err, keys.ErrSheet), errors.Is(err, keys.ErrUse):
		return desk.Usage, "", "vardar member key --help"
	case errors.Is(err, keys.ErrNoCarrier), errors.Is(err, keys.ErrOtherCarrier), errors.Is(err, keys.ErrCarrierIncomplete), errors.Is(err, keys.ErrStays):
		return desk.Refused, "", "vardar status --dir " + dir
	case errors.Is(err, keys.ErrNotHosted):
		return desk.NotPermitted, "", "vardar --dir " + dir + " member key list"
	case errors.Is(err, store.ErrLocked):
		return desk.Refused, "", "vardar --dir " + dir + " status"
	case errors.Is(err, store.ErrNewer):
		return desk.Damaged, "install the version that wrote it", "vardar version"
	case errors.Is(err, store.ErrIndexes):
		return desk.CheckFound, "start the node: it makes them anew from the records, which are whole", "vardar run --dir " + dir
	case errors.Is(err, store.ErrDamaged), errors.Is(err, keys.ErrDamaged), errors.Is(err, keys.ErrReused), errors.Is(err, keys.ErrMark), errors.Is(err, keys.ErrCarrierDamaged):
		return desk.Damaged, "keep the file as it is for who looks into it; restore a backup in a new folder, or make the node anew there from its carrier ('vardar member key recover --help'): peers give the rest back", "vardar backup restore --help"
	case errors.Is(err, keys.ErrCarrierWrite):
		return desk.Failed, "", "vardar status --dir " + dir
	case errors.Is(err, store.ErrDiskFull), errors.Is(err, syscall.ENOSPC):
		return desk.Failed, "make room on the disk", "vardar run --dir " + dir
	case errors.Is(err, ErrExpired), errors.Is(err, ErrUsed), errors.Is(err, ErrOtherInstitution), errors.Is(err, ErrNotNamed):
		return desk.Refused, "", "vardar join --help"
	case errors.Is(err, ErrNoSteward):
		return desk.NotPermitted, "sign in the folder of a steward, or name it with --dir", "vardar member charter sign --help"
	case errors.Is(err, api.ErrInUse), errors.Is(err, syscall.EADDRINUSE):
		return desk.Refused, "another process has it: name another one, or stop that process", "vardar run --help"
	case errors.Is(err, api.ErrNotLoopback):
		return desk.Usage, "", "vardar run --help"
	case errors.Is(err, ErrPagesPlain):
		return desk.Usage, "give --pages-cert and --pages-key, or '--pages-cert self' for first steps; or stay on 127.0.0.1, behind ssh or a proxy of yours", "vardar run --help"
	case errors.Is(err, ErrPagesCert):
		return desk.Usage, "give --pages-cert and --pages-key two files in PEM that belong together", "vardar run --help"
	case errors.Is(err, ErrPagesKey):
		return desk.Usage, "give --pages-cert and --pages-key, each the name of a file", "vardar run --help"
	case errors.As(err, &fault):
		return desk.Usage, settingsMend(fault), "vardar config check"
	case errors.As(err, &dial) && dial.Op == "listen":
		return desk.Usage, "want HOST:PORT of this machine, such as 0.0.0.0:4222", "vardar run --help"
	case errors.As(err, &path) && path.Op == "mkdir":
		return desk.Failed, "name a folder that can be made, with --dir", "vardar --help"
	case errors.As(err, &dial), errors.Is(err, context.DeadlineExceeded):
		return desk.NoLine, "see that the other node runs and that its address can be reached from here", "vardar join --help"
	}
	return desk.Failed, "", "vardar status"
}

// ErrIndexes says that of an archive the indexes alone are damaged: a check that answers so
// has the node make them anew.
var ErrIndexes = store.ErrIndexes

// ErrStock says that more would be promised than the provider has declared to have.
var ErrStock = desk.ErrStock

// ErrKeysExist says that there are keys in the folder already.
var ErrKeysExist = keys.ErrExists

// ErrNotNamed says that a charter makes nodes of those alone whom it names.
var ErrNotNamed = errors.New("the charter does not name the institution")

// ErrOtherInstitution says that the folder is the node of another institution.
var ErrOtherInstitution = errors.New("the folder is another institution's node")

// PassphraseFromFile reads a passphrase from the first line of an owner-only file.
func PassphraseFromFile(path string) func() ([]byte, error) { return keys.PassphraseFromFile(path) }

// OpensByFile reports whether an owner-only file beside the keys of a folder opens them: no
// passphrase is asked for.
func OpensByFile(dir string) bool { return keys.OpensByFile(dir) }

// WithoutPassphrase says that one is wanted and none was given.
func WithoutPassphrase() ([]byte, error) {
	return nil, &desk.Problem{
		Kind: desk.NotPermitted, Detail: "a passphrase seals these keys, and none was given", Mend: "give it with --passphrase-file, or type it at a terminal",
		Next: "vardar run --help", Err: keys.ErrPassphrase,
	}
}

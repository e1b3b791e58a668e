package trust

import "errors"

// What [Registry.CheckOpening] and [Registry.BeaconKey] say, and what callers branch on.
var (
	// ErrNoOpener: no opener of the epoch with the digest that the record names is held.
	// It may come: let the record wait, and ask for the trust topic.
	ErrNoOpener = errors.New("no such opener of this epoch is held")
	// ErrWrongKey: the opener is held and names another key.
	ErrWrongKey = errors.New("record is not signed by the key that its epoch's opener names")
	// ErrClaim: the record is the first of a trust feed whose admission was an
	// invitation, and isn't a key record that takes it.
	ErrClaim = errors.New("record does not prove that its author took the invitation")
	// ErrNoBody: whether it takes the invitation stands in a body that isn't here. Ask
	// for the body, then check again.
	ErrNoBody = errors.New("the body that takes the invitation is missing")
	// ErrBeaconKey: the beacon's key is not the open key of a feed it lists.
	ErrBeaconKey = errors.New("beacon is signed by no open key of the feeds it lists")
	// ErrLaterCharter: a registry begins with the first version of a charter.
	ErrLaterCharter = errors.New("charter is not the first version")
	// ErrOtherNetwork: a first version that is not the one the registry began with.
	ErrOtherNetwork = errors.New("charter is the first version of another network")
	// ErrEarlyCharter: a version whose predecessor, or the rival that it names, is not held
	// or not in force. Ask for it again when that has come.
	ErrEarlyCharter = errors.New("the version of the charter before it is not held here, or not in force")
	// ErrSetAside: a rival of a version that this node has settled on, where another such is
	// held already: it shows nothing new.
	ErrSetAside = errors.New("this node has settled on another version of that number, and knows that this one is rivalled")
	// ErrManyRivals: there are enough to show that there is a rivalry.
	ErrManyRivals = errors.New("too many versions of that number rival each other: no more of them are taken from peers")
	// ErrNotSettled: a node can't settle on that version: it is not held, or does not follow
	// from the founding one step by step, each validly signed. The text says which.
	ErrNotSettled = errors.New("the version can't be settled on")
	// ErrNotFirst: only a record with sequence 1 opens an epoch.
	ErrNotFirst = errors.New("record is not the first of its epoch")
)

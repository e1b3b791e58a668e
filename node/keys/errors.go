package keys

import "errors"

// What callers branch on. The message around each names the file or the institution,
// and the mend where a person has one.
var (
	// ErrExists: there are keys already, and they are not overwritten.
	ErrExists = errors.New("keys exist already")
	// ErrNoKeys: the folder holds no keys; create or join first.
	ErrNoKeys = errors.New("no keys here")
	// ErrPassphrase: it is wrong, empty, or none was given.
	ErrPassphrase = errors.New("wrong passphrase")
	// ErrUnlock: the unlock identity is not there, or is not the one that the keys were
	// sealed to.
	ErrUnlock = errors.New("unlock identity does not open the keys")
	// ErrPermissions: other accounts can read what should be ours alone.
	ErrPermissions = errors.New("open to other accounts")
	// ErrDamaged: a file of the safe is not as it was written.
	ErrDamaged = errors.New("file of the safe is damaged")
	// ErrReused: one key has two uses, or two owners; neither is to be trusted any more.
	ErrReused = errors.New("key is used twice")
	// ErrOtherKey: the key that is to sign is not in this safe.
	ErrOtherKey = errors.New("another key than is here")
	// ErrUse: there is no such use of a key.
	ErrUse = errors.New("no such use of a key")
	// ErrSheet: what was typed is no line of a recovery sheet, or mistyped.
	ErrSheet = errors.New("not the line of a recovery sheet")
	// ErrOtherSheet: the sheet is well typed, and of another safe or replaced by a newer.
	ErrOtherSheet = errors.New("recovery sheet is another's")
	// ErrToken: the token that seals an identity key, or its plugin, can't be used now.
	ErrToken = errors.New("token can't be used")
	// ErrNotHosted: the institution has no keys in this safe.
	ErrNotHosted = errors.New("institution is not hosted here")
	// ErrNotSealed: what is to be opened is sealed to another key, cut off, or altered.
	ErrNotSealed = errors.New("not sealed to a key of this institution, or not whole")
	// ErrNoProof: age keys sign nothing, and so prove nothing.
	ErrNoProof = errors.New("key of this use has no proof of possession")
	// ErrNotOurs: a document names neither side as this node.
	ErrNotOurs = errors.New("document does not name this node")
	// ErrNotTLS: the link key was asked to sign what is neither a TLS 1.3 handshake nor a
	// certificate.
	ErrNotTLS = errors.New("link key signs TLS 1.3 handshakes and certificates alone")

	// ErrNoCarrier: the identity key is out of reach. The node runs on; trust records
	// wait until the carrier is back.
	ErrNoCarrier = errors.New("identity carrier is not there")
	// ErrOtherCarrier: the carrier belongs to somebody else, or holds other keys.
	ErrOtherCarrier = errors.New("carrier is another's")
	// ErrCarrierIncomplete: the carrier lacks something that it takes to begin from it.
	ErrCarrierIncomplete = errors.New("carrier is not complete")
	// ErrCarrierWrite: the carrier is full, write-protected or broken. Nothing was
	// written; trust records wait, everything else goes on.
	ErrCarrierWrite = errors.New("carrier can't be written")
	// ErrStays: the institution names the node, and moves only with it.
	ErrStays = errors.New("institution names this node")
	// ErrCarrierDamaged: the trust feed on the carrier is broken before its end. Nothing
	// is cut: a person decides.
	ErrCarrierDamaged = errors.New("trust feed on the carrier is damaged")
	// ErrCarrierAhead: the carrier holds a record at that position. Take in what
	// TrustFeed has, then write the next one.
	ErrCarrierAhead = errors.New("carrier holds another record there already")
	// ErrCarrierBehind: the carrier lacks what comes before. Give it that by AppendTrust.
	ErrCarrierBehind = errors.New("carrier lacks the record before")
	// ErrNotTrust: what is to go to the carrier is not a trust record of its institution,
	// whole and signed by its identity key.
	ErrNotTrust = errors.New("not a trust record signed by the identity key")

	// ErrMark: the mark is damaged, or was told two records at one position.
	ErrMark = errors.New("mark is damaged")
	// ErrNoMark: the mark is missing, so nobody can say whether the store is the newest.
	ErrNoMark = errors.New("mark is missing")
)

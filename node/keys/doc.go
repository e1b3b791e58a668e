// Package keys is the safe: an institution's private keys, sealed at rest, opened to
// sign, rotated, recovered and moved; its trust feed on the carrier; and the mark.
//
// Each institution that a node hosts has four keys, and no key has two uses: identity
// signs the trust feed, charters and nothing else; node signs the other feeds and
// beacons; link signs handshakes, policies and the node's TLS certificate; age unseals
// (an X25519 key, no signatures). The first institution names the node: its link key is
// the node's link key.
//
// No key signs bytes that someone else chose. Every method that signs takes a thing of
// the protocol and signs the text that thing has; even the signer that TLS is given
// signs only what TLS 1.3 and a certificate look like.
//
// # On disk
//
//	DIR/keys/              0700
//	    institutions       what is public: the recovery sheet's recipient, and a line for
//	                       each key with its use, state, number, date; the node's name first
//	    ID.node.age        one age file for each private key;
//	    ID.node.2.age      a rotation adds the next number
//	    ID.link.age
//	    ID.age.age
//	    unlock.age         the unlock identity, sealed by a passphrase; or
//	    unlock             the unlock identity as it is, 0600; or neither: it is a credential
//	    unlock.recovery.age  the unlock identity, sealed to the recovery sheet
//	    mark               the node's own last positions
//	DIR/identity/          0700: the carrier, unless Options.Identity names another folder
//	    ID.identity.age    the identity key
//	    ID.identity.age.token  the token that opens it, if one does: no secret
//	    ID.trust           the institution's own trust feed, see [ReadTrustFile]
//	    ID.unlock.age      copies of the unlock identity as it is sealed in keys/:
//	    ID.unlock.recovery.age   by passphrase or sheet they make the carrier complete
//
// Nothing of it belongs into a backup of the node. keys/ may be on any file system that
// keeps permissions, and must not be a link; a carrier named by Options.Identity may lie
// on one that does not, such as the FAT of a stick, and is not checked for them: the key
// on it is sealed, and its trust feed is public.
//
// Which keys there are is what keys/institutions says: a key is made by writing its file
// and then replacing the list, ended the other way round. So a killed process leaves the
// old state or the new one, and files that the list does not name are removed by the next
// [Open]. Create works in keys.new; on the carrier a file counts once its name has lost
// its .new.
//
// # A key's life
//
// [Safe.Prepare] makes the next key; its public half is published in a key record, or for
// an identity key as the request to the registrar; [Safe.Promote] makes it current. Who
// signs a record is named by the opener of its epoch: the current key, the one before, or
// the next one, which is promoted by that. A node or link key is kept until the rotation
// after its own, an age key for ever, an identity key until the next one is current.
//
// # Three ways to seal
//
// All key files are sealed to one age identity, the unlock identity. [Create] chooses
// where that lies, [Open] finds out:
//
//  1. By a passphrase, when Options.Passphrase is set: it lies in unlock.age, sealed by
//     scrypt with Options.WorkFactor. Someone types the passphrase at each start, or
//     [PassphraseFromFile] reads it.
//  2. In a systemd credential, when Options.Credentials is set: the file vardar-unlock in
//     that folder, made once by
//     `age-keygen | systemd-creds encrypt --name=vardar-unlock - vardar-unlock.cred` and
//     named in the unit by `LoadCredentialEncrypted=vardar-unlock:/path/vardar-unlock.cred`.
//     systemd ties it to this machine or its TPM and keeps others from reading it, so
//     that is not checked here.
//  3. In an owner-only file, keys/unlock, when neither is set. It must be ours, mode 0600.
//     This protects from other accounts of the machine, not from whoever takes the disk.
//
// An identity key may be sealed to a token instead ([Options].Token: any age plugin), and
// then asks for it at each signature.
//
// # When something is lost
//
// The recovery sheet is one more age identity, drawn by [Create], shown once and kept
// nowhere. The unlock identity, a token's identity keys and backups are sealed to it too.
// With it [Recover] sets a new passphrase, or makes a new safe out of the carrier alone.
// Without sheet and without passphrase a lost machine means a new identity key, which the
// registrar has to admit; without its carrier a node begins another by
// [Safe.ReplaceIdentity]. [Safe.Release] and [Adopt] move an institution: with its
// identity key and trust feed, and with fresh keys of the other three uses. Which command
// does what is in node/backup/DESIGN.md.
//
// On Windows modes and owners are not checked: keep the folder under a profile that only
// the service's account can read.
//
// The room is longer than others: every step of a key's life writes the same two folders,
// and must leave them whole if it is killed.
package keys

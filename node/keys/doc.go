// Package keys is the safe: an institution's private keys, sealed at rest, opened to
// sign; its trust feed on the carrier; and the mark.
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
//	    institutions       what is public: a line for each institution, the node's name first
//	    ID.node.age        one age file for each private key
//	    ID.link.age
//	    ID.age.age
//	    unlock.age         the unlock identity, sealed by a passphrase; or
//	    unlock             the unlock identity as it is, 0600; or neither: it is a credential
//	    mark               the node's own last positions
//	DIR/identity/          0700: the carrier, unless Options.Identity names another folder
//	    ID.identity.age    the identity key
//	    ID.trust           the institution's own trust feed, see [ReadTrustFile]
//	    ID.unlock.age      a copy by the node's name, if a passphrase seals it: then the
//	                       carrier is complete
//
// Nothing of it belongs into a backup of the node. keys/ may be on any file system that
// keeps permissions; a carrier named by Options.Identity may lie on one that does not,
// such as the FAT of a stick, and is not checked for them: the key on it is sealed, and
// its trust feed is public. Create works in keys.new and ID.identity.age.new and renames
// them, keys.new first; what a killed process left half-made is noticed by [Open] and
// mended by it or by the next [Create].
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
// With 2 and 3 the carrier alone opens nothing: keep a copy of the unlock identity on
// paper (it is one line, AGE-SECRET-KEY-1…). Without it a lost machine means a new
// identity key, which the registrar has to admit.
//
// On Windows modes and owners are not checked: keep the folder under a profile that only
// the service's account can read.
package keys

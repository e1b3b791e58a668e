// Package backup makes copies of the archive, checks them, and puts them back.
//
// A backup is one file, sealed with age to the recovery recipient of its node: whoever
// has the recovery sheet opens it, and nobody else, not even the node that made it. It
// holds no key: who restores needs the carrier of the identity key too, and the restored
// node writes in new epochs alone.
//
// Beside each backup FILE lies FILE.json, which says in plain what [List] shows. It is
// public, and nothing relies on it.
package backup

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

// founding is the making of a network's first node. A mark in the folder says, from before
// its keys are made until all is there, that it may be gone on with: a full disk or a kill
// must not cost the keys whose recovery sheet was shown already.
type founding struct {
	node.Options
	open func() ([]byte, error) // the passphrase of keys that are there already
}

func (f founding) mark() string { return filepath.Join(f.Dir, "founding") }

// charterOf makes the keys and the charter that they sign, or finds those of the attempt
// that was cut off.
func (a *app) charterOf(ctx context.Context, f founding, draft node.CharterChange, id protocol.InstitutionID) (protocol.SignedCharter, error) {
	var charter protocol.SignedCharter
	_, err := os.Stat(f.mark())
	begun := err == nil
	if err = os.MkdirAll(f.Dir, 0o700); err != nil {
		return charter, err
	}
	if err = os.WriteFile(f.mark(), nil, 0o600); err != nil {
		return charter, err
	}
	founder, err := node.MakeKeys(f.Options, id)
	switch {
	case errors.Is(err, node.ErrKeysExist) && begun:
		if founder, charter, err = f.goOn(id, draft.Network); err == nil {
			a.note("Going on where an attempt was cut off: its recovery sheet is good. If nobody kept it, remove %s\nand begin anew.", f.Dir)
		}
	case errors.Is(err, node.ErrKeysExist):
		err = errors.Join(err, os.Remove(f.mark()))
	}
	if err != nil || len(charter.Document) > 0 {
		return charter, err
	}
	draft.Stewards = []node.Founder{founder}
	paper, err := node.FirstCharter(draft)
	if err != nil {
		return charter, err
	}
	if _, err = node.SignCharter(ctx, f.opened(), id, &paper); err != nil {
		return charter, err
	}
	return paper.SignedCharter, writeCharter(filepath.Join(f.Dir, charterFile), paper.SignedCharter)
}

func (f founding) opened() node.Options {
	o := f.Options
	o.Passphrase = f.open
	return o
}

// goOn gives the key, and the charter if there is one, of the attempt that was cut off.
func (f founding) goOn(id protocol.InstitutionID, network string) (founder node.Founder, charter protocol.SignedCharter, err error) {
	founder, known, err := node.FounderIn(f.opened(), id)
	if err == nil && !known {
		err = fmt.Errorf("%w: the keys in %s are not of %s: use another folder", node.ErrOtherInstitution, f.Dir, id)
	}
	if err != nil {
		return founder, charter, err
	}
	path := filepath.Join(f.Dir, charterFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return founder, charter, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &charter)
	}
	if err != nil {
		return founder, charter, err
	}
	c, err := charter.Verify()
	if err == nil && c.Network != network {
		err = &api.Problem{
			Kind: api.Refused, Field: "network", Detail: fmt.Sprintf("the attempt that was cut off in %s was for the network %s", f.Dir, c.Network),
			Mend: "name that one, or use another folder", Next: "vardar init --help",
		}
	}
	return founder, charter, err
}

// writeCharter leaves the signed charter, which is public, whole or not at all.
func writeCharter(path string, charter protocol.SignedCharter) error {
	envelope, err := json.Marshal(charter)
	if err != nil {
		return err
	}
	if err = os.WriteFile(path+".new", append(envelope, '\n'), 0o644); err != nil { //nolint:gosec // a charter is public
		return err
	}
	return os.Rename(path+".new", path)
}

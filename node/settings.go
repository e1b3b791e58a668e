package node

import (
	"errors"
	"strings"

	"github.com/vardar-network/vardar/node/oidc"
	"github.com/vardar-network/vardar/node/settings"
	"github.com/vardar-network/vardar/protocol/body"
)

// SettingsFault is what is wrong with a file of settings that a node has beside its own.
type SettingsFault = settings.Fault

// OIDCExample is a file that says where accounts log in besides, with comments.
func OIDCExample() string { return oidc.Example }

// ReadOIDC reads and judges such a file; what is wrong is a [*SettingsFault], or the file's own
// error.
func ReadOIDC(path string) error {
	_, err := oidc.Read(path)
	return err
}

// openOIDC reads where accounts log in besides; nil where they have passwords alone.
func (n *Node) openOIDC() (*oidc.Provider, error) {
	if n.o.OIDC == "" {
		return nil, nil //nolint:nilnil // there is none
	}
	c, err := oidc.Read(n.o.OIDC)
	if err != nil {
		return nil, err
	}
	return oidc.New(oidc.Options{Config: c, Clock: n.o.Clock, Rand: n.o.Rand}), nil
}

// SettingsTrouble says in a line what is wrong with a file of settings.
func SettingsTrouble(err error) string {
	var fault *SettingsFault
	if errors.As(err, &fault) {
		return fault.Error() + ": " + settingsMend(fault)
	}
	return err.Error()
}

// settingsMend says what a word that nobody knows may have been meant to be.
func settingsMend(f *SettingsFault) string {
	if f.Word == "" {
		return "see 'vardar duty example', or 'vardar staff oidc'"
	}
	if near := body.Nearest(f.Word, f.Known); near != "" {
		return "did you mean " + near + "?"
	}
	return "want one of " + strings.Join(f.Known, ", ")
}

package duty

import (
	"net/url"
	"os"

	"github.com/vardar-network/vardar/protocol"
)

// File is where the rules come from.
type File struct {
	Path    string           `json:"path,omitempty"`    // empty: there is none, and [Default] holds
	Read    protocol.Instant `json:"read,omitzero"`     // it is read when the node starts
	Changed bool             `json:"changed,omitempty"` // it is another since: that holds from the next start
	Fault   string           `json:"fault,omitempty"`   // what is wrong with it as it lies there now: the node would not start with it
}

// File gives where the rules come from, and what became of it since.
func (d *Duty) File() File {
	out := File{Path: d.o.Config.path}
	if out.Path == "" {
		return out
	}
	out.Read = d.opened
	text, err := os.ReadFile(out.Path)
	out.Changed = err != nil || protocol.DigestOf(text) != d.o.Config.digest
	if err == nil {
		_, err = whole(text, Kinds())
	}
	if err != nil {
		out.Fault = err.Error()
	}
	return out
}

// Address gives the address of a subscription as it can be shown to people: without what is
// behind a question mark, where some receivers want a secret.
func (s *Subscription) Address() string {
	u, err := url.Parse(s.URL)
	if err != nil {
		return ""
	}
	shown := u.Scheme + "://" + u.Host + u.EscapedPath()
	if u.RawQuery != "" {
		shown += "?…"
	}
	return shown
}

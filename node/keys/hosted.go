package keys

import (
	"fmt"
	"strings"

	"filippo.io/age"

	"github.com/vardar-network/vardar/protocol"
)

// hosted is what is public of one institution's keys: a line of keys/institutions.
type hosted struct {
	id                   protocol.InstitutionID
	identity, node, link protocol.Key
	recipient            string
}

func (h hosted) public(use protocol.KeyUse) (protocol.Key, bool) {
	switch use {
	case protocol.UseIdentity:
		return h.identity, true
	case protocol.UseNode:
		return h.node, true
	case protocol.UseLink:
		return h.link, true
	case protocol.UseAge:
	}
	return protocol.Key{}, false
}

func (h hosted) line() string {
	return fmt.Sprintf("%s %s %s %s %s\n", h.id, h.identity, h.node, h.link, h.recipient)
}

func hostedText(all []hosted) []byte {
	var out []byte
	for _, h := range all {
		out = append(out, h.line()...)
	}
	return out
}

// parseHosted reads keys/institutions; any other byte than hostedText writes is damage.
func parseHosted(text string) ([]hosted, error) {
	var all []hosted
	seen := map[protocol.InstitutionID]bool{}
	for line := range strings.Lines(text) {
		h, ok := parseHostedLine(line)
		if !ok || seen[h.id] {
			return nil, fmt.Errorf("line %d: %w", len(all)+1, ErrDamaged)
		}
		seen[h.id] = true
		all = append(all, h)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no line: %w", ErrDamaged)
	}
	return all, nil
}

func parseHostedLine(line string) (hosted, bool) {
	fields := strings.Fields(line)
	if len(fields) != 5 {
		return hosted{}, false
	}
	id, err := protocol.ParseInstitution(fields[0])
	h := hosted{id: id, recipient: fields[4]}
	for i, k := range []*protocol.Key{&h.identity, &h.node, &h.link} {
		if err == nil {
			*k, err = protocol.ParseKey(fields[i+1])
		}
	}
	if err == nil {
		_, err = age.ParseX25519Recipient(h.recipient)
	}
	return h, err == nil && h.line() == line
}

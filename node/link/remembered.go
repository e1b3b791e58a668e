package link

import (
	"encoding/json"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// Remembered gives what [Remember] kept of the link with a peer, and whether it did.
func Remembered(s *store.Store, peer protocol.InstitutionID) (Config, bool, error) {
	value, ok, err := s.Private(bucket).Get([]byte(peer))
	if err != nil || !ok {
		return Config{Peer: peer}, false, err
	}
	var c Config
	return c, true, json.Unmarshal(value, &c)
}

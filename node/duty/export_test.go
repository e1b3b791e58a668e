package duty

import (
	"net/netip"
	"time"
)

// SettleQuiet reads hours.
func SettleQuiet(q *Quiet, zone *time.Location) error { return q.settle(zone) }

// QuietUntil gives the end of the quiet hours that an instant lies in.
func QuietUntil(q *Quiet, now time.Time) (time.Time, bool) { return q.until(now) }

// Signature signs a webhook.
func Signature(secret, id, seconds string, body []byte) (string, error) {
	key, err := keyOf(secret)
	return signature(key, id, seconds, body), err
}

// Reaches says whether a webhook may reach an address, with networks allowed.
func Reaches(address string, private ...netip.Prefix) error {
	return guard{private}.address(netip.MustParseAddr(address))
}

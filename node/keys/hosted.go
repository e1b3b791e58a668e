package keys

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"filippo.io/age"

	"github.com/vardar-network/vardar/protocol"
)

// State says where in its life a key is.
type State uint8

// The states.
const (
	Current  State = iota + 1 // the one in use
	Next                      // made by [Safe.Prepare], waits for [Safe.Promote]
	Previous                  // was current; what it is still good for depends on its use
)

// String gives the word of keys/institutions; "" for a state that was never set.
func (s State) String() string {
	return [...]string{"", "current", "next", "previous"}[s&3]
}

func parseState(word string) State {
	for s := Current; s <= Previous; s++ {
		if s.String() == word {
			return s
		}
	}
	return 0
}

func allUses() []protocol.KeyUse {
	return []protocol.KeyUse{protocol.UseIdentity, protocol.UseNode, protocol.UseLink, protocol.UseAge}
}

// listed is what is public of one key.
type listed struct {
	use    protocol.KeyUse
	state  State
	number int       // the how manieth of its use, from 1
	made   time.Time // zero: not known
	public string    // 64 hex digits, of an age key its recipient
}

// verifies gives the key that signatures are verified with; zero for an age key.
func (l listed) verifies() protocol.Key {
	k, _ := protocol.ParseKey(l.public) // looked at when it was read or made
	return k
}

// sealed reports whether there is a key file: of earlier identity keys the public half
// alone is kept.
func (l listed) sealed() bool { return l.use != protocol.UseIdentity || l.state != Previous }

// hosted are the keys of one institution.
type hosted struct {
	id   protocol.InstitutionID
	keys []listed
}

// key gives the newest key of a use that is in a state.
func (h hosted) key(use protocol.KeyUse, state State) (listed, bool) {
	var found listed
	for _, l := range h.keys {
		if l.use == use && l.state == state && l.number > found.number {
			found = l
		}
	}
	return found, found.number > 0
}

func (h hosted) current(use protocol.KeyUse) listed {
	l, _ := h.key(use, Current)
	return l
}

// byKey gives the listed key of a use, whatever its state.
func (h hosted) byKey(use protocol.KeyUse, public string) (listed, bool) {
	for _, l := range h.keys {
		if l.use == use && l.public == public {
			return l, true
		}
	}
	return listed{}, false
}

// has reports whether a key file of an identity key has this number.
func (h hosted) has(number int) bool {
	for _, l := range h.keys {
		if l.use == protocol.UseIdentity && l.sealed() && l.number == number {
			return true
		}
	}
	return false
}

// newest is the number of the last key made of a use.
func (h hosted) newest(use protocol.KeyUse) int {
	n := 0
	for _, l := range h.keys {
		if l.use == use {
			n = max(n, l.number)
		}
	}
	return n
}

// list is keys/institutions: what is public, and so which key file counts. Replacing it
// is what makes or ends a key.
type list struct {
	recovery string   // recipient of the recovery sheet
	hosted   []hosted // the node's name first
	// leaving are institutions that were handed over and whose identity key may still lie
	// on this safe's carrier.
	leaving []protocol.InstitutionID
}

const noTime = "-"

func madeText(made time.Time) string {
	if made.IsZero() {
		return noTime
	}
	return made.UTC().Format(time.RFC3339)
}

func parseMade(text string) (time.Time, bool) {
	if text == noTime {
		return time.Time{}, true
	}
	made, err := time.Parse(time.RFC3339, text)
	return made, err == nil
}

func (l list) text() []byte {
	out := fmt.Appendf(nil, "recovery %s\n", l.recovery)
	for _, h := range l.hosted {
		for _, k := range h.keys {
			out = fmt.Appendf(out, "key %s %s %s %d %s %s\n", h.id, k.use, k.state, k.number, madeText(k.made), k.public)
		}
	}
	for _, id := range l.leaving {
		out = fmt.Appendf(out, "leaving %s\n", id)
	}
	return out
}

func (l list) find(id protocol.InstitutionID) (hosted, bool) {
	for _, h := range l.hosted {
		if h.id == id {
			return h, true
		}
	}
	return hosted{}, false
}

// with gives a list in which h stands in the place of its institution, or at the end.
func (l list) with(h hosted) list {
	l.hosted = slices.Clone(l.hosted)
	for i := range l.hosted {
		if l.hosted[i].id == h.id {
			l.hosted[i] = h
			return l
		}
	}
	l.hosted = append(l.hosted, h)
	return l
}

// parseList reads keys/institutions; any other byte than text writes is damage. No key is
// taken twice: not for two uses, and not for two institutions.
func parseList(text string) (list, error) {
	var l list
	number := 0
	for line := range strings.Lines(text) {
		number++
		fields := strings.Fields(line)
		ok := false
		switch {
		case len(fields) == 2 && fields[0] == "recovery":
			_, err := age.ParseX25519Recipient(fields[1])
			l.recovery, ok = fields[1], err == nil
		case len(fields) == 2 && fields[0] == "leaving":
			id, err := protocol.ParseInstitution(fields[1])
			l.leaving, ok = append(l.leaving, id), err == nil
		case len(fields) == 7 && fields[0] == "key":
			ok = l.take(fields[1:])
		}
		if !ok {
			return l, fmt.Errorf("line %d: %w", number, ErrDamaged)
		}
	}
	if string(l.text()) != text {
		return l, fmt.Errorf("lines are not in their order: %w", ErrDamaged)
	}
	return l, l.check()
}

func (l *list) take(fields []string) bool {
	id, err := protocol.ParseInstitution(fields[0])
	if err != nil {
		return false
	}
	k := listed{use: protocol.KeyUse(fields[1]), state: parseState(fields[2]), public: fields[5]}
	var ok bool
	if k.number, err = strconv.Atoi(fields[3]); err != nil || k.number < 1 {
		return false
	}
	if k.made, ok = parseMade(fields[4]); !ok {
		return false
	}
	switch k.use {
	case protocol.UseIdentity, protocol.UseNode, protocol.UseLink:
		_, err = protocol.ParseKey(k.public)
	case protocol.UseAge:
		_, err = age.ParseX25519Recipient(k.public)
	default:
		return false
	}
	if n := len(l.hosted); n == 0 || l.hosted[n-1].id != id {
		l.hosted = append(l.hosted, hosted{id: id})
	}
	h := &l.hosted[len(l.hosted)-1]
	h.keys = append(h.keys, k)
	return err == nil
}

// check holds a list against the rules that reach over its lines.
func (l list) check() error {
	seen, ids := map[string]string{l.recovery: "the recovery sheet"}, map[protocol.InstitutionID]bool{}
	for _, h := range l.hosted {
		if ids[h.id] {
			return fmt.Errorf("%s stands in two places: %w", h.id, ErrDamaged)
		}
		ids[h.id] = true
		count := map[string]int{}
		for _, k := range h.keys {
			whose := fmt.Sprintf("the %s key of %s", k.use, h.id)
			if other, twice := seen[k.public]; twice {
				return fmt.Errorf("%s is that of %s: %w", whose, other, ErrReused)
			}
			seen[k.public] = whose
			count[string(k.use)+" "+k.state.String()]++
		}
		for _, use := range allUses() {
			if count[string(use)+" current"] != 1 || count[string(use)+" next"] > 1 {
				return fmt.Errorf("%s has not one current %s key: %w", h.id, use, ErrDamaged)
			}
		}
	}
	if len(l.hosted) == 0 || l.recovery == "" {
		return fmt.Errorf("no institution, or no recovery sheet: %w", ErrDamaged)
	}
	return nil
}

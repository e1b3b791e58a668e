package desk

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol"
)

// CharterWords says in sentences what a version of a charter changes; nil before: what it
// says at all. None: it says the same.
func CharterWords(before, after *protocol.Charter) []string {
	w := wording{first: before == nil}
	if w.first {
		before = &protocol.Charter{}
	}
	w.changed("network", before.Network, after.Network)
	w.keyed("steward", stewardsSay(before), stewardsSay(after))
	quorum := func(c *protocol.Charter) string {
		if len(c.Stewards) == 0 {
			return ""
		}
		return fmt.Sprintf("%d of %d", c.Threshold, len(c.Stewards))
	}
	w.changed("signatures that make a version", quorum(before), quorum(after))
	w.keyed("registrar", registrarsSay(before), registrarsSay(after))
	for _, e := range after.Ended {
		if !slices.ContainsFunc(before.Ended, func(b protocol.Ended) bool { return fmt.Sprint(b) == fmt.Sprint(e) }) {
			w.add("%s no longer admits under %s: of its word there, all up to trust.%d.%d counts", e.Institution, strings.Join(e.Prefixes, ", "), e.Epoch, e.Last.Sequence)
		}
	}
	w.keyed("may say, as", lists(before.MembersMay), lists(after.MembersMay))
	w.keyed("handling of", texts(before.Handling), texts(after.Handling))
	w.keyed("days kept, of", texts(before.RetentionDays), texts(after.RetentionDays))
	w.keyed("group", lists(before.Groups), lists(after.Groups))
	w.changed("records a member may write a day", fmt.Sprint(before.Quota.RecordsADay), fmt.Sprint(after.Quota.RecordsADay))
	w.changed("MiB a member may write a day", fmt.Sprint(before.Quota.MiBADay), fmt.Sprint(after.Quota.MiBADay))
	w.keyed("partner network", partnersSay(before), partnersSay(after))
	w.changed("expires", before.Expires, after.Expires)
	if after.Rival != nil {
		w.add("ends the rivalry of two versions %d: goes on from %s, and drops %s", after.Version-1, after.Previous, after.Rival)
	}
	for _, m := range after.Newer {
		w.add("%s: needs a newer vardar, which this one is not: it can't say what that means", m)
	}
	return w.said
}

type wording struct {
	first bool
	said  []string
}

func (w *wording) add(format string, args ...any) {
	w.said = append(w.said, fmt.Sprintf(format, args...))
}

func (w *wording) changed(what, before, after string) {
	switch {
	case before == after:
	case w.first || before == "":
		w.add("%s: %s", what, after)
	case after == "":
		w.add("%s: none any more, before %s", what, before)
	default:
		w.add("%s: %s, before %s", what, after, before)
	}
}

func (w *wording) keyed(what string, before, after map[string]string) {
	keys := maps.Clone(before)
	maps.Copy(keys, after)
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		w.changed(what+" "+k, before[k], after[k])
	}
}

// signsWith says by which key somebody signs, short enough to compare on the phone.
func signsWith(key protocol.Key, epoch uint32) string {
	return fmt.Sprintf("key %s… of trust epoch %d", key.String()[:16], max(1, epoch))
}

func stewardsSay(c *protocol.Charter) map[string]string {
	out := map[string]string{}
	for _, s := range c.Stewards {
		out[string(s.Institution)] = signsWith(s.Key, s.Epoch)
	}
	return out
}

func registrarsSay(c *protocol.Charter) map[string]string {
	out := map[string]string{}
	for _, r := range c.Registrars {
		out[string(r.Institution)] = "admits under " + strings.Join(r.Prefixes, ", ") + ", by " + signsWith(r.Key, r.Epoch)
	}
	return out
}

func partnersSay(c *protocol.Charter) map[string]string {
	out := map[string]string{}
	for _, n := range c.Networks {
		out[n.Charter.String()] = "bridged by " + strings.Join(n.Prefixes, ", ")
	}
	return out
}

func lists(m map[string][]string) map[string]string {
	out := map[string]string{}
	for k, v := range m {
		out[k] = strings.Join(v, ", ")
	}
	return out
}

func texts[T any](m map[string]T) map[string]string {
	out := map[string]string{}
	for k, v := range m {
		out[k] = fmt.Sprint(v)
	}
	return out
}

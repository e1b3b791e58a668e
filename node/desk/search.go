package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Bounds of a search.
const (
	// MaxSearch bounds what is looked for, in bytes: a line.
	MaxSearch = 200
	// mostFound is how many of a group are shown: a screen.
	mostFound = 20
	// SearchBack is how far back the words of records are looked at: every body of that time
	// is read. Incidents, institutions and places are found however old.
	SearchBack = 90 * 24 * time.Hour
)

// Sought is what somebody looks for.
type Sought struct {
	Words   string           // each must begin one of what is found, in any alphabet ([fold])
	Quality string           // records at least so good, or unverified; empty: all
	At      protocol.Instant // as this node knew it then; zero: now
}

// Found is what a search found: the one thing that is called just so, or what has the words.
type Found struct {
	Query        string
	Quality      string                 // of the records alone: nothing else has one
	Record       protocol.Name          // it is the name of this record, which is held here
	Institution  protocol.InstitutionID // it is the ID of this one
	Place        body.PlaceKey          // it is the code of this one
	Institutions []Member
	Places       []FoundPlace
	Incidents    []Told // alerts and phases, the newest first
	Records      []Told // the newest first
	More         bool   // of some group there is more than is shown
	Reads        bool   // records and places were looked at too: the account may read them
}

// FoundPlace is a place with its name.
type FoundPlace struct {
	Place    body.PlaceKey
	Name     string
	Footnote bool
	Spoken   bool // the picture speaks of it
}

// Search looks for what an account may read. What it is about is told by the first of the
// three names that is not empty; else by the groups. What is called just so is found whatever its quality.
func (d *Desk) Search(ctx context.Context, a Account, as protocol.InstitutionID, q Sought) (Found, error) {
	query := strings.TrimSpace(q.Words)
	if err := lookedFor(query); err != nil {
		return Found{}, err
	}
	good, err := asGood(q.Quality)
	if err != nil {
		return Found{}, err
	}
	out := Found{Query: query, Quality: q.Quality, Reads: MayOpen(a, "GET /record/{institution}/{position}")}
	wanted := wordsOf(query)
	if len(wanted) == 0 {
		return out, nil
	}
	m, err := d.moment(ctx, q.At)
	if err != nil || d.calledSo(&out, m, as) {
		return out, err
	}
	out.Institutions = few(&out, d.findMembers(m.knowledge, wanted))
	if !out.Reads {
		return out, ctx.Err()
	}
	out.Places = few(&out, d.findPlaces(m, wanted))
	return out, d.findRecords(ctx, &out, m, recordsWanted{wanted, good, Ceiling(a)})
}

// lookedFor bounds what is looked for.
func lookedFor(query string) error {
	if len(query) > MaxSearch {
		return &Problem{Kind: Usage, Field: "q", Detail: "what is looked for is longer than a line", Mend: "give fewer words"}
	}
	return nil
}

// findMembers gives the institutions that have the words in their ID or a name.
func (d *Desk) findMembers(k knowledge, wanted []string) []Member {
	var out []Member
	for _, member := range d.members(k) {
		if begin(wanted, string(member.ID)+" "+strings.Join(slices.Collect(maps.Values(member.Names)), " ")) {
			out = append(out, member)
		}
	}
	return out
}

// few keeps what is shown of a group.
func few[T any](out *Found, rows []T) []T {
	if len(rows) > mostFound {
		out.More = true
		return rows[:mostFound]
	}
	return rows
}

// calledSo finds the one thing that is called just what was typed.
func (d *Desk) calledSo(out *Found, m *moment, as protocol.InstitutionID) bool {
	if id := protocol.InstitutionID(strings.ToLower(out.Query)); slices.Contains(memberIDs(m.trust), id) {
		out.Institution = id
		return true
	}
	if !out.Reads {
		return false
	}
	if n, err := d.named(as, strings.ToLower(out.Query)); err == nil {
		records, err := d.o.Archive.At(n)
		if err == nil && slices.ContainsFunc(records, func(h Held) bool { return !m.past || h.Accepted <= m.at }) {
			out.Record = n
			return true
		}
	}
	for _, code := range []string{out.Query, strings.ToUpper(out.Query)} {
		if code != out.Query && !strings.ContainsAny(code, "0123456789") {
			break // me, at, it are words too
		}
		k, is := d.placeOf(code)
		if _, known := d.o.Atlas.Lookup(k); is && (known || d.registered(k)) {
			out.Place = k
			return true
		}
	}
	return false
}

// findPlaces gives the places that have the words: those first that the picture speaks of.
func (d *Desk) findPlaces(m *moment, wanted []string) []FoundPlace {
	said := map[body.PlaceKey]string{}
	for i := range m.view.Figures {
		said[m.view.Figures[i].Place] = m.view.Figures[i].PlaceName
	}
	for i := range m.view.Phases {
		said[m.view.Phases[i].Place] = m.view.Phases[i].PlaceName
	}
	for i := range m.view.Routes {
		r := &m.view.Routes[i]
		said[r.Asset] = r.Name
		if !r.Twin.IsZero() {
			said[r.Twin] = r.Name
		}
	}
	var out []FoundPlace
	found := func(k body.PlaceKey, names ...string) {
		if _, spoken := said[k]; begin(wanted, k.Code+" "+strings.Join(names, " ")) {
			out = append(out, FoundPlace{k, names[0], atlas.NeedsFootnote(k), spoken})
		}
	}
	for k, names := range d.o.Atlas.Places() {
		found(k, names...)
	}
	for k, name := range said {
		if _, known := d.o.Atlas.Lookup(k); !known && knownScheme(k.Scheme) {
			found(k, cmp.Or(name, k.Code))
		}
	}
	slices.SortFunc(out, func(a, b FoundPlace) int {
		if a.Spoken != b.Spoken {
			return map[bool]int{true: -1, false: 1}[a.Spoken]
		}
		return cmp.Or(cmp.Compare(len(a.Place.Code), len(b.Place.Code)), cmp.Compare(a.Place.String(), b.Place.String()))
	})
	return out
}

// recordsWanted is which records are looked for.
type recordsWanted struct {
	words   []string
	good    func(*Quality) bool
	ceiling protocol.Handling // what is above this mark is found by its name alone
}

// findRecords gives the records that have the words in their name or, for who may read it, in
// their text.
func (d *Desk) findRecords(ctx context.Context, out *Found, m *moment, w recordsWanted) error {
	if m.past || m.world.Exercise { // by its words, only what is real is kept
		return d.findEarlier(ctx, out, m, w)
	}
	having, err := d.having(ctx, w.words)
	if err != nil {
		return err
	}
	back, quality := m.at-protocol.Instant(SearchBack.Milliseconds()), m.view.Qualities()
	var incidents, others []Told
	for i := range having {
		r, group := &having[i], &others
		if r.incident {
			group = &incidents
		}
		if len(*group) > mostFound || !r.incident && r.accepted < back || !w.good(quality[r.name]) {
			continue
		}
		if h, ok := d.stillHas(r, w.words, w.ceiling); ok {
			told := d.told(m, &h, w.ceiling)
			told.Quality = quality[h.Name]
			*group = append(*group, told)
		}
	}
	out.Incidents, out.Records = few(out, incidents), few(out, others)
	return ctx.Err()
}

// stillHas reads a record that can have the words, and reports whether it has.
func (d *Desk) stillHas(r *worded, wanted []string, ceiling protocol.Handling) (Held, bool) {
	records, err := d.o.Archive.At(r.name)
	if err != nil {
		return Held{}, false
	}
	i := slices.IndexFunc(records, func(h Held) bool { return h.Digest == r.digest })
	if i < 0 || !begin(wanted, textOf(&records[i], ceiling)) {
		return Held{}, false
	}
	return records[i], true
}

// findEarlier is that of an earlier instant, whose records are not kept by their words: their
// bodies are read.
func (d *Desk) findEarlier(ctx context.Context, out *Found, m *moment, w recordsWanted) error {
	var incidents, others []Told
	back, quality := m.at-protocol.Instant(SearchBack.Milliseconds()), m.view.Qualities()
	for _, kind := range body.Types() {
		if !board.Spoken(kind) {
			continue
		}
		group, since := &others, max(back, 0)
		if isIncident(kind) {
			group, since = &incidents, 0
		}
		for h, err := range d.o.Archive.Records(ctx, kind, since) {
			if err != nil {
				d.log.ErrorContext(ctx, "record not readable", "err", err)
				continue
			}
			if board.WorldOf(&h.Record) != m.world || h.Accepted > m.at || !w.good(quality[h.Name]) || !begin(w.words, textOf(&h, w.ceiling)) {
				continue
			}
			told := d.told(m, &h, w.ceiling)
			told.Quality = quality[h.Name]
			if *group = append(*group, told); len(*group) > 2*mostFound {
				*group = newest(*group)
			}
		}
	}
	out.Incidents, out.Records = few(out, newest(incidents)), few(out, newest(others))
	return ctx.Err()
}

// newest gives the newest, one more than are shown.
func newest(rows []Told) []Told {
	slices.SortStableFunc(rows, func(a, b Told) int { return byAcceptance(&b, &a) })
	return rows[:min(len(rows), mostFound+1)]
}

// textOf is what a record is found by: its name, and every text of its body for who may read
// it.
func textOf(h *Held, ceiling protocol.Handling) string {
	text := []string{h.String()}
	var read map[string]any
	if h.Handling <= ceiling && h.BodyState == protocol.BodyHeld && !h.Sealed && json.Unmarshal(h.Body, &read) == nil {
		delete(read, "salt")
		text = strung(text, read)
	}
	return strings.Join(text, " ")
}

// strung adds all texts of a JSON value, but for what is in files.
func strung(out []string, of any) []string {
	switch v := of.(type) {
	case string:
		out = append(out, v)
	case []any:
		for _, part := range v {
			out = strung(out, part)
		}
	case map[string]any:
		for name, part := range v {
			if _, file := v["media_type"]; file && name == "content" {
				continue
			}
			out = strung(out, part)
		}
	}
	return out
}

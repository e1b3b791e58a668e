package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// SearchQuery is what a program looks for.
type SearchQuery struct {
	Words   string           `json:"words"`             // each must begin one of what is found, in any alphabet
	Place   string           `json:"place"`             // records of this place, or of a country
	By      string           `json:"by"`                // records of an institution, or of a prefix
	Quality string           `json:"quality,omitempty"` // records at least so good, or unverified
	Since   protocol.Instant `json:"since,omitzero"`    // records written then or later
	Until   protocol.Instant `json:"until,omitzero"`    // records written before
	Limit   int              `json:"limit"`             // 0: DefaultLimit
	Cursor  string           `json:"cursor"`            // Next of the page before
}

// SearchRow is a record that was found.
type SearchRow struct {
	Record      protocol.Name          `json:"record"`
	Digest      protocol.Digest        `json:"digest"`
	Type        string                 `json:"type"`
	Institution protocol.InstitutionID `json:"institution"`
	Time        protocol.Instant       `json:"time"`     // its author's clock
	Accepted    protocol.Instant       `json:"accepted"` // by this node
	Handling    protocol.Handling      `json:"handling"`
	Place       body.PlaceKey          `json:"place,omitzero"`
	Incident    bool                   `json:"incident"` // an alert or a phase: found however old
	Says        string                 `json:"says"`     // in a line; empty of what is above the reader's mark
	Standing    board.Standing         `json:"standing"`
	Quality     *Quality               `json:"quality,omitempty"` // of a live one that is scored
}

// SearchPlace is a place that was found.
type SearchPlace struct {
	Place    body.PlaceKey `json:"place"`
	Name     string        `json:"name"`
	Footnote bool          `json:"footnote,omitempty"`
}

// SearchResult is a page of what was found. The first page has institutions, places and what is
// called just so, a screen of each; every page has records, the newest first.
type SearchResult struct {
	Words        string                   `json:"words"`
	Record       protocol.Name            `json:"record,omitzero"`       // it is the name of this one
	Institution  protocol.InstitutionID   `json:"institution,omitempty"` // it is the ID of this one
	Place        body.PlaceKey            `json:"place,omitzero"`        // it is the code of this one
	Institutions []protocol.InstitutionID `json:"institutions"`
	Places       []SearchPlace            `json:"places"`
	More         bool                     `json:"more"` // of institutions or places there is more than is shown
	Records      []SearchRow              `json:"records"`
	Next         string                   `json:"next,omitempty"` // the cursor of the page behind this one
}

// SearchList looks, as [Desk.Search] does, for a program that may read up to a mark; where that is
// zero it may open no record, and finds institutions alone.
func (d *Desk) SearchList(ctx context.Context, q SearchQuery, ceiling protocol.Handling) (SearchResult, error) {
	q.Words = strings.TrimSpace(q.Words)
	out := SearchResult{Words: q.Words, Institutions: []protocol.InstitutionID{}, Places: []SearchPlace{}, Records: []SearchRow{}}
	wanted := wordsOf(q.Words)
	switch {
	case len(q.Words) > MaxSearch:
		return out, &Problem{Kind: Usage, Field: "q", Detail: "what is looked for is longer than a line", Mend: "give fewer words"}
	case len(wanted) == 0:
		return out, nil
	}
	f, err := d.filter(&Query{Place: q.Place, By: q.By, Since: q.Since, Until: q.Until, Quality: q.Quality})
	if err != nil {
		return out, err
	}
	last, err := q.goOn()
	if err != nil {
		return out, err
	}
	m, err := d.moment(ctx, 0)
	if err != nil {
		return out, err
	}
	if last == nil {
		d.searchNames(&out, m, wanted, ceiling > 0)
	}
	having, err := d.having(ctx, wanted)
	if err != nil || ceiling == 0 {
		return out, err
	}
	quality := m.view.Qualities()
	for i := range having {
		r := &having[i]
		if last != nil && inOrder(*r, *last) >= 0 {
			continue
		}
		h, ok := d.stillHas(r, wanted, ceiling)
		if !ok {
			continue
		}
		told := d.told(m, &h, ceiling)
		told.Quality = quality[h.Name]
		if !f.fits(facts{places: []body.PlaceKey{told.Place}, by: []protocol.InstitutionID{h.Institution}, at: h.Time}, &told) {
			continue
		}
		if len(out.Records) == cmp.Or(q.Limit, DefaultLimit) {
			out.Next = q.next(&out.Records[len(out.Records)-1])
			break
		}
		out.Records = append(out.Records, SearchRow{
			h.Name, h.Digest, told.Type, h.Institution, h.Time, h.Accepted, h.Handling, told.Place, r.incident, told.Says, told.Standing, told.Quality,
		})
	}
	return out, ctx.Err()
}

// searchNames finds what is called just so, and what is no record.
func (d *Desk) searchNames(out *SearchResult, m *moment, wanted []string, reads bool) {
	found := Found{Query: out.Words, Reads: reads}
	d.calledSo(&found, m, d.o.Institutions[0])
	out.Record, out.Institution, out.Place = found.Record, found.Institution, found.Place
	for _, member := range few(&found, d.findMembers(m.knowledge, wanted)) {
		out.Institutions = append(out.Institutions, member.ID)
	}
	if reads {
		for _, p := range few(&found, d.findPlaces(m, wanted)) {
			out.Places = append(out.Places, SearchPlace{p.Place, p.Name, p.Footnote})
		}
	}
	out.More = found.More
}

// searchCursor says behind which record a search goes on.
type searchCursor struct {
	Of     string           `json:"q"` // the question, in a digest
	At     protocol.Instant `json:"t"` // when the record was accepted
	Record protocol.Name    `json:"l"`
}

func (q SearchQuery) same() string {
	q.Limit, q.Cursor = 0, ""
	text, _ := json.Marshal(q) // of strings and numbers
	return protocol.DigestOf([]byte("vardar-search-v1\n"), text).Prefix().String()
}

func (q *SearchQuery) next(r *SearchRow) string {
	return cursorOf(searchCursor{q.same(), r.Accepted, r.Record})
}

// goOn reads the cursor; nil: there is none.
func (q *SearchQuery) goOn() (*worded, error) {
	if q.Cursor == "" {
		return nil, nil
	}
	var c searchCursor
	err := readCursor(q.Cursor, &c)
	switch {
	case err != nil || c.Record.IsZero():
		return nil, noCursor(err)
	case c.Of != q.same():
		return nil, anothersCursor()
	}
	return &worded{name: c.Record, accepted: c.At}, nil
}

package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/schemas/sheet"
)

// Exported is a list in a foreign format, with what that format can't say.
type Exported struct {
	What     string           `json:"what"`
	Format   string           `json:"format"`
	At       protocol.Instant `json:"at"`
	Exercise bool             `json:"exercise"`
	Rows     int              `json:"rows"` // of the list
	Each     bool             `json:"each"` // a file for each record, so that there can be any number
	Files    []EvidenceFile   `json:"files"`
	Loss     []Loss           `json:"loss"` // none: whoever reads the files knows all that the list says
}

// Loss is what a format can't say: a field, of how many rows, and why.
type Loss struct {
	Field string `json:"field"`
	Rows  int    `json:"rows"`
	Why   string `json:"why"`
}

// losses gathers them.
type losses map[Loss]map[int]bool

// add notes that a field of a row is lost.
func (l losses) add(row int, field, why string) {
	k := Loss{Field: field, Why: why}
	if l[k] == nil {
		l[k] = map[int]bool{}
	}
	l[k][row] = true
}

func (l losses) list() []Loss {
	out := make([]Loss, 0, len(l))
	for k, rows := range l {
		k.Rows = len(rows)
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b Loss) int { return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(a.Why, b.Why)) })
	return out
}

// exporting is one export on its way.
type exporting struct {
	d       *Desk
	asked   protocol.Instant // as this node knew it then; zero: now
	now     *moment          // of the last message's world
	listing Listing
	ceiling protocol.Handling
	lost    losses
	plans   []board.Plan     // of a list of flows, or of the 3W, which name their lines
	flows   []board.Flow     // the same
	read    map[string]*Held // by name and digest; nil: not held
}

// Archive names the archive of its files.
func (e *Exported) Archive() string {
	return playedName(World{Exercise: e.Exercise}, e.What+"-"+e.Format+".zip")
}

// ExportList gives a list in a foreign format, all of it unless the query says how much, for
// who may read bodies up to a mark. The problem is [Usage] for a format that nobody knows, and
// [Refused] for one that does not fit the list.
func (d *Desk) ExportList(ctx context.Context, q Query, format string, ceiling protocol.Handling) (Exported, error) {
	if q.What == "" {
		return Exported{}, &Problem{Kind: Usage, Field: "what", Detail: "no list is named", Mend: OneOf("", Lists()), Next: "vardar export --help"}
	}
	if slices.Contains(Lists(), q.What) {
		if err := fitsFormat(q.What, format); err != nil {
			return Exported{}, err
		}
	}
	if q.Limit == 0 {
		q.Limit = -1
	}
	l, err := d.List(ctx, q)
	if err != nil {
		return Exported{}, err
	}
	return d.exported(ctx, l, q.At, format, ceiling)
}

// exported gives a listing that was asked for at an instant (zero: now) in a format that fits it.
func (d *Desk) exported(ctx context.Context, l Listing, asked protocol.Instant, format string, ceiling protocol.Handling) (Exported, error) {
	e := &exporting{d: d, asked: asked, listing: l, ceiling: ceiling, lost: losses{}, read: map[string]*Held{}}
	if l.What == ListFlows || l.What == ListWho {
		m, err := d.moment(ctx, asked)
		if err != nil {
			return Exported{}, err
		}
		e.plans, e.flows = m.view.Plans, m.view.Flows
	}
	files, err := e.files(ctx, format)
	if err != nil {
		return Exported{}, err
	}
	return Exported{
		What: l.What, Format: format, At: l.At, Exercise: l.Exercise, Rows: reflect.ValueOf(l.Rows).Len(),
		Each: format == AsCAP || format == AsEDXL, Files: files, Loss: e.lost.list(),
	}, nil
}

func (e *exporting) files(ctx context.Context, format string) ([]EvidenceFile, error) {
	one := func(ending string, data []byte, err error) ([]EvidenceFile, error) {
		return []EvidenceFile{{e.name() + ending, data}}, failure(err)
	}
	switch format {
	case AsJSON:
		data, err := e.json()
		return one(".json", data, err)
	case AsCAP:
		return e.messages()
	case AsEDXL:
		return e.messagesOf(ctx)
	}
	t, err := e.table(format)
	if err != nil {
		return nil, err
	}
	ending, write := writing(t, format)
	data, err := write()
	return one(ending, data, err)
}

// name begins the names of the files: what is only played says so there too.
func (e *exporting) name() string {
	if e.listing.Exercise {
		return "exercise-" + e.listing.What
	}
	return e.listing.What
}

// taken is a list as programs of this network read it, with what its records say.
type taken struct {
	Listing

	Bodies map[string]json.RawMessage `json:"bodies,omitempty"` // by record and digest
}

func (e *exporting) json() ([]byte, error) {
	out := taken{Listing: e.listing}
	f := flatOf(reflect.TypeOf(e.listing.Rows).Elem())
	lines, err := f.lines(e.listing.Rows)
	if err != nil {
		return nil, err
	}
	for i := range lines {
		if b := e.body(&lines[i]); b != nil {
			if out.Bodies == nil {
				out.Bodies = map[string]json.RawMessage{}
			}
			name, digest := lines[i].record()
			out.Bodies[name+" "+digest] = b
		}
	}
	text, err := json.MarshalIndent(out, "", "  ")
	return append(text, '\n'), err
}

// Columns that a table has beside those of its list.
const (
	columnHandling = "handling"
	columnExercise = "exercise"
	columnBody     = "body"
)

// table makes the table of a list: what its rows say, the mark of each record, and behind it
// the body as it was signed, with all that a list leaves out.
func (e *exporting) table(format string) (*sheet.Table, error) {
	f := flatOf(reflect.TypeOf(e.listing.Rows).Elem())
	lines, err := f.lines(e.listing.Rows)
	if err != nil {
		return nil, failure(err)
	}
	t := &sheet.Table{Name: e.name()}
	for _, c := range f.columns {
		t.Columns = append(t.Columns, sheet.Column{Head: c.name})
	}
	own := e.added(f.columns)
	for _, name := range own {
		t.Columns = append(t.Columns, sheet.Column{Head: name})
	}
	rows := []int{}
	for i := range lines {
		l := &lines[i]
		if format == AsHXL && !e.open(l) {
			continue
		}
		cells := l.cells
		if format == AsHXL {
			e.withoutAims(f.columns, l)
		}
		for _, name := range own {
			cells = append(cells, e.cell(l, name))
		}
		t.Rows, rows = append(t.Rows, cells), append(rows, l.row)
	}
	return t, e.fit(t, rows, format)
}

// added names the columns beside those of the list.
func (e *exporting) added(columns []flatColumn) []string {
	has := func(name string) bool {
		return slices.ContainsFunc(columns, func(c flatColumn) bool { return c.name == name || c.inner && c.path[0] == name && len(c.path) == 1 })
	}
	var out []string
	if !has(columnHandling) && (has(memberRecord) || has(memberExchange)) {
		out = append(out, columnHandling)
	}
	if e.listing.Exercise {
		out = append(out, columnExercise)
	}
	if e.listing.Coverage != nil {
		out = append(out, columnReported, columnOf, columnOverdue, columnLineCut, columnNever)
	}
	out = append(out, codeColumns(e.listing.What)...)
	if e.bodied() && has(memberRecord) && has(memberDigest) {
		out = append(out, columnBody)
	}
	return out
}

func (e *exporting) cell(l *flatLine, name string) any {
	if c := e.listing.Coverage; c != nil {
		if n, ok := c.column(name); ok {
			return n
		}
	}
	switch name {
	case columnExercise:
		return playedMark(World{Exercise: true, Name: e.listing.Within})
	case columnHandling:
		if h := e.held(l); h != nil {
			return h.Handling.String()
		}
		return nil
	}
	if slices.Contains(codeColumns(e.listing.What), name) {
		return e.code(l, name)
	}
	if l.part[memberRecord] == nil && !l.first {
		return nil // it stands in the first line of its row
	}
	if b := e.body(l); b != nil {
		return string(b)
	}
	return nil
}

// fit gives a format what it can hold, and notes what that is not.
func (e *exporting) fit(t *sheet.Table, rows []int, format string) error {
	switch format {
	case AsXLSX:
		if len(t.Rows) > sheet.MaxLines {
			return &Problem{
				Kind: Refused, Field: "format", Detail: fmt.Sprintf("the list has %d lines, and a workbook at most %d", len(t.Rows), sheet.MaxLines),
				Mend: "choose fewer, or take CSV", Next: "vardar export " + e.listing.What + " --as " + AsCSV,
			}
		}
		for _, cut := range t.Shorten() {
			e.lost.add(rows[cut.Row], t.Columns[cut.Column].Head, cut.Why)
		}
	case AsHXL:
		tags := hxlTags()[e.listing.What]
		for i := range t.Columns {
			c := &t.Columns[i]
			if c.Tag = tags[c.Head]; c.Tag != "" {
				continue
			}
			for j, row := range t.Rows {
				if row[i] != nil && row[i] != "" {
					e.lost.add(rows[j], c.Head, "HXL has no hashtag for it: its column has none, and programs pass it over")
				}
			}
		}
	}
	return nil
}

// open reports whether others may read what a line says: what is for named recipients alone
// goes into no file that is made for others.
func (e *exporting) open(l *flatLine) bool {
	of, _ := l.all[memberRecords].([]any)
	for _, n := range e.behind(l) {
		of = append(of, n.String())
	}
	for _, said := range of {
		name, _ := said.(string)
		if h := e.find(name, ""); h != nil && !e.passable(l.row, h) {
			return false
		}
	}
	h := e.held(l)
	return h == nil || e.passable(l.row, h)
}

func (e *exporting) passable(row int, h *Held) bool {
	if h.Handling <= protocol.Amber {
		return true
	}
	e.lost.add(row, memberRecord, notForOthers(h.Handling))
	return false
}

func notForOthers(mark protocol.Handling) string {
	return "it is marked " + mark.String() + ": it goes into no file that is made for others"
}

// The members of rows that name a record.
const (
	memberRecord   = "record"
	memberRecords  = "records" // that a row is computed from
	memberDigest   = "digest"
	memberExchange = "exchange"
)

// record gives the name and digest of the record that a line is of; empty: of none, or the
// digest is not known.
func (l *flatLine) record() (name, digest string) {
	for _, of := range []map[string]any{l.part, l.all} {
		if name, _ = of[memberRecord].(string); name != "" {
			digest, _ = of[memberDigest].(string)
			return name, digest
		}
	}
	name, _ = l.all[memberExchange].(string)
	return name, ""
}

// held gives the record of a line, if it is held here.
func (e *exporting) held(l *flatLine) *Held { return e.find(l.record()) }

func (e *exporting) find(name, digest string) *Held {
	key := name + " " + digest
	if h, known := e.read[key]; known || name == "" {
		return h
	}
	e.read[key] = nil
	n, err := protocol.ParseName(name)
	if err != nil {
		return nil
	}
	rivals, err := e.d.rivals(n)
	if err != nil {
		return nil
	}
	for i := range rivals {
		if digest == "" || rivals[i].Digest.String() == digest {
			e.read[key] = &rivals[i]
			return e.read[key]
		}
	}
	return nil
}

// bodied reports whether the rows of the list are records: of what is computed from several of
// them, each is found by its name.
func (e *exporting) bodied() bool {
	return !slices.Contains([]string{ListFigures, ListUnmet, ListPool, ListMatches, ListDrafts, ListRegional}, e.listing.What)
}

// body gives what the record of a line says, as it was signed; nil for what is not here, or not
// for who asks.
func (e *exporting) body(l *flatLine) []byte {
	h := e.held(l)
	if h == nil || !e.bodied() || h.BodyState != protocol.BodyHeld || h.Sealed {
		return nil
	}
	if h.Handling > e.ceiling {
		e.lost.add(l.row, columnBody, "it is marked "+h.Handling.String()+": that is not for who asks")
		return nil
	}
	return h.Body
}

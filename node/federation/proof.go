package federation

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// problem notes a proof that failed.
func (d *demo) problem(format string, args ...any) {
	d.report.Problems = append(d.report.Problems, fmt.Sprintf(format, args...))
}

// inspectors is how many stores are read at once.
const inspectors = 2

// prove reads every store anew, without any key, now that no node runs, and holds what it
// finds against what was told.
func (d *demo) prove(ctx context.Context) error {
	dirs := map[protocol.InstitutionID]string{}
	for _, hosted := range d.plan.Nodes {
		dirs[hosted[0].ID] = filepath.Join(d.dir, string(hosted[0].ID))
	}
	if d.o.Closed != nil {
		d.o.Closed(dirs)
	}
	at := d.clock.Now()
	ids := slices.Sorted(maps.Keys(dirs))
	found := make([]node.Inspection, len(ids))
	failed := make([]error, len(ids))
	var g errgroup.Group
	g.SetLimit(inspectors)
	for i, id := range ids {
		g.Go(func() error {
			o := node.Options{Dir: dirs[id], CheckStore: strict(d.o.CheckStore), Clock: d.clock.Now}
			found[i], failed[i] = node.Inspect(ctx, o, at)
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	coordinator := found[slices.Index(ids, Coordinator)]
	for i := range found {
		d.report.Dropped += droppedIn(found[i].Dropped)
	}
	d.proveNodes(ids, found, failed)
	d.proveColumns(coordinator.Picture)
	d.proveRest(coordinator.Dropped[RiverTown])
	d.proveHelp(coordinator.Picture)
	d.proveBorder(coordinator.Picture)
	d.proveDecided(coordinator.Picture)
	d.proveLearnt(coordinator.Picture)
	d.proveRegional(coordinator.Picture, found)
	d.report.Story, d.report.Records = d.story.Name, coordinator.Held
	days := d.days()
	d.report.From, d.report.To = days[0].Date.Format(time.DateOnly), days[len(days)-1].Date.Format(time.DateOnly)
	d.report.OK = len(d.report.Problems) == 0
	d.report.Seconds = d.o.Clock().Sub(d.began).Seconds()
	d.ending(coordinator.Picture)
	return nil
}

// strict takes a damaged index for damage, which a node would mend: here nothing is to be
// other than it was written.
func strict(check func(ctx context.Context, path string) error) func(ctx context.Context, path string) error {
	if check == nil {
		return nil
	}
	return func(ctx context.Context, path string) error {
		err := check(ctx, path)
		if errors.Is(err, node.ErrIndexes) {
			return errors.New(err.Error())
		}
		return err
	}
}

// proveNodes wants every record of every node verified, and one picture on all.
func (d *demo) proveNodes(ids []protocol.InstitutionID, found []node.Inspection, failed []error) {
	want := found[slices.Index(ids, Coordinator)]
	for i, id := range ids {
		n := found[i]
		row := DemoNode{Institution: id, Held: n.Held, Verified: n.Verified}
		if failed[i] == nil {
			row.Digest = n.Digest.String()
		}
		d.report.Nodes = append(d.report.Nodes, row)
		switch {
		case failed[i] != nil:
			d.problem("the store of %s can't be read: %v", id, failed[i])
		case n.Verified != n.Held || n.First != nil:
			d.problem("%s holds %d records, of which %d are verified: %v", id, n.Held, n.Verified, n.First)
		case n.Have != want.Have:
			d.problem("%s holds other records than %s", id, Coordinator)
		case n.Digest != want.Digest:
			d.problem("%s shows another picture than %s", id, Coordinator)
		}
	}
}

// proveColumns holds the columns in the coordinator's store against the file.
func (d *demo) proveColumns(p node.Picture) {
	for _, name := range d.file.Columns {
		c := columnOf(name)
		row := DemoColumn{Name: name, Institution: c.Institution}
		for _, point := range p.Series(c.Place.Key(), c.Indicator, c.Institution) {
			n, exact := point.Value.Exact()
			if point.State == node.NotReported || !exact {
				row.NotReportedDays++
				continue
			}
			row.add(n)
		}
		d.report.Columns = append(d.report.Columns, row)
		if want := d.expected(c); !row.equal(want) {
			d.problem("%s: the store has %s, the file %s", name, row, want)
		}
	}
}

// expected sums a column of the file up, as far as its institution takes part.
func (d *demo) expected(c column) DemoColumn {
	row := DemoColumn{Name: c.Name, Institution: c.Institution}
	if !d.plays(c.Institution) {
		return row
	}
	at := d.file.Column(c.Name)
	for _, day := range d.days() {
		if n, reported := day.Cells[at].Exact(); reported {
			row.add(n)
		} else {
			row.NotReportedDays++
		}
	}
	return row
}

func (c *DemoColumn) add(n int64) {
	if c.Total == nil {
		c.Total = new(int64)
	}
	*c.Total += n
	c.ReportedDays++
}

func (c DemoColumn) equal(other DemoColumn) bool {
	return c.String() == other.String()
}

// String gives the counts of a column.
func (c DemoColumn) String() string {
	total := "no figure"
	if c.Total != nil {
		total = thousands(*c.Total)
	}
	return fmt.Sprintf("%s on %s, and %s not reported", total, plural(c.ReportedDays, "day"), plural(c.NotReportedDays, "day"))
}

// droppedIn counts what an archive says was dropped.
func droppedIn(from node.Drops) (n int) {
	for _, rules := range from {
		n += recordsIn(rules)
	}
	return n
}

func recordsIn(rules map[string]node.Drop) (n int) {
	for _, of := range rules {
		n += of.Records
	}
	return n
}

// proveRest wants false records dropped and nothing else, counted where they were offered and by
// who offered them, and the cut line caught up.
func (d *demo) proveRest(offered map[string]node.Drop) {
	switch {
	case d.refused != d.hostile:
		d.problem("%d false records were offered, %d of them dropped", d.hostile, d.refused)
	case d.report.Dropped != d.hostile:
		d.problem("%d records were dropped, and %d false ones offered", d.report.Dropped, d.hostile)
	case recordsIn(offered) != d.hostile:
		d.problem("%s says that %d records of %s were dropped, of %d false ones", Coordinator, recordsIn(offered), RiverTown, d.hostile)
	}
	if len(d.waits) == 0 {
		d.problem("no record waited for the line that was cut")
	}
}

// ending tells what was counted.
func (d *demo) ending(p node.Picture) {
	d.say.line(plain, "")
	d.say.para(strong, "Counted in the stores, read again without any key after all nodes were closed")
	hosted := 0
	for _, n := range d.plan.Nodes {
		hosted += len(n)
	}
	held, verified, digests := 0, 0, map[string]bool{}
	for _, n := range d.report.Nodes {
		held, verified = held+n.Held, verified+n.Verified
		digests[n.Digest] = true
	}
	d.say.item(plain, "%s on %s with %s. %s signed.", plural(hosted, "institution"), plural(len(d.report.Nodes), "node"),
		plural(len(d.report.Links), "line"), plural(d.report.Records, "record"))
	d.say.item(plain, "All nodes together hold %s copies; %s of them verified, from the charter on.", thousands(int64(held)), thousands(int64(verified)))
	if len(digests) == 1 {
		_, digest, _ := strings.Cut(d.report.Nodes[0].Digest, ":")
		d.say.item(plain, "The same picture on all %d nodes; its digest begins with %.8s.", len(d.report.Nodes), digest)
	}
	d.say.item(plain, "%s of %s waited for the cut line, and were caught up %s ms after it was back.",
		plural(d.report.Cut.Waited, "record"), short(SouthGate), thousands(d.report.Cut.CaughtUpMS))
	d.say.item(plain, "%s offered, %s dropped.", plural(d.hostile, "false record"), thousands(int64(d.report.Dropped)))
	missing := 0
	for _, c := range d.report.Columns {
		missing += c.NotReportedDays
	}
	d.say.item(plain, "%s not reported: gaps, and no zeros.", plural(missing, "figure"))
	if n := d.report.Suggested; n > 0 {
		d.say.item(plain, "Phase board: a phase is suggested for %s, and declared by nobody.", plural(n, "place"))
	}
	d.closing(p)
	d.say.line(plain, "")
	if d.report.OK {
		d.say.para(good, "Every proof held. %.1f seconds.", d.report.Seconds)
	} else {
		d.say.para(bad, "NOT PROVED:")
		for _, problem := range d.report.Problems {
			d.say.item(bad, "%s", problem)
		}
	}
}

// tryNext ends with commands to try. Each stands on a line of its own, to be copied.
func (d *demo) tryNext() {
	d.say.line(plain, "")
	d.say.line(strong, "To try next")
	if d.o.Keep != "" {
		at := filepath.Join(d.dir, string(Coordinator))
		if !d.o.Stay { // they run
			d.say.line(plain, "  vardar --dir %s run &", at)
		}
		d.say.line(plain, "  vardar --dir %s list reports", at)
		d.say.line(plain, "  vardar --dir %s show %s/situation.1.1", at, SouthGate)
		if !d.o.Stay { // and one that runs is not read by another
			d.say.line(plain, "  vardar verify %s", filepath.Join(d.dir, string(ReliefFund)))
		}
		d.say.para(plain, "The nodes are kept, a folder each; %s says how to run them all.", filepath.Join(d.dir, keptName))
		return
	}
	for _, s := range [][2]string{
		{"hungary", "a route moves in a day"},
		{"newyear", "a gap is no zero"},
		{"all", "123 days at full speed"},
		{TrustStory, "who may speak, one scene a line"},
		{BridgeStory, "what crosses a border, one scene a line"},
		{"--keep nodes", "every other command works on these"},
	} {
		if s[0] != d.story.Name {
			d.say.entry(plain, "vardar demo %-13s # %s", s[0], s[1])
		}
	}
}

// closing tells what the story was about, from the coordinator's store.
func (d *demo) closing(p node.Picture) {
	switch d.story.Name {
	case "november":
		d.closeNovember(p)
	case "hungary":
		d.table(p, "Arrivals to Hungary", "Arrivals to Slovenia")
	case "newyear":
		d.table(p, "Arrivals to Serbia", "Arrivals to Croatia", "Arrivals to Hungary")
	}
	if d.story.Border != nil {
		d.closeBorder(p)
	}
	d.closeDecided()
	d.closeRegional()
}

// highest gives the highest point of a column.
func highest(p node.Picture, name string) (node.Point, int64) {
	c := columnOf(name)
	var best node.Point
	top := int64(-1)
	for _, point := range p.Series(c.Place.Key(), c.Indicator, c.Institution) {
		if n, exact := point.Value.Exact(); exact && n > top {
			best, top = point, n
		}
	}
	return best, top
}

func (d *demo) closeNovember(p node.Picture) {
	left, n := highest(p, "Departures to mainland Greece")
	came, m := highest(p, "Arrivals to fYRoM")
	if n >= 0 && m >= 0 {
		from, to := left.PeriodStart.Time(), came.PeriodStart.Time()
		text := fmt.Sprintf("%s people left the islands on %s; %s arrived at %s on %s: each the highest of its column so far.",
			thousands(n), from.Format("2 January"), thousands(m), southGatePlace().Name, to.Format("2 January"))
		if places, ok := placesIn(p, d.places); ok {
			text += fmt.Sprintf(" %s places were reported there, with Tabanovce.", thousands(places))
		}
		if to.After(from) {
			text += fmt.Sprintf(" Between the two figures lie %s of warning.", plural(int(to.Sub(from)/oneDay), "day"))
		}
		d.say.item(strong, "%s", text)
	}
	d.closeHelp()
}

// table sets the days told of some columns side by side; nothing is added up.
func (d *demo) table(p node.Picture, names ...string) {
	head := "  " + fmt.Sprintf("%-12s", "")
	for _, name := range names {
		head += fmt.Sprintf("%16s", columnOf(name).Short)
	}
	d.say.line(plain, "")
	d.say.line(strong, "%s", head)
	for _, at := range d.file.Between(d.story.From, d.story.To) {
		row := fmt.Sprintf("  %-12s", at.Date.Format("2 January"))
		for _, name := range names {
			row += fmt.Sprintf("%16s", on(p, columnOf(name), at.Date))
		}
		d.say.line(plain, "%s", row)
	}
}

func on(p node.Picture, c column, date time.Time) string {
	for _, point := range p.Series(c.Place.Key(), c.Indicator, c.Institution) {
		if point.PeriodStart == body.TimeOf(date).Instant() {
			return value(point)
		}
	}
	return "no word"
}

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol/body"
)

// practices is the library.
func practices(rows []api.PracticeRow) table {
	return tabled(rows, []string{"record", "title", "sectors", "phases", "places", "adopted by", "confirmed", "disputed"}, func(r *api.PracticeRow) []string {
		var places, who []string
		for i := range r.Places {
			p := &r.Places[i]
			places = append(places, place(p.Place, p.Name, p.Footnote))
		}
		for i := range r.Adoptions {
			who = append(who, string(r.Adoptions[i].Institution))
		}
		return []string{
			r.Record.String(), r.Title, joined(r.Sectors), joined(r.Phases), strings.Join(places, ", "), strings.Join(who, ", "), strconv.Itoa(r.Confirmed), strconv.Itoa(r.Disputed),
		}
	})
}

// showPractice prints what was done, what came of it, and who does the same.
func (a *app) showPractice(p *api.PracticeView) {
	t := table{}
	for _, said := range [][2]string{{"summary", p.Summary}, {"problem", p.Problem}, {"solution", p.Solution}, {"context", p.Context}} {
		if said[1] != "" {
			t.add(said[0], said[1])
		}
	}
	addResults(&t, "result", p.Results)
	if p.Cost != nil {
		t.add("cost", string(p.Cost.Amount)+" "+string(p.Cost.Currency), p.CostNote)
	} else if p.CostNote != "" {
		t.add("cost", p.CostNote)
	}
	for i := range p.Places {
		t.add("place", place(p.Places[i].Place, p.Places[i].Name, p.Places[i].Footnote))
	}
	t.add("serves", joined(p.Sectors), joined(p.Phases))
	for i := range p.Files {
		f := &p.Files[i]
		t.add("file "+strconv.Itoa(i+1), string(f.Name), string(f.MediaType), fmt.Sprintf("%d bytes", f.Size), f.Digest.String(), string(f.URL))
	}
	t.add("stances", fmt.Sprintf("%d adopted, %d confirmed, %d disputed", len(p.Adoptions), p.Confirmed, p.Disputed))
	for i := range p.Adoptions {
		d := &p.Adoptions[i]
		said := d.Says
		if d.Earlier {
			said = strings.TrimSpace("as it was before: " + said)
		}
		t.add("adopted by", string(d.Institution), d.Record.String(), said)
		addResults(&t, "there", d.Results)
	}
	line(a.out, "")
	_ = a.write(nil, t)
}

func addResults(t *table, head string, results []body.PracticeResult) {
	for i := range results {
		r := &results[i]
		t.add(head, string(r.What), nonZero(string(r.Before), "not known")+" → "+string(r.After)+" "+string(r.Unit))
	}
}

// attached reads the files that are to go with a record.
func attached(paths []string) ([]api.AttachedFile, error) {
	var out []api.AttachedFile
	for _, path := range paths {
		data, err := readInput(path, nil)
		if err != nil {
			return nil, err
		}
		out = append(out, api.AttachedFile{Name: filepath.Base(path), Content: data})
	}
	return out, nil
}

// keepFiles writes the files of a practice into a folder, over none that is there.
func (a *app) keepFiles(ctx context.Context, c *api.Client, r *api.RecordView, folder string) error {
	p, err := c.Practice(ctx, "", r.Name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return err
	}
	for i := range p.Files {
		f := &p.Files[i]
		if f.URL != "" {
			a.note("%s lies at %s: %d bytes, %s", f.Name, f.URL, f.Size, f.Digest)
			continue
		}
		file, err := c.PracticeFile(ctx, r.Name, i+1)
		if err != nil {
			return err
		}
		path := filepath.Join(folder, filepath.Base(file.Name))
		if err := writeNew(path, file.Content); err != nil {
			return err
		}
		line(a.out, "%s", path)
	}
	return nil
}

// writeNew writes a file that is not there yet.
func writeNew(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640) //nolint:gosec // the folder is the caller's, the name no path
	if errors.Is(err, os.ErrExist) {
		return &api.Problem{Kind: api.Refused, Detail: path + " is there already, and nothing is written over it", Mend: "name another folder", Next: "ls " + filepath.Dir(path), Err: err}
	}
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

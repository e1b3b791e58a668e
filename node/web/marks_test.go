package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// wordOf is a word that stands in records of one mark, and nowhere else.
func wordOf(mark protocol.Handling) string {
	return "quite" + strings.ToLower(strings.TrimPrefix(mark.String(), "TLP:"))
}

// beginning is what that word is searched by: what was asked is said again.
func beginning(mark protocol.Handling) string { return strings.TrimRight(wordOf(mark), "rn") }

// loud is the one that an alert says, which rings at the head of every page of who may read it: see GET /ring.
func loud(mark protocol.Handling) string { return strings.Replace(wordOf(mark), "quite", "loud", 1) }

// saysAll publishes records of each mark that is not sealed. What one says has the mark's word in it.
func (s *site) saysAll() map[protocol.Handling][]protocol.Name {
	s.t.Helper()
	out := map[protocol.Handling][]protocol.Name{}
	for mark := protocol.Clear; mark <= protocol.Amber; mark++ {
		word := wordOf(mark)
		for kind, set := range map[string][]string{
			"report":   {"place=MK-405", "period=2015-11-02", "figures.arrivals=960", "summary=" + word},
			"note":     {"text=" + word, "acknowledge=true"},
			"phase":    {"place=MK-405", "phase=response", "reason=" + word},
			"alert":    {"place=MK-405", "info.0.category=Safety", "info.0.event=Snow", "info.0.urgency=Expected", "info.0.severity=Severe", "info.0.certainty=Likely", "info.0.headline=" + loud(mark)},
			"practice": {"title=" + word, "problem=" + word, "solution=" + word},
		} {
			p := must(s.node.Desk().Publish(s.t.Context(), desk.Request{As: centre, Kind: kind, Set: set, Handling: mark, Knowing: true}))(s.t)
			s.comes(p.Record)
			out[mark] = append(out[mark], p.Record)
		}
	}
	return out
}

// readingOf gives where a route of the pages is read about each of some records, and for each mark's word.
func readingOf(path string, all map[protocol.Handling][]protocol.Name) (out []string) {
	for mark, names := range all {
		if path == "/search" {
			out = append(out, path+"?q="+beginning(mark))
		}
		for _, n := range names {
			if strings.Contains(path, "{position}") {
				out = append(out, strings.NewReplacer("{institution}", string(n.Institution), "{position}", n.Position.String(), "{number}", "1").Replace(path))
			}
		}
	}
	if len(out) > 0 {
		return out
	}
	if strings.Contains(path, "{what}") {
		for _, what := range []string{desk.ListReports, desk.ListNotes, desk.ListAlerts} {
			out = append(out, strings.NewReplacer("{what}", what, "{format}", "json").Replace(path))
		}
		return out
	}
	return []string{example(path, "trust.1.1")}
}

// TestPagesShowEachRoleWhatItsMarkAllows: every role × every page × every mark that is not sealed, by the table
// alone: what stands above a role's ceiling no page says to it, and each mark that a role may read some
// page does, but to who keeps the machine: see TestKeeperReadsNothingOfWhatRecordsSay.
func TestPagesShowEachRoleWhatItsMarkAllows(t *testing.T) {
	c := &clock{now: hour()}
	s := open(t, func(o *node.Options) { o.Clock = c.Now })
	all := s.saysAll()
	for _, role := range staff.Roles() {
		u, read := s.account(role), map[protocol.Handling]bool{}
		for _, row := range staff.Pages() {
			path, reads := strings.CutPrefix(row.Route, "GET ")
			if !reads || path == "/live" || strings.HasPrefix(path, "/static") {
				continue
			}
			for _, at := range readingOf(path, all) {
				c.pass(time.Second) // nobody asks more often than one may
				p := u.get(at)
				for mark := range all {
					said, rings := strings.Contains(p.body, wordOf(mark)), strings.Contains(p.body, loud(mark))
					read[mark] = read[mark] || said || rings
					if (said || rings) && mark > staff.Ceiling(role) || said && (p.status != http.StatusOK || row.Shows == 0) {
						t.Errorf("%s reads at %s (%s, %d) what is marked %s", role, at, row.Route, p.status, mark)
					}
				}
			}
		}
		for mark := range all {
			if want := mark <= staff.Ceiling(role) && role != staff.Admin; read[mark] != want {
				t.Errorf("%s reads %s: %t, want %t", role, mark, read[mark], want)
			}
		}
	}
}

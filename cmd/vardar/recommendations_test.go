package main

import (
	"bufio"
	"context"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/protocol"
)

// asked is one step of what a row of the README's table says can be done: at somebody's node a page is opened,
// a form sent (its fields behind a question mark) or a command run, until it says what is wanted. The record
// that it tells of, or what of the wanted stands in brackets, is {as} in later steps.
type asked struct {
	row          int
	at           protocol.InstitutionID
	do, want, as string
}

// repriced is the plan of the table as a partner's spreadsheet has it, at another price.
const repriced = "lines.line,lines.purpose,lines.beneficiary,lines.sector,lines.amount,lines.year,lines.source,lines.status\n" +
	"1,Stoves," + string(federation.SouthGate) + ",shelter,8400,2016,local_budget,requested\n"

// askedInSkopje does each row on the network of the demonstration: what one institution says stands on the
// pages and in the lists of others.
func askedInSkopje() []asked {
	const (
		centre, town, hub, fund, neighbour, silent = federation.CrisisCentre, federation.SouthGate, federation.Secretariat, federation.ReliefFund, federation.NorthernTown, federation.NorthGate

		t, f, n = string(town), string(fund), string(neighbour)

		crossing = " --set asset.type=border_crossing --set asset.code=x:gr-mk:bogorodica-evzoni --set asset.name=Bogorodica --set direction=both --set state="
		years    = " --set period=2015-01-01/2036-01-01 --set status=adopted"
		showers  = " --set items.0.sector=wash --set items.0.item=shower --set items.0.unit=piece --set items.0.required=33 --set items.0.basis=count --set items.0.priority=2 --set items.0.cost_estimate.amount=6600 --set items.0.cost_estimate.currency=EUR"
		stoves   = " --set cosigners=" + t + " --set lines.0.purpose=Stoves --set lines.0.beneficiary=" + t + " --set lines.0.year=2016 --set lines.0.sector=shelter --set lines.0.amount=7300 --set lines.0.source=local_budget --set lines.0.status=requested"
		beds     = " --set items.0.type=bed_place --set items.0.unit=places --set items.0.total=730 --set gaps.0.type=training_seat --set gaps.0.unit=seats --set gaps.0.required=9"
		seats    = " --set items.0.type=training_seat --set items.0.unit=seats --set items.0.total=40 --set items.0.available=12 --set items.0.offerable=true"
	)
	return []asked{
		{1, centre, "publish phase --set place=MK-405 --set phase=response --set report_every_h=24 --set reason=Arrivals", "", "phase"},
		{1, town, "list territories --output csv", `Gevgelija,response,` + string(centre) + `,(\S+Z),24`, "closes"},
		{2, centre, "publish consultation --set to=" + t + " --set question=Beds? --set options.0=Residents --set options.1=Arrivals --set closes_at={closes}", "", "consultation"},
		{2, town, "publish response --set thread={consultation} --set position=amend --set option=2 --set text=Soon", "", "response"},
		{1, centre, "/", `Gevgelija: response Brief for print`, ""},
		{1, town, "publish capacity --set place=MK-405" + beds, "", "has"},
		{1, centre, "list capacity", t + ` Gevgelija bed_place .* 730 places`, ""},
		{1, centre, "/help/capacity", t + ` Gevgelija beds [^·]* 730 places 730`, ""},
		{1, town, "/capacity/new", `Filled in from {has}`, ""},
		{1, centre, "list exercises", t + `/\S+ Two sides of a border running`, ""},
		{1, centre, "/exercise", `Two sides of a border running .*By ` + t, ""},

		{3, town, "publish report --set place=MK-405 --set period=2015-11-10 --set figures.present=417 --set figures.sheltered=365 --set figures.capacity_total=500 --set figures.children=90", "", "report"},
		{3, centre, "list figures", `Gevgelija present 417 persons`, ""},
		{3, centre, "/situation", `Gevgelija present 417 persons`, ""},
		{3, town, "publish practice --set title=Ferries --set problem=Rain --set solution=Numbers --set place=MK-405", "", "practice"},
		{3, centre, "answer {practice} adopt", "", "adoption"},
		{3, neighbour, "list practices", `{practice} Ferries Gevgelija ` + string(centre), ""},
		{3, town, "/library", `Ferries ` + t + ` Gevgelija 1 `, ""},

		{4, centre, "publish strategy --set title=Reception --set level=national --set objectives.0.text=Beds" + years, "", "national"},
		{4, town, "publish strategy --set title=Places --set place=MK-405 --set objectives.0.text=Tents --set objectives.0.supports={national}#1" + years, "", "local"},
		{4, centre, "list alignment", `{national} 1 national Beds {local}#1`, ""},
		{4, centre, "list coverage", `national mk 1 1 1 1 0 0 1 0 .*local mk 1 3 1 1 1 0`, ""},
		{4, centre, "/policy/alignment", `local · North Macedonia 1 of 3 1 of 1 0 .*Supported by 1 Tents ` + t + ` .*Supports: {national}#1`, ""},

		{5, centre, "publish plan --set title=Winter --set status=proposed --set currency=EUR --set territory=MK-405 --set period=2016-01-01/2017-01-01" + stoves, "", "plan"},
		{5, centre, "import plan.csv --plan {plan} --reason prices", "", "version"},
		{5, town, "answer {version} cosign", "", "signature"},
		{5, centre, "list plans", `{plan} agreed Winter 8400 EUR .*version 2: 1 of 1`, ""},
		{5, centre, "list plan-sums", `source local_budget EUR 8400 8400`, ""},
		{5, town, "/funds", `Winter agreed version 2: signed by 1 of 1 EUR · Required 8,400 `, ""},
		{5, centre, "/funds/plan", `Winter agreed version 2: signed by 1 of 1 EUR · Required 8,400 `, ""},

		{6, town, "publish request --set lines.0.type=interpreter --set lines.0.quantity=70 --set deliver_to.place=MK-405 --set answer_by=2015-11-12T12:00:00Z", "", "request"},
		{6, centre, "answer {request} offer --line 1=30", "", "offer"},
		{6, centre, "list solidarity", t + ` [\d.]+ 80.0 % .* 0.834 .* 0.216 `, ""}, // 417 people in 500 places, 90 of them children
		{6, centre, "/help/solidarity", t + ` .* 80.0 % .* 0.834 .* 0.216 `, ""},

		{7, centre, "publish project --set title=Queues --set period=2015-01-01/2036-01-01 --set objectives.0.text=Order --set partners=" + n, "", "project"},
		{7, neighbour, "answer {project} accept", "", "acceptance"},
		{7, centre, "list projects", `{project} under way Queues gr mk .*confirmed by 1 of 1`, ""},
		{7, centre, "/policy/project", `Queues under way Greece, North Macedonia · confirmed by 1 of 1`, ""},
		{7, town, "publish route" + crossing + "open", "", "open"},
		{7, neighbour, "publish route" + crossing + "closed", "", "closed"},
		{7, centre, "list routes", `Bogorodica ` + n + ` both closed, contradicted in state .*Bogorodica ` + t + ` both open`, ""},
		{7, centre, "/situation/routes", `Bogorodica the two sides disagree ` + n + ` closed both ways .*` + t + ` open both ways`, ""},
		{7, town, "list requests", `{request} ` + t + ` 1 interpreter 70 30 0 0 70`, ""},
		{7, town, "/help", `interpreters 70 persons 30 0 70`, ""},
		{3, centre, "/help", `interpreters 70 persons 30 0 70`, ""},

		{8, centre, "answer {report} verify --set basis=observed --set field=present", "", "verification"},
		{8, fund, "answer {report} confirm --set basis=used --set field=sheltered", "", "confirmation"},
		{8, neighbour, "answer {report} dispute --set basis=observed --set field=children --set reason=Twice", "", "dispute"},
		{8, town, "/record/{report}", `dispute ` + n + ` · children · observed Twice confirm ` + f + ` · sheltered .*verify, as the authority for the place or above it ` + string(centre) + ` · present`, ""},
		{8, town, "list unverified", `Gevgelija children 90 persons .{1,40} ` + t + ` {report} .{1,20} Gevgelija sheltered 365`, ""}, // and present no longer between them
		{8, town, "/situation", `Gevgelija present 417 persons [^·]* · verified`, ""},
		{8, town, "list contradictions", `Bogorodica state ` + n + ` closed .* ` + t + ` open`, ""},
		{8, town, "/situation/contradictions", `Bogorodica They differ in the state. ` + n + ` closed .* ` + t + ` open`, ""},

		{9, town, "publish needs --set place=MK-405" + showers, "", "needs"},
		{9, centre, "list needs", t + ` Gevgelija shower 33 .* open {needs}`, ""},
		{9, town, "/needs/new", `Filled in from {needs}`, ""},
		{6, centre, "list unmet", t + ` Gevgelija 2 shower 33 33 piece open`, ""},
		{9, centre, "list due", string(silent) + ` report never`, ""},
		{9, centre, "/situation/reporting", string(silent) + ` situation report never heard`, ""},
		{9, centre, "remind " + string(silent) + " report", "", "reminder"},

		{10, fund, "publish capacity --set place=MK" + seats, "", "seats"},
		{10, town, "list matches", t + ` {has} 1 training_seat 9 1 ` + f + ` {seats} covers 9 of 9`, ""},
		{10, centre, "/help/capacity", f + ` North Macedonia training seats 12 seats 40`, ""},
		{10, town, "/library", f + ` training seats 12 seats Training wanted ` + t + ` → ` + f, ""},
		{10, town, "/capacity/new", `Filled in from {has}`, ""},

		{11, fund, "answer {needs} pledge --set amount=6000 --set currency=EUR", "", "pledge"},
		{11, centre, "list unfunded", `Gevgelija wash EUR 6600 0 0 0 0 6000 6600`, ""},
		{11, fund, "answer {pledge} commit --set amount=5500", "", "commitment"},
		{11, fund, "answer {commitment} pay", "", "payment"},
		{11, town, "answer {pledge} receive", "", "receipt"},
		{11, town, "answer {pledge} report --set spent=5100", "", "account"},
		{11, centre, "list flows", `{pledge} ` + f + ` ` + t + ` EUR 500 5500 5500 5500 5100 reported reconciled`, ""},
		{11, centre, "list funds", `EUR 2 20500 185500 185500 185500 155100`, ""}, // with the demonstration's 200,000, 180,000 and 150,000
		{11, centre, "/funds", f + ` → ` + t + ` Gevgelija[^→]*EUR 5,500 5,500 5,500 500 reported reconciled .* 6,600 EUR 5,500 5,500 500 1,100 EUR`, ""},

		{12, hub, "member invite gr.crete.demo-harbour --level municipality --no-link", `vardar1\.`, ""},
		{12, hub, "/network/invite?institution=gr.crete.demo-ferry&level=municipality&valid_for=7", `vardar1\.`, ""},
		{12, centre, "list members", `gr.crete.demo-ferry invited municipality .*gr.crete.demo-harbour invited municipality`, ""},
		{12, hub, "/network", `gr.crete.demo-ferry municipality .*gr.crete.demo-harbour municipality`, ""},
		{12, town, "list pool", f + ` North Macedonia training_seat 12 40 seats`, ""},
		{12, town, "/help/capacity", f + ` North Macedonia training seats 12 seats 40`, ""},
		{12, hub, "publish report --regional all --set period=2015-11-10", "", "sum"},
		{12, centre, "list regional", `{sum} .* present Gevgelija ` + t + ` 417 persons .*adds up`, ""},
		{12, town, "/regional", `2015-11-10 00:00 – 2015-11-11 00:00 adds up ` + string(hub), ""},

		{2, centre, "publish outcome --set thread={consultation} --set decision=Arrivals --set considered.0.response={response} --set considered.0.consideration=partly --set considered.0.reason=December", "", "outcome"},
		{2, town, "list consultations", `{consultation} concluded Beds\? .* 1 1 0`, ""},
		{2, town, "/policy", `Concluded .*Beds\? Decision: Arrivals ` + string(centre) + ` .* 1 of 1`, ""},
		{2, town, "/policy/consultation/{consultation}", `Arrivals .*December`, ""},
	}
}

// consulted is how long answers are taken: all that is done before the outcome takes about as long.
const consulted = 20 * time.Second

// TestTwelveRecommendationsAreDoneByPageAndCommand holds the README's table to its word: what a step does is
// said by the next ones, mostly at another's node.
func TestTwelveRecommendationsAreDoneByPageAndCommand(t *testing.T) {
	ctx, kill := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Minute) // a bound on hanging
	home := folder(t)
	cmd := exec.CommandContext(ctx, "vardar", "demo", "november", "--day", "0s", "--keep", filepath.Join(home, "nodes"))
	cmd.Env = append(os.Environ(), "TMPDIR="+folder(t), "TEST_SCREEN=1", "NO_COLOR=1")
	told, err := cmd.StdoutPipe()
	t.Cleanup(func() { kill(); _ = cmd.Wait() }) // it is killed
	if err = errors.Join(err, cmd.Start(), os.WriteFile(filepath.Join(home, "plan.csv"), []byte(repriced), 0o600)); err != nil {
		t.Fatal(err)
	}
	h := &hearer{t: t, lines: bufio.NewScanner(told)}
	last := h.invitations("To click: the nodes run again, until Ctrl-C")
	h.until("Ctrl-C ends the demonstration.")
	readers := map[protocol.InstitutionID]*browser{}
	for _, id := range []protocol.InstitutionID{federation.CrisisCentre, federation.SouthGate, federation.Secretariat} {
		readers[id] = last[id.LocalName()].enter(t)
	}
	var known []string
	for _, s := range askedInSkopje() {
		fill := strings.NewReplacer(known...)
		s.do, s.want = fill.Replace(s.do), fill.Replace(s.want)
		found := s.until(t, home, readers[s.at])
		if closes, other := time.Parse(time.RFC3339, found); other == nil {
			found = closes.Add(consulted).Format(time.RFC3339)
		}
		known = append(known, "{"+s.as+"}", found)
	}
}

// until does a step until it says what is wanted: what others said may still be on its way. It gives the first
// part of it in brackets, or else the record that it tells of.
func (s *asked) until(t *testing.T, home string, reader *browser) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // a bound on hanging
	defer cancel()
	tick := time.NewTicker(250 * time.Millisecond) // a node answers no more than so often
	defer tick.Stop()
	for {
		said, err := "", error(nil)
		switch path, fields, sent := strings.Cut(s.do, "?"); {
		case sent && strings.HasPrefix(path, "/"):
			form, _ := url.ParseQuery(fields) // of the table
			said = words(reader.post(path, form))
		case strings.HasPrefix(path, "/"):
			said = words(reader.get(path))
		default:
			cmd := exec.CommandContext(ctx, "vardar", append([]string{"--dir", filepath.Join("nodes", string(s.at))}, strings.Fields(s.do)...)...)
			cmd.Dir = home
			var out []byte
			out, err = cmd.CombinedOutput()
			said = strings.Join(strings.Fields(string(out)), " ")
		}
		if m := regexp.MustCompile(s.want).FindStringSubmatch(said); err == nil && m != nil {
			if len(m) > 1 {
				return m[1]
			}
			return regexp.MustCompile(`[a-z.-]+/[a-z]+\.\d+\.\d+`).FindString(said)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("recommendation %d: %s at %s does not say %s (%v):\n%s", s.row, s.do, s.at, s.want, err, said)
		}
	}
}

// TestReadmeNamesForTheTwelveRecommendationsWhatIsDone: each page and each command that a row of its table
// names is a step of that row.
func TestReadmeNamesForTheTwelveRecommendationsWhatIsDone(t *testing.T) {
	_, table, _ := strings.Cut(readme(t), "## What was asked for in Skopje")
	table, _, _ = strings.Cut(table, "\n## ")
	rows := regexp.MustCompile(`(?m)^\| \d+ \|[^|]*\|([^|]*)\|([^|]*)\|`).FindAllStringSubmatch(table, -1)
	if len(rows) != 12 {
		t.Errorf("%d rows, want 12", len(rows))
	}
	quoted, given := regexp.MustCompile("`([^`]+)`"), regexp.MustCompile(`[A-Z]{2,}`)
	for i, row := range rows {
		pages, commands := quoted.FindAllStringSubmatch(row[1], -1), quoted.FindAllStringSubmatch(row[2], -1)
		if len(pages) == 0 || len(commands) == 0 {
			t.Errorf("recommendation %d names no page, or no command", i+1)
		}
		before := ""
		for _, named := range slices.Concat(pages, commands) {
			pattern, command := strings.CutPrefix(named[1], "vardar ")
			if !command && !strings.HasPrefix(pattern, "/") { // a word in the place of the last one
				pattern = before[:strings.LastIndex(before, " ")+1] + pattern
			}
			before = pattern
			done := regexp.MustCompile(`^` + given.ReplaceAllString(regexp.QuoteMeta(pattern), `\S+`) + `([ ?]|$)`)
			if !slices.ContainsFunc(askedInSkopje(), func(s asked) bool { return s.row == i+1 && done.MatchString(s.do) }) {
				t.Errorf("recommendation %d: no step does %s", i+1, pattern)
			}
		}
	}
}

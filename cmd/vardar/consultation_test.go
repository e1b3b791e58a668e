package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestAnswersAreToldAsTheyWereGiven: with the words of the version that they are to, and what became of them behind the closing.
func TestAnswersAreToldAsTheyWereGiven(t *testing.T) {
	name := func(text string) protocol.Name {
		t.Helper()
		n, err := protocol.ParseName(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	question, mended := name("mk.national.crisis-centre/policy.1.1"), name("mk.national.crisis-centre/policy.1.2")
	town := board.ConsultationAnswer{Record: name("mk.southeast.gevgelija/policy.1.1"), Position: body.PositionSupport, Option: 1, State: board.AnswerCounts}
	fresh, back, gone := town, town, board.ConsultationAnswer{Record: town.Record, State: board.AnswerErased}
	fresh.Read, back.Option = mended, 2
	back.TakenBack = &board.TakenBack{Record: name("mk.southeast.gevgelija/policy.1.2"), AuthorTime: 1, Reason: "never said so"}
	gone.Erased = &board.TakenBack{Record: name("mk.national.crisis-centre/policy.1.3"), AuthorTime: 1, Reason: "it named a person"}
	h := api.Hearing{}
	h.Record, h.Correction, h.Options = question, mended, []body.Label{"by beds"}
	h.Before = []board.Asked{{Record: question, Options: []body.Label{"by residents", "by arrivals"}}}
	for _, a := range []board.ConsultationAnswer{town, fresh, back, gone} {
		h.Respondents = append(h.Respondents, api.Respondent{ConsultationAnswer: a})
	}
	var got []string
	for _, row := range respondents(&h).rows {
		got = append(got, row[1]+" | "+row[2]+" | "+row[3])
	}
	if diff := cmp.Diff([]string{
		"counts | support: by residents (before it was put right) | ",
		"counts | support: by beds | ",
		"counts, taken back 1970-01-01 00:00: never said so | support: by arrivals (before it was put right) | ",
		"erased |  | by mk.national.crisis-centre 1970-01-01 00:00: it named a person",
	}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

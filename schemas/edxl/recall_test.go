package edxl_test

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
	"github.com/vardar-network/vardar/schemas/edxl"
)

// TestValidatorSeesWhatIsWrong: the table would be of no use if it let everything pass.
func TestValidatorSeesWhatIsWrong(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		commit := drawer{r}.told(body.StepCommit, body.Provider, body.StepAccept).Data
		for _, planted := range [][2]string{
			{"+00:00</rmsg:SentDateTime>", "Z</rmsg:SentDateTime>"},
			{"<rm:ResponseType>Accept<", "<rm:ResponseType>Decline<"},
			{"rmsg:Quantity>", "rm:Quantity>"},
			{"rmsg:PrecedingMessageID>", "rmsg:Preceding>"},
			{">CommitResource</rmsg:MessageContentType>", ">RequestResource</rmsg:MessageContentType>"},
		} {
			if !bytes.Contains(commit, []byte(planted[0])) {
				continue
			}
			doc, err := read(bytes.ReplaceAll(commit, []byte(planted[0]), []byte(planted[1])))
			if err != nil || len(breaches(doc)) == 0 {
				r.Errorf("%q passes: %v", planted[1], err)
			}
		}
	})
}

// TestCancellationTakesBackTheMessageBefore: all of its lines, or it is an update that holds the rest.
func TestCancellationTakesBackTheMessageBefore(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		d := drawer{r}
		offered := rapid.Bool().Draw(r, "an offer")
		of, role := body.StepRequest, body.Requester
		want := "RequestResource"
		if offered {
			of, role, want = body.StepOffer, body.Provider, "ResponseToRequestResource"
		}
		answered := d.step(of, offered, river+"1")
		cancel := d.step(body.StepCancel, true, town+"2")
		for i := range cancel.Lines {
			cancel.Lines[i].Answers = 0
		}
		raw, err := body.Marshal(cancel, [16]byte{9})
		if err != nil {
			r.Fatal(err)
		}
		m := &edxl.Message{
			Record: name(r, town+"9"), Sent: begun.Instant(), Handling: protocol.Green, Said: cancel, Raw: raw, Role: role, Answered: answered,
			Recalls: &edxl.Recalled{Record: name(r, town+"2"), Sent: begun.Instant() - 1, Thread: name(r, town+"1")}, Sender: edxl.Office{Institution: "Town"},
		}
		out, err := edxl.Write(m)
		if err != nil {
			r.Fatal(err)
		}
		doc, err := read(out.Data)
		if err != nil {
			r.Fatal(err)
		}
		for _, wrong := range breaches(doc) {
			r.Errorf("%s\n%s", wrong, out.Data)
		}
		left := max(0, len(answered.Lines)-len(cancel.Lines))
		recall, lines := doc.message().at("MessageRecall"), doc.message().all("ResourceInformation")
		sort, many := "Cancel", len(answered.Lines)
		if left > 0 {
			sort, many = "Update", left
		}
		if out.Name != want || recall.at("RecallType").text != sort || recall.at("RecallMessageID").text != town+"2" || len(lines) != many || doc.at("distributionType").text != sort {
			r.Errorf("it is %s, %s of %s with %d lines; want %s, %s with %d", out.Name, recall.at("RecallType").text, recall.at("RecallMessageID").text, len(lines), want, sort, many)
		}
		if doc.message().at("OriginatingMessageID").text != town+"1" {
			r.Errorf("it is of the thread %s", doc.message().at("OriginatingMessageID").text)
		}
	})
}

func TestRecordThatIsNoMessage(t *testing.T) {
	step := &body.ResourceStep{Step: body.StepCommit}
	step.Thread = name(t, town+"1")
	note := &body.Note{Topic: protocol.Resource, Text: "a\x00b"}
	for _, tt := range []struct {
		said body.Body
		want error
	}{{step, edxl.ErrAnswered}, {&body.Capacity{}, edxl.ErrNoMessage}, {note, edxl.ErrCharacter}} {
		if _, err := edxl.Write(&edxl.Message{Record: name(t, town+"1"), Handling: protocol.Green, Said: tt.said, Raw: []byte("{}")}); !errors.Is(err, tt.want) {
			t.Errorf("Write() of %T = %v, want %v", tt.said, err, tt.want)
		}
	}
}

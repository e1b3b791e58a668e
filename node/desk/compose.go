package desk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// readDocument reads the JSON object that a person gave as a body, strictly: a member
// that stands twice would be one that somebody did not mean.
func readDocument(raw json.RawMessage) (map[string]any, error) {
	if len(raw) == 0 {
		return map[string]any{}, nil
	}
	if len(raw) > protocol.MaxBodyBytes {
		return nil, tooLong(len(raw))
	}
	if _, err := protocol.DecodeJSON(raw, &struct{}{}); err != nil {
		p := misfit(err, "vardar publish --help")
		if errors.Is(err, protocol.ErrJSONSyntax) && p.Mend == "" {
			p.Mend = "want one JSON object, such as {\"summary\": \"quiet\"}"
		}
		return nil, p
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var doc map[string]any
	if err := dec.Decode(&doc); err != nil {
		return nil, misfit(err, "vardar publish --help")
	}
	if _, salted := doc["salt"]; salted {
		return nil, &Problem{Kind: Refused, Field: "salt", Detail: "a salt is made anew for every record", Mend: "leave it out", Rule: protocol.RuleName(protocol.ErrSalt)}
	}
	return doc, nil
}

func tooLong(n int) error {
	return &Problem{
		Kind: Refused, Detail: fmt.Sprintf("the body is %d bytes long, and a record's is at most %d", n, protocol.MaxBodyBytes),
		Mend: "shorten it, or say it in several records", Rule: protocol.RuleName(protocol.ErrBodyTooLong), Err: protocol.ErrBodyTooLong,
	}
}

// writeDocument writes a body without its salt.
func writeDocument(doc map[string]any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(doc); err != nil {
		return nil, fmt.Errorf("write body: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// salted puts a fresh salt before the members of a document.
func (d *Desk) salted(document []byte) ([]byte, error) {
	var salt [16]byte
	if _, err := io.ReadFull(d.o.Rand, salt[:]); err != nil {
		return nil, fmt.Errorf("draw a salt: %w", err)
	}
	return saltedWith(salt, document), nil
}

// documentOf reads the body of a record, without its salt.
func documentOf(raw []byte) (map[string]any, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var doc map[string]any
	if err := dec.Decode(&doc); err != nil {
		return nil, misfit(err, "")
	}
	delete(doc, "salt")
	return doc, nil
}

// compose makes the document of a record: what an earlier one said, over it the members
// of the body given, over these the single fields, and what can be filled in without a
// person.
func (d *Desk) compose(as protocol.InstitutionID, recordType string, r *Request) (map[string]any, error) {
	kind, err := body.New(recordType)
	if err != nil {
		return nil, misfit(err, "")
	}
	doc := map[string]any{}
	if r.From != "" {
		if doc, err = d.prefilled(as, recordType, r); err != nil {
			return nil, err
		}
	}
	given, err := readDocument(r.Body)
	if err != nil {
		return nil, err
	}
	maps.Copy(doc, given)
	wrong := r.wrong
	if err := d.setAll(doc, kind, r.Set, &wrong); err != nil {
		return nil, err
	}
	if r.Form {
		if err := readAmounts(doc, nil, kind, &wrong); err != nil {
			return nil, err
		}
	}
	if err := wrong.add(attach(recordType, doc, r.Attach)); err != nil {
		return nil, err
	}
	d.fill(as, recordType, r, doc)
	switch recordType {
	case body.TypeResponse:
		if err := d.fillVersion(r.world, doc, false); err != nil {
			return nil, err
		}
	case body.TypeOutcome:
		if err := wrong.add(d.fillRead(r.world, doc, nil)); err != nil {
			return nil, err
		}
	}
	if err := wrong.add(d.chooseOption(recordType, r.world, doc)); err != nil {
		return nil, err
	}
	if err := wrong.add(d.checkScope(recordType, r, doc)); err != nil {
		return nil, err
	}
	drawn := d.drawUp(as, recordType, r, doc)
	if err := wrong.add(drawn); err != nil {
		return nil, err
	}
	if err := wrong.add(d.digests(doc)); err != nil {
		return nil, err
	}
	if len(wrong.found) == 0 {
		return doc, nil
	}
	if drawn == nil { // else what it lacks is what would have been added up
		if err := wrong.addBody(recordType, doc, "vardar publish "+shortName(recordType)+" --help"); err != nil {
			return nil, err
		}
	}
	return nil, wrong.problem()
}

// setAll reads the period of a document, puts each of several assignments into it, and gathers what is wrong with them.
func (d *Desk) setAll(doc map[string]any, kind body.Body, set []string, wrong *gathered) error {
	if err := wrong.add(d.readPeriod(doc, kind)); err != nil {
		return err
	}
	for _, assignment := range wrong.without(slices.Clone(set)) {
		if err := wrong.add(d.set(doc, kind, assignment)); err != nil {
			return err
		}
	}
	return nil
}

// digests completes references that name a record without its digest, and considerations
// that name an answer so.
func (d *Desk) digests(doc map[string]any) error {
	refs, _ := doc["refs"].([]any)
	considered, _ := doc["considered"].([]any)
	for i, entry := range slices.Concat(refs, considered) {
		ref, ok := entry.(map[string]any)
		if !ok || ref["digest"] != nil {
			continue
		}
		member := "record"
		if i >= len(refs) {
			member = "response"
		}
		text, _ := ref[member].(string)
		n, err := protocol.ParseName(text)
		if err != nil {
			continue // body.Parse says so
		}
		h, err := d.held(n)
		if err != nil {
			return err
		}
		ref["digest"] = h.Digest.String()
	}
	return nil
}

package api_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/desk"
)

// FuzzQuestion reads bytes as each of the questions that the API takes. What is read is one
// object with each member once; anything else is refused in words.
func FuzzQuestion(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`, `[]`, `"x"`, `{"as":"mk.national.centre"}`, `{"as":"a","as":"b"}`, `{"as":"a"}{}`, `{"as":"a"} x`, `{"AS":"a","as":"b"}`,
		`{"body":{"salt":"x","text":"a","text":"b"}}`, `{"as":"\ud800"}`, "{\"as\":\"\xff\"}", `{"unknown":1}`,
		`{"as":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + `}`, `{"body":{"a":1e999}}`, `{"as":1}`, "\xef\xbb\xbf{}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, q := range []any{
			&desk.Request{}, &desk.AnswerRequest{}, &desk.CorrectRequest{}, &desk.EraseRequest{}, &desk.InviteRequest{}, &desk.AdmitRequest{},
			&desk.RotateRequest{}, &desk.CloseRequest{}, &desk.BackupRequest{}, &desk.AddLinkRequest{}, &desk.DraftCharterRequest{},
			&desk.PublishCharterRequest{}, &desk.AcceptCharterRequest{},
		} {
			err := api.StrictJSON(data, q)
			var p *desk.Problem
			switch {
			case err == nil:
				if why := oneObject(data); why != nil {
					t.Errorf("%T was read from %q: %v", q, data, why)
				}
			case !errors.As(err, &p) || p.Kind != desk.Usage || p.Detail == "" || p.Mend == "":
				t.Errorf("%T is refused without words: %v", q, err)
			}
		}
	})
}

// oneObject says why data is not one JSON object that has each member once at any depth.
func oneObject(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	first, err := d.Token()
	if err != nil || first != json.Delim('{') {
		return fmt.Errorf("it begins with %v: %w", first, err)
	}
	if err := members(d); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something stands behind the object")
	}
	return nil
}

// members reads the rest of an object.
func members(d *json.Decoder) error {
	seen := map[string]bool{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := key.(string)
		if seen[name] {
			return fmt.Errorf("member %q stands twice", name)
		}
		seen[name] = true
		if err := value(d); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

func value(d *json.Decoder) error {
	t, err := d.Token()
	switch {
	case err != nil:
		return err
	case t == json.Delim('{'):
		return members(d)
	case t != json.Delim('['):
		return nil
	}
	for d.More() {
		if err = value(d); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

package schemas_test

import (
	"bytes"
	"encoding"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"

	"github.com/vardar-network/vardar/protocol"
)

var errOtherwise = errors.New("written otherwise than it was read")

func checkHave(raw []byte) (any, error) {
	var c struct {
		Group  protocol.Group
		Rows   []protocol.HaveRow
		Groups map[string]string
		Row    string
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, err
	}
	switch {
	case c.Row != "":
		var r protocol.HaveRow
		return nil, r.UnmarshalJSON([]byte(c.Row))
	case c.Groups != nil:
		var answer protocol.HaveAnswer
		text, _ := json.Marshal(map[string]any{"v": 1, "groups": c.Groups})
		if err := protocol.DecodeControl(text, &answer); err != nil {
			return nil, err
		}
		return map[string]string{"digest": protocol.HavesDigest(answer.Groups).Hex()}, nil
	}
	sum := protocol.GroupDigest(c.Group, c.Rows)
	var sorted []string
	for _, r := range c.Rows {
		sorted = append(sorted, hex.EncodeToString(r.AppendRow(nil)))
	}
	return map[string]any{"sorted": sorted, "digest": sum.Hex()}, nil
}

func checkBeacon(raw []byte) (any, error) {
	var c struct{ Text string }
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, err
	}
	b, err := protocol.ParseBeacon([]byte(c.Text))
	if err != nil {
		return nil, err
	}
	if string(b.Wire()) != c.Text {
		return nil, errOtherwise
	}
	heads := []string{}
	for _, h := range b.Heads {
		position := protocol.Position{Topic: h.Topic, Epoch: h.Epoch, Sequence: h.Sequence}
		heads = append(heads, strings.ReplaceAll(position.String(), ".", " ")+" "+h.Digest.Hex())
	}
	return map[string]any{"institution": b.Institution, "time": b.Time, "key": b.Key, "heads": heads}, nil
}

func checkCharter(raw []byte) (any, error) {
	var c struct {
		Document, Envelope   string
		Common, After, Rival string // envelopes of versions before it
		Read                 struct {
			Registrars, Keys map[protocol.InstitutionID]string
		}
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, err
	}
	var s protocol.SignedCharter
	if err := s.UnmarshalJSON([]byte(c.Envelope)); err != nil {
		return nil, err
	}
	if c.Document != string(s.Document) {
		return nil, errOtherwise
	}
	charter, err := verifyCharter(&s, c.Common, c.After, c.Rival)
	if err != nil {
		return nil, err
	}
	registrars, keys := map[protocol.InstitutionID]string{}, map[protocol.InstitutionID]string{}
	for id := range c.Read.Registrars {
		registrar, _ := charter.RegistrarOf(id)
		registrars[id] = string(registrar)
	}
	for id := range c.Read.Keys {
		keys[id] = ""
		if key, ok := charter.KeyOf(id); ok {
			keys[id] = key.String()
		}
	}
	return map[string]any{
		"digest": s.Digest().Hex(), "network": charter.Network, "newer": append([]string{}, charter.Newer...),
		"registrars": registrars, "keys": keys,
	}, nil
}

// verifyCharter verifies a version against those before it, as far as a case gives them.
func verifyCharter(s *protocol.SignedCharter, envelopes ...string) (*protocol.Charter, error) {
	before := make([]protocol.SignedCharter, len(envelopes))
	for i, e := range envelopes {
		if e == "" {
			continue
		}
		if err := before[i].UnmarshalJSON([]byte(e)); err != nil {
			return nil, err
		}
	}
	switch common, after, rival := &before[0], &before[1], &before[2]; {
	case common.Document != nil:
		return s.VerifyEnding(common, after, rival)
	case after.Document != nil:
		return s.VerifyAfter(after)
	}
	return s.Verify()
}

func checkInvitation(raw []byte) (any, error) {
	var c struct{ Line string }
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, err
	}
	v, err := protocol.ParseInvitation(c.Line)
	if err != nil {
		return nil, err
	}
	if v.Line() != strings.TrimSpace(c.Line) {
		return nil, errOtherwise
	}
	read := map[string]any{
		"network": v.Network, "charter": v.Charter.Hex(), "registrar": v.Registrar, "institution": v.Institution, "addresses": v.Addresses,
		"listener": v.Listener, "listener_key": v.ListenerKey, "claim": protocol.KeyOf(v.Claim), "expires": v.Expires.Format("2006-01-02T15:04:05Z"),
		"check_words": protocol.CheckWords(c.Line),
	}
	if v.Neighbour != nil {
		read["neighbour"] = v.Neighbour
	}
	if !v.Settled.IsZero() {
		read["settled"] = v.Settled.Hex()
	}
	return read, nil
}

func checkPolicy(raw []byte) (any, error) {
	var c struct {
		Envelope string
		Keys     map[protocol.InstitutionID]protocol.Key
		Read     struct{ Carries map[string]bool }
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, err
	}
	var s protocol.SignedPolicy
	if err := s.UnmarshalJSON([]byte(c.Envelope)); err != nil {
		return nil, err
	}
	p, err := s.Verify(c.Keys)
	if err != nil {
		return nil, err
	}
	carries := map[string]bool{}
	for question := range c.Read.Carries {
		side, group, _ := strings.Cut(question, " ")
		g, err := protocol.ParseGroup(group)
		if err != nil {
			return nil, err
		}
		carries[question] = p.From(map[string]protocol.InstitutionID{"a": p.A, "b": p.B}[side]).Carries(g)
	}
	return map[string]any{"digest": s.Digest().Hex(), "number": p.Number, "carries": carries}, nil
}

func checkSealed(raw []byte) (any, error) {
	var c struct {
		Record    protocol.Name
		Plaintext pieces
		Author    protocol.InstitutionID
		To        []protocol.InstitutionID
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, err
	}
	if c.To != nil {
		return map[string]any{}, protocol.CheckRecipients(c.Author, c.To)
	}
	u, err := protocol.ParseUnsealed(c.Plaintext.bytes(), c.Record)
	if err != nil {
		return nil, err
	}
	if again, err := u.Pad(); err != nil || !bytes.Equal(again, c.Plaintext.bytes()) {
		return nil, errors.Join(errOtherwise, err)
	}
	return map[string]any{"type": u.Type, "body": string(u.Body)}, nil
}

func checkControl(raw []byte) (any, error) {
	var c struct {
		Message, Text string
		Parts         pieces
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, err
	}
	given := []byte(c.Text)
	if c.Parts != nil {
		given = c.Parts.bytes()
	}
	make := func() any {
		switch c.Message {
		case "hello":
			return new(protocol.Hello)
		case "have":
			return new(protocol.HaveAnswer)
		case "rows_question":
			return new(protocol.RowsQuestion)
		case "rows":
			return new(protocol.RowsAnswer)
		case "bisect_question":
			return new(protocol.BisectQuestion)
		case "bisect":
			return new(protocol.BisectAnswer)
		case "range_question":
			return new(protocol.RangeQuestion)
		case "bodies_question":
			return new(protocol.BodiesQuestion)
		case "charter_question":
			return new(protocol.CharterQuestion)
		case "own_question":
			return new(protocol.OwnQuestion)
		case "beacons":
			return new(protocol.BeaconsMessage)
		case "beacons_answer":
			return new(protocol.BeaconsAnswer)
		case "file_question":
			return new(protocol.FileQuestion)
		case "acknowledgement":
			return new(protocol.Acknowledgement)
		}
		return new(protocol.ErrorAnswer)
	}
	first, second := make(), make()
	if err := protocol.DecodeControl(given, first); err != nil {
		return nil, err
	}
	if a, ok := first.(*protocol.Acknowledgement); ok && len(a.Runs) > 0 && a.Runs[0].Outcome == protocol.Forked {
		r, err := a.Runs[0].Held()
		if err = errors.Join(err, r.Verify()); err != nil {
			return nil, err
		}
	}
	text, err := json.Marshal(first)
	if err != nil {
		return nil, err
	}
	if err := protocol.DecodeControl(text, second); err != nil {
		return nil, err
	}
	if again, err := json.Marshal(second); err != nil || !bytes.Equal(again, text) {
		return nil, errors.Join(errOtherwise, err)
	}
	return map[string]any{}, nil
}

func checkText(raw []byte) (any, error) {
	var c struct{ Kind, Text string }
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, err
	}
	values := map[string]interface {
		encoding.TextMarshaler
		encoding.TextUnmarshaler
	}{
		"institution": new(protocol.InstitutionID), "feed": new(protocol.Feed), "group": new(protocol.Group), "epoch": new(protocol.EpochID),
		"name": new(protocol.Name), "instant": new(protocol.Instant), "key": new(protocol.Key), "digest": new(protocol.Digest),
		"signature": new(protocol.Signature), "topic": new(protocol.Topic), "handling": new(protocol.Handling),
	}
	v := values[c.Kind]
	if err := v.UnmarshalText([]byte(c.Text)); err != nil {
		return nil, err
	}
	if text, err := v.MarshalText(); err != nil || string(text) != c.Text {
		return nil, errors.Join(errOtherwise, err)
	}
	return map[string]any{}, nil
}

func checkLink(raw []byte) (any, error) {
	var c struct {
		Kind, Text, Nonce, Reply, Asks, Header string
		Dialler, Listener, Institution         protocol.InstitutionID
		Use                                    protocol.KeyUse
		Key, Identity                          protocol.Key
		Signature                              protocol.Signature
		Token                                  protocol.LinkToken
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, err
	}
	var text []byte
	var err error
	switch c.Kind {
	case "token":
		return map[string]any{"token": protocol.TokenOf(c.Dialler, c.Listener)}, nil
	case "reply":
		return map[string]any{"answered": c.Token.AnswersTo(c.Reply) && c.Asks == "dialler" || c.Token.AnsweredBy(c.Reply) && c.Asks == "listener"}, nil
	case "subject":
		var r protocol.Record
		r, err = protocol.ParseBlock([]byte(c.Header))
		return map[string]any{"subject": protocol.LogSubject(&r)}, err
	case "link":
		text, err = protocol.LinkText(c.Institution, c.Listener, c.Nonce)
	case "join":
		text, err = protocol.JoinText(c.Institution, c.Listener, c.Nonce)
	case "proof":
		text, err = protocol.KeyProofText(c.Institution, c.Use, c.Key), protocol.CheckKeyProof(c.Institution, c.Use, c.Key, c.Signature)
	case "claim":
		text = protocol.ClaimText(c.Institution, c.Identity)
	}
	switch {
	case err != nil:
		return nil, err
	case string(text) != c.Text || !c.Key.Verify(text, c.Signature):
		return nil, errOtherwise
	}
	return map[string]any{}, nil
}

func checkEd25519(raw []byte) (any, error) {
	var c struct {
		Key, Message string
		Signature    protocol.Signature
		Verifies     bool
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, err
	}
	key, err := protocol.ParseKey(c.Key)
	if err != nil {
		return nil, err
	}
	if key.Verify([]byte(c.Message), c.Signature) != c.Verifies {
		return nil, errors.New("verifies, or doesn't, against the vector")
	}
	return nil, nil
}

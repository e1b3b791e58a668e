package keys

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"filippo.io/age"
	"filippo.io/age/plugin"

	"github.com/vardar-network/vardar/protocol"
)

// token is an age plugin's identity file: comments, among them perhaps the recipient, and
// one line AGE-PLUGIN-NAME-1…, which names the token and is no secret.
type token struct {
	text      []byte
	name      string
	identity  string
	recipient string // "" if the file does not say
}

func parseToken(path string, text []byte) (token, error) {
	t := token{text: text}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		comment, isComment := strings.CutPrefix(line, "#")
		switch {
		case isComment:
			for _, word := range strings.Fields(comment) {
				if _, _, err := plugin.ParseRecipient(word); err == nil {
					t.recipient = word
				}
			}
		case line == "":
		default:
			t.identity += line // of two lines none is good
		}
	}
	name, _, err := plugin.ParseIdentity(t.identity)
	if err != nil {
		return t, fmt.Errorf("%s is not the identity file of an age plugin (mend: such as 'age-plugin-yubikey --identity' prints, one line AGE-PLUGIN-… and comments): %w", path, ErrToken)
	}
	t.name = name
	return t, nil
}

// ui is how a plugin speaks to people. What a question came to is kept in refused, since
// the plugin's own error does not say it.
func (o Options) ui(name string, refused *error) *plugin.ClientUI {
	ask := func(question string, secret bool) (answer string, err error) {
		if o.Prompt == nil {
			*refused = fmt.Errorf("it asks %q and nobody is there to answer (do this from a terminal)", question)
		} else if answer, err = o.Prompt(question, secret); err != nil {
			*refused = err
		}
		return answer, *refused
	}
	return &plugin.ClientUI{
		DisplayMessage: func(_, message string) error {
			o.Logger.Warn("token has a message", "plugin", name, "message", message)
			return nil
		},
		RequestValue: func(_, prompt string, secret bool) (string, error) { return ask(prompt, secret) },
		Confirm: func(_, prompt, yes, _ string) (bool, error) {
			answer, err := ask(prompt+" ["+yes+"]", false)
			return answer == "" || strings.EqualFold(answer, yes), err
		},
		WaitTimer: func(string) {
			o.Logger.Warn("token is waited for: touch it, or put it in", "plugin", name)
		},
	}
}

// seals gives the recipient of the token.
func (t token) seals(o Options) (age.Recipient, error) {
	ui := o.ui(t.name, new(error))
	if t.recipient != "" {
		r, err := plugin.NewRecipient(t.recipient, ui)
		return r, t.wrap(err)
	}
	i, err := plugin.NewIdentity(t.identity, ui)
	if err != nil {
		return nil, t.wrap(err)
	}
	return i.Recipient(), nil
}

// opener opens what is sealed to a token.
type opener struct {
	token
	o Options
}

// Unwrap asks the token. What goes wrong is [ErrToken], so that it is not taken for damage.
func (t opener) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	var refused error
	i, err := plugin.NewIdentity(t.identity, t.o.ui(t.name, &refused))
	if err != nil {
		return nil, t.wrap(err)
	}
	key, err := i.Unwrap(stanzas)
	if errors.Is(err, age.ErrIncorrectIdentity) {
		return nil, err
	}
	if refused != nil {
		err = refused
	}
	return key, t.wrap(err)
}

func (t token) wrap(err error) error {
	var missing *plugin.NotFoundError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &missing):
		return fmt.Errorf("age-plugin-%s is not installed (mend: install it so that it is on the PATH): %w", t.name, ErrToken)
	}
	return fmt.Errorf("age-plugin-%s: %w (mend: put the token in and try again): %w", t.name, err, ErrToken)
}

// tokenFile ends the name of what lies beside an identity key that is sealed to a token.
const tokenFile = ".token"

// readToken reads the token's file; false if there is none.
func readToken(path string) (token, bool, error) {
	text, err := readSmall(path)
	if errors.Is(err, fs.ErrNotExist) {
		return token{}, false, nil
	}
	if err != nil {
		return token{}, false, err
	}
	t, err := parseToken(path, text)
	return t, err == nil, err
}

func tokenName(identity string) string {
	t, _, _ := readToken(identity + tokenFile) // what is wrong with it is said when it is used
	return t.name
}

// sealIdentity gives the file of an identity key, which will lie at path: sealed to the
// token, if Options name one, and the recovery sheet, else to the unlock identity.
func (s *Safe) sealIdentity(path string, id protocol.InstitutionID, k secret) ([]byte, error) {
	if s.o.Token == "" {
		return sealSecret(id, protocol.UseIdentity, k, s.unlock.recipient)
	}
	t, there, err := readToken(s.o.Token)
	if err != nil {
		return nil, err
	}
	if !there {
		return nil, fmt.Errorf("%s is not there: %w", s.o.Token, ErrToken)
	}
	recipient, err := t.seals(s.o)
	if err != nil {
		return nil, err
	}
	recovery, err := age.ParseX25519Recipient(s.public().recovery)
	if err != nil {
		return nil, fmt.Errorf("recovery recipient: %w", ErrDamaged)
	}
	sealed, err := sealSecret(id, protocol.UseIdentity, k, recipient, recovery)
	if err != nil {
		return nil, t.wrap(err)
	}
	return sealed, replace(path+tokenFile, t.text)
}

// openers are what may open an identity key of the carrier: the token, if there is one,
// comes last, since it makes people get up.
func openers(o Options, identity string, by ...age.Identity) ([]age.Identity, error) {
	t, there, err := readToken(identity + tokenFile)
	if err != nil {
		return nil, err
	}
	if there {
		by = append(by, opener{t, o})
	}
	return by, nil
}

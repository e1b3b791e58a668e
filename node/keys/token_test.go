package keys_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/plugin"

	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/protocol"
)

// The token of these tests is this very binary under the name age-plugin-testtoken: an
// X25519 identity in a file stands for the chip. It asks for a PIN, and it is out of reach
// while the file is.
const (
	tokenName = "testtoken"
	tokenChip = "VARDAR_TEST_TOKEN_CHIP"
	tokenPIN  = "2468"
)

func tokenMain() int {
	p, err := plugin.New(tokenName)
	if err != nil {
		return 1
	}
	p.HandleRecipient(func(data []byte) (age.Recipient, error) { return age.ParseX25519Recipient(string(data)) })
	p.HandleIdentity(func([]byte) (age.Identity, error) {
		pin, err := p.RequestValue("PIN of the token?", true)
		if err != nil {
			return nil, err
		}
		if pin != tokenPIN {
			return nil, errors.New("wrong PIN")
		}
		chip, err := os.ReadFile(os.Getenv(tokenChip))
		if err != nil {
			return nil, errors.New("no token is plugged in")
		}
		return age.ParseX25519Identity(strings.TrimSpace(string(chip)))
	})
	return p.Main()
}

// newToken puts the plugin onto the PATH and gives its identity file and the chip.
func newToken(t *testing.T) (file, chip string) {
	t.Helper()
	dir := t.TempDir()
	self, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err = os.Symlink(self, filepath.Join(dir, "age-plugin-"+tokenName)); err != nil {
		t.Fatal(err)
	}
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	file, chip = filepath.Join(dir, "token.txt"), filepath.Join(dir, "chip")
	write(t, chip, identity.String()+"\n")
	write(t, file, "# Recipient: "+plugin.EncodeRecipient(tokenName, []byte(identity.Recipient().String()))+"\n"+plugin.EncodeIdentity(tokenName, []byte("slot 1"))+"\n")
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv(tokenChip, chip)
	return file, chip
}

func pin(is string) keys.Prompt {
	return func(string, bool) (string, error) { return is, nil }
}

func TestTokenSealsTheIdentityKey(t *testing.T) {
	file, chip := newToken(t)
	o := keys.Options{Dir: t.TempDir(), Token: file, Prompt: pin(tokenPIN)}
	var sheet *keys.Sheet
	o.Sheet = func(s *keys.Sheet) error { sheet = s; return nil }
	create(t, o)
	o.Token = "" // it is found beside the key
	s := open(t, o)
	trustChain(t, s, 2)
	if got := infoOf(t, s, protocol.UseIdentity, keys.Current); len(got) != 1 || got[0].Token != tokenName {
		t.Errorf("Keys() = %v, want the token %s", got, tokenName)
	}
	// What lies on the disk opens no identity key.
	unlock, err := age.ParseIdentities(strings.NewReader(string(read(t, filepath.Join(o.Dir, "keys", "unlock")))))
	if err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(o.Dir, "identity", string(gevgelija)+".identity.age")
	if _, err = age.Decrypt(strings.NewReader(string(read(t, key))), unlock...); err == nil {
		t.Error("the unlock identity opens a key that a token seals")
	}
	refused := func(name string, o keys.Options, want string) {
		t.Helper()
		opened := open(t, o)
		r := newRecord(gevgelija, protocol.Situation, 1, protocol.Digest{})
		if said := opened.SignRecord(t.Context(), &r); said != nil {
			t.Errorf("%s: a report was not signed: %v", name, said)
		}
		if _, err = opened.Proof(gevgelija, protocol.UseIdentity); !errors.Is(err, keys.ErrToken) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "mend: ") {
			t.Errorf("%s: %v, want ErrToken with %q and the mend", name, err, want)
		}
	}
	wrong, silent := o, o
	wrong.Prompt, silent.Prompt = pin("1111"), nil
	refused("wrong PIN", wrong, "wrong PIN")
	refused("nobody to ask", silent, "nobody is there")
	if err = os.Rename(chip, chip+".away"); err != nil {
		t.Fatal(err)
	}
	refused("token not plugged in", o, "no token is plugged in")
	t.Setenv("PATH", t.TempDir())
	refused("no plugin", o, "not installed")

	// A lost token is what the recovery sheet is for: the key is sealed to the unlock
	// identity from then on.
	fresh := keys.Options{Dir: t.TempDir(), Passphrase: saying("quiet river"), WorkFactor: cheapWork}
	was, _ := s.Public(gevgelija, protocol.UseIdentity)
	got, err := keys.Adopt(fresh, keys.Source{Folder: filepath.Join(o.Dir, "identity"), Sheet: sheet}, gevgelija)
	if err != nil {
		t.Fatal(err)
	}
	if is, _ := got.Public(gevgelija, protocol.UseIdentity); is != was || works(got) != nil {
		t.Errorf("recovered %s, want %s: %v", is, was, works(got))
	}
}

func TestTokenIsChangedByARotation(t *testing.T) {
	file, _ := newToken(t)
	o := keys.Options{Dir: t.TempDir(), Prompt: pin(tokenPIN)}
	create(t, o) // without a token
	o.Token = file
	s := open(t, o)
	if _, err := s.Prepare(gevgelija, protocol.UseIdentity); err != nil {
		t.Fatal(err)
	}
	silent := o
	silent.Prompt = nil
	if _, err := open(t, silent).Proof(gevgelija, protocol.UseIdentity); err != nil {
		t.Errorf("the key in use is not the token's yet: %v", err)
	}
	if err := s.Promote(gevgelija, protocol.UseIdentity); err != nil {
		t.Fatal(err)
	}
	if err := works(s); err != nil {
		t.Error(err)
	}
	if _, err := open(t, silent).Proof(gevgelija, protocol.UseIdentity); !errors.Is(err, keys.ErrToken) {
		t.Errorf("Proof() without the token = %v, want ErrToken", err)
	}
}

package duty

import (
	_ "embed" // the example
	"fmt"
	"maps"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/settings"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Example is a file of rules that shows each setting, with what it is for.
//
//go:embed example.yaml
var Example string

// Config is who is woken, by what, and how. [Read] reads it from a file.
type Config struct {
	Lang    string         `yaml:"lang"`    // of the messages: a tag such as mk; default en
	Zone    string         `yaml:"zone"`    // of quiet hours and of the times in messages; default the machine's
	Pages   string         `yaml:"pages"`   // address of the pages, for the link in messages; default: there is none
	Private []string       `yaml:"private"` // networks of one's own that webhooks may reach: 10.1.2.0/24
	Mail    MailServer     `yaml:"mail"`
	Ways    map[string]Way `yaml:"ways"`
	Rules   []Rule         `yaml:"rules"`

	zone    *time.Location
	private []netip.Prefix
	path    string          // of the file; empty: it was none
	digest  protocol.Digest // of its text
}

// MailServer is where e-mails are handed over.
type MailServer struct {
	Server       string `yaml:"server"` // host:port
	From         string `yaml:"from"`
	User         string `yaml:"user"`          // default: nobody logs in
	PasswordFile string `yaml:"password_file"` // a file that its owner alone can read, or the name of a systemd credential
	TLS          string `yaml:"tls"`           // starttls (the default), tls, or none on the own machine
	CAFile       string `yaml:"ca_file"`       // who signed its certificate; default: whom the machine trusts
}

// Way is one way to reach somebody: exactly one of the three.
type Way struct {
	Mail       []string `yaml:"mail"` // addresses of offices
	Webhook    string   `yaml:"webhook"`
	SecretFile string   `yaml:"secret_file"` // of the webhook: whsec_…
	Command    []string `yaml:"command"`     // a program and what it is given; the text comes on its input
}

// Rule says whom to wake of which events.
type Rule struct {
	Name string `yaml:"name"`
	// For are the institutions of the node whose people it wakes; default: all.
	For      []protocol.InstitutionID `yaml:"for"`
	Kinds    []string                 `yaml:"kinds"`    // alert, request, …, or what is no record: change
	Places   []string                 `yaml:"places"`   // codes, with those in them; default: anywhere
	Severity body.Severity            `yaml:"severity"` // and what is graver; default: any
	Quality  string                   `yaml:"quality"`  // one of [board.QualityWords], when it comes; default: any
	Wake     []string                 `yaml:"wake"`     // ways; none: the open pages alone
	Quiet    *Quiet                   `yaml:"quiet"`
	Deputy   []string                 `yaml:"deputy"` // ways, if nobody says that it was seen
	After    string                   `yaml:"after"`  // for so long: 15m
	// Exercises is whether what is only played wakes too; default: nobody is woken by an exercise.
	Exercises bool `yaml:"exercises"`

	after time.Duration
}

// Fault is [settings.Fault].
type Fault = settings.Fault

// Default is what a node does that has no file of rules: alerts, and what is no record and
// waits for a person, are shown in the open pages, and nobody is woken otherwise.
func Default() Config {
	return Config{Rules: []Rule{{Name: "pages", Kinds: append([]string{alert}, proposed()...)}}, zone: time.Local} //nolint:gosmopolitan // the machine's zone, unless a file says another
}

// Read reads a file of rules and judges it; what is wrong is a [*Fault], or the file's own
// error.
func Read(path string, kinds []string) (Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Config{}, err
	}
	c, err := whole(text, kinds)
	c.path, c.digest = path, protocol.DigestOf(text)
	return c, err
}

// whole reads the text of a file of rules, and looks at the files that it names.
func whole(text []byte, kinds []string) (Config, error) {
	c, err := Parse(text, kinds)
	if err != nil {
		return Config{}, err
	}
	return c, c.files()
}

// Parse reads the text of a file of rules. kinds are those that there are of records.
func Parse(text []byte, kinds []string) (Config, error) {
	var c Config
	if err := settings.Unmarshal(text, &c); err != nil {
		return Config{}, err
	}
	return c, c.judge(kinds)
}

// judge reads what is written as text, and refuses what can't be meant.
func (c *Config) judge(kinds []string) error {
	c.zone = time.Local //nolint:gosmopolitan // the machine's zone, unless the file says another
	if c.Zone != "" {
		zone, err := zoneOf(c.Zone)
		if err != nil {
			return &Fault{At: "zone", Said: err.Error()}
		}
		c.zone = zone
	}
	for _, text := range c.Private {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return &Fault{At: "private", Said: fmt.Sprintf("%q is no network: want one such as 10.1.2.0/24", text)}
		}
		c.private = append(c.private, p.Masked())
	}
	if u, err := url.Parse(c.Pages); c.Pages != "" && (err != nil || u.Host == "") {
		return &Fault{At: "pages", Said: fmt.Sprintf("%q is no address: want one such as https://node.example.org", c.Pages)}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Ways)) {
		if err := c.judgeWay(name); err != nil {
			return err
		}
	}
	names := map[string]bool{}
	for i := range c.Rules {
		r := &c.Rules[i]
		if r.Name == "" || names[r.Name] {
			return &Fault{At: fmt.Sprintf("rule %d", i+1), Said: "give it a name of its own"}
		}
		names[r.Name] = true
		if err := c.judgeRule(r, kinds); err != nil {
			return err
		}
	}
	return nil
}

func (c *Config) judgeWay(name string) error {
	w, at := c.Ways[name], "way "+name
	given := 0
	for _, is := range []bool{len(w.Mail) > 0, w.Webhook != "", len(w.Command) > 0} {
		if is {
			given++
		}
	}
	if given != 1 {
		return &Fault{At: at, Said: "want exactly one of mail, webhook and command"}
	}
	for _, to := range w.Mail {
		if _, err := mail.ParseAddress(to); err != nil {
			return &Fault{At: at, Said: fmt.Sprintf("%q is no address", to)}
		}
	}
	switch {
	case len(w.Mail) > 0:
		return c.Mail.judge()
	case w.Webhook != "" && w.SecretFile == "":
		return &Fault{At: at, Said: "secret_file is missing: who receives a webhook knows by its secret that it is ours"}
	case w.Webhook != "":
		if err := c.guard().url(w.Webhook); err != nil {
			return &Fault{At: at, Said: err.Error()}
		}
	case !filepath.IsAbs(w.Command[0]):
		return &Fault{At: at, Said: fmt.Sprintf("%q is no full path of a program", w.Command[0])}
	}
	return nil
}

func (c *Config) judgeRule(r *Rule, kinds []string) error {
	at := "rule " + r.Name
	known := append(slices.Clone(kinds), proposed()...)
	if len(r.Kinds) == 0 {
		return &Fault{At: at, Said: "kinds is missing: want some of " + strings.Join(known, ", ")}
	}
	for _, k := range r.Kinds {
		if !slices.Contains(known, k) {
			return &Fault{At: at, Said: "no kind is called " + k, Word: k, Known: known}
		}
	}
	if err := c.judgeQuality(r); err != nil {
		return err
	}
	for _, id := range r.For {
		if _, err := protocol.ParseInstitution(string(id)); err != nil {
			return &Fault{At: at, Said: "for: " + err.Error()}
		}
	}
	for _, way := range slices.Concat(r.Wake, r.Deputy) {
		if _, there := c.Ways[way]; !there {
			return &Fault{At: at, Said: "no way is called " + way, Word: way, Known: slices.Sorted(maps.Keys(c.Ways))}
		}
	}
	if (len(r.Deputy) > 0) != (r.After != "") {
		return &Fault{At: at, Said: "deputy and after belong together: deputy: [WAY], after: 15m"}
	}
	if r.After != "" {
		var err error
		if r.after, err = time.ParseDuration(r.After); err != nil || r.after <= 0 {
			return &Fault{At: at, Said: fmt.Sprintf("after: %q is no time: want one such as 15m", r.After)}
		}
	}
	if r.Quiet != nil {
		if err := r.Quiet.settle(c.zone); err != nil {
			return &Fault{At: at, Said: "quiet: " + err.Error()}
		}
	}
	return nil
}

// judgeQuality refuses a quality that there is not, or of a kind that has none: the rule would
// wake nobody of it.
func (c *Config) judgeQuality(r *Rule) error {
	if r.Quality == "" {
		return nil
	}
	at, words := "rule "+r.Name, board.QualityWords()
	if !slices.Contains(words, r.Quality) {
		return &Fault{At: at, Said: "no quality is called " + r.Quality, Word: r.Quality, Known: words}
	}
	for _, k := range r.Kinds {
		if !Graded(k) {
			return &Fault{At: at, Said: "what is of the kind " + k + " has no quality, and would wake nobody: give it a rule of its own, without quality"}
		}
	}
	return nil
}

// files looks at the files that are named.
func (c *Config) files() error {
	if c.Mail.PasswordFile != "" {
		if _, err := settings.Secret(c.Mail.PasswordFile); err != nil {
			return &Fault{At: "mail", Said: "password_file: " + err.Error()}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Ways)) {
		w := c.Ways[name]
		if w.SecretFile != "" {
			if _, err := readKey(w.SecretFile); err != nil {
				return &Fault{At: "way " + name, Said: "secret_file: " + err.Error()}
			}
		}
		if len(w.Command) > 0 {
			if info, err := os.Stat(w.Command[0]); err != nil || info.IsDir() {
				return &Fault{At: "way " + name, Said: "there is no program " + w.Command[0]}
			}
		}
	}
	return nil
}

// Of looks whether the rules are for institutions of the node; what is not is a [*Fault].
func (c *Config) Of(institutions []protocol.InstitutionID) error {
	for i := range c.Rules {
		for _, id := range c.Rules[i].For {
			if slices.Contains(institutions, id) {
				continue
			}
			known := make([]string, len(institutions))
			for k := range institutions {
				known[k] = string(institutions[k])
			}
			return &Fault{At: "rule " + c.Rules[i].Name, Said: fmt.Sprintf("for: this node runs no %s", id), Word: string(id), Known: known}
		}
	}
	return nil
}

package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/goccy/go-yaml"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
)

// flagSettings are the settings that every command takes from its command line.
type flagSettings struct{ config, dir, socket string }

// settings are what a node is told from outside: flag over VARDAR_… over file over
// default. An empty one was not given.
type settings map[string][]string

// The names, as they stand in the file; VARDAR_LISTEN is listen, and so on.
const (
	setInstitution    = "institution"
	setDir            = "dir"
	setSocket         = "socket"
	setListen         = "listen"
	setAdvertise      = "advertise"
	setHTTP           = "http"
	setPrograms       = "programs"
	setPages          = "pages"
	setPagesCert      = "pages_cert"
	setPagesKey       = "pages_key"
	setLang           = "lang"
	setPagesProxies   = "pages_proxies"
	setLinks          = "links"
	setLog            = "log"
	setIdentity       = "identity"
	setPassphraseFile = "passphrase_file"
	setBackupTo       = "backup_to"
	setSecond         = "second_person"
	setFactor         = "second_factor"
	setDuty           = "duty"
	setOIDC           = "oidc"
)

func settingNames() []string {
	return []string{setInstitution, setDir, setListen, setLinks, setAdvertise, setHTTP, setPrograms, setPages, setPagesCert, setPagesKey, setLang, setPagesProxies, setLog, setSocket, setIdentity, setPassphraseFile, setBackupTo, setSecond, setFactor, setDuty, setOIDC}
}

// lists are the settings that may have several values.
func lists(name string) bool {
	return slices.Contains([]string{setLinks, setAdvertise, setPagesProxies, setSecond, setFactor}, name)
}

func (s settings) one(name string) string {
	if v := s[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// variable is the name of a setting in the environment.
func variable(name string) string { return "VARDAR_" + strings.ToUpper(name) }

// byDefault is where a setting comes from that nobody gave.
const byDefault = "default"

// socket gives where the node answers.
func (s settings) socket() string {
	return cmp.Or(s.one(setSocket), filepath.Join(s.one(setDir), node.SocketName))
}

// settle reads the settings; flags are those that the command itself has.
func (a *app) settle(flags settings) (settings, error) {
	s := settings{}
	a.origins = map[string]string{}
	merge := func(name string, values []string, origin string) {
		if len(s[name]) == 0 && len(values) > 0 {
			s[name], a.origins[name] = values, origin
		}
	}
	for name, values := range flags {
		merge(name, nonEmpty(values), "the command line")
	}
	merge(setDir, nonEmpty([]string{a.shared.dir}), "the command line")
	merge(setSocket, nonEmpty([]string{a.shared.socket}), "the command line")
	for _, name := range settingNames() {
		if v := os.Getenv(variable(name)); v != "" {
			values := []string{v}
			if lists(name) {
				values = strings.Split(v, ",")
			}
			merge(name, values, variable(name))
		}
	}
	home, err := os.UserHomeDir()
	if err != nil {
		home = "."
	}
	standard := filepath.Join(home, ".vardar")
	path := cmp.Or(a.shared.config, os.Getenv("VARDAR_CONFIG"))
	optional := path == ""
	if optional {
		path = filepath.Join(cmp.Or(s.one(setDir), standard), "vardar.yaml")
	}
	file, err := readConfig(path)
	if errors.Is(err, syscall.ENOTDIR) {
		return nil, &api.Problem{Kind: api.Usage, Field: "dir", Detail: filepath.Dir(path) + " is a file", Mend: "name the node's folder", Next: "vardar --help", Err: err}
	}
	if err != nil && (!optional || !errors.Is(err, fs.ErrNotExist)) {
		return nil, err
	}
	for name, values := range file {
		merge(name, values, path)
	}
	merge(setDir, []string{standard}, byDefault)
	a.dir = s.one(setDir)
	if _, opens := flags[setPassphraseFile]; opens {
		return s, passphraseFileThere(s.one(setPassphraseFile))
	}
	return s, nil
}

func nonEmpty(values []string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
}

// readConfig reads the file. A key that is not known is an error, since a misspelt one
// would do nothing.
func readConfig(path string) (settings, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, &api.Problem{Kind: api.NotFound, Detail: err.Error(), Mend: "name another with --config", Next: "vardar --help", Err: err}
	}
	return parseConfig(path, data)
}

func parseConfig(path string, data []byte) (settings, error) {
	var values map[string]any
	if err := yaml.Unmarshal(data, &values); err != nil {
		return nil, badConfig(path, "", strings.SplitN(err.Error(), "\n", 2)[0], "want lines such as listen: 0.0.0.0:4222")
	}
	s := settings{}
	for name, value := range values {
		if !slices.Contains(settingNames(), name) {
			return nil, badConfig(path, name, "no setting is called "+name, settingWanted(name))
		}
		list, ok := value.([]any)
		switch {
		case value == nil:
			return nil, badConfig(path, name, "it has no value", "give one, or take the line out")
		case ok && !lists(name):
			return nil, badConfig(path, name, "it has one value alone", "")
		case !ok:
			list = []any{value}
		}
		for _, v := range list {
			s[name] = append(s[name], fmt.Sprint(v))
		}
	}
	return s, nil
}

// settingWanted says what a setting that nobody knows may have been meant to be.
func settingWanted(name string) string {
	if near := api.Nearest(name, settingNames()); near != "" {
		return "did you mean " + near + "?"
	}
	return "want one of " + strings.Join(settingNames(), ", ")
}

func badConfig(path, field, said, mend string) error {
	return &api.Problem{Kind: api.Usage, Field: field, Detail: path + ": " + said, Mend: mend, Next: "vardar run --help"}
}

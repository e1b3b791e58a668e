package duty_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	crand "crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"math/rand/v2"
	"net"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/vardar-network/vardar/node/audit"
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

const (
	town   protocol.InstitutionID = "mk.southeast.gevgelija"
	centre protocol.InstitutionID = "mk.national.crisis-centre"
)

// What the binary of the tests is besides: a mail server, or a program that sends an SMS.
const (
	asServer  = "VARDAR_TEST_MAIL"    // and the folder in which mails lie
	asProgram = "VARDAR_TEST_PROGRAM" // and the file to which the text is added
)

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(asServer) != "":
		if err := serveMail(os.Getenv(asServer)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case os.Getenv(asProgram) != "":
		os.Exit(sendSMS(os.Getenv(asProgram)))
	default:
		os.Exit(m.Run())
	}
}

// sendSMS adds what it is told to a file. Told to fail it says a lot, and fails.
func sendSMS(file string) int {
	text, err := io.ReadAll(os.Stdin)
	if err != nil || slices.Contains(os.Args, "fail") {
		fmt.Print(strings.Repeat("no modem ", 1000))
		return 1
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = fmt.Fprintf(f, "%s\n%s\x00", strings.Join(os.Args[1:], " "), text)
	}
	if err != nil {
		return 1
	}
	return 0
}

// serveMail is a mail server with STARTTLS and log-in. It takes nothing while there is a file
// named refuse in its folder.
func serveMail(dir string) error {
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "crt.pem"), filepath.Join(dir, "key.pem"))
	if err != nil {
		return err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &mailbox{dir: dir}, nil }))
	s.Domain, s.TLSConfig = "localhost", &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	go func() { // it ends with the test
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = s.Close()
	}()
	if err := s.Serve(l); !errors.Is(err, smtp.ErrServerClosed) {
		return err
	}
	return nil
}

// mailbox is one visit to the server.
type mailbox struct {
	dir string
	in  bool // logged in
}

var mailLock sync.Mutex

func (m *mailbox) AuthMechanisms() []string { return []string{sasl.Plain} }

func (m *mailbox) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if m.in = user == "node" && password == "word of the node"; !m.in {
			return errors.New("wrong password")
		}
		return nil
	}), nil
}

func (m *mailbox) Mail(string, *smtp.MailOptions) error {
	if !m.in {
		return smtp.ErrAuthRequired
	}
	return nil
}
func (m *mailbox) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (m *mailbox) Reset()                               {}
func (m *mailbox) Logout() error                        { return nil }

func (m *mailbox) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if _, err = os.Stat(filepath.Join(m.dir, "refuse")); err == nil {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "come back later"}
	}
	mailLock.Lock()
	defer mailLock.Unlock()
	n, err := filepath.Glob(filepath.Join(m.dir, "*.eml"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(m.dir, fmt.Sprintf("%03d.eml", len(n))), text, 0o600)
}

// mailServer is one that runs.
type mailServer struct {
	t         *testing.T
	dir, addr string
}

func startMail(t *testing.T) *mailServer {
	t.Helper()
	s := &mailServer{t: t, dir: t.TempDir()}
	key := must(ecdsa.GenerateKey(elliptic.P256(), crand.Reader))(t)
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der := must(x509.CreateCertificate(crand.Reader, c, c, &key.PublicKey, key))(t)
	s.write("crt.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	s.write("key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(key))(t)}))
	s.write("password", []byte("word of the node\n"))
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), must(os.Executable())(t))
	cmd.Env = append(os.Environ(), asServer+"="+s.dir)
	cmd.Stderr = os.Stderr
	in, out := must(cmd.StdinPipe())(t), must(cmd.StdoutPipe())(t)
	ok(t, cmd.Start())
	t.Cleanup(func() { ok(t, in.Close()); ok(t, cmd.Wait()) })
	line, err := bufio.NewReader(out).ReadString('\n')
	ok(t, err)
	s.addr = strings.TrimSpace(line)
	return s
}

func (s *mailServer) write(name string, text []byte) {
	ok(s.t, os.WriteFile(filepath.Join(s.dir, name), text, 0o600))
}

// refuse has it take nothing, or take all again.
func (s *mailServer) refuse(yes bool) {
	if yes {
		s.write("refuse", nil)
		return
	}
	ok(s.t, os.Remove(filepath.Join(s.dir, "refuse")))
}

// mails gives those that were taken.
func (s *mailServer) mails() []*mail.Message {
	s.t.Helper()
	var out []*mail.Message
	for _, f := range must(filepath.Glob(filepath.Join(s.dir, "*.eml")))(s.t) {
		out = append(out, must(mail.ReadMessage(bytes.NewReader(must(os.ReadFile(f))(s.t))))(s.t))
	}
	return out
}

// config is that of a file with this server.
func (s *mailServer) config() string {
	return fmt.Sprintf("mail: {server: %q, from: vardar@example.org, user: node, password_file: %s, ca_file: %s}\n", s.addr, filepath.Join(s.dir, "password"), filepath.Join(s.dir, "crt.pem"))
}

// news is a source whose events a test gives.
type news struct {
	mu      sync.Mutex
	events  []duty.Event
	changes []duty.Event
	over    map[protocol.Digest]bool
	quality map[protocol.Digest]board.Quality
	told    map[chan struct{}]bool
}

func (n *news) Events(_ context.Context, cursor string, asked func(kind string) bool) (duty.News, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	end := strconv.Itoa(len(n.events))
	if cursor == "" {
		return duty.News{Next: end}, nil
	}
	from, err := strconv.Atoi(cursor)
	if err != nil {
		return duty.News{}, err
	}
	to := min(len(n.events), from+100) // a lot at a time
	events := slices.DeleteFunc(slices.Clone(n.events[from:to]), func(e duty.Event) bool { return !asked(e.Kind) })
	return duty.News{Events: events, Passed: to - from - len(events), Next: strconv.Itoa(to)}, nil
}

func (n *news) Proposed(context.Context) ([]duty.Event, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.changes), nil
}

func (n *news) Over(_ context.Context, events []duty.Event) []bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := make([]bool, len(events))
	for i := range events {
		out[i] = n.over[events[i].Digest]
	}
	return out
}

func (n *news) Changed() (<-chan struct{}, func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	c := make(chan struct{}, 1)
	n.told[c] = true
	return c, func() { n.mu.Lock(); defer n.mu.Unlock(); delete(n.told, c) }
}

// happens adds an event, with its place in the order.
func (n *news) happens(e duty.Event) duty.Event {
	n.mu.Lock()
	defer n.mu.Unlock()
	e.After = strconv.Itoa(len(n.events) + 1)
	e.Digest = digestOf(len(n.events) + 1)
	e.Record = protocol.Name{Institution: centre, Position: protocol.Position{Topic: protocol.Alert, Epoch: 1, Sequence: uint32(len(n.events) + 1)}}
	n.events = append(n.events, e)
	for c := range n.told {
		select {
		case c <- struct{}{}:
		default:
		}
	}
	return e
}

// post is the duty of a node, its store on disk, and the clock of a test.
type post struct {
	t     *testing.T
	dir   string
	clock *clock
	news  *news
	text  string // of the file
	store *store.Store
	log   *audit.Log
	duty  *duty.Duty
	said  bytes.Buffer // its log
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

// Three in the afternoon in Skopje, on a day in winter.
func begin() time.Time { return time.Date(2015, 11, 9, 14, 0, 0, 0, time.UTC) }

// open makes one by the text of a file of rules; what was before it is no news.
func open(t *testing.T, text string) *post {
	t.Helper()
	p := &post{t: t, dir: t.TempDir(), clock: &clock{now: begin()}, news: &news{over: map[protocol.Digest]bool{}, quality: map[protocol.Digest]board.Quality{}, told: map[chan struct{}]bool{}}, text: text}
	p.start()
	t.Cleanup(func() { ok(t, p.store.Close()) })
	p.step()
	return p
}

func (p *post) start() {
	p.t.Helper()
	c := must(duty.Parse([]byte(p.text), duty.Kinds()))(p.t)
	p.store = must(store.Open(p.t.Context(), store.Options{Dir: p.dir, Clock: p.clock.Now}))(p.t)
	p.log = audit.New(p.store.Private("audit"), p.clock.Now)
	p.duty = must(duty.New(duty.Options{
		Config: c, Kept: p.store.Private("duty"), Audit: p.log, Institution: town, Clock: p.clock.Now, Rand: rand.NewChaCha8([32]byte{1}), Again: time.Millisecond,
		Logger: slog.New(slog.NewTextHandler(&p.said, nil)),
	}))(p.t)
}

// restart is a node that is ended and started anew on the same disk.
func (p *post) restart() {
	p.t.Helper()
	ok(p.t, p.store.Close())
	p.start()
}

// step does what is due.
func (p *post) step() {
	p.t.Helper()
	must(p.duty.Step(p.t.Context(), p.news))(p.t)
}

// passes lets time pass, and does what is due then.
func (p *post) passes(d time.Duration) {
	p.t.Helper()
	p.clock.mu.Lock()
	p.clock.now = p.clock.now.Add(d)
	p.clock.mu.Unlock()
	p.step()
}

// warns is an alert of now that holds for a day.
func (p *post) warns(severity body.Severity, said string) duty.Event {
	now := protocol.InstantOf(p.clock.Now())
	return p.news.happens(duty.Event{
		Kind: "alert", Institution: centre, Severity: severity, Said: said, Handling: protocol.Green, Places: []string{"iso3166-2:MK-405", "MK-405", "MK"},
		Written: now, Accepted: now, Ends: now + protocol.Instant(24*time.Hour/time.Millisecond),
	})
}

// acts gives the lines of the log of acts: act, outcome, and the records that it was about.
func (p *post) acts() []string {
	var out []string
	for e, err := range p.log.Entries(p.t.Context()) {
		ok(p.t, err)
		line := e.Act + " " + e.Outcome
		for _, n := range e.Records {
			line += " " + n.String()
		}
		out = append(out, line)
	}
	return out
}

// phone has the tests' own binary send an SMS, and gives what was sent so far.
func phone(t *testing.T, extra ...string) (way string, sent func() []string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "sms")
	t.Setenv(asProgram, file)
	argv := append([]string{must(os.Executable())(t)}, extra...)
	return "{command: [" + strings.Join(argv, ", ") + "]}", func() []string {
		text, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSuffix(string(text), "\x00"), "\x00")[:bytes.Count(text, []byte{0})]
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		ok(t, err)
		return v
	}
}

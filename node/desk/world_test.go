package desk_test

import (
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/node/audit"
	"github.com/vardar-network/vardar/node/backup"
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/node/lang"
	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/node/site"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// The institutions of the tests.
const (
	centre    protocol.InstitutionID = "mk.national.demo-crisis-centre" // steward and registrar of mk.
	gate      protocol.InstitutionID = "mk.southeast.demo-south-gate"
	river     protocol.InstitutionID = "mk.southeast.demo-river-town"
	secretary protocol.InstitutionID = "int.regional.demo-secretariat"
)

// clock is the hour of a test.
type clock struct {
	mu  sync.Mutex // guards now
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// dice are the same in every run.
func dice(seed byte) io.Reader { return rand.NewChaCha8([32]byte{seed}) }

// network is a charter and the safes of those it names.
type network struct {
	charter protocol.SignedCharter
	safes   map[protocol.InstitutionID]*keys.Safe
	dirs    map[protocol.InstitutionID]string
	clock   *clock
	apart   map[protocol.InstitutionID]*clock // of those whose machine has another hour
}

// found makes a charter that names institutions as stewards, and as registrars of their
// countries.
func found(t testing.TB, ids ...protocol.InstitutionID) *network {
	t.Helper()
	return foundOver(t, nil, ids...)
}

// foundOver lets the first of them admit under more prefixes than its country's.
func foundOver(t testing.TB, more []string, ids ...protocol.InstitutionID) *network {
	t.Helper()
	n := &network{
		safes: map[protocol.InstitutionID]*keys.Safe{}, dirs: map[protocol.InstitutionID]string{},
		clock: &clock{now: time.Date(2015, 11, 3, 9, 0, 0, 0, time.UTC)},
	}
	c := protocol.Charter{
		Vardar: "charter", Version: 1, Network: "Test network", Threshold: len(ids)/2 + 1,
		Stewards: []protocol.Steward{}, Registrars: []protocol.Registrar{}, MembersMay: map[string][]string{},
		Handling: map[string]protocol.Handling{}, RetentionDays: map[string]int{}, Groups: map[string][]string{"mk-southeast": {"mk.southeast."}, "far": {"bg."}},
		Networks: []protocol.PartnerNetwork{}, Expires: "2016-11-03T00:00:00Z",
	}
	for i, id := range ids {
		dir := filepath.Join(t.TempDir(), id.LocalName())
		safe := must(keys.Create(keys.Options{Dir: dir, Rand: dice(byte(i))}, id))(t)
		n.safes[id], n.dirs[id] = safe, dir
		key, _ := safe.Public(id, protocol.UseIdentity)
		proof := must(safe.Proof(id, protocol.UseIdentity))(t)
		c.Stewards = append(c.Stewards, protocol.Steward{Institution: id, Key: key, Proof: proof})
		c.Registrars = append(c.Registrars, protocol.Registrar{Institution: id, Prefixes: append([]string{id.Country() + "."}, more...), Key: key, Proof: proof})
		more = nil
	}
	n.charter.Document = must(json.Marshal(c))(t)
	for id, safe := range n.safes {
		ok(t, safe.SignCharter(t.Context(), id, &n.charter))
	}
	return n
}

// world is one node as far as its desk reaches.
type world struct {
	t       testing.TB
	id      protocol.InstitutionID
	clock   *clock
	desk    *desk.Desk
	options desk.Options
	safe    *keys.Safe
	store   *store.Store
	trust   *trust.Registry
	intake  *intake.Intake
	links   *link.Links
	bus     *bus.Bus
	woken   *duty.Duty
	health  *desk.Health
}

// open opens the node of one that the charter names, and writes its first trust records.
// With listen others can dial it.
func (n *network) open(t testing.TB, id protocol.InstitutionID, level body.Level, listen bool) *world {
	t.Helper()
	hour := n.clock
	if own, ok := n.apart[id]; ok {
		hour = own
	}
	w := &world{t: t, id: id, clock: hour, safe: n.safes[id], health: &desk.Health{Software: "vardar test", Backup: backedUp(hour.Now()), Store: desk.StoreHealth{Read: protocol.InstantOf(hour.Now())}}}
	dir := n.dirs[id]
	w.store = must(store.Open(t.Context(), store.Options{Dir: dir, Clock: hour.Now}))(t)
	t.Cleanup(func() { ok(t, w.store.Close()) })
	w.trust = must(trust.New(n.charter))(t)
	places := must(atlas.New())(t)
	picture := must(board.New(board.Options{Atlas: places}))(t)
	linkKey, _ := w.safe.Public(id, protocol.UseLink)
	o := bus.Options{Dir: dir, Institution: id, Clock: hour.Now}
	if listen {
		o.Listen, o.Signers = "127.0.0.1:0", w.safe.LinkSigners
		o.Admit = func(user string, key protocol.Key) (bus.Peer, error) { return w.links.Admit(user, key) }
	}
	w.bus = must(bus.Open(t.Context(), o))(t)
	t.Cleanup(func() { ok(t, w.bus.Close()) })
	w.links = must(link.New(link.Options{
		Self: []protocol.InstitutionID{id}, Store: w.store, Trust: w.trust, Bus: w.bus, Signer: w.safe,
		Clock: hour.Now, Redial: 100 * time.Millisecond,
	}))(t)
	w.intake = must(intake.New(intake.Options{
		Store: w.store, Trust: w.trust, Board: picture, Signer: w.safe, Inbox: inbox{w.bus.Arrivals(), w.links}, Log: nowhere{}, Line: w.links, Clock: hour.Now,
	}))(t)
	w.links.Attach(w.intake)
	ok(t, w.intake.Load(t.Context(), intake.Held{}))
	w.woken = must(duty.New(duty.Options{Kept: w.store.Private("duty"), Audit: audit.New(w.store.Private("audit"), n.clock.Now), Institution: id, Clock: n.clock.Now, Rand: dice(102)}))(t)
	w.options = desk.Options{
		Choices: must(lang.New())(t).Choices,
		Archive: node.ArchiveOf(w.store), Saved: w.store.Private("desk"), Audit: audit.New(w.store.Private("audit"), n.clock.Now), Staff: staff.New(staff.Options{Kept: w.store.Private("staff"), Institutions: []protocol.InstitutionID{id}, Clock: n.clock.Now, Rand: dice(101)}), Duty: w.woken, Sites: must(site.Open(t.Context(), site.Options{Kept: w.store.Private("site"), Clock: n.clock.Now}))(t), Intake: w.intake, Links: w.links, Trust: w.trust, Board: picture, Atlas: places,
		Institutions: []protocol.InstitutionID{id}, Addresses: []string{"node.example.org:4222"}, LinkKey: linkKey,
		Clock: hour.Now, Rand: dice(100), Health: func() desk.Health { return *w.health },
	}
	w.desk = must(desk.New(w.options))(t)
	w.introduce(id, level)
	return w
}

// backedUp is a backup that was made and checked just now.
func backedUp(now time.Time) desk.BackupHealth {
	at := protocol.InstantOf(now)
	return desk.BackupHealth{Memory: backup.Memory{To: "/stick", Made: at, Checked: &backup.Checked{Time: at, OK: true}}}
}

// solo is a network of one: a ministry that is steward and registrar.
func solo(t testing.TB) *world {
	t.Helper()
	return found(t, centre).open(t, centre, body.Ministry, false)
}

// introduce writes the first trust records of a hosted institution.
func (w *world) introduce(id protocol.InstitutionID, level body.Level) {
	w.t.Helper()
	w.say(id, w.key(id, protocol.UseLink))
	w.say(id, &body.KeyRecord{Use: protocol.UseAge, Key: body.KeyText(w.safe.Recipient(id))})
	for _, topic := range protocol.Topics() {
		if topic == protocol.Trust {
			continue
		}
		k := w.key(id, protocol.UseNode)
		k.FeedTopic, k.FeedEpoch, k.Wire = topic, 1, body.WireV1
		w.say(id, k)
	}
	w.say(id, &body.Profile{Names: body.Names{"en": body.Label(id.LocalName())}, Level: level})
}

func (w *world) key(id protocol.InstitutionID, use protocol.KeyUse) *body.KeyRecord {
	key, _ := w.safe.Public(id, use)
	return &body.KeyRecord{Use: use, Key: body.KeyText(key.String()), Proof: must(w.safe.Proof(id, use))(w.t)}
}

// say writes a record past the desk.
func (w *world) say(id protocol.InstitutionID, b body.Body) protocol.Name {
	w.t.Helper()
	raw := must(body.Marshal(b, [16]byte{1}))(w.t)
	stored := must(w.intake.Publish(w.t.Context(), intake.Draft{
		Institution: id, Type: b.Type(), Time: protocol.InstantOf(w.clock.Now()), Handling: protocol.Green, Body: raw,
	}))(w.t)
	return stored.Name
}

// host has the node write for one more municipality, which is admitted by its key.
func (w *world) host(id protocol.InstitutionID) {
	w.t.Helper()
	w.hostAt(id, body.Municipality)
}

func (w *world) hostAt(id protocol.InstitutionID, level body.Level) {
	w.t.Helper()
	ok(w.t, w.safe.Add(id))
	key, _ := w.safe.Public(id, protocol.UseIdentity)
	must(w.desk.Admit(w.t.Context(), desk.AdmitRequest{
		Institution: id, Level: level, Key: key, Proof: must(w.safe.Proof(id, protocol.UseIdentity))(w.t),
	}))(w.t)
	w.introduce(id, level)
	w.options.Institutions = append(w.options.Institutions, id)
	w.desk = must(desk.New(w.options))(w.t)
}

// run keeps the node's lines up until the test ends.
func (w *world) run() {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = w.links.Run(ctx) })
	wg.Go(func() { _ = w.intake.Run(ctx) })
	w.t.Cleanup(func() { cancel(); wg.Wait() })
	<-w.links.Ready()
}

// publish publishes through the desk.
func (w *world) publish(r desk.Request) desk.Published {
	w.t.Helper()
	return must(w.desk.Publish(w.t.Context(), r))(w.t)
}

// inbox gives intake what the bus received.
type inbox struct {
	arrivals *bus.Inbox
	links    *link.Links
}

func (i inbox) Next(ctx context.Context) ([]intake.Arrived, func() error, error) {
	batch, done, err := i.arrivals.Next(ctx)
	if err != nil {
		return nil, nil, err
	}
	out := make([]intake.Arrived, len(batch))
	for k, a := range batch {
		out[k] = intake.Arrived{Peer: i.links.PeerOf(a.Token), Token: a.Token, Reply: a.Reply, Frame: a.Frame}
	}
	return out, done, nil
}

// nowhere is a LOG that nobody reads.
type nowhere struct{}

func (nowhere) PublishLog(context.Context, []protocol.Record) error { return nil }
func (nowhere) EraseLog(context.Context, []protocol.Record) error   { return nil }

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// must gives a value, or ends the test.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		ok(t, err)
		return v
	}
}

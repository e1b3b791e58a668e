package node

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/node/store"
)

// examine looks at what lies beside the archive.
func (r *rooms) examine() []desk.Check {
	out := []desk.Check{found("keys", "who can read the keys can sign in this institution's name", r.safe.Permissions(), "they are their owner's alone", "do what it says, then see who could read them: rotate those keys with 'vardar member key rotate'")}
	for _, id := range r.safe.Institutions() {
		mend := fmt.Sprintf("trust records wait for it; if it is lost for good, your registrar says 'vardar member invite %s --again', and you in this folder: vardar join INVITATION", id)
		err := r.safe.Examine(id)
		if errors.Is(err, keys.ErrDamaged) || errors.Is(err, keys.ErrCarrierDamaged) {
			mend = "put the copy of the carrier that was kept away in its place; without one: " + mend
		}
		out = append(out, found("carrier", "without the identity key no other key is turned or replaced", err, "the identity key of "+string(id)+" can be reached, and its trust feed is whole", mend))
	}
	return out
}

func found(name, why string, err error, fine, mend string) desk.Check {
	if err == nil {
		return desk.Check{Name: name, OK: true, Said: fine, Why: why}
	}
	return desk.Check{Name: name, Said: err.Error(), Why: why, Mend: mend}
}

// Doctor looks at everything that can be wrong with the folder of a node that does not
// run, which is the first thing it finds. It returns [ErrNoNode] for a folder without
// one; whatever else is wrong is in the diagnosis.
func Doctor(ctx context.Context, o Options) (desk.Diagnosis, error) {
	o, err := o.withDefaults()
	if err != nil {
		return desk.Diagnosis{}, err
	}
	r := &rooms{}
	checks := []desk.Check{{Name: "node", Said: "the node does not run", Why: "meanwhile nothing is sent, taken in or shown", Mend: "start it: vardar run", Grave: true}}
	if r.safe, err = keys.Open(o.keys()); errors.Is(err, keys.ErrNoKeys) {
		return desk.Diagnosis{}, fmt.Errorf("%s: %w", o.Dir, ErrNoNode)
	}
	if err != nil {
		checks = append(checks, problemCheck("keys", err, o.Dir))
	} else {
		checks = append(checks, r.examine()...)
	}
	memory := backupHealth(o)
	checks = append(checks, desk.BackupChecks(&memory, o.Clock())...)
	if err := r.openStore(ctx, o); err != nil {
		return desk.Diagnose(append(checks, problemCheck("store", err, o.Dir))), ctx.Err()
	}
	defer r.store.Close() //nolint:errcheck // only read
	s := r.store.Stats()
	checks = append(checks, desk.Check{Name: "store", OK: true, Said: fmt.Sprintf("records: %d, every one read and hashed", s.Records)})
	disk := desk.Check{Name: "disk", OK: !s.Paused && !s.ForeignPaused, Said: fmt.Sprintf("%d MiB are free", s.Free>>20)}
	if !disk.OK {
		disk.Mend = "make room on the disk of " + o.Dir
	}
	checks = append(checks, disk, r.examineAudit(ctx))
	if err := r.openTrust(ctx, o); err != nil {
		return desk.Diagnose(append(checks, problemCheck("store", err, o.Dir))), ctx.Err()
	}
	if err := r.foldTrust(ctx); err != nil {
		return desk.Diagnosis{}, err
	}
	charter, due := desk.CharterFinding(r.trust, o.Clock())
	checks = append(checks, minded(charter, due, "charter", "it is in force"))
	if r.safe != nil {
		checks = append(checks, r.examineKeys(o), r.examineMark(ctx, o))
	}
	return desk.Diagnose(checks), ctx.Err()
}

// examineAudit goes through the chain of what people did here.
func (r *rooms) examineAudit(ctx context.Context) desk.Check {
	c, err := r.audit.Check(ctx)
	said := "nobody has done anything here yet"
	if c.Entries > 0 {
		said = fmt.Sprintf("the chain holds over %s, the newest %s", desk.Count(int(c.Entries), "act", "acts"), c.Head) //nolint:gosec // fewer than fit
	}
	return found("audit", "who did what is known only while nobody has changed the log", err, said, "find out who wrote in the store's file; a backup has the log as it was: vardar backup list")
}

// minded is the check of what status reminds of.
func minded(f desk.Finding, due bool, name, fine string) desk.Check {
	if due {
		return desk.Check{Name: name, Said: f.Said, Mend: f.Mend, Grave: f.Grave}
	}
	return desk.Check{Name: name, OK: true, Said: fine}
}

// examineKeys looks for a key whose year is nearly over.
func (r *rooms) examineKeys(o Options) desk.Check {
	for _, id := range r.safe.Institutions() {
		held, err := r.safe.Keys(id)
		if err != nil {
			return problemCheck("key", err, o.Dir)
		}
		for _, k := range held {
			if f, due := desk.KeyFinding(id, k.Use, k.Made, o.Clock()); due && k.State == keys.Current {
				return minded(f, due, "key", "")
			}
		}
	}
	return desk.Check{Name: "key", OK: true, Said: "no key's year is nearly over"}
}

// examineMark compares the mark with the archive, as a start does. In an epoch that is not
// the last one of its feed nothing is written any more.
func (r *rooms) examineMark(ctx context.Context, o Options) desk.Check {
	mark, err := r.safe.Mark(ctx)
	if err != nil {
		return problemCheck("mark", err, o.Dir)
	}
	for e, h := range mark {
		if e.Epoch < r.newestEpoch(e.Feed) {
			continue
		}
		if _, err := r.store.ByDigest(h.Digest); errors.Is(err, store.ErrNotFound) && h.Sequence > 0 {
			return desk.Check{
				Name: "mark", Said: fmt.Sprintf("the archive is older than this node's own mark: it lacks %s.%d, which this node wrote", e, h.Sequence),
				Mend: behindMend,
			}
		}
	}
	return desk.Check{Name: "mark", OK: true, Said: fmt.Sprintf("own epochs that are marked, and held by the archive: %d", len(mark))}
}

// behindMend is the way out for a store that is older than its mark.
const behindMend = "let it run while its peers can be reached, and they bring it back; if nobody has it: vardar run --resume"

func problemCheck(name string, err error, dir string) desk.Check {
	p := Problem(err, dir)
	c := desk.Check{Name: name, Said: p.Detail, Mend: p.Mend}
	if c.Mend == "" {
		c.Mend = p.Next
	}
	return c
}

// portPatience is how long an own address may take to answer.
const portPatience = time.Second

// examinePorts calls each address that invitations name, as a peer would, and says where else
// this node listens.
func (n *Node) examinePorts(ctx context.Context) desk.Check {
	named := n.addresses()
	read := n.HTTPAddr()
	if nats := n.ProgramsAddr(); nats != "" {
		read = strings.TrimPrefix(read+", nats://"+nats, ", ")
	}
	const why = "peers, people and programs call those addresses, and hear nothing where nobody answers"
	said := fmt.Sprintf("peers call it at %s, the pages are at %s, programs read at %s", orDash(strings.Join(named, ", ")), orDash(n.PagesAddr()), orDash(read))
	for _, address := range named {
		if err := answers(ctx, address); err != nil {
			return desk.Check{
				Name: "port", Said: fmt.Sprintf("%s, which invitations name, does not answer from here: %v", address, err), Why: why,
				Mend: "open that port in the firewall and have it forwarded to this machine, or name another address with --advertise",
			}
		}
	}
	return desk.Check{Name: "port", OK: true, Said: said, Why: why}
}

// answers reports why nobody takes a call at an address.
func answers(ctx context.Context, address string) error {
	d := net.Dialer{Timeout: portPatience}
	c, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return c.Close()
}

// examineVersions says which vardar runs here, and which at the peers whose lines are up.
// That two differ is no fault: what one can't read it keeps, and passes on.
func (n *Node) examineVersions() desk.Check {
	var others []string
	for _, s := range n.links.States() {
		if s.Up && s.Software != "" && s.Software != "vardar "+n.o.Version {
			others = append(others, string(s.Peer)+" "+s.Software)
		}
	}
	said := fmt.Sprintf("this is vardar %s (%s, %s/%s), peers that run another: %s", n.o.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH, orDash(strings.Join(others, ", ")))
	return desk.Check{Name: "version", OK: true, Said: said, Why: "versions that differ understand each other, but the older one can't show what only the newer one knows"}
}

// orDash gives a dash for nothing.
func orDash(s string) string { return cmp.Or(s, "–") }

package node

import (
	"context"
	"errors"

	"github.com/vardar-network/vardar/node/backup"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/site"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/node/web"
	"github.com/vardar-network/vardar/protocol"
)

// deskBucket is the desk's private bucket.
const deskBucket = "desk"

// openDesk joins the desk to the rooms below it.
func (n *Node) openDesk(ctx context.Context) error {
	n.people = n.rooms.people(n.o, n.Institutions())
	var err error
	if n.signOn, err = n.openOIDC(); err != nil {
		return err
	}
	if n.duty, err = n.openDuty(); err != nil {
		return err
	}
	sites, err := site.Open(ctx, site.Options{Kept: n.rooms.store.Private(siteBucket), Clock: n.o.Stamp})
	if err != nil {
		return err
	}
	choices, err := web.Choices()
	if err != nil {
		return err
	}
	n.desk, err = desk.New(desk.Options{
		Archive: ArchiveOf(n.rooms.store), Saved: n.rooms.store.Private(deskBucket), Audit: n.rooms.audit, Staff: n.people, Duty: n.duty, Sites: sites, Intake: n.rooms.intake, Links: n.links, Trust: n.rooms.trust, Board: n.rooms.board,
		Atlas: n.rooms.atlas, Institutions: n.Institutions(), Addresses: n.addresses(), Keyring: keyring{n.rooms.safe}, LinkKey: n.bus.LinkKey(),
		Clock: n.o.Stamp, Rand: n.o.Rand, Second: n.o.Second, Factor: n.o.factors(), Health: n.health, Logger: n.o.Logger,
		Decides: n.rooms.leaveTo, Index: web.PackPage, Choices: choices,
		Examine: func(ctx context.Context) []desk.Check {
			return append(n.rooms.examine(), n.rooms.examineAudit(ctx), n.desk.KeeperCheck(ctx), n.examinePorts(ctx), n.examineVersions())
		},
		Backup: func(ctx context.Context, q desk.BackupRequest) (backup.Made, error) {
			return n.rooms.backUp(ctx, n.o, q)
		},
	})
	return err
}

// people are the accounts of those whom the node writes for.
func (r *rooms) people(o Options, hosted []protocol.InstitutionID) *staff.Staff {
	return staff.New(staff.Options{Kept: r.store.Private(staffBucket), Institutions: hosted, Clock: o.Clock, Rand: o.Rand, Vault: vault{r.safe, hosted[0]}})
}

// FirstAccount makes the first account of a node that does not run, an administrator's, and
// gives its one-time word, which nothing knows again. Where there are accounts it makes none.
func FirstAccount(ctx context.Context, o Options, id protocol.InstitutionID) (a staff.Account, word string, err error) {
	if o, err = o.withDefaults(); err != nil {
		return a, "", err
	}
	r := &rooms{}
	if err = r.openStore(ctx, o); err != nil {
		return a, "", err
	}
	defer func() { err = errors.Join(err, r.store.Close()) }()
	people := r.people(o, []protocol.InstitutionID{id})
	if all, err := people.Accounts(ctx); err != nil || len(all) > 0 {
		return a, "", err
	}
	return people.Add(ctx, staff.Account{Name: firstAccount, Role: staff.Admin})
}

// firstAccount is the name of the account that a new node has.
const firstAccount = "admin"

// Welcome gives the one-time word of an account that nobody has entered yet, and makes the
// account if there is none. It gives no word of one whose password was chosen.
func (n *Node) Welcome(ctx context.Context, name, role string) (word string, err error) {
	do := desk.StaffAdd
	var a staff.Account
	switch a, err = n.people.Account(ctx, name); {
	case err == nil && a.State != staff.StateInvited:
		return "", nil
	case err == nil:
		do = desk.StaffReset
	case !errors.Is(err, staff.ErrUnknown):
		return "", err
	}
	done, err := n.desk.ChangeStaff(ctx, desk.StaffRequest{Do: do, Name: name, Role: staff.Role(role)})
	return done.Word, err
}

// Desk does what people ask of the node.
func (n *Node) Desk() *desk.Desk { return n.desk }

// health is what the desk can't see for itself.
func (n *Node) health() desk.Health {
	s := n.rooms.store.Stats()
	h := desk.Health{
		Software: "vardar " + n.o.Version, Started: protocol.InstantOf(n.started), Listen: n.Addr(),
		Store: desk.StoreHealth{
			Records: s.Records, Indexed: s.Indexed, Bytes: s.Bytes, FreeBytes: s.Free, TotalBytes: s.Total,
			ForeignPaused: s.ForeignPaused, ForeignBelow: s.ForeignBelow, Paused: s.Paused,
		},
		Log: desk.LogHealth{Incarnation: n.bus.LogIncarnation()},
	}
	mark, err := n.rooms.safe.Mark(context.Background())
	h.Mark.Epochs = len(mark)
	h.Mark.Error = words(err)
	if !s.Read.IsZero() {
		h.Store.Read = protocol.InstantOf(s.Read)
	}
	n.again.tell(&h.Store)
	h.Store.Failed = words(errors.Join(s.Failed))
	h.Backup = backupHealth(n.o)
	return h
}

// backupHealth is what is remembered of backups.
func backupHealth(o Options) desk.BackupHealth {
	memory, err := backup.Recall(o.Dir)
	return desk.BackupHealth{Memory: memory, Error: words(err)}
}

func words(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

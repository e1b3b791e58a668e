package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/node/audit"
	"github.com/vardar-network/vardar/node/backup"
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/node/site"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Options are the parts a desk is joined from; all are required but those with a default.
type Options struct {
	Archive      Archive
	Saved        Saved
	Audit        *audit.Log
	Staff        *staff.Staff
	Duty         *duty.Duty
	Sites        *site.Register
	Intake       *intake.Intake
	Links        *link.Links
	Trust        *trust.Registry
	Board        *board.Board
	Atlas        *atlas.Atlas
	Institutions []protocol.InstitutionID // hosted; the first names the node
	Addresses    []string                 // host:port where this node listens, for invitations; none: it can't invite
	LinkKey      protocol.Key
	Keyring      Keyring      // default: none, and keys can't be turned
	Second       []string     // kinds that wait for a second person, of [SecondKinds]; default none
	Factor       []staff.Role // must have a second factor; default none
	Clock        func() time.Time
	Rand         io.Reader     // salts and claim keys
	Health       func() Health // default: nothing is known
	// Backup makes a backup of the node; default: it is refused.
	Backup func(context.Context, BackupRequest) (backup.Made, error)
	// Decides is told of an own epoch before a person's word on what counts of it is written,
	// so that the node says nothing else of it by itself. Default: nobody is told.
	Decides func(context.Context, protocol.EpochID) error
	// Examine looks at what no room below the desk sees: keys, carrier, backups; for the
	// doctor. Default: nothing.
	Examine func(context.Context) []Check
	// Choices gives what a word that is chosen from, such as a sector or a phase, is called in the
	// languages that pages are read in. Default: nothing more.
	Choices func(word string) []string
	// Index makes the page of a pack of evidence in a language. Default: a pack has none.
	Index  func(ctx context.Context, d *Desk, l *PackList, language string) ([]byte, error)
	Logger *slog.Logger // default: discard
}

// Desk does what people ask of a node. Make it with [New]; its methods are safe for
// concurrent use.
type Desk struct {
	o         Options
	log       *slog.Logger
	qualities body.QualityProfile
	phases    body.PhaseProfile
	weights   body.SolidarityProfile
	standards body.StandardTable

	exchange sync.Mutex // held from the look at a line to the record that moves it
	turning  sync.Mutex // held while a key is turned
	admitted sync.Mutex // held from the look at the members to the admission
	deciding sync.Mutex // held while what waits for a second person is decided; above forms
	forms    sync.Mutex // held from the look at whether a form was sent to the note that it was
	backup   sync.Mutex // held while a backup is made: one clears what a killed one left
	quotas   quotas
	words    lexicon
	examined examination
	earlier  rearview
}

// New joins the parts.
func New(o Options) (*Desk, error) {
	if o.Archive == nil || o.Saved == nil || o.Audit == nil || o.Staff == nil || o.Duty == nil || o.Sites == nil || o.Intake == nil || o.Links == nil || o.Trust == nil || o.Board == nil || o.Atlas == nil ||
		len(o.Institutions) == 0 || o.Clock == nil || o.Rand == nil {
		return nil, errors.New("desk: a required option is empty")
	}
	if o.Health == nil {
		o.Health = func() Health { return Health{} }
	}
	if o.Backup == nil {
		o.Backup = func(context.Context, BackupRequest) (backup.Made, error) {
			return backup.Made{}, problem(Refused, "vardar backup --help", "this node makes no backups")
		}
	}
	if o.Choices == nil {
		o.Choices = func(string) []string { return nil }
	}
	if o.Examine == nil {
		o.Examine = func(context.Context) []Check { return nil }
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if err := checkSecond(o.Second); err != nil {
		return nil, err
	}
	o.Institutions, o.Addresses = slices.Clone(o.Institutions), slices.Clone(o.Addresses)
	qualities, err := body.Qualities()
	if err != nil {
		return nil, fmt.Errorf("desk: %w", err)
	}
	phases, err := body.PhaseSigns()
	if err != nil {
		return nil, fmt.Errorf("desk: %w", err)
	}
	weights, err := body.SolidarityWeights()
	if err != nil {
		return nil, fmt.Errorf("desk: %w", err)
	}
	standards, err := body.Standards()
	if err != nil {
		return nil, fmt.Errorf("desk: %w", err)
	}
	return &Desk{o: o, log: o.Logger, qualities: qualities, phases: phases, weights: weights, standards: standards}, nil
}

// Institutions gives those the node writes for; the first names it.
func (d *Desk) Institutions() []protocol.InstitutionID { return slices.Clone(d.o.Institutions) }

func (d *Desk) now() protocol.Instant { return protocol.InstantOf(d.o.Clock()) }

// author gives the institution that an act is done as: the one asked for, or the first that
// who acts may act for.
func (d *Desk) author(ctx context.Context, as protocol.InstitutionID) (protocol.InstitutionID, error) {
	own := d.own(ctx)
	switch {
	case as == "" && len(own) > 0:
		return own[0], nil
	case slices.Contains(own, as):
		return as, nil
	case as != "" && !d.isOwn(as):
		return "", problem(NotPermitted, "vardar status", "this node does not write for %s: it writes for %s", as, joinIDs(d.o.Institutions))
	case len(own) == 0:
		return "", problem(NotPermitted, "vardar staff list", "%s acts for no institution of this node", actorOf(ctx).name)
	}
	return "", problem(NotPermitted, "vardar staff list", "%s does not act for %s: it acts for %s", actorOf(ctx).name, as, joinIDs(own))
}

// own gives the institutions of this node that who acts may act for, the usual one first.
func (d *Desk) own(ctx context.Context) []protocol.InstitutionID {
	only := actorOf(ctx).only
	if len(only) == 0 {
		return d.o.Institutions
	}
	return d.hosted(only)
}

// hosted gives those of some institutions that this node writes for.
func (d *Desk) hosted(ids []protocol.InstitutionID) []protocol.InstitutionID {
	return slices.DeleteFunc(slices.Clone(ids), func(id protocol.InstitutionID) bool { return !d.isOwn(id) })
}

func (d *Desk) isOwn(id protocol.InstitutionID) bool { return slices.Contains(d.o.Institutions, id) }

// held gives the record of a name: of rivals the first of [Desk.rivals].
func (d *Desk) held(n protocol.Name) (Held, error) {
	records, err := d.rivals(n)
	if err != nil {
		return Held{}, err
	}
	return records[0], nil
}

// heldAs gives the record of a name and a digest; zero: as [Desk.held] does.
func (d *Desk) heldAs(n protocol.Name, digest protocol.Digest) (Held, error) {
	if digest.IsZero() {
		return d.held(n)
	}
	records, err := d.rivals(n)
	if err != nil {
		return Held{}, err
	}
	i := slices.IndexFunc(records, func(h Held) bool { return h.Digest == digest })
	if i < 0 {
		return Held{}, &Problem{
			Kind: Refused, Field: "digest", Detail: fmt.Sprintf("%s is not here as it was read: another record stands under its name", n),
			Mend: "read it again, and answer that", Next: "vardar show " + n.String(),
		}
	}
	return records[i], nil
}

// rivals gives all records of a name, at least one: those that their author stands by
// before those that are stopped, void ones last, and in each of these the first accepted
// first.
func (d *Desk) rivals(n protocol.Name) ([]Held, error) {
	records, err := d.o.Archive.At(n)
	if err != nil {
		return nil, failure(err)
	}
	if len(records) == 0 {
		return nil, d.noRecord(n, "vardar list "+listOf(n.Topic))
	}
	if len(records) == 1 {
		return records, nil
	}
	rank := map[protocol.Digest]int{}
	for i := range records {
		if s, _ := d.o.Board.Standing(records[i].Digest); s == board.Stopped {
			rank[records[i].Digest] = 1
		} else if s == board.Void {
			rank[records[i].Digest] = 2
		}
	}
	slices.SortStableFunc(records, func(a, b Held) int { return rank[a.Digest] - rank[b.Digest] })
	return records, nil
}

// listOf names the list in which records of a topic are found.
func listOf(t protocol.Topic) string {
	switch t {
	case protocol.Trust:
		return ListMembers
	case protocol.Alert:
		return ListAlerts
	case protocol.Resource:
		return ListRequests
	case protocol.Funding:
		return ListFlows
	case protocol.Policy:
		return ListConsultations
	case protocol.Knowledge:
		return ListPractices
	case protocol.Situation:
	}
	return ListReports
}

// named reads a record's name as a person writes it: whole, or the position alone for one
// of the institution's own.
func (d *Desk) named(as protocol.InstitutionID, ref string) (protocol.Name, error) {
	if p, err := protocol.ParsePosition(ref); err == nil {
		return protocol.Name{Institution: as, Position: p}, nil
	}
	n, err := protocol.ParseName(ref)
	if err != nil {
		return n, &Problem{
			Kind: Usage, Field: "record", Detail: quoted(ref) + " is no record's name", Next: "vardar list",
			Mend: "want a name such as mk.southeast.gevgelija/situation.1.42, or situation.1.42 of your own", Err: err,
		}
	}
	return n, nil
}

// Record gives one record as it stands, for GET /v1/records: of rivals at one position the
// one with a digest; with the zero digest the first that is not void, nor stopped if one is
// neither. The problem is [NotFound] for what is not held.
func (d *Desk) Record(_ context.Context, n protocol.Name, digest protocol.Digest) (protocol.Record, error) {
	records, err := d.rivals(n)
	if err != nil {
		return protocol.Record{}, err
	}
	for i := range records {
		if digest.IsZero() || records[i].Digest == digest {
			return records[i].Record, nil
		}
	}
	return protocol.Record{}, problem(NotFound, "vardar show "+n.String(), "no record %s with the digest %s is held here", n, digest)
}

package desk

import (
	"fmt"
	"sync"
	"time"

	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// quotaNear is from which share of its day's quota on, in percent, status tells an institution.
const quotaNear = 80

// Anyway has a record written that this desk refuses otherwise. The journal tells of it.
type Anyway struct {
	Clock bool `json:"my_clock_is_right,omitempty"` // others contradict this node's clock, and are wrong
	Quota bool `json:"over_quota,omitempty"`        // beyond what the charter lets a member write a day
}

// told notes what a record is written despite of.
func (s *statement) told(out *Published, said string) {
	s.despite, out.Warnings = append(s.despite, said), append(out.Warnings, said)
}

// quotas is what each own institution has written today. It is counted by its own desk, for
// want of a measure that others could take (see node/trust/DESIGN.md): by the time it gave its
// records, which nobody has a reason to falsify against himself.
type quotas struct {
	mu   sync.Mutex // guards days
	days map[protocol.InstitutionID]written
}

// written is what an institution wrote on a day, which begins at midnight UTC.
type written struct {
	day     int64
	records int
	bytes   int64 // of bodies
}

const (
	dayMS = int64(24 * time.Hour / time.Millisecond)
	mib   = 1 << 20
)

// today gives what an institution has written today: counted in the archive when a day is first
// asked for, and from then on as it is written. The caller holds mu.
func (q *quotas) today(d *Desk, id protocol.InstitutionID) (written, error) {
	w := written{day: int64(d.now()) / dayMS}
	if q.days[id].day == w.day {
		return q.days[id], nil
	}
	for _, t := range protocol.Topics() {
		opener, ok := d.o.Trust.Current(protocol.Feed{Institution: id, Topic: t})
		for e := opener.EpochID; ok && e.Epoch > 0; e.Epoch-- {
			more, err := w.count(d, e)
			if err != nil {
				return w, err
			}
			if !more {
				break
			}
		}
	}
	if q.days == nil {
		q.days = map[protocol.InstitutionID]written{}
	}
	q.days[id] = w
	return w, nil
}

// count adds what was written today in an epoch, from its head back, and reports whether the
// epoch before may hold more.
func (w *written) count(d *Desk, e protocol.EpochID) (more bool, err error) {
	var head uint32
	for _, b := range d.o.Archive.Branches(e) {
		head = max(head, b.Head)
	}
	for n := head; n > 0; n-- {
		records, err := d.o.Archive.At(protocol.Name{Institution: e.Institution, Position: protocol.Position{Topic: e.Topic, Epoch: e.Epoch, Sequence: n}})
		if err != nil {
			return false, err
		}
		for i := range records {
			if int64(records[i].Time)/dayMS < w.day {
				return false, nil
			}
			w.records++
			w.bytes += int64(len(records[i].Body))
		}
	}
	return true, nil
}

// unbounded reports whether records of a type are written whatever the day's quota says, and
// count all the same: alerts, who may speak, what is taken back, and what the node witnesses
// by itself.
func unbounded(recordType string) bool {
	topic, err := protocol.TypeTopic(recordType)
	return err != nil || topic == protocol.Alert || trust.Kept(recordType) || recordType == body.TypeWitness
}

// spend takes a record off the day's quota, or refuses it. If it is not written after all,
// back gives it back.
func (d *Desk) spend(s *statement, out *Published) (back func(), err error) {
	quota := d.o.Trust.Charter().Quota
	if quota == (protocol.Quota{}) {
		return func() {}, nil
	}
	d.quotas.mu.Lock()
	defer d.quotas.mu.Unlock()
	w, err := d.quotas.today(d, s.as)
	if err != nil {
		return nil, failure(err)
	}
	size := int64(len(out.Body))
	w.records, w.bytes = w.records+1, w.bytes+size
	if said := w.over(quota); said != "" && !unbounded(s.recordType) {
		if !s.anyway.Quota {
			return nil, beyondQuota(s.as, said)
		}
		s.told(out, "beyond the day's quota of "+said)
	}
	d.quotas.days[s.as] = w
	return func() {
		d.quotas.mu.Lock()
		defer d.quotas.mu.Unlock()
		if now := d.quotas.days[s.as]; now.day == w.day {
			d.quotas.days[s.as] = written{now.day, now.records - 1, now.bytes - size}
		}
	}, nil
}

func beyondQuota(as protocol.InstitutionID, said string) *Problem {
	return &Problem{
		Kind: Refused, Field: "quota", Detail: fmt.Sprintf("%s has written what the charter lets a member write a day: %s", as, said),
		Mend: "look for what writes so much; if all of it is needed tonight, say it with --over-quota: the journal notes it; from midnight UTC on it goes on by itself",
		Next: "vardar list kept --help",
	}
}

// affords refuses so many records at once that the day's quota would end before the last.
func (d *Desk) affords(as protocol.InstitutionID, records int) error {
	d.quotas.mu.Lock()
	defer d.quotas.mu.Unlock()
	w, err := d.quotas.today(d, as)
	if err != nil {
		return failure(err)
	}
	w.records += records
	if said := w.over(d.o.Trust.Charter().Quota); said != "" {
		return beyondQuota(as, said)
	}
	return nil
}

// over says by what a quota is exceeded; "" if it is not. A charter that says 0 bounds nothing.
func (w written) over(q protocol.Quota) string {
	switch {
	case q.RecordsADay > 0 && w.records > q.RecordsADay:
		return Count(q.RecordsADay, "record", "records")
	case q.MiBADay > 0 && w.bytes > int64(q.MiBADay)*mib:
		return fmt.Sprintf("%d MiB", q.MiBADay)
	}
	return ""
}

// said says it of a day so far.
func (w written) said(q protocol.Quota) string {
	said := Count(w.records, "record", "records")
	if q.RecordsADay > 0 {
		said += fmt.Sprintf(" of %d", q.RecordsADay)
	}
	if q.MiBADay > 0 {
		said += fmt.Sprintf(", %d of %d MiB", w.bytes/mib, q.MiBADay)
	}
	return said
}

// near reports whether most of a quota is used.
func (w written) near(q protocol.Quota) bool {
	return q.RecordsADay > 0 && w.records*100 >= q.RecordsADay*quotaNear || q.MiBADay > 0 && w.bytes*100 >= int64(q.MiBADay)*mib*quotaNear
}

// quotaFindings tells of institutions that have written most of what they may today.
func (d *Desk) quotaFindings() []Finding {
	quota := d.o.Trust.Charter().Quota
	if quota == (protocol.Quota{}) {
		return nil
	}
	var out []Finding
	d.quotas.mu.Lock()
	defer d.quotas.mu.Unlock()
	for _, id := range d.o.Institutions {
		if w, err := d.quotas.today(d, id); err == nil && w.near(quota) {
			out = append(out, Finding{
				"quota", fmt.Sprintf("%s has written %s that the charter lets a member write a day", id, w.said(quota)),
				"look for what writes so much: beyond it only alerts go, and what is said with --over-quota; it begins anew at midnight UTC", false,
			})
		}
	}
	return out
}

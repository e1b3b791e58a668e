package board

import (
	"cmp"
	"slices"
	"time"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// AlertState says whether an alert is to be acted on.
type AlertState string

// The states of an alert.
const (
	AlertActive    AlertState = "active"
	AlertExpired   AlertState = "expired"
	AlertCancelled AlertState = "cancelled" // by its sender
	AlertUpdated   AlertState = "updated"   // by its sender: another took its place
	AlertNone      AlertState = "no alert"  // a cancellation, an acknowledgement, an error message, a test or a draft
)

// Alert is one alert message of CAP 1.2.
type Alert struct {
	Identifier  string                 `json:"identifier"`
	Sender      string                 `json:"sender"`
	Institution protocol.InstitutionID `json:"institution"`
	State       AlertState             `json:"state"`
	MsgType     body.CAPMsgType        `json:"msg_type"`
	Status      body.CAPStatus         `json:"status"`
	Severity    body.Severity          `json:"severity,omitempty"` // the gravest of its infos
	Event       string                 `json:"event,omitempty"`
	Headline    string                 `json:"headline,omitempty"`
	Areas       []string               `json:"areas,omitempty"`
	Place       body.PlaceKey          `json:"place,omitzero"`
	PlaceName   string                 `json:"place_name,omitempty"`
	Footnote    bool                   `json:"footnote,omitempty"`
	Sent        protocol.Instant       `json:"sent"`
	Expires     protocol.Instant       `json:"expires,omitzero"` // of the info that lasts longest; zero: not said
	By          protocol.Name          `json:"by,omitzero"`      // what updated or cancelled it
	About       []protocol.Name        `json:"about,omitempty"`  // records it refers to
	Record      protocol.Name          `json:"record"`
	Digest      protocol.Digest        `json:"digest"`
	Correction  protocol.Name          `json:"correction,omitzero"`

	areas   []body.PlaceKey // that it is for, as far as codes say
	updates []protocol.Name // that took its place, the newest last
}

// alert is the essence of an alert record.
type alert struct {
	row        Alert
	about      []protocol.Digest
	references []capName
}

// capName is what CAP references name a message by.
type capName struct {
	sender, identifier string
	sent               protocol.Instant
}

// alertRow is an alert with what it refers to.
type alertRow struct {
	row   Alert
	about []protocol.Digest
}

func newAlert(b *body.Alert) *alert {
	a := &alert{row: Alert{
		Identifier: string(b.Identifier), Sender: string(b.Sender), MsgType: b.MsgType, Status: b.Status,
		Sent: protocol.InstantOf(b.Sent.Time()), State: AlertNone,
	}}
	if b.Warns() {
		a.row.State, a.row.areas = AlertActive, b.Areas()
	}
	if b.Place != nil {
		a.row.Place, a.row.PlaceName = internKey(b.Place.Key()), string(b.Place.Name)
	}
	for _, r := range b.References.Split() {
		a.references = append(a.references, capName{string(r.Sender), string(r.Identifier), protocol.InstantOf(r.Sent.Time())})
	}
	for _, r := range b.Refs {
		a.about, a.row.About = append(a.about, r.Digest), append(a.row.About, r.Record)
	}
	a.infos(b.Info)
	return a
}

// infos takes the first words, the gravest severity, and the expiry that lies farthest:
// none at all if one info does not expire.
func (a *alert) infos(infos []body.AlertInfo) {
	words := body.Severity("").Words()
	endless := false
	for i := range infos {
		n := &infos[i]
		a.row.Event, a.row.Headline = cmp.Or(a.row.Event, string(n.Event)), cmp.Or(a.row.Headline, string(n.Headline))
		if a.row.Severity == "" || slices.Index(words, string(n.Severity)) < slices.Index(words, string(a.row.Severity)) {
			a.row.Severity = n.Severity
		}
		if n.Expires == "" {
			endless = true
		} else {
			a.row.Expires = max(a.row.Expires, protocol.InstantOf(n.Expires.Time()))
		}
		for j := range n.Area {
			if s := string(n.Area[j].AreaDesc); !slices.Contains(a.row.Areas, s) {
				a.row.Areas = append(a.row.Areas, s)
			}
		}
	}
	if endless {
		a.row.Expires = 0
	}
}

// AlertLife is how long an alert that names no expiry is shown as active. CAP 1.2 leaves
// it to the recipient (§3.2.2, expires); without a bound it would stay for ever.
const AlertLife = 72 * time.Hour

// foldAlerts lets an institution's later messages update and cancel its earlier ones.
// "Sent is sent": both stay. Nobody updates another's alert.
func foldAlerts(_ protocol.InstitutionID, of []*entry) []alertRow {
	rows := make([]alertRow, len(of))
	at := map[capName][]int{}
	for i, e := range of {
		a := e.now.(*alert)
		row := a.row
		row.Institution, row.Record, row.Digest = e.name.Institution, e.name, e.digest
		if e.by != nil {
			row.Correction = e.by.name
		}
		rows[i] = alertRow{row, a.about}
		for _, ref := range a.references {
			for _, j := range at[ref] {
				rows[j].supersede(&row)
			}
		}
		name := capName{row.Sender, row.Identifier, row.Sent}
		at[name] = append(at[name], i)
	}
	return rows
}

// supersede lets a later message of the same sender work on this one.
func (r *alertRow) supersede(by *Alert) {
	if r.row.State == AlertNone || by.Status != r.row.Status {
		return // a test does not cancel what is real
	}
	switch by.MsgType {
	case body.MsgUpdate:
		if r.row.State != AlertCancelled {
			r.row.State, r.row.By = AlertUpdated, by.Record
			r.row.updates = append(r.row.updates, by.Record)
		}
	case body.MsgCancel:
		r.row.State, r.row.By = AlertCancelled, by.Record
	case body.MsgAlert, body.MsgAck, body.MsgError:
	}
}

func (w *world) alertRows(at protocol.Instant) []Alert {
	out := []Alert{}
	for _, of := range w.alerts.rows(cmp.Compare) {
		for _, a := range of {
			if a.row.State == AlertActive && at >= a.row.end() {
				a.row.State = AlertExpired
			}
			out = append(out, a.row)
		}
	}
	return out
}

// end is when an alert is over, if nothing ends it before.
func (a *Alert) end() protocol.Instant {
	if a.Expires == 0 {
		return a.Sent + protocol.Instant(AlertLife.Milliseconds())
	}
	return a.Expires
}

// rankAlerts leaves out the alerts that touch nothing of their author's territory: they are no answer to a change either,
// and what the same one said before stands, if they were to take its place.
func (v *View) rankAlerts(r *Ranks) {
	beyond := map[protocol.Name]bool{}
	for i := range v.Alerts {
		if a := &v.Alerts[i]; !r.Warns(a.Institution, a.areas) {
			beyond[a.Record] = true
		}
	}
	if len(beyond) == 0 {
		return
	}
	is := func(n protocol.Name) bool { return beyond[n] }
	v.Alerts = slices.DeleteFunc(slices.Clone(v.Alerts), func(a Alert) bool { return is(a.Record) })
	for i := range v.Alerts {
		if a := &v.Alerts[i]; a.State == AlertUpdated && is(a.By) {
			a.stand(slices.DeleteFunc(slices.Clone(a.updates), is), v.at)
		}
	}
	v.Drafts = slices.Clone(v.Drafts)
	for i := range v.Drafts {
		v.Drafts[i].Sent = slices.DeleteFunc(slices.Clone(v.Drafts[i].Sent), is)
	}
}

// stand has an alert stand as what took its place says: the last of these, or nothing.
func (a *Alert) stand(updates []protocol.Name, at protocol.Instant) {
	a.By = protocol.Name{}
	switch {
	case len(updates) > 0:
		a.By = updates[len(updates)-1]
	case at >= a.end():
		a.State = AlertExpired
	default:
		a.State = AlertActive
	}
}

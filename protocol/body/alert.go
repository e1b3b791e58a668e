package body

import (
	"errors"
	"strings"
)

// TypeAlert is the type of an [Alert].
const TypeAlert = "vardar.alert.warning.v1"

// Alert is an alert message of CAP 1.2, field for field and under CAP's names, at the top
// level of the body. CAP's source (a text) takes the place of the common source. "Sent
// is sent": an update is a new identifier that references the old.
type Alert struct {
	Common
	Identifier  CAPName       `json:"identifier"`
	Sender      CAPName       `json:"sender"`
	Sent        CAPTime       `json:"sent"`
	Status      CAPStatus     `json:"status"`
	MsgType     CAPMsgType    `json:"msgType"`
	Source      Text          `json:"source,omitempty"`
	Scope       CAPScope      `json:"scope"`
	Restriction Text          `json:"restriction,omitempty"`
	Addresses   Text          `json:"addresses,omitempty"` // blank-separated, quoted where they hold blanks
	Code        []Label       `json:"code,omitempty" fit:"least=1"`
	Note        Text          `json:"note,omitempty"`
	References  CAPReferences `json:"references,omitempty"`
	Incidents   Text          `json:"incidents,omitempty"` // blank-separated
	Info        []AlertInfo   `json:"info,omitempty" fit:"least=1"`
}

// AlertInfo is CAP's info: one language, or one of several areas or urgencies.
type AlertInfo struct {
	Language     Language          `json:"language,omitempty"` // default en-US
	Category     []CAPCategory     `json:"category" fit:"least=1"`
	Event        Label             `json:"event"`
	ResponseType []CAPResponseType `json:"responseType,omitempty" fit:"least=1"`
	Urgency      CAPUrgency        `json:"urgency"`
	Severity     Severity          `json:"severity"`
	Certainty    CAPCertainty      `json:"certainty"`
	Audience     Text              `json:"audience,omitempty"`
	EventCode    []CAPValue        `json:"eventCode,omitempty" fit:"least=1"`
	Effective    CAPTime           `json:"effective,omitempty"`
	Onset        CAPTime           `json:"onset,omitempty"`
	Expires      CAPTime           `json:"expires,omitempty"`
	SenderName   Label             `json:"senderName,omitempty"`
	Headline     Text              `json:"headline,omitempty"`
	Description  Text              `json:"description,omitempty"`
	Instruction  Text              `json:"instruction,omitempty"`
	Web          URI               `json:"web,omitempty"`
	Contact      Text              `json:"contact,omitempty"`
	Parameter    []CAPValue        `json:"parameter,omitempty" fit:"least=1"`
	Resource     []CAPResource     `json:"resource,omitempty" fit:"least=1"`
	Area         []CAPArea         `json:"area,omitempty" fit:"least=1"`
}

// CAPValue is a value of a named list: parameter, eventCode and geocode.
type CAPValue struct {
	ValueName Label   `json:"valueName"`
	Value     CAPText `json:"value"`
}

// CAPResource is a file beside the alert.
type CAPResource struct {
	ResourceDesc Text      `json:"resourceDesc"`
	MimeType     Label     `json:"mimeType"`
	Size         *Quantity `json:"size,omitempty"` // bytes
	URI          URI       `json:"uri,omitempty"`
	DerefURI     Encoded   `json:"derefUri,omitempty"` // the file itself, base64
	Digest       SHA1      `json:"digest,omitempty"`
}

// CAPArea is where it applies. Altitude and ceiling are feet above mean sea level.
type CAPArea struct {
	AreaDesc Text         `json:"areaDesc"`
	Polygon  []CAPPolygon `json:"polygon,omitempty" fit:"least=1"`
	Circle   []CAPCircle  `json:"circle,omitempty" fit:"least=1"`
	Geocode  []CAPValue   `json:"geocode,omitempty" fit:"least=1"`
	Altitude *float64     `json:"altitude,omitempty"`
	Ceiling  *float64     `json:"ceiling,omitempty"`
}

// Type gives [TypeAlert].
func (*Alert) Type() string { return TypeAlert }

// Warns reports whether it is to be acted on: what cancels, acknowledges, tests or drafts warns of nothing.
func (a *Alert) Warns() bool {
	return (a.MsgType == MsgAlert || a.MsgType == MsgUpdate) && (a.Status == StatusActual || a.Status == StatusExercise)
}

// Areas gives the places that it is for, as far as codes say: its place, and each geocode that is named by a scheme of
// places (NUTS3 is one of nuts). Other geocodes, polygons and circles are left to who draws them.
func (a *Alert) Areas() []PlaceKey {
	var out []PlaceKey
	if a.Place != nil {
		out = append(out, a.Place.Key())
	}
	for i := range a.Info {
		for j := range a.Info[i].Area {
			for _, g := range a.Info[i].Area[j].Geocode {
				scheme := strings.ToLower(string(g.ValueName))
				if level := strings.TrimRight(scheme, "0123"); level == string(NUTS) {
					scheme = level
				}
				if k, err := ParsePlaceKey(scheme + ":" + string(g.Value)); err == nil {
					out = append(out, k)
				}
			}
		}
	}
	return out
}

func (a *Alert) check() error {
	broken := []error{a.checkScope(), a.checkReferences()}
	for i := range a.Info {
		broken = append(broken, a.Info[i].check(entry("info", i)))
	}
	return errors.Join(broken...)
}

func (a *Alert) checkScope() error {
	switch {
	case a.Scope == ScopeRestricted && a.Restriction == "":
		return refuse(ErrCAP, "restriction", "scope Restricted needs the rule: give it")
	case a.Scope != ScopeRestricted && a.Restriction != "":
		return refuse(ErrCAP, "restriction", "it stands with scope Restricted only: leave it out")
	case a.Scope == ScopePrivate && a.Addresses == "":
		return refuse(ErrCAP, "addresses", "scope Private needs them: name the recipients")
	}
	return nil
}

func (a *Alert) checkReferences() error {
	if a.MsgType != MsgAlert && a.References == "" {
		return refuse(ErrCAP, "references", "%s is about earlier messages: name them as sender,identifier,sent", a.MsgType)
	}
	for _, r := range a.References.Split() {
		if r.Sender == a.Sender && r.Identifier == a.Identifier {
			return refuse(ErrCAP, "references", "the alert names itself: an update has a new identifier")
		}
		if r.Sent.Time().After(a.Sent.Time()) {
			return refuse(ErrCAP, "references", "%s was sent after this alert", r.Identifier)
		}
	}
	return nil
}

func (n *AlertInfo) check(path string) error {
	var broken []error
	if n.Web != "" && !n.Web.Absolute() {
		broken = append(broken, refuse(ErrCAP, path+".web", "want a full address that begins with https:"))
	}
	for i := range n.Resource {
		if r := &n.Resource[i]; r.URI != "" && !r.URI.Absolute() && r.DerefURI == "" {
			broken = append(broken, refuse(ErrCAP, entry(path+".resource", i)+".derefUri", "a relative uri needs the file itself"))
		}
	}
	for i := range n.Area {
		area, at := &n.Area[i], entry(path+".area", i)
		switch {
		case area.Ceiling != nil && area.Altitude == nil:
			broken = append(broken, refuse(ErrCAP, at+".altitude", "a ceiling needs an altitude"))
		case area.Ceiling != nil && *area.Ceiling < *area.Altitude:
			broken = append(broken, refuse(ErrCAP, at+".ceiling", "it lies below the altitude"))
		}
	}
	return errors.Join(broken...)
}

package site

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// MaxLines is how many goods one movement may have: a lorry's list.
const MaxLines = 50

// Direction is which way goods go.
type Direction string

// The two directions.
const (
	In  Direction = "in"
	Out Direction = "out"
)

// Goods are so many of a type at a site.
type Goods struct {
	Type     body.ResourceType `json:"type"`
	Unit     string            `json:"unit"`
	Quantity body.Quantity     `json:"quantity"`
}

// Line is one kind of goods that a movement moves.
type Line struct {
	Type     body.ResourceType `json:"type"`
	Unit     string            `json:"unit"` // empty when asked for: as the type suggests
	Quantity body.Quantity     `json:"quantity"`
	Left     body.Quantity     `json:"left"` // at the site, behind this movement
}

// Movement is one delivery.
type Movement struct {
	Number      uint64                 `json:"number"` // of the institution, from 1
	Institution protocol.InstitutionID `json:"institution"`
	Place       body.PlaceKey          `json:"place"`
	Direction   Direction              `json:"direction"`
	Lines       []Line                 `json:"lines"`
	Exchange    protocol.Name          `json:"exchange,omitzero"` // of help, that it belongs to
	Note        string                 `json:"note,omitempty"`
	Time        protocol.Instant       `json:"time"`
	By          string                 `json:"by"`
	ID          string                 `json:"id,omitempty"` // of the form or question that asked for it
}

// shelf is where one kind of goods lies.
type shelf struct {
	institution protocol.InstitutionID
	place       body.PlaceKey
	kind        body.ResourceType
	unit        string
}

// errand is what goods are under way for.
type errand struct {
	institution protocol.InstitutionID
	exchange    protocol.Name
	kind        body.ResourceType
	unit        string
}

// numbered is who asked under which number.
type numbered struct {
	institution protocol.InstitutionID
	id          string
}

const movePrefix = "move/"

// keyOfMovement puts the newest first: a bucket is read forwards alone.
func keyOfMovement(m *Movement) []byte {
	return binary.BigEndian.AppendUint64([]byte(movePrefix+string(m.Institution)+"/"), math.MaxUint64-m.Number)
}

// Move notes a movement, the whole of it in one transaction, which is on disk when Move
// returns. One that was noted under the same ID is given again, and not noted twice. It
// returns a [*Fault] for what can't be, [ErrShort] among them, and [ErrNone].
func (r *Register) Move(ctx context.Context, m Movement) (Movement, error) {
	if err := m.check(); err != nil {
		return Movement{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if before, again := r.noted[numbered{m.Institution, m.ID}]; again && m.ID != "" {
		if !m.same(&before) {
			return Movement{}, &Fault{"id", ErrOther.Error(), "open the form again, and note this one anew", ErrOther}
		}
		return before, nil
	}
	if _, err := r.site(m.Institution, m.Place); err != nil {
		return Movement{}, err
	}
	if err := r.weigh(&m); err != nil {
		return Movement{}, err
	}
	m.Number, m.Time = r.last[m.Institution]+1, r.now()
	text, err := json.Marshal(&m)
	if err == nil {
		err = r.o.Kept.Put(context.WithoutCancel(ctx), keyOfMovement(&m), text)
	}
	if err != nil {
		return Movement{}, err
	}
	r.take(&m)
	return m, nil
}

// check holds what a person said of a movement against what can be, and fills units in.
func (m *Movement) check() error {
	m.Note = strings.TrimSpace(m.Note)
	switch {
	case m.Direction != In && m.Direction != Out:
		return &Fault{"direction", fmt.Sprintf("%.40q is no direction", string(m.Direction)), "want in or out", ErrValue}
	case len(m.Lines) == 0:
		return &Fault{"lines", "no goods are named", "name at least one", ErrValue}
	case len(m.Lines) > MaxLines:
		return &Fault{"lines", fmt.Sprintf("these are more than %d", MaxLines), "note them as several movements", ErrMany}
	case len(m.Note) > MaxText:
		return &Fault{"note", fmt.Sprintf("it is longer than %d bytes", MaxText), "shorten it", ErrValue}
	case len(m.ID) > MaxText:
		return &Fault{"id", fmt.Sprintf("it is longer than %d bytes", MaxText), "shorten it", ErrValue}
	}
	m.Lines = slices.Clone(m.Lines)
	seen := map[shelf]bool{}
	for i := range m.Lines {
		l, field := &m.Lines[i], fmt.Sprintf("lines[%d]", i)
		if err := known(l.Type, field+".type"); err != nil {
			return err
		}
		l.Left = 0
		if l.Unit = strings.TrimSpace(l.Unit); l.Unit == "" {
			l.Unit = string(l.Type.Unit())
		}
		on := m.shelf(l)
		switch {
		case len(l.Unit) > MaxText:
			return &Fault{field + ".unit", fmt.Sprintf("it is longer than %d bytes", MaxText), "shorten it", ErrValue}
		case l.Quantity < 1 || !whole(int64(l.Quantity)):
			return &Fault{field + ".quantity", fmt.Sprintf("%d is no quantity that can be moved", l.Quantity), "give a whole number of 1 or more", ErrValue}
		case seen[on]:
			return &Fault{field + ".type", fmt.Sprintf("%s stands there twice", l.Type), "say it once, with the sum", ErrValue}
		}
		seen[on] = true
	}
	return nil
}

func (m *Movement) shelf(l *Line) shelf { return shelf{m.Institution, m.Place, l.Type, l.Unit} }

// same reports whether a movement says what another did.
func (m *Movement) same(other *Movement) bool {
	return m.Place == other.Place && m.Direction == other.Direction && m.Exchange == other.Exchange && m.Note == other.Note &&
		slices.EqualFunc(m.Lines, other.Lines, func(a, b Line) bool {
			return a.Type == b.Type && a.Unit == b.Unit && a.Quantity == b.Quantity
		})
}

// weigh refuses what would leave less than nothing, or more than a record could say, and notes
// in each line what it leaves. The caller holds mu.
func (r *Register) weigh(m *Movement) error {
	for i := range m.Lines {
		l := &m.Lines[i]
		there, field := r.left[m.shelf(l)], fmt.Sprintf("lines[%d].quantity", i)
		switch {
		case m.Direction == Out && l.Quantity > there:
			return &Fault{field, fmt.Sprintf("%d %s are to go out, and %d are there", l.Quantity, l.Type, there), "note first what came in, or let fewer go", ErrShort}
		case m.Direction == In && !whole(int64(there+l.Quantity)):
			return &Fault{field, fmt.Sprintf("with %d %s more the sum is greater than a record can say", l.Quantity, l.Type), "look whether the number is right", ErrMany}
		case m.Direction == Out:
			l.Left = there - l.Quantity
		default:
			l.Left = there + l.Quantity
		}
	}
	return nil
}

// take adds a movement to the sums. The caller holds mu, or is alone.
func (r *Register) take(m *Movement) {
	for i := range m.Lines {
		l := &m.Lines[i]
		sign := int64(1)
		if m.Direction == Out {
			sign = -1
		}
		r.left[m.shelf(l)] += body.Quantity(sign) * l.Quantity
		if !m.Exchange.IsZero() {
			r.away[errand{m.Institution, m.Exchange, l.Type, l.Unit}] -= sign * int64(l.Quantity)
		}
	}
	r.last[m.Institution] = max(r.last[m.Institution], m.Number)
	if m.ID != "" {
		r.noted[numbered{m.Institution, m.ID}] = *m
	}
}

// Goods gives what lies at a site, by type; of what is used up that there is none.
func (r *Register) Goods(as protocol.InstitutionID, place body.PlaceKey) []Goods {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := []Goods{}
	for on, left := range r.left {
		if on.institution == as && on.place == place {
			out = append(out, Goods{Type: on.kind, Unit: on.unit, Quantity: left})
		}
	}
	slices.SortFunc(out, func(a, b Goods) int { return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Unit, b.Unit)) })
	return out
}

// Away gives how many of some goods have gone out for an exchange of help and not come back.
func (r *Register) Away(as protocol.InstitutionID, exchange protocol.Name, kind body.ResourceType, unit string) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return max(0, r.away[errand{as, exchange, kind, unit}])
}

// Movements gives those of an institution, the newest first, at most so many; of one site, if
// a place is named.
func (r *Register) Movements(ctx context.Context, as protocol.InstitutionID, place body.PlaceKey, most int) ([]Movement, error) {
	out := []Movement{}
	for m, err := range entries[Movement](ctx, r.o.Kept, movePrefix+string(as)+"/") {
		if err != nil {
			return nil, err
		}
		if !place.IsZero() && m.Place != place {
			continue
		}
		if len(out) >= most {
			break
		}
		out = append(out, m)
	}
	return out, nil
}

package protocol

import (
	"math"
	"strconv"
	"strings"
)

// MaxNumber is the largest epoch and sequence: they fit a signed 32-bit integer
// everywhere.
const MaxNumber = math.MaxInt32

// Feed is one institution's hash-chained log for one topic: the unit of subscription
// and of gap detection.
type Feed struct {
	Institution InstitutionID
	Topic       Topic
}

// String gives institution/topic, as the messages of a link write it.
func (f Feed) String() string { return string(f.Institution) + "/" + f.Topic.String() }

// Group is the group of feeds that this one belongs to.
func (f Feed) Group() Group { return Group{f.Topic, f.Institution.Group()} }

// ParseFeed reads institution/topic.
func ParseFeed(s string) (Feed, error) {
	inst, topic, ok := strings.Cut(s, "/")
	if !ok {
		return Feed{}, broken(ErrName, "feed", s)
	}
	id, err := ParseInstitution(inst)
	if err != nil {
		return Feed{}, err
	}
	t, err := ParseTopic(topic)
	if err != nil {
		return Feed{}, err
	}
	return Feed{id, t}, nil
}

// MarshalText writes institution/topic.
func (f Feed) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads it as [ParseFeed] does.
func (f *Feed) UnmarshalText(b []byte) error {
	v, err := ParseFeed(string(b))
	if err == nil {
		*f = v
	}
	return err
}

// Group is topic and country.region: what policies select, what have digests are
// made over, and what has one cursor a link.
type Group struct {
	Topic  Topic
	Region Region
}

// String gives "situation mk.southeast", the key of a have message.
func (g Group) String() string { return g.Topic.String() + " " + string(g.Region) }

// Compare orders groups by topic number, then region.
func (g Group) Compare(h Group) int {
	if g.Topic != h.Topic {
		return int(g.Topic) - int(h.Topic)
	}
	return strings.Compare(string(g.Region), string(h.Region))
}

// ParseGroup reads "topic country.region".
func ParseGroup(s string) (Group, error) {
	topic, region, _ := strings.Cut(s, " ")
	t, err := ParseTopic(topic)
	if err != nil {
		return Group{}, err
	}
	r, err := ParseRegion(region)
	if err != nil {
		return Group{}, err
	}
	return Group{t, r}, nil
}

// MarshalText writes it as String does.
func (g Group) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// UnmarshalText reads it as [ParseGroup] does.
func (g *Group) UnmarshalText(b []byte) error {
	v, err := ParseGroup(string(b))
	if err == nil {
		*g = v
	}
	return err
}

// EpochID names one epoch of one feed.
type EpochID struct {
	Feed
	Epoch uint32
}

// String gives institution/topic.epoch.
func (e EpochID) String() string {
	return e.Feed.String() + "." + strconv.FormatUint(uint64(e.Epoch), 10)
}

// ParseEpochID reads institution/topic.epoch; it returns a [*Violation] of [ErrName], or
// of the part that is wrong.
func ParseEpochID(s string) (EpochID, error) {
	dot := strings.LastIndexByte(s, '.')
	if dot < strings.IndexByte(s, '/') {
		return EpochID{}, broken(ErrEpoch, "", s)
	}
	feed, err := ParseFeed(s[:max(dot, 0)])
	if err != nil {
		return EpochID{}, err
	}
	epoch, ok := parseNumber(s[dot+1:])
	if !ok {
		return EpochID{}, broken(ErrEpoch, "", s)
	}
	return EpochID{feed, epoch}, nil
}

// MarshalText writes it as String does.
func (e EpochID) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText reads it as [ParseEpochID] does.
func (e *EpochID) UnmarshalText(b []byte) error {
	v, err := ParseEpochID(string(b))
	if err == nil {
		*e = v
	}
	return err
}

// Position is a record's place in its institution's logs: situation.1.42.
type Position struct {
	Topic    Topic
	Epoch    uint32 // 1 to MaxNumber
	Sequence uint32 // 1 to MaxNumber
}

// String gives topic.epoch.sequence.
func (p Position) String() string {
	return string(p.append(make([]byte, 0, 32)))
}

func (p Position) append(b []byte) []byte {
	b = append(b, p.Topic.String()...)
	b = append(b, '.')
	b = strconv.AppendUint(b, uint64(p.Epoch), 10)
	b = append(b, '.')
	return strconv.AppendUint(b, uint64(p.Sequence), 10)
}

// ParsePosition reads topic.epoch.sequence; it returns a [*Violation] of [ErrTopic],
// [ErrEpoch], [ErrSequence] or [ErrID].
func ParsePosition(s string) (Position, error) {
	topic, rest, ok := strings.Cut(s, ".")
	epoch, sequence, ok2 := strings.Cut(rest, ".")
	if !ok || !ok2 {
		return Position{}, broken(ErrID, "", s)
	}
	t, err := ParseTopic(topic)
	if err != nil {
		return Position{}, err
	}
	e, ok := parseNumber(epoch)
	if !ok {
		return Position{}, broken(ErrEpoch, "", s)
	}
	n, ok := parseNumber(sequence)
	if !ok {
		return Position{}, broken(ErrSequence, "", s)
	}
	return Position{t, e, n}, nil
}

// MarshalText writes topic.epoch.sequence.
func (p Position) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads it as [ParsePosition] does.
func (p *Position) UnmarshalText(b []byte) error {
	v, err := ParsePosition(string(b))
	if err == nil {
		*p = v
	}
	return err
}

// Name is a record's name: institution and position.
type Name struct {
	Institution InstitutionID
	Position
}

// String gives mk.southeast.gevgelija/situation.1.42.
func (n Name) String() string { return string(n.Institution) + "/" + n.Position.String() }

// IsZero reports whether n names nothing.
func (n Name) IsZero() bool { return n == Name{} }

// Feed is the feed the record belongs to.
func (n Name) Feed() Feed { return Feed{n.Institution, n.Topic} }

// EpochID is the epoch the record belongs to.
func (n Name) EpochID() EpochID { return EpochID{n.Feed(), n.Epoch} }

// ParseName reads institution/position; it returns a [*Violation] of [ErrName] or of
// the part that is wrong.
func ParseName(s string) (Name, error) {
	inst, pos, ok := strings.Cut(s, "/")
	if !ok {
		return Name{}, &Violation{Rule: ErrName, Detail: typed(s) + ", want for example mk.southeast.gevgelija/situation.1.42"}
	}
	id, err := ParseInstitution(inst)
	if err != nil {
		return Name{}, err
	}
	p, err := ParsePosition(pos)
	if err != nil {
		return Name{}, err
	}
	return Name{id, p}, nil
}

// MarshalText writes the name.
func (n Name) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText reads it as [ParseName] does.
func (n *Name) UnmarshalText(b []byte) error {
	v, err := ParseName(string(b))
	if err == nil {
		*n = v
	}
	return err
}

// parseNumber reads [1-9][0-9]{0,9} up to MaxNumber.
func parseNumber(s string) (uint32, bool) {
	if s == "" || len(s) > 10 || s[0] == '0' {
		return 0, false
	}
	var n uint64
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + uint64(s[i]-'0')
	}
	return uint32(n), n <= MaxNumber //nolint:gosec // bounded by the comparison
}

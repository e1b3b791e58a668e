package desk

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// mostFollowed bounds what is read for one subscription: the newest of all that people said. Some
// tenth of a second.
const mostFollowed = 1000

// MaxSubscriptions is [staff.MaxSubscriptions].
const MaxSubscriptions = staff.MaxSubscriptions

// Followed is what somebody follows on their own page, and how much of it is new to them.
type Followed struct {
	staff.Subscription
	New  int  `json:"new"`            // records that came since they looked at it last: at most 200
	More bool `json:"more,omitempty"` // and perhaps more: not all that came was read
}

// FollowedRecords are the newest records that fit a subscription.
type FollowedRecords struct {
	Followed
	At      protocol.Instant `json:"at"`      // by when they had come
	Records []Told           `json:"records"` // the newest first, at most 200: so many of them as New says are new
	Left    bool             `json:"left"`    // there may be older ones: not all that came was read
}

// follower reads what comes for somebody who follows it, each record once.
type follower struct {
	d       *Desk
	m       *moment
	ceiling protocol.Handling
	quality map[protocol.Name]*Quality // of all that have one; nil: nobody has asked yet
	read    map[protocol.Digest]*tidings
}

// tidings is a record as it is held against subscriptions.
type tidings struct {
	Held
	event duty.Event
}

func (d *Desk) follower(m *moment, ceiling protocol.Handling) *follower {
	return &follower{d: d, m: m, ceiling: ceiling, read: map[protocol.Digest]*tidings{}}
}

// of reads a record; nil: it can't be read here. Where and how grave is what lies above the reader's
// mark, and how good, is not theirs to know: it fits by its kind alone.
func (f *follower) of(which board.Mention) *tidings {
	if known, ok := f.read[which.Digest]; ok {
		return known
	}
	var out *tidings
	for _, h := range f.d.mentioned(f.m, []board.Mention{which}) {
		out = &tidings{Held: h, event: duty.Event{Kind: shortName(h.Type), Record: h.Name}}
		if h.Handling <= f.ceiling {
			out.event = f.d.newsOf(&h, out.event.Kind)
		}
	}
	f.read[which.Digest] = out
	return out
}

func (f *follower) qualityOf(n protocol.Name) *Quality {
	if f.quality == nil {
		f.quality = f.m.view.Qualities()
	}
	return f.quality[n]
}

// fitting gives what came behind an instant and fits a choice, the newest first, at most mostNews.
// Left: there may be more.
func (f *follower) fitting(c *Choice, since protocol.Instant) (out []*tidings, left bool) {
	came, unread := f.m.board.News(f.m.world, since, mostFollowed)
	for _, which := range slices.Backward(came) {
		t := f.of(which)
		if t == nil || !c.Fits(&t.event) || c.Quality != "" && (t.Handling > f.ceiling || !f.qualityOf(t.Name).Is(c.Quality)) {
			continue
		}
		if len(out) == mostNews {
			return out, true
		}
		out = append(out, t)
	}
	return out, unread > 0
}

// followed counts what is new of a subscription.
func (f *follower) followed(s *staff.Subscription) Followed {
	fit, left := f.fitting(&s.Choice, s.Looked)
	return Followed{*s, len(fit), left}
}

// followed gives the subscriptions of an account that have something new, for its page Now; of an
// earlier instant nobody knows what was new.
func (d *Desk) followed(m *moment, a Account) ([]Followed, error) {
	all, err := d.o.Staff.Subscriptions(a.Name)
	if err != nil || m.past {
		return nil, failure(err)
	}
	var out []Followed
	f := d.follower(m, Ceiling(a))
	for i := range all {
		if s := f.followed(&all[i]); s.New > 0 {
			out = append(out, s)
		}
	}
	return out, nil
}

// Following gives what an account follows, the oldest subscription first, each with how much is new
// of it in the world in which it looks.
func (d *Desk) Following(ctx context.Context, a Account) ([]Followed, error) {
	all, err := d.o.Staff.Subscriptions(a.Name)
	if err != nil {
		return nil, failure(err)
	}
	m, err := d.moment(ctx, 0)
	if err != nil {
		return nil, err
	}
	out, f := make([]Followed, len(all)), d.follower(m, Ceiling(a))
	for i := range all {
		out[i] = f.followed(&all[i])
	}
	return out, nil
}

// FollowedRecords gives the newest records that fit a subscription of an account, those that it has
// seen too.
func (d *Desk) FollowedRecords(ctx context.Context, a Account, number int) (out FollowedRecords, err error) {
	all, err := d.o.Staff.Subscriptions(a.Name)
	if err != nil {
		return out, failure(err)
	}
	s := pick(all, func(s *staff.Subscription) bool { return s.Number == number })
	if s == nil {
		return out, followProblem(staff.ErrSubscription)
	}
	m, err := d.moment(ctx, 0)
	if err != nil {
		return out, err
	}
	f := d.follower(m, Ceiling(a))
	out = FollowedRecords{Followed: f.followed(s), At: m.at, Records: []Told{}}
	newest, left := f.fitting(&s.Choice, 0)
	for _, t := range newest {
		told := d.told(m, &t.Held, f.ceiling)
		if !told.Hidden {
			told.Quality = f.qualityOf(t.Name)
		}
		out.Records = append(out.Records, told)
	}
	out.Left = left
	return out, nil
}

// Followable gives the kinds and the topics that somebody can follow: what people say.
func Followable() (kinds []string, topics []protocol.Topic) {
	for _, t := range body.Types() {
		topic, err := protocol.TypeTopic(t)
		if err != nil || !board.Spoken(t) {
			continue
		}
		if !slices.Contains(topics, topic) {
			topics = append(topics, topic)
		}
		if kind := duty.KindOf(t); !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	slices.Sort(topics)
	return kinds, topics
}

// checkFollowed refuses what never comes among the news.
func checkFollowed(c *Choice) error {
	kinds, topics := Followable()
	for _, k := range c.Kinds {
		if !slices.Contains(kinds, k) {
			return &Problem{Kind: Usage, Field: "kinds", Detail: k + " can't be followed: it is nothing that people say", Mend: OneOf(k, kinds)}
		}
	}
	for _, t := range c.Topics {
		if !slices.Contains(topics, t) {
			return &Problem{Kind: Usage, Field: "kinds", Detail: t.String() + " can't be followed: it is nothing that people say", Mend: "leave it out"}
		}
	}
	return nil
}

// FollowRequest says what an account follows from now on.
type FollowRequest struct {
	Name string `json:"name"`
	ChoiceRequest
}

// Follow makes a subscription of an account.
func (d *Desk) Follow(ctx context.Context, a Account, r FollowRequest) (staff.Subscription, error) {
	asks := Choice(r.ChoiceRequest)
	if err := d.checkChoice(&asks, ""); err != nil {
		return staff.Subscription{}, err
	}
	if err := checkFollowed(&asks); err != nil {
		return staff.Subscription{}, err
	}
	made, err := d.o.Staff.Subscribe(ctx, a.Name, r.Name, asks)
	return made, followProblem(err)
}

// FollowNumber names a subscription of who asks.
type FollowNumber struct {
	Number int `json:"number"`
}

// NumberFollowed reads the number of a subscription; 0, which none has, of what is no number.
func NumberFollowed(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}

// Unfollow takes a subscription of an account away.
func (d *Desk) Unfollow(ctx context.Context, a Account, r FollowNumber) (FollowNumber, error) {
	return r, followProblem(d.o.Staff.Unsubscribe(ctx, a.Name, r.Number))
}

// FollowLooked says up to when who asks has seen what came of a subscription.
type FollowLooked struct {
	Number int              `json:"number"`
	At     protocol.Instant `json:"at"`
}

// LookedAt notes it: what is new is counted from there.
func (d *Desk) LookedAt(ctx context.Context, a Account, r FollowLooked) (staff.Subscription, error) {
	if err := d.past(r.At); err != nil {
		return staff.Subscription{}, err
	}
	out, err := d.o.Staff.LookedAt(ctx, a.Name, r.Number, r.At)
	return out, followProblem(err)
}

// followProblem says why a subscription can't be.
func followProblem(err error) error {
	p := &Problem{Kind: Refused, Err: err}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, staff.ErrSubscriptionName):
		p.Kind, p.Field, p.Detail = Usage, "name", err.Error()
	case errors.Is(err, staff.ErrTaken):
		p.Field, p.Detail, p.Mend = "name", err.Error(), "choose another, or take that one away"
	case errors.Is(err, staff.ErrManySubscriptions):
		p.Detail, p.Mend = err.Error(), "take one away that nobody reads"
	case errors.Is(err, staff.ErrSubscription):
		p.Kind, p.Field, p.Detail, p.Mend = NotFound, "number", err.Error(), "see which there are"
	default:
		return failure(err)
	}
	return p
}

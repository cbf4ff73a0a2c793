package domain

import (
	"fmt"
	"slices"
	"time"

	"github.com/loveapp/backend/shared/fault"
)

// Channel is a way to reach somebody.
type Channel string

// The channels, the quietest first.
const (
	ChannelSocket Channel = "socket"
	ChannelPush   Channel = "push"
	ChannelSMS    Channel = "sms"
	ChannelEmail  Channel = "email"
)

// Channels are all of them.
func Channels() []Channel { return []Channel{ChannelSocket, ChannelPush, ChannelSMS, ChannelEmail} }

// Audience is who is told at a level.
type Audience string

// The audiences.
const (
	ToContacts    Audience = "contacts"    // the trusted contacts whom the ticket was sent to
	ToDispatchers Audience = "dispatchers" // staff
)

// Target is one audience and how to reach it.
type Target struct {
	Who      Audience  `json:"who"`
	Channels []Channel `json:"channels"`
}

// Level is one step of the ladder: After the alarm these are told.
type Level struct {
	After   time.Duration
	Targets []Target
}

// Policy says who is told when nobody answers. Tickets keep the one that was in
// force when their alarm went out.
type Policy struct {
	Version int // 0 = the built-in one
	Levels  []Level
	Repeat  time.Duration // of the last level, until the ticket is closed
	// NoShow is how long somebody who has taken a ticket may be silent.
	NoShow time.Duration
}

// DefaultPolicy is in force until an administrator sets another.
func DefaultPolicy() Policy {
	quiet := []Channel{ChannelSocket, ChannelPush}
	return Policy{
		Levels: []Level{
			{0, []Target{{ToContacts, quiet}, {ToDispatchers, quiet}}},
			{60 * time.Second, []Target{{ToContacts, Channels()}}},
			{120 * time.Second, []Target{{ToContacts, Channels()}, {ToDispatchers, Channels()}}},
		},
		Repeat: 2 * time.Minute,
		NoShow: 30 * time.Minute,
	}
}

// The bounds of a policy. A minute is what a phone needs to ring through, but
// drills of a community may want to be faster.
const (
	MaxLevels  = 10 // of a policy
	maxAfter   = 24 * time.Hour
	minRepeat  = 10 * time.Second
	maxRepeat  = 24 * time.Hour
	minNoShow  = time.Minute
	maxNoShow  = 24 * time.Hour
	maxTargets = 2 // as many as there are audiences
)

// Check names every field that makes no sense.
func (p Policy) Check() error {
	var wrong []fault.Field
	reject := func(field, code, message string) {
		wrong = append(wrong, fault.Field{Field: field, Code: code, Message: message})
	}
	if len(p.Levels) == 0 || len(p.Levels) > MaxLevels {
		reject("levels", "invalid_length", "must have 1 to 10 levels")
	}
	for i, l := range p.Levels[:min(len(p.Levels), MaxLevels)] {
		path := fmt.Sprintf("levels[%d]", i)
		switch {
		case i == 0 && l.After != 0:
			reject(path+".afterSeconds", "out_of_range", "must be 0: the first level is the alarm itself")
		case i > 0 && (l.After <= p.Levels[i-1].After || l.After > maxAfter):
			reject(path+".afterSeconds", "out_of_range", "must be more than that of the level before, at most 86400")
		}
		l.check(path, reject)
	}
	if p.Repeat < minRepeat || p.Repeat > maxRepeat {
		reject("repeatSeconds", "out_of_range", "must be from 10 to 86400")
	}
	if p.NoShow < minNoShow || p.NoShow > maxNoShow {
		reject("noShowSeconds", "out_of_range", "must be from 60 to 86400")
	}
	if len(wrong) > 0 {
		return fault.NewInvalid(wrong...)
	}
	return nil
}

func (l Level) check(path string, reject func(field, code, message string)) {
	if len(l.Targets) == 0 || len(l.Targets) > maxTargets {
		reject(path+".targets", "invalid_length", "must name contacts, dispatchers or both")
		return
	}
	var seen []Audience
	for i, t := range l.Targets {
		at := fmt.Sprintf("%s.targets[%d]", path, i)
		if t.Who != ToContacts && t.Who != ToDispatchers {
			reject(at+".who", "unknown_value", "must be contacts or dispatchers")
		} else if slices.Contains(seen, t.Who) {
			reject(at+".who", "duplicate", "is named twice in this level")
		}
		seen = append(seen, t.Who)
		t.check(at, reject)
	}
}

func (t Target) check(path string, reject func(field, code, message string)) {
	if len(t.Channels) == 0 || len(t.Channels) > len(Channels()) {
		reject(path+".channels", "invalid_length", "must name 1 to 4 channels")
		return
	}
	for i, c := range t.Channels {
		at := fmt.Sprintf("%s.channels[%d]", path, i)
		if !slices.Contains(Channels(), c) {
			reject(at, "unknown_value", "must be socket, push, sms or email")
		} else if slices.Contains(t.Channels[:i], c) {
			reject(at, "duplicate", "is named twice")
		}
	}
}

// last is the number of the level that repeats.
func (p Policy) last() int { return len(p.Levels) - 1 }

// gap is how long after the firing of a level the next firing follows.
func (p Policy) gap(level int) time.Duration {
	if level >= p.last() {
		return p.Repeat
	}
	return p.Levels[level+1].After - p.Levels[level].After
}

package domain

import (
	"slices"
	"time"
)

// Plan is what is still to be done about one notification until its user has
// acknowledged it on any device. An open socket is no ack: presence is not delivery.
type Plan struct {
	Notification NotificationID
	User         UserID
	Event        string
	Category     Category
	Priority     Priority
	ExpiresAt    *time.Time
	// Steps are the channels still to come, the due one first.
	Steps []Channel
	// Named: whoever sent it has chosen the channels.
	Named bool
	// Looked: it is known already whether the user had a socket open.
	Looked bool
	// Late is for how long it has been due.
	Late time.Duration
	// Now is the store's time when it was claimed.
	Now time.Time
	// Trace is the notification's.
	Trace string
}

// Urgent plans go ahead of others, and their steps follow at once where one
// leads nowhere.
func (p Plan) Urgent() bool { return p.Priority == Critical }

// Escalation says when one channel follows another (NOTIFICATION.md, escalation
// by acknowledgement).
type Escalation struct {
	// Grace is for how long an open socket may take to acknowledge before a push follows.
	Grace time.Duration
	// Text and Mail come so long after the push.
	Text, Mail time.Duration
}

// DefaultEscalation is that of production.
func DefaultEscalation() Escalation {
	return Escalation{Grace: 5 * time.Second, Text: 20 * time.Second, Mail: 40 * time.Second}
}

// WithDefaults fills in what is zero.
func (e Escalation) WithDefaults() Escalation {
	d := DefaultEscalation()
	for _, field := range []struct{ value, fallback *time.Duration }{{&e.Grace, &d.Grace}, {&e.Text, &d.Text}, {&e.Mail, &d.Mail}} {
		if *field.value == 0 {
			*field.value = *field.fallback
		}
	}
	return e
}

// First is how long after the commit a draft's first step is due: at once where
// it is critical, for the user may have no socket open.
func (e Escalation) First(p Priority) time.Duration {
	if p == Critical {
		return 0
	}
	return e.Grace
}

// Reach is what is known about a user when a step is due.
type Reach struct {
	Online      bool     // a socket is open somewhere; asked only where Plan.Asks says so
	Targets     []Target // where the first step leads
	Preferences Preferences
}

// Move is what becomes of a plan whose first step is due.
type Move struct {
	Deliver  []Target
	Bypassed bool // the preferences would have held it back
	// Steps are what is left, to go on with After from now; none is the end.
	Steps  []Channel
	Looked bool
	After  time.Duration
}

// Again tells whether the next step is due now.
func (m Move) Again() bool { return len(m.Steps) > 0 && m.After <= 0 }

// AsksPresence tells whether Move wants to know Reach.Online.
func (p Plan) AsksPresence() bool { return p.Urgent() && !p.Looked }

// Move decides about the step that is due.
func (e Escalation) Move(p Plan, r Reach) Move {
	if p.AsksPresence() && r.Online {
		return Move{Steps: p.Steps, Looked: true, After: e.Grace}
	}
	step, rest := p.Steps[0], p.wanted(p.Steps[1:], r.Preferences)
	verdict := r.Preferences.Judge(step, p.Category, p.Priority, p.Now)
	m := Move{Steps: rest, Looked: true}
	switch {
	case !p.wants(step, r.Preferences):
	case !verdict.Until.IsZero(): // deferred, and looked at again then
		return Move{Steps: p.Steps, Looked: true, After: max(verdict.Until.Sub(p.Now), time.Millisecond)}
	case verdict.Allowed:
		m.Deliver, m.Bypassed = distinct(r.Targets), verdict.Bypassed
	}
	led := len(m.Deliver) > 0
	if len(rest) > 0 && (led || !p.Urgent()) {
		m.After = max(e.offset(rest[0])-e.offset(step), time.Millisecond)
	}
	return m
}

func (e Escalation) offset(c Channel) time.Duration {
	switch c {
	case SMS:
		return e.Text
	case Email:
		return e.Mail
	default:
		return 0
	}
}

func (p Plan) wanted(steps []Channel, prefs Preferences) []Channel {
	var left []Channel
	for _, step := range steps {
		if p.wants(step, prefs) {
			left = append(left, step)
		}
	}
	return left
}

// wants: what costs money or fills a mailbox follows only what is critical, what
// the sender named, and what the user has asked for by switching it on.
func (p Plan) wants(step Channel, prefs Preferences) bool {
	if step == Push || p.Named || p.Urgent() {
		return true
	}
	set, said := prefs.Channels[p.Category]
	return said && set.Has(step)
}

// distinct keeps each device and address once.
func distinct(targets []Target) []Target {
	var kept []Target
	for _, t := range targets {
		if !slices.ContainsFunc(kept, func(k Target) bool { return k.Device == t.Device && k.Address == t.Address }) {
			kept = append(kept, t)
		}
	}
	return kept
}

// Steps are the channels on which a draft is followed up until it is
// acknowledged, out of those that can be sent on.
func (d Draft) Steps(open map[Channel]bool) []Channel {
	var steps []Channel
	for _, c := range []Channel{Push, SMS, Email} {
		if open[c] && (len(d.Channels) == 0 || slices.Contains(d.Channels, string(c))) {
			steps = append(steps, c)
		}
	}
	return steps
}

package domain

import "time"

// ChannelSet says on which channels somebody wants to hear of a category.
type ChannelSet struct {
	Push, Email, SMS bool
}

// AllChannels is what holds where somebody has said nothing.
func AllChannels() ChannelSet { return ChannelSet{Push: true, Email: true, SMS: true} }

// Has tells whether the channel is among them.
func (s ChannelSet) Has(c Channel) bool {
	switch c {
	case Push:
		return s.Push
	case Email:
		return s.Email
	case SMS:
		return s.SMS
	}
	return false
}

// Preferences are what somebody wants to be disturbed by, and when. They are
// about channels only: the inbox and open sockets get everything. The zero value
// wants everything at any time.
type Preferences struct {
	Channels   map[Category]ChannelSet // a category that is left out: AllChannels
	QuietHours *QuietHours             // nil: none
}

// Of gives the channels for a category.
func (p Preferences) Of(n Category) ChannelSet {
	if set, ok := p.Channels[n]; ok {
		return set
	}
	return AllChannels()
}

// Ruling is whether a message may go out on a channel now.
type Ruling struct {
	Allowed bool
	// Bypassed: it may, although the person's preferences say otherwise.
	Bypassed bool
	// Until is when quiet hours end that hold it back. It is zero where it may
	// go, and where the person does not want it on this channel at all.
	Until time.Time
}

// Judge decides about a message at a moment. What is critical or about an SOS
// goes out whatever the preferences say: who is in danger does not wait for
// somebody's morning.
func (p Preferences) Judge(c Channel, n Category, priority Priority, at time.Time) Ruling {
	muted := !p.Of(n).Has(c)
	quiet := p.QuietHours != nil && p.QuietHours.Holds(at)
	switch {
	case n == SOS || priority == Critical:
		return Ruling{Allowed: true, Bypassed: muted || quiet}
	case muted:
		return Ruling{}
	case quiet:
		return Ruling{Until: p.QuietHours.Until(at)}
	}
	return Ruling{Allowed: true}
}

package domain

import (
	"maps"
	"slices"

	"github.com/loveapp/backend/shared/fault"
)

// Wish is what somebody asks their preferences to be, nothing checked.
type Wish struct {
	Channels   map[string]ChannelWish // by category
	QuietHours *QuietWish             // nil: none
}

// ChannelWish says yes or no to each channel; nil is yes.
type ChannelWish struct {
	Push, Email, SMS *bool
}

// QuietWish is quiet hours as they were written.
type QuietWish struct {
	From, To, Timezone string
}

// NewPreferences checks what somebody asks for and names what is wrong with it.
// What they leave out is as if they had never said anything about it.
func NewPreferences(w Wish) (p Preferences, wrong []fault.Field) {
	var c check
	for _, name := range slices.Sorted(maps.Keys(w.Channels)) {
		category := Category(name)
		if !category.Known() {
			c.that(false, "channels."+shortened(name), "unknown_value", "must be general, sos, system, campaign, donation or volunteer")
			continue
		}
		if p.Channels == nil {
			p.Channels = make(map[Category]ChannelSet, len(w.Channels))
		}
		p.Channels[category] = w.Channels[name].set()
	}
	if q := w.QuietHours; q != nil {
		hours, refused := NewQuietHours(q.From, q.To, q.Timezone)
		p.QuietHours, c.wrong = hours, append(c.wrong, refused...)
	}
	return p, c.wrong
}

func (w ChannelWish) set() ChannelSet {
	yes := func(said *bool) bool { return said == nil || *said }
	return ChannelSet{Push: yes(w.Push), Email: yes(w.Email), SMS: yes(w.SMS)}
}

// shownName is how much of an unknown name an answer repeats, in bytes.
const shownName = 64

func shortened(name string) string {
	if len(name) <= shownName {
		return name
	}
	return "…"
}

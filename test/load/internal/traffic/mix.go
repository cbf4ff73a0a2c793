package traffic

import (
	"fmt"
	"maps"
	"slices"
)

// Mix names a table of what people do.
type Mix string

// The mixes.
const (
	// App is what phones in use do all day.
	App Mix = "app"
	// Visits is a session for each arrival: what artillery's scenario does.
	Visits Mix = "visits"
	// Alarms is calls for help that are answered, and nothing else.
	Alarms Mix = "alarms"
	// Presses is calls for help alone, each by somebody who has not called before.
	// Nobody answers them until everything has been measured.
	Presses Mix = "presses"
)

// Share is how often something is done, in ten thousandths of all arrivals.
type Share struct {
	Name  string `json:"name"`
	Share int    `json:"share"`
}

const whole = 10_000

// Table is the mix, in the order in which a rehearsal goes through it.
//
// The weights of App are a guess at a day with little news: people look at
// their inbox and whether their contacts are there; tokens live 15 minutes and
// phones come and go, so that a refresh comes with every hundred requests; who
// signs in with a password is rare, and an alarm is rarer still on any day but
// the one this is built for.
func (m Mix) Table() ([]Share, error) {
	switch m {
	case App:
		return []Share{
			{announce, 40}, // first: it fills what acknowledgements take
			{list, 2708},
			{unreadCount, 2600},
			{tickets, 1500},
			{contacts, 1000},
			{profile, 800},
			{acknowledge, 600},
			{keys, 300},
			{socketTicket, 200},
			{sessions, 100},
			{refresh, 80},
			{readAll, 60},
			{alarm, 10},
			{login, 2},
		}, nil
	case Visits:
		return []Share{{visit, whole}}, nil
	case Alarms:
		return []Share{{alarm, whole}}, nil
	case Presses:
		return []Share{{press, whole}}, nil
	}
	return nil, fmt.Errorf("there is no mix %q", m)
}

// Calls tells whether somebody calls for help in it.
func (m Mix) Calls() bool { return m == App || m == Alarms || m == Presses }

// AlarmRoute is the line of calls for help that are sent for the first time.
const AlarmRoute = "POST /v1/sos/tickets"

// What people do. A route's name is its line in the report.
const (
	announce     = "POST /v1/notifications"
	list         = "GET /v1/notifications"
	unreadCount  = "GET /v1/notifications/unread-count"
	tickets      = "GET /v1/sos/tickets"
	contacts     = "GET /v1/sos/contacts"
	profile      = "GET /v1/auth/profile"
	acknowledge  = "POST /v1/notifications/ack"
	keys         = "GET /.well-known/jwks.json"
	socketTicket = "POST /v1/notifications/ws-tickets"
	sessions     = "GET /v1/auth/sessions"
	refresh      = "POST /v1/auth/refresh"
	readAll      = "POST /v1/notifications/read-all"
	alarm        = AlarmRoute
	login        = "POST /v1/auth/login"
	visit        = "a visit"
	press        = "press and leave it at that"

	// What follows an alarm.
	alarmAgain         = "POST /v1/sos/tickets, sent again"
	helperAcknowledges = "POST /v1/sos/tickets/{id}/acknowledge"
	reporterResolves   = "POST /v1/sos/tickets/{id}/resolve"
)

// deck draws from the mix: one number below whole names what to do.
type deck []action

func newDeck(table []Share, actions map[string]action) (deck, error) {
	var d deck
	for _, s := range table {
		act := actions[s.Name]
		if act == nil {
			return nil, fmt.Errorf("nobody knows how to do %q: known are %v", s.Name, slices.Sorted(maps.Keys(actions)))
		}
		d = append(d, slices.Repeat([]action{act}, s.Share)...)
	}
	if len(d) != whole {
		return nil, fmt.Errorf("the shares of the mix add up to %d, want %d", len(d), whole)
	}
	return d, nil
}

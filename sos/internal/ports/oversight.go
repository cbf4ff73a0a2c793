package ports

import (
	"context"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// Oversight shows staff everybody's tickets.
type Oversight interface {
	// All gives the newest first.
	All(ctx context.Context, q AllQuery) ([]domain.Ticket, error)
	// Stats counts the tickets that were opened in the time before now.
	Stats(ctx context.Context, back time.Duration, drill bool) (Stats, error)
}

// AllQuery asks for tickets of everybody.
type AllQuery struct {
	Status domain.Status // "" = any
	Drill  *bool         // nil = both
	Limit  int
	// Before continues behind a ticket; the zero value starts at the newest.
	Before TicketPosition
}

// Stats is how calls for help were answered.
type Stats struct {
	Since, Until time.Time
	ByStatus     map[domain.Status]int // those with none are left out
	// Acknowledged is how many were, P50 and P95 how long after the alarm (0 where none was).
	Acknowledged int
	P50, P95     time.Duration
	// ByLevel is how many alarms went as far as the level and no further.
	ByLevel map[int]int
}

// Auditing looks for what must never be. Each number is 0 while the service keeps its promises.
type Auditing interface {
	// Audit counts what is wrong now.
	Audit(ctx context.Context) (Findings, error)
	// Undelivered is how many alerts of the ticket have not been handed over.
	Undelivered(ctx context.Context, id domain.TicketID) (int, error)
}

// Findings are what an audit has found, and how long the oldest alert waits.
type Findings struct {
	OpenWithoutTimer   int // open tickets that nobody would be told of again
	TimersOverdue      int // by more than TimerGrace
	AlertsStuck        int // due for more than AlertGrace, and in nobody's hands
	AlertsParked       int // refused for good, of open tickets
	EventsUndelivered  int // alarms of the last minute with fewer alerts than people
	Waiting            int // alerts not handed over yet: no mistake by itself
	OldestAlertWaiting time.Duration
}

const (
	// TimerGrace is how late a timer may be.
	TimerGrace = 2 * time.Second
	// AlertGrace is how long an alert that is due may wait for somebody to take it.
	AlertGrace = 5 * time.Second
)

// Checks are the findings that must be 0, by the name that operators know them by.
func (f Findings) Checks() map[string]int {
	return map[string]int{
		"open_ticket_without_timer": f.OpenWithoutTimer,
		"timer_overdue":             f.TimersOverdue,
		"alert_stuck":               f.AlertsStuck,
		"alert_parked":              f.AlertsParked,
		"event_undelivered":         f.EventsUndelivered,
	}
}

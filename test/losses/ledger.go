package losses

import (
	"slices"
	"sync"
	"time"
)

// accepted is one event that the service has answered 202 to.
type accepted struct {
	title    string // names it in every inbox
	users    []int
	critical bool
	instance int // that answered; -1 where the gateway chose
	at       time.Time
	admin    bool
	body     []byte // to send it again
}

// ledger is all that was accepted.
type ledger struct {
	mu     sync.Mutex
	events []*accepted
	byUser []map[string]*accepted
	total  int // (event, user) pairs: notifications
}

func newLedger(users int) *ledger {
	l := &ledger{byUser: make([]map[string]*accepted, users)}
	for i := range l.byUser {
		l.byUser[i] = map[string]*accepted{}
	}
	return l
}

func (l *ledger) add(a *accepted) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, a)
	for _, user := range a.users {
		l.byUser[user][a.title] = a
	}
	l.total += len(a.users)
}

func (l *ledger) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.total
}

// of gives the titles that were accepted for a user.
func (l *ledger) of(user int) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	titles := make([]string, 0, len(l.byUser[user]))
	for title := range l.byUser[user] {
		titles = append(titles, title)
	}
	return titles
}

// since gives the events that were accepted after at.
func (l *ledger) since(at time.Time) []*accepted {
	l.mu.Lock()
	defer l.mu.Unlock()
	var late []*accepted
	for _, a := range slices.Backward(l.events) {
		if a.at.After(at) {
			late = append(late, a)
		}
	}
	return late
}

func (l *ledger) all() []*accepted {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.events)
}

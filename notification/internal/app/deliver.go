package app

import (
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

// deliver offers notifications to the sockets that are connected here. It does
// not wait: what a socket cannot take in order is fetched from the store later.
func (a *App) deliver(notifications []domain.Notification) {
	for _, n := range notifications {
		sessions := a.roster.of(n.User)
		if len(sessions) == 0 {
			continue
		}
		out := &ports.Outgoing{Message: domain.Notified{Notification: n}, Urgent: n.Urgent(), Live: true}
		for _, s := range sessions {
			a.offer(s, n, out)
		}
	}
}

func (a *App) offer(s *Session, n domain.Notification, out *ports.Outgoing) {
	sent, gap := s.offer(n, out, a.now())
	if sent {
		a.counters.Delivered.Add(1)
	}
	if gap {
		a.mend(s)
	}
}

// known compares what the store has with what the user's sockets have had.
func (a *App) known(mark domain.Mark) {
	for _, s := range a.roster.of(mark.User) {
		if s.known(mark.Newest) {
			a.mend(s)
		}
	}
}

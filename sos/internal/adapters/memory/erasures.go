package memory

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

var _ ports.Erasures = (*Store)(nil)

// Erase implements ports.Erasures.
func (s *Store) Erase(_ context.Context, user domain.UserID) (former []domain.Contact, err error) {
	err = s.locked(func(now time.Time) error {
		if _, known := s.erasures[user]; !known {
			s.erasures[user] = false
		}
		for i, c := range s.contacts {
			if c.User == user {
				former = append(former, domain.Contact{ID: c.ID, Owner: c.Owner, User: user})
				s.contacts[i].Status, s.contacts[i].User, s.contacts[i].UpdatedAt = domain.Declined, "", now
			}
		}
		return nil
	})
	return former, err
}

// FinishErasure implements ports.Erasures.
func (s *Store) FinishErasure(_ context.Context, quiet time.Duration) (done bool, err error) {
	err = s.locked(func(now time.Time) error {
		for user, over := range s.erasures {
			if !over && !done && s.quiet(user, quiet, now) {
				s.forgetUser(user)
				s.erasures[user], done = true, true
			}
		}
		return nil
	})
	return done, err
}

// quiet tells whether all tickets of the user have been closed for so long.
func (s *Store) quiet(user domain.UserID, long time.Duration, now time.Time) bool {
	for _, r := range s.tickets {
		if closed := r.ticket.ClosedAt; r.ticket.Reporter.ID == user && (closed == nil || now.Sub(*closed) < long) {
			return false
		}
	}
	return true
}

func (s *Store) forgetUser(user domain.UserID) {
	for id, r := range s.tickets {
		if r.ticket.Reporter.ID != user {
			continue
		}
		r.coarsen()
		s.coarsenLetters(id)
		r.ticket.Reporter.Name, r.ticket.Description, r.ticket.GuestPhone, r.ticket.GuestAddress, r.remains.phone = "", "", "", "", nil
		for _, l := range s.outbox {
			if l.alert.TicketID == id {
				l.alert.ReporterName = ""
			}
		}
		s.shares = slices.DeleteFunc(s.shares, func(link *ports.NewShare) bool { return link.Share.Ticket == id })
	}
	s.contacts = slices.DeleteFunc(s.contacts, func(c domain.Contact) bool { return c.Owner == user })
	s.invites = slices.DeleteFunc(s.invites, func(i *invite) bool { return i.Owner == user })
	maps.DeleteFunc(s.answers, func(k answerKey, _ *answer) bool { return k.caller == user })
	delete(s.tests, user)
	delete(s.pins, user)
	delete(s.people, user)
}

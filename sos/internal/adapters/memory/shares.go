package memory

import (
	"context"
	"slices"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// Share implements ports.Shares.
func (s *Store) Share(_ context.Context, ticket domain.TicketID, once ports.Repeatable, create func(*domain.Case, int, time.Time) (ports.NewShare, error)) (ports.NewShare, error) {
	var made ports.NewShare
	err := s.locked(func(now time.Time) error {
		r, known := s.tickets[ticket]
		if !known {
			return domain.ErrTicketNotFound
		}
		if repeated, err := s.repeated(once, now, nil); repeated || err != nil {
			made, _ = s.answers[answerKey{once.Caller, once.Route, once.Key}].was.(ports.NewShare)
			return err
		}
		live := 0
		for _, other := range s.shares {
			if other.Share.Ticket == ticket && other.Share.Good(r.ticket, now) {
				live++
			}
		}
		var err error
		if made, err = create(s.load(r), live, now); err != nil {
			return err
		}
		kept := made
		s.shares = append(s.shares, &kept)
		s.remember(once, now, made)
		return nil
	})
	return made, err
}

// Shares implements ports.Shares.
func (s *Store) Shares(_ context.Context, ticket domain.TicketID) (links []ports.NewShare, err error) {
	const most = 100
	err = s.locked(func(time.Time) error {
		for _, link := range slices.Backward(s.shares) {
			if link.Share.Ticket == ticket && len(links) < most {
				links = append(links, *link)
			}
		}
		return nil
	})
	return links, err
}

// Revoke implements ports.Shares.
func (s *Store) Revoke(_ context.Context, id domain.ShareID, allow func(domain.Case) error) error {
	return s.locked(func(now time.Time) error {
		i := slices.IndexFunc(s.shares, func(link *ports.NewShare) bool { return link.Share.ID == id })
		if i < 0 {
			return domain.ErrShareNotFound
		}
		if err := allow(*s.load(s.tickets[s.shares[i].Share.Ticket])); err != nil {
			return err
		}
		if s.shares[i].Share.RevokedAt == nil {
			s.shares[i].Share.RevokedAt = &now
		}
		return nil
	})
}

// KeepLinks implements ports.Shares.
func (s *Store) KeepLinks(_ context.Context, links []ports.NewShare) (kept []ports.NewShare, err error) {
	err = s.locked(func(time.Time) error {
		for _, link := range links {
			i := slices.IndexFunc(s.shares, func(other *ports.NewShare) bool { return other.Share.ID == link.Share.ID })
			if i < 0 {
				one := link
				i, s.shares = len(s.shares), append(s.shares, &one)
			}
			kept = append(kept, *s.shares[i])
		}
		return nil
	})
	return kept, err
}

// Followed implements ports.Shares.
func (s *Store) Followed(_ context.Context, token ports.ShareToken) (f ports.Followed, err error) {
	err = s.locked(func(now time.Time) error {
		for _, link := range s.shares {
			if link.Token == token && s.holds(link.Share) {
				f = ports.Followed{Share: link.Share, Ticket: s.tickets[link.Share.Ticket].ticket, Now: now}
				return nil
			}
		}
		return domain.ErrShareNotFound
	})
	return f, err
}

// Watch implements ports.Shares.
func (s *Store) Watch(_ context.Context, ids []domain.ShareID) (found []ports.Followed, err error) {
	err = s.locked(func(now time.Time) error {
		for _, link := range s.shares {
			if slices.Contains(ids, link.Share.ID) && s.holds(link.Share) {
				found = append(found, ports.Followed{Share: link.Share, Ticket: s.tickets[link.Share.Ticket].ticket, Now: now})
			}
		}
		return nil
	})
	return found, err
}

// holds tells whether the link is nobody's in particular, or of somebody who still is a contact.
func (s *Store) holds(link domain.Share) bool {
	c := s.load(s.tickets[link.Ticket])
	return link.Contact == "" || slices.ContainsFunc(c.Helpers, func(h domain.Recipient) bool { return h.Contact == link.Contact && !h.Withdrawn })
}

package memory

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// remains are what is kept beside a ticket's rows.
type remains struct {
	seals  []domain.Seal
	coarse bool
	phone  []byte // the digest of a guest's number
}

func lineOf(e domain.Event) domain.Line {
	return domain.Line{Seq: e.Seq, At: e.At, Kind: string(e.Kind), ActorID: string(e.By.User), ActorName: e.By.Name, ActorKind: e.By.Kind(), Data: e.Data}
}

func (r *record) lines() []domain.Line {
	lines := make([]domain.Line, 0, len(r.events))
	for _, e := range r.events {
		lines = append(lines, lineOf(e))
	}
	return lines
}

func (r *record) lastSeal() domain.Seal {
	if n := len(r.remains.seals); n > 0 {
		return r.remains.seals[n-1]
	}
	return domain.Seal{}
}

// Seal implements ports.Seals.
func (s *Store) Seal(_ context.Context, limit int) (tickets int, err error) {
	err = s.locked(func(time.Time) error {
		for id, r := range s.tickets {
			last := r.lastSeal()
			if last.Seq == len(r.events) || tickets == limit {
				continue
			}
			hash, err := domain.Chain(last.Hash, id, r.lines()[last.Seq:])
			if err != nil {
				return err
			}
			r.remains.seals = append(r.remains.seals, domain.Seal{Seq: len(r.events), Hash: hash})
			tickets++
		}
		return nil
	})
	return tickets, err
}

// Sealed implements ports.Seals.
func (s *Store) Sealed(_ context.Context, after domain.TicketID, limit int) (ids []domain.TicketID, err error) {
	err = s.locked(func(time.Time) error {
		for id, r := range s.tickets {
			if id > after && len(r.remains.seals) > 0 {
				ids = append(ids, id)
			}
		}
		return nil
	})
	slices.Sort(ids)
	return ids[:min(len(ids), limit)], err
}

// Chain implements ports.Seals.
func (s *Store) Chain(_ context.Context, id domain.TicketID) (lines []domain.Line, seals []domain.Seal, err error) {
	err = s.locked(func(time.Time) error {
		if r := s.tickets[id]; r != nil {
			lines, seals = r.lines(), slices.Clone(r.remains.seals)
		}
		return nil
	})
	return lines, seals, err
}

// Forget implements ports.Memories.
func (s *Store) Forget(_ context.Context, limits ports.Limits, limit int, digest func(string) []byte) (done ports.Forgotten, err error) {
	err = s.locked(func(now time.Time) error {
		for id, r := range s.tickets {
			if r.ticket.ClosedAt == nil {
				continue
			}
			age := now.Sub(*r.ticket.ClosedAt)
			if age > limits.Place && !r.remains.coarse && done.Places < limit {
				r.coarsen()
				s.coarsenLetters(id)
				done.Places++
			}
			if age > limits.Phone && r.ticket.GuestPhone != "" && done.Phones < limit {
				r.remains.phone, r.ticket.GuestPhone = digest(r.ticket.GuestPhone), ""
				done.Phones++
			}
		}
		for key, a := range s.answers {
			if now.Sub(a.at) >= ports.RepeatableFor && done.Answers < limit {
				delete(s.answers, key)
				done.Answers++
			}
		}
		return nil
	})
	return done, err
}

func coarse(degrees float64) float64 { return math.Round(degrees*100) / 100 }

func (r *record) coarsen() {
	type cell struct{ latitude, longitude float64 }
	seen := map[cell]bool{}
	var kept []domain.Fix
	for _, f := range r.way.fixes {
		c := cell{coarse(f.Latitude), coarse(f.Longitude)}
		if !seen[c] {
			kept = append(kept, domain.Fix{Location: domain.Location{Latitude: c.latitude, Longitude: c.longitude}, At: f.At, ReceivedAt: f.ReceivedAt})
		}
		seen[c] = true
	}
	r.way.fixes, r.ticket.Address, r.remains.coarse = kept, "", true
	if l := r.ticket.Location; l != nil {
		r.ticket.Location = &domain.Location{Latitude: coarse(l.Latitude), Longitude: coarse(l.Longitude)}
	}
}

func (s *Store) coarsenLetters(id domain.TicketID) {
	for _, l := range s.outbox {
		if l.alert.TicketID == id {
			l.alert.Location = nil
		}
	}
}

// Age makes a closed ticket look as if it had been closed so much earlier.
func (s *Store) Age(id domain.TicketID, by time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if closed := s.tickets[id].ticket.ClosedAt; closed != nil {
		earlier := closed.Add(-by)
		s.tickets[id].ticket.ClosedAt = &earlier
	}
}

package memory

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/loveapp/backend/auth/internal/domain"
)

// SealNext seals what has been recorded since: here transactions end at once.
func (s *Store) SealNext(context.Context) (seal domain.Seal, sealed bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var last domain.Seal
	if n := len(s.seals); n > 0 {
		last = s.seals[n-1]
	}
	found, err := s.piece(last, strconv.Itoa(len(s.state.events)))
	seal = found.Now
	if err != nil || seal.Events == 0 {
		return domain.Seal{}, false, err
	}
	s.seals = append(s.seals, seal)
	return seal, true, nil
}

// piece takes horizons for counts of events.
func (s *Store) piece(last domain.Seal, horizon string) (found domain.Recomputed, _ error) {
	from, _ := strconv.Atoi(last.Horizon) // "" is the beginning
	to, err := strconv.Atoi(horizon)
	if err != nil {
		return found, err
	}
	sealing := domain.NextSeal(last, horizon, domain.SealForm)
	events := s.state.events[min(from, len(s.state.events)):min(to, len(s.state.events))]
	for _, e := range events {
		data, err := json.Marshal(e.Data)
		if err != nil {
			return found, err
		}
		sealing.Add(domain.SealedEvent{
			ID: e.ID, At: e.At, Kind: string(e.Kind), User: string(e.User), Session: string(e.Session), Commitment: e.commitment, Data: string(data),
		})
	}
	found.Now, found.Origins = sealing.Sum(), s.state.origins(events)
	return found, nil
}

// Recompute reads a seal and its events.
func (s *Store) Recompute(_ context.Context, last domain.Seal) (found domain.Recomputed, more bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, seal := range s.seals {
		if seal.Number > last.Number {
			found, err = s.piece(last, seal.Horizon)
			found.Kept = seal
			return found, true, err
		}
	}
	return found, false, nil
}

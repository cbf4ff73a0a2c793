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
	seal, err = s.piece(last, strconv.Itoa(len(s.state.events)))
	if err != nil || seal.Events == 0 {
		return domain.Seal{}, false, err
	}
	s.seals = append(s.seals, seal)
	return seal, true, nil
}

// piece takes horizons for counts of events.
func (s *Store) piece(last domain.Seal, horizon string) (domain.Seal, error) {
	from, _ := strconv.Atoi(last.Horizon) // "" is the beginning
	to, err := strconv.Atoi(horizon)
	if err != nil {
		return domain.Seal{}, err
	}
	sealing := domain.NextSeal(last, horizon)
	for _, e := range s.state.events[min(from, len(s.state.events)):min(to, len(s.state.events))] {
		data, err := json.Marshal(e.Data)
		if err != nil {
			return domain.Seal{}, err
		}
		sealing.Add(domain.SealedEvent{
			ID: e.ID, At: e.At, Kind: string(e.Kind), User: string(e.User), Session: string(e.Session), IP: e.Origin.IP, UserAgent: e.Origin.UserAgent, Data: string(data),
		})
	}
	return sealing.Sum(), nil
}

// Recompute reads a seal and its events.
func (s *Store) Recompute(_ context.Context, last domain.Seal) (kept, now domain.Seal, more bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, seal := range s.seals {
		if seal.Number > last.Number {
			now, err = s.piece(last, seal.Horizon)
			return seal, now, true, err
		}
	}
	return kept, now, false, nil
}

package memory

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/loveapp/backend/notification/internal/domain"
)

// ForgetPlaces implements ports.Places.
func (s *Store) ForgetPlaces(_ context.Context, tickets []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, box := range s.inboxes {
		for _, e := range box.entries {
			if e.Category == domain.SOS && !e.deleted {
				e.Data = withoutPlace(e.Data, tickets)
			}
		}
	}
	return s.check()
}

func withoutPlace(data json.RawMessage, tickets []string) json.RawMessage {
	var members map[string]json.RawMessage
	var ticket string
	if json.Unmarshal(data, &members) != nil || json.Unmarshal(members["ticketId"], &ticket) != nil || !slices.Contains(tickets, ticket) {
		return data
	}
	delete(members, "location")
	without, err := json.Marshal(members)
	if err != nil {
		return data
	}
	return without
}

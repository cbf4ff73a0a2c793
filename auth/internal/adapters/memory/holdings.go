package memory

import (
	"cmp"
	"slices"

	"github.com/loveapp/backend/auth/internal/domain"
)

// ways gives the user's ways in, by provider.
func (s state) ways(user domain.UserID) (ways []domain.LinkedIdentity) {
	for key, linked := range s.identities {
		if linked.user == user {
			ways = append(ways, domain.LinkedIdentity{Provider: key.provider, Subject: key.subject, LinkedAt: linked.at})
		}
	}
	slices.SortFunc(ways, func(a, b domain.LinkedIdentity) int {
		return cmp.Or(cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Subject, b.Subject))
	})
	return ways
}

// letters gives the kinds of what waits to be sent to the user.
func (s state) letters(user domain.UserID) (letters []domain.HeldMessage) {
	for _, m := range s.post.messages {
		if m.User == user {
			letters = append(letters, domain.HeldMessage{ID: m.ID, Channel: m.Channel, Template: m.Template, Address: m.To, ExpiresAt: m.ExpiresAt})
		}
	}
	slices.SortFunc(letters, func(a, b domain.HeldMessage) int { return cmp.Compare(b.ID, a.ID) })
	return letters
}

package memory

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/loveapp/backend/auth/internal/domain"
)

// Users lists all users.
func (s *Store) Users(_ context.Context, page domain.UserPage) ([]domain.User, error) {
	users := []domain.User{}
	s.read(func(now state) {
		for _, account := range now.accounts {
			if shows(page, account.User) {
				users = append(users, account.User)
			}
		}
	})
	slices.SortFunc(users, func(a, b domain.User) int { return cmp.Compare(b.ID, a.ID) })
	return users[:min(page.Limit, len(users))], nil
}

func shows(page domain.UserPage, u domain.User) bool {
	text := strings.ToLower(strings.Join([]string{string(u.Email), u.Phone, u.FirstName, u.LastName}, " "))
	return (page.ID == "" || u.ID == page.ID) && (page.Below == "" || u.ID < page.Below) && (page.Role == "" || u.Role == page.Role) &&
		(page.Active == nil || u.Active == *page.Active) && strings.Contains(text, strings.ToLower(page.Search))
}

// Events lists the record.
func (s *Store) Events(_ context.Context, page domain.AuditPage) ([]domain.AuditEvent, error) {
	events := []domain.AuditEvent{}
	s.read(func(now state) {
		for _, e := range now.events {
			if (page.User == "" || e.User == page.User) && (page.Kind == "" || e.Kind == page.Kind) && (page.Below == "" || e.ID < page.Below) {
				events = append(events, e.AuditEvent)
			}
		}
	})
	slices.SortFunc(events, func(a, b domain.AuditEvent) int { return cmp.Compare(b.ID, a.ID) })
	return events[:min(page.Limit, len(events))], nil
}

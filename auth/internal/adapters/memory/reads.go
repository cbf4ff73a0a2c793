package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
)

// ByEmail finds an account.
func (s *Store) ByEmail(_ context.Context, email domain.Email) (found domain.Account, err error) {
	err = domain.ErrUserNotFound
	s.read(func(now state) {
		for _, account := range now.accounts {
			if account.Email == email {
				found, err = account, nil
			}
		}
	})
	return found, err
}

// ByID finds a user.
func (s *Store) ByID(_ context.Context, id domain.UserID) (found domain.User, err error) {
	err = domain.ErrUserNotFound
	s.read(func(now state) {
		if account, ok := now.accounts[id]; ok {
			found, err = account.User, nil
		}
	})
	return found, err
}

// Profile shows a user.
func (s *Store) Profile(_ context.Context, id domain.UserID) (found domain.User, version int64, err error) {
	err = domain.ErrUserNotFound
	s.read(func(now state) {
		if account, ok := now.accounts[id]; ok {
			found, version, err = account.User, now.versions[id], nil
		}
	})
	return found, version, err
}

// Matching finds users by id or verified address.
func (s *Store) Matching(_ context.Context, lookup domain.Lookup) ([]domain.User, error) {
	var users []domain.User
	s.read(func(now state) {
		for _, account := range now.accounts {
			if matches(account.User, lookup) {
				users = append(users, account.User)
			}
		}
	})
	slices.SortFunc(users, func(a, b domain.User) int { return cmp.Compare(a.ID, b.ID) })
	return users, nil
}

func matches(u domain.User, l domain.Lookup) bool {
	return slices.Contains(l.IDs, u.ID) || u.EmailVerified && slices.Contains(l.Emails, u.Email) || u.PhoneVerified && slices.Contains(l.Phones, u.Phone)
}

// HasRole looks for one active user with the role.
func (s *Store) HasRole(_ context.Context, role domain.Role) (found bool, err error) {
	s.read(func(now state) {
		for _, account := range now.accounts {
			found = found || account.Active && account.Role == role
		}
	})
	return found, nil
}

// Owned finds a session and its user.
func (s *Store) Owned(_ context.Context, id domain.SessionID) (session domain.Session, user domain.User, err error) {
	err = domain.ErrSessionNotFound
	s.read(func(now state) {
		if found, ok := now.sessions[id]; ok {
			session, user, err = found, now.accounts[found.UserID].User, nil
		}
	})
	return session, user, err
}

// Swap moves a session on if nobody else has.
func (s *Store) Swap(_ context.Context, seen int64, next domain.Session) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	session, ok := s.state.sessions[next.ID]
	if !ok || session.Generation != seen || !session.EndedAt.IsZero() || !s.state.accounts[session.UserID].Active {
		return false, nil
	}
	session.Generation, session.Device, session.Origin = next.Generation, next.Device, next.Origin
	session.RotatedAt, session.LastUsedAt = next.RotatedAt, next.LastUsedAt
	s.state.sessions[next.ID] = session
	return true, nil
}

// Live lists a user's sessions.
func (s *Store) Live(_ context.Context, page domain.SessionPage) ([]domain.Session, error) {
	var live []domain.Session
	s.read(func(now state) {
		for _, session := range now.sessions {
			if session.UserID == page.User && session.EndedAt.IsZero() && session.LastUsedAt.After(page.UsedAfter) &&
				session.CreatedAt.After(page.OpenedAfter) && (page.Below == "" || session.ID < page.Below) {
				live = append(live, session)
			}
		}
	})
	slices.SortFunc(live, func(a, b domain.Session) int { return cmp.Compare(b.ID, a.ID) })
	return live[:min(page.Limit, len(live))], nil
}

// After reads the feed.
func (s *Store) After(_ context.Context, after int64, maxAge time.Duration, limit int) (page domain.RevocationPage, err error) {
	oldest := s.now().Add(-maxAge)
	s.read(func(now state) {
		page.Revision = int64(len(now.revocations))
		for _, item := range now.revocations {
			if item.Revision <= after || maxAge > 0 && item.At.Before(oldest) {
				continue
			}
			if len(page.Items) == limit {
				page.Revision, page.More = page.Items[limit-1].Revision, true
				return
			}
			page.Items = append(page.Items, item)
		}
	})
	return page, nil
}

// Staff lists those who administer.
func (s *Store) Staff(_ context.Context, limit int) ([]domain.User, error) {
	users := []domain.User{}
	s.read(func(now state) {
		for _, account := range now.accounts {
			if account.Active && account.Role.Staff() {
				users = append(users, account.User)
			}
		}
	})
	slices.SortFunc(users, func(a, b domain.User) int { return cmp.Compare(a.ID, b.ID) })
	return users[:min(len(users), limit)], nil
}

package memory

import (
	"context"
	"slices"

	"github.com/loveapp/backend/notification/internal/domain"
)

// List implements ports.Inbox.
func (s *Store) List(_ context.Context, user domain.UserID, filter domain.Filter, before domain.Seq, limit int) (domain.Page, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	page := domain.Page{Unread: s.unread(user)}
	for _, e := range slices.Backward(s.inbox(user).entries) {
		if before > 0 && e.Seq >= before || !s.visible(e) || !matches(e, filter) {
			continue
		}
		if len(page.Items) == limit {
			page.Next = page.Items[limit-1].Seq
			break
		}
		page.Items = append(page.Items, e.Notification)
	}
	return page, s.check()
}

func matches(e *entry, f domain.Filter) bool {
	return (!f.UnreadOnly || e.ReadAt == nil) && (f.Category == "" || f.Category == e.Category)
}

// Unread implements ports.Inbox.
func (s *Store) Unread(_ context.Context, user domain.UserID) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.unread(user), s.check()
}

// unread does not count what has expired and waits to be removed.
func (s *Store) unread(user domain.UserID) int {
	box := s.inbox(user)
	count := box.unread
	for _, e := range box.entries {
		if !e.deleted && e.ReadAt == nil && !s.visible(e) {
			count--
		}
	}
	return count
}

// Mark implements ports.Marks.
func (s *Store) Mark(_ context.Context, user domain.UserID, id domain.NotificationID, kind domain.ChangeKind) (bool, int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(); err != nil {
		return false, 0, err
	}
	box := s.inbox(user)
	e := box.byID[id]
	if e == nil || !s.visible(e) {
		return false, 0, domain.ErrNotificationNotFound
	}
	changed := s.mark(box, e, kind)
	return changed, s.unread(user), nil
}

func (s *Store) mark(box *inbox, e *entry, kind domain.ChangeKind) (changed bool) {
	was := e.ReadAt == nil
	switch kind {
	case domain.Read:
		if was {
			now := s.now()
			e.ReadAt = &now
			box.unread--
		}
		return was
	case domain.Unread:
		if !was {
			e.ReadAt = nil
			box.unread++
		}
		return !was
	default:
		box.remove(e)
		return true
	}
}

// remove keeps that there was something, so that it does not come again, and forgets what.
func (b *inbox) remove(e *entry) {
	if e.ReadAt == nil {
		b.unread--
	}
	e.deleted = true
	e.Title, e.Body, e.Data = "", "", nil
}

// MarkAllRead implements ports.Marks.
func (s *Store) MarkAllRead(_ context.Context, user domain.UserID) ([]domain.NotificationID, int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(); err != nil {
		return nil, 0, err
	}
	var ids []domain.NotificationID
	box := s.inbox(user)
	for _, e := range box.entries {
		if s.visible(e) && s.mark(box, e, domain.Read) {
			ids = append(ids, e.ID)
		}
	}
	return ids, s.unread(user), nil
}

// Newest implements ports.Backlog.
func (s *Store) Newest(_ context.Context, users []domain.UserID) ([]domain.Mark, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var marks []domain.Mark
	for _, user := range users {
		if n := len(s.inbox(user).entries); n > 0 {
			marks = append(marks, domain.Mark{User: user, Newest: domain.Seq(n)})
		}
	}
	return marks, s.check()
}

// Since implements ports.Backlog.
func (s *Store) Since(_ context.Context, user domain.UserID, after, upTo domain.Seq, limit int) (domain.Backlog, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	backlog := domain.Backlog{Through: upTo, Purged: s.inbox(user).purged}
	for _, e := range s.inbox(user).entries {
		if e.Seq <= after || e.Seq > upTo || !s.visible(e) {
			continue
		}
		if len(backlog.Items) == limit {
			backlog.Through = backlog.Items[limit-1].Seq
			break
		}
		backlog.Items = append(backlog.Items, e.Notification)
	}
	return backlog, s.check()
}

// AckIDs implements ports.Acks.
func (s *Store) AckIDs(_ context.Context, acks []domain.Ack) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(); err != nil {
		return err
	}
	for _, ack := range acks {
		if e := s.inbox(ack.User).byID[ack.ID]; e != nil {
			e.acked = true
		}
	}
	return nil
}

// AckThrough implements ports.Acks.
func (s *Store) AckThrough(_ context.Context, user domain.UserID, seq domain.Seq) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(); err != nil {
		return err
	}
	for _, e := range s.inbox(user).entries {
		e.acked = e.acked || e.Seq <= seq
	}
	return nil
}

// Expire implements ports.Expiry.
func (s *Store) Expire(_ context.Context, limit int) (expired int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(); err != nil {
		return 0, err
	}
	for _, box := range s.inboxes {
		for _, e := range box.entries {
			if !e.deleted && !s.visible(e) && expired < limit {
				box.remove(e)
				expired++
			}
		}
	}
	return expired, nil
}

package postgres

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/postgres"
)

// Parts of the statements below. What has expired is no longer there, although
// it is still counted until Expire has removed it.
const (
	visible      = `n.deleted_at IS NULL AND (n.expires_at IS NULL OR n.expires_at > now())`
	columns      = `n.id, n.user_id, n.seq, n.category, n.priority, n.title, n.body, n.data, n.created_at, n.stored_at, n.expires_at, n.read_at, n.trace`
	unreadNow    = `b.unread - (SELECT count(*) FROM notifications n WHERE n.user_id = b.user_id AND n.read_at IS NULL AND n.deleted_at IS NULL AND n.expires_at <= now())`
	selectUnread = `SELECT ` + unreadNow + ` FROM inboxes b WHERE b.user_id = $1`
)

// selectPage reads the count with the page, so that they agree.
const selectPage = `SELECT ` + columns + `, (` + selectUnread + `) AS unread FROM notifications n
	WHERE n.user_id = $1 AND n.seq < $2 AND (NOT $3 OR n.read_at IS NULL) AND ($4 = '' OR n.category = $4) AND ` + visible + `
	ORDER BY n.seq DESC LIMIT $5`

// List implements ports.Inbox.
func (s *Store) List(ctx context.Context, user domain.UserID, filter domain.Filter, before domain.Seq, limit int) (domain.Page, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	var rows []struct {
		row
		Unread int `db:"unread"`
	}
	// One row more than asked for tells whether there is a next page.
	err := s.db.Reader().SelectContext(ctx, &rows, selectPage,
		string(user), int64(before), filter.UnreadOnly, string(filter.Category), limit+1)
	if err != nil {
		return domain.Page{}, postgres.Classify(fmt.Errorf("list notifications: %w", err))
	}
	if len(rows) == 0 {
		unread, err := s.Unread(ctx, user)
		return domain.Page{Unread: unread}, err
	}
	page := domain.Page{Unread: rows[0].Unread}
	for _, r := range rows[:min(len(rows), limit)] {
		page.Items = append(page.Items, r.notification())
	}
	if len(rows) > limit {
		page.Next = rows[limit-1].Seq
	}
	return page, nil
}

// Unread implements ports.Inbox.
func (s *Store) Unread(ctx context.Context, user domain.UserID) (int, error) {
	return unread(ctx, s.db.Reader(), user)
}

type querier interface {
	GetContext(ctx context.Context, dest any, query string, args ...any) error
}

func unread(ctx context.Context, q querier, user domain.UserID) (count int, err error) {
	err = q.GetContext(ctx, &count, selectUnread, string(user))
	if errors.Is(err, sql.ErrNoRows) { // nothing has come yet
		return 0, nil
	}
	if err != nil {
		return 0, postgres.Classify(fmt.Errorf("count unread notifications: %w", err))
	}
	return count, nil
}

type row struct {
	ID        domain.NotificationID `db:"id"`
	User      domain.UserID         `db:"user_id"`
	Seq       domain.Seq            `db:"seq"`
	Category  domain.Category       `db:"category"`
	Priority  domain.Priority       `db:"priority"`
	Title     string                `db:"title"`
	Body      string                `db:"body"`
	Data      []byte                `db:"data"`
	CreatedAt time.Time             `db:"created_at"`
	StoredAt  time.Time             `db:"stored_at"`
	ExpiresAt *time.Time            `db:"expires_at"`
	ReadAt    *time.Time            `db:"read_at"`
	Trace     string                `db:"trace"`
}

func (r row) notification() domain.Notification {
	return domain.Notification{
		ID: r.ID, User: r.User, Seq: r.Seq, Category: r.Category, Priority: r.Priority, Title: r.Title, Body: r.Body,
		Data: json.RawMessage(r.Data), CreatedAt: r.CreatedAt, StoredAt: r.StoredAt, ExpiresAt: r.ExpiresAt, ReadAt: r.ReadAt, Trace: r.Trace,
	}
}

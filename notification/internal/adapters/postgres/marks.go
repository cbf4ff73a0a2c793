package postgres

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"github.com/loveapp/backend/notification/internal/domain"
)

// The statements that change one entry and its inbox's counter; they affect one
// row, the inbox's, if the entry was not so already. An entry that somebody else
// is changing is waited for and looked at again.
const (
	markRead = `WITH changed AS (
			UPDATE notifications n SET read_at = now()
			WHERE n.user_id = $1 AND n.id = $2 AND n.read_at IS NULL AND ` + visible + ` RETURNING n.seq
		)
		UPDATE inboxes SET unread = unread - 1 WHERE user_id = $1 AND EXISTS (SELECT FROM changed)`
	markUnread = `WITH changed AS (
			UPDATE notifications n SET read_at = NULL
			WHERE n.user_id = $1 AND n.id = $2 AND n.read_at IS NOT NULL AND ` + visible + ` RETURNING n.seq
		)
		UPDATE inboxes SET unread = unread + 1 WHERE user_id = $1 AND EXISTS (SELECT FROM changed)`
	markDeleted = `WITH changed AS (
			UPDATE notifications n SET deleted_at = now(), title = '', body = '', data = '{}'
			WHERE n.user_id = $1 AND n.id = $2 AND ` + visible + ` RETURNING n.read_at
		)
		UPDATE inboxes SET unread = unread - (SELECT count(*) FROM changed WHERE read_at IS NULL)
		WHERE user_id = $1 AND EXISTS (SELECT FROM changed)`
	isVisible = `SELECT EXISTS (SELECT FROM notifications n WHERE n.user_id = $1 AND n.id = $2 AND ` + visible + `)`
)

func statementFor(kind domain.ChangeKind) string {
	switch kind {
	case domain.Read:
		return markRead
	case domain.Unread:
		return markUnread
	default:
		return markDeleted
	}
}

// Mark implements ports.Marks.
func (s *Store) Mark(ctx context.Context, user domain.UserID, id domain.NotificationID, kind domain.ChangeKind) (changed bool, left int, err error) {
	err = s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		if changed, err = mark(ctx, tx, user, id, kind); err != nil {
			return err
		}
		left, err = unread(ctx, tx, user)
		return err
	})
	return changed, left, err
}

func mark(ctx context.Context, tx *sqlx.Tx, user domain.UserID, id domain.NotificationID, kind domain.ChangeKind) (changed bool, err error) {
	result, err := tx.ExecContext(ctx, statementFor(kind), string(user), string(id))
	if err != nil {
		return false, fmt.Errorf("mark notification %s %s: %w", id, kind, err)
	}
	if affected, err := result.RowsAffected(); affected == 1 || err != nil {
		return true, err
	}
	var there bool
	if err := tx.GetContext(ctx, &there, isVisible, string(user), string(id)); err != nil {
		return false, fmt.Errorf("look for notification %s: %w", id, err)
	}
	if !there {
		return false, domain.ErrNotificationNotFound
	}
	return false, nil
}

const markAllRead = `WITH changed AS (
		UPDATE notifications n SET read_at = now()
		WHERE n.user_id = $1 AND n.read_at IS NULL AND ` + visible + ` RETURNING n.id, n.seq
	), counted AS (
		UPDATE inboxes SET unread = unread - (SELECT count(*) FROM changed) WHERE user_id = $1
	)
	SELECT id FROM changed ORDER BY seq`

// MarkAllRead implements ports.Marks.
func (s *Store) MarkAllRead(ctx context.Context, user domain.UserID) (ids []domain.NotificationID, left int, err error) {
	err = s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		ids = nil
		if err := tx.SelectContext(ctx, &ids, markAllRead, string(user)); err != nil {
			return fmt.Errorf("mark all notifications read: %w", err)
		}
		left, err = unread(ctx, tx, user)
		return err
	})
	return ids, left, err
}

package postgres

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/postgres"
)

// Announce implements ports.Intake.
func (s *Store) Announce(ctx context.Context, a domain.Announcement, entries []domain.Entry) (receipt domain.Receipt, fresh []domain.Notification, err error) {
	err = s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		receipt, fresh = domain.Receipt{ID: a.ID, Accepted: len(entries)}, nil
		first, err := announce(ctx, tx, a, len(entries))
		if err != nil {
			return err
		}
		if !first {
			receipt, err = earlier(ctx, tx, a)
			return err
		}
		if a.Draft.SendAt != nil {
			return schedule(ctx, tx, a)
		}
		if len(entries) > 0 {
			if fresh, err = insert(ctx, tx, entries); err == nil {
				err = standsIn(ctx, tx, a.ID, len(entries), len(fresh))
			}
		}
		return err
	})
	return receipt, fresh, err
}

// noteGone is for the audit.
const noteGone = `UPDATE announcements SET gone = accepted - $2 WHERE id = $1`

// standsIn notes where an announcement has come into fewer inboxes than it was
// accepted for: others were erased, or it came too late.
func standsIn(ctx context.Context, tx *sqlx.Tx, id string, accepted, stored int) error {
	if stored == accepted {
		return nil
	}
	if _, err := tx.ExecContext(ctx, noteGone, id, stored); err != nil {
		return fmt.Errorf("note where announcement %s stands: %w", id, err)
	}
	return nil
}

const (
	// A key is good for 24 hours; after that it may be used for something else.
	forgetKey = `UPDATE announcements SET idempotency_key = NULL
		WHERE created_by = $1 AND idempotency_key = $2 AND created_at <= now() - interval '24 hours'`
	insertAnnouncement = `INSERT INTO announcements (id, created_by, idempotency_key, fingerprint, accepted)
		VALUES ($1, $2, nullif($3, ''), $4, $5) ON CONFLICT (created_by, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING`
	selectByKey = `SELECT id, fingerprint, accepted FROM announcements WHERE created_by = $1 AND idempotency_key = $2`
)

// announce tells whether the key is new. One that is being used at this moment is waited for.
func announce(ctx context.Context, tx *sqlx.Tx, a domain.Announcement, accepted int) (first bool, err error) {
	if _, err := tx.ExecContext(ctx, forgetKey, string(a.By), a.Key.Value); err != nil {
		return false, fmt.Errorf("forget an old key: %w", err)
	}
	result, err := tx.ExecContext(ctx, insertAnnouncement, a.ID, string(a.By), a.Key.Value, a.Key.Fingerprint[:], accepted)
	if err != nil {
		return false, fmt.Errorf("insert announcement %s: %w", a.ID, err)
	}
	inserted, err := result.RowsAffected()
	return inserted == 1, err
}

type announcementRow struct {
	ID          string `db:"id"`
	Fingerprint []byte `db:"fingerprint"`
	Accepted    int    `db:"accepted"`
}

func earlier(ctx context.Context, tx *sqlx.Tx, a domain.Announcement) (domain.Receipt, error) {
	var row announcementRow
	if err := tx.GetContext(ctx, &row, selectByKey, string(a.By), a.Key.Value); err != nil {
		return domain.Receipt{}, fmt.Errorf("read the announcement of a key: %w", err)
	}
	if !bytes.Equal(row.Fingerprint, a.Key.Fingerprint[:]) {
		return domain.Receipt{}, domain.ErrKeyReused
	}
	return domain.Receipt{ID: row.ID, Accepted: row.Accepted}, nil
}

const selectKept = `SELECT id, fingerprint, accepted FROM announcements
	WHERE created_by = $1 AND idempotency_key = $2 AND fingerprint = $3 AND created_at > now() - interval '24 hours'`

// Announced implements ports.Intake.
func (s *Store) Announced(ctx context.Context, by domain.UserID, key domain.IdempotencyKey) (domain.Receipt, bool, error) {
	var row announcementRow
	err := s.db.Primary().GetContext(ctx, &row, selectKept, string(by), key.Value, key.Fingerprint[:])
	if errors.Is(err, sql.ErrNoRows) {
		return domain.Receipt{}, false, nil
	}
	if err != nil {
		return domain.Receipt{}, false, postgres.Classify(fmt.Errorf("look for the announcement of a key: %w", err))
	}
	return domain.Receipt{ID: row.ID, Accepted: row.Accepted}, true, nil
}

package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/loveapp/backend/notification/internal/domain"
)

const (
	// walkBatch is how many inboxes one transaction looks at, purgeMost how many
	// entries it takes from one of them: the next walk finds the rest.
	walkBatch = 500
	purgeMost = 1000
)

// takeWalk gives from where to go on, and nothing where no walk is due or another
// instance is at it. One that is over is due again after a day.
const takeWalk = `SELECT coalesce(after_user, '00000000-0000-0000-0000-000000000000') AS after_user, after_user IS NULL AS begins FROM retention_walks
	WHERE after_user IS NOT NULL OR begun_at <= now() - interval '1 day' FOR UPDATE SKIP LOCKED`

const nextInboxes = `SELECT user_id FROM inboxes WHERE user_id > $1 ORDER BY user_id LIMIT $2`

const advanceWalk = `UPDATE retention_walks SET after_user = $1, begun_at = CASE WHEN $2 THEN now() ELSE begun_at END`

// selectOld gives up to where each inbox can go: as far as every entry is old
// enough. Most inboxes begin with one that is not, and are done with that.
const selectOld = `SELECT u.user_id, o.through FROM unnest($1::uuid[]) AS u(user_id)
	CROSS JOIN LATERAL (SELECT n.stored_at FROM notifications n WHERE n.user_id = u.user_id ORDER BY n.seq LIMIT 1) oldest
	CROSS JOIN LATERAL (
		SELECT max(e.seq) FILTER (WHERE e.old) AS through FROM (
			SELECT n.seq, bool_and(n.stored_at <= now() - make_interval(secs => $3)
				OR n.stored_at <= now() - make_interval(secs => $2) AND (n.deleted_at IS NOT NULL OR n.read_at IS NOT NULL AND n.acked_at IS NOT NULL)
			) OVER (ORDER BY n.seq) AS old
			FROM (SELECT seq, stored_at, deleted_at, read_at, acked_at FROM notifications WHERE user_id = u.user_id ORDER BY seq LIMIT $4) n
		) e
	) o
	WHERE oldest.stored_at <= now() - make_interval(secs => $2) AND o.through IS NOT NULL ORDER BY u.user_id`

const purgeOld = `WITH gone AS (
		DELETE FROM notifications n USING unnest($1::uuid[], $2::bigint[]) AS p(user_id, through)
		WHERE n.user_id = p.user_id AND n.seq <= p.through
		RETURNING n.user_id, n.seq, n.read_at IS NULL AND n.deleted_at IS NULL AS unread
	)
	UPDATE inboxes b SET purged_through = greatest(b.purged_through, g.through), unread = b.unread - g.unread
	FROM (SELECT user_id, max(seq) AS through, count(*) AS entries, count(*) FILTER (WHERE unread) AS unread FROM gone GROUP BY user_id) g
	WHERE b.user_id = g.user_id RETURNING g.entries`

// Purge implements ports.Retention.
func (s *Store) Purge(ctx context.Context, r domain.Retention) (purged int, more bool, err error) {
	err = s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		purged, more, err = walk(ctx, tx, r)
		return err
	})
	return purged, more && err == nil, err
}

func walk(ctx context.Context, tx *sqlx.Tx, r domain.Retention) (purged int, more bool, err error) {
	var at struct {
		After  string `db:"after_user"`
		Begins bool   `db:"begins"`
	}
	if err := tx.GetContext(ctx, &at, takeWalk); errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	} else if err != nil {
		return 0, false, fmt.Errorf("go on with the walk over inboxes: %w", err)
	}
	var users []string
	if err := tx.SelectContext(ctx, &users, nextInboxes, at.After, walkBatch); err != nil {
		return 0, false, fmt.Errorf("walk over inboxes: %w", err)
	}
	if purged, err = purge(ctx, tx, users, r); err != nil {
		return 0, false, err
	}
	var after sql.NullString
	if more = len(users) == walkBatch; more {
		after = sql.NullString{String: users[len(users)-1], Valid: true}
	}
	if _, err := tx.ExecContext(ctx, advanceWalk, after, at.Begins); err != nil {
		return 0, false, fmt.Errorf("keep how far the walk has come: %w", err)
	}
	return purged, more, nil
}

func purge(ctx context.Context, tx *sqlx.Tx, users []string, r domain.Retention) (purged int, err error) {
	var old []struct {
		User    string `db:"user_id"`
		Through int64  `db:"through"`
	}
	if err := tx.SelectContext(ctx, &old, selectOld, pq.StringArray(users), r.Settled.Seconds(), r.All.Seconds(), purgeMost); err != nil {
		return 0, fmt.Errorf("look for old entries: %w", err)
	}
	if len(old) == 0 {
		return 0, nil
	}
	var owners pq.StringArray
	var through pq.Int64Array
	for _, o := range old {
		owners, through = append(owners, o.User), append(through, o.Through)
	}
	if _, err := tx.ExecContext(ctx, lockInboxes, owners); err != nil {
		return 0, fmt.Errorf("lock inboxes: %w", err)
	}
	var entries []int
	if err := tx.SelectContext(ctx, &entries, purgeOld, owners, through); err != nil {
		return 0, fmt.Errorf("remove old entries: %w", err)
	}
	for _, n := range entries {
		purged += n
	}
	return purged, nil
}

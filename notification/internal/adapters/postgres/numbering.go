package postgres

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// timeline is that of the history to which the running transaction belongs
// (PostgreSQL's documentation, 26.3.6): a promotion begins a new one, and no
// transaction outlives it. The name of a WAL file begins with it, while
// pg_control_checkpoint tells the old one until the next checkpoint.
const timeline = `left(pg_walfile_name(pg_current_wal_lsn()), 8)`

// beginNumbering has the seqs of a new history begin beyond every one that the
// old one can have given. What it gave is not known here: its last commits may be
// lost. Two bounds, of which one would do unless several things go wrong at once:
//   - 2^32 beyond the last base that is known, whatever any clock says;
//   - the time in seconds × 2^20, where a history is not known that was lost as
//     a whole: nobody is told a million things a second, and it began earlier.
//
// Until the year 2242 they stay below 2^53, where JavaScript's numbers end.
const beginNumbering = `INSERT INTO numberings (timeline, base)
	SELECT ` + timeline + `, greatest(extract(epoch FROM clock_timestamp())::bigint << 20, coalesce(max(base), 0) + (1::bigint << 32))
	FROM numberings ON CONFLICT (timeline) DO NOTHING`

const selectBase = `SELECT base FROM numberings WHERE timeline = ` + timeline

// lockInboxes locks the inboxes of the users, and gives the base of seqs, NULL
// for the first transaction of a history.
const lockInboxes = `WITH locked AS (SELECT user_id FROM inboxes WHERE user_id = ANY ($1::uuid[]) ORDER BY user_id FOR UPDATE)
	SELECT count(*) AS inboxes, (` + selectBase + `) AS base FROM locked`

type lockedRow struct {
	Inboxes int           `db:"inboxes"`
	Base    sql.NullInt64 `db:"base"`
}

// lock gives beyond which seq the next one of every user lies.
func (b batch) lock(ctx context.Context, tx *sqlx.Tx) (base int64, err error) {
	var row lockedRow
	if err := tx.GetContext(ctx, &row, lockInboxes, b.users); err != nil {
		return 0, fmt.Errorf("lock %d inboxes: %w", len(b.users), err)
	}
	if row.Base.Valid {
		return row.Base.Int64, nil
	}
	// Whoever comes second waits for the first one's commit here, and then sees its base.
	if _, err := tx.ExecContext(ctx, beginNumbering); err != nil {
		return 0, fmt.Errorf("begin a numbering: %w", err)
	}
	if err := tx.GetContext(ctx, &base, selectBase); err != nil {
		return 0, fmt.Errorf("read the base of seqs: %w", err)
	}
	return base, nil
}

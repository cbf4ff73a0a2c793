package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/postgres"
)

// Audit looks for what should be there and is not. Each answer is of one moment,
// and small: however many inboxes there are, they are looked at some at a time.
type Audit struct{ db *postgres.DB }

// NewAudit reads a replica where there is one that has come as far as the primary.
func NewAudit(db *postgres.DB) *Audit { return &Audit{db: db} }

// AuditMost is how many inboxes are looked at in one step, and how many findings a step has at most.
const AuditMost = 1000

// AnyUser comes before all.
const AnyUser domain.UserID = "00000000-0000-0000-0000-000000000000"

func read[T any](ctx context.Context, a *Audit, what, query string, args ...any) ([]T, error) {
	var rows []T
	if err := a.db.Reader().SelectContext(ctx, &rows, query, args...); err != nil {
		return nil, postgres.Classify(fmt.Errorf("audit %s: %w", what, err))
	}
	return rows, nil
}

const selectBases = `SELECT base FROM numberings ORDER BY base`

// Numberings gives the bases of seqs.
func (a *Audit) Numberings(ctx context.Context) (domain.Numberings, error) {
	return read[domain.Seq](ctx, a, "the numberings", selectBases)
}

const auditBatch = `WITH batch AS (
		SELECT user_id, last_seq, unread, purged_through FROM inboxes WHERE user_id > $1 ORDER BY user_id LIMIT $2
	)`

const auditInboxes = auditBatch + `
	SELECT b.user_id, b.last_seq, b.unread, greatest(coalesce(c.last, 0), b.purged_through) AS last, c.unread AS counted
	FROM batch b CROSS JOIN LATERAL (
		SELECT max(n.seq) AS last, count(*) FILTER (WHERE n.read_at IS NULL AND n.deleted_at IS NULL) AS unread
		FROM notifications n WHERE n.user_id = b.user_id
	) c ORDER BY b.user_id`

type auditedRow struct {
	User    domain.UserID `db:"user_id"`
	Newest  domain.Seq    `db:"last_seq"`
	Unread  int64         `db:"unread"`
	Last    domain.Seq    `db:"last"`
	Counted int64         `db:"counted"`
}

// Inboxes gives the next ones after a user, by their ids.
func (a *Audit) Inboxes(ctx context.Context, after domain.UserID) ([]domain.Audited, error) {
	rows, err := read[auditedRow](ctx, a, "inboxes", auditInboxes, string(after), AuditMost)
	audited := make([]domain.Audited, len(rows))
	for i, r := range rows {
		audited[i] = domain.Audited(r)
	}
	return audited, err
}

const auditGaps = auditBatch + `
	SELECT user_id, before, seq FROM (
		SELECT b.user_id, n.seq, lag(n.seq, 1, b.purged_through) OVER (PARTITION BY b.user_id ORDER BY n.seq) AS before
		FROM batch b JOIN notifications n ON n.user_id = b.user_id
	) e WHERE seq <> before + 1 ORDER BY user_id, seq`

// Gap is where the seqs of an inbox do not follow each other.
type Gap struct {
	User   domain.UserID `db:"user_id"`
	Before domain.Seq    `db:"before"`
	Seq    domain.Seq    `db:"seq"`
}

// Gaps gives those of the inboxes that Inboxes gives.
func (a *Audit) Gaps(ctx context.Context, after domain.UserID) ([]Gap, error) {
	return read[Gap](ctx, a, "gaps", auditGaps, string(after), AuditMost)
}

const auditStrays = `SELECT n.user_id, count(*) AS entries FROM notifications n
	WHERE n.user_id > $1 AND NOT EXISTS (SELECT FROM inboxes b WHERE b.user_id = n.user_id)
	GROUP BY n.user_id ORDER BY n.user_id LIMIT $2`

// Strays are entries without an inbox.
type Strays struct {
	User    domain.UserID `db:"user_id"`
	Entries int64         `db:"entries"`
}

// Strays gives the next ones after a user.
func (a *Audit) Strays(ctx context.Context, after domain.UserID) ([]Strays, error) {
	return read[Strays](ctx, a, "entries without an inbox", auditStrays, string(after), AuditMost)
}

const auditAnnounced = `SELECT a.id, a.accepted, count(n.user_id) AS entries
	FROM announcements a LEFT JOIN notifications n ON n.event_id = a.id::text
	WHERE a.id > $1 AND a.created_at > now() - make_interval(secs => $3) AND NOT EXISTS (SELECT FROM schedules s WHERE s.id = a.id)
	GROUP BY a.id HAVING count(n.user_id) < a.accepted - a.gone ORDER BY a.id LIMIT $2`

// Announced is an announcement that went to fewer inboxes than its sender was told.
type Announced struct {
	ID       string `db:"id"`
	Accepted int64  `db:"accepted"`
	Entries  int64  `db:"entries"`
}

// Announced gives the next ones after an id, of those that are younger than
// young: the entries of older ones may have been purged.
func (a *Audit) Announced(ctx context.Context, after string, young time.Duration) ([]Announced, error) {
	return read[Announced](ctx, a, "announcements", auditAnnounced, after, AuditMost, young.Seconds())
}

const auditUnshown = `SELECT n.user_id, count(*) AS entries, min(n.seq) AS first
	FROM unnest($1::uuid[], $2::timestamptz[]) AS c(user_id, since) JOIN notifications n ON n.user_id = c.user_id
	WHERE n.acked_at IS NULL AND ` + visible + ` AND n.stored_at > c.since AND n.stored_at < now() - make_interval(secs => $3)
	GROUP BY n.user_id ORDER BY n.user_id`

// Unshown are entries that no device has acknowledged.
type Unshown struct {
	User    domain.UserID `db:"user_id"`
	Entries int64         `db:"entries"`
	First   domain.Seq    `db:"first"`
}

// Unshown gives what came while the users were connected, horizon or more ago.
func (a *Audit) Unshown(ctx context.Context, connected map[domain.UserID]time.Time, horizon time.Duration) ([]Unshown, error) {
	var users, since pq.StringArray
	for user, at := range connected {
		users, since = append(users, string(user)), append(since, at.UTC().Format(time.RFC3339Nano))
	}
	return read[Unshown](ctx, a, "what nobody has acknowledged", auditUnshown, users, since, horizon.Seconds())
}

package postgres

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/loveapp/backend/auth/internal/domain"
)

// piece hashes the events from the last seal's horizon up to the kept one's, row
// by row, and judges their origins.
func piece(ctx context.Context, q sqlx.QueryerContext, last, kept domain.Seal) (domain.Recomputed, error) {
	from := last.Horizon
	if from == "" {
		from = beginning
	}
	rows, err := q.QueryxContext(ctx, selectPiece, from, kept.Horizon)
	if err != nil {
		return domain.Recomputed{}, fmt.Errorf("read the events of a seal: %w", err)
	}
	defer func() { _ = rows.Close() }()
	found := domain.Recomputed{Kept: kept}
	gone := map[domain.UserID]int64{}
	sealing := domain.NextSeal(last, kept.Horizon, kept.Form)
	for rows.Next() {
		var row pieceRow
		if err := rows.StructScan(&row); err != nil {
			return domain.Recomputed{}, fmt.Errorf("read an event of a seal: %w", err)
		}
		event := row.event()
		sealing.Add(event)
		switch {
		case event.Commitment == "":
		case row.Salt == nil:
			gone[event.Person()]++
		case event.Origin.Commitment(row.Salt) != event.Commitment:
			found.Origins.Changed++
		}
	}
	if err := rows.Err(); err != nil {
		return domain.Recomputed{}, fmt.Errorf("read the events of a seal: %w", err)
	}
	found.Now = sealing.Sum()
	return found, judgeGone(ctx, q, gone, &found.Origins)
}

func (r pieceRow) event() domain.SealedEvent {
	return domain.SealedEvent{
		ID: r.ID, At: r.At, Kind: r.Kind, User: r.User, Session: r.Session, Data: r.Data,
		Origin: domain.Origin{IP: r.IP, UserAgent: r.UserAgent}, Commitment: r.Origin,
		Within: domain.Origin{IP: r.FirstIP, UserAgent: r.FirstUserAgent},
	}
}

const selectErased = `SELECT DISTINCT e.user_id::text FROM audit_events e WHERE e.kind = 'user.erased' AND e.user_id::text = ANY($1)`

// judgeGone tells origins that went with their person from those that somebody has taken away.
func judgeGone(ctx context.Context, q sqlx.QueryerContext, gone map[domain.UserID]int64, origins *domain.Origins) error {
	if len(gone) == 0 {
		return nil
	}
	people := make([]string, 0, len(gone))
	for person, n := range gone {
		people = append(people, string(person))
		origins.Missing += n
	}
	var erased []string
	if err := sqlx.SelectContext(ctx, q, &erased, selectErased, pq.Array(people)); err != nil {
		return fmt.Errorf("look for who has been erased: %w", err)
	}
	for _, person := range erased {
		n := gone[domain.UserID(person)]
		origins.Missing -= n
		origins.Erased += n
	}
	return nil
}

package postgres

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/jmoiron/sqlx"

	shared "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/sos/internal/domain"
)

// alone makes the transaction the only one of its kind; false while there is another.
func alone(ctx context.Context, tx *sqlx.Tx, task string) (ok bool, err error) {
	const lock = `SELECT pg_try_advisory_xact_lock(hashtextextended('sos.' || $1, 0))`
	if err := tx.GetContext(ctx, &ok, lock, task); err != nil {
		return false, fmt.Errorf("take the lock of %s: %w", task, err)
	}
	return ok, nil
}

type unsealedRow struct {
	ID   domain.TicketID `db:"ticket_id"`
	Seq  int             `db:"seq"`
	Hash []byte          `db:"hash"`
}

// Seal implements ports.Seals.
func (s *Store) Seal(ctx context.Context, limit int) (int, error) {
	// A transaction that is slow to commit shows its lines late: ten minutes is
	// far beyond what any may take.
	const unsealed = `
		SELECT t.ticket_id, coalesce(s.seq, 0) AS seq, s.hash
		FROM (SELECT ticket_id, max(seq) AS seq FROM timeline
			WHERE at >= coalesce((SELECT until FROM sealed_until), '-infinity') - interval '10 minutes' GROUP BY ticket_id) AS t
		LEFT JOIN LATERAL (SELECT seq, hash FROM seals WHERE seals.ticket_id = t.ticket_id ORDER BY seq DESC LIMIT 1) AS s ON true
		WHERE t.seq > coalesce(s.seq, 0) ORDER BY t.ticket_id LIMIT $1`
	const reach = `
		INSERT INTO sealed_until (until) VALUES (now()) ON CONFLICT (one) DO UPDATE SET until = excluded.until`
	tickets := 0
	err := s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		tickets = 0
		if ok, err := alone(ctx, tx, "sealing"); err != nil || !ok {
			return err
		}
		var rows []unsealedRow
		if err := tx.SelectContext(ctx, &rows, unsealed, limit); err != nil {
			return fmt.Errorf("look for what is not sealed: %w", err)
		}
		for _, r := range rows {
			if err := sealOne(ctx, tx, r); err != nil {
				return err
			}
		}
		if tickets = len(rows); tickets == limit {
			return nil
		}
		_, err := tx.ExecContext(ctx, reach)
		return err
	})
	return tickets, err
}

func sealOne(ctx context.Context, tx *sqlx.Tx, r unsealedRow) error {
	const insert = `INSERT INTO seals (ticket_id, seq, hash) VALUES ($1, $2, $3)`
	lines, err := readLines(ctx, tx, r.ID, r.Seq)
	if err != nil || len(lines) == 0 {
		return err
	}
	var prev domain.Hash
	copy(prev[:], r.Hash)
	hash, err := domain.Chain(prev, r.ID, lines)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, insert, r.ID, lines[len(lines)-1].Seq, hash[:]); err != nil {
		return fmt.Errorf("seal ticket %s: %w", r.ID, err)
	}
	return nil
}

// manyReader is the database inside or outside of a transaction.
type manyReader interface {
	SelectContext(ctx context.Context, dst any, query string, args ...any) error
}

// readLines gives the lines as they stand, not as this program understands them.
func readLines(ctx context.Context, q manyReader, id domain.TicketID, after int) ([]domain.Line, error) {
	const read = `SELECT seq, at, kind, actor_id, actor_name, actor_kind, data FROM timeline WHERE ticket_id = $1 AND seq > $2 ORDER BY seq`
	var rows []eventRow
	if err := q.SelectContext(ctx, &rows, read, id, after); err != nil {
		return nil, shared.Classify(fmt.Errorf("read the timeline of %s: %w", id, err))
	}
	lines := make([]domain.Line, 0, len(rows))
	for _, r := range rows {
		line := domain.Line{Seq: r.Seq, At: r.At.UTC(), Kind: r.Kind, ActorID: r.ActorID, ActorName: r.ActorName, ActorKind: r.ActorKind}
		if len(r.Data) > 0 {
			decoder := json.NewDecoder(bytes.NewReader(r.Data))
			decoder.UseNumber() // digits as they are written
			if err := decoder.Decode(&line.Data); err != nil {
				return nil, fmt.Errorf("line %d of ticket %s: %w", r.Seq, id, err)
			}
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// Sealed implements ports.Seals.
func (s *Store) Sealed(ctx context.Context, after domain.TicketID, limit int) ([]domain.TicketID, error) {
	const page = `SELECT DISTINCT ticket_id FROM seals WHERE $1::uuid IS NULL OR ticket_id > $1::uuid ORDER BY ticket_id LIMIT $2`
	var from any
	if after != "" {
		from = string(after)
	}
	var ids []domain.TicketID
	if err := s.db.Primary().SelectContext(ctx, &ids, page, from, limit); err != nil {
		return nil, shared.Classify(fmt.Errorf("list sealed tickets: %w", err))
	}
	return ids, nil
}

type sealRow struct {
	Seq  int    `db:"seq"`
	Hash []byte `db:"hash"`
}

// Chain implements ports.Seals.
func (s *Store) Chain(ctx context.Context, id domain.TicketID) ([]domain.Line, []domain.Seal, error) {
	const read = `SELECT seq, hash FROM seals WHERE ticket_id = $1 ORDER BY seq`
	var rows []sealRow
	// The seals first: lines that come in between are not judged.
	if err := s.db.Primary().SelectContext(ctx, &rows, read, id); err != nil {
		return nil, nil, shared.Classify(fmt.Errorf("read the seals of %s: %w", id, err))
	}
	lines, err := readLines(ctx, s.db.Primary(), id, 0)
	if err != nil {
		return nil, nil, err
	}
	seals := make([]domain.Seal, 0, len(rows))
	for _, r := range rows {
		seal := domain.Seal{Seq: r.Seq}
		copy(seal.Hash[:], r.Hash)
		seals = append(seals, seal)
	}
	return lines, seals, nil
}

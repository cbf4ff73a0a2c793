package postgres

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	shared "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// Policy implements ports.Policies.
func (s *Store) Policy(ctx context.Context) (ports.StoredPolicy, error) {
	p, err := policyInForce(ctx, s.db.Primary())
	if err != nil {
		return ports.StoredPolicy{}, shared.Classify(err)
	}
	return p, nil
}

func policyInForce(ctx context.Context, q reader) (ports.StoredPolicy, error) {
	const read = `SELECT policy, set_by, set_at FROM escalation_policies ORDER BY version DESC LIMIT 1`
	var row struct {
		Policy []byte    `db:"policy"`
		SetBy  string    `db:"set_by"`
		SetAt  time.Time `db:"set_at"`
	}
	if err := q.GetContext(ctx, &row, read); errors.Is(err, sql.ErrNoRows) {
		return ports.StoredPolicy{Policy: domain.DefaultPolicy()}, nil
	} else if err != nil {
		return ports.StoredPolicy{}, fmt.Errorf("read the escalation policy: %w", err)
	}
	var doc policyJSON
	if err := json.Unmarshal(row.Policy, &doc); err != nil {
		return ports.StoredPolicy{}, fmt.Errorf("read the escalation policy: %w", err)
	}
	return ports.StoredPolicy{Policy: doc.policy(), By: domain.UserID(row.SetBy), At: row.SetAt.UTC()}, nil
}

// ReplacePolicy implements ports.Policies.
func (s *Store) ReplacePolicy(ctx context.Context, by domain.UserID, change func(domain.Policy) (domain.Policy, error)) (ports.StoredPolicy, error) {
	const (
		turn  = `SELECT pg_advisory_xact_lock(hashtextextended('sos.escalation_policy', 0))`
		write = `INSERT INTO escalation_policies (version, policy, set_by) VALUES ($1, $2, $3)`
	)
	var stored ports.StoredPolicy
	err := s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, turn); err != nil {
			return fmt.Errorf("wait for other changes of the escalation policy: %w", err)
		}
		current, err := policyInForce(ctx, tx)
		if err != nil {
			return err
		}
		made, err := change(current.Policy)
		if err != nil {
			return err
		}
		made.Version = current.Policy.Version + 1
		doc, err := text(policyDocument(made))
		if err != nil {
			return fmt.Errorf("encode the escalation policy: %w", err)
		}
		if _, err := tx.ExecContext(ctx, write, made.Version, doc, by); err != nil {
			return fmt.Errorf("store the escalation policy: %w", err)
		}
		stored, err = policyInForce(ctx, tx)
		return err
	})
	return stored, err
}

// KeepDispatchers implements ports.Dispatchers.
func (s *Store) KeepDispatchers(ctx context.Context, ids []domain.UserID) error {
	// What has not changed is not written: this is asked for all the time.
	const keep = `
		WITH staff AS (SELECT DISTINCT id FROM unnest($1::text[]) AS u (id) ORDER BY id LIMIT $2),
		gone AS (DELETE FROM dispatchers WHERE user_id NOT IN (SELECT id FROM staff))
		INSERT INTO dispatchers (user_id) SELECT id FROM staff ON CONFLICT (user_id) DO NOTHING`
	list := make(pq.StringArray, 0, len(ids))
	for _, id := range ids {
		list = append(list, string(id))
	}
	if _, err := s.db.Primary().ExecContext(ctx, keep, list, domain.MaxDispatchers); err != nil {
		return shared.Classify(fmt.Errorf("keep the dispatchers: %w", err))
	}
	return nil
}

// Dispatchers implements ports.Dispatchers.
func (s *Store) Dispatchers(ctx context.Context) ([]domain.UserID, error) {
	const read = `SELECT user_id FROM dispatchers ORDER BY user_id`
	ids := []domain.UserID{}
	if err := s.db.Primary().SelectContext(ctx, &ids, read); err != nil {
		return nil, shared.Classify(fmt.Errorf("read the dispatchers: %w", err))
	}
	return ids, nil
}
